//! Problem details (RFC 9457).

use serde_json::Value;

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
    pub detail: String,
    /// The `error` code of the challenge, where it has one (RFC 6750 §3.1).
    pub error: Option<&'static str>,
}

impl Problem {
    /// The JSON object, its members in the order `title`, `status`, `detail`, `error`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut members = vec![
            ("title", Value::from(self.title)),
            ("status", Value::from(self.status)),
        ];
        if !self.detail.is_empty() {
            members.push(("detail", Value::from(self.detail.as_str())));
        }
        members.extend(self.error.map(|error| ("error", Value::from(error))));
        // A `serde_json::Map` would sort them, or not, as another crate of the build wishes.
        let members: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("{}:{value}", Value::from(name)))
            .collect();
        format!("{{{}}}", members.join(","))
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
