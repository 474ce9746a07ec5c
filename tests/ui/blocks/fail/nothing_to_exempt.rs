use auth_runtime::prelude::*;

#[not_a_handler]
async fn helper() {}

fn main() {}
