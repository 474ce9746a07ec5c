//! Requests that somebody sends who wants in.

use crate::support::app::with_authorization;
use crate::support::challenge::expected;
use crate::support::wire::{Server, head};
use crate::support::{all_schemes, api, ask, basic, bearer_only, get, only_challenge, with_bearer};

#[test]
fn neg_01_control_characters_in_a_header_are_stopped_by_the_parser() {
    let server = Server::start(bearer_only());
    for value in [
        &b"Bearer us\0er"[..],
        b"Bearer user\0",
        b"Bearer us\x01er",
        b"Bearer us\x7fer",
    ] {
        let mut request = b"GET /p HTTP/1.1\r\nHost: localhost\r\nAuthorization: ".to_vec();
        request.extend_from_slice(value);
        request.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
        let answer = server.ask(&request);
        assert_eq!(
            (answer.status, answer.calls),
            (400, 0),
            "{}",
            value.escape_ascii()
        );
    }
    // CR LF ends the line: what follows is a header of its own and reflected nowhere.
    let answer = server.ask(head(
        "GET",
        "/p",
        &["Authorization: Bearer x\r\nSet-Cookie: a=b"],
    ));
    answer.assert_refused(401);
    assert_eq!(answer.lines("set-cookie"), Vec::<String>::new());
    assert_eq!(answer.lines("www-authenticate").len(), 1);
}

#[actix_web::test]
async fn neg_02_what_is_hardly_an_authorization_is_none() {
    let none = ask(&bearer_only(), get("/p")).await;
    none.assert_refused(401);
    for value in [
        "",
        " ",
        "   ",
        "Bearer",
        "Bearer ",
        "Bearer    ",
        "bearer",
        "Bearer=abc",
        "Bearer:abc",
        "Bearerabc",
        "BearerX abc",
        "XBearer abc",
        " Bearer",
        ",",
        "=",
        ":",
        "\"Bearer\" user",
        "Bearer,user",
        "Bearer/user",
        "Bearer@user",
        "Be arer user",
        "user",
        "Bearer\u{3a}user",
    ] {
        let answer = ask(&bearer_only(), with_authorization("/p", value.as_bytes())).await;
        assert_eq!(answer.seen(), none.seen(), "{value:?}");
        assert_eq!(answer.calls, 0);
    }
}

#[test]
fn neg_02_the_same_holds_on_the_wire() {
    let server = Server::start(bearer_only());
    for value in [
        "",
        " ",
        "Bearer",
        "Bearer ",
        "Bearer=abc",
        "Bearer:abc",
        "Bearerabc",
        "BearerX abc",
    ] {
        let line = format!("Authorization:{value}");
        let answer = server.ask(head("GET", "/p", &[&line]));
        answer.assert_refused(401);
        assert_eq!(
            only_challenge(&answer),
            expected("Bearer", &[("realm", "api")]),
            "{value:?}"
        );
    }
}

#[test]
fn neg_03_bytes_beyond_ascii_are_refused() {
    let server = Server::start(all_schemes());
    for byte in 0x80..=0xff_u8 {
        for start in [&b"Bearer us"[..], b"Basic QWxh", b"", b"Bea"] {
            let mut request = b"GET /p HTTP/1.1\r\nHost: localhost\r\nAuthorization: ".to_vec();
            request.extend_from_slice(start);
            request.push(byte);
            request.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
            server.ask(&request).assert_refused(401);
        }
    }
}

#[test]
fn neg_04_a_value_of_64_kib_is_refused() {
    let server = Server::start(all_schemes());
    for start in [
        "Authorization: Bearer ",
        "Authorization: Basic ",
        "X-Api-Key: ",
        "Authorization: ",
    ] {
        let line = format!("{start}{}", "A".repeat(64 << 10));
        let answer = server.ask(head("GET", "/p", &[&line]));
        answer.assert_refused(401);
    }
    // More than actix-http reads of a head.
    let line = format!("Authorization: Bearer {}", "A".repeat(256 << 10));
    let answer = server.ask(head("GET", "/p", &[&line]));
    assert!((400..500).contains(&answer.status), "{answer:?}");
    assert_eq!(server.calls(), 0);
}

