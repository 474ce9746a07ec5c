//! The options of `Basic`: passwords over TLS alone, and no prompt for scripts.

use actix_service::{IntoServiceFactory as _, ServiceFactory as _};
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::test::TestRequest;
use auth_runtime::http::{Credentials, ProxyHeader};
use auth_runtime::prelude::*;
use auth_runtime::scheme::{Attempt, Scheme};
use auth_runtime::{AuthBuilder, BasicPrompt};

use crate::support::app::{routes, send, with_authorization, with_basic};
use crate::support::{
    Answer, Calls, api, api_key, ask, assert_no_challenge, basic, bearer, get, only_challenge,
    with_bearer,
};

const GOOD: &str = "ada:correct-horse";
const BASIC: &str = r#"Basic realm="api", charset="UTF-8""#;
const BEARER: &str = r#"Bearer realm="api""#;
const QUIET: &str = r#"xBasic realm="api", charset="UTF-8""#;

fn secured() -> AuthBuilder {
    api().scheme(basic().require_tls(true))
}

/// Asks a server whose own connections are under TLS.
async fn ask_over_tls(auth: &Auth, request: TestRequest) -> Answer {
    let calls = Calls::default();
    let app = App::new()
        .app_data(auth.clone())
        .app_data(calls.clone())
        .configure(routes);
    let tls =
        AppConfig::__priv_test_new(true, "localhost".into(), "127.0.0.1:443".parse().unwrap());
    let service = app.into_factory().new_service(tls).await.unwrap();
    let mut answer = send(&service, request).await;
    answer.calls = calls.count();
    answer
}

#[actix_web::test]
async fn basic_08_a_password_in_clear_is_refused_before_it_is_read() {
    // A verifier that must not be asked.
    let unasked = Basic::sync(|_: String, _: Secret<'static>| -> Option<Principal> {
        panic!("the password was read")
    });
    let auth = api()
        .scheme(unasked.require_tls(true))
        .scheme(bearer())
        .scheme(api_key())
        .build()
        .unwrap();
    for request in [
        with_basic("/p", GOOD),
        // Whatever else comes with it.
        with_basic("/p", GOOD).insert_header(("x-api-key", "good-key")),
        with_basic("/b", GOOD),
        with_basic("/plain", GOOD),
        // Optional, malformed, and empty in all but name.
        with_basic("/o", GOOD),
        with_authorization("/p", b"Basic !"),
        with_authorization("/p", b"bAsIc x"),
    ] {
        let answer = ask(&auth, request).await;
        answer.assert_refused(403);
        assert_no_challenge(&answer);
    }
    // What is not a password comes as ever.
    ask(&auth, with_bearer("/p", "user")).await.assert_granted();
    ask(&auth, get("/o")).await.assert_granted();
}

#[actix_web::test]
async fn basic_08_a_password_under_tls_is_taken() {
    let auth = secured().build().unwrap();
    ask_over_tls(&auth, with_basic("/b", GOOD))
        .await
        .assert_granted();
    let wrong = ask_over_tls(&auth, with_basic("/b", "ada:wrong")).await;
    wrong.assert_refused(401);
    assert_eq!(wrong.lines("www-authenticate"), [BASIC]);
    // Off by default.
    let auth = api().scheme(basic()).build().unwrap();
    ask(&auth, with_basic("/b", GOOD)).await.assert_granted();
    let off = api().scheme(basic().require_tls(true).require_tls(false));
    ask(&off.build().unwrap(), with_basic("/b", GOOD))
        .await
        .assert_granted();
}

#[actix_web::test]
async fn basic_08_no_password_is_asked_for_in_clear() {
    let auth = secured().scheme(bearer()).build().unwrap();
    for request in [get("/p"), with_bearer("/p", "nonsense")] {
        let answer = ask(&auth, request).await;
        answer.assert_refused(401);
        assert_eq!(only_challenge(&answer).0, "Bearer");
    }
    let over_tls = ask_over_tls(&auth, get("/p")).await;
    assert_eq!(over_tls.lines("www-authenticate"), [BEARER, BASIC]);
    // Where a password is all that would do, nothing would.
    for answer in [
        ask(&auth, get("/b")).await,
        ask(&secured().build().unwrap(), get("/p")).await,
        ask(&secured().build().unwrap(), get("/plain")).await,
    ] {
        answer.assert_refused(403);
        assert_no_challenge(&answer);
    }
    // Twice is a bad request, in clear as well.
    let twice = with_basic("/p", GOOD).append_header(("authorization", "Foo x"));
    let answer = ask(&auth, twice).await;
    answer.assert_refused(400);
    assert!(!answer.lines("www-authenticate").contains(&BASIC.to_owned()));
}

