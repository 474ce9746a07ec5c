//! The rules: one function each, with the rule in prose above it.

mod annotations;
mod block;
mod function;
mod literal;
mod logic;

pub(crate) use self::annotations::{overriding_block, same_twice, together};
pub(crate) use self::block::{
    exempt_route, hidden_by_cfg_attr, inside_bodies, macro_in_block, no_handler, undecided_in_trait,
};
pub(crate) use self::function::{function, function_of_trait};

use crate::{annotation::Kind, diagnostics::Diagnostics, expression::Expression};

/// Everything that can be said of one requirement alone.
pub(crate) fn requirement(expression: &Expression, kind: Kind, diagnostics: &mut Diagnostics) {
    let before = diagnostics.count();
    literal::every(expression, diagnostics);
    logic::not_authenticated(expression, diagnostics);
    logic::duplicates(expression, diagnostics);
    // What follows would only say the same again.
    if diagnostics.count() == before && kind != Kind::RequiresAuth {
        logic::constant(expression, diagnostics);
    }
}
