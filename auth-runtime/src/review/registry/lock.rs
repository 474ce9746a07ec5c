//! The lock file: who may call what, one handler a line, for review.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use super::change::{AccessChange, AccessDiff};
use super::formula::Formula;
use super::matrix::AccessMatrix;
use crate::http::escape::escaped;

/// The environment variable that rewrites lock files.
const VARIABLE: &str = "AUTH_ACCESS_LOCK";

/// The first lines of a lock file.
const HEADER: &str = "\
# Who may call what. The test compares this file with the attributes; review its changes.
# To rewrite it: AUTH_ACCESS_LOCK=write cargo test
";

/// Fails where the access of this binary's handlers is not what the lock file says, with a diff
/// that says of each handler whether it was *widened* or *narrowed*, or is *new* or *gone*.
///
/// The file is found from the directory of the package that is compiled. It is committed, so that
/// whoever reviews a change sees who may do more from then on. `AUTH_ACCESS_LOCK=write` in the
/// environment rewrites it.
///
/// ```no_run
/// #[test]
/// fn access_is_as_reviewed() {
///     auth_runtime::assert_access_lock!("access.lock");
/// }
/// ```
///
/// A second argument is the matrix to compare, where that of the whole binary is too much:
///
/// ```no_run
/// use auth_runtime::review::AccessMatrix;
///
/// auth_runtime::assert_access_lock!("access.lock", AccessMatrix::collect().of_crate("my-app"));
/// ```
///
/// A test of the directory `tests` is a crate of its own, which has the handlers of a crate that it
/// names, and no others: `use my_app as _;` is enough.
///
/// # Panics
///
/// Where they differ, where there is no file, where it cannot be read as a lock file, and where
/// there are no handlers at all.
#[macro_export]
macro_rules! assert_access_lock {
    ($file:expr $(, $matrix:expr)? $(,)?) => {{
        let matrix = $crate::review::AccessMatrix::collect();
        $(
            ::core::mem::drop(matrix);
            let matrix = $matrix;
        )?
        if let ::core::result::Result::Err(problem) = $crate::review::check_access_lock(
            ::std::path::Path::new(::core::env!("CARGO_MANIFEST_DIR")).join($file),
            &matrix,
        ) {
            ::core::panic!("{problem}");
        }
    }};
}

/// What [`assert_access_lock!`](crate::assert_access_lock) does, with the problem as a value.
///
/// # Errors
///
/// [`LockError`] where the file and the matrix differ, where the file is missing or cannot be
/// read, and where the matrix is empty. With `AUTH_ACCESS_LOCK=write` in the environment: where it
/// cannot be written.
pub fn check_access_lock(path: impl Into<PathBuf>, matrix: &AccessMatrix) -> Result<(), LockError> {
    let path = path.into();
    let rewrite = env::var_os(VARIABLE);
    check(&path, matrix, rewrite.as_deref()).map_err(|problem| LockError { path, problem })
}

fn check(path: &Path, matrix: &AccessMatrix, rewrite: Option<&OsStr>) -> Result<(), LockProblem> {
    let now = AccessLock::of(matrix);
    if now.entries.is_empty() {
        return Err(LockProblem::NoHandlers);
    }
    match rewrite.map(OsStr::to_string_lossy).as_deref() {
        None | Some("") => {}
        Some("write") => {
            return fs::write(path, now.to_string())
                .map_err(|error| LockProblem::NotWritable(error.to_string()));
        }
        Some(other) => return Err(LockProblem::UnknownMode(other.to_owned())),
    }
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(LockProblem::Missing),
        Err(error) => return Err(LockProblem::NotReadable(error.to_string())),
    };
    let diff = AccessLock::parse(&text)?.diff(&now);
    if diff.is_empty() {
        Ok(())
    } else {
        Err(LockProblem::Differs(diff))
    }
}

