//! Identity: nobody is ever taken for somebody else.

use std::sync::atomic::{AtomicUsize, Ordering};

use auth_runtime::prelude::*;

use crate::support::gate::yields;

mod interleaved;
mod together;

/// A number that looks random, the same at every run.
fn scramble(number: usize) -> usize {
    let mut state = (number as u64).wrapping_add(0x9E37_79B9_7F4A_7C15);
    state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    usize::try_from((state ^ (state >> 31)) >> 40).unwrap()
}

/// `s<n>` stands for subject `s<n>`, whose one role is `r<n % 20>`; odd ones are editors.
fn of_token(token: &str) -> Option<Principal> {
    let number: usize = token.strip_prefix('s')?.parse().ok()?;
    let principal = Principal::new(token)
        .role(format!("r{}", number % 20))
        .with(number);
    Some(if number % 2 == 1 {
        principal.role("editor")
    } else {
        principal
    })
}

/// Yields to the others a number of times that differs from request to request.
fn yielding() -> Bearer {
    let turn = AtomicUsize::new(0);
    Bearer::new(move |token: Secret<'static>| {
        let turn = turn.fetch_add(1, Ordering::SeqCst);
        async move {
            yields(scramble(turn) % 17).await;
            of_token(token.expose())
        }
    })
}
