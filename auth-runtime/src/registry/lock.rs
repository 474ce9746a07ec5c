//! The lock file: who may call what, one handler a line, for review.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use super::comparison::{Comparison, compare};
use super::formula::Formula;
use super::matrix::AccessMatrix;

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
/// use auth_runtime::registry::AccessMatrix;
///
/// auth_runtime::assert_access_lock!("access.lock", AccessMatrix::collect().of_crate("my-app"));
/// ```
///
/// # Panics
///
/// Where they differ, where there is no file, and where it cannot be read as a lock file.
#[macro_export]
macro_rules! assert_access_lock {
    ($file:expr $(, $matrix:expr)? $(,)?) => {{
        let matrix = $crate::registry::AccessMatrix::collect();
        $(
            ::core::mem::drop(matrix);
            let matrix = $matrix;
        )?
        if let ::core::result::Result::Err(problem) = $crate::registry::check_access_lock(
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
/// [`LockError`] where the file and the matrix differ, and where the file is missing or cannot be
/// read. With `AUTH_ACCESS_LOCK=write` in the environment: where it cannot be written.
pub fn check_access_lock(path: impl Into<PathBuf>, matrix: &AccessMatrix) -> Result<(), LockError> {
    let path = path.into();
    let rewrite = env::var_os(VARIABLE);
    check(&path, matrix, rewrite.as_deref()).map_err(|problem| LockError { path, problem })
}

fn check(path: &Path, matrix: &AccessMatrix, rewrite: Option<&OsStr>) -> Result<(), LockProblem> {
    let now = AccessLock::of(matrix);
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
/// One handler a line, ordered by path: the path, what it asks for, `hide` where it does, and the
/// routes that its attribute sees. Lines that begin with `#` and empty lines say nothing. There
/// are no line numbers, no file names and no columns in it, so that only access changes it.
///
/// ```text
/// app::health public("load balancer probe")
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
                routes: row.route_texts().join(", ").replace(['\n', '\r'], " "),
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
                .ok_or_else(|| unreadable("expected a handler and what it asks for"))?;
            let (formula, rest) =
                Formula::parse_prefix(rest).map_err(|error| unreadable(error.problem))?;
            let (is_hidden, rest) = match rest.strip_prefix(" hide") {
                Some(rest) => (true, rest),
                None => (false, rest),
            };
            let routes = match (rest, rest.strip_prefix(" @ ")) {
                ("", _) => "",
                (_, Some(routes)) => routes,
                _ => return Err(unreadable("expected `hide`, `@` and routes, or nothing")),
            };
            let entry = Entry {
                formula,
                is_hidden,
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
        let gone = self
            .entries
            .iter()
            .filter(|(handler, _)| !now.entries.contains_key(*handler))
            .map(|(handler, was)| AccessChange {
                handler: handler.clone(),
                kind: ChangeKind::Gone,
                was: Some(was.to_string()),
                is: None,
                gained: None,
                lost: None,
            });
        let mut changes: Vec<_> = gone.collect();
        for (handler, is) in &now.entries {
            match self.entries.get(handler) {
                Some(was) if was == is => {}
                Some(was) => changes.push(change(handler, was, is)),
                None => changes.push(AccessChange {
                    handler: handler.clone(),
                    kind: ChangeKind::New,
                    was: None,
                    is: Some(is.to_string()),
                    gained: Some(is.formula.words()),
                    lost: None,
                }),
            }
        }
        changes.sort_by(|one, other| (one.kind, &one.handler).cmp(&(other.kind, &other.handler)));
        AccessDiff { changes }
    }
}

fn change(handler: &str, was: &Entry, is: &Entry) -> AccessChange {
    let (kind, gained, lost) = match compare(&was.formula, &is.formula) {
        Comparison::Undecided => (ChangeKind::Unclear, None, None),
        Comparison::Decided { gained, lost } => {
            let kind = match (&gained, &lost) {
                (Some(_), Some(_)) => ChangeKind::WidenedAndNarrowed,
                (Some(_), None) => ChangeKind::Widened,
                (None, Some(_)) => ChangeKind::Narrowed,
                (None, None) => ChangeKind::Reworded,
            };
            (kind, gained, lost)
        }
    };
    AccessChange {
        handler: handler.to_owned(),
        kind,
        was: Some(was.to_string()),
        is: Some(is.to_string()),
        gained,
        lost,
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
        if !self.routes.is_empty() {
            write!(f, " @ {}", self.routes)?;
        }
        Ok(())
    }
}

/// What changed between two states of an application: widened handlers first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDiff {
    changes: Vec<AccessChange>,
}

impl AccessDiff {
    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The changes, by kind as [`ChangeKind`] orders them, then by handler.
    #[must_use]
    pub fn changes(&self) -> &[AccessChange] {
        &self.changes
    }
}

/// One handler whose access is not what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AccessChange {
    /// The handler's path.
    pub handler: String,
    /// In which direction.
    pub kind: ChangeKind,
    /// What it was, as the file has it; `None` where it is new.
    pub was: Option<String>,
    /// What it is; `None` where it is gone.
    pub is: Option<String>,
    /// Somebody who may now and could not before, in words: one with as few names as possible.
    pub gained: Option<String>,
    /// Somebody who could and may no longer, in words: one with as few names as possible.
    pub lost: Option<String>,
}

/// In which direction access changed, the most urgent first.
///
/// It is decided by trying every combination of the roles, scopes, permissions, schemes and
/// policies that the two requirements name, as if each were independent of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Somebody may who could not.
    Widened,
    /// Somebody may who could not, and somebody else may no longer.
    WidenedAndNarrowed,
    /// The requirements name too much to try it all.
    Unclear,
    /// There was no such handler.
    New,
    /// Somebody may no longer.
    Narrowed,
    /// The same callers, in other words: also where `hide`, a reason or a route changed.
    Reworded,
    /// There is no such handler any more.
    Gone,
}

impl ChangeKind {
    /// The word for it in a diff.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Widened => "widened",
            Self::WidenedAndNarrowed => "widened and narrowed",
            Self::Unclear => "changed",
            Self::New => "new",
            Self::Narrowed => "narrowed",
            Self::Reworded => "reworded",
            Self::Gone => "gone",
        }
    }
}

impl fmt::Display for AccessDiff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, change) in self.changes.iter().enumerate() {
            if position > 0 {
                writeln!(f)?;
            }
            write!(f, "{change}")?;
        }
        Ok(())
    }
}

impl fmt::Display for AccessChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.kind.as_str(), self.handler)?;
        if let Some(was) = &self.was {
            writeln!(f, "  - {was}")?;
        }
        if let Some(is) = &self.is {
            writeln!(f, "  + {is}")?;
        }
        if let Some(gained) = &self.gained {
            writeln!(f, "    lets in:     {gained}")?;
        }
        if let Some(lost) = &self.lost {
            writeln!(f, "    no longer:   {lost}")?;
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
    /// There is none.
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

    #[test]
    fn only_the_word_write_rewrites() {
        let directory = tempfile_dir("lock-modes");
        let path = directory.join("access.lock");
        let matrix = AccessMatrix::of_records([]);
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
        assert_eq!(fs::read_to_string(&path).unwrap(), HEADER);
        fs::remove_dir_all(directory).unwrap();
    }

    fn tempfile_dir(name: &str) -> PathBuf {
        let directory = env::temp_dir().join(format!("auth-{name}-{}", std::process::id()));
        fs::create_dir_all(&directory).unwrap();
        directory
    }
}
