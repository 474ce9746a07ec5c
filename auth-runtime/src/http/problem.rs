//! Problem details (RFC 9457).

use std::borrow::Cow;
use std::fmt::Write as _;

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
        // Most details are texts of this crate, without a character that JSON would write otherwise.
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        let texts = [self.title, &self.detail, self.error.unwrap_or_default()];
        if !texts.iter().all(|text| text.bytes().all(is_plain)) {
            // A structure of strings and numbers: there is nothing that could not be written.
            return serde_json::to_string(self).unwrap_or_default();
        }
        let mut json = String::with_capacity(64 + texts.map(str::len).iter().sum::<usize>());
        json.push_str("{\"title\":\"");
        json.push_str(self.title);
        json.push_str("\",\"status\":");
        // A `String` takes whatever is written.
        _ = write!(json, "{}", self.status);
        if !self.detail.is_empty() {
            json.push_str(",\"detail\":\"");
            json.push_str(&self.detail);
            json.push('"');
        }
        if let Some(error) = self.error {
            json.push_str(",\"error\":\"");
            json.push_str(error);
            json.push('"');
        }
        json.push('}');
        json
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

    /// By hand or by `serde_json`, the text is the same.
    #[test]
    fn plain_texts_are_written_as_others_are() {
        for detail in [
            "",
            "plain",
            "a\"b",
            "back\\slash",
            "line\nbreak",
            "ümlaut",
            "\u{7f}",
            "/",
        ] {
            for error in [None, Some("invalid_token")] {
                let problem = Problem {
                    title: "Not Found",
                    status: 404,
                    detail: detail.into(),
                    error,
                };
                let json = serde_json::to_string(&problem).unwrap();
                assert_eq!(problem.to_json(), json);
            }
        }
    }
}
