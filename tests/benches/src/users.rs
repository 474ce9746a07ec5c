//! Who there is: the same four users for every guard.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher};

/// A token of a user with the role that the handlers ask for.
pub const ADMIN_TOKEN: &str = "mF_9.B5f-4.1JqM-ada";
/// A token of a user without it.
pub const READER_TOKEN: &str = "mF_9.B5f-4.1JqM-rob";
/// The role that the handlers ask for.
pub const ROLE: &str = "admin";

/// A look-up by token. Hashed with fixed keys, so that two runs count the same instructions.
pub type Tokens<User> = HashMap<String, User, BuildHasherDefault<DefaultHasher>>;

/// What is known of a user.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    pub token: &'static str,
    pub subject: &'static str,
    pub roles: &'static [&'static str],
    pub scopes: &'static [&'static str],
}

const RECORDS: [Record; 4] = [
    Record {
        token: ADMIN_TOKEN,
        subject: "ada",
        roles: &["editor", ROLE],
        scopes: &["reports:read"],
    },
    Record {
        token: "mF_9.B5f-4.1JqM-eve",
        subject: "eve",
        roles: &["editor"],
        scopes: &[],
    },
    Record {
        token: READER_TOKEN,
        subject: "rob",
        roles: &["reader"],
        scopes: &["reports:read"],
    },
    Record {
        token: "mF_9.B5f-4.1JqM-sue",
        subject: "sue",
        roles: &[],
        scopes: &[],
    },
];

/// The token table, with users of the guard's own making.
#[must_use]
pub fn tokens<User>(make: impl Fn(&Record) -> User) -> Tokens<User> {
    RECORDS
        .iter()
        .map(|record| (record.token.to_owned(), make(record)))
        .collect()
}

/// A user of an app that brings its own type.
#[derive(Debug)]
pub struct User {
    pub subject: String,
    pub roles: Vec<String>,
    pub scopes: Vec<String>,
}

impl User {
    #[must_use]
    pub fn new(record: &Record) -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            subject: record.subject.to_owned(),
            roles: owned(record.roles),
            scopes: owned(record.scopes),
        }
    }

    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }
}
