//! What the tests of this target share.

use std::time::{Duration, SystemTime};

use actix_web::body::MessageBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, WWW_AUTHENTICATE};
use actix_web::test::TestRequest;

/// Seconds since the epoch at which the tests take place.
pub(crate) const NOW: u64 = 1_750_000_000;

pub(crate) fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub(crate) fn get(path: &str) -> TestRequest {
    TestRequest::get().uri(path)
}

pub(crate) fn with_token(request: TestRequest, token: &str) -> TestRequest {
    request.insert_header(("Authorization", format!("Bearer {token}")))
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of<B: MessageBody>(response: ServiceResponse<B>) -> Self {
        let (_, response) = response.into_parts();
        let (response, body) = response.into_parts();
        let body = actix_web::body::to_bytes(body)
            .await
            .unwrap_or_else(|_| panic!("the body cannot be read"));
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.get_all(name);
        let line = lines.next().map(|line| line.to_str().unwrap());
        assert!(lines.next().is_none(), "two lines of {name}");
        line
    }

    /// The challenges, one a line.
    pub(crate) fn challenges(&self) -> Vec<&str> {
        self.headers
            .get_all(WWW_AUTHENTICATE)
            .map(|line| line.to_str().unwrap())
            .collect()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Every line is one challenge for an independent parser, and says this.
pub(crate) fn parameters(line: &str) -> Vec<(String, String)> {
    let challenges = http_auth::parse_challenges(line).unwrap();
    assert_eq!(challenges.len(), 1, "{line}");
    challenges[0]
        .params
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.to_unescaped()))
        .collect()
}

/// The answer of a fresh app with these services.
macro_rules! answer {
    ($auth:expr, [$($service:expr),*], $request:expr) => {{
        let app = actix_web::App::new().app_data($auth.clone())$(.service($service))*;
        let app = actix_web::test::init_service(app).await;
        let response = actix_web::dev::Service::call(&app, $request.to_request()).await;
        match response {
            Ok(response) => $crate::support::Answer::of(response).await,
            Err(error) => panic!("the service failed: {error}"),
        }
    }};
}
pub(crate) use answer;
