//! Whether a request comes from a page of this origin, as browsers tell.

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER, UPGRADE};
use actix_web::http::{Method, Uri};

/// A scheme, host and port (RFC 6454 §4), in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// `scheme://host[:port]`, and nothing behind it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        if !scheme.bytes().all(|byte| byte.is_ascii_alphabetic()) {
            return None;
        }
        let scheme = scheme.to_ascii_lowercase();
        let (host, port) = host_and_port(authority)?;
        let port = match port {
            Some(port) => port,
            None => default_port(&scheme)?,
        };
        Some(Self { scheme, host, port })
    }

    /// Of a whole URL, as in `Referer`.
    fn of_url(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        Self::parse(&format!("{scheme}://{}", rest.get(..end)?))
    }

    /// Whether it is that of the server that this request was sent to, as far as that is known:
    /// `Host` has no scheme, but who was reached over TLS is not `http:`.
    fn is_of(&self, request: &HttpRequest, is_over_tls: bool) -> bool {
        let Some((host, port)) = host_of(request) else {
            return false;
        };
        self.host == host
            && Some(self.port) == port.or_else(|| default_port(&self.scheme))
            && (self.scheme == "https" || (self.scheme == "http" && !is_over_tls))
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// RFC 3986 §3.2, without user information, which no origin has.
fn host_and_port(authority: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, behind) = rest.split_once(']')?;
            _ = address.parse::<std::net::Ipv6Addr>().ok()?;
            let port = match behind.strip_prefix(':') {
                Some(port) => Some(port),
                None if behind.is_empty() => None,
                None => return None,
            };
            (format!("[{address}]"), port)
        }
        None => {
            let (host, port) = match authority.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            };
            let is_host_byte =
                |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            if host.is_empty() || !host.bytes().all(is_host_byte) {
                return None;
            }
            (host.to_owned(), port)
        }
    };
    let port = match port {
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().ok()?),
        Some(_) => return None,
        None => None,
    };
    Some((host.to_ascii_lowercase(), port))
}

/// The host that the client asked for: the one `Host` line, or the authority of HTTP/2.
fn host_of(request: &HttpRequest) -> Option<(String, Option<u16>)> {
    match one(request.headers(), &HOST) {
        Line::One(host) => host_and_port(host),
        Line::Many => None,
        Line::None => host_and_port(request.uri().authority()?.as_str()),
    }
}

enum Line<'a> {
    None,
    One(&'a str),
    /// Several, or one that is not text.
    Many,
}

fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Line<'a> {
    let mut lines = headers.get_all(name);
    match (lines.next().map(HeaderValue::to_str), lines.next()) {
        (None, _) => Line::None,
        (Some(Ok(line)), None) => Line::One(line),
        _ => Line::Many,
    }
}

/// W3C Fetch Metadata: what browsers say and no script can change.
pub(crate) fn fetch_metadata(
    request: &HttpRequest,
    name: &'static str,
) -> Option<Result<String, ()>> {
    match one(request.headers(), &HeaderName::from_static(name)) {
        Line::None => None,
        Line::One(value) => Some(Ok(value.to_owned())),
        Line::Many => Some(Err(())),
    }
}

/// Whether another site's page can do harm by making a browser send this: the method is not safe
/// (RFC 9110 §9.2.1), or it opens a WebSocket, which no preflight and no CORS check guards
/// (RFC 6455 §10.2).
pub(crate) fn can_harm(request: &HttpRequest) -> bool {
    match *request.method() {
        Method::GET => opens_web_socket(request.headers()),
        Method::HEAD | Method::OPTIONS | Method::TRACE => false,
        _ => true,
    }
}

fn opens_web_socket(headers: &HeaderMap) -> bool {
    let asks = |line: &HeaderValue| {
        line.as_bytes().split(|byte| *byte == b',').any(|one| {
            one.trim_ascii()
                .get(..9)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"websocket"))
        })
    };
    headers.get_all(UPGRADE).any(asks) || headers.contains_key("sec-websocket-key")
}

