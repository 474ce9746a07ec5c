//! This crate, with more of what it has, or more of what it is given: each beside the same app
//! without.

use std::hint::black_box;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpResponse, get, post, test, web};
use auth_runtime::audit::{AuditEvent, Queue};
use auth_runtime::prelude::*;
use auth_runtime::{AuthBuilder, DenyUnprotected};

use super::{ANSWER, Answers, started};
use crate::users::{ADMIN_TOKEN, tokens};

/// What is put beside an app without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Nothing: the base of the others.
    Body,
    /// A middleware that does nothing: the base of those that are one.
    EmptyMiddleware,
    Check,
    Policy,
    Audit,
    DenyUnprotected,
    Networks10,
    Networks1000,
    TypedRole1Of1,
    TypedRole64Of100,
    Role100,
    Permission1,
    Permission500,
    ApiKey,
    Basic,
    ThreeSchemes,
    TwoGuards,
    MountPoint,
    Module,
    Maybe,
}

impl Feature {
    pub(super) const ALL: [Self; 20] = [
        Self::Body,
        Self::EmptyMiddleware,
        Self::Check,
        Self::Policy,
        Self::Audit,
        Self::DenyUnprotected,
        Self::Networks10,
        Self::Networks1000,
        Self::TypedRole1Of1,
        Self::TypedRole64Of100,
        Self::Role100,
        Self::Permission1,
        Self::Permission500,
        Self::ApiKey,
        Self::Basic,
        Self::ThreeSchemes,
        Self::TwoGuards,
        Self::MountPoint,
        Self::Module,
        Self::Maybe,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Body => "body",
            Self::EmptyMiddleware => "empty_middleware",
            Self::Check => "check",
            Self::Policy => "policy",
            Self::Audit => "audit",
            Self::DenyUnprotected => "deny_unprotected",
            Self::Networks10 => "networks_10",
            Self::Networks1000 => "networks_1000",
            Self::TypedRole1Of1 => "typed_role_1_of_1",
            Self::TypedRole64Of100 => "typed_role_64_of_100",
            Self::Role100 => "role_100",
            Self::Permission1 => "permission_1",
            Self::Permission500 => "permission_500",
            Self::ApiKey => "api_key",
            Self::Basic => "basic",
            Self::ThreeSchemes => "three_schemes",
            Self::TwoGuards => "two_guards",
            Self::MountPoint => "mount_point",
            Self::Module => "module",
            Self::Maybe => "maybe",
        }
    }

    /// Starts the app.
    pub(super) async fn service(self) -> Box<dyn Answers> {
        macro_rules! serve {
            ($auth:expr, $($handler:expr),+) => {
                started(test::init_service(App::new().app_data($auth)$(.service($handler))+).await)
            };
        }
        match self {
            Self::Body | Self::Networks10 | Self::Networks1000 | Self::Audit | Self::Role100 => {
                serve!(self.auth(), by_role, by_role_with_body)
            }
            Self::ApiKey | Self::Basic | Self::ThreeSchemes => serve!(self.auth(), by_role),
            Self::Check => serve!(self.auth(), checked),
            Self::Policy => serve!(self.auth(), by_policy),
            Self::EmptyMiddleware => {
                let app = App::new().wrap(from_fn(pass)).app_data(self.auth());
                started(test::init_service(app.service(by_role)).await)
            }
            Self::DenyUnprotected => {
                let app = App::new().wrap(DenyUnprotected::new()).app_data(self.auth());
                started(test::init_service(app.service(by_role)).await)
            }
            Self::TypedRole1Of1 => serve!(self.auth(), by_only_role),
            Self::TypedRole64Of100 => serve!(self.auth(), by_lowest_role),
            Self::Permission1 | Self::Permission500 => serve!(self.auth(), by_permission),
            Self::TwoGuards => serve!(self.auth(), twice),
            Self::MountPoint => {
                let scope = web::scope("").wrap(require!(role("admin")));
                let app = App::new().app_data(self.auth());
                started(test::init_service(app.service(scope.service(authenticated))).await)
            }
            Self::Module => serve!(self.auth(), module::read),
            Self::Maybe => serve!(self.auth(), maybe),
        }
    }

    #[expect(clippy::expect_used, reason = "the configurations are fixed")]
    fn auth(self) -> Auth {
        let builder = Auth::builder().realm("reports");
        let api_key = || ApiKey::sync("x-api-key", move |key: Secret<'_>| self.found(&key));
        let basic = || {
            let verify = move |_: String, password: Secret<'static>| self.found(&password);
            Basic::sync(verify).require_tls(false)
        };
        let tokens = tokens(|record| {
            let principal = Principal::new(record.subject).roles(record.roles.iter().copied());
            (record.token == ADMIN_TOKEN)
                .then(|| self.grown(principal.clone()))
                .unwrap_or(principal)
        });
        let bearer = Bearer::sync(move |token: Secret<'_>| tokens.get(token.expose()).cloned());
        let builder = match self {
            Self::ApiKey => builder.scheme(api_key()),
            Self::Basic => builder.scheme(basic()),
            Self::ThreeSchemes => builder.scheme(api_key()).scheme(basic()).scheme(bearer),
            _ => builder.scheme(bearer),
        };
        self.configured(builder)
            .build()
            .expect("a scheme and a realm")
    }

    fn found(self, secret: &Secret<'_>) -> Option<Principal> {
        let principal = Principal::new("ada").role("editor").role("admin");
        secret.ct_eq(ADMIN_TOKEN).then_some(principal)
    }

    #[expect(clippy::expect_used, reason = "the thread of the queue starts")]
    fn configured(self, builder: AuthBuilder) -> AuthBuilder {
        let networks = |count: u32| {
            (0..count).map(|number| format!("10.{}.{}.0/24", number / 200, number % 200))
        };
        match self {
            Self::Networks10 => builder.deny_networks(networks(10)),
            Self::Networks1000 => builder.deny_networks(networks(1000)),
            Self::Audit => {
                let queue = Queue::start(4096, |_: &AuditEvent| Ok(())).expect("a thread");
                builder.audit(queue)
            }
            _ => builder,
        }
    }

    /// The caller, with more of what is looked for, which stands last.
    fn grown(self, principal: Principal) -> Principal {
        let others = |count: u32| (1..count).map(|number| format!("other_{number}"));
        match self {
            Self::TypedRole1Of1 => Principal::new("ada").role("only"),
            Self::TypedRole64Of100 => Principal::new("ada").roles(others(100)).role("r63"),
            Self::Role100 => Principal::new("ada").roles(others(100)).role("admin"),
            Self::Permission1 => principal.permission("reports:read"),
            Self::Permission500 => principal
                .permissions(others(500))
                .permission("reports:read"),
            _ => principal,
        }
    }
}

fn answer(caller: &Authenticated) -> HttpResponse {
    black_box(caller.subject());
    HttpResponse::Ok().body(ANSWER)
}

#[get("/reports")]
#[requires_role("admin")]
async fn by_role(caller: Authenticated) -> HttpResponse {
    answer(&caller)
}

#[post("/reports")]
#[requires_role("admin")]
async fn by_role_with_body(caller: Authenticated, _body: web::Bytes) -> HttpResponse {
    answer(&caller)
}

#[post("/reports")]
#[requires(all(role("admin"), check(|body| body.len() == 16)))]
async fn checked(caller: Authenticated, body: web::Bytes) -> HttpResponse {
    black_box(body);
    answer(&caller)
}

async fn pass(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    next.call(request).await
}

async fn is_open() -> Decision {
    Decision::allow_if(black_box(true))
}

#[get("/reports")]
#[requires(all(role("admin"), policy(is_open)))]
async fn by_policy(caller: Authenticated) -> HttpResponse {
    answer(&caller)
}

#[derive(Clone, Copy, Debug, Role)]
enum OnlyRole {
    Only,
}

#[get("/reports")]
#[requires_role(OnlyRole::Only)]
async fn by_only_role(caller: Authenticated) -> HttpResponse {
    answer(&caller)
}

/// Every role implies the first, and the caller has the last.
#[derive(Clone, Copy, Debug, Role)]
enum ManyRoles {
    R00,
    #[role(implies(R00))]
    R01,
    #[role(implies(R00))]
    R02,
    #[role(implies(R00))]
    R03,
    #[role(implies(R00))]
    R04,
    #[role(implies(R00))]
    R05,
    #[role(implies(R00))]
    R06,
    #[role(implies(R00))]
    R07,
    #[role(implies(R00))]
    R08,
    #[role(implies(R00))]
    R09,
    #[role(implies(R00))]
    R10,
    #[role(implies(R00))]
    R11,
    #[role(implies(R00))]
    R12,
    #[role(implies(R00))]
    R13,
    #[role(implies(R00))]
    R14,
    #[role(implies(R00))]
    R15,
    #[role(implies(R00))]
    R16,
    #[role(implies(R00))]
    R17,
    #[role(implies(R00))]
    R18,
    #[role(implies(R00))]
    R19,
    #[role(implies(R00))]
    R20,
    #[role(implies(R00))]
    R21,
    #[role(implies(R00))]
    R22,
    #[role(implies(R00))]
    R23,
    #[role(implies(R00))]
    R24,
    #[role(implies(R00))]
    R25,
    #[role(implies(R00))]
    R26,
    #[role(implies(R00))]
    R27,
    #[role(implies(R00))]
    R28,
    #[role(implies(R00))]
    R29,
    #[role(implies(R00))]
    R30,
    #[role(implies(R00))]
    R31,
    #[role(implies(R00))]
    R32,
    #[role(implies(R00))]
    R33,
    #[role(implies(R00))]
    R34,
    #[role(implies(R00))]
    R35,
    #[role(implies(R00))]
    R36,
    #[role(implies(R00))]
    R37,
    #[role(implies(R00))]
    R38,
    #[role(implies(R00))]
    R39,
    #[role(implies(R00))]
    R40,
    #[role(implies(R00))]
    R41,
    #[role(implies(R00))]
    R42,
    #[role(implies(R00))]
    R43,
    #[role(implies(R00))]
    R44,
    #[role(implies(R00))]
    R45,
    #[role(implies(R00))]
    R46,
    #[role(implies(R00))]
    R47,
    #[role(implies(R00))]
    R48,
    #[role(implies(R00))]
    R49,
    #[role(implies(R00))]
    R50,
    #[role(implies(R00))]
    R51,
    #[role(implies(R00))]
    R52,
    #[role(implies(R00))]
    R53,
    #[role(implies(R00))]
    R54,
    #[role(implies(R00))]
    R55,
    #[role(implies(R00))]
    R56,
    #[role(implies(R00))]
    R57,
    #[role(implies(R00))]
    R58,
    #[role(implies(R00))]
    R59,
    #[role(implies(R00))]
    R60,
    #[role(implies(R00))]
    R61,
    #[role(implies(R00))]
    R62,
    #[role(implies(R00))]
    R63,
}

#[get("/reports")]
#[requires_role(ManyRoles::R00)]
async fn by_lowest_role(caller: Authenticated) -> HttpResponse {
    answer(&caller)
}

#[get("/reports")]
#[requires_permission("reports:read")]
async fn by_permission(caller: Authenticated) -> HttpResponse {
    answer(&caller)
}

#[get("/reports")]
#[requires_auth]
#[requires_role("admin")]
async fn twice(caller: Authenticated) -> HttpResponse {
    answer(&caller)
}

#[get("/reports")]
#[requires_auth]
async fn authenticated(caller: Authenticated) -> HttpResponse {
    answer(&caller)
}

#[deny_by_default(requires(role("admin")))]
mod module {
    use super::{Authenticated, HttpResponse, answer, get};

    #[get("/reports")]
    pub(super) async fn read(caller: Authenticated) -> HttpResponse {
        answer(&caller)
    }
}

#[get("/reports")]
#[public(reason = "a page for anyone, with more on it for some")]
async fn maybe(caller: MaybeAuthenticated) -> HttpResponse {
    black_box(&caller);
    HttpResponse::Ok().body(ANSWER)
}
