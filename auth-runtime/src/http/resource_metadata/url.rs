//! URLs that this crate may publish or call.

/// The parts of an absolute URL that this crate may publish or call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Url<'a> {
    pub(crate) origin: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: Option<&'a str>,
}

/// Splits a URL with scheme `https`, or `http` on the loopback interface; `None` where it is
/// anything else, has a user or a fragment, or holds what would have to be decoded first.
pub(crate) fn split(url: &str) -> Option<Url<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end)?;
    let host = match authority.strip_prefix('[') {
        Some(address) => {
            let (address, port) = address.split_once(']')?;
            let is_address = address
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b':');
            (is_address && is_port(port)).then_some(address)?
        }
        None => {
            let end = authority.find(':').unwrap_or(authority.len());
            let (host, port) = authority.split_at_checked(end)?;
            let is_name = host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
            (is_name && is_port(port)).then_some(host)?
        }
    };
    let is_loopback = matches!(host, "localhost" | "127.0.0.1" | "::1");
    let is_protected = scheme == "https" || (scheme == "http" && is_loopback);
    let (path, query) = match tail.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (tail, None),
    };
    // RFC 3986 §3.3 and §3.4, without percent-encoding.
    let is_path = path.bytes().all(is_path_byte);
    let is_query = query.is_none_or(|query| {
        !query.is_empty() && query.bytes().all(|byte| is_path_byte(byte) || byte == b'?')
    });
    if host.is_empty() || !is_protected || !is_path || !is_query {
        return None;
    }
    let origin = url.get(..url.len() - tail.len())?;
    Some(Url {
        origin,
        path,
        query,
    })
}

fn is_port(text: &str) -> bool {
    text.is_empty()
        || text
            .strip_prefix(':')
            .is_some_and(|digits| digits.parse::<u16>().is_ok_and(|port| port > 0))
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&byte)
}
