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

use crate::denial::Denial;
use crate::enforce::admit::{Deciding, Step, admit};
use crate::enforce::arguments::Arguments;
use crate::enforce::ask::Asking;
use crate::enforce::check::Checks;
use crate::enforce::decide::Grounds;
use crate::enforce::finish::{self, Place};
use crate::enforce::questions::CheckTable;
use crate::enforce::rule::{Rule, RuleOf, Spec};
use crate::enforce::state;
use crate::model::requirement::Access;

/// The arguments of a handler whose decision was made, and made for it.
///
/// The attributes write it; it is not for use by hand. It authenticates and decides before any of the
/// handler's own extractors is constructed and before a byte of the body is read.
pub struct Guarded<S, A> {
    /// What the handler's own extractors gave.
    pub args: A,
    // Only `from_request` (and the test kit) can make one, so that no other code can call a guarded
    // handler unprotected.
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
    A: Arguments,
{
    type Error = Error;
    type Future = GuardedFuture<S, A>;

    #[inline]
    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let rule = RuleOf::<S, A>::RULE;
        let stage = match admit(request, rule, payload) {
            Step::Ready(Ok(asking)) => Stage::extract(request, payload, rule, asking),
            Step::Ready(Err(denial)) => Stage::Refused {
                denial: Some(denial),
            },
            Step::Pending(deciding) => Stage::Deciding { deciding },
        };
        GuardedFuture {
            stage,
            spec: PhantomData,
        }
    }
}

pin_project! {
    /// The future of [`Guarded`].
    pub struct GuardedFuture<S, A>
    where
        A: Arguments,
    {
        #[pin]
        stage: Stage<A>,
        spec: PhantomData<S>,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<A: Arguments> {
        Refused { denial: Option<Denial> },
        Deciding { deciding: Box<Deciding> },
        Extracting {
            #[pin]
            arguments: A::Future,
            afterwards: Option<Box<Afterwards>>,
        },
        Checking { checked: LocalBoxFuture<'static, Result<A, Denial>> },
    }
}

/// What else there is to do when the arguments have come.
struct Afterwards {
    request: HttpRequest,
    rule: &'static Rule,
    /// Where the decision depends on the arguments.
    asking: Option<Box<Asking>>,
}

impl Afterwards {
    #[cold]
    #[inline(never)]
    fn of(
        request: &HttpRequest,
        rule: &'static Rule,
        asking: Option<Box<Asking>>,
    ) -> Option<Box<Self>> {
        match &asking {
            // What holds wherever the requirement does.
            None => state::note_granted(
                request,
                rule.questions.granted().map(|(_, name)| (name.id)()),
            ),
            Some(asking) => state::note_granted(request, asking.granted()),
        }
        let is_public = matches!(rule.access, Access::Public(_));
        if is_public {
            state::forget_refused_extractor(request);
        }
        (is_public || asking.is_some()).then(|| {
            Box::new(Self {
                request: request.clone(),
                rule,
                asking,
            })
        })
    }

    /// The arguments cannot be extracted: what is to be said instead of why.
    #[cold]
    fn refuse_unreadable(&self) -> Result<(), Denial> {
        match &self.asking {
            Some(asking) => asking.refuse_unreadable(),
            None => Ok(()),
        }
    }

    /// An extractor of a public handler may be refused for itself, and the handler
    /// may not mind.
    #[cold]
    fn refuse_swallowed(&self) -> Result<(), Denial> {
        if !matches!(self.rule.access, Access::Public(_)) {
            return Ok(());
        }
        let Some((auth, refusal)) = state::swallowed_refusal(&self.request) else {
            return Ok(());
        };
        let place = Place {
            request: &self.request,
            rule: Some(self.rule),
            auth: auth.as_ref(),
            principal: None,
        };
        Err(finish::refuse(place, Grounds::Unauthenticated(refusal)))
    }
}

impl<A: Arguments> Stage<A> {
    #[inline]
    fn extract(
        request: &HttpRequest,
        payload: &mut Payload,
        rule: &'static Rule,
        asking: Option<Box<Asking>>,
    ) -> Self {
        let is_plain = asking.is_none()
            && !rule.questions.has_named()
            && matches!(rule.access, Access::Requires(_));
        let afterwards = if is_plain {
            None
        } else {
            Afterwards::of(request, rule, asking)
        };
        Self::Extracting {
            arguments: A::extract(request, payload),
            afterwards,
        }
    }
}

impl<S, A> Future for GuardedFuture<S, A>
where
    S: Spec<Checks: Checks<A>>,
    A: Arguments,
{
    type Output = Result<Guarded<S, A>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let next = match this.stage.as_mut().project() {
                StageProjection::Extracting {
                    arguments,
                    afterwards,
                } => {
                    let extracted = ready!(arguments.poll(cx));
                    let Some(afterwards) = afterwards.take() else {
                        return Poll::Ready(extracted.map(Guarded::decided));
                    };
                    let args = match extracted {
                        Ok(args) => args,
                        Err(error) => {
                            afterwards.refuse_unreadable()?;
                            return Poll::Ready(Err(error));
                        }
                    };
                    afterwards.refuse_swallowed()?;
                    let Some(asking) = afterwards.asking else {
                        return Poll::Ready(Ok(Guarded::decided(args)));
                    };
                    let checks = CheckTable {
                        own: <S::Checks as Checks<A>>::CHECKS,
                        named: <S::Checks as Checks<A>>::NAMED,
                    };
                    let checked = async move {
                        asking.ask_checks(checks, &args).await?;
                        Ok(args)
                    };
                    Stage::Checking {
                        checked: Box::pin(checked),
                    }
                }
                StageProjection::Refused { denial } => {
                    return match denial.take() {
                        Some(denial) => Poll::Ready(Err(denial.into())),
                        // Polled again after it was ready: there is nothing more to come.
                        None => Poll::Pending,
                    };
                }
                StageProjection::Deciding { deciding } => {
                    let (entry, mut payload) = ready!(Pin::new(&mut **deciding).poll(cx));
                    match entry {
                        Ok(asking) => Stage::extract(
                            deciding.request(),
                            &mut payload,
                            RuleOf::<S, A>::RULE,
                            asking,
                        ),
                        Err(denial) => Stage::Refused {
                            denial: Some(denial),
                        },
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

impl<S, A: Arguments> fmt::Debug for GuardedFuture<S, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedFuture").finish_non_exhaustive()
    }
}
