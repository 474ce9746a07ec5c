//! What the tests of the standards share: callers, an app, and how to look at an answer.

pub mod answer;
pub mod app;
pub mod callers;
pub mod challenge;
pub mod wire;

pub use answer::Answer;
pub use app::{Calls, ask, get, with_bearer};
pub use callers::{all_schemes, api, api_key, basic, bearer, bearer_only, cookie};
pub use challenge::{assert_no_challenge, challenges, only_challenge};
