//! The answers to refused requests, documented.

use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{
    ContentBuilder, Header, HeaderBuilder, Ref, RefOr, Response, ResponseBuilder, Responses,
};

use crate::requirement::{Access, Requirement};

/// The key of the problem's schema in the document's components.
pub(super) const PROBLEM: &str = "AuthProblem";

const CHALLENGE: &str = "WWW-Authenticate";
const CHALLENGES: &str = "The challenges, one a line (RFC 9110 §11.6.1).";

/// Adds what the operation does not document itself; a 401 of its own gets the header that every
/// 401 has (RFC 9110 §15.5.2).
pub(super) fn add(responses: &mut Responses, access: &Access, has_problems: bool) {
    match responses.responses.get_mut("401") {
        Some(RefOr::T(own)) => {
            own.headers
                .entry(CHALLENGE.to_owned())
                .or_insert_with(|| challenge(CHALLENGES).into());
        }
        Some(RefOr::Ref(_)) => {}
        None => {
            let response = response(
                "Nobody is known, or the credentials are not valid.",
                has_problems,
            )
            .header(CHALLENGE, challenge(CHALLENGES));
            insert(responses, "401", response.build());
        }
    }
    let Access::Requires(requirement) = access else {
        return;
    };
    let asks = Asks::of(requirement);
    if asks.authorization && !responses.responses.contains_key("403") {
        let mut response = response("Somebody is known, and may not do this.", has_problems);
        if asks.scopes {
            response = response.header(
                CHALLENGE,
                challenge(
                    "Only where more scopes would help: `insufficient_scope` (RFC 6750 §3.1).",
                ),
            );
        }
        insert(responses, "403", response.build());
    }
}

fn insert(responses: &mut Responses, status: &str, response: Response) {
    responses
        .responses
        .insert(status.to_owned(), RefOr::T(response));
}

fn response(description: &str, has_problem: bool) -> ResponseBuilder {
    let response = ResponseBuilder::new().description(description);
    if !has_problem {
        return response;
    }
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(PROBLEM)))
        .build();
    response.content("application/problem+json", content)
}

fn challenge(description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(string()))
        .description(Some(description))
        .build()
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

/// RFC 9457, as [`Problem`](crate::problem::Problem) has it.
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
                ]))
                .description(Some("The error code of the challenge (RFC 6750 §3.1).")),
        )
        .into()
}

/// What a requirement asks beyond an identity.
#[derive(Clone, Copy, Default)]
struct Asks {
    authorization: bool,
    scopes: bool,
}

impl Asks {
    fn of(requirement: &Requirement) -> Self {
        let mut asks = Self::default();
        let mut rest = vec![requirement];
        while let Some(part) = rest.pop() {
            match part {
                Requirement::All(parts) | Requirement::Any(parts) => rest.extend(*parts),
                Requirement::Authenticated | Requirement::Scheme(_) => {}
                Requirement::Scope(_) => {
                    asks = Self {
                        authorization: true,
                        scopes: true,
                    };
                }
                _ => asks.authorization = true,
            }
        }
        asks
    }
}