/// Whether a request comes from a page of this origin or a trusted one, or from no browser. Why
/// not, for the log.
///
/// A browser that sends credentials by itself says `Sec-Fetch-Site` (all since 2023, on TLS and
/// localhost) or else `Origin` (all since 2020, where the method is not safe). A script can neither
/// set nor remove them. What says neither is no browser, or one from before: for those,
/// `Referer` counts where it is sent.
pub(crate) fn check(
    request: &HttpRequest,
    is_over_tls: bool,
    trusted: &[Origin],
) -> Result<(), &'static str> {
    let headers = request.headers();
    let origin = match one(headers, &ORIGIN) {
        Line::Many => return Err("it has several `Origin` lines"),
        Line::None => None,
        Line::One(origin) => Some(origin),
    };
    let is_trusted = |origin: &Origin| trusted.contains(origin);
    let site = fetch_metadata(request, "sec-fetch-site");
    match site.as_ref().map(|site| site.as_deref()) {
        Some(Ok("same-origin")) => return Ok(()),
        // A user's own doing, as in the address bar: no page has a hand in it.
        Some(Ok("none")) if origin.is_none() => return Ok(()),
        Some(Ok("none")) | None => {}
        Some(Ok(_)) => {
            let origin = origin.and_then(Origin::parse);
            return match origin {
                Some(origin) if is_trusted(&origin) => Ok(()),
                _ => Err("`Sec-Fetch-Site` names another site, or another origin of this one"),
            };
        }
        Some(Err(())) => return Err("`Sec-Fetch-Site` cannot be read"),
    }
    let (origin, because) = match (origin, one(headers, &REFERER)) {
        (Some(origin), _) => (Origin::parse(origin), "`Origin` is not that of this server"),
        (None, Line::None) => return Ok(()),
        (None, Line::One(referer)) => (Origin::of_url(referer), "`Referer` is not of this server"),
        (None, Line::Many) => return Err("it has several `Referer` lines"),
    };
    match origin {
        Some(origin) if origin.is_of(request, is_over_tls) || is_trusted(&origin) => Ok(()),
        _ => Err(because),
    }
}

