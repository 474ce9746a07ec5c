//! The proof of a subtype does not do either.
use auth_runtime::Authorized;

fn shorten(may: Authorized<for<'a> fn(&'a u8)>) -> Authorized<fn(&'static u8)> {
    may
}

fn main() {}
