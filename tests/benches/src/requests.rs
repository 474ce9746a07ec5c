//! The requests, built outside of what is measured.

use std::net::SocketAddr;

use actix_http::Request;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;

use crate::apps::{App, Guard};
use crate::users::{ADMIN_TOKEN, READER_TOKEN};

static BODY: [u8; 1 << 20] = [b'x'; 1 << 20];

/// What a browser sends beside its credentials.
const HEADERS: [(&str, &str); 12] = [
    ("host", "reports.example.com"),
    (
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    ),
    ("accept", "application/json"),
    ("accept-language", "en-US,en;q=0.5"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("referer", "https://reports.example.com/"),
    ("origin", "https://reports.example.com"),
    ("dnt", "1"),
    ("sec-fetch-dest", "empty"),
    ("sec-fetch-mode", "cors"),
    ("sec-fetch-site", "same-origin"),
    ("x-request-id", "018f3c2e-7a51-7c3e-9d4b-1f2a3b4c5d6e"),
];

/// A path through a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `GET`, a known user with the role.
    Granted,
    /// `GET`, no `Authorization`.
    NoCredentials,
    /// `GET`, a known user without the role.
    WrongRole,
    /// `POST` with a body of 16 bytes, a known user without the role.
    WrongRoleSmallBody,
    /// `POST` with a body of 1 MiB, a known user without the role.
    WrongRoleLargeBody,
    /// `GET`, no `Authorization`, and twelve other headers.
    NoCredentialsManyHeaders,
    /// `GET`, a known user without the role, and twelve other headers.
    WrongRoleManyHeaders,
    /// `POST` with a body of 16 bytes, a known user with the role. Of [`Feature`](crate::Feature)s.
    GrantedBody,
    /// `GET` with an API key. Of [`Feature`](crate::Feature)s.
    GrantedByApiKey,
    /// `GET` with name and password. Of [`Feature`](crate::Feature)s.
    GrantedByBasic,
}

impl Case {
    /// Of every guard.
    pub const ALL: [Self; 7] = [
        Self::Granted,
        Self::NoCredentials,
        Self::WrongRole,
        Self::WrongRoleSmallBody,
        Self::WrongRoleLargeBody,
        Self::NoCredentialsManyHeaders,
        Self::WrongRoleManyHeaders,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::NoCredentials => "no_credentials",
            Self::WrongRole => "wrong_role",
            Self::WrongRoleSmallBody => "wrong_role_16_byte_body",
            Self::WrongRoleLargeBody => "wrong_role_1_mib_body",
            Self::NoCredentialsManyHeaders => "no_credentials_12_headers",
            Self::WrongRoleManyHeaders => "wrong_role_12_headers",
            Self::GrantedBody => "granted_body",
            Self::GrantedByApiKey => "granted_by_api_key",
            Self::GrantedByBasic => "granted_by_basic",
        }
    }

    #[must_use]
    pub fn request(self) -> Request {
        let with = |request: TestRequest, token: &str| {
            request.insert_header((AUTHORIZATION, format!("Bearer {token}")))
        };
        let post = |size, token| {
            let body = Bytes::from_static(BODY.get(..size).unwrap_or_default());
            with(TestRequest::post().set_payload(body), token)
        };
        let many = || {
            HEADERS
                .into_iter()
                .fold(TestRequest::get(), TestRequest::insert_header)
        };
        match self {
            Self::Granted => with(TestRequest::get(), ADMIN_TOKEN),
            Self::NoCredentials => TestRequest::get(),
            Self::WrongRole => with(TestRequest::get(), READER_TOKEN),
            Self::WrongRoleSmallBody => post(16, READER_TOKEN),
            Self::WrongRoleLargeBody => post(BODY.len(), READER_TOKEN),
            Self::NoCredentialsManyHeaders => many(),
            Self::WrongRoleManyHeaders => with(many(), READER_TOKEN),
            Self::GrantedBody => post(16, ADMIN_TOKEN),
            Self::GrantedByApiKey => TestRequest::get().insert_header(("x-api-key", ADMIN_TOKEN)),
            // `ada`, and the token as the password.
            Self::GrantedByBasic => TestRequest::get()
                .insert_header((AUTHORIZATION, "Basic YWRhOm1GXzkuQjVmLTQuMUpxTS1hZGE=")),
        }
        .uri("/reports")
        .peer_addr(SocketAddr::from(([192, 0, 2, 1], 40_000)))
        .to_request()
    }

    fn expected(self, guard: Guard) -> StatusCode {
        match self {
            _ if guard == Guard::None => StatusCode::OK,
            Self::Granted | Self::GrantedBody | Self::GrantedByApiKey | Self::GrantedByBasic => {
                StatusCode::OK
            }
            Self::NoCredentials | Self::NoCredentialsManyHeaders => StatusCode::UNAUTHORIZED,
            _ => StatusCode::FORBIDDEN,
        }
    }

    /// An app that has answered this request before, as it should: routes are compiled, pools are
    /// filled, and what is set up at the first use is set up.
    ///
    /// # Panics
    ///
    /// Where the app answers with another status than the one that is to be measured.
    #[must_use]
    pub fn warmed_up(self, guard: Guard) -> App {
        let app = guard.app();
        for _ in 0..3 {
            assert_eq!(
                app.answer(self.request()),
                self.expected(guard),
                "{guard:?} {self:?}"
            );
        }
        app
    }
}
