//! A role type with a mistake, and its uses: the mistake is reported alone.
use auth_runtime::prelude::*;

#[derive(Clone, Copy, Debug, Role)]
enum Rank {
    #[role(implies(Edtor))]
    Admin,
    Editor,
}

#[requires_role(Rank::Editor)]
async fn list() -> String {
    Rank::Admin.to_string()
}

fn main() {
    let _ = "admin".parse::<Rank>();
}
