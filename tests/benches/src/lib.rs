//! One app, guarded in several ways, and the requests to ask it with.

pub mod apps;
pub mod requests;
pub mod users;

pub use apps::{App, Feature, Guard};
pub use requests::Case;