/// The content of a lock file.
///
/// One handler a line, ordered by path: the path, what it asks for, `hide` where it does,
/// `overrides` where it is public in spite of a requirement around it, and the routes that its
/// attribute sees. Lines that begin with `#` and empty lines say nothing. There
/// are no line numbers, no file names and no columns in it, so that only access changes it.
///
/// ```text
/// app::health public("load balancer probe")
/// app::orders::prices public("printed in every shop") overrides
/// app::publish all(scope("articles:write"), any(role("editor"), policy(is_author)))
/// app::secret role("admin") hide @ GET /secret
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessLock {
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    formula: Formula,
    is_hidden: bool,
    overrides: bool,
    /// As the attribute says it.
    cross_origin: String,
    routes: String,
}

impl AccessLock {
    /// What the lock file of these handlers holds.
    #[must_use]
    pub fn of(matrix: &AccessMatrix) -> Self {
        let entries = matrix.rows().iter().map(|row| {
            let entry = Entry {
                formula: row.formula(),
                is_hidden: row.record().is_hidden,
                overrides: row.record().overrides,
                cross_origin: row.record().cross_origin.stated().unwrap_or_default(),
                // As it is read back: on one line, without what stands at its end and is not seen.
                routes: escaped(&row.route_texts().join(", ")).trim_end().to_owned(),
            };
            (row.key().to_owned(), entry)
        });
        Self {
            entries: entries.collect(),
        }
    }

    /// Reads a lock file.
    ///
    /// # Errors
    ///
    /// [`LockProblem::Unreadable`] where a line is none of a lock file, for example one that a
    /// merge left behind; [`LockProblem::Twice`] where a handler has two.
    pub fn parse(text: &str) -> Result<Self, LockProblem> {
        let mut entries = BTreeMap::new();
        // A byte order mark, as some editors write it.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let number = index + 1;
            let unreadable = |problem| LockProblem::Unreadable {
                line: number,
                problem,
            };
            let (key, rest) = line
                .split_once(' ')
                .ok_or_else(|| unreadable("expected a handler and its requirement"))?;
            let (formula, rest) =
                Formula::parse_prefix(rest).map_err(|error| unreadable(error.problem))?;
            let (is_hidden, rest) = match rest.strip_prefix(" hide") {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let (overrides, rest) = match rest.strip_prefix(" overrides") {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let (cross_origin, rest) = if let Some(rest) = rest.strip_prefix(" same_origin") {
                ("same_origin".to_owned(), rest)
            } else if rest.starts_with(" cross_origin(\"") {
                let text = rest.trim_start();
                let (stated, rest) =
                    Formula::parse_prefix(text).map_err(|error| unreadable(error.problem))?;
                (stated.to_string(), rest)
            } else {
                (String::new(), rest)
            };
            let routes = match (rest, rest.strip_prefix(" @ ")) {
                ("", _) => "",
                (_, Some(routes)) => routes,
                _ => {
                    return Err(unreadable(
                        "expected `hide`, `overrides`, `same_origin`, `cross_origin(\"...\")`, `@` and routes, or nothing",
                    ));
                }
            };
            let entry = Entry {
                formula,
                is_hidden,
                overrides,
                cross_origin,
                routes: routes.to_owned(),
            };
            if entries.insert(key.to_owned(), entry).is_some() {
                return Err(LockProblem::Twice {
                    line: number,
                    handler: key.to_owned(),
                });
            }
        }
        Ok(Self { entries })
    }

    /// What changed from this one to `now`, by handler.
    #[must_use]
    pub fn diff(&self, now: &Self) -> AccessDiff {
        let handlers: BTreeSet<&String> = self.entries.keys().chain(now.entries.keys()).collect();
        let changes = handlers.into_iter().filter_map(|handler| {
            let (was, is) = (self.entries.get(handler), now.entries.get(handler));
            (was != is).then(|| {
                let [was, is] = [was, is].map(|entry| Some((&entry?.formula, entry?.to_string())));
                AccessChange::between(handler, was, is)
            })
        });
        AccessDiff::of(changes.collect())
    }
}

/// The file, with its header.
impl fmt::Display for AccessLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEADER)?;
        for (handler, entry) in &self.entries {
            writeln!(f, "{handler} {entry}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.formula)?;
        if self.is_hidden {
            f.write_str(" hide")?;
        }
        if self.overrides {
            f.write_str(" overrides")?;
        }
        if !self.cross_origin.is_empty() {
            write!(f, " {}", self.cross_origin)?;
        }
        if !self.routes.is_empty() {
            write!(f, " @ {}", self.routes)?;
        }
        Ok(())
    }
}

