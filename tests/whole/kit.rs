//! The test kit: requests of anybody, assertions that see what was decided, and nobody else's
//! principals.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use actix_web::dev::ServiceResponse;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, HttpMessage as _, HttpResponse, get, web};
use auth_runtime::audit::Memory;
use auth_runtime::denial::Reason;
use auth_runtime::prelude::*;
use auth_runtime::testing::{
    Answered as _, Denied, Guarded, TestRequestExt as _, check_denied, check_granted,
};
use auth_runtime::{Denial, assert_denied, assert_granted};

#[get("/me")]
#[requires_auth]
async fn me(caller: Authenticated) -> String {
    format!(
        "{} by {}",
        caller.subject(),
        caller.scheme().unwrap_or_default()
    )
}

#[get("/admin")]
#[requires_role("admin")]
async fn admin() -> &'static str {
    "admin"
}

#[get("/edit")]
#[requires(all(
    any(role("admin"), role("editor")),
    permission("articles:edit"),
    not(role("banned"))
))]
async fn edit() -> &'static str {
    "edit"
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
enum Role {
    #[role(implies(Clerk))]
    Head,
    Clerk,
}

#[get("/typed")]
#[requires_role(Role::Clerk)]
async fn typed() -> &'static str {
    "typed"
}

#[get("/export")]
#[requires(scope("reports:read"))]
async fn export() -> &'static str {
    "export"
}

#[get("/basic")]
#[requires(scheme(Basic))]
async fn by_basic() -> &'static str {
    "basic"
}

#[get("/policy")]
#[requires(policy(is_ada))]
async fn by_policy() -> &'static str {
    "policy"
}

async fn is_ada(caller: Authenticated) -> Result<Decision, std::io::Error> {
    match caller.subject() {
        "err" => Err(std::io::Error::other("no database")),
        subject => Ok(Decision::allow_if(subject == "ada")),
    }
}

#[get("/check/{number}")]
#[requires(check(|number: &web::Path<u8>| match **number {
    0 => Err("nothing can be said of zero"),
    number => Ok(number == 1),
}))]
async fn by_check(number: web::Path<u8>) -> String {
    number.to_string()
}

#[get("/recent")]
#[requires(all(role("admin"), max_age("15m"), acr("urn:example:mfa")))]
async fn recent() -> &'static str {
    "recent"
}

#[get("/hidden")]
#[requires_role("admin", hide)]
async fn hidden() -> &'static str {
    "hidden"
}

#[get("/missing")]
#[public(reason = "for everyone")]
async fn missing() -> HttpResponse {
    HttpResponse::NotFound().finish()
}

#[get("/by-handler")]
#[requires_auth]
async fn by_handler() -> Result<&'static str, Denial> {
    Err(Denial::forbidden("not on a Sunday"))
}

#[get("/forgotten")]
async fn forgotten() -> &'static str {
    "forgotten"
}

#[requires_role("admin")]
async fn greet(name: web::Path<String>, times: web::Query<(u8,)>) -> String {
    format!("Hello, {name}, {} times.", times.0.0)
}

fn builder() -> auth_runtime::AuthBuilder {
    Auth::builder()
        .realm("test")
        .scheme(Bearer::sync(|token: Secret<'_>| match token.expose() {
            "good" => Ok(Principal::new("bearer")),
            "old" => Err(VerifyError::expired()),
            "down" => Err(VerifyError::unavailable()),
            _ => Err(VerifyError::invalid()),
        }))
        .scheme(Basic::sync(|user: String, password: Secret<'static>| {
            password.ct_eq("p:w").then(|| Principal::new(user))
        }))
        .scheme(ApiKey::sync("X-Api-Key", |key: Secret<'_>| {
            key.ct_eq("k").then(|| Principal::new("key"))
        }))
        .clock(|| UNIX_EPOCH + Duration::from_secs(1000))
}

async fn answer_of(auth: Auth, request: TestRequest) -> ServiceResponse {
    let app = App::new()
        .app_data(auth)
        .service((me, admin, edit, export, by_basic, by_policy))
        .service((hidden, missing, by_handler, forgotten, typed))
        .service((by_check, recent));
    let app = init_service(app).await;
    call_service(&app, request.to_request()).await
}

