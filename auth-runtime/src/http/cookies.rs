//! The cookies of a request, whatever the number of `Cookie` lines.

use actix_web::http::header::{COOKIE, HeaderMap};

/// The `name=value` pairs as they stand in the header lines, white space around them removed.
///
/// RFC 9113 §8.2.3: a client may split its cookies over several lines, which are read as one.
pub(crate) fn pairs(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(COOKIE)
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'))
        .map(trim)
        .filter(|pair| !pair.is_empty())
}

/// The values of the cookies of this name, compared byte by byte.
///
/// Nothing is decoded: a browser guards the prefix `__Host-` of a name, and does not guard
/// `%5F%5FHost-`.
pub(crate) fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a [u8]> {
    pairs(headers).filter_map(move |pair| {
        let (held, value) = split(pair)?;
        (held == name.as_bytes()).then_some(value)
    })
}

fn split(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = pair.iter().position(|byte| *byte == b'=')?;
    let (name, rest) = pair.split_at_checked(at)?;
    Some((trim(name), trim(rest.get(1..)?)))
}

/// SP and HTAB alone: wider white space in front of a name is part of the name.
fn trim(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.iter().take_while(|byte| is_blank(byte)).count();
    let bytes = bytes.get(start..).unwrap_or_default();
    let end = bytes.iter().rev().take_while(|byte| is_blank(byte)).count();
    bytes
        .get(..bytes.len().saturating_sub(end))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn found(lines: &[&str], name: &str) -> Vec<String> {
        let request = lines.iter().fold(TestRequest::default(), |request, line| {
            request.append_header((COOKIE, *line))
        });
        values(request.to_http_request().headers(), name)
            .map(|value| String::from_utf8_lossy(value).into_owned())
            .collect()
    }

    #[test]
    fn rfc_9113_8_2_3_several_lines_are_one() {
        for lines in [
            &["a=1; sid=x; b=2"][..],
            &["a=1", "sid=x", "b=2"],
            &["a=1;sid=x", "b=2"],
            &["a=1;\tsid=x ;;"],
        ] {
            assert_eq!(found(lines, "sid"), ["x"], "{lines:?}");
        }
        assert_eq!(found(&["sid=x", "sid=y"], "sid"), ["x", "y"]);
        assert_eq!(found(&["sid=a=b"], "sid"), ["a=b"]);
    }

    #[test]
    fn a_name_is_compared_byte_by_byte() {
        for line in [
            "SID=x",
            "%73id=x",
            "\u{a0}sid=x",
            "\u{2000}sid=x",
            "xsid=x",
            "sid",
            "=sid=x",
        ] {
            assert_eq!(found(&[line], "sid"), Vec::<String>::new(), "{line:?}");
        }
    }
}
