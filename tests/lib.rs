//! What the tests share.

use auth_runtime::prelude::*;

/// A role type of another crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Role)]
pub enum SharedRole {
    /// May edit.
    SharedEditor,
    /// May read.
    SharedReader,
}

/// A policy that allows.
pub async fn gate() -> Decision {
    Decision::allow_if(true)
}

/// A condition that holds.
#[must_use]
pub fn holds(_: &Principal) -> bool {
    true
}

requirement! {
    /// Holds.
    pub Gate = policy(gate);
}

/// A handler that asks for what this crate says, and for what the caller of the macro says.
#[macro_export]
macro_rules! behind {
    ($name:ident $path:literal ($($own:tt)*) ($($more:tt)*)) => {
        #[::actix_web::get($path)]
        #[::auth_runtime::requires(all($($own)*, any(role("nobody"), $($more)*)))]
        async fn $name() -> &'static str {
            "in"
        }
    };
    (policy $name:ident $path:literal $($more:tt)*) => {
        $crate::behind!($name $path (policy($crate::gate)) ($($more)*));
    };
    (check $name:ident $path:literal $($more:tt)*) => {
        $crate::behind!($name $path (check(|user: &auth_runtime::Principal| $crate::holds(user))) ($($more)*));
    };
    (named $name:ident $path:literal $($more:tt)*) => {
        $crate::behind!($name $path ($crate::Gate) ($($more)*));
    };
}
