//! The answers to refused requests, documented.

use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder, Responses,
};

use crate::model::requirement::{Access, Requirement};

/// The key of the problem's schema in the document's components.
pub(super) const PROBLEM: &str = "AuthProblem";

const CHALLENGE: &str = "WWW-Authenticate";
const RETRY_AFTER: &str = "Retry-After";
const CHALLENGES: &str = "The challenges, one a line (RFC 9110 §11.6.1).";

/// What is said of refusals.
#[derive(Clone, Copy, Debug)]
pub(super) struct Documented {
    /// That their bodies are problem documents.
    pub(super) problems: bool,
    /// What the requirement is.
    pub(super) texts: bool,
    /// That every 403 of a token has a challenge.
    pub(super) challenges_of_403: bool,
}

impl Documented {
    /// Adds what the operation does not document itself; a 401 of its own gets the header that
    /// every 401 has (RFC 9110 §15.5.2).
    pub(super) fn add(self, responses: &mut Responses, access: &Access) {
        let asks = match access {
            Access::Public(_) => Asks::default(),
            Access::Requires(requirement) => Asks::of(requirement),
        };
        if !responses.responses.contains_key("400") {
            let response = self
                .response(
                    "The request presents credentials more than once: `invalid_request` (RFC 6750 \
                     §3.1), where a token is among them.",
                )
                .header(
                    CHALLENGE,
                    challenge("Where a token was presented (RFC 6750 §3)."),
                );
            insert(responses, "400", response.build());
        }
        match responses.responses.get_mut("401") {
            Some(RefOr::T(own)) => {
                own.headers
                    .entry(CHALLENGE.to_owned())
                    .or_insert_with(|| challenge(CHALLENGES).into());
            }
            Some(RefOr::Ref(_)) => {}
            None => {
                let response = self
                    .response(&asks.of_401(access))
                    .header(CHALLENGE, challenge(CHALLENGES));
                insert(responses, "401", response.build());
            }
        }
        if asks.authorization && !responses.responses.contains_key("403") {
            let mut response = self.response(&asks.of_403(self.texts.then_some(access)));
            if asks.scopes || self.challenges_of_403 {
                response = response.header(CHALLENGE, challenge(self.of_challenge()));
            }
            insert(responses, "403", response.build());
        }
        if !responses.responses.contains_key("503") {
            let response = self
                .response(
                    "The credentials cannot be verified now: their verifier is not available.",
                )
                .header(RETRY_AFTER, seconds());
            insert(responses, "503", response.build());
        }
    }

    fn of_challenge(self) -> &'static str {
        if self.challenges_of_403 {
            "Where a token was presented; `insufficient_scope` where more scopes would help \
             (RFC 6750 §3, §3.1)."
        } else {
            "Only where more scopes would help: `insufficient_scope` (RFC 6750 §3.1)."
        }
    }

    fn response(self, description: &str) -> ResponseBuilder {
        let response = ResponseBuilder::new().description(description);
        if !self.problems {
            return response;
        }
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(PROBLEM)))
            .build();
        response.content("application/problem+json", content)
    }
}

fn insert(responses: &mut Responses, status: &str, response: Response) {
    responses
        .responses
        .insert(status.to_owned(), RefOr::T(response));
}

fn challenge(description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(string()))
        .description(Some(description))
        .build()
}

fn seconds() -> Header {
    HeaderBuilder::new()
        .schema(Some(
            ObjectBuilder::new().schema_type(SchemaType::Type(Type::Integer)),
        ))
        .description(Some(
            "After how many seconds to try again (RFC 9110 §10.2.3).",
        ))
        .build()
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

/// RFC 9457, as [`Problem`](crate::http::Problem) has it.
pub(super) fn problem_schema() -> RefOr<Schema> {
    ObjectBuilder::new()
        .description(Some("Why the request was refused (RFC 9457)."))
        .property("title", string().description(Some("The status phrase.")))
        .required("title")
        .property(
            "status",
            ObjectBuilder::new()
                .schema_type(SchemaType::Type(Type::Integer))
                .description(Some("The status of the response.")),
        )
        .required("status")
        .property(
            "detail",
            string().description(Some("What to know about this occurrence.")),
        )
        .property(
            "error",
            string()
                .enum_values(Some([
                    "invalid_request",
                    "invalid_token",
                    "insufficient_scope",
                    "insufficient_user_authentication",
                ]))
                .description(Some(
                    "The error code of the challenge (RFC 6750 §3.1, RFC 9470 §3).",
                )),
        )
        .into()
}

/// What a requirement asks beyond an identity.
#[derive(Clone, Copy, Default)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is found or not, whatever the others are"
)]
struct Asks {
    /// Something that is refused with 403.
    authorization: bool,
    scopes: bool,
    policies: bool,
    checks: bool,
    max_age: bool,
    acr: bool,
}

impl Asks {
    fn of(requirement: &Requirement) -> Self {
        let mut asks = Self::default();
        let mut rest = vec![(requirement, true)];
        while let Some((part, holds)) = rest.pop() {
            match part {
                Requirement::All(parts) | Requirement::Any(parts) => {
                    rest.extend(parts.iter().map(|part| (part, holds)));
                }
                Requirement::Not(part) => rest.push((part, !holds)),
                Requirement::Named(part) => rest.push((part.requirement, holds)),
                // A caller by another scheme is unauthenticated.
                Requirement::Scheme(_) => {}
                Requirement::Authenticated if holds => {}
                // RFC 9470 §3: 401.
                Requirement::MaxAge(_) if holds => asks.max_age = true,
                Requirement::Acr(_) if holds => asks.acr = true,
                part => {
                    asks.authorization = true;
                    asks.scopes |= holds && matches!(part, Requirement::Scope(_));
                    asks.policies |= matches!(part, Requirement::Policy(_));
                    asks.checks |= matches!(part, Requirement::Check(_));
                }
            }
        }
        asks
    }

    fn of_401(self, access: &Access) -> String {
        let mut text = String::from(match access {
            Access::Public(_) => "The credentials are not valid.",
            Access::Requires(_) => "Unauthenticated, or the credentials are not valid.",
        });
        let parameters = match (self.max_age, self.acr) {
            (true, true) => "`max_age` or `acr_values`",
            (true, false) => "`max_age`",
            (false, true) => "`acr_values`",
            (false, false) => return text,
        };
        text.push_str(
            " Or the authentication is too old or too weak: `insufficient_user_authentication`, with ",
        );
        text.push_str(parameters);
        text.push_str(" to say what is asked for (RFC 9470 §3).");
        text
    }

    /// With the requirement, where it may be told.
    fn of_403(self, access: Option<&Access>) -> String {
        let mut text = String::from("Authenticated but not authorized.");
        if let Some(access) = access {
            text.push_str(" What is asked for: `");
            text.push_str(&access.to_string());
            text.push_str("`.");
        }
        if self.policies {
            text.push_str(" A part of it depends on what the request is for.");
        }
        if self.checks {
            text.push_str(
                " A part of it depends on the content of the request, and is decided after that \
                 was read.",
            );
        }
        text
    }
}
