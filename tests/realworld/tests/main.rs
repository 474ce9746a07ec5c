//! The review tools and the application: nothing that is decided is accused, and nothing is missed.

mod behaviour;
mod document;
mod review;

const ADMIN: &str = r#"role("admin")"#;
const OWN_ARTICLE: &str = r#"any(role("admin"), policy(is_author))"#;

/// What each operation asks for.
const EXPECTED: [(&str, &str); 25] = [
    ("GET /health", "public"),
    ("POST /api/users", "public"),
    ("POST /api/users/login", "public"),
    ("GET /api/user", "authenticated"),
    ("PUT /api/user", "authenticated"),
    ("GET /api/profiles/{username}", "public"),
    ("POST /api/profiles/{username}/follow", "authenticated"),
    ("DELETE /api/profiles/{username}/follow", "authenticated"),
    ("GET /api/articles", "public"),
    ("POST /api/articles", r#"scope("articles:write")"#),
    ("GET /api/articles/feed", "authenticated"),
    ("GET /api/articles/{slug}", "public"),
    ("PUT /api/articles/{slug}", OWN_ARTICLE),
    ("DELETE /api/articles/{slug}", OWN_ARTICLE),
    ("POST /api/articles/{slug}/favorite", "authenticated"),
    ("DELETE /api/articles/{slug}/favorite", "authenticated"),
    ("GET /api/articles/{slug}/comments", "public"),
    ("POST /api/articles/{slug}/comments", "authenticated"),
    (
        "PUT /api/articles/{slug}/comments/{id}",
        "all(authenticated, policy(is_author))",
    ),
    (
        "DELETE /api/articles/{slug}/comments/{id}",
        r#"all(authenticated, any(role("admin"), policy(is_author)))"#,
    ),
    ("GET /api/tags", "public"),
    ("PUT /api/tags", ADMIN),
    ("GET /api/admin/users", ADMIN),
    ("PUT /api/admin/users/{username}", ADMIN),
    (
        "DELETE /api/admin/users/{username}",
        r#"all(role("admin"), max_age("15m"))"#,
    ),
];
