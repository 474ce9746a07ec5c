//! Rules on where a request may come from.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use actix_web::dev::RequestHead;
use actix_web::http::header::{FORWARDED, HeaderName};
use ipnet::IpNet;

/// The header in which a trusted proxy names the client that it forwards for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyHeader {
    /// `X-Forwarded-For: 203.0.113.7, 10.0.0.2`: in common use, in no standard.
    XForwardedFor,
    /// `Forwarded: for=203.0.113.7, for="[2001:db8::1]:4711"` (RFC 7239).
    Forwarded,
}

/// Which addresses may call at all. Checked before any credentials (RFC 9110 §15.5.4: a 403 may
/// rest on reasons "unrelated to the credentials").
#[derive(Clone, Debug, Default)]
pub(crate) struct NetworkRules {
    pub(crate) deny: Networks,
    pub(crate) allow: Option<Networks>,
    pub(crate) proxies: Networks,
    pub(crate) header: Option<ProxyHeader>,
}

impl NetworkRules {
    pub(crate) fn permit(&self, head: &RequestHead) -> bool {
        if self.deny.is_empty() && self.allow.is_none() {
            return true;
        }
        // An address that is unknown is on no list that allows, and could be on one that denies.
        let Some(client) = self.client(head) else {
            return false;
        };
        !self.deny.contains(client)
            && self
                .allow
                .as_ref()
                .is_none_or(|allowed| allowed.contains(client))
    }

    /// The address that the request comes from: of the peer, or where the peer is a trusted proxy,
    /// of the nearest hop before the trusted ones. What stands further left was written by the
    /// client and proves nothing.
    pub(crate) fn client(&self, head: &RequestHead) -> Option<IpAddr> {
        let peer = head.peer_addr.as_ref().map(SocketAddr::ip)?.to_canonical();
        let (Some(header), true) = (self.header, self.proxies.contains(peer)) else {
            return Some(peer);
        };
        let mut nearest = peer;
        for hop in hops(head, header).into_iter().rev() {
            // A hop that cannot be read hides who it was.
            nearest = hop?;
            if !self.proxies.contains(nearest) {
                break;
            }
        }
        Some(nearest)
    }
}

/// Networks as sorted ranges of addresses that do not overlap, so that a long list of them is
/// searched in few steps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Networks {
    v4: Vec<(Ipv4Addr, Ipv4Addr)>,
    v6: Vec<(Ipv6Addr, Ipv6Addr)>,
}

impl Networks {
    pub(crate) fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }

    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        match address {
            IpAddr::V4(address) => is_within(&self.v4, address),
            IpAddr::V6(address) => is_within(&self.v6, address),
        }
    }
}

impl FromIterator<IpNet> for Networks {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for network in networks {
            match network {
                IpNet::V4(network) => v4.push((network.network(), network.broadcast())),
                IpNet::V6(network) => v6.push((network.network(), network.broadcast())),
            }
        }
        Self {
            v4: merged(v4),
            v6: merged(v6),
        }
    }
}

/// The ranges, each from its first address to its last, in order and without overlaps.
fn merged<T: Ord + Copy>(mut ranges: Vec<(T, T)>) -> Vec<(T, T)> {
    ranges.sort_unstable();
    ranges.dedup_by(|(start, end), (_, end_before)| {
        let overlaps = *start <= *end_before;
        if overlaps {
            *end_before = (*end).max(*end_before);
        }
        overlaps
    });
    ranges
}

fn is_within<T: Ord + Copy>(ranges: &[(T, T)], address: T) -> bool {
    let started = ranges.partition_point(|(start, _)| *start <= address);
    let (before, _) = ranges.split_at(started);
    before.last().is_some_and(|(_, end)| address <= *end)
}

/// The hops that the header names, in its order: the client first.
fn hops(head: &RequestHead, header: ProxyHeader) -> Vec<Option<IpAddr>> {
    match header {
        ProxyHeader::XForwardedFor => {
            let lines = head
                .headers()
                .get_all(HeaderName::from_static("x-forwarded-for"));
            lines
                .flat_map(|line| match line.to_str() {
                    Ok(text) => text.split(',').map(|hop| address(hop.trim())).collect(),
                    Err(_) => vec![None],
                })
                .collect()
        }
        ProxyHeader::Forwarded => {
            let lines = head.headers().get_all(FORWARDED);
            lines
                .flat_map(
                    |line| match line.to_str().ok().and_then(|text| split(text, ',')) {
                        Some(elements) => elements.into_iter().map(forwarded_for).collect(),
                        None => vec![None],
                    },
                )
                .collect()
        }
    }
}

/// Whose element of `Forwarded` this is.
pub(crate) fn forwarded_for(element: &str) -> Option<IpAddr> {
    address(forwarded_pair(element, "for")?)
}

