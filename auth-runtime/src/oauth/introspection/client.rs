//! The request to the introspection endpoint.

use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{StatusCode, redirect};

use crate::model::secret::Secret;
use crate::scheme::VerifyError;

/// The longest answer that is read, in bytes.
const MAX_ANSWER: usize = 64 * 1024;

/// How this server proves itself to the authorization server.
pub(super) enum Credentials {
    Header(HeaderValue),
    /// What follows the token in the body.
    Body(Secret<'static>),
}

pub(super) struct Client {
    http: reqwest::Client,
    endpoint: String,
    credentials: Credentials,
}

impl Client {
    pub(super) fn new(
        endpoint: String,
        credentials: Credentials,
        timeout: Duration,
        roots: Vec<reqwest::Certificate>,
    ) -> Result<Self, reqwest::Error> {
        let mut http = reqwest::Client::builder();
        if endpoint.starts_with("http:") {
            // In clear it is for this machine alone, and not for a proxy of the environment.
            http = http.no_proxy();
        }
        let http = http
            .timeout(timeout)
            // A redirect would carry the token and the credentials to somewhere else.
            .redirect(redirect::Policy::none())
            .tls_certs_merge(roots)
            .build()?;
        Ok(Self {
            http,
            endpoint,
            credentials,
        })
    }

    /// The body of a 200 in JSON. Everything else says nothing about the token.
    pub(super) async fn ask(&self, token: &Secret<'_>) -> Result<Vec<u8>, VerifyError> {
        // RFC 7662 §2.1.
        let mut body = format!(
            "token={}&token_type_hint=access_token",
            form_encode(token.expose())
        );
        let mut request = self
            .http
            .post(&self.endpoint)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        match &self.credentials {
            Credentials::Header(value) => request = request.header(AUTHORIZATION, value.clone()),
            Credentials::Body(text) => body.push_str(text.expose()),
        }
        let unreachable = |error: reqwest::Error| {
            VerifyError::unavailable()
                .because(format!("introspection failed: {}", error.without_url()))
        };
        let mut response = request.body(body).send().await.map_err(unreachable)?;
        if response.status() != StatusCode::OK {
            // RFC 7662 §2.3: a 401 is about this server's own credentials.
            return Err(VerifyError::unavailable().because(format!(
                "the introspection endpoint answered {}",
                response.status().as_u16()
            )));
        }
        let is_json = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.parse::<mime::Mime>().ok())
            .is_some_and(|mime| mime.essence_str() == "application/json");
        if !is_json {
            return Err(
                VerifyError::unavailable().because("the introspection endpoint answered no JSON")
            );
        }
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if answer.len() + chunk.len() > MAX_ANSWER {
                return Err(VerifyError::unavailable()
                    .because("the introspection endpoint answered more than 64 KiB"));
            }
            answer.extend_from_slice(&chunk);
        }
        Ok(answer)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("endpoint", &self.endpoint)
            .finish_non_exhaustive()
    }
}

/// `application/x-www-form-urlencoded`, also what RFC 6749 §2.3.1 asks of a client's name and
/// secret before they are put into `Basic`.
pub(super) fn form_encode(text: &str) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push(digit(byte >> 4));
            encoded.push(digit(byte & 0xf));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_percent_encoded() {
        assert_eq!(form_encode("aZ9-._~"), "aZ9-._~");
        assert_eq!(
            form_encode("a b+c&d=e:f%/\u{e9}"),
            "a%20b%2Bc%26d%3De%3Af%25%2F%C3%A9"
        );
    }
}
