//! What changed in the access of handlers, for those who review it.

use std::fmt;

use super::comparison::{Comparison, compare};
use super::formula::Formula;
use super::matrix::one_line;

/// What changed between two states of an application: widened handlers first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessDiff {
    changes: Vec<AccessChange>,
}

impl AccessDiff {
    pub(super) fn of(mut changes: Vec<AccessChange>) -> Self {
        changes.sort_by(|one, other| (one.kind, &one.handler).cmp(&(other.kind, &other.handler)));
        Self { changes }
    }

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
    /// A caller who is authorized now and was not before, in words: one with as few names as possible.
    pub gained: Option<String>,
    /// A caller who was authorized and is no longer, in words: one with as few names as possible.
    pub lost: Option<String>,
}

impl AccessChange {
    /// The change from what a handler was to what it is, each with its line in the file.
    pub(super) fn between(
        handler: &str,
        was: Option<(&Formula, String)>,
        is: Option<(&Formula, String)>,
    ) -> Self {
        let (kind, gained, lost) = match (&was, &is) {
            // A check is a question of its own: who is let in by another, no comparison can tell.
            (Some((was, _)), Some((is, _)))
                if was != is && was.without_texts() == is.without_texts() =>
            {
                (ChangeKind::Check, None, None)
            }
            (Some((was, _)), Some((is, _))) => match compare(was, is) {
                Comparison::Unclear => (ChangeKind::Unclear, None, None),
                Comparison::Decided { gained, lost } => {
                    let kind = match (&gained, &lost) {
                        (Some(_), Some(_)) => ChangeKind::WidenedAndNarrowed,
                        (Some(_), None) => ChangeKind::Widened,
                        (None, Some(_)) => ChangeKind::Narrowed,
                        (None, None) => ChangeKind::Reworded,
                    };
                    (kind, gained, lost)
                }
            },
            (_, Some((is, _))) => (ChangeKind::New, Some(one_line(&is.words())), None),
            (_, None) => (ChangeKind::Gone, None, None),
        };
        Self {
            handler: handler.to_owned(),
            kind,
            was: was.map(|(_, line)| line),
            is: is.map(|(_, line)| line),
            gained,
            lost,
        }
    }
}

/// In which direction access changed, the most urgent first.
///
/// It is decided by trying every combination of the roles, scopes, permissions and policies that the
/// two requirements name, as if each were independent of the others; of one scheme and one `acr` at
/// a time; and of times since the authentication, of which a shorter one implies the longer. What the
/// configuration adds is not known to it: permissions of roles, scopes that imply others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Some callers gain access.
    Widened,
    /// Some callers gain access, and others lose it.
    WidenedAndNarrowed,
    /// The text of a check: who is let in by it, no comparison can tell.
    Check,
    /// The requirements name too much to try it all.
    Unclear,
    /// There was no such handler.
    New,
    /// Some callers lose access.
    Narrowed,
    /// The same callers, in other words: also where `hide`, `overrides`, a reason or a route changed.
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
            Self::Check => "changed: the check's text",
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