#[actix_web::test]
async fn basic_08_what_a_header_says_of_tls_counts_from_a_trusted_proxy_alone() {
    let x = (ProxyHeader::XForwardedFor, "x-forwarded-proto");
    let forwarded = (ProxyHeader::Forwarded, "forwarded");
    let (proxy, stranger) = ("10.0.0.1:443", "192.0.2.7:443");
    for ((kind, name), peer, values, is_taken) in [
        (x, proxy, &["https"][..], true),
        (x, proxy, &["HTTPS"], true),
        (x, stranger, &["https"], false),
        (x, proxy, &[], false),
        (x, proxy, &[""], false),
        (x, proxy, &["http"], false),
        (x, proxy, &["httpsx"], false),
        // One of the two was written by somebody else.
        (x, proxy, &["https, http"], false),
        (x, proxy, &["http, https"], false),
        (x, proxy, &["https", "http"], false),
        (x, proxy, &["https,"], false),
        (forwarded, proxy, &["for=192.0.2.7;proto=https"], true),
        (forwarded, proxy, &["proto=\"HTTPS\"; for=192.0.2.7"], true),
        (forwarded, proxy, &["for=unknown;proto=https"], true),
        (forwarded, stranger, &["for=192.0.2.7;proto=https"], false),
        (forwarded, proxy, &["for=192.0.2.7"], false),
        (forwarded, proxy, &["for=192.0.2.7;proto=http"], false),
        (
            forwarded,
            proxy,
            &["for=192.0.2.7;proto=https;proto=http"],
            false,
        ),
        // TLS ends at the outer proxy.
        (
            forwarded,
            proxy,
            &["for=192.0.2.7;proto=https, for=10.0.0.2;proto=http"],
            true,
        ),
        (
            forwarded,
            proxy,
            &["for=192.0.2.7;proto=http", "for=10.0.0.2;proto=https"],
            false,
        ),
        // What the client wrote before the outer proxy did.
        (
            forwarded,
            proxy,
            &["for=192.0.2.7;proto=https, for=192.0.2.7;proto=http"],
            false,
        ),
        (
            forwarded,
            proxy,
            &["for=192.0.2.7;proto=https, for=192.0.2.7"],
            false,
        ),
        (forwarded, proxy, &["for=\"192.0.2.7;proto=https"], false),
        // The header of the other kind.
        (
            (ProxyHeader::Forwarded, "x-forwarded-proto"),
            proxy,
            &["https"],
            false,
        ),
        (
            (ProxyHeader::XForwardedFor, "forwarded"),
            proxy,
            &["for=192.0.2.7;proto=https"],
            false,
        ),
    ] {
        let auth = secured()
            .trusted_proxies(["10.0.0.0/8"], kind)
            .build()
            .unwrap();
        let mut request = with_basic("/b", GOOD).peer_addr(peer.parse().unwrap());
        for value in values {
            request = request.append_header((name, *value));
        }
        let answer = ask(&auth, request).await;
        if is_taken {
            answer.assert_granted();
        } else {
            answer.assert_refused(403);
        }
    }
    // Without trusted proxies no header counts.
    let lying = with_basic("/b", GOOD)
        .insert_header(("x-forwarded-proto", "https"))
        .insert_header(("forwarded", "proto=https"))
        .peer_addr(proxy.parse().unwrap());
    ask(&secured().build().unwrap(), lying)
        .await
        .assert_refused(403);
    // A proxy that speaks TLS itself has not said that its client does.
    let auth = secured().trusted_proxies(["10.0.0.0/8"], ProxyHeader::Forwarded);
    let silent = with_basic("/b", GOOD).peer_addr(proxy.parse().unwrap());
    ask_over_tls(&auth.build().unwrap(), silent)
        .await
        .assert_refused(403);
}

/// A scheme of the app's own, in a header of its own.
struct Pin;

