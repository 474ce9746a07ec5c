//! The one extractor that a guarded handler takes.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use actix_web::dev::Payload;
use actix_web::{Error, FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use pin_project_lite::pin_project;

use super::ask::Asking;
use super::check::Checks;
use super::decide::{Decided, Step, decide, refuse};
use super::questions::CheckTable;
use super::rule::{Rule, RuleOf, Spec};
use crate::denial::Denial;
use crate::enforce::authenticate;
use crate::extract::authorized::note_granted;
use crate::model::requirement::Access;

/// The arguments of a handler whose decision was made, and made for it.
///
/// The attributes write it; nobody else needs to. It authenticates and decides before any of the
/// handler's own extractors is constructed and before a byte of the body is read.
pub struct Guarded<S, A> {
    /// What the handler's own extractors gave.
    pub args: A,
    // Nobody can make one but `from_request` (and the test kit), and so nobody can call a guarded
    // handler undecided.
    decided: PhantomData<S>,
}

#[cfg(feature = "testing")]
impl<S: Spec, A> Guarded<S, A> {
    /// The arguments of a handler without a decision, to call it directly in a test.
    ///
    /// The arguments stand in a tuple, in the handler's order. A handler below `#[get(..)]` or its
    /// like is no function any more; one that is mounted with `.to(handler)` is.
    ///
    /// ```
    /// use actix_web::web;
    /// use auth_runtime::prelude::*;
    /// use auth_runtime::testing::Guarded;
    ///
    /// #[requires_role("admin")]
    /// async fn greet(name: web::Path<String>, _: web::Query<()>) -> String { format!("Hello, {name}.") }
    ///
    /// # actix_web::rt::System::new().block_on(async {
    /// let arguments = (web::Path::from("ada".to_owned()), web::Query(()));
    /// assert_eq!(greet(Guarded::for_test(arguments)).await, "Hello, ada.");
    /// # });
    /// ```
    pub fn for_test(args: A) -> Self {
        Self {
            args,
            decided: PhantomData,
        }
    }
}

impl<S, A> FromRequest for Guarded<S, A>
where
    S: Spec<Checks: Checks<A>>,
    A: FromRequest + 'static,
{
    type Error = Error;
    type Future = GuardedFuture<S, A>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let rule = RuleOf::<S>::RULE;
        let step = decide(request, rule);
        #[cfg(feature = "sweep")]
        let step = crate::enforce::kit::probe::watch::<S>(request, rule, step);
        let stage = match step {
            Step::Decided(Ok(asking)) => Stage::extract(request, payload, rule, asking),
            Step::Decided(Err(denial)) => Stage::Refused {
                denial: Some(denial),
            },
            Step::Pending(decision) => Stage::Deciding {
                decision,
                request: request.clone(),
                payload: payload.take(),
            },
        };
        GuardedFuture {
            stage,
            rule,
            checks: CheckTable {
                own: <S::Checks as Checks<A>>::CHECKS,
                named: <S::Checks as Checks<A>>::NAMED,
            },
            spec: PhantomData,
        }
    }
}

pin_project! {
    /// The future of [`Guarded`].
    pub struct GuardedFuture<S, A>
    where
        A: FromRequest,
        A: 'static,
    {
        #[pin]
        stage: Stage<A>,
        rule: &'static Rule,
        checks: CheckTable<A>,
        spec: PhantomData<S>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<A: FromRequest> {
        Refused { denial: Option<Denial> },
        Deciding {
            decision: LocalBoxFuture<'static, Decided>,
            request: HttpRequest,
            payload: Payload,
        },
        Extracting {
            #[pin]
            arguments: A::Future,
            // Where an extractor may be refused for itself: the request, to see whether it was.
            watched: Option<HttpRequest>,
            // Where the decision depends on the arguments.
            asking: Option<Box<Asking>>,
        },
        Checking { checked: LocalBoxFuture<'static, Result<A, Denial>> },
    }
}

impl<A: FromRequest> Stage<A> {
    fn extract(
        request: &HttpRequest,
        payload: &mut Payload,
        rule: &'static Rule,
        asking: Option<Box<Asking>>,
    ) -> Self {
        match &asking {
            // What holds wherever the requirement does.
            None => note_granted(
                request,
                rule.questions.granted().map(|(_, name)| (name.id)()),
            ),
            Some(asking) => note_granted(request, asking.granted()),
        }
        let watched = matches!(rule.access, Access::Public(_)).then(|| request.clone());
        if let Some(request) = &watched {
            authenticate::forget_refused_extractor(request);
        }
        Self::Extracting {
            arguments: A::from_request(request, payload),
            watched,
            asking,
        }
    }
}

impl<S, A: FromRequest + 'static> Future for GuardedFuture<S, A> {
    type Output = Result<Guarded<S, A>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.stage.as_mut().project() {
                StageProjection::Refused { denial } => {
                    return match denial.take() {
                        Some(denial) => Poll::Ready(Err(denial.into())),
                        // Polled again after it was ready: there is nothing more to come.
                        None => Poll::Pending,
                    };
                }
                StageProjection::Deciding {
                    decision,
                    request,
                    payload,
                } => match ready!(decision.as_mut().poll(cx)) {
                    Ok(asking) => Stage::extract(request, payload, this.rule, asking),
                    Err(denial) => Stage::Refused {
                        denial: Some(denial),
                    },
                },
                StageProjection::Extracting {
                    arguments,
                    watched,
                    asking,
                } => {
                    let args = match ready!(arguments.poll(cx)) {
                        Ok(args) => args,
                        Err(error) => {
                            if let Some(asking) = asking {
                                asking.refuse_unreadable()?;
                            }
                            return Poll::Ready(Err(error.into()));
                        }
                    };
                    if let Some(request) = watched
                        && let Some((auth, refusal)) = authenticate::swallowed_refusal(request)
                    {
                        let denial = refusal.into_denial(&auth, Some(&this.rule.access), request);
                        let denial = refuse(request, this.rule, Some(&auth), denial, None);
                        return Poll::Ready(Err(denial.into()));
                    }
                    let Some(asking) = asking.take() else {
                        return Poll::Ready(Ok(Guarded::decided(args)));
                    };
                    let checks = *this.checks;
                    let checked = async move {
                        asking.ask_checks(checks, &args).await?;
                        Ok(args)
                    };
                    Stage::Checking {
                        checked: Box::pin(checked),
                    }
                }
                StageProjection::Checking { checked } => {
                    let args = ready!(checked.as_mut().poll(cx))?;
                    return Poll::Ready(Ok(Guarded::decided(args)));
                }
            };
            this.stage.set(next);
        }
    }
}

impl<S, A> Guarded<S, A> {
    fn decided(args: A) -> Self {
        Self {
            args,
            decided: PhantomData,
        }
    }
}

impl<S, A: fmt::Debug> fmt::Debug for Guarded<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded")
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}

impl<S, A: FromRequest> fmt::Debug for GuardedFuture<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedFuture").finish_non_exhaustive()
    }
}
