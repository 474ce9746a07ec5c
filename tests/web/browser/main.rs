//! The example `web_app` in a real browser.

#[path = "../app.rs"]
mod app;
mod chromium;

use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use fantoccini::Locator;
use serde_json::json;

use self::app::WebApp;
use self::chromium::Browser;

const ADA: [(&str, &str); 2] = [("name", "ada"), ("password", "correct-horse")];
const SOON: Duration = Duration::from_secs(5);

async fn log_in(browser: &Browser, app: &WebApp) {
    browser.go(&app.url("/login")).await;
    browser.submit(&ADA).await;
    assert!(browser.text().await.contains("Log out ada"));
}

#[actix_web::test]
async fn a_login_leads_back_to_where_the_browser_was_going() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    browser.go(&app.url("/account")).await;
    assert_eq!(browser.place().await, "/login?next=/account");
    // A wrong password says so, keeps the name, and still knows where to.
    browser
        .submit(&[("name", "ada"), ("password", "wrong")])
        .await;
    assert!(browser.text().await.contains("Wrong name or password."));
    assert_eq!(
        browser
            .run("return document.querySelector('[name=name]').value")
            .await,
        "ada"
    );
    assert_eq!(
        browser
            .run("return document.querySelector('[name=password]').value")
            .await,
        ""
    );
    browser.submit(&ADA).await;
    assert_eq!(browser.place().await, "/account");
    assert!(browser.text().await.contains("Logged in as ada."));
    browser.close().await;
}

#[actix_web::test]
async fn who_may_not_sees_a_page_and_is_not_sent_away() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    browser.go(&app.url("/login")).await;
    browser
        .submit(&[("name", "rob"), ("password", "battery-staple")])
        .await;
    browser.go(&app.url("/admin")).await;
    assert_eq!(browser.place().await, "/admin");
    assert!(
        browser
            .text()
            .await
            .contains("You are not allowed to do this.")
    );
    // A script is told, and not sent to a page for people.
    let status = "return fetch('/admin').then(answer => answer.status + ' ' + answer.redirected)";
    assert_eq!(browser.run(status).await, "403 false");
    browser.go(&app.url("/")).await;
    browser.press("Log out").await;
    let status = "return fetch('/api/me').then(answer => answer.status + ' ' + answer.redirected)";
    assert_eq!(browser.run(status).await, "401 false");
    browser.close().await;
}

#[actix_web::test]
async fn a_logout_in_one_tab_ends_the_stream_and_the_socket_of_the_other() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    log_in(&browser, &app).await;
    browser
        .run(
            "window.ticks = 0; window.interruptions = 0; window.echo = null; window.ending = null;
             window.events = new EventSource('/events');
             events.onerror = () => { window.interruptions += 1; };
             events.onmessage = () => { window.ticks += 1; };
             window.socket = new WebSocket('ws://' + location.host + '/ws');
             socket.onopen = () => socket.send('hello');
             socket.onmessage = message => { window.echo = message.data; };
             socket.onclose = close => { window.ending = [close.code, close.reason]; };",
        )
        .await;
    // They last for as long as the session does.
    let last = "return ticks > 3 && echo === 'hello' && ending === null && interruptions === 0";
    browser.wait_for(last, 2 * SOON).await;
    let first = browser.client.window().await.unwrap();
    let second = browser.client.new_window(true).await.unwrap().handle;
    browser.client.switch_to_window(second).await.unwrap();
    browser.go(&app.url("/account")).await;
    browser.press("Log out").await;
    assert!(browser.text().await.contains("You are not logged in."));
    browser.client.switch_to_window(first).await.unwrap();
    browser.wait_for("return ending !== null", SOON).await;
    let reason = "the credentials are not valid any more";
    assert_eq!(browser.run("return ending").await, json!([4401, reason]));
    // It comes again by itself, and is refused for good.
    browser
        .wait_for("return events.readyState === EventSource.CLOSED", 2 * SOON)
        .await;
    browser.close().await;
}

