//! What a sweep saw.

use std::collections::BTreeSet;
use std::fmt;

use actix_web::http::StatusCode;

use super::caller::Caller;
use crate::enforce::kit::probe::{GuardDecision, GuardOutcome};
use crate::model::principal::Principal;
use crate::review::registry::{AccessMatrix, HandlerRecord, May, records};

/// One request of a sweep, and its answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Observation {
    /// The method, in capital letters.
    pub method: String,
    /// The pattern of the route that was asked for.
    pub pattern: String,
    /// The caller.
    pub caller: Caller,
    /// The handler or mount point that decided, of several the outermost; `None` where none did.
    pub handler: Option<&'static str>,
    /// What it decided; [`Observed::Unprotected`] where nothing did.
    pub observed: Observed,
    /// The records of the guards that decided.
    pub(super) records: Vec<&'static HandlerRecord>,
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Observed {
    /// The handler would have been called.
    Granted,
    /// The request was refused.
    Denied,
    /// A policy would have been asked.
    Depends,
    /// It was answered with this status, and without a decision.
    Unprotected(StatusCode),
    /// There is no route for it: 404 or 405, for a method that the route does not name.
    NoRoute,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A route answers without a decision.
    Unprotected {
        /// Method and pattern.
        route: String,
        /// The resource's name, where it has one: that of the handler, below `#[get]` and its like.
        name: Option<String>,
        /// With what it answered.
        status: StatusCode,
        /// The first caller who saw it.
        caller: Caller,
    },
    /// A handler decided otherwise than its record declares.
    Differs {
        /// Method and pattern.
        route: String,
        /// The handler's path.
        handler: &'static str,
        /// The caller.
        caller: Caller,
        /// What the record says of this caller.
        declared: &'static str,
        /// What was decided.
        observed: String,
    },
    /// No decision could be made: the app is not configured for it.
    Misconfigured {
        /// Method and pattern.
        route: String,
        /// The handler's path.
        handler: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A route is never reached, for one that was registered before it matches its paths too.
    Shadowed {
        /// Method and pattern; the pattern alone where the other has the same one.
        route: String,
        /// The pattern, or the scope, that matches in its place.
        by: String,
    },
    /// HEAD grants a caller that GET refuses.
    HeadSlips {
        /// The pattern.
        pattern: String,
        /// Who.
        caller: Caller,
    },
    /// A route that could not be tried.
    NotTried {
        /// Method and pattern, or the pattern alone.
        route: String,
        /// Why, and what helps.
        because: String,
    },
}

/// What a sweep saw: every answer, and what is wrong with them.
#[derive(Clone, Debug)]
pub struct SweepReport {
    pub(super) observations: Vec<Observation>,
    pub(super) findings: Vec<Finding>,
}

impl SweepReport {
    /// Every request and its answer: by pattern, then method, then caller.
    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// What is wrong, each once, in the order in which it was found.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Every record of this binary whose handler was never reached: not mounted in this app, or
    /// mounted behind another. Ordered by path.
    #[must_use]
    pub fn unreached(&self) -> Vec<&'static HandlerRecord> {
        let is_reached = |record: &&HandlerRecord| {
            let mut reached = self.observations.iter().flat_map(|each| &each.records);
            reached.any(|other| other == record)
        };
        records()
            .iter()
            .copied()
            .filter(|record| !is_reached(record))
            .collect()
    }

    /// The access matrix of the handlers that the sweep reached, with the routes of the running
    /// app: also those that an attribute below its route does not see, and with the prefixes of
    /// scopes.
    #[must_use]
    pub fn matrix(&self) -> AccessMatrix {
        let unreached = self.unreached();
        let reached = records()
            .iter()
            .copied()
            .filter(|record| !unreached.contains(record));
        let matrix = AccessMatrix::of_records(reached);
        // What a default service answers is no route, though it has a decision.
        let routed = |seen: &&Observation| seen.observed != Observed::NoRoute;
        self.observations
            .iter()
            .filter(routed)
            .fold(matrix, |matrix, observation| {
                let meant = &observation.records;
                matrix.with_route_of(
                    |record| meant.contains(&record),
                    &observation.method,
                    &observation.pattern,
                )
            })
    }

    /// Fails where anything was found.
    ///
    /// # Panics
    ///
    /// With every finding, one a line.
    #[allow(clippy::panic, reason = "an assertion, for tests")]
    #[track_caller]
    pub fn assert_clean(&self) {
        assert!(self.findings.is_empty(), "{self}");
    }
}

