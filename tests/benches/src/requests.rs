//! The requests, built outside of what is measured.

use actix_http::Request;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use actix_web::web::Bytes;

use crate::apps::{App, Guard};
use crate::users::{ADMIN_TOKEN, READER_TOKEN};

static BODY: [u8; 1 << 20] = [b'x'; 1 << 20];

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
}

impl Case {
    pub const ALL: [Self; 5] = [
        Self::Granted,
        Self::NoCredentials,
        Self::WrongRole,
        Self::WrongRoleSmallBody,
        Self::WrongRoleLargeBody,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::NoCredentials => "no_credentials",
            Self::WrongRole => "wrong_role",
            Self::WrongRoleSmallBody => "wrong_role_16_byte_body",
            Self::WrongRoleLargeBody => "wrong_role_1_mib_body",
        }
    }

    #[must_use]
    pub fn request(self) -> Request {
        let with = |request: TestRequest, token: &str| {
            request.insert_header((AUTHORIZATION, format!("Bearer {token}")))
        };
        let post = |size| {
            let body = Bytes::from_static(BODY.get(..size).unwrap_or_default());
            with(TestRequest::post().set_payload(body), READER_TOKEN)
        };
        match self {
            Self::Granted => with(TestRequest::get(), ADMIN_TOKEN),
            Self::NoCredentials => TestRequest::get(),
            Self::WrongRole => with(TestRequest::get(), READER_TOKEN),
            Self::WrongRoleSmallBody => post(16),
            Self::WrongRoleLargeBody => post(BODY.len()),
        }
        .uri("/reports")
        .to_request()
    }

    fn expected(self, guard: Guard) -> StatusCode {
        match self {
            _ if guard == Guard::None => StatusCode::OK,
            Self::Granted => StatusCode::OK,
            Self::NoCredentials => StatusCode::UNAUTHORIZED,
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
