//! Rules on several attributes that meet on one handler.

use crate::{
    diagnostics::Diagnostics,
    model::{
        annotation::{Annotation, Kind},
        expression::Expression,
    },
    rule::Rule,
    validate::logic::{Values, values},
};

/// Checks the attributes of one handler: those of what is around it first, its own last.
pub(crate) fn together(levels: &[&[Annotation]], diagnostics: &mut Diagnostics) {
    let before = diagnostics.count();
    // What is around the handler was checked once, not once for each handler inside.
    if let Some(own) = levels.last() {
        same_twice(own, diagnostics);
    }
    let all: Vec<&Annotation> = levels.iter().copied().flatten().collect();
    public_beside_requirement(levels, diagnostics);
    two_runtime_paths(&all, diagnostics);
    if diagnostics.count() == before && all.iter().all(|one| one.overrides.is_none()) {
        contradiction(&all, diagnostics);
    }
}

/// Two of one kind on one item: is it both or either?
pub(crate) fn same_twice(level: &[Annotation], diagnostics: &mut Diagnostics) {
    for (position, annotation) in level.iter().enumerate() {
        let earlier = level
            .iter()
            .take(position)
            .find(|other| other.kind == annotation.kind);
        let Some(earlier) = earlier else { continue };
        let name = annotation.kind.name();
        let help = if annotation.kind.family().is_some() {
            format!("write one, as `#[{name}(any(...))]` or `#[{name}(all(...))]`")
        } else {
            String::from("remove one")
        };
        diagnostics.report_with_help(
            Rule::SameAttributeTwice,
            annotation.place,
            format!("`#[{name}]` is duplicated on one item"),
            help,
        );
        diagnostics.report(
            Rule::SameAttributeTwice,
            earlier.place,
            format!("the first `#[{name}]` is here"),
        );
    }
}

/// A handler is public or requires something; not both, unless it says itself that it
/// overrides what is around it.
fn public_beside_requirement(levels: &[&[Annotation]], diagnostics: &mut Diagnostics) {
    let (own, around) = match levels.split_last() {
        Some((own, around)) => (*own, around),
        None => (&[][..], levels),
    };
    let is_public = |annotation: &&Annotation| annotation.kind == Kind::Public;
    let own_requirement = own.iter().find(|annotation| !is_public(annotation));
    let own_public = own.iter().find(is_public);
    let mut around = around.iter().copied().flatten();
    if let (Some(place), None) = (
        own_public.and_then(|public| public.overrides),
        own_requirement,
    ) {
        if !around.any(|annotation| !is_public(&annotation)) {
            diagnostics.report_with_help(
                Rule::NothingToOverride,
                place,
                "there is no requirement around this handler to override",
                "remove `overrides`",
            );
        }
        return;
    }
    let all: Vec<&Annotation> = levels.iter().copied().flatten().collect();
    // One that stands on a block was reported there.
    if own_requirement.is_none() && all.iter().any(|annotation| annotation.overrides.is_some()) {
        return;
    }
    let public = all.iter().copied().find(is_public);
    let other = own_requirement.or(around.find(|annotation| !is_public(annotation)));
    if let (Some(public), Some(other)) = (public, other) {
        let name = other.kind.name();
        // What is around a handler is overridden by the handler itself, not by something between.
        let is_overridable = own_requirement.is_none() && own_public.is_some();
        diagnostics.report_with_help(
            Rule::PublicBesideRequirement,
            public.place,
            format!("`#[public]` contradicts `#[{name}]`"),
            if is_overridable {
                "remove one of them, or write `#[public(reason = \"...\", overrides)]` if anyone may \
                 call this handler all the same"
            } else {
                "remove one of them"
            },
        );
        diagnostics.report(
            Rule::PublicBesideRequirement,
            other.place,
            format!("the `#[{name}]` is here"),
        );
    }
}

/// What is around several handlers cannot say for all of them, and for those that are written
/// later, that they are public in spite of the requirement.
pub(crate) fn overriding_block(level: &[Annotation], block: &str, diagnostics: &mut Diagnostics) {
    for place in level.iter().filter_map(|annotation| annotation.overrides) {
        diagnostics.report_with_help(
            Rule::OverridingBlock,
            place,
            format!("`overrides` cannot be applied to {block}"),
            "write `#[public(reason = \"...\", overrides)]` on each handler that anyone may call",
        );
    }
}

/// The guard of a handler is one, and comes from one runtime.
fn two_runtime_paths(all: &[&Annotation], diagnostics: &mut Diagnostics) {
    let mut named = all
        .iter()
        .filter_map(|annotation| annotation.runtime.as_ref());
    let Some((first, first_place)) = named.next() else {
        return;
    };
    if let Some((_, place)) = named.find(|(path, _)| path.text() != first.text()) {
        diagnostics.report_with_help(
            Rule::TwoRuntimePaths,
            *place,
            "the attributes of this handler name two different runtimes",
            "name one",
        );
        diagnostics.report(Rule::TwoRuntimePaths, *first_place, "the first is here");
    }
}

/// Requirements that can each be met, but never together.
fn contradiction(all: &[&Annotation], diagnostics: &mut Diagnostics) {
    let requirements: Vec<Expression> = all
        .iter()
        .filter_map(|annotation| annotation.requirement.clone())
        .collect();
    if requirements.len() < 2 {
        return;
    }
    let Some(last) = all.last() else { return };
    if let Some(joined) = Expression::all(requirements)
        && values(&joined) == Values::Never
    {
        diagnostics.report_with_help(
            Rule::Contradiction,
            last.place,
            "the attributes of this handler are never satisfied together, so no caller could reach it",
            "remove one side of the contradiction",
        );
    }
}