/// Findings from what was seen.
impl SweepReport {
    pub(super) fn find(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    pub(super) fn find_unprotected(
        &mut self,
        route: String,
        name: Option<String>,
        status: StatusCode,
        caller: &Caller,
    ) {
        let is_known = self.findings.iter().any(
            |finding| matches!(finding, Finding::Unprotected { route: known, .. } if *known == route),
        );
        if !is_known {
            self.findings.push(Finding::Unprotected {
                route,
                name,
                status,
                caller: caller.clone(),
            });
        }
    }

    /// Compares a decision with what the handler's record declares for this caller.
    pub(super) fn compare(
        &mut self,
        route: String,
        (caller, meant): (&Caller, Option<&Principal>),
        decided: &GuardDecision,
    ) {
        let handler = decided.handler.path;
        if let GuardOutcome::Denied {
            reason,
            is_fault: true,
        } = &decided.outcome
        {
            return self.find(Finding::Misconfigured {
                route,
                handler,
                reason: reason.clone(),
            });
        }
        // The caller that was meant, where none was found: then that is what differs.
        let found = decided.caller.as_ref().or(meant);
        let declared = decided.record.may(found);
        let declared = match (declared, &decided.outcome) {
            (May::Yes, GuardOutcome::Granted)
            | (May::No, GuardOutcome::Denied { .. })
            | (May::Depends, GuardOutcome::Depends) => return,
            (May::Yes, _) => "granted",
            (May::No, _) => "denied",
            (May::Depends, _) => "by a policy or check",
        };
        let observed = match &decided.outcome {
            GuardOutcome::Granted => "granted".to_owned(),
            GuardOutcome::Depends => "by a policy or check".to_owned(),
            GuardOutcome::Denied { reason, .. } => format!("denied: {reason}"),
        };
        self.find(Finding::Differs {
            route,
            handler,
            caller: caller.clone(),
            declared,
            observed,
        });
    }

    /// RFC 9110 §9.3.2: HEAD is GET without the content, so that it must not be open to more.
    pub(super) fn find_head_slips(&mut self) {
        let of = |method: &str, observed: Observed| -> BTreeSet<(String, Caller)> {
            self.observations
                .iter()
                .filter(|each| each.method == method && each.observed == observed)
                .map(|each| (each.pattern.clone(), each.caller.clone()))
                .collect()
        };
        let refused = of("GET", Observed::Denied);
        let granted = of("HEAD", Observed::Granted);
        for (pattern, caller) in granted.intersection(&refused).cloned() {
            self.find(Finding::HeadSlips { pattern, caller });
        }
    }
}

/// The findings, one a line.
impl fmt::Display for SweepReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} requests, {} findings",
            self.observations.len(),
            self.findings.len()
        )?;
        for finding in &self.findings {
            writeln!(f, "  {finding}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unprotected {
                route,
                name,
                status,
                caller,
            } => {
                write!(f, "unprotected: `{route}`")?;
                if let Some(name) = name {
                    write!(f, " (`{name}`)")?;
                }
                let status = status.as_u16();
                write!(f, " answers {status} to {caller} without a decision: ")?;
                f.write_str(if route.ends_with("/*") {
                    "it is a default service, or a middleware that writes pages: use \
                     `Auth::not_found_service`, or `#[public(reason = \"...\")]` on its handler"
                } else {
                    "add `#[requires_auth]` to its handler, or `#[public(reason = \"...\")]` if \
                     anyone may call it; `require!(..)` is for services without a handler"
                })
            }
            Self::Differs {
                route,
                handler,
                caller,
                declared,
                observed,
            } => write!(
                f,
                "differs: `{route}` ({handler}), for {caller}: declared {declared}, decided {observed}"
            ),
            Self::Misconfigured {
                route,
                handler,
                reason,
            } => write!(f, "misconfigured: `{route}` ({handler}): {reason}"),
            Self::Shadowed { route, by } => write!(
                f,
                "shadowed: `{route}` is never reached, for `{by}` matches before it"
            ),
            Self::HeadSlips { pattern, caller } => {
                write!(
                    f,
                    "HEAD slips: `{pattern}` lets in {caller} by HEAD and not by GET"
                )
            }
            Self::NotTried { route, because } => write!(f, "not tried: `{route}`: {because}"),
        }
    }
}
