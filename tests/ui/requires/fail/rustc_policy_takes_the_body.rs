use auth_runtime::prelude::*;

async fn is_author(_body: actix_web::web::Json<u8>) -> Decision {
    Decision::deny("nobody is")
}

#[requires(policy(is_author))]
async fn list() -> String {
    String::new()
}

fn main() {}
