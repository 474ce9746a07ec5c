//! The attributes as functions from tokens to tokens.
//!
//! A crate of procedural macros exports nothing else. The build script copies its sources, with the
//! attributes of the compiler taken off its public functions and their types from `proc_macro2`,
//! which works outside of a compiler. So nothing in `auth-macros` has to know of the fuzzer.

#![allow(dead_code, reason = "the copied sources are linted where they stand")]

extern crate proc_macro;

include!(concat!(env!("OUT_DIR"), "/auth-macros/lib.rs"));
