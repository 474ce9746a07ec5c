//! `WWW-Authenticate`: the grammar of one challenge, and its writer.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use actix_web::http::header::HeaderValue;

use crate::http::byte_set::TCHAR;

/// One challenge: a scheme and what the client needs to know to use it (RFC 9110 §11.6.1).
///
/// `Display` writes the value of one `WWW-Authenticate` line. What cannot be written safely cannot
/// be put in: scheme and parameter names are tokens, values are printable ASCII, a name occurs
/// once. Empty values are left out, for clients choke on `scope=""`.
///
/// ```
/// use auth_runtime::http::Challenge;
///
/// let challenge = Challenge::new("Bearer")?.with("realm", "articles")?.with("error", "invalid_token")?;
/// assert_eq!(challenge.to_string(), r#"Bearer realm="articles", error="invalid_token""#);
/// # Ok::<(), auth_runtime::http::ChallengeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    scheme: Cow<'static, str>,
    parameters: Vec<(Cow<'static, str>, Cow<'static, str>)>,
}

/// What cannot stand in a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChallengeError {
    /// The scheme or parameter name is not a token (RFC 9110 §5.6.2).
    Name(String),
    /// The value of this parameter holds something other than printable ASCII (RFC 9110 §5.5), or
    /// a quote or backslash where RFC 6750 §3 has none.
    Value(String),
    /// The parameter is there already; names are compared without regard to case (RFC 9110 §11.2).
    Duplicate(String),
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?} is not a token (RFC 9110 §5.6.2)"),
            Self::Value(name) => {
                write!(
                    f,
                    "the value of `{name}` holds a character that is not allowed there (RFC 9110 §5.5, RFC 6750 §3)"
                )
            }
            Self::Duplicate(name) => {
                write!(
                    f,
                    "`{name}` is given twice in one challenge (RFC 9110 §11.2)"
                )
            }
        }
    }
}

impl std::error::Error for ChallengeError {}

impl Challenge {
    /// A challenge of this scheme, without parameters.
    ///
    /// # Errors
    ///
    /// [`ChallengeError::Name`] where `scheme` is not a token.
    pub fn new(scheme: impl Into<Cow<'static, str>>) -> Result<Self, ChallengeError> {
        let scheme = scheme.into();
        if is_token(&scheme) {
            Ok(Self {
                scheme,
                parameters: Vec::new(),
            })
        } else {
            Err(ChallengeError::Name(scheme.into_owned()))
        }
    }

    /// Adds a parameter behind those there are. An empty value adds nothing.
    ///
    /// # Errors
    ///
    /// Where the name is no token, the value is not printable ASCII, or the name is there already.
    pub fn with(
        mut self,
        name: impl Into<Cow<'static, str>>,
        value: impl Into<Cow<'static, str>>,
    ) -> Result<Self, ChallengeError> {
        self.add(name.into(), value.into())?;
        Ok(self)
    }

