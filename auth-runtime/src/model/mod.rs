//! What a decision is made of: principals, roles, requirements and their evaluation.
//!
//! Nothing here knows a request or waits for anything.

pub(crate) mod clock;
pub(crate) mod containment;
pub(crate) mod cross_origin;
pub(crate) mod decision;
pub(crate) mod handler;
pub(crate) mod names;
pub(crate) mod principal;
pub(crate) mod requirement;
pub(crate) mod role;
pub(crate) mod scope;
pub(crate) mod secret;

pub use self::clock::Clock;
pub use self::cross_origin::CrossOrigin;
pub use self::handler::HandlerName;
pub use self::requirement::evaluate::{
    PolicyAnswer, Verdict, accepts_scheme, evaluate, evaluate_at,
};
pub use self::requirement::explain::{Lack, StepUp, explain, explain_at, scopes_of};
pub use self::requirement::{Access, CheckId, NamedPart, PolicyId, Requirement};
pub use self::role::{RoleSet, TypedRole, UnknownRole};
pub use self::scope::ScopeHierarchyError;
