//! Scopes that imply others: BEARER-17, MCP-10.

use std::collections::BTreeSet;

use actix_web::{HttpRequest, get, web};
use auth_runtime::AuthBuilder;
use auth_runtime::model::ScopeHierarchyError;
use auth_runtime::oauth::ResourceMetadata;
use auth_runtime::prelude::*;
use auth_runtime::{ConfigurationError, Denial};
use proptest::prelude::*;

use crate::support::{Answer, answer, get, parameters, with_token};

#[get("/read")]
#[requires_scope("files:read")]
async fn read() -> &'static str {
    "ok"
}

#[get("/read-and-audit")]
#[requires_scope(all("files:read", "audit"))]
async fn read_and_audit() -> &'static str {
    "ok"
}

#[get("/not-read")]
#[requires(not(scope("files:read")))]
async fn not_read() -> &'static str {
    "ok"
}

#[get("/any")]
#[requires(any(all(scope("files:read"), scope("files:write")), scope("audit")))]
async fn either() -> &'static str {
    "ok"
}

#[get("/policy")]
#[requires(policy(reads))]
async fn policy() -> &'static str {
    "ok"
}

async fn reads(caller: Authenticated) -> Decision {
    Decision::allow_if(caller.has_scope("files:read"))
}

#[get("/asked/{scope}")]
#[requires_auth]
async fn asked(
    request: HttpRequest,
    caller: Authenticated,
    scope: web::Path<usize>,
) -> Result<String, Denial> {
    let scope = NAMES[*scope];
    let holds = caller.require_scopes(&request, &[scope]);
    assert_eq!(holds.is_ok(), caller.has_scope(scope));
    holds.map(|()| caller.scope_names().collect::<Vec<_>>().join(" "))
}

const NAMES: [&str; 6] = ["s0", "s1", "s2", "s3", "s4", "s5"];

/// A token is the list of its scopes, in characters that a token may have.
fn builder() -> AuthBuilder {
    Auth::builder()
        .realm("files")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            let scopes = token.expose().replace('~', ":").replace('.', "*");
            Some(Principal::new("ada").scopes(scopes.split('+')))
        }))
        .resource_metadata(
            ResourceMetadata::new("https://h").authorization_server("https://as.example"),
        )
}

fn with_hierarchy() -> Auth {
    builder()
        .scope_implies("admin", ["files:write", "audit"])
        .scope_implies("files:write", ["files:read"])
        .build()
        .unwrap()
}

async fn ask(auth: &Auth, path: &str, scopes: &str) -> Answer {
    let token = scopes.replace(':', "~").replace('*', ".").replace(' ', "+");
    answer!(
        auth,
        [read, read_and_audit, not_read, either, policy, asked],
        with_token(get(path), &token)
    )
}

#[actix_web::test]
async fn bearer_17_and_mcp_10_a_broader_scope_implies_the_narrower_where_it_is_declared() {
    let (with, without) = (with_hierarchy(), builder().build().unwrap());
    let table = [
        // The scopes held; whether each path is open, with the hierarchy and without.
        (
            "files:read",
            [true, false, false, false, true],
            [true, false, false, false, true],
        ),
        (
            "files:write",
            [true, false, false, true, true],
            [false, false, true, false, false],
        ),
        (
            "admin",
            [true, true, false, true, true],
            [false, false, true, false, false],
        ),
        (
            "audit",
            [false, false, true, true, false],
            [false, false, true, true, false],
        ),
        (
            "files:write audit",
            [true, true, false, true, true],
            [false, false, true, true, false],
        ),
        (
            "Admin",
            [false, false, true, false, false],
            [false, false, true, false, false],
        ),
        (
            "admins",
            [false, false, true, false, false],
            [false, false, true, false, false],
        ),
        (
            "files:*",
            [false, false, true, false, false],
            [false, false, true, false, false],
        ),
        (
            "admin:files",
            [false, false, true, false, false],
            [false, false, true, false, false],
        ),
    ];
    for (held, with_it, without_it) in table {
        for (auth, expected) in [(&with, with_it), (&without, without_it)] {
            let paths = ["/read", "/read-and-audit", "/not-read", "/any", "/policy"];
            for (path, is_open) in paths.into_iter().zip(expected) {
                let status = if is_open { 200 } else { 403 };
                assert_eq!(ask(auth, path, held).await.status, status, "{held} {path}");
            }
        }
    }
}

#[actix_web::test]
async fn bearer_17_an_asterisk_means_what_the_app_says() {
    let auth = builder()
        .scope_implies("files:*", ["files:read"])
        .build()
        .unwrap();
    assert_eq!(ask(&auth, "/read", "files:*").await.status, 200);
    for other in ["*", "files:**", "files:rea*", "files:"] {
        assert_eq!(ask(&auth, "/read", other).await.status, 403, "{other}");
    }
}

