//! Connections that last longer than the decision about their request.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use actix_web::HttpRequest;
use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::time::{Instant, sleep};
use actix_web::web::Bytes;
use futures_util::Stream;
use futures_util::future::LocalBoxFuture;
use pin_project_lite::pin_project;

use crate::config::Auth;
use crate::enforce::authenticate::{Outcome, Refusal, authenticate_again};
use crate::enforce::state;
use crate::extract::authenticated::Authenticated;
use crate::http::escape::escaped;
use crate::model::principal::Principal;
use crate::model::requirement::Access;
use crate::model::requirement::evaluate::{Verdict, evaluate};
use crate::scheme::Rejection;

impl<User: 'static> Authenticated<User> {
    /// A future that ends when the caller may no longer have what the handler gave: for a WebSocket
    /// or a streaming body, which lasts longer than the decision about its request.
    ///
    /// ```
    /// use actix_web::{HttpRequest, HttpResponse, get, web::Bytes};
    /// use auth_runtime::prelude::*;
    /// # use futures_util::stream;
    /// # fn news() -> impl futures_util::Stream<Item = Result<Bytes, actix_web::Error>> { stream::pending() }
    ///
    /// #[get("/events")]
    /// #[requires_auth]
    /// async fn events(request: HttpRequest, caller: Authenticated) -> HttpResponse {
    ///     let until_revoked = caller.until_revoked(&request);
    ///     HttpResponse::Ok()
    ///         .content_type("text/event-stream")
    ///         .streaming(until_revoked.ending(news()))
    /// }
    /// ```
    ///
    /// In the loop of a WebSocket it is one branch of a `select`, and what it says goes into the
    /// close frame: code 1008 (RFC 6455 §7.4.1: "violates its policy"), or one of your own from
    /// 4000 on.
    ///
    /// ```text
    /// let mut until_revoked = caller.until_revoked(&request);
    /// loop {
    ///     tokio::select! {
    ///         ended = &mut until_revoked => break Some((CloseCode::Policy, ended.to_string()).into()),
    ///         message = messages.recv() => ..
    ///     }
    /// }
    /// ```
    ///
    /// The credentials of the request are verified again by the scheme that found the caller, every
    /// five seconds (a password every minute), or as [`every`](UntilRevoked::every) says. So it sees
    /// what the scheme sees: a token, key or session that expired or was revoked, here or on another
    /// server, a user who was deleted. The handler's own requirement is evaluated again as well, as
    /// far as it rests on the principal: a role that was taken away ends the connection, and
    /// policies, checks and `max_age` are not asked again.
    ///
    /// # Security
    ///
    /// While the credentials cannot be verified, the connection goes on for ten seconds, or as
    /// [`outage`](UntilRevoked::outage) says, and ends then. An expiry that is known ends it in
    /// time, whatever can be reached. A verifier that keeps its outcomes, such as an introspection,
    /// sees a revocation as late as it does for requests.
    ///
    /// The client can connect again, and is decided about anew.
    #[must_use = "the connection goes on unless this is awaited"]
    pub fn until_revoked(&self, request: &HttpRequest) -> UntilRevoked {
        let principal = self.principal().clone();
        let auth = Auth::of(request).ok();
        let scheme = auth.and_then(|auth| {
            auth.accepted(None)
                .find(|scheme| Some(scheme.name()) == principal.scheme())
        });
        UntilRevoked {
            every: scheme.map_or(
                Duration::from_secs(5),
                crate::scheme::Scheme::recheck_interval,
            ),
            outage: Duration::from_secs(10),
            state: State::Unpolled(Box::new(Watched {
                auth: auth.cloned(),
                access: state::around(request).0.map(|rule| &rule.access),
                request: request.clone(),
                principal,
            })),
        }
    }
}

/// Why a connection has to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The token, key or session has expired.
    Expired,
    /// It was revoked, or its principal is now another one or none.
    Revoked,
    /// The caller may not any more: a role, scope or permission was taken away, or the network is
    /// blocked.
    Forbidden,
    /// It could not be told for too long.
    Unavailable,
}

impl Ended {
    /// A stable name for logs and close frames, in snake case.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Forbidden => "forbidden",
            Self::Unavailable => "unavailable",
        }
    }
}

/// Fit for a close frame: it says nothing of the app's inside.
impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "the credentials have expired",
            Self::Revoked => "the credentials are not valid any more",
            Self::Forbidden => "not allowed any more",
            Self::Unavailable => "the credentials cannot be verified",
        })
    }
}

/// Ends when the caller may no longer have what the handler gave: made by
/// [`Authenticated::until_revoked`].
#[must_use = "futures do nothing unless they are polled"]
pub struct UntilRevoked {
    every: Duration,
    outage: Duration,
    state: State,
}

enum State {
    Unpolled(Box<Watched>),
    Polled(LocalBoxFuture<'static, Ended>),
    Done(Ended),
}

/// What is verified again.
struct Watched {
    auth: Option<Auth>,
    access: Option<&'static Access>,
    request: HttpRequest,
    principal: Principal,
}

impl UntilRevoked {
    /// Sets how often the credentials are verified again: not more often than ten times a second.
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = interval;
        self
    }

