//! Problem details (RFC 9457).

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

/// The members of a problem document, before they are written as JSON.
///
/// `type` is absent, which means `about:blank`: the status says what kind of problem it is, and
/// `title` is its phrase (RFC 9457 §4.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The status phrase, such as `Forbidden`.
    pub title: &'static str,
    /// The HTTP status, the same as that of the response (RFC 9457 §3.1.2).
    pub status: u16,
    /// What to know about this occurrence. Holds nothing of the app's inside.
    pub detail: Cow<'static, str>,
    /// The `error` code of the challenge, where it has one (RFC 6750 §3.1).
    pub error: Option<&'static str>,
}

impl Problem {
    /// The JSON object, its members in the order `title`, `status`, `detail`, `error`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // A structure of strings and numbers: there is nothing that could not be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// In this order, in every build: a `serde_json::Map` would sort them, or not, as another crate of
/// the build wishes. What is empty is left out.
impl Serialize for Problem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = 2 + usize::from(!self.detail.is_empty()) + usize::from(self.error.is_some());
        let mut problem = serializer.serialize_struct("Problem", members)?;
        problem.serialize_field("title", self.title)?;
        problem.serialize_field("status", &self.status)?;
        if !self.detail.is_empty() {
            problem.serialize_field("detail", &self.detail)?;
        }
        if let Some(error) = self.error {
            problem.serialize_field("error", error)?;
        }
        problem.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stand_in_order_and_are_escaped() {
        let problem = Problem {
            title: "Forbidden",
            status: 403,
            detail: "no \"x\"\n".into(),
            error: Some("insufficient_scope"),
        };
        assert_eq!(
            problem.to_json(),
            r#"{"title":"Forbidden","status":403,"detail":"no \"x\"\n","error":"insufficient_scope"}"#
        );
    }
}
