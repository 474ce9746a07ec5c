//! The access matrix in its forms.

use std::env;
use std::fs;
use std::process::{self, Command};

use auth_runtime::Principal;
use auth_runtime::model::{Access, Requirement};
use auth_runtime::review::{AccessMatrix, May};

use crate::matrix_of;

const PUBLISH: Access = Access::requires(Requirement::all(&[
    Requirement::scope("articles:write"),
    Requirement::any(&[
        Requirement::role("editor"),
        Requirement::policy("is_author", 0),
    ]),
]));
const UNBANNED: Access = Access::requires(Requirement::not(&Requirement::role("banned")));

fn sample() -> AccessMatrix {
    matrix_of(&[
        ("app::health", Access::public("a probe | `really`")),
        ("app::me", Access::requires(Requirement::AUTHENTICATED)),
        ("app::publish", PUBLISH),
        ("app::unbanned", UNBANNED),
    ])
}

#[test]
fn the_text_is_a_table() {
    assert_eq!(
        sample().to_string(),
        r#"handler        requirement                                                           callers                                                     routes
app::health    public("a probe | `really`")                                          anyone: a probe | `really`
app::me        authenticated                                                         any authenticated caller
app::publish   all(scope("articles:write"), any(role("editor"), policy(is_author)))  scope articles:write and (role editor or policy is_author)
app::unbanned  not(role("banned"))                                                   not role banned
"#
    );
}

#[test]
fn markdown_cells_cannot_be_broken_out_of() {
    let text = sample().to_markdown();
    let line = text.lines().nth(2).unwrap();
    assert_eq!(
        line,
        r#"| `app::health` |  | ``public("a probe \| `really`")`` | anyone: a probe \| \`really\` |"#
    );
}

#[test]
fn json_has_the_tree_and_the_names() {
    let json = sample().with_route("app::me", "GET", "/api/me").to_json();
    assert_eq!(json["roles"], serde_json::json!(["banned", "editor"]));
    assert_eq!(json["scopes"], serde_json::json!(["articles:write"]));
    let publish = &json["handlers"][2];
    assert_eq!(
        publish["tree"],
        serde_json::json!({ "all": [
            { "scope": "articles:write" },
            { "any": [{ "role": "editor" }, { "policy": "is_author" }] },
        ]})
    );
    assert_eq!(json["handlers"][0]["public"], "a probe | `really`");
    assert_eq!(
        json["handlers"][1]["routes"],
        serde_json::json!([{ "method": "GET", "path": "/api/me" }])
    );
}

#[test]
fn who_may_is_answered_as_the_guard_does() {
    let matrix = sample();
    let may = |caller: Option<Principal>| -> Vec<May> {
        let rows = matrix.rows().iter();
        rows.map(|row| row.may(caller.as_ref())).collect()
    };
    // `not(role("banned"))` is no way in for a stranger.
    assert_eq!(may(None), [May::Yes, May::No, May::No, May::No]);
    let known = Principal::new("x");
    assert_eq!(
        may(Some(known.clone())),
        [May::Yes, May::Yes, May::No, May::Yes]
    );
    assert_eq!(
        may(Some(known.clone().scope("articles:write"))),
        [May::Yes, May::Yes, May::Depends, May::Yes]
    );
    assert_eq!(
        may(Some(
            known.scope("articles:write").roles(["editor", "banned"])
        )),
        [May::Yes, May::Yes, May::Yes, May::No]
    );
}

#[test]
fn a_matrix_can_be_of_one_crate() {
    let all = AccessMatrix::collect();
    let ours = AccessMatrix::collect().of_crate("registry");
    assert_eq!(all.rows().len(), ours.rows().len());
    assert!(AccessMatrix::collect().of_crate("regis").rows().is_empty());
}

/// Opens the page, clicks as the script says, and gives the text of `#count` and the table.
fn in_chromium(chromium: &str, clicks: &str) -> String {
    let directory = env::temp_dir().join(format!("auth-page-{}", process::id()));
    fs::create_dir_all(&directory).unwrap();
    let file = directory.join("access.html");
    let page = sample().to_html("Access & <more>");
    let page = page.replace("</body>", &format!("<script>{{{clicks}}}</script></body>"));
    fs::write(&file, page).unwrap();
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", directory.join("d").display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .unwrap();
    fs::remove_dir_all(&directory).unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_filters_by_role_and_scope_in_a_browser() {
    let chromium = "/usr/bin/chromium";
    if !std::path::Path::new(chromium).exists() {
        eprintln!("{chromium} is not installed: the page was not opened");
        return;
    }
    let dom = in_chromium(
        chromium,
        r#"
        const press = name => [...document.querySelectorAll("button")]
            .find(button => button.textContent === name).click();
        const note = () => document.body.append(document.createElement("output"),
            document.getElementById("count").textContent);
        note();
        press("known"); note();
        press("articles:write"); note();
        press("editor"); press("banned"); document.getElementById("open").click(); note();
        const text = document.getElementById("text");
        text.value = "publish"; text.dispatchEvent(new Event("input")); note();
        "#,
    );
    for line in [
        "4 of 4 handlers; 1 open to an unauthenticated caller.",
        "4 of 4 handlers; 3 open to an authenticated caller with nothing more.",
        "4 of 4 handlers; 3 open to a caller with scope articles:write, and 1 may be, as a policy decides.",
        "3 of 4 handlers; 3 open to a caller with role editor, role banned, scope articles:write.",
        "1 of 4 handlers; 1 open to a caller with role editor, role banned, scope articles:write.",
    ] {
        assert!(dom.contains(line), "{line} is not in {dom}");
    }
    assert!(dom.contains("<h1>Access &amp; &lt;more&gt;</h1>"));
}