    /// Sets for how long the connection goes on while the credentials cannot be verified. The
    /// default is ten seconds; zero ends it at once.
    pub fn outage(mut self, limit: Duration) -> Self {
        self.outage = limit;
        self
    }

    /// Lets `body` end with it: a stream for [`streaming`](actix_web::HttpResponseBuilder::streaming),
    /// or any [`MessageBody`]. What was streamed so far stays, and the body ends as if it were
    /// complete.
    pub fn ending<B>(self, body: B) -> Ending<B> {
        Ending {
            until_revoked: self,
            body,
        }
    }
}

impl Future for UntilRevoked {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        let (every, outage) = (this.every, this.outage);
        loop {
            match &mut this.state {
                State::Done(ended) => return Poll::Ready(*ended),
                State::Polled(future) => {
                    let ended = ready!(future.as_mut().poll(cx));
                    this.state = State::Done(ended);
                }
                State::Unpolled(_) => {
                    let done = State::Done(Ended::Unavailable);
                    if let State::Unpolled(watched) = std::mem::replace(&mut this.state, done) {
                        this.state = State::Polled(Box::pin(watched.watch(every, outage)));
                    }
                }
            }
        }
    }
}

impl Watched {
    async fn watch(self: Box<Self>, every: Duration, outage: Duration) -> Ended {
        const AT_LEAST: Duration = Duration::from_millis(100);
        // An outage is noticed to be over before it ends what goes on.
        const IN_AN_OUTAGE: Duration = Duration::from_secs(1);
        let every = every.max(AT_LEAST);
        let mut expires_at = self.principal.expires_at();
        let mut unanswered_since = None;
        let ended = loop {
            let expires_in = expires_at.map(|at| at.duration_since(self.now()).unwrap_or_default());
            let pause = match unanswered_since {
                None => every,
                Some(_) => every.min(IN_AN_OUTAGE),
            };
            sleep(expires_in.map_or(pause, |rest| pause.min(rest.max(AT_LEAST)))).await;
            if expires_at.is_some_and(|at| at <= self.now()) {
                break Ended::Expired;
            }
            match self.verify_again().await {
                Ok(principal) if principal.subject() == self.principal.subject() => {
                    if self.is_forbidden(&principal) {
                        break Ended::Forbidden;
                    }
                    expires_at = principal.expires_at();
                    unanswered_since = None;
                }
                Ok(_) => break Ended::Revoked,
                Err(refusal) => match ending_of(&refusal) {
                    Some(ended) => break ended,
                    None => {
                        let since = *unanswered_since.get_or_insert_with(Instant::now);
                        if since.elapsed() >= outage {
                            break Ended::Unavailable;
                        }
                    }
                },
            }
        };
        tracing::info!(
            target: "auth_runtime",
            reason = ended.code(),
            scheme = self.principal.scheme(),
            subject = &*escaped(self.principal.subject()),
            "connection ended"
        );
        ended
    }

    fn now(&self) -> SystemTime {
        self.auth.as_ref().map_or_else(SystemTime::now, Auth::now)
    }

    async fn verify_again(&self) -> Outcome {
        match &self.auth {
            Some(auth) => authenticate_again(auth, &self.request, self.principal.scheme()).await,
            // As in a test that calls the handler: there is nothing to ask.
            None => Err(Refusal::Rejected(vec![(
                "",
                Rejection::unavailable("no `Auth`"),
            )])),
        }
    }

    /// Whether the requirement is not met, whatever its policies and checks would say.
    fn is_forbidden(&self, principal: &Principal) -> bool {
        match self.access {
            Some(Access::Requires(requirement)) => {
                evaluate(requirement, principal, &[]) == Verdict::Refused
            }
            _ => false,
        }
    }
}

/// `None` where it cannot be told.
fn ending_of(refusal: &Refusal) -> Option<Ended> {
    let Refusal::Rejected(rejections) = refusal else {
        return Some(match refusal {
            Refusal::Network => Ended::Forbidden,
            _ => Ended::Revoked,
        });
    };
    match rejections.first() {
        Some((_, Rejection::Expired)) => Some(Ended::Expired),
        Some((
            _,
            Rejection::Unavailable { .. } | Rejection::TooMany { .. } | Rejection::Panicked,
        )) => None,
        _ => Some(Ended::Revoked),
    }
}

impl fmt::Debug for UntilRevoked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UntilRevoked")
            .field("every", &self.every)
            .field("outage", &self.outage)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// A body that ends when its caller may no longer have it: made by [`UntilRevoked::ending`].
    #[derive(Debug)]
    #[must_use = "a body does nothing unless it is sent"]
    pub struct Ending<B> {
        #[pin]
        until_revoked: UntilRevoked,
        #[pin]
        body: B,
    }
}

impl<S: Stream> Stream for Ending<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        // First: a body that always has more would not be asked otherwise.
        match this.until_revoked.poll(cx) {
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => this.body.poll_next(cx),
        }
    }
}

impl<B: MessageBody> MessageBody for Ending<B> {
    type Error = B::Error;

    /// A length cannot be promised.
    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        match this.until_revoked.poll(cx) {
            Poll::Ready(_) => Poll::Ready(None),
            Poll::Pending => this.body.poll_next(cx),
        }
    }
}