async fn answer(request: TestRequest) -> ServiceResponse {
    answer_of(builder().build().unwrap(), request).await
}

fn get(path: &str) -> TestRequest {
    TestRequest::with_uri(path)
}

fn ada() -> Principal {
    Principal::new("ada")
}

async fn body(response: ServiceResponse) -> String {
    String::from_utf8(actix_web::test::read_body(response).await.to_vec()).unwrap()
}

#[actix_web::test]
async fn a_request_comes_from_whom_the_test_says() {
    assert_granted!(answer(get("/admin").principal(ada().role("admin"))).await);
    assert_denied!(
        answer(get("/admin").principal(ada())).await,
        MissingRole("admin")
    );
    assert_denied!(
        answer(get("/admin")).await,
        Unauthenticated | MissingRole("admin")
    );
    assert_eq!(
        body(answer(get("/me").principal(ada())).await).await,
        "ada by Bearer"
    );
    // Whatever stands on either side of it in the chain.
    let request = TestRequest::post()
        .principal(ada())
        .uri("/me")
        .method(actix_web::http::Method::GET);
    assert_granted!(answer(request).await);
}

#[actix_web::test]
async fn the_scheme_is_one_that_the_handler_accepts() {
    assert_granted!(answer(get("/basic").principal(ada())).await);
    assert_granted!(answer(get("/basic").principal_by("Basic", ada())).await);
    assert_denied!(
        answer(get("/basic").principal_by("Bearer", ada())).await,
        NoCredentials
    );
    assert_denied!(
        answer(get("/me").principal_by("Unknown", ada())).await,
        NoCredentials
    );
    assert_eq!(
        body(answer(get("/me").principal_by("ApiKey", ada())).await).await,
        "ada by ApiKey"
    );
}

#[actix_web::test]
async fn every_other_rule_holds_for_a_principal_of_the_kit() {
    let old = ada().with_expires_at(UNIX_EPOCH + Duration::from_secs(1000));
    assert_denied!(answer(get("/me").principal(old)).await, ExpiredCredentials);
    let auth = builder().deny_networks(["192.0.2.0/24"]).build().unwrap();
    let from = get("/me")
        .principal(ada())
        .peer_addr("192.0.2.1:1".parse().unwrap());
    let response = answer_of(auth, from).await;
    assert_denied!(response, Network);
    let message = check_granted(&response).unwrap_err();
    assert!(message.contains("`.peer_addr(..)`"), "{message}");
    assert_denied!(
        answer(get("/policy").principal(Principal::new("rob"))).await,
        PolicyDenied("is_ada")
    );
    assert_denied!(
        answer(get("/policy").principal(Principal::new("err"))).await,
        PolicyFailed("is_ada")
    );
    assert_granted!(answer(get("/policy").principal(ada())).await);
}

#[actix_web::test]
async fn a_check_and_a_step_up_are_named_by_their_kind() {
    let numbered = |path| answer(get(path).principal(ada()));
    assert_granted!(numbered("/check/1").await);
    assert_denied!(numbered("/check/2").await, CheckDenied);
    assert_denied!(numbered("/check/0").await, CheckFailed);
    let known = ada().role("admin");
    let response = answer(get("/recent").principal(known.clone())).await;
    assert_denied!(response, StepUp);
    let strong = known
        .with_authenticated_at(UNIX_EPOCH + Duration::from_secs(990))
        .with_acr("urn:example:mfa");
    assert_granted!(answer(get("/recent").principal(strong)).await);
}

/// Neither let in nor refused: the answer is the extractor's, and the handler did not run.
#[actix_web::test]
async fn arguments_that_a_check_cannot_have_are_not_granted() {
    let response = answer(get("/check/many").principal(ada())).await;
    assert_eq!(response.status(), 404);
    assert!(!response.was_granted() && response.denial().is_none());
}

