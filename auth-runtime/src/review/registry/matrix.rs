//! The access matrix: every handler, its requirement, and the callers that it admits.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Value, json};

use super::formula::Formula;
use super::page;
use crate::http::escape::is_unsafe;
use crate::model::cross_origin::CrossOrigin;
use crate::model::handler::{HandlerRecord, May, records};
use crate::model::principal::Principal;

/// Handlers and who may call them, as a table for people and as data for programs.
///
/// `Display` is a table of plain text; [`to_markdown`](Self::to_markdown),
/// [`to_json`](Self::to_json) and [`to_html`](Self::to_html) are the other forms.
///
/// ```
/// use auth_runtime::prelude::*;
/// use auth_runtime::review::AccessMatrix;
///
/// #[requires_role(any("editor", "admin"))]
/// async fn publish_draft() -> &'static str { "published" }
///
/// let matrix = AccessMatrix::collect();
/// let row = matrix.rows().iter().find(|row| row.record().name() == "publish_draft");
/// assert_eq!(row.map(|row| row.who()).as_deref(), Some("role editor or role admin"));
/// println!("{matrix}");
/// ```
#[derive(Clone, Debug)]
pub struct AccessMatrix {
    rows: Vec<MatrixRow>,
}

/// One handler of an [`AccessMatrix`].
#[derive(Clone, Debug)]
pub struct MatrixRow {
    record: &'static HandlerRecord,
    key: String,
    routes: BTreeSet<MatrixRoute>,
    /// Those of them that the running app has told.
    told: BTreeSet<MatrixRoute>,
}

/// A method and a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct MatrixRoute {
    /// The path, then the method: routes are listed in this order.
    pub path: String,
    /// In capital letters.
    pub method: String,
}

impl AccessMatrix {
    /// The handlers of this binary, its dependencies included, ordered by path.
    #[must_use]
    pub fn collect() -> Self {
        Self::of_records(records().iter().copied())
    }

    /// The handlers of these records, ordered by path, and handlers of one path by what they ask for.
    pub fn of_records(records: impl IntoIterator<Item = &'static HandlerRecord>) -> Self {
        let mut records: Vec<_> = records.into_iter().collect();
        records.sort_by_cached_key(|record| record.order());
        let mut seen = BTreeMap::<_, usize>::new();
        let rows = records
            .into_iter()
            .map(|record| {
                let path = record.handler.path;
                let count = seen.entry(path).or_default();
                *count += 1;
                let key = match *count {
                    1 => path.to_owned(),
                    more => format!("{path}#{more}"),
                };
                let routes = record.routes.iter().flat_map(|route| {
                    route.methods.iter().map(|method| MatrixRoute {
                        path: route.path.to_owned(),
                        method: (*method).to_owned(),
                    })
                });
                MatrixRow {
                    record,
                    key,
                    routes: routes.collect(),
                    told: BTreeSet::new(),
                }
            })
            .collect();
        Self { rows }
    }

    /// Only the handlers of this crate: those whose path begins with `name` and `::`.
    ///
    /// For a lock file of an application whose tests, or whose dependencies, have handlers of
    /// their own.
    #[must_use]
    pub fn of_crate(mut self, name: &str) -> Self {
        // Cargo's names may hold `-`, which a path cannot.
        let name = name.replace('-', "_");
        self.rows.retain(|row| {
            let rest = row.key.strip_prefix(&name);
            rest.is_some_and(|rest| rest.starts_with("::"))
        });
        self
    }

    /// The handlers, ordered by path.
    #[must_use]
    pub fn rows(&self) -> &[MatrixRow] {
        &self.rows
    }

    /// Adds where a handler is mounted, as the running app tells it. A handler that is not in the
    /// matrix is left alone.
    #[must_use]
    pub fn with_route(self, handler: &str, method: &str, path: &str) -> Self {
        self.with_route_of(|record| record.handler.path == handler, method, path)
    }

