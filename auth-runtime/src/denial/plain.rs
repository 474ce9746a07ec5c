//! What a body says: nothing of the app's inside, unless denials are explained.

use actix_web::web::Bytes;

use super::Reason;
use super::answer::{Answer, Denial};
use crate::http::problem::Problem;

impl Denial {
    /// What the body says: nothing of the app's inside, unless denials are explained
    /// ([`AuthBuilder::explain_denials`](crate::AuthBuilder::explain_denials)).
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (status, error) = (self.status(), self.error());
        Problem {
            title: status.canonical_reason().unwrap_or_default(),
            status: status.as_u16(),
            detail: match self.detail() {
                Some(detail) => detail.to_owned().into(),
                None => plain(self.answer(), self.reason(), error).detail.into(),
            },
            error,
        }
    }

    /// The problem document.
    pub(super) fn json(&self) -> Bytes {
        let error = self.error();
        let plain = plain(self.answer(), self.reason(), error);
        match self.detail() {
            // Nearly always: nothing has to be written.
            None if plain.error == error => Bytes::from_static(plain.json.as_bytes()),
            _ => Bytes::from(self.problem().to_json()),
        }
    }
}

/// What a body says that explains nothing of the app.
struct Plain {
    detail: &'static str,
    /// The error that the document has.
    error: Option<&'static str>,
    /// The whole document, as [`Problem::to_json`] writes it.
    json: &'static str,
}

/// A [`Plain`] of texts in which JSON escapes nothing.
macro_rules! plain {
    ($title:literal $status:literal $detail:literal) => {
        plain!(@ $title, $status, $detail, None, "")
    };
    ($title:literal $status:literal $detail:literal error $error:literal) => {
        plain!(@ $title, $status, $detail, Some($error), concat!(",\"error\":\"", $error, "\""))
    };
    (@ $title:expr, $status:expr, $detail:expr, $error:expr, $written:expr) => {
        Plain {
            detail: $detail,
            error: $error,
            json: concat!(
                "{\"title\":\"", $title, "\",\"status\":", $status,
                ",\"detail\":\"", $detail, "\"", $written, "}"
            ),
        }
    };
}

// RFC 9110 §15.5: the body explains, and says whether it is temporary.
fn plain(answer: &Answer, reason: &Reason, error: Option<&str>) -> Plain {
    match (answer, reason) {
        (Answer::Malformed(_), _) if error.is_none() => plain!(
            "Bad Request" 400 "The request presents credentials more than once."
        ),
        (Answer::Malformed(_), _) => plain!(
            "Bad Request" 400 "The request presents credentials more than once."
            error "invalid_request"
        ),
        // A challenge without `error` does not tell missing credentials from wrong ones, and no
        // more does the body.
        (Answer::Unauthenticated(_), _) if error.is_none() => plain!(
            "Unauthorized" 401 "Authentication is required."
        ),
        (Answer::Unauthenticated(_), Reason::ExpiredCredentials) => plain!(
            "Unauthorized" 401 "The credentials have expired." error "invalid_token"
        ),
        (Answer::Unauthenticated(_), Reason::StepUp(_)) => plain!(
            "Unauthorized" 401 "A more recent or stronger authentication is required."
            error "insufficient_user_authentication"
        ),
        (Answer::Unauthenticated(_), _) => plain!(
            "Unauthorized" 401 "The credentials are not valid." error "invalid_token"
        ),
        (Answer::Forbidden(Some(_)), Reason::MissingScopes(_)) => plain!(
            "Forbidden" 403 "The token lacks a required scope." error "insufficient_scope"
        ),
        (Answer::Forbidden(_), _) => plain!(
            "Forbidden" 403 "You are not allowed to do this."
        ),
        (Answer::SeeOther(_), _) => plain!("See Other" 303 "Authentication is required."),
        (Answer::TooMany { .. }, _) => plain!(
            "Too Many Requests" 429 "Too many failed attempts. Try again later."
        ),
        (Answer::Hidden, _) => plain!("Not Found" 404 ""),
        (Answer::Undecidable, _) => plain!(
            "Internal Server Error" 500 "The request could not be authorized."
        ),
        (Answer::Unavailable { .. }, _) => plain!(
            "Service Unavailable" 503
            "Credentials cannot be checked at the moment. Try again later."
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::http::challenge::{Challenge, Challenges};
    use crate::model::requirement::explain::StepUp;

    /// Written once or for each request, the document is the same.
    #[test]
    fn documents_are_those_that_would_be_written() {
        let challenges = |error: Option<&'static str>| {
            let challenge = Challenge::new("Bearer").unwrap();
            Challenges::new(match error {
                Some(error) => challenge.with("error", error).unwrap(),
                None => challenge,
            })
        };
        let mut answers = vec![
            Answer::Malformed(None),
            Answer::Forbidden(None),
            Answer::Undecidable,
            Answer::Unavailable {
                retry_after: Duration::from_secs(5),
            },
        ];
        for error in [
            None,
            Some("invalid_request"),
            Some("invalid_token"),
            Some("insufficient_scope"),
            Some("insufficient_user_authentication"),
            Some("of_an_extension"),
        ] {
            answers.push(Answer::Malformed(Some(challenges(error))));
            answers.push(Answer::Unauthenticated(challenges(error)));
            answers.push(Answer::Forbidden(Some(challenges(error))));
        }
        for answer in answers {
            for reason in [
                Reason::NoCredentials,
                Reason::ExpiredCredentials,
                Reason::StepUp(StepUp::default()),
                Reason::MissingScopes(vec!["a"]),
            ] {
                let denial = Denial::new(answer.clone(), reason);
                let written = denial.problem().to_json();
                assert_eq!(denial.json(), written, "{denial:?}");
                let explained = denial.explained(Some("a \"b\"".to_owned()));
                assert_eq!(explained.json(), explained.problem().to_json());
            }
        }
    }
}