#[actix_web::test]
async fn credentials_of_the_schemes_go_to_the_apps_own_verifiers() {
    assert_eq!(
        body(answer(get("/me").bearer("good")).await).await,
        "bearer by Bearer"
    );
    assert_eq!(
        body(answer(get("/me").basic("zoë", "p:w")).await).await,
        "zoë by Basic"
    );
    assert_eq!(
        body(answer(get("/me").api_key("x-api-key", "k")).await).await,
        "key by ApiKey"
    );
    assert_denied!(answer(get("/me").bearer("bad")).await, InvalidCredentials);
    assert_denied!(answer(get("/me").bearer("old")).await, ExpiredCredentials);
    assert_denied!(answer(get("/me").bearer("down")).await, Unavailable);
    assert_denied!(
        answer(get("/me").basic("ada", "wrong")).await,
        Unauthenticated
    );
    assert_denied!(
        answer(
            get("/me")
                .bearer("good")
                .append_header(("authorization", "Bearer bad"))
        )
        .await,
        AmbiguousCredentials
    );
}

#[actix_web::test]
async fn each_kind_of_denial_is_told_from_the_others() {
    let edit_as = |principal: Principal| answer(get("/edit").principal(principal));
    assert_denied!(edit_as(ada()).await, MissingRole("editor"));
    assert_denied!(
        edit_as(ada().role("editor")).await,
        MissingPermission("articles:edit")
    );
    let banned = ada()
        .role("editor")
        .permission("articles:edit")
        .role("banned");
    let response = edit_as(banned).await;
    assert_denied!(response, Forbidden);
    assert!(
        check_denied(&response, &[Denied::MissingRole("banned")]).is_err(),
        "it is there and should not be"
    );
    assert_denied!(
        answer(get("/export").principal(ada())).await,
        MissingScope("reports:read")
    );
    assert_denied!(answer(get("/hidden")).await, Hidden);
    assert_denied!(
        answer(get("/hidden").principal(ada())).await,
        MissingRole("admin")
    );
    assert_denied!(answer(get("/by-handler").principal(ada())).await, ByHandler);
}

#[actix_web::test]
async fn a_role_of_a_type_is_named_as_it_is_on_the_wire() {
    let as_role = |role: Role| answer(get("/typed").principal(ada().role(role)));
    assert_granted!(as_role(Role::Clerk).await);
    assert_granted!(as_role(Role::Head).await);
    assert_denied!(
        answer(get("/typed").principal(ada())).await,
        MissingRole("clerk")
    );
}

#[actix_web::test]
async fn granted_means_that_a_guard_let_it_in() {
    assert_granted!(answer(get("/missing")).await);
    for (request, told) in [
        (get("/nowhere"), "nothing was decided: 404 Not Found"),
        (
            get("/forgotten").principal(ada()),
            "nothing was decided: 200 OK",
        ),
        (get("/admin"), "it was denied: 401 Unauthorized"),
        (
            get("/by-handler").principal(ada()),
            "it was denied: 403 Forbidden: not on a Sunday",
        ),
    ] {
        let message = check_granted(&answer(request).await).unwrap_err();
        assert!(message.contains(told), "{message}");
    }
}

#[actix_web::test]
async fn denied_means_that_a_guard_refused_it() {
    for (request, told) in [
        (get("/nowhere"), "nothing was decided: 404 Not Found"),
        (get("/missing"), "it was granted: 404 Not Found"),
        (
            get("/admin"),
            "it was denied: 401 Unauthorized: no credentials",
        ),
    ] {
        let expected = [Denied::Hidden, Denied::MissingRole("admin")];
        let message = check_denied(&answer(request).await, &expected).unwrap_err();
        assert!(
            message.starts_with(
                "expected that access is denied by Hidden or MissingRole(\"admin\"), but "
            ) && message.contains(told),
            "{message}"
        );
    }
}

#[actix_web::test]
#[should_panic(expected = "expected that access is granted, but it was denied: 401")]
async fn a_failed_assertion_says_what_came_instead() {
    assert_granted!(answer(get("/admin")).await);
}

