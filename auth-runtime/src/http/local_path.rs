//! Where a browser may be sent back to.

use std::fmt;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use serde::{Deserialize, Deserializer};

/// A path on this origin, with its query: where a login page may send the browser afterwards.
///
/// What comes from the client is one or is not taken: [`parse`](Self::parse) refuses whatever a
/// browser, a proxy or a server could read as another host. Read from a form or a query it becomes
/// `/` where it is refused.
///
/// ```
/// use actix_web::{HttpResponse, get, web};
/// use auth_runtime::http::LocalPath;
/// use auth_runtime::prelude::*;
/// # use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Page {
///     #[serde(default)]
///     next: LocalPath,
/// }
///
/// # async fn login(form: web::Form<Page>) -> HttpResponse {
/// // .. behind a login:
/// form.next.see_other()
/// # }
/// # assert_eq!(LocalPath::parse("/orders?page=2").unwrap().as_str(), "/orders?page=2");
/// # assert_eq!(LocalPath::parse("//evil.example"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

/// The longest that is taken, in bytes.
const MAX_LENGTH: usize = 2048;

/// How often a path may be encoded: nothing decodes it more often than this.
const MAX_ENCODINGS: usize = 4;

impl LocalPath {
    /// `None` where this is no path on this origin: `//host`, `/\host`, `https:host`, an encoded
    /// form of these, control characters, dot segments, a fragment, or more than 2048 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // RFC 3986 §2: anything else is percent-encoded. A browser takes `\` for `/`, and drops
        // tabs and line breaks (WHATWG URL §4.4), so that `/<TAB>/host` is `//host`.
        let is_plain = |byte: u8| {
            byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b'"' | b'<' | b'>')
        };
        if text.len() > MAX_LENGTH || !text.starts_with('/') || !text.bytes().all(is_plain) {
            return None;
        }
        let path = text.split('?').next()?;
        is_local(path).then(|| Self(text.to_owned()))
    }

    /// The path and query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// An answer that sends the browser there with a `GET` (303), and is not cached.
    #[must_use]
    pub fn see_other(&self) -> HttpResponse {
        HttpResponse::SeeOther()
            .insert_header((LOCATION, self.as_str()))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish()
    }
}

/// Text as the name or value of a parameter of a query (RFC 3986 §3.4).
pub(crate) fn query_value(text: &str) -> String {
    use fmt::Write as _;
    let mut value = String::with_capacity(text.len() + 8);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            value.push(char::from(byte));
        } else {
            _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

/// Whether a path is one of this origin however often it is decoded.
fn is_local(path: &str) -> bool {
    if !is_local_as_it_is(path) {
        return false;
    }
    let mut path = match decode(path) {
        Decoded::To(text) => text,
        // Some leave it as it is, some drop it.
        Decoded::Loosely(_) | Decoded::Unreadable => return false,
    };
    for _ in 0..MAX_ENCODINGS {
        if !is_local_as_it_is(&path) {
            return false;
        }
        // From here on `%` may be one that the app means.
        path = match decode(&path) {
            Decoded::To(text) | Decoded::Loosely(text) if text == path => return true,
            Decoded::To(text) | Decoded::Loosely(text) => text,
            Decoded::Unreadable => return false,
        };
    }
    false
}

fn is_local_as_it_is(path: &str) -> bool {
    let looks_like_a_slash = |character: char| {
        matches!(
            character,
            // What becomes `/` or `\` where text is normalised (NFKC), or looks like one.
            '\u{2044}'
                | '\u{2215}'
                | '\u{29f5}'
                | '\u{29f8}'
                | '\u{29f9}'
                | '\u{fe68}'
                | '\u{ff0f}'
                | '\u{ff3c}'
        )
    };
    let is_dots = |segment: &str| matches!(segment, "." | "..");
    path.starts_with('/')
        && !path.contains("//")
        && !path.contains('\\')
        && !path.contains(char::is_control)
        && !path.split('/').any(is_dots)
        && !path
            .chars()
            .nth(1)
            .is_some_and(|second| looks_like_a_slash(second) || second.is_whitespace())
}

enum Decoded {
    To(String),
    /// There is a `%` that encodes nothing, and stays.
    Loosely(String),
    /// Not UTF-8: overlong forms, such as `%c0%af` for `/`, are among it.
    Unreadable,
}

fn decode(text: &str) -> Decoded {
    let mut bytes = Vec::with_capacity(text.len());
    let mut is_loose = false;
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let encoded = match behind {
            [high, low, ..] if *first == b'%' => hex(*high).zip(hex(*low)),
            _ => None,
        };
        if let Some((high, low)) = encoded {
            bytes.push((high << 4) | low);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            is_loose |= *first == b'%';
            bytes.push(*first);
            rest = behind;
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) if is_loose => Decoded::Loosely(text),
        Ok(text) => Decoded::To(text),
        Err(_) => Decoded::Unreadable,
    }
}

