use auth_runtime::prelude::*;

#[not_a_handler(really)]
async fn helper() {}

fn main() {}
