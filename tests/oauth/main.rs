//! An OAuth 2.0 resource server: step-up, resource metadata, introspection, revocation.

mod attacks;
mod coverage;
mod forwarded;
mod introspection;
mod intrusion;
mod mcp;
mod metadata;
mod metadata_scopes;
mod properties;
mod redis;
mod revocation;
mod scope_hierarchy;
mod single_flight;
mod step_up;
mod support;
