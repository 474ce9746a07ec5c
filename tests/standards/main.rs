//! The rules of the RFCs, by the ids of the checklist: a test's name begins with the ids that it
//! shows. Examples of the RFCs stand in `vectors/`, each with its section.
//!
//! Rules without a test here, because there is nothing of the kind in these crates:
//!
//! | id | why |
//! |---|---|
//! | CH-22 | `Digest` is not implemented; neither is the exception of CH-07 that it needs. |
//! | U401-14 | Tokens bound to client certificates (RFC 8705) are not implemented. |
//! | BEARER-18 | Introspection (RFC 7662) is shown by the test package `tests/oauth`. |
//! | BEARER-19 | Introspection (RFC 7662) is shown by the test package `tests/oauth`. |
//! | CACHE-06 | Tokens in the query are never read (BEARER-13), so no answer depends on one. |
//! | CACHE-07 | DPoP (RFC 9449) is not implemented, and so no answer has a `DPoP-Nonce`. |
//! | CACHE-08 | `Client-Cert` (RFC 9440) is not read, and so no decision depends on it. |
//! | NEG-11 | What does not compile is shown by the test target `ui`. |

mod basic;
mod basic_options;
mod bearer;
mod cache;
mod ch;
mod cors;
mod coverage;
mod f403;
mod hm;
mod neg;
mod problem;
mod properties;
mod support;
mod trees;
mod u401;
