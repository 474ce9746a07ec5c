//! `#[derive(Role)]`: any type gives an impl or an error.
#![no_main]

use auth_fuzz::assert_expansion;
use libfuzzer_sys::fuzz_target;
use quote::ToTokens as _;
use syn::{File, Item};

fuzz_target!(|data: &str| {
    let Ok(file) = syn::parse_str::<File>(data) else {
        return;
    };
    for item in file.items {
        if matches!(item, Item::Enum(_) | Item::Struct(_) | Item::Union(_)) {
            assert_expansion(&auth_attributes::derive_role(item.into_token_stream()));
        }
    }
});
