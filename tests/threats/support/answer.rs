//! A request, and all that came back.

use std::fmt;

use actix_web::Error;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER, WWW_AUTHENTICATE,
};
use actix_web::http::{Method, StatusCode};
use actix_web::test::TestRequest;
use bytes::Bytes;
use serde_json::Value;

use super::calls;

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) fn get(uri: &str) -> TestRequest {
    TestRequest::get().uri(uri)
}

pub(crate) fn head(uri: &str) -> TestRequest {
    TestRequest::default().method(Method::HEAD).uri(uri)
}

/// Sends a request and reads the whole answer. An error that no handler answered is answered as
/// the server would.
pub(crate) async fn send<R, S, B>(app: &S, request: R) -> Answer
where
    S: Service<R, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    let (head, body) = match app.call(request).await {
        Ok(response) => {
            let (head, body) = response.into_parts().1.into_parts();
            let body = to_bytes(body)
                .await
                .unwrap_or_else(|_| panic!("the body breaks off"));
            (head, body)
        }
        Err(error) => {
            let (head, body) = error.error_response().into_parts();
            (
                head,
                to_bytes(body).await.expect("the body of an error is whole"),
            )
        }
    };
    Answer {
        status: head.status(),
        headers: head.headers().clone(),
        body,
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the body is text")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("the body is JSON")
    }

    pub(crate) fn header(&self, name: impl Into<HeaderName>) -> Option<&str> {
        let value = self.headers.get(name.into())?;
        Some(value.to_str().expect("the header is ASCII"))
    }

    pub(crate) fn challenges(&self) -> Vec<&str> {
        self.headers
            .get_all(WWW_AUTHENTICATE)
            .map(|line| line.to_str().expect("a challenge is ASCII"))
            .collect()
    }

    /// The handler ran once and answered 200.
    #[track_caller]
    pub(crate) fn assert_granted(&self) {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        assert_eq!(self.challenges(), Vec::<&str>::new());
        assert_eq!(calls::take(), 1, "the handler runs once");
    }

    /// The handler did not run and the answer is what the guard says with this status: challenges
    /// where there must be some and nowhere else, not cached, a problem document.
    #[track_caller]
    pub(crate) fn assert_refused(&self, status: u16) {
        assert_eq!(calls::take(), 0, "nothing of the handler runs");
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header(CACHE_CONTROL), Some("no-store"), "{self:?}");
        assert_eq!(
            self.header(CONTENT_TYPE),
            Some("application/problem+json"),
            "{self:?}"
        );
        if !self.body.is_empty() {
            assert_eq!(self.json()["status"], status, "{self:?}");
        }
        match status {
            401 => assert!(!self.challenges().is_empty(), "{self:?}"),
            403 | 500 | 503 => assert!(
                self.challenges()
                    .iter()
                    .all(|line| line.contains("insufficient_scope")),
                "{self:?}"
            ),
            _ => {}
        }
        assert_eq!(
            self.header(RETRY_AFTER).is_some(),
            status == 503,
            "{self:?}"
        );
    }

    /// Everything but the date, in an order that does not depend on chance.
    pub(crate) fn fingerprint(&self) -> (u16, Vec<(String, Vec<u8>)>, Bytes) {
        let mut headers: Vec<_> = self
            .headers
            .iter()
            .filter(|(name, _)| *name != "date")
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect();
        headers.sort();
        (self.status.as_u16(), headers, self.body.clone())
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {:?} {:?}",
            self.status,
            self.headers,
            String::from_utf8_lossy(&self.body)
        )
    }
}