    /// Adds where the handlers of these records are mounted.
    pub(crate) fn with_route_of(
        mut self,
        is_meant: impl Fn(&HandlerRecord) -> bool,
        method: &str,
        path: &str,
    ) -> Self {
        for row in self.rows.iter_mut().filter(|row| is_meant(row.record)) {
            let told = MatrixRoute {
                path: path.to_owned(),
                method: method.to_owned(),
            };
            row.told.insert(told.clone());
            row.routes.insert(told);
            // What the app says is whole; what the attribute says may lack a prefix.
            let MatrixRow { routes, told, .. } = row;
            routes.retain(|route| {
                told.contains(route) || route.method != method || !path.ends_with(&route.path)
            });
        }
        self
    }

    /// Every name of this kind (`role`, `scope`, `permission`, `policy`, `scheme`, …) that a
    /// requirement holds, in order, each once.
    #[must_use]
    pub fn names(&self, kind: &str) -> Vec<String> {
        let names: BTreeSet<_> = self
            .rows
            .iter()
            .flat_map(|row| {
                let formula = row.formula();
                let atoms = formula.atoms().into_iter().cloned().collect::<Vec<_>>();
                atoms.into_iter()
            })
            .filter(|atom| atom.kind == kind)
            .map(|atom| atom.name)
            .collect();
        names.into_iter().collect()
    }

    /// The matrix as a table of Markdown.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text =
            String::from("| handler | routes | requirement | callers |\n|---|---|---|---|\n");
        for row in &self.rows {
            let cells = [
                code(&row.key),
                code(&row.route_texts().join(", ")),
                code(&row.requirement()),
                escape_markdown(&row.who_and_why()),
            ];
            text.push_str("| ");
            text.push_str(&cells.join(" | "));
            text.push_str(" |\n");
        }
        text
    }

    /// The matrix as JSON: `{"handlers": [..], "roles": [..], "scopes": [..], "permissions": [..]}`.
    ///
    /// A handler has `handler`, `file`, `line`, `routes` (`method`, `path`), `requirement` (text),
    /// `tree`, `who`, `public` (the reason, or null), `hidden`. A tree is `{"all": [..]}`,
    /// `{"any": [..]}`, `{"not": ..}`, `{"authenticated": true}`, `{"public": reason}`, or a leaf
    /// such as `{"role": "admin"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let handlers: Vec<_> = self.rows.iter().map(MatrixRow::to_json).collect();
        json!({
            "handlers": handlers,
            "roles": self.names("role"),
            "scopes": self.names("scope"),
            "permissions": self.names("permission"),
        })
    }

    /// The matrix as a page of HTML that needs nothing else: it opens from a file, without a
    /// network, on a phone and in the dark. It can be searched, and filtered by what roles, scopes
    /// and permissions a caller has.
    ///
    /// # Security
    ///
    /// It describes internal details of the application. If you serve it, protect it.
    #[must_use]
    pub fn to_html(&self, title: &str) -> String {
        page::write(title, &self.to_json())
    }
}

