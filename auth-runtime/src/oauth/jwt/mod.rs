//! Signed access tokens (RFC 9068, RFC 7519), verified as RFC 8725 asks.
//!
//! ```
//! use auth_runtime::prelude::*;
//! use auth_runtime::oauth::jwt::{Algorithm, Issuer, Jwt, Key};
//!
//! # let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----";
//! let auth = Auth::builder()
//!     .realm("articles")
//!     .scheme(Bearer::jwt(
//!         Jwt::builder()
//!             .audience("https://articles.example")
//!             .issuer(Issuer::new("https://id.example").key(Key::pem(Algorithm::EdDsa, pem)?)),
//!     ))
//!     .build()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A token without `kid` is tried with up to four keys for its algorithm, in the order in which they
//! are configured or published: an issuer with more keys has to name them.
//!
//! With the feature `jwks` the keys come from the issuer itself and follow its rotations:
//! `Issuer::new("https://id.example").discover()`.
//!
//! Tokens are access tokens by their header, `typ: at+jwt`, and have `client_id`, `jti` and `iat`.
//! Those of many servers, of libraries and of web pages that make tokens to try out have
//! `typ: JWT`: [`Issuer::untyped`] accepts them, and the presets, such as [`Issuer::keycloak`], know
//! their servers.
//!
//! An app that has no authorization server issues tokens itself: [`TokenSigner`].
//!
//! # Rotation and outage
//!
//! What is promised, with the settings that [`Refresh`] has by default, of keys that the issuer
//! publishes:
//!
//! - To the holder of a valid token: it is never 401 because its key is new. Its key is fetched when the
//!   first token of it comes, announced or not, and the request waits for it. Where it cannot be
//!   fetched now, the answer is 503, and the key is looked for when `Retry-After` has passed: 10
//!   seconds at most while strangers use up the fetches with key ids that they made up, 5 seconds
//!   after a fetch that failed.
//! - While the issuer is away, tokens of known keys are accepted for up to 24 hours.
//! - To the issuer: whatever the number of tokens and of strangers, five fetches at once after a time
//!   without any, and then one each 10 seconds. Answers are asked for again only if they have
//!   changed (`ETag`), and a fleet does not ask all at once.
//! - To a stranger: 401 where the issuer was asked after the token came, else 503; never access.
//!
//! # What is checked
//!
//! In this order: the length; three parts of strict base64url; header and payload as JSON objects
//! without duplicate names; no `crit`, nothing that brings a key; the algorithm is allowed; the
//! issuer is trusted; the type; audience, subject and required claims; `nbf`; the signature, by a
//! key of that issuer whose own algorithm it is; `exp`. What fails is 401
//! `invalid_token` (RFC 9068 §4), and the log has the reason at `debug`; keys that cannot be had
//! are 503.
//!
//! Tokens that end before they expire: [`Revocations::protect`] around the verifier.
//!
//! [`Revocations::protect`]: crate::oauth::revocation::Revocations::protect
//!
//! # Security
//!
//! A client that authenticates for itself may have an id, and so a `sub`, that reads like a user's
//! (RFC 9068 §5). An authorization server should prevent that; where yours does not, compare
//! `client_id` as well. Tokens that are bound to a key (`cnf`) are refused: they are no bearer
//! tokens.

mod algorithm;
mod builder;
mod cache;
mod claims;
mod fault;
mod file;
mod issuer;
mod key;
mod key_set;
mod mapping;
mod presets;
mod refreshing;
#[cfg(feature = "jwks")]
mod remote;
mod signer;
mod signing;
mod token;
mod verifier;
mod verify;

pub use self::algorithm::Algorithm;
pub use self::builder::{IntoJwt, JwtBuilder};
pub use self::fault::JwtError;
pub use self::issuer::Issuer;
pub use self::key::Key;
pub use self::mapping::{ClaimMapping, ClaimPath};
pub use self::refreshing::Refresh;
pub use self::signer::{OwnToken, TokenSigner};
pub use self::signing::SigningKey;
#[cfg(feature = "testing")]
pub(crate) use self::signing::random_id;
pub use self::verify::Jwt;