#[actix_web::test]
async fn a_session_is_ended_from_the_list_and_by_a_new_password() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let Some(other) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    log_in(&browser, &app).await;
    for change in [false, true] {
        log_in(&other, &app).await;
        browser.go(&app.url("/account")).await;
        let sessions = browser.client.find_all(Locator::Css("li")).await.unwrap();
        assert_eq!(sessions.len(), 2);
        if change {
            browser
                .submit(&[("old", "correct-horse"), ("new", "correct-stable")])
                .await;
        } else {
            let end = "//li[not(contains(., '(this one)'))]//button";
            let end = browser.client.find(Locator::XPath(end)).await.unwrap();
            browser.click(end).await;
        }
        assert_eq!(browser.place().await, "/account");
        let sessions = browser.client.find_all(Locator::Css("li")).await.unwrap();
        assert_eq!(sessions.len(), 1);
        other.go(&app.url("/")).await;
        assert!(other.text().await.contains("You are not logged in."));
    }
    other.close().await;
    browser.close().await;
}

/// A site of somebody else: every path has a form that posts to the app by itself.
fn evil(target: &str) -> u16 {
    let page = format!(
        "<!doctype html><title>evil</title>
         <form method=post action='{target}'><input name=text value='You were hacked'></form>
         <script>document.forms[0].submit()</script>"
    );
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(move || {
                let page = page.clone();
                let page = move || {
                    let page = page.clone();
                    async move { HttpResponse::Ok().content_type("text/html").body(page) }
                };
                App::new().default_service(web::to(page))
            });
            let server = server
                .workers(1)
                .disable_signals()
                .bind("127.0.0.1:0")
                .unwrap();
            sender.send(server.addrs()[0].port()).unwrap();
            server.run().await.unwrap();
        });
    });
    receiver.recv().unwrap()
}

#[actix_web::test]
async fn a_form_on_another_origin_cannot_post() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    log_in(&browser, &app).await;
    let port = evil(&app.url("/admin/notice"));
    // Another site, to which `SameSite=Lax` gives no cookie; and another origin of the same site,
    // to which it does: a port, and a host name beside.
    for (host, status) in [
        (
            "127.0.0.1",
            &["401 ", "Unauthorized", "/login", "Forbidden"][..],
        ),
        ("localhost", &["Forbidden"]),
        (
            "evil.localhost",
            &["401 ", "Unauthorized", "/login", "Forbidden"],
        ),
    ] {
        browser.go(&format!("http://{host}:{port}/")).await;
        let arrived = format!(
            "return location.port == '{}' && document.readyState === 'complete'",
            app.port
        );
        browser.wait_for(&arrived, SOON).await;
        let seen = format!("{} {}", browser.place().await, browser.text().await);
        assert!(
            status.iter().any(|status| seen.contains(status)),
            "{host}: {seen}"
        );
        browser.go(&app.url("/")).await;
        let text = browser.text().await;
        assert!(
            text.contains("There is no notice.") && text.contains("Log out ada"),
            "{host}: {text}"
        );
    }
    // The app's own form does.
    browser.go(&app.url("/admin")).await;
    browser.submit(&[("text", "Hello <b>there</b>")]).await;
    assert!(browser.text().await.contains("Hello <b>there</b>"));
    browser.close().await;
}

