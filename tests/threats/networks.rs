//! Network rules, through the app: judged before anything else, by what cannot be forged.

use actix_web::test::TestRequest;
use actix_web::{App, get, test};
use auth_runtime::AuthBuilder;
use auth_runtime::http::ProxyHeader;
use auth_runtime::prelude::*;

use crate::support::principals::token;
use crate::support::server::{request, serve, status};
use crate::support::{Answer, app, builder, calls, get, send};

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    calls::count();
    "admin"
}

#[get("/open")]
#[public(reason = "anybody in the building")]
async fn open() -> &'static str {
    calls::count();
    "open"
}

#[get("/self-guarded")]
async fn self_guarded(_: Authenticated) -> &'static str {
    calls::count();
    "self-guarded"
}

#[get("/maybe")]
#[public(reason = "anybody in the building")]
async fn maybe(_: MaybeAuthenticated) -> &'static str {
    calls::count();
    "maybe"
}

#[get("/hidden")]
#[requires_role("admin", hide)]
async fn hidden() -> &'static str {
    calls::count();
    "hidden"
}

const PATHS: [&str; 4] = ["/admin", "/open", "/self-guarded", "/maybe"];

macro_rules! assert_peers {
    ($builder:expr, $headers:expr, allowed: $allowed:expr, denied: $denied:expr) => {{
        let builder: AuthBuilder = $builder;
        let app = app!(builder.build().unwrap() => admin, open, self_guarded, maybe);
        let headers: &[(&str, &str)] = $headers;
        for path in PATHS {
            let ask = |peer: Option<&str>| {
                let mut request = get(path).insert_header(token("admin"));
                if let Some(peer) = peer {
                    request = request.peer_addr(peer.parse().unwrap());
                }
                for header in headers {
                    request = request.append_header(*header);
                }
                request.to_request()
            };
            let allowed: &[&str] = &$allowed;
            for peer in allowed {
                let answer = send(&app, ask(Some(peer))).await;
                assert_eq!(answer.status, 200, "{path} {peer} {headers:?}");
                answer.assert_granted();
            }
            let denied: &[&str] = &$denied;
            for peer in denied.iter().copied().map(Some) {
                let answer = send(&app, ask(peer)).await;
                assert_eq!(answer.status, 403, "{path} {peer:?} {headers:?}");
                assert_refused_by_network(&answer);
            }
            assert_refused_by_network(&send(&app, ask(None)).await);
        }
    }};
}

/// F403-06: a 403 without a challenge, that says nothing of the rule.
#[track_caller]
fn assert_refused_by_network(answer: &Answer) {
    answer.assert_refused(403);
    assert_eq!(answer.challenges(), Vec::<&str>::new());
    assert_eq!(answer.json()["detail"], "You are not allowed to do this.");
}

#[actix_web::test]
async fn f403_06_denied_networks_are_refused_whoever_asks() {
    assert_peers!(
        builder().deny_networks(["198.51.100.0/24", "2001:db8::/32"]).deny_networks(["203.0.113.7"]),
        &[],
        allowed: ["192.0.2.1:1", "[2001:db9::1]:1", "203.0.113.8:1"],
        denied: [
            "198.51.100.1:1", "198.51.100.255:1", "203.0.113.7:1", "[2001:db8::1]:1",
            "[::ffff:198.51.100.1]:1"
        ]
    );
}

#[actix_web::test]
async fn only_allowed_networks_get_in_and_denied_stays_denied() {
    assert_peers!(
        builder().allow_networks(["192.0.2.0/24", "::1"]).deny_networks(["192.0.2.128/25"]),
        &[],
        allowed: ["192.0.2.1:1", "[::1]:1", "[::ffff:192.0.2.1]:1"],
        denied: ["192.0.2.128:1", "198.51.100.1:1", "127.0.0.1:1", "[::2]:1"]
    );
    assert_peers!(
        builder().allow_networks(Vec::<String>::new()),
        &[],
        allowed: [],
        denied: ["192.0.2.1:1", "127.0.0.1:1", "[::1]:1"]
    );
}

