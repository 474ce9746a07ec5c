//! What a database would keep.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use auth_runtime::Principal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Article {
    pub slug: String,
    pub title: String,
    #[serde(default)]
    pub author: String,
    #[serde(default)]
    pub favorites: Vec<String>,
    #[serde(default)]
    pub comments: Vec<Comment>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Comment {
    #[serde(default)]
    pub id: u64,
    #[serde(default)]
    pub author: String,
    pub body: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub username: String,
    #[serde(default)]
    pub bio: String,
    #[serde(default)]
    pub followers: Vec<String>,
}

#[derive(Debug, Default)]
pub struct Tables {
    pub articles: BTreeMap<String, Article>,
    pub users: BTreeMap<String, User>,
    pub tags: Vec<String>,
}

pub struct Store(Mutex<Tables>);

impl Store {
    /// With the article `hello` of `eve`, who has the comment 1 of `rob` under it.
    #[must_use]
    pub fn with_samples() -> Self {
        let hello = Article {
            slug: "hello".to_owned(),
            title: "Hello".to_owned(),
            author: "eve".to_owned(),
            favorites: Vec::new(),
            comments: vec![Comment {
                id: 1,
                author: "rob".to_owned(),
                body: "First".to_owned(),
            }],
        };
        let users = ["ada", "eve", "rob"].map(|name| {
            let user = User {
                username: name.to_owned(),
                ..User::default()
            };
            (name.to_owned(), user)
        });
        Self(Mutex::new(Tables {
            articles: BTreeMap::from([(hello.slug.clone(), hello)]),
            users: BTreeMap::from(users),
            tags: vec!["rust".to_owned()],
        }))
    }

    pub fn tables(&self) -> MutexGuard<'_, Tables> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A real app asks a database for the session of the token.
#[must_use]
pub fn find_session(token: &str) -> Option<Principal> {
    match token {
        "token-of-ada" => Some(Principal::new("ada").role("admin")),
        "token-of-eve" => Some(Principal::new("eve").scope("articles:write")),
        "token-of-rob" => Some(Principal::new("rob")),
        _ => None,
    }
}
