//! What the attacks share: principals, a call counter, requests, answers, sockets, the log.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod calls;
pub(crate) mod gate;
pub(crate) mod log;
pub(crate) mod principals;
pub(crate) mod server;

pub(crate) use self::answer::{Answer, get, head, send};
pub(crate) use self::principals::{auth, bearer, builder};

/// An app with this configuration and these services.
macro_rules! app {
    ($auth:expr => $($service:expr),+ $(,)?) => {
        actix_web::test::init_service(
            actix_web::App::new().app_data($auth)$(.service($service))+
        )
        .await
    };
}
pub(crate) use app;
