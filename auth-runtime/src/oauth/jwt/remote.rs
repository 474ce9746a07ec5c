//! Keys from a URL, named or discovered.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Method, StatusCode, Url};
use serde_json::Value;

use super::fault::JwtError;
use super::refreshing::{Fetched, Why};
use crate::http::json;
use crate::oauth::http::{HttpClient, HttpError, HttpSettings};

/// For how long a discovered address of the keys is used before the metadata is read again, where
/// no token names a key that is not there.
const ADDRESS_AGE: Duration = Duration::from_secs(24 * 3600);

/// Where the keys are, or where that is said.
#[derive(Clone, Debug)]
pub(super) enum Address {
    Keys(String),
    /// OpenID Connect Discovery 1.0 §4, and where that is not found, RFC 8414 §3.
    Discovery {
        issuer: String,
    },
}

pub(super) struct Remote {
    client: HttpClient,
    settings: HttpSettings,
    name: String,
    address: Parsed,
    /// What discovery found, and when.
    discovered: Mutex<Option<(Url, Instant)>>,
    /// The last answers that have a tag, of the few places there are.
    tagged: Mutex<Vec<Tagged>>,
}

/// A whole answer, to be asked for again only if it has changed (RFC 9110 §13.1.2).
struct Tagged {
    url: Url,
    tag: HeaderValue,
    body: Vec<u8>,
}

/// As many as a discovery asks: two places of the metadata, and that of the keys.
const MOST_TAGGED: usize = 3;

/// The longest tag that is repeated, in bytes.
const MAX_TAG: usize = 512;

enum Parsed {
    Keys(Url),
    Discovery { issuer: String, places: [Url; 2] },
}

