//! What a handler says of requests from pages of other origins.

/// Whether pages of other origins may make a browser call a handler, where that can do harm: the
/// method is not safe, or it opens a WebSocket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CrossOrigin {
    /// They may not, where the browser adds the credentials of the caller by itself: session cookie,
    /// `Basic`, client certificate.
    #[default]
    NotWithAmbientCredentials,
    /// They may not, whatever the credentials: a login form (`same_origin`).
    Refused,
    /// They may, for this reason.
    Permitted(&'static str),
}

impl CrossOrigin {
    /// As the attribute says it; `None` where it says nothing.
    #[must_use]
    pub fn stated(self) -> Option<String> {
        match self {
            Self::NotWithAmbientCredentials => None,
            Self::Refused => Some("same_origin".to_owned()),
            Self::Permitted(reason) => Some(format!("cross_origin({reason:?})")),
        }
    }
}