#[actix_web::test]
async fn a_handler_is_called_directly() {
    let arguments = (web::Path::from("ada".to_owned()), web::Query((3,)));
    assert_eq!(
        greet(Guarded::for_test(arguments)).await,
        "Hello, ada, 3 times."
    );
}

#[actix_web::test]
async fn the_audit_log_has_both_outcomes() {
    let log = Memory::new();
    let auth = builder().audit(log.clone()).build().unwrap();
    answer_of(auth.clone(), get("/me").principal(ada())).await;
    answer_of(auth, get("/me")).await;
    let events = log.take();
    assert_eq!(events[0].subject.as_deref(), Some("ada"));
    assert_eq!(
        (events[0].scheme, &events[0].reason),
        (Some("Bearer"), &None)
    );
    assert_eq!(events[1].reason, Some(Reason::NoCredentials));
}

/// The header is there for the kit, and proves nothing in anybody else's hands.
#[actix_web::test]
async fn a_principal_of_the_kit_cannot_be_forged_by_a_client() {
    let header = "x-auth-runtime-test-principal";
    let real = get("/admin").principal(ada().role("admin")).to_request();
    let ticket = real
        .headers()
        .get(header)
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(ticket.len(), 32);
    let mut guesses = vec![
        String::new(),
        "0".repeat(32),
        "ada".to_owned(),
        "admin".to_owned(),
        "*".to_owned(),
        ticket.to_uppercase() + "x",
        ticket[..31].to_owned(),
        format!(" {ticket}, {ticket}"),
    ];
    // The neighbours of a ticket that is known.
    let number = u128::from_str_radix(&ticket, 16).unwrap();
    guesses.extend(
        (1..100)
            .flat_map(|step| [number.wrapping_add(step), number.wrapping_sub(step)])
            .map(|guess| format!("{guess:032x}")),
    );
    for guess in guesses {
        let response = answer(get("/admin").insert_header((header, guess.as_str()))).await;
        assert_denied!(response, NoCredentials);
    }
}

#[actix_web::test]
async fn tickets_of_two_requests_differ() {
    let ticket = |principal| {
        let request = get("/").principal(principal).to_request();
        request
            .headers()
            .get("x-auth-runtime-test-principal")
            .cloned()
            .unwrap()
    };
    assert_ne!(ticket(ada()), ticket(ada()));
}

#[actix_web::test]
async fn two_requests_have_the_principal_of_their_own() {
    let (first, second) = (
        get("/me").principal(ada()),
        get("/me").principal(Principal::new("rob")),
    );
    assert_eq!(body(answer(second).await).await, "rob by Bearer");
    assert_eq!(body(answer(first).await).await, "ada by Bearer");
    let nobody = answer(get("/me")).await;
    assert_eq!(nobody.denial().unwrap().status(), 401);
}

/// Whatever brings the kit's principals into a request stands behind the feature.
#[test]
fn without_the_feature_there_is_nothing_to_switch_on() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../auth-runtime/src");
    let mut pending = vec![source.clone()];
    let mut seen = 0;
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let inside = path.strip_prefix(&source).unwrap();
        if inside.starts_with("testing") || inside == Path::new("enforce/impersonation.rs") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        for (position, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let names_the_kit = [
                "impersonation",
                "impersonate",
                "for_test",
                "mod testing",
                "was_granted",
            ]
            .iter()
            .any(|word| code.contains(word));
            if names_the_kit {
                seen += 1;
                // The line before the statement, or before the item around it.
                let before = &lines[..position];
                let guard = before.iter().rposition(|line| {
                    line.contains("#[cfg(") && line.contains("feature = \"testing\"")
                });
                let is_guarded = guard.is_some_and(|guard| {
                    lines[guard..position]
                        .iter()
                        .skip(1)
                        .all(|line| !line.starts_with('}'))
                });
                assert!(is_guarded, "{}:{}: {line}", path.display(), position + 1);
            }
            // The lock file is rewritten by its test, on demand.
            let may_read_variables = inside.starts_with("review/registry");
            assert!(
                may_read_variables || !code.contains("env::var"),
                "{}: {line}",
                path.display()
            );
        }
    }
    assert!(seen >= 5, "{seen}");
}