fn hex(digit: u8) -> Option<u8> {
    let digit = char::from(digit).to_digit(16)?;
    u8::try_from(digit).ok()
}

impl Default for LocalPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LocalPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(Self::parse(&text).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v3_7_2_a_path_of_this_origin_is_taken_as_it_is() {
        for text in [
            "/",
            "/account",
            "/orders?page=2&sort=-date",
            "/search?q=https://other.example//x",
            "/search?q=%0d%0a%5c",
            "/a/b.html",
            "/@ada",
            "/caf%C3%A9",
            "/%E8%A8%98%E4%BA%8B%E3%80%82",
            "/a;b=c,d!e$f'(g)*",
            "/javascript:alert(1)",
            "/100%25",
            "/...",
        ] {
            assert_eq!(
                LocalPath::parse(text).as_ref().map(LocalPath::as_str),
                Some(text)
            );
        }
    }

    #[test]
    fn v3_7_2_anything_else_is_refused() {
        let long = format!("/{}", "a".repeat(MAX_LENGTH));
        let nested = format!("/{}2fevil", "%25".to_owned() + &"25".repeat(8));
        for text in [
            "",
            "account",
            "evil.example",
            "//evil.example",
            "///evil.example",
            "////evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "\\\\evil.example",
            "/\\/evil.example",
            "/a/..//evil.example",
            "/..//evil.example",
            "/.//evil.example",
            "/./a",
            "/a/../b",
            "/%2e%2e//evil.example",
            "/%2e%2e/%2fevil.example",
            "https:evil.example",
            "https:/evil.example",
            "https://evil.example",
            "https:\\\\evil.example",
            "HTTPS://evil.example",
            "http:///evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "%2f%2fevil.example",
            "%2F%2Fevil.example",
            "/%2fevil.example",
            "/%2Fevil.example",
            "/%5cevil.example",
            "/%5Cevil.example",
            "/%252fevil.example",
            "/%25252fevil.example",
            "/%252f%25zzevil.example",
            "/%25c0%25af",
            "/%255cevil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/\r\n/evil.example",
            "/%09/evil.example",
            "/%0a/evil.example",
            "/%0d%0aSet-Cookie:a=b",
            "/a\r\nSet-Cookie: a=b",
            "/a\0",
            "/a%00",
            "/a%7f",
            " /a",
            "/ /evil.example",
            "/%20/evil.example",
            "\t//evil.example",
            "\u{a0}//evil.example",
            "\u{feff}/a",
            "//ada@evil.example",
            "//ada:pw@evil.example/x",
            "https://ada:pw@evil.example",
            "/\\ada@evil.example",
            "//evil%E3%80%82example",
            "//evil\u{3002}example",
            "/\u{ff0f}evil.example",
            "/%ef%bc%8fevil.example",
            "/%ef%bc%bcevil.example",
            "/%e2%88%95evil.example",
            "/%c0%af/evil.example",
            "/%c0%afevil.example",
            "/%e0%80%afevil.example",
            "/%",
            "/%2",
            "/%zz",
            "/%u002fevil.example",
            "/a#b",
            "#",
            "?next=/",
            "/a\"b",
            "/<script>",
            "/caf\u{e9}",
            "/a//b",
            &long,
            &nested,
        ] {
            assert_eq!(LocalPath::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn no_short_text_leads_elsewhere() {
        // Every text of up to five of these behind a slash, as a browser would resolve it.
        let alphabet = ["/", "\\", "%2f", "%5c", "%09", "%25", ".", "a"];
        let mut texts = vec![String::from("/")];
        for _ in 0..5 {
            for text in texts.clone() {
                texts.extend(alphabet.iter().map(|part| format!("{text}{part}")));
            }
            texts.sort();
            texts.dedup();
        }
        for text in &texts {
            if LocalPath::parse(text).is_none() {
                continue;
            }
            let mut seen = text.clone();
            for _ in 0..8 {
                let folded = seen.replace('\\', "/");
                assert!(!folded.contains("//") && !folded.contains('\t'), "{text:?}");
                seen = seen
                    .replace("%2f", "/")
                    .replace("%5c", "\\")
                    .replace("%09", "\t")
                    .replace("%25", "%");
            }
        }
    }

    #[test]
    fn a_query_value_holds_the_whole_path() {
        assert_eq!(query_value("/a?b=c&d=%20+"), "/a%3Fb%3Dc%26d%3D%2520%2B");
    }
}
