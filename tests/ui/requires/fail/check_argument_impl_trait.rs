use auth_runtime::prelude::*;

#[requires(check(|body: &String| body.is_empty()))]
async fn list(body: impl actix_web::FromRequest + 'static) -> String {
    let _ = body;
    String::new()
}

fn main() {}