/// The path and query of the page of this origin that a request comes from.
pub(crate) fn page_of(request: &HttpRequest, is_over_tls: bool) -> Option<String> {
    let Line::One(referer) = one(request.headers(), &REFERER) else {
        return None;
    };
    if !Origin::of_url(referer)?.is_of(request, is_over_tls) {
        return None;
    }
    let uri: Uri = referer.parse().ok()?;
    Some(uri.path_and_query()?.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn checked(method: Method, lines: &[(&str, &str)]) -> Result<(), &'static str> {
        checked_over(false, method, lines)
    }

    fn checked_over(
        is_over_tls: bool,
        method: Method,
        lines: &[(&str, &str)],
    ) -> Result<(), &'static str> {
        let request = lines
            .iter()
            .fold(TestRequest::default().method(method), |request, line| {
                request.append_header(*line)
            });
        let request = request.to_http_request();
        if !can_harm(&request) {
            return Ok(());
        }
        let trusted = [Origin::parse("https://partner.example").unwrap()];
        check(&request, is_over_tls, &trusted)
    }

    const HOST: (&str, &str) = ("host", "shop.example");

    #[test]
    fn v3_5_1_and_v3_5_3_what_browsers_say_of_a_post() {
        let site = |value| ("sec-fetch-site", value);
        let origin = |value| ("origin", value);
        let referer = |value| ("referer", value);
        for (lines, is_admitted) in [
            (vec![], true),
            (vec![site("same-origin")], true),
            (vec![site("none")], true),
            (vec![site("same-site")], false),
            (vec![site("cross-site")], false),
            (vec![site("")], false),
            (vec![site("Same-Origin")], false),
            (vec![site("same-origin"), site("same-origin")], false),
            (vec![site("same-origin"), site("cross-site")], false),
            // A proxy may have changed `Host`: the browser's word counts.
            (
                vec![site("same-origin"), origin("https://public.example")],
                true,
            ),
            (vec![site("none"), origin("https://evil.example")], false),
            (vec![site("none"), origin("https://shop.example")], true),
            (
                vec![site("cross-site"), origin("https://partner.example")],
                true,
            ),
            (
                vec![site("cross-site"), origin("http://partner.example")],
                false,
            ),
            (
                vec![site("cross-site"), origin("https://partner.example:8443")],
                false,
            ),
            (
                vec![site("cross-site"), origin("https://shop.example")],
                false,
            ),
            (vec![origin("https://shop.example")], true),
            (vec![origin("http://shop.example")], true),
            (vec![origin("https://SHOP.example:443")], true),
            (vec![origin("https://shop.example:8443")], false),
            (vec![origin("https://shop.example.evil.example")], false),
            (vec![origin("https://evil.example")], false),
            (
                vec![origin("https://evil.example/https://shop.example")],
                false,
            ),
            (vec![origin("https://shop.example@evil.example")], false),
            (vec![origin("https://shop.example/")], false),
            (vec![origin("ftp://shop.example")], false),
            (vec![origin("null")], false),
            (vec![origin("")], false),
            (vec![origin("shop.example")], false),
            (vec![origin("https://partner.example")], true),
            (
                vec![
                    origin("https://shop.example"),
                    origin("https://shop.example"),
                ],
                false,
            ),
            (vec![referer("https://shop.example/form?x#y")], true),
            (
                vec![referer("https://evil.example/?https://shop.example/")],
                false,
            ),
            (vec![referer("https://shop.example@evil.example/")], false),
            (vec![referer("about:blank")], false),
        ] {
            let mut lines = lines;
            lines.push(HOST);
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
                let checked = checked(method, &lines);
                assert_eq!(checked.is_ok(), is_admitted, "{lines:?}: {checked:?}");
            }
            for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                assert_eq!(checked(method, &lines), Ok(()), "{lines:?}");
            }
            // A method of the app's own is unknown to be safe.
            let method = Method::from_bytes(b"PURGE").unwrap();
            assert_eq!(checked(method, &lines).is_ok(), is_admitted, "{lines:?}");
        }
    }

    #[test]
    fn the_origin_is_not_clear_text_where_the_request_is_not() {
        for (origin, is_admitted) in [
            ("http://shop.example", false),
            ("https://shop.example", true),
        ] {
            let lines = [HOST, ("origin", origin)];
            let checked = checked_over(true, Method::POST, &lines);
            assert_eq!(checked.is_ok(), is_admitted, "{origin}");
        }
    }

    #[test]
    fn v4_4_2_a_web_socket_is_opened_by_this_origin_alone() {
        let evil = ("origin", "https://evil.example");
        for upgrade in ["websocket", "WebSocket", "h2c, websocket", "websocket/13"] {
            let lines = [HOST, evil, ("upgrade", upgrade)];
            assert!(checked(Method::GET, &lines).is_err(), "{upgrade}");
            let lines = [
                HOST,
                ("origin", "https://shop.example"),
                ("upgrade", upgrade),
            ];
            assert_eq!(checked(Method::GET, &lines), Ok(()), "{upgrade}");
        }
        let lines = [HOST, evil, ("sec-websocket-key", "x")];
        assert!(checked(Method::GET, &lines).is_err());
        assert!(checked(Method::CONNECT, &[HOST, evil]).is_err());
        assert_eq!(
            checked(Method::GET, &[HOST, evil, ("upgrade", "h2c")]),
            Ok(())
        );
    }

    #[test]
    fn a_host_that_cannot_be_told_is_not_this_one() {
        let origin = ("origin", "https://shop.example");
        for hosts in [
            vec![],
            vec![HOST, HOST],
            vec![("host", "user@shop.example")],
            vec![("host", "shop.example:x")],
            vec![("host", "")],
        ] {
            let mut lines = hosts;
            lines.push(origin);
            assert!(checked(Method::POST, &lines).is_err(), "{lines:?}");
        }
        for (host, origin) in [
            ("[::1]:8080", "http://[::1]:8080"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:80", "http://localhost"),
        ] {
            let lines = [("host", host), ("origin", origin)];
            assert_eq!(checked(Method::POST, &lines), Ok(()), "{host}");
        }
    }
}
