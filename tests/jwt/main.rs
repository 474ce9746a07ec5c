//! Signed tokens, by the ids of the checklist, and the keys that verify them.

mod asking;
mod minting;

mod attacks;
mod cache;
mod claims;
mod configuration;
mod edges;
mod first_party;
mod form;
mod https;
mod intrusion;
mod issuing;
mod jwks;
mod kit;
mod providers;
mod rotation;
mod signature;
mod tls;
