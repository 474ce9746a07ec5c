//! Who calls, and what the answer has to be.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use auth_runtime::Secret;
use auth_runtime::audit::{AuditSink, DecisionEvent};
use auth_runtime::oauth::jwt::{SigningKey, TokenSigner};
use auth_runtime::oauth::revocation::{RevocationStore, Revocations};

pub(crate) const PRINCIPALS: usize = 1_000;

/// What all tasks share.
pub(crate) struct Soak {
    pub(crate) signer: TokenSigner,
    /// A signed token of each principal.
    tokens: RwLock<Vec<String>>,
    revoked: RwLock<Vec<String>>,
    pub(crate) is_done: AtomicBool,
    /// Redis is away, or was a moment ago.
    pub(crate) is_away: AtomicBool,
    pub(crate) kills: AtomicU64,
    has_redis: bool,
    requests: u64,
    statuses: [AtomicU64; 6],
    connections: [AtomicU64; 3],
    pub(crate) cancelled: AtomicU64,
    rotations: AtomicU64,
    failures: Mutex<Vec<String>>,
    started: Instant,
    /// Why something was not available, the last time.
    outage: Mutex<String>,
}

/// How a request is sent.
#[derive(Clone, Copy)]
pub(crate) enum Connection {
    KeptAlive,
    Pipelined,
    Http2,
}

/// One request, and what its answer has to be.
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) token: Option<String>,
    pub(crate) body: String,
    pub(crate) is_cancelled: bool,
    status: u16,
    answer: Option<String>,
    /// It is 503 while Redis is away.
    may_be_unavailable: bool,
    /// Redis was away when it was sent.
    was_away: bool,
    /// How often Redis had been killed.
    kills: u64,
}

/// Numbers that look random, and are the same in each run.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(0x9e37_79b9_7f4a_7c15 ^ (seed + 1).wrapping_mul(0xbf58_476d_1ce4_e5b9))
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % end as u64).unwrap_or(0)
    }
}

pub(crate) fn subject(number: usize) -> String {
    format!("user-{number}")
}

pub(crate) fn role(number: usize) -> &'static str {
    if number.is_multiple_of(2) {
        "even"
    } else {
        "odd"
    }
}

impl Soak {
    pub(crate) fn new(requests: u64, has_redis: bool) -> Self {
        let key = SigningKey::random("0").expect("the system has random numbers");
        let soak = Self {
            signer: TokenSigner::new(key).lifetime(Duration::from_secs(24 * 3600)),
            tokens: RwLock::default(),
            revoked: RwLock::default(),
            is_done: AtomicBool::new(false),
            is_away: AtomicBool::new(false),
            kills: AtomicU64::new(0),
            has_redis,
            requests,
            statuses: Default::default(),
            connections: Default::default(),
            cancelled: AtomicU64::new(0),
            rotations: AtomicU64::new(0),
            failures: Mutex::default(),
            started: Instant::now(),
            outage: Mutex::default(),
        };
        *soak.tokens.write().unwrap_or_else(PoisonError::into_inner) =
            (0..PRINCIPALS).map(|number| soak.sign(number)).collect();
        soak
    }

    fn sign(&self, number: usize) -> String {
        let token = self.signer.token(subject(number)).role(role(number));
        token.sign().expect("the key signs")
    }

    /// Half of the principals have tokens of the new key, the others go on with theirs.
    pub(crate) fn rotate(&self, round: u64) {
        let key = SigningKey::random(round.to_string()).expect("the system has random numbers");
        self.signer
            .rotate(key)
            .expect("another id, the same algorithm");
        for number in (0..PRINCIPALS).filter(|number| number % 4 < 2) {
            let token = self.sign(number);
            if let Some(place) = self
                .tokens
                .write()
                .unwrap_or_else(PoisonError::into_inner)
                .get_mut(number)
            {
                *place = token;
            }
        }
        self.rotations.fetch_add(1, Ordering::Relaxed);
    }

    /// Revokes a token that no principal uses.
    pub(crate) async fn revoke<S: RevocationStore>(&self, revocations: &Revocations<S>) {
        let token = self.sign(1);
        let until = SystemTime::now() + Duration::from_secs(3600);
        // While Redis is away it cannot be revoked, which is an error here.
        if revocations
            .revoke_token(&Secret::new(token.as_str()), until)
            .await
            .is_ok()
        {
            let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
            revoked.push(token);
        }
    }

    pub(crate) fn tenths(&self) -> u64 {
        self.answered().min(self.requests) * 10 / self.requests.max(1)
    }

    /// Requests that were sent behind one that ended the connection are sent anew, and not counted.
    fn answered(&self) -> u64 {
        self.statuses
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum()
    }

