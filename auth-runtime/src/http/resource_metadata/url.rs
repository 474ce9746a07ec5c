//! URLs that this crate may publish.

/// The parts of an absolute URL, as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub(super) origin: &'a str,
    pub(super) path: &'a str,
    pub(super) query: Option<&'a str>,
}

/// Splits a URL with scheme `https`, or `http` on the loopback interface; `None` where it is
/// anything else, has a user or a fragment, or is not written as a client would send it: clients
/// compare it byte by byte (RFC 9728 §3.3).
pub(super) fn split(text: &str) -> Option<Parts<'_>> {
    let url = url::Url::parse(text).ok()?;
    let is_loopback = matches!(url.host_str()?, "localhost" | "127.0.0.1" | "[::1]");
    let (scheme, rest) = text.split_once("://")?;
    let is_protected = scheme == "https" || (scheme == "http" && is_loopback);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (tail, None),
    };
    // What the parser would have changed: dot segments, white space, other characters.
    let is_as_written = (path == url.path() || (path.is_empty() && url.path() == "/"))
        && query == url.query()
        && query != Some("")
        && url.fragment().is_none()
        && url.port() != Some(0)
        && authority.bytes().all(is_authority_byte)
        && tail.bytes().all(is_tail_byte)
        && has_whole_escapes(tail);
    let origin = text.get(..text.len() - tail.len())?;
    (is_protected && is_as_written).then_some(Parts {
        origin,
        path,
        query,
    })
}

/// A name, an address or a port; `@` is behind a user, whose password may be empty.
fn is_authority_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte)
}

/// RFC 3986 §3.3 and §3.4.
fn is_tail_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?%".contains(&byte)
}

/// RFC 3986 §2.1: `%` stands before two hexadecimal digits.
fn has_whole_escapes(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| {
        let mut digits = part.bytes().take(2).filter(u8::is_ascii_hexdigit);
        digits.next().is_some() && digits.next().is_some()
    })
}