impl Remote {
    pub(super) fn new(address: &Address, settings: &HttpSettings) -> Result<Self, JwtError> {
        let (name, url, address) = match address {
            Address::Keys(text) => {
                let url = settings.url(text)?;
                (text.clone(), url.clone(), Parsed::Keys(url))
            }
            Address::Discovery { issuer } => {
                let url = settings.url(issuer)?;
                if url.query().is_some() || url.fragment().is_some() {
                    // RFC 8414 §2.
                    return Err(JwtError::Http(HttpError::Url(
                        issuer.clone(),
                        "an issuer has no query and no fragment",
                    )));
                }
                let parsed = Parsed::Discovery {
                    issuer: issuer.clone(),
                    places: metadata_places(&url),
                };
                (issuer.clone(), url, parsed)
            }
        };
        Ok(Self {
            client: HttpClient::new(settings, &url)?,
            settings: settings.clone(),
            name,
            address,
            discovered: Mutex::default(),
            tagged: Mutex::default(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn fetch(&self, why: Why) -> Result<Fetched, String> {
        let url = match &self.address {
            Parsed::Keys(url) => url.clone(),
            Parsed::Discovery { issuer, places } => self.discover(issuer, places, why).await?,
        };
        match self.get(url, why).await {
            Ok(Answer::Body(document, max_age)) => Ok(Fetched { document, max_age }),
            outcome => {
                // They may have moved: ask again next time.
                *self.discovered() = None;
                Err(outcome.err().unwrap_or_else(|| "there are no keys".into()))
            }
        }
    }

    fn discovered(&self) -> MutexGuard<'_, Option<(Url, Instant)>> {
        let discovered = self.discovered.lock();
        discovered.unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the keys are: as it was found lately, or as the metadata says now. A token that names
    /// an unknown key is a reason to look, for a copy of the old keys may still be at the old place;
    /// but that place serves where the metadata cannot be had.
    async fn discover(&self, issuer: &str, places: &[Url; 2], why: Why) -> Result<Url, String> {
        let known = self.discovered().clone();
        let known = known
            .filter(|(_, at)| at.elapsed() < ADDRESS_AGE)
            .map(|(url, _)| url);
        match known {
            None => self.look_up(issuer, places, why).await,
            Some(url) if why == Why::Age => Ok(url),
            Some(url) => Ok(self.look_up(issuer, places, why).await.unwrap_or(url)),
        }
    }

    async fn look_up(&self, issuer: &str, places: &[Url; 2], why: Why) -> Result<Url, String> {
        for place in places {
            if let Answer::Body(metadata, _) = self.get(place.clone(), why).await? {
                let url = self.keys_url(&metadata, issuer)?;
                *self.discovered() = Some((url.clone(), Instant::now()));
                return Ok(url);
            }
        }
        Err("the issuer publishes no metadata".into())
    }

    fn keys_url(&self, metadata: &[u8], issuer: &str) -> Result<Url, String> {
        let metadata = json::object(metadata).ok_or("the metadata is not one JSON object")?;
        // RFC 8414 §3.3: identical, or not to be used.
        if metadata.get("issuer").and_then(Value::as_str) != Some(issuer) {
            return Err("the metadata is that of another issuer".into());
        }
        let url = metadata
            .get("jwks_uri")
            .and_then(Value::as_str)
            .ok_or("the metadata has no `jwks_uri`")?;
        self.settings.url(url).map_err(|error| error.to_string())
    }

    async fn get(&self, url: Url, why: Why) -> Result<Answer, String> {
        let mut request = self.client.request(Method::GET, url.clone());
        request = request.header(ACCEPT, "application/json");
        if why == Why::UnknownKey {
            // RFC 9111 §5.2.1.4: a cache on the way may have the old keys.
            request = request.header(CACHE_CONTROL, "no-cache");
        }
        let known = self
            .tagged()
            .iter()
            .find(|one| one.url == url)
            .map(|one| one.tag.clone());
        if let Some(tag) = &known {
            request = request.header(IF_NONE_MATCH, tag.clone());
        }
        let answer = self.client.send(request).await?;
        let max_age = max_age(&answer.headers);
        match answer.status {
            StatusCode::OK => {
                self.keep(url, &answer);
                Ok(Answer::Body(answer.body, max_age))
            }
            StatusCode::NOT_MODIFIED if known.is_some() => {
                let tagged = self.tagged();
                let same = tagged
                    .iter()
                    .find(|one| one.url == url && Some(&one.tag) == known.as_ref());
                let body = same.map(|one| one.body.clone());
                body.map(|body| Answer::Body(body, max_age))
                    .ok_or_else(|| "the answer is 304, and nothing is cached".into())
            }
            StatusCode::NOT_FOUND => Ok(Answer::NotFound),
            status => Err(format!("the answer is {status}")),
        }
    }

    fn keep(&self, url: Url, answer: &crate::oauth::http::Answer) {
        let mut tagged = self.tagged();
        tagged.retain(|one| one.url != url);
        if let Some(tag) = answer.headers.get(ETAG).filter(|tag| tag.len() <= MAX_TAG) {
            if tagged.len() >= MOST_TAGGED {
                tagged.remove(0);
            }
            tagged.push(Tagged {
                url,
                tag: tag.clone(),
                body: answer.body.clone(),
            });
        }
    }

    fn tagged(&self) -> MutexGuard<'_, Vec<Tagged>> {
        self.tagged.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Answer {
    Body(Vec<u8>, Option<Duration>),
    NotFound,
}

/// OpenID Connect Discovery 1.0 §4.1 puts the well-known name behind the issuer's path,
/// RFC 8414 §3.1 before it.
fn metadata_places(issuer: &Url) -> [Url; 2] {
    let path = issuer.path().trim_end_matches('/');
    let mut openid = issuer.clone();
    openid.set_path(&format!("{path}/.well-known/openid-configuration"));
    let mut oauth = issuer.clone();
    oauth.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    [openid, oauth]
}

/// RFC 9111 §5.2.2: for how long the answer is fresh. What must not be stored is so for no time,
/// which the lower bound of the configuration corrects.
fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut found = None;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in line.to_str().unwrap_or_default().split(',') {
            let directive = directive.trim().to_ascii_lowercase();
            if directive == "no-store" || directive == "no-cache" {
                return Some(Duration::ZERO);
            }
            if let Some(seconds) = directive.strip_prefix("max-age=") {
                found = seconds
                    .trim_matches('"')
                    .parse()
                    .ok()
                    .map(Duration::from_secs);
            }
        }
    }
    found
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
