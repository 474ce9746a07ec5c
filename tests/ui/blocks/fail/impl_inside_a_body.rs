use auth_runtime::prelude::*;

#[requires_role("admin")]
mod handlers {
    pub async fn proper() -> &'static str {
        "proper"
    }

    const _: () = {
        impl super::Articles {
            pub fn list() -> std::future::Ready<String> {
                std::future::ready(String::from("open"))
            }
        }
    };
}

struct Articles;

fn main() {}
