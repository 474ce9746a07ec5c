//! What the tests share.

use std::io::Write as _;
use std::process::Command;

use auth_runtime::prelude::*;

/// The compiler that texts in the tree were written with: messages, and the public API. Update it
/// together with them.
pub const COMPILER: &str = "1.95";

/// Whether the compiler is the one that `what` was written with. Where it is another, this says so
/// on the standard error, past the test harness, which would keep it for itself.
#[must_use]
pub fn is_expected_compiler(what: &str) -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("--version").output();
    let version = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = version.unwrap_or_default();
    let is_expected = version.starts_with(&format!("rustc {COMPILER}."));
    if !is_expected {
        _ = writeln!(
            std::io::stderr(),
            "NOT TESTED: {what}, which is compared with rustc {COMPILER} only; this is {version:?}"
        );
    }
    is_expected
}

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
