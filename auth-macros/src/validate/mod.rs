//! The rules: one function each, with the rule in prose above it.

mod annotations;
pub(crate) mod block;
mod function;
pub(crate) mod given;
mod literal;
mod logic;

pub(crate) use self::annotations::together;
pub(crate) use self::function::function;

use crate::{
    diagnostics::Diagnostics,
    item::{
        Target,
        block::{Item, Items},
    },
    model::{
        annotation::{Annotation, Kind},
        expression::Expression,
    },
};

/// Every requirement that is written on an item and in it, each by itself.
pub(crate) fn requirements(target: &Target, diagnostics: &mut Diagnostics) {
    match target {
        Target::Handler(function) => each(&function.annotations, diagnostics),
        Target::ImplBlock(block) => {
            each(&block.annotations, diagnostics);
            of_items(&block.items, diagnostics);
        }
        Target::Module(module) => {
            each(&module.annotations, diagnostics);
            if let Some(items) = module.items() {
                of_items(items, diagnostics);
            }
        }
        Target::Other(other) => each(&other.annotations, diagnostics),
    }
}

fn of_items(items: &Items, diagnostics: &mut Diagnostics) {
    for item in &items.items {
        match item {
            Item::Function(function) => each(&function.annotations, diagnostics),
            Item::ImplBlock(block) => {
                each(&block.annotations, diagnostics);
                of_items(&block.items, diagnostics);
            }
            Item::Module(module) => {
                each(&module.annotations, diagnostics);
                if let Some(items) = module.items() {
                    of_items(items, diagnostics);
                }
            }
            Item::Trait(of) => of_items(&of.items, diagnostics),
            _ => {}
        }
    }
}

/// Each of several attributes by itself.
pub(crate) fn each(annotations: &[Annotation], diagnostics: &mut Diagnostics) {
    for annotation in annotations {
        if let Some(written) = &annotation.requirement {
            requirement(written, annotation.kind, diagnostics);
        }
    }
}

/// Everything that can be said of one requirement alone.
pub(crate) fn requirement(expression: &Expression, kind: Kind, diagnostics: &mut Diagnostics) {
    if kind == Kind::RequiresAuth {
        return;
    }
    let before = diagnostics.count();
    literal::every(expression, diagnostics);
    logic::not_authenticated(expression, diagnostics);
    logic::duplicates(expression, diagnostics);
    // What follows would only say the same again.
    if diagnostics.count() == before {
        logic::constant(expression, diagnostics);
    }
}