    fn add(
        &mut self,
        name: Cow<'static, str>,
        value: Cow<'static, str>,
    ) -> Result<(), ChallengeError> {
        if !is_token(&name) {
            return Err(ChallengeError::Name(name.into_owned()));
        }
        // RFC 9110 §5.5: field values are SP, HTAB, VCHAR; a tab is of no use here.
        if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return Err(ChallengeError::Value(name.into_owned()));
        }
        // RFC 6750 §3: these exclude the quote and the backslash, even escaped.
        let is_plain = ["error", "error_description", "error_uri", "scope"]
            .iter()
            .any(|plain| name.eq_ignore_ascii_case(plain));
        if is_plain && value.contains(['"', '\\']) {
            return Err(ChallengeError::Value(name.into_owned()));
        }
        // RFC 9110 §11.2: a parameter name occurs once per challenge.
        if self.get(&name).is_some() {
            return Err(ChallengeError::Duplicate(name.into_owned()));
        }
        if !value.is_empty() {
            self.parameters.push((name, value));
        }
        Ok(())
    }

    /// Adds a parameter where it can be written, and leaves it out where it cannot: an answer is
    /// owed to the client either way.
    #[must_use]
    pub(crate) fn with_if_writable(
        mut self,
        name: &'static str,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        // What is refused has changed nothing.
        _ = self.add(name.into(), value.into());
        self
    }

    /// The scheme's name, as it is written.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The value of a parameter, as it was put in.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(held, _)| held.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref())
    }

    /// The parameters, in the order in which they are written.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters
            .iter()
            .map(|(name, value)| (name.as_ref(), value.as_ref()))
    }

    /// The value of its `WWW-Authenticate` line.
    pub(crate) fn to_line(&self) -> String {
        // For each parameter a separator, `=` and two quotes; whatever is escaped makes it grow.
        let capacity = self
            .parameters()
            .map(|(name, value)| name.len() + value.len() + 5)
            .sum::<usize>()
            + self.scheme.len();
        let mut line = String::with_capacity(capacity);
        // A `String` takes whatever is written.
        _ = self.write_to(&mut line);
        line
    }

    fn write_to(&self, to: &mut impl fmt::Write) -> fmt::Result {
        to.write_str(&self.scheme)?;
        for (position, (name, value)) in self.parameters().enumerate() {
            // RFC 9110 §11.3: auth-params are comma-separated; §5.6.3: no space round `=`.
            for text in [if position == 0 { " " } else { ", " }, name, "=\""] {
                to.write_str(text)?;
            }
            // RFC 9110 §5.6.4: only these two need a backslash in a quoted-string.
            for piece in value.split_inclusive(['"', '\\']) {
                let plain = piece.strip_suffix(['"', '\\']).unwrap_or(piece);
                let (_, special) = piece.split_at(plain.len());
                let escape = if special.is_empty() { "" } else { "\\" };
                for text in [plain, escape, special] {
                    to.write_str(text)?;
                }
            }
            to.write_str("\"")?;
        }
        Ok(())
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

/// One challenge or more: what a 401 cannot be without (RFC 9110 §15.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenges(Arc<All>);

/// Shared, because most answers of a configuration have the same ones.
#[derive(Debug, PartialEq, Eq)]
struct All {
    first: Challenge,
    others: Vec<Challenge>,
    /// As they are written, in the same order.
    lines: Vec<HeaderValue>,
}

impl Challenges {
    /// Just this one.
    #[must_use]
    pub fn new(first: Challenge) -> Self {
        Self::of(first, Vec::new())
    }

    fn of(first: Challenge, others: Vec<Challenge>) -> Self {
        let all = std::iter::once(&first).chain(&others);
        // What a challenge holds can be written.
        let lines = all.filter_map(|challenge| HeaderValue::try_from(challenge.to_line()).ok());
        let lines = lines.collect();
        Self(Arc::new(All {
            first,
            others,
            lines,
        }))
    }

    /// All of these, in this order; `None` where there are none. One that is there already (same
    /// scheme and parameters) is left out.
    #[must_use]
    pub fn collect(challenges: impl IntoIterator<Item = Challenge>) -> Option<Self> {
        let mut rest = challenges.into_iter();
        let first = rest.next()?;
        let mut others = Vec::new();
        for challenge in rest {
            if challenge != first && !others.contains(&challenge) {
                others.push(challenge);
            }
        }
        Some(Self::of(first, others))
    }

    /// The challenges, most preferred first.
    pub fn iter(&self) -> impl Iterator<Item = &Challenge> {
        std::iter::once(&self.0.first).chain(&self.0.others)
    }

    /// Their `WWW-Authenticate` lines.
    pub(crate) fn lines(&self) -> &[HeaderValue] {
        &self.0.lines
    }
}

pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| TCHAR.contains(byte))
}

/// A name for the protected space, safe to write (RFC 9110 §11.5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm(Box<str>);

impl Realm {
    /// Checks that `name` can be written and will be read as it was meant.
    ///
    /// # Errors
    ///
    /// Where it is empty (clients throw on `realm=""`), holds anything but printable ASCII
    /// (RFC 9110 §5.5), or one of `"`, `\` and `'`, which widely used clients misread although
    /// RFC 9110 §5.6.4 has a way to write them.
    pub fn new(name: &str) -> Result<Self, RealmError> {
        if name.is_empty() {
            return Err(RealmError::Empty);
        }
        match name
            .chars()
            .find(|c| !matches!(c, ' '..='~') || matches!(c, '"' | '\\' | '\''))
        {
            Some(character) => Err(RealmError::Character(character)),
            None => Ok(Self(name.into())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no realm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RealmError {
    /// It is empty.
    Empty,
    /// It holds this character.
    Character(char),
}

impl fmt::Display for RealmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the realm is empty"),
            Self::Character(character) => write!(
                f,
                "the realm holds {character:?}; use printable ASCII without quotes and backslashes"
            ),
        }
    }
}

impl std::error::Error for RealmError {}
