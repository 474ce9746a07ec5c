//! The annotation silently does nothing: it does something wherever it can be written.

mod around;
mod routes;
mod signatures;

/// A handler of role `admin` lets an admin in, and keeps out a user, a stranger and a liar.
macro_rules! assert_guards {
    ($app:expr, $method:ident $path:expr) => {{
        use crate::support::principals::token;
        use crate::support::{calls, send};
        use actix_web::test::TestRequest;

        let path: &str = $path;
        let request = || TestRequest::$method().uri(path);
        calls::take();
        send(&$app, request().to_request())
            .await
            .assert_refused(401);
        send(&$app, request().insert_header(token("nobody")).to_request())
            .await
            .assert_refused(401);
        send(&$app, request().insert_header(token("user")).to_request())
            .await
            .assert_refused(403);
        let granted = send(&$app, request().insert_header(token("admin")).to_request()).await;
        assert!(granted.status.is_success(), "{path}: {granted:?}");
        assert_eq!(calls::take(), 1, "{path}");
    }};
}
use assert_guards;