#[actix_web::test]
async fn the_cookie_is_as_the_browser_should_see_it() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    log_in(&browser, &app).await;
    let cookies = browser.client.get_all_cookies().await.unwrap();
    assert_eq!(cookies.len(), 1);
    let cookie = &cookies[0];
    assert_eq!(cookie.name(), "__Host-session");
    assert_eq!(cookie.secure(), Some(true));
    assert_eq!(cookie.http_only(), Some(true));
    assert_eq!(
        cookie.same_site().map(|same_site| same_site.to_string()),
        Some("Lax".into())
    );
    assert_eq!(cookie.path(), Some("/"));
    // For this host alone, and gone with the browser.
    assert_eq!(cookie.domain(), Some("localhost"));
    assert!(cookie.expires_datetime().is_none());
    assert_eq!(browser.run("return document.cookie").await, "");
    // Scripts of the page can set none of this name.
    browser
        .run("document.cookie = '__Host-session=planted; path=/; secure; domain=localhost'")
        .await;
    browser
        .run("document.cookie = 'session=planted; path=/'")
        .await;
    browser.go(&app.url("/account")).await;
    assert!(browser.text().await.contains("Logged in as ada."));
    // A login changes it, and a logout takes it.
    let before = cookie.value().to_owned();
    log_in(&browser, &app).await;
    let after = browser
        .client
        .get_named_cookie("__Host-session")
        .await
        .unwrap();
    assert_ne!(after.value(), before);
    browser.press("Log out").await;
    assert!(
        browser
            .client
            .get_named_cookie("__Host-session")
            .await
            .is_err()
    );
    browser.close().await;
}

#[actix_web::test]
async fn whoever_asked_to_be_remembered_has_a_cookie_that_lasts() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    browser.go(&app.url("/login")).await;
    let remember = browser
        .client
        .find(Locator::Css("[name=remember]"))
        .await
        .unwrap();
    remember.click().await.unwrap();
    browser.submit(&ADA).await;
    let cookie = browser
        .client
        .get_named_cookie("__Host-session")
        .await
        .unwrap();
    assert!(cookie.expires_datetime().is_some());
    browser.close().await;
}

#[actix_web::test]
async fn the_back_button_shows_nothing_after_a_logout() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    log_in(&browser, &app).await;
    browser.go(&app.url("/admin")).await;
    browser.go(&app.url("/account")).await;
    browser.press("Log out").await;
    for _ in 0..3 {
        browser.client.back().await.unwrap();
        let seen = format!("{} {}", browser.place().await, browser.text().await);
        assert!(!seen.contains("ada") && !seen.contains("Publish"), "{seen}");
    }
    browser.close().await;
}

#[actix_web::test]
async fn too_many_wrong_passwords_are_a_page_that_says_so() {
    let Some(browser) = Browser::start().await else {
        return;
    };
    let app = WebApp::start(None);
    browser.go(&app.url("/login")).await;
    for _ in 0..10 {
        browser
            .submit(&[("name", "ada"), ("password", "wrong")])
            .await;
    }
    assert!(browser.text().await.contains("Wrong name or password."));
    browser.submit(&ADA).await;
    assert!(
        browser
            .text()
            .await
            .contains("Too many failed attempts. Try again later.")
    );
    browser.picture("too_many.png", 1280, 800).await;
    browser.close().await;
}

#[actix_web::test]
async fn pages_fit_a_phone() {
    for (look, flags) in [
        ("light", &[][..]),
        ("dark", &["--blink-settings=preferredColorScheme=0"]),
    ] {
        let Some(browser) = Browser::start_with(flags).await else {
            return;
        };
        let app = WebApp::start(None);
        browser.go(&app.url("/login")).await;
        for (kind, width, height) in [("desktop", 1280, 800), ("phone", 390, 844)] {
            browser
                .picture(&format!("login_{look}_{kind}.png"), width, height)
                .await;
        }
        browser.submit(&ADA).await;
        for page in ["", "account", "admin"] {
            browser.go(&app.url(&format!("/{page}"))).await;
            for (kind, width, height) in [("desktop", 1280, 800), ("phone", 390, 844)] {
                browser.client.set_window_size(width, height).await.unwrap();
                browser
                    .picture(&format!("{page}_{look}_{kind}.png"), width, height)
                    .await;
                let fits = "return document.documentElement.scrollWidth <= document.documentElement.clientWidth";
                assert_eq!(browser.run(fits).await, json!(true), "{page} {kind}");
            }
        }
        browser.close().await;
    }
}