/// RFC 7239 §4: `forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )`. `None` where
/// there is no such pair, or more than one.
pub(crate) fn forwarded_pair<'a>(element: &'a str, wanted: &str) -> Option<&'a str> {
    let pairs = split(element, ';')?;
    let mut named = pairs.into_iter().filter_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case(wanted)
            .then_some(value.trim())
    });
    match (named.next(), named.next()) {
        (Some(value), None) => unquoted(value),
        _ => None,
    }
}

/// Cuts at a separator, but not inside a quoted-string (RFC 9110 §5.6.4): what stands there may be
/// a client's. `None` where a quote is not closed.
pub(crate) fn split(text: &str, separator: char) -> Option<Vec<&str>> {
    let mut parts = Vec::new();
    let (mut start, mut is_quoted, mut is_escaped) = (0, false, false);
    for (position, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if character == separator && !is_quoted => {
                parts.push(text.get(start..position)?);
                start = position + character.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text.get(start..)?);
    (!is_quoted).then_some(parts)
}

/// A token as it is, or what one pair of quotes holds. An address needs no escapes.
fn unquoted(value: &str) -> Option<&str> {
    match value.strip_prefix('"') {
        None => Some(value),
        Some(rest) => rest.strip_suffix('"'),
    }
    .filter(|inner| !inner.contains(['"', '\\']))
}

/// An address with or without a port; IPv6 in brackets where there is one (RFC 7239 §6).
fn address(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse::<IpAddr>()
        .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
        .ok()
        .map(|address| address.to_canonical())
}

/// A prefix such as `10.0.0.0/8`, or one address.
pub(crate) fn parse_network(text: &str) -> Result<IpNet, NetworkError> {
    text.parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .map(canonical)
        .map_err(|_| NetworkError(text.to_owned()))
}

/// IPv4 written as IPv6 (`::ffff:10.0.0.0/104`) is IPv4, as addresses are.
fn canonical(network: IpNet) -> IpNet {
    if let IpNet::V6(v6) = network
        && let (Some(v4), Some(length)) = (
            v6.network().to_ipv4_mapped(),
            v6.prefix_len().checked_sub(96),
        )
        && let Ok(mapped) = IpNet::new(IpAddr::V4(v4), length)
    {
        return mapped;
    }
    network.trunc()
}

/// A text that is not a network prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NetworkError(pub(crate) String);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a network prefix such as 10.0.0.0/8 or 2001:db8::/32",
            self.0
        )
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn rules(
        deny: &[&str],
        allow: Option<&[&str]>,
        proxies: &[&str],
        header: Option<ProxyHeader>,
    ) -> NetworkRules {
        let parse = |list: &[&str]| {
            list.iter()
                .map(|text| parse_network(text).unwrap())
                .collect()
        };
        NetworkRules {
            deny: parse(deny),
            allow: allow.map(parse),
            proxies: parse(proxies),
            header,
        }
    }

    fn permitted(rules: &NetworkRules, peer: Option<&str>, headers: &[(&str, &str)]) -> bool {
        let mut request = TestRequest::default();
        if let Some(peer) = peer {
            request = request.peer_addr(SocketAddr::new(peer.parse().unwrap(), 40_000));
        }
        for (name, value) in headers {
            request = request.append_header((*name, *value));
        }
        rules.permit(request.to_http_request().head())
    }

    #[test]
    fn denied_prefixes_are_denied_in_every_spelling() {
        let rules = rules(&["10.0.0.0/8", "2001:db8::/32"], None, &[], None);
        for denied in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1"] {
            assert!(!permitted(&rules, Some(denied), &[]), "{denied}");
        }
        assert!(permitted(&rules, Some("192.0.2.1"), &[]));
    }

    /// Against the prefixes themselves, one by one: at both ends of each, and beside them.
    #[test]
    fn ranges_hold_the_addresses_that_their_prefixes_hold() {
        let mut lists = vec![
            vec![],
            vec!["0.0.0.0/0"],
            vec!["::/0"],
            vec!["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/9", "10.255.255.255"],
            vec!["10.1.0.0/16", "10.0.0.0/16", "10.3.0.0/16", "10.0.0.0/16"],
            vec!["255.255.255.255", "0.0.0.0", "::", "::1"],
            vec!["2001:db8::/32", "2001:db8:1::/48", "::ffff:192.0.2.0/120"],
            vec!["ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::/10"],
        ];
        let all: Vec<&str> = lists.concat();
        lists.push(all.clone());
        let mut addresses = vec![];
        for network in all.iter().map(|text| parse_network(text).unwrap()) {
            for end in [network.network(), network.broadcast()] {
                addresses.push(end);
                match end {
                    IpAddr::V4(v4) => {
                        let bits = v4.to_bits();
                        let near = [bits.wrapping_sub(1), bits.wrapping_add(1)];
                        addresses.extend(near.map(|bits| IpAddr::V4(bits.into())));
                        // IPv4 written as IPv6 is another address here: callers make it canonical.
                        addresses.push(IpAddr::V6(v4.to_ipv6_mapped()));
                    }
                    IpAddr::V6(v6) => {
                        let bits = v6.to_bits();
                        let near = [bits.wrapping_sub(1), bits.wrapping_add(1)];
                        addresses.extend(near.map(|bits| IpAddr::V6(bits.into())));
                    }
                }
            }
        }
        for list in lists {
            let prefixes: Vec<IpNet> = list
                .iter()
                .map(|text| parse_network(text).unwrap())
                .collect();
            let networks: Networks = prefixes.iter().copied().collect();
            assert_eq!(networks.is_empty(), prefixes.is_empty());
            for address in &addresses {
                let expected = prefixes.iter().any(|prefix| prefix.contains(address));
                assert_eq!(
                    networks.contains(*address),
                    expected,
                    "{address} in {list:?}"
                );
            }
        }
    }

    #[test]
    fn an_unknown_peer_is_refused_where_there_are_rules() {
        assert!(!permitted(
            &rules(&["10.0.0.0/8"], None, &[], None),
            None,
            &[]
        ));
        assert!(!permitted(
            &rules(&[], Some(&["10.0.0.0/8"]), &[], None),
            None,
            &[]
        ));
        assert!(permitted(&rules(&[], None, &[], None), None, &[]));
    }

    #[test]
    fn only_allowed_prefixes_are_allowed_and_deny_wins() {
        let rules = rules(
            &["10.9.0.0/16"],
            Some(&["10.0.0.0/8", "192.0.2.7"]),
            &[],
            None,
        );
        assert!(permitted(&rules, Some("10.1.1.1"), &[]));
        assert!(permitted(&rules, Some("192.0.2.7"), &[]));
        assert!(!permitted(&rules, Some("192.0.2.8"), &[]));
        assert!(!permitted(&rules, Some("10.9.1.1"), &[]));
        assert!(!permitted(
            &self::rules(&[], Some(&[]), &[], None),
            Some("10.1.1.1"),
            &[]
        ));
    }

    #[test]
    fn forwarded_headers_of_strangers_are_ignored() {
        let rules = rules(
            &[],
            Some(&["192.0.2.0/24"]),
            &["10.0.0.0/8"],
            Some(ProxyHeader::XForwardedFor),
        );
        assert!(!permitted(
            &rules,
            Some("198.51.100.1"),
            &[("x-forwarded-for", "192.0.2.1")]
        ));
        assert!(permitted(
            &rules,
            Some("10.0.0.1"),
            &[("x-forwarded-for", "192.0.2.1")]
        ));
    }

    #[test]
    fn what_the_client_wrote_left_of_the_last_untrusted_hop_proves_nothing() {
        let rules = rules(
            &[],
            Some(&["192.0.2.0/24"]),
            &["10.0.0.0/8"],
            Some(ProxyHeader::XForwardedFor),
        );
        for forged in [
            &[("x-forwarded-for", "192.0.2.1, 198.51.100.1")][..],
            &[("x-forwarded-for", "192.0.2.1, 198.51.100.1, 10.0.0.2")],
            &[
                ("x-forwarded-for", "192.0.2.1"),
                ("x-forwarded-for", "198.51.100.1"),
            ],
            &[("x-forwarded-for", "192.0.2.1, unknown")],
            &[("x-forwarded-for", "192.0.2.1,")],
            &[("forwarded", "for=192.0.2.1")],
            &[],
        ] {
            assert!(!permitted(&rules, Some("10.0.0.1"), forged), "{forged:?}");
        }
        assert!(permitted(
            &rules,
            Some("10.0.0.1"),
            &[("x-forwarded-for", "8.8.8.8, 192.0.2.1, 10.0.0.2")]
        ));
    }

    #[test]
    fn forwarded_is_read_as_rfc_7239_writes_it() {
        let rules = rules(
            &[],
            Some(&["2001:db8::/32", "192.0.2.0/24"]),
            &["10.0.0.0/8"],
            Some(ProxyHeader::Forwarded),
        );
        for good in [
            "for=192.0.2.43",
            "For=\"[2001:db8:cafe::17]:4711\"",
            "for=192.0.2.60;proto=http;by=203.0.113.43",
            "for=198.51.100.1, for=\"192.0.2.43:47011\"",
        ] {
            assert!(
                permitted(&rules, Some("10.0.0.1"), &[("forwarded", good)]),
                "{good}"
            );
        }
        for bad in [
            "for=unknown",
            "for=_hidden",
            "by=192.0.2.1",
            "for=192.0.2.1;for=192.0.2.2",
            "192.0.2.1",
        ] {
            assert!(
                !permitted(&rules, Some("10.0.0.1"), &[("forwarded", bad)]),
                "{bad}"
            );
        }
    }
}