    /// The next request, until enough were answered.
    pub(crate) fn next(&self, random: &mut Random) -> Option<Request> {
        if self.answered() >= self.requests {
            return None;
        }
        let number = random.below(PRINCIPALS);
        // Who calls: a subject, and whether Redis is asked.
        let (token, caller, asks_redis) = match random.below(20) {
            0 => (None, None, false),
            1 => (Some(format!("opaque-{number}-wrong")), None, false),
            2 => {
                let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
                let token = revoked.get(random.below(revoked.len().max(1))).cloned();
                let asks_redis = token.is_some();
                (token, None, asks_redis)
            }
            3..=10 => (Some(opaque(number)), Some(number), false),
            _ => {
                let tokens = self.tokens.read().unwrap_or_else(PoisonError::into_inner);
                (tokens.get(number).cloned(), Some(number), true)
            }
        };
        let (method, path, body) = match random.below(5) {
            0 => ("GET", "/even", String::new()),
            1 => ("POST", "/echo", "x".repeat(1 + random.below(2_000))),
            2 => ("GET", "/open", String::new()),
            _ => ("GET", "/me", String::new()),
        };
        let (status, answer) = match (path, caller) {
            ("/open", None) if token.is_none() => (200, Some(String::from("anonymous"))),
            (_, None) => (401, None),
            ("/even", Some(number)) if role(number) == "odd" => (403, None),
            ("/echo", Some(number)) => (200, Some(format!("{}:{body}", subject(number)))),
            (_, Some(number)) => (200, Some(subject(number))),
        };
        Some(Request {
            method,
            path,
            token,
            body,
            is_cancelled: random.below(300) == 0,
            status,
            answer,
            may_be_unavailable: self.has_redis && asks_redis,
            was_away: self.is_away.load(Ordering::SeqCst),
            kills: self.kills.load(Ordering::SeqCst),
        })
    }

    /// Compares an answer with what it has to be.
    pub(crate) fn check(&self, over: Connection, request: &Request, status: u16, body: &[u8]) {
        self.connections[over as usize].fetch_add(1, Ordering::Relaxed);
        let place = usize::from(status / 100).min(5);
        if let Some(count) = self.statuses.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        // Redis is away, or was killed while the request was on its way.
        let is_away = request.was_away
            || self.is_away.load(Ordering::SeqCst)
            || self.kills.load(Ordering::SeqCst) != request.kills;
        if status == 503 && request.may_be_unavailable && is_away {
            return;
        }
        let is_right = status == request.status
            && request
                .answer
                .as_ref()
                .is_none_or(|answer| answer.as_bytes() == body);
        if !is_right {
            let body = String::from_utf8_lossy(body);
            self.fail(&format!(
                "{} {} with {:.30?}: {status} {body:.100}, not {} {:.100}; the last outage: {}",
                request.method,
                request.path,
                request.token.as_deref().unwrap_or_default(),
                request.status,
                request.answer.as_deref().unwrap_or_default(),
                self.outage.lock().unwrap_or_else(PoisonError::into_inner),
            ));
        }
    }

    /// Fails where a kind of connection was hardly used.
    pub(crate) fn check_kinds(&self) {
        let few = |count: &AtomicU64| count.load(Ordering::Relaxed) < self.requests / 100;
        if self.connections.iter().any(few) {
            self.fail(&format!(
                "one kind of connection had hardly a request: {self}"
            ));
        }
    }

    pub(crate) fn fail(&self, failure: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        // The first ones say it.
        if failures.len() < 1_000 {
            let seconds = self.started.elapsed().as_secs_f32();
            failures.push(format!("at {seconds:.1} s: {failure}"));
        }
    }

    pub(crate) fn failures(&self) -> Vec<String> {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Remembers outages, for the failures.
impl AuditSink for Outages {
    fn record(&self, event: &DecisionEvent<'_>) {
        if event.status.is_some_and(|status| status == 503) {
            let soak = &self.0;
            let seconds = soak.started.elapsed().as_secs_f32();
            let mut outage = soak.outage.lock().unwrap_or_else(PoisonError::into_inner);
            *outage = format!("{:?} at {seconds:.1} s", event.reason);
        }
    }
}

pub(crate) struct Outages(pub(crate) Arc<Soak>);

pub(crate) fn opaque(number: usize) -> String {
    format!("opaque-{number}-{}", number * 7919 % 10_007)
}

impl fmt::Display for Soak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (hundred, count) in self.statuses.iter().enumerate().skip(2) {
            write!(f, "{hundred}xx: {}, ", count.load(Ordering::Relaxed))?;
        }
        let [kept_alive, pipelined, http2] = &self.connections;
        for (name, count) in [
            ("kept alive", kept_alive),
            ("pipelined", pipelined),
            ("HTTP/2", http2),
        ] {
            write!(f, "{name}: {}, ", count.load(Ordering::Relaxed))?;
        }
        write!(
            f,
            "{} cancelled, {} rotations",
            self.cancelled.load(Ordering::Relaxed),
            self.rotations.load(Ordering::Relaxed)
        )
    }
}