#[actix_web::test]
async fn a_forwarded_address_of_a_stranger_counts_for_nothing() {
    for headers in [
        &[("x-forwarded-for", "192.0.2.1")][..],
        &[("forwarded", "for=192.0.2.1")],
        &[
            ("x-real-ip", "192.0.2.1"),
            ("cf-connecting-ip", "192.0.2.1"),
            ("true-client-ip", "192.0.2.1"),
        ],
        &[
            ("client-ip", "192.0.2.1"),
            ("x-client-ip", "192.0.2.1"),
            ("x-cluster-client-ip", "192.0.2.1"),
        ],
    ] {
        assert_peers!(
            builder().allow_networks(["192.0.2.0/24"]),
            headers,
            allowed: ["192.0.2.9:1"],
            denied: ["198.51.100.1:1", "10.0.0.1:1"]
        );
        assert_peers!(
            builder()
                .allow_networks(["192.0.2.0/24"])
                .trusted_proxies(["10.0.0.0/8"], ProxyHeader::XForwardedFor),
            headers,
            allowed: ["192.0.2.9:1"],
            denied: ["198.51.100.1:1"]
        );
    }
}

#[actix_web::test]
async fn behind_a_trusted_proxy_the_nearest_stranger_counts() {
    let rules = || {
        builder()
            .allow_networks(["192.0.2.0/24"])
            .trusted_proxies(["10.0.0.0/8"], ProxyHeader::XForwardedFor)
    };
    for good in [
        "192.0.2.1",
        "198.51.100.1, 192.0.2.1",
        "192.0.2.1, 10.0.0.9",
        "192.0.2.1:4711",
        "x, 192.0.2.1",
    ] {
        assert_peers!(rules(), &[("x-forwarded-for", good)], allowed: ["10.0.0.1:1"], denied: []);
    }
    for forged in [
        "192.0.2.1, 198.51.100.1",
        "192.0.2.1, 198.51.100.1, 10.0.0.2",
        "192.0.2.1, x",
        "192.0.2.1,",
        ",",
        "",
        "10.0.0.2",
        "192.0.2.1 198.51.100.1",
        "192.0.2.1;198.51.100.1",
        "192.0.2.01",
        "3221225985",
        "0xc0000201",
        "localhost",
    ] {
        assert_peers!(rules(), &[("x-forwarded-for", forged)], allowed: [], denied: ["10.0.0.1:1"]);
    }
    let two_lines = &[
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-for", "198.51.100.1"),
    ];
    assert_peers!(rules(), two_lines, allowed: [], denied: ["10.0.0.1:1"]);
    assert_peers!(rules(), &[("forwarded", "for=192.0.2.1")], allowed: [], denied: ["10.0.0.1:1"]);

    let rules = || {
        builder()
            .deny_networks(["198.51.100.0/24"])
            .trusted_proxies(["10.0.0.0/8"], ProxyHeader::Forwarded)
    };
    for denied in [
        "for=198.51.100.1",
        "for=\"198.51.100.1:99\"",
        "FOR=198.51.100.1;by=192.0.2.1",
        "for=192.0.2.1, for=198.51.100.1",
        "for=unknown",
        "for=_x",
        "for=192.0.2.1;for=198.51.100.1",
        "for=\"[::ffff:198.51.100.1]\"",
        "by=192.0.2.1",
        "garbage",
    ] {
        assert_peers!(rules(), &[("forwarded", denied)], allowed: [], denied: ["10.0.0.1:1"]);
    }
    assert_peers!(rules(), &[("forwarded", "for=192.0.2.1")], allowed: ["10.0.0.1:1"], denied: []);
}