#[actix_web::test]
async fn mcp_04_and_mcp_10_the_challenge_names_what_the_handler_needs_and_not_what_implies_it() {
    let auth = with_hierarchy();
    for (path, held, scope) in [
        ("/read", "other", "files:read"),
        // All that is needed, also what is held already by another name.
        ("/read-and-audit", "files:write", "files:read audit"),
        ("/any", "files:read", "files:read files:write"),
    ] {
        let answer = ask(&auth, path, held).await;
        assert_eq!(answer.status, 403);
        let found = parameters(answer.challenges()[0]);
        let value = |name: &str| {
            let held = found.iter().find(|(held, _)| held == name);
            held.map(|(_, value)| value.as_str())
        };
        assert_eq!(value("error"), Some("insufficient_scope"));
        assert_eq!(value("scope"), Some(scope), "{path} {held}");
        assert!(value("resource_metadata").is_some());
        // What was asked for is enough.
        assert_eq!(ask(&auth, path, scope).await.status, 200);
    }
    // A scope that would take away as much as it gives is not asked for.
    let answer = ask(&auth, "/not-read", "admin").await;
    assert_eq!(
        (answer.status.as_u16(), answer.challenges().len()),
        (403, 0)
    );
}

#[actix_web::test]
async fn scope_names_are_those_of_the_token() {
    let auth = builder().scope_implies("s0", ["s1"]).build().unwrap();
    let answer = ask(&auth, "/asked/1", "s0").await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "s0"));
}

#[test]
fn a_circle_is_a_configuration_error() {
    let error = builder()
        .scope_implies("a", ["b", "c"])
        .scope_implies("c", ["d"])
        .scope_implies("d", ["a"])
        .build()
        .unwrap_err();
    let circle = ["a", "c", "d", "a"].map(str::to_owned).to_vec();
    assert_eq!(
        error,
        ConfigurationError::ScopeHierarchy(ScopeHierarchyError::Cycle(circle))
    );
    assert!(
        error
            .to_string()
            .contains("`a` implies `c` implies `d` implies `a`")
    );
}

/// Reachability written another way: squares of a matrix until nothing changes.
fn closure(edges: &BTreeSet<(usize, usize)>) -> [[bool; 6]; 6] {
    let mut reaches = [[false; 6]; 6];
    for &(from, to) in edges {
        reaches[from][to] = true;
    }
    for by in 0..6 {
        for from in 0..6 {
            for to in 0..6 {
                reaches[from][to] |= reaches[from][by] && reaches[by][to];
            }
        }
    }
    reaches
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn implied_is_what_can_be_reached_and_circles_are_refused(
        edges in prop::collection::btree_set((0..6_usize, 0..6_usize), 0..9),
        held in prop::collection::vec(any::<bool>(), 6),
    ) {
        let reaches = closure(&edges);
        let built = edges
            .iter()
            .fold(builder(), |builder, &(from, to)| {
                builder.scope_implies(NAMES[from], [NAMES[to]])
            })
            .build();
        let has_circle = (0..6).any(|scope| reaches[scope][scope]);
        prop_assert_eq!(built.is_err(), has_circle, "{:?}", edges);
        if let Err(ConfigurationError::ScopeHierarchy(ScopeHierarchyError::Cycle(circle))) = &built {
            let index = |name: &String| NAMES.iter().position(|known| known == name).unwrap();
            prop_assert_eq!(circle.first(), circle.last());
            let is_declared = circle
                .windows(2)
                .all(|pair| edges.contains(&(index(&pair[0]), index(&pair[1]))));
            prop_assert!(is_declared, "{:?}", circle);
        }
        let Ok(auth) = built else { return Ok(()) };
        let names: Vec<&str> = (0..6).filter(|one| held[*one]).map(|one| NAMES[one]).collect();
        let token = if names.is_empty() { "none".to_owned() } else { names.join(" ") };
        let statuses: Vec<u16> = actix_web::rt::System::new().block_on(async {
            let mut statuses = Vec::new();
            for scope in 0..6 {
                statuses.push(ask(&auth, &format!("/asked/{scope}"), &token).await.status.as_u16());
            }
            statuses
        });
        let expected: Vec<u16> = (0..6)
            .map(|scope| {
                let is_implied = (0..6).any(|by| held[by] && (by == scope || reaches[by][scope]));
                if is_implied { 200 } else { 403 }
            })
            .collect();
        prop_assert_eq!(statuses, expected, "{:?} {:?}", edges, names);
    }
}