#[test]
fn neg_05_two_authorization_lines_are_never_first_or_last_wins() {
    let server = Server::start(all_schemes());
    for (first, second) in [
        ("Bearer admin", "Bearer admin"),
        ("Bearer admin", "Bearer nobody"),
        ("Bearer nobody", "Bearer admin"),
        ("Bearer admin", ""),
        ("", "Bearer admin"),
        ("Foo", "Bearer admin"),
    ] {
        let (first, second) = (
            format!("Authorization: {first}"),
            format!("authorization: {second}"),
        );
        for path in ["/p", "/r", "/o", "/k"] {
            server
                .ask(head("GET", path, &[&first, &second]))
                .assert_refused(400);
        }
    }
    let answer = server.ask(head(
        "GET",
        "/k",
        &["X-Api-Key: good-key", "X-Api-Key: good-key"],
    ));
    answer.assert_refused(400);
    assert_eq!(answer.lines("www-authenticate"), [r#"ApiKey realm="api""#]);
}

#[actix_web::test]
async fn neg_06_and_neg_07_credentials_of_another_scheme_are_none() {
    let ada = "Basic YWRhOmNvcnJlY3QtaG9yc2U=";
    let only_basic = api().scheme(basic()).build().unwrap();
    for (auth, path, value, challenge) in [
        (bearer_only(), "/p", ada, r#"Bearer realm="api""#),
        (
            only_basic,
            "/p",
            "Bearer user",
            r#"Basic realm="api", charset="UTF-8""#,
        ),
        (
            all_schemes(),
            "/b",
            "Bearer user",
            r#"Basic realm="api", charset="UTF-8""#,
        ),
        (
            all_schemes(),
            "/b",
            "Bearer nobody",
            r#"Basic realm="api", charset="UTF-8""#,
        ),
        (all_schemes(), "/k", "Bearer user", r#"ApiKey realm="api""#),
        (all_schemes(), "/k", ada, r#"ApiKey realm="api""#),
    ] {
        let answer = ask(&auth, with_authorization(path, value.as_bytes())).await;
        answer.assert_refused(401);
        assert_eq!(
            answer.lines("www-authenticate"),
            [challenge],
            "{path} {value}"
        );
        assert_eq!(answer.json()["detail"], "Authentication is required.");
    }
}

#[test]
fn neg_08_spellings_of_a_path_lead_to_the_guard_or_nowhere() {
    let server = Server::start(bearer_only());
    for path in [
        "/r",
        "/%72",
        "/%2572",
        "//r",
        "/r/",
        "/r//",
        "/r;a=b",
        "/;/r",
        "/./r",
        "/p/../r",
        "/p/..%2fr",
        "/%2e/r",
        "/R",
        "/r%20",
        "/r%0a",
        "/r%00",
        "/r.",
        "/r?x",
        "/r?/p",
        "/r#p",
        "/o/../r",
        "/o/../../r",
        "/r%2f",
        "/r%3bx",
        "\\r",
        "/%5cr",
        "/files/x",
        "/files/%2e%2e",
        "/files/..%2fr",
        "/files/x;y",
        "/files/x/../../o",
        "http://localhost/r",
        "http://elsewhere/r",
    ] {
        for lines in [&[][..], &["Authorization: Bearer user"]] {
            let answer = server.ask(head("GET", path, lines));
            assert!(
                [400, 401, 403, 404].contains(&answer.status),
                "{path}: {answer:?}"
            );
            assert_eq!(answer.calls, 0, "{path}");
            if answer.status == 401 || answer.status == 403 {
                answer.assert_refused(if lines.is_empty() { 401 } else { 403 });
            }
        }
    }
    let admin = ["Authorization: Bearer admin"];
    for path in ["/r", "/%72", "/r?x"] {
        assert_eq!(server.ask(head("GET", path, &admin)).status, 200, "{path}");
    }
}

#[actix_web::test]
async fn neg_09_names_that_proxies_write_give_no_identity() {
    let none = ask(&all_schemes(), get("/r")).await;
    none.assert_refused(401);
    for (name, value) in [
        ("x-original-url", "/o"),
        ("x-rewrite-url", "/o"),
        ("x-user", "ada"),
        ("x-forwarded-user", "ada"),
        ("x-remote-user", "ada"),
        ("remote-user", "ada"),
        ("x-authenticated-user", "ada"),
        ("x-roles", "admin"),
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("x-authorization", "Bearer admin"),
        ("authorization-bearer", "admin"),
        ("x-access-token", "admin"),
        ("cookie2", "session=good"),
    ] {
        let answer = ask(&all_schemes(), get("/r").insert_header((name, value))).await;
        assert_eq!(answer.seen(), none.seen(), "{name}");
        let answer = ask(
            &all_schemes(),
            with_bearer("/r", "user").insert_header((name, value)),
        )
        .await;
        answer.assert_refused(403);
    }
}