/// RFC 7239 §4: a value may be a quoted-string, and what a proxy quotes, such as a `Host` of the
/// client's choice, is no hop.
#[actix_web::test]
async fn a_hop_inside_quotes_is_no_hop() {
    for forged in [
        r#"for=198.51.100.1;host="x,for=192.0.2.1""#,
        r#"for=198.51.100.1;host="x, for=192.0.2.1""#,
        r#"for=198.51.100.1;host="x\", for=192.0.2.1""#,
        r#"for=198.51.100.1;host="x, for=192.0.2.1;by=""#,
        r#"for="192.0.2.1, for=192.0.2.1"#,
        r#"for=192.0.2.1""#,
        r#"for=""192.0.2.1"""#,
    ] {
        let rules = || builder().trusted_proxies(["10.0.0.0/8"], ProxyHeader::Forwarded);
        let headers = &[("forwarded", forged)];
        let allow = rules().allow_networks(["192.0.2.0/24"]);
        assert_peers!(allow, headers, allowed: [], denied: ["10.0.0.1:1"]);
        let deny = rules().deny_networks(["198.51.100.0/24"]);
        assert_peers!(deny, headers, allowed: [], denied: ["10.0.0.1:1"]);
    }
    let rules = builder()
        .allow_networks(["192.0.2.0/24"])
        .trusted_proxies(["10.0.0.0/8"], ProxyHeader::Forwarded);
    let headers = &[("forwarded", r#"for="192.0.2.1:80";host="x,y;z""#)];
    assert_peers!(rules, headers, allowed: ["10.0.0.1:1"], denied: []);
}

#[actix_web::test]
async fn a_hidden_handler_is_hidden_from_a_denied_network_too() {
    let auth = builder()
        .deny_networks(["198.51.100.0/24"])
        .build()
        .unwrap();
    let app = app!(auth => hidden);
    let ask = |path| {
        TestRequest::get()
            .uri(path)
            .peer_addr("198.51.100.1:1".parse().unwrap())
            .insert_header(token("admin"))
            .to_request()
    };
    let (answer, unknown) = (
        send(&app, ask("/hidden")).await,
        send(&app, ask("/unknown")).await,
    );
    assert_eq!(
        (answer.fingerprint(), calls::take()),
        (unknown.fingerprint(), 0)
    );
}

#[actix_web::test]
async fn the_peer_of_a_real_connection_counts_on_the_wire() {
    for (rules, expected) in [
        (builder().deny_networks(["127.0.0.0/8"]), 403),
        (builder().allow_networks(["127.0.0.1"]), 200),
        (builder().allow_networks(["192.0.2.1"]), 403),
    ] {
        let auth = rules.build().unwrap();
        let server = serve(move || App::new().app_data(auth.clone()).service(admin));
        for forged in ["192.0.2.1", "127.0.0.1", "garbage"] {
            let headers = [
                ("Authorization", "Bearer admin"),
                ("X-Forwarded-For", forged),
                ("Forwarded", forged),
            ];
            let answer = server.ask(request("GET", "/admin", &headers)).await;
            assert_eq!(status(&answer), Some(expected), "{answer}");
        }
        server.stop().await;
    }
}

#[actix_web::test]
async fn a_verifier_is_not_asked_for_a_denied_network() {
    let scheme = Bearer::sync(|_: Secret<'_>| {
        calls::count();
        Some(Principal::new("ada").role("admin"))
    });
    let auth = crate::support::bearer(scheme)
        .deny_networks(["0.0.0.0/0"])
        .build()
        .unwrap();
    let app = test::init_service(
        App::new()
            .app_data(auth)
            .service(admin)
            .service(self_guarded)
            .service(maybe),
    )
    .await;
    for path in ["/admin", "/self-guarded", "/maybe"] {
        let request = get(path)
            .peer_addr("192.0.2.1:1".parse().unwrap())
            .insert_header(token("x"));
        assert_refused_by_network(&send(&app, request.to_request()).await);
    }
}
