//! Whether a request came over TLS.

use std::net::SocketAddr;

use actix_web::HttpRequest;
use actix_web::dev::RequestHead;
use actix_web::http::header::{FORWARDED, HeaderName};

use crate::http::network::{NetworkRules, ProxyHeader, forwarded_for, forwarded_pair, split};

/// Whether the client sent it over TLS: to this server, or to a trusted proxy, if that says so.
///
/// What is unknown is not so. `X-Forwarded-Proto` of a stranger counts for nothing, and neither
/// does what `HttpRequest::connection_info` makes of it.
pub(crate) fn is_over_tls(request: &HttpRequest, rules: Option<&NetworkRules>) -> bool {
    let head = request.head();
    let peer = head.peer_addr.as_ref().map(SocketAddr::ip);
    match (rules, peer) {
        (Some(rules), Some(peer)) if rules.proxies.contains(peer.to_canonical()) => {
            match rules.header {
                Some(ProxyHeader::XForwardedFor) => x_forwarded_proto(head),
                Some(ProxyHeader::Forwarded) => forwarded_proto(head, rules),
                None => false,
            }
        }
        _ => request.app_config().secure(),
    }
}

/// A proxy may add to what the client wrote, so that every value has to say so.
fn x_forwarded_proto(head: &RequestHead) -> bool {
    let mut lines = head
        .headers()
        .get_all(HeaderName::from_static("x-forwarded-proto"))
        .peekable();
    lines.peek().is_some()
        && lines.all(|line| {
            line.to_str().is_ok_and(|text| {
                text.split(',')
                    .all(|proto| proto.trim().eq_ignore_ascii_case("https"))
            })
        })
}

/// RFC 7239 §5.4: `proto` of the element that the outermost trusted proxy wrote, about its client.
/// What stands left of it was written by that client.
fn forwarded_proto(head: &RequestHead, rules: &NetworkRules) -> bool {
    let mut elements = Vec::new();
    for line in head.headers().get_all(FORWARDED) {
        let Some(more) = line.to_str().ok().and_then(|text| split(text, ',')) else {
            return false;
        };
        elements.extend(more);
    }
    let mut is_https = false;
    for element in elements.into_iter().rev() {
        is_https = forwarded_pair(element, "proto")
            .is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
        let is_proxy = forwarded_for(element).is_some_and(|hop| rules.proxies.contains(hop));
        if !is_proxy {
            break;
        }
    }
    is_https
}