impl MatrixRow {
    /// The handler's record.
    #[must_use]
    pub fn record(&self) -> &'static HandlerRecord {
        self.record
    }

    /// The handler's path; where several handlers share one, `#2` and so on behind it.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Where it is mounted, as far as that is known; see the
    /// [module](crate::review#what-a-record-knows-of-its-routes).
    pub fn routes(&self) -> impl Iterator<Item = &MatrixRoute> {
        self.routes.iter()
    }

    /// What it asks for, in the language of the attributes: `role("admin")`, `public("a probe")`.
    #[must_use]
    pub fn requirement(&self) -> String {
        self.formula().to_string()
    }

    /// Who may, in words: `role editor or role admin`.
    #[must_use]
    pub fn who(&self) -> String {
        self.formula().words()
    }

    /// Whether this caller may, now; `None` is an unauthenticated caller.
    #[must_use]
    pub fn may(&self, caller: Option<&Principal>) -> May {
        self.record.may(caller)
    }

    pub(super) fn formula(&self) -> Formula {
        Formula::of(&self.record.access)
    }

    pub(super) fn route_texts(&self) -> Vec<String> {
        self.routes.iter().map(ToString::to_string).collect()
    }

    fn who_and_why(&self) -> String {
        let mut text = self.who();
        if let Some(reason) = self.record.public_reason() {
            text = format!("{text}: {reason}");
        }
        if self.record.overrides {
            text.push_str(" (overrides what is required around it)");
        }
        if self.record.is_hidden {
            text.push_str(" (hidden from others)");
        }
        match self.record.cross_origin {
            CrossOrigin::Refused => text.push_str(" (from this origin alone)"),
            CrossOrigin::Permitted(reason) => {
                text = format!("{text} (from any origin: {reason})");
            }
            CrossOrigin::NotWithAmbientCredentials => {}
        }
        text
    }

    fn to_json(&self) -> Value {
        let routes: Vec<_> = self
            .routes
            .iter()
            .map(|route| json!({ "method": route.method, "path": route.path }))
            .collect();
        json!({
            "handler": self.key,
            "file": self.record.handler.file,
            "line": self.record.handler.line,
            "routes": routes,
            "requirement": self.requirement(),
            "tree": tree(&self.formula()),
            "who": self.who(),
            "public": self.record.public_reason(),
            "hidden": self.record.is_hidden,
            "overrides": self.record.overrides,
            "cross_origin": self.record.cross_origin.stated(),
        })
    }
}

impl fmt::Display for MatrixRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.method)?;
        // `#[get("")]` in a scope.
        if self.path.is_empty() {
            return Ok(());
        }
        write!(f, " {}", self.path)
    }
}

fn tree(formula: &Formula) -> Value {
    let list = |parts: &[Formula]| parts.iter().map(tree).collect::<Vec<_>>();
    match formula {
        Formula::Public(reason) => json!({ "public": reason }),
        Formula::Authenticated => json!({ "authenticated": true }),
        Formula::Atom(atom) => {
            let mut leaf = serde_json::Map::new();
            leaf.insert(atom.kind.clone(), Value::from(atom.name.as_str()));
            Value::Object(leaf)
        }
        Formula::All(parts) => json!({ "all": list(parts) }),
        Formula::Any(parts) => json!({ "any": list(parts) }),
        Formula::Not(part) => json!({ "not": tree(part) }),
    }
}

/// A table of plain text: handler, requirement, who may, routes.
impl fmt::Display for AccessMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = ["handler", "requirement", "callers", "routes"].map(str::to_owned);
        let table: Vec<[String; 4]> = std::iter::once(header)
            .chain(self.rows.iter().map(|row| {
                [
                    one_line(&row.key),
                    row.requirement(),
                    one_line(&row.who_and_why()),
                    one_line(&row.route_texts().join(", ")),
                ]
            }))
            .collect();
        let widths: [usize; 4] = std::array::from_fn(|column| {
            let lengths = table.iter().filter_map(|line| line.get(column));
            lengths.map(|cell| cell.chars().count()).max().unwrap_or(0)
        });
        for line in &table {
            let cells: Vec<_> = line
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:<width$}"))
                .collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// Control characters and those that change the direction of text written out, so that a reason can
/// neither break the table nor look like another.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let is_unsafe = is_unsafe(character);
            let escaped = is_unsafe.then(|| character.escape_unicode());
            let plain = (!is_unsafe).then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

/// A span of code in a cell of a table.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = one_line(text).replace('|', "\\|");
    // A span's fence is longer than any run of backticks in it (CommonMark §6.1).
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

fn escape_markdown(text: &str) -> String {
    let mut escaped = String::new();
    for character in one_line(text).chars() {
        if "\\`*_{}[]<>#|!&~".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