/// A lock file that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockError {
    path: PathBuf,
    problem: LockProblem,
}

impl LockError {
    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &LockProblem {
        &self.problem
    }
}

/// What is wrong with a lock file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LockProblem {
    /// No handler is part of the binary, or of the matrix: nothing is under review.
    NoHandlers,
    /// There is no file.
    Missing,
    /// It cannot be read, with the system's message.
    NotReadable(String),
    /// It cannot be written, with the system's message.
    NotWritable(String),
    /// The environment variable says neither `write` nor nothing.
    UnknownMode(String),
    /// A line is none of a lock file.
    Unreadable {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A handler has two lines.
    Twice {
        /// The second, from 1.
        line: usize,
        /// The handler's path.
        handler: String,
    },
    /// The handlers' access is not what it says.
    Differs(AccessDiff),
}

impl fmt::Display for LockProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoHandlers => f.write_str(
                "there are no handlers to compare it with: a test of the directory `tests` has those \
                 of the crates that it names (`use my_app as _;`), and `of_crate` takes the name of a \
                 crate",
            ),
            Self::Missing => f.write_str("there is no such file"),
            Self::NotReadable(error) => write!(f, "it cannot be read: {error}"),
            Self::NotWritable(error) => write!(f, "it cannot be written: {error}"),
            Self::UnknownMode(mode) => {
                write!(
                    f,
                    "{VARIABLE} is {mode:?}: set it to `write`, or not at all"
                )
            }
            Self::Unreadable { line, problem } => write!(f, "line {line}: {problem}"),
            Self::Twice { line, handler } => {
                write!(f, "line {line}: `{handler}` has a line already")
            }
            Self::Differs(diff) => write!(f, "access has changed\n\n{diff}"),
        }
    }
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.problem)?;
        if matches!(
            self.problem,
            LockProblem::Missing | LockProblem::Differs(_) | LockProblem::Unreadable { .. }
        ) {
            write!(
                f,
                "\nIf it is meant to be so: {VARIABLE}=write cargo test, and commit the file."
            )?;
        }
        Ok(())
    }
}

impl std::error::Error for LockError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::handler::HandlerName;
    use crate::model::requirement::{Access, Requirement};
    use crate::review::registry::HandlerRecord;

    const RECORD: HandlerRecord = HandlerRecord::new(
        HandlerName {
            path: "app::handler",
            file: "src/main.rs",
            line: 1,
            column: 1,
        },
        Access::requires(Requirement::AUTHENTICATED),
    );

    #[test]
    fn only_the_word_write_rewrites() {
        let directory = tempfile_dir("lock-modes");
        let path = directory.join("access.lock");
        let matrix = AccessMatrix::of_records([&RECORD]);
        let check = |mode: Option<&str>| check(&path, &matrix, mode.map(OsStr::new));
        assert_eq!(check(None), Err(LockProblem::Missing));
        assert_eq!(check(Some("")), Err(LockProblem::Missing));
        assert_eq!(
            check(Some("1")),
            Err(LockProblem::UnknownMode("1".to_owned()))
        );
        assert!(!path.exists());
        assert_eq!(check(Some("write")), Ok(()));
        assert_eq!(check(None), Ok(()));
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(HEADER) && text.ends_with("::handler authenticated\n"));
        fs::remove_dir_all(directory).unwrap();
    }

    #[test]
    fn nothing_is_not_under_review() {
        let directory = tempfile_dir("lock-nothing");
        let path = directory.join("access.lock");
        let nothing = AccessMatrix::of_records([]);
        for mode in [None, Some("write")] {
            let outcome = check(&path, &nothing, mode.map(OsStr::new));
            assert_eq!(outcome, Err(LockProblem::NoHandlers));
        }
        assert!(!path.exists());
        fs::remove_dir_all(directory).unwrap();
    }

    fn tempfile_dir(name: &str) -> PathBuf {
        let directory = env::temp_dir().join(format!("auth-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }
}