impl Scheme for Pin {
    fn name(&self) -> &'static str {
        "Pin"
    }

    fn credential_header(&self) -> Option<&actix_web::http::header::HeaderName> {
        static NAME: actix_web::http::header::HeaderName =
            actix_web::http::header::HeaderName::from_static("x-pin");
        Some(&NAME)
    }

    fn requires_tls(&self) -> bool {
        true
    }

    fn authenticate(&self, credentials: &Credentials<'_>) -> Attempt {
        assert!(credentials.is_over_tls(), "it was read in clear");
        let name = self.credential_header().unwrap();
        match credentials.header(name) {
            Ok(Some(pin)) => Attempt::verified((pin == b"0000").then(|| Principal::new("ada"))),
            Ok(None) => Attempt::Absent,
            Err(_) => Attempt::Ambiguous,
        }
    }
}

#[actix_web::test]
async fn basic_08_another_scheme_may_ask_for_tls_too() {
    let auth = api().scheme(Pin).build().unwrap();
    let pin = || get("/p").insert_header(("x-pin", "0000"));
    ask(&auth, pin()).await.assert_refused(403);
    ask_over_tls(&auth, pin()).await.assert_granted();
}

async fn asked_by(auth: &Auth, path: &str, mode: Option<&str>) -> Vec<String> {
    let mut request = get(path);
    if let Some(mode) = mode {
        request = request.insert_header(("sec-fetch-mode", mode));
    }
    let answer = ask(auth, request).await;
    answer.assert_refused(401);
    answer.lines("www-authenticate")
}

#[actix_web::test]
async fn cors_06_scripts_are_not_prompted_where_the_app_says_so() {
    let quiet = |builder: AuthBuilder| {
        let builder = builder.basic_prompt(BasicPrompt::NavigationOnly);
        builder.build().unwrap()
    };
    let several = quiet(api().scheme(basic()).scheme(bearer()).scheme(api_key()));
    let alone = quiet(api().scheme(basic()));
    // Programs, and people who open a page.
    for mode in [None, Some("navigate")] {
        assert_eq!(
            asked_by(&several, "/p", mode).await,
            [BEARER, BASIC, r#"ApiKey realm="api""#]
        );
        assert_eq!(asked_by(&alone, "/p", mode).await, [BASIC]);
        assert_eq!(asked_by(&several, "/b", mode).await, [BASIC]);
    }
    // Scripts, and what nobody knows.
    for mode in [
        "cors",
        "same-origin",
        "no-cors",
        "websocket",
        "Navigate",
        "x",
        "",
    ] {
        let mode = Some(mode);
        assert_eq!(
            asked_by(&several, "/p", mode).await,
            [BEARER, r#"ApiKey realm="api""#]
        );
        // There is always a challenge.
        assert_eq!(asked_by(&alone, "/p", mode).await, [QUIET]);
        assert_eq!(asked_by(&several, "/b", mode).await, [QUIET]);
    }
    // The password itself is taken from a script as from anybody.
    let script = with_basic("/b", GOOD).insert_header(("sec-fetch-mode", "cors"));
    ask(&alone, script).await.assert_granted();
    let wrong = with_basic("/b", "ada:wrong").insert_header(("sec-fetch-mode", "cors"));
    let answer = ask(&alone, wrong).await;
    answer.assert_refused(401);
    assert_eq!(answer.lines("www-authenticate"), [QUIET]);
    // Two lines, of which one is a script's.
    let twice = get("/p")
        .append_header(("sec-fetch-mode", "navigate"))
        .append_header(("sec-fetch-mode", "cors"));
    assert_eq!(ask(&alone, twice).await.lines("www-authenticate"), [QUIET]);
}

#[actix_web::test]
async fn cors_06_and_basic_08_both_options_hold_together() {
    let auth = secured()
        .basic_prompt(BasicPrompt::NavigationOnly)
        .build()
        .unwrap();
    let script = || get("/b").insert_header(("sec-fetch-mode", "cors"));
    let clear = ask(&auth, script()).await;
    clear.assert_refused(403);
    assert_no_challenge(&clear);
    let over_tls = ask_over_tls(&auth, script()).await;
    over_tls.assert_refused(401);
    assert_eq!(over_tls.lines("www-authenticate"), [QUIET]);
}
