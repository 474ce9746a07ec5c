//! The credentials that a request presents.

use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use crate::http::byte_set::TOKEN68;
use crate::http::cookies;
use crate::http::network::NetworkRules;
use crate::http::transport::is_over_tls;
use crate::model::clock::Clock;

/// What a request presents, as a [`Scheme`](crate::scheme::Scheme) sees it.
///
/// `Authorization` is parsed once, whatever the number of schemes.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    request: &'a HttpRequest,
    authorization: Authorization<'a>,
    clock: Option<&'a Clock>,
    networks: Option<&'a NetworkRules>,
}

/// The one `Authorization` line of a request, if there is one.
#[derive(Clone, Copy)]
struct Authorization<'a>(Option<&'a [u8]>);

/// What is behind the scheme's name in `Authorization`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Presented<'a> {
    /// There are no credentials of this scheme.
    Nothing,
    /// One value of the right form (`token68`, RFC 9110 §11.2). It is a secret.
    Token68(&'a str),
    /// Something that is not of the form, and so not valid.
    Malformed,
}

/// A request whose credentials cannot be told apart: two `Authorization` lines, two lines of an API
/// key, or two values of a cookie. Never "the first wins": a proxy may have checked the other one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ambiguous;

impl<'a> Credentials<'a> {
    /// Reads the credentials of a request.
    ///
    /// # Errors
    ///
    /// [`Ambiguous`] where there is more than one `Authorization` line.
    pub fn of(request: &'a HttpRequest) -> Result<Self, Ambiguous> {
        let authorization = Authorization(single(request, &AUTHORIZATION)?);
        Ok(Self {
            request,
            authorization,
            clock: None,
            networks: None,
        })
    }

    /// The same credentials, by the clock and the trusted proxies of a configuration.
    #[must_use]
    pub(crate) fn configured(self, clock: &'a Clock, networks: &'a NetworkRules) -> Self {
        Self {
            clock: Some(clock),
            networks: Some(networks),
            ..self
        }
    }

    /// Whether the client sent the request over TLS: to this server, or to a proxy that is
    /// [trusted](crate::AuthBuilder::trusted_proxies) and says so, in `X-Forwarded-Proto` or
    /// in the `proto` of `Forwarded` (RFC 7239 §5.4). What is unknown is not so.
    #[must_use]
    pub fn is_over_tls(&self) -> bool {
        is_over_tls(self.request, self.networks)
    }

    /// The address that the request comes from: of the peer, or where that is a
    /// [trusted proxy](crate::AuthBuilder::trusted_proxies), the one for which it forwards. `None`
    /// where it is unknown.
    #[must_use]
    pub fn client_address(&self) -> Option<IpAddr> {
        let head = self.request.head();
        match self.networks {
            Some(networks) => networks.client(head),
            None => NetworkRules::default().client(head),
        }
    }

    /// Whether the request presents credentials of this scheme, right or wrong.
    pub(crate) fn present(&self, scheme: &str, header: Option<&HeaderName>) -> bool {
        match header {
            Some(header) => self.request.headers().contains_key(header),
            None => self.authorization(scheme) != Presented::Nothing,
        }
    }

    /// The time by which credentials are valid or have expired: that of the configuration
    /// ([`AuthBuilder::clock`](crate::AuthBuilder::clock)), by default the system's.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        self.clock.map_or_else(SystemTime::now, Clock::now)
    }

    /// The request: its head, peer and connection. Its body is not to be had here.
    #[must_use]
    pub fn request(&self) -> &'a HttpRequest {
        self.request
    }

    /// What `Authorization` holds for the scheme `name`.
    #[must_use]
    pub fn authorization(&self, name: &str) -> Presented<'a> {
        match self
            .authorization
            .0
            .and_then(|value| behind(value, name.as_bytes()))
        {
            Some(rest) => token68(rest),
            None => Presented::Nothing,
        }
    }

    /// The value of a header line of the app's own choice, such as an API key.
    ///
    /// # Errors
    ///
    /// [`Ambiguous`] where there is more than one such line.
    pub fn header(&self, name: &HeaderName) -> Result<Option<&'a [u8]>, Ambiguous> {
        single(self.request, name)
    }

    /// The value of the cookie of this name, as it was sent: nothing is decoded. Several `Cookie`
    /// lines are read as one (RFC 9113 §8.2.3).
    ///
    /// # Errors
    ///
    /// [`Ambiguous`] where there are two such cookies, equal or not: another host of the same site
    /// may have set one of them.
    pub fn cookie(&self, name: &str) -> Result<Option<&'a [u8]>, Ambiguous> {
        let mut values = cookies::values(self.request.headers(), name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Err(Ambiguous),
            (value, None) => Ok(value),
        }
    }
}

fn single<'a>(request: &'a HttpRequest, name: &HeaderName) -> Result<Option<&'a [u8]>, Ambiguous> {
    let mut lines = request.headers().get_all(name);
    match (lines.next(), lines.next()) {
        (_, Some(_)) => Err(Ambiguous),
        (line, None) => Ok(line.map(HeaderValue::as_bytes)),
    }
}

/// RFC 9110 §11.4: `credentials = auth-scheme [ 1*SP ( token68 / … ) ]`: what is behind the
/// scheme's name, where that is the one. The name is a token, and what may follow it is none of its
/// characters (`Bearer=x` and `Bearer:x` name no scheme; a TAB is a wrong separator behind a right
/// name), so that the whole name is compared.
fn behind<'a>(value: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (scheme, rest) = value.split_at_checked(name.len())?;
    // RFC 9110 §11.1: the scheme's name is case-insensitive.
    let is_same = scheme == name || scheme.eq_ignore_ascii_case(name);
    let is_whole = !scheme.is_empty() && matches!(rest.first(), None | Some(b' ' | b'\t'));
    (is_same && is_whole).then_some(rest)
}

/// RFC 9110 §11.2: `token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`, which
/// is also RFC 6750 §2.1's `b64token`.
fn token68(rest: &[u8]) -> Presented<'_> {
    let mut token = rest;
    while let [b' ', behind @ ..] = token {
        token = behind;
    }
    if token.is_empty() {
        return Presented::Nothing;
    }
    let mut body = token;
    while let [before @ .., b'='] = body {
        body = before;
    }
    if body.is_empty() || !TOKEN68.contains_all(body) {
        return Presented::Malformed;
    }
    std::str::from_utf8(token).map_or(Presented::Malformed, Presented::Token68)
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("authorization", &self.authorization)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() {
            "Of { .. }"
        } else {
            "Absent"
        })
    }
}

impl std::fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Token68(_) => "Token68(..)",
            Self::Malformed => "Malformed",
        })
    }
}
