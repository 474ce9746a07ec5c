//! The request to the introspection endpoint.

use std::fmt;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use crate::http::json;
use crate::model::secret::Secret;
use crate::oauth::http::HttpClient;
use crate::scheme::VerifyError;

/// How this server proves itself to the authorization server.
pub(super) enum Credentials {
    None,
    Header(HeaderValue),
    /// What follows the token in the body.
    Body(Secret<'static>),
}

pub(super) struct Client {
    pub(super) http: HttpClient,
    pub(super) endpoint: Url,
    pub(super) credentials: Credentials,
}

impl Client {
    /// The body of a 200 in JSON; `None` where the server says that the token is none of its own.
    /// Everything else says nothing about the token.
    pub(super) async fn ask(&self, token: &Secret<'_>) -> Result<Option<Vec<u8>>, VerifyError> {
        let unavailable = |because: String| Err(VerifyError::unavailable().because(because));
        // RFC 7662 §2.1.
        let mut body = format!(
            "token={}&token_type_hint=access_token",
            form_encode(token.expose())
        );
        let mut request = self
            .http
            .request(Method::POST, self.endpoint.clone())
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match &self.credentials {
            Credentials::None => {}
            Credentials::Header(value) => request = request.header(AUTHORIZATION, value.clone()),
            Credentials::Body(text) => body.push_str(text.expose()),
        }
        let answer = match self.http.send(request.body(body)).await {
            Ok(answer) => answer,
            Err(error) => return unavailable(format!("introspection failed: {error}")),
        };
        // RFC 7009 §2.2.1 has this error for a token of a kind that the server does not know.
        if answer.status == StatusCode::BAD_REQUEST
            && let Some(error) = json::object(&answer.body)
            && error
                .get("error")
                .is_some_and(|code| code == "unsupported_token_type")
        {
            return Ok(None);
        }
        if answer.status != StatusCode::OK {
            // RFC 7662 §2.3: a 401 is about this server's own credentials.
            let status = answer.status.as_u16();
            return unavailable(format!("the introspection endpoint answered {status}"));
        }
        let is_json = answer
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse::<mime::Mime>().ok())
            .is_some_and(|mime| mime.essence_str() == "application/json");
        if !is_json {
            return unavailable("the introspection endpoint answered no JSON".into());
        }
        Ok(Some(answer.body))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint.as_str())
            .finish_non_exhaustive()
    }
}

/// `application/x-www-form-urlencoded`, also what RFC 6749 §2.3.1 asks of a client's name and
/// secret before they are put into `Basic`.
pub(super) fn form_encode(text: &str) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // Some servers decode only this form of a space in `Basic`.
    encoded.replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_percent_encoded() {
        assert_eq!(form_encode("aZ9-._"), "aZ9-._");
        assert_eq!(
            form_encode("a b+c&d=e:f%/\u{e9}~"),
            "a%20b%2Bc%26d%3De%3Af%25%2F%C3%A9%7E"
        );
    }
}
