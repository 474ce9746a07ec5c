//! What checks and named requirements are given, found by name.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{FnArg, Pat, PatType, Type};

use crate::{
    diagnostics::{Diagnostics, nearest},
    item::function::Function,
    model::{
        expression::{CALLER, Check, Expression, Named, Parameter, is_caller},
        questions::Questions,
    },
    routes,
    rule::Rule,
};

/// Where a parameter of a check comes from.
pub(crate) enum Source<'a> {
    /// The principal.
    Caller,
    /// The app's own value of this type.
    Own(&'a TokenStream),
    /// The argument of this index.
    Argument(usize),
}

impl<'a> Source<'a> {
    /// Of a parameter that is the caller.
    pub(crate) fn caller(parameter: &'a Parameter) -> Self {
        match &parameter.ty {
            Some(ty) if !is_principal(ty) => Self::Own(ty),
            _ => Self::Caller,
        }
    }
}

/// The arguments of a handler, or the parameters of a named requirement.
pub(crate) struct Given<'a> {
    /// Whose they are.
    owner: String,
    pub(crate) arguments: Vec<&'a PatType>,
    /// The types stand beside the handler.
    is_handler: bool,
}

impl<'a> Given<'a> {
    pub(crate) fn of_handler(function: &'a Function) -> Self {
        let inputs = function.signature.inputs.iter();
        Self {
            owner: format!("handler `{}`", function.name()),
            arguments: inputs
                .filter_map(|input| match input {
                    FnArg::Typed(argument) => Some(argument),
                    FnArg::Receiver(_) => None,
                })
                .collect(),
            is_handler: true,
        }
    }

    pub(crate) fn of_name(name: &Ident, parameters: &'a [PatType]) -> Self {
        Self {
            owner: format!("`{name}`"),
            arguments: parameters.iter().collect(),
            is_handler: false,
        }
    }

    fn position(&self, name: &Ident) -> Option<usize> {
        let mut arguments = self.arguments.iter();
        arguments.position(|argument| only_name(&argument.pat) == Some(name))
    }

    /// The caller by its name, anything else by the name of the argument.
    ///
    /// A pattern is known by the one name in it (`web::Json(body): web::Json<Transfer>` by `body`);
    /// the check gets the whole argument nonetheless.
    pub(crate) fn find<'p>(
        &self,
        parameter: &'p Parameter,
        diagnostics: &mut Diagnostics,
    ) -> Option<Source<'p>> {
        let name = &parameter.name;
        if !is_caller(name) {
            return self.argument(name, true, diagnostics).map(Source::Argument);
        }
        self.is_one(name, diagnostics)?;
        let index = self.position(name);
        let written = |index: usize| self.arguments.get(index).map(|argument| text(&argument.ty));
        Some(match (&parameter.ty, index) {
            (Some(ty), Some(index)) if written(index) == Some(text(ty)) => Source::Argument(index),
            _ => Source::caller(parameter),
        })
    }

    /// Reports a name that several arguments have: one that a `macro_rules!` writes and one that it
    /// is given may be written alike.
    fn is_one(&self, name: &Ident, diagnostics: &mut Diagnostics) -> Option<()> {
        let arguments = self.arguments.iter();
        let of_the_name = arguments.filter(|argument| only_name(&argument.pat) == Some(name));
        if of_the_name.count() > 1 {
            diagnostics.report_with_help(
                Rule::CheckArgument,
                name.span(),
                format!("{} has two arguments `{name}`", self.owner),
                "give the one that the macro writes another name",
            );
            return None;
        }
        Some(())
    }

    /// The argument of this name.
    pub(crate) fn argument(
        &self,
        name: &Ident,
        is_check: bool,
        diagnostics: &mut Diagnostics,
    ) -> Option<usize> {
        self.is_one(name, diagnostics)?;
        let Some(index) = self.position(name) else {
            self.unknown(name, is_check, diagnostics);
            return None;
        };
        if self.is_handler
            && let Some(argument) = self.arguments.get(index)
        {
            unnamed_type(name, &argument.ty, diagnostics)?;
        }
        Some(index)
    }

    /// What is asked is given what stands there, and a check the caller; nothing else is there to
    /// be asked.
    fn unknown(&self, name: &Ident, is_check: bool, diagnostics: &mut Diagnostics) {
        let is_inside = self
            .arguments
            .iter()
            .any(|argument| routes::mentions(argument.pat.to_token_stream(), &|word| word == name));
        let help = if is_inside {
            String::from(
                "a pattern with several names cannot be told by one of them: name the argument, and \
                 take it apart in the handler's body",
            )
        } else if !is_check && is_caller(name) {
            String::from("a check in a requirement takes the caller by itself")
        } else {
            self.expected(name, is_check)
        };
        let kind = if self.is_handler {
            "argument"
        } else {
            "parameter"
        };
        diagnostics.report_with_help(
            Rule::CheckArgument,
            name.span(),
            format!("{} has no {kind} `{name}`", self.owner),
            help,
        );
    }

    fn expected(&self, name: &Ident, is_check: bool) -> String {
        let names: Vec<String> = self
            .arguments
            .iter()
            .filter_map(|argument| only_name(&argument.pat))
            .map(ToString::to_string)
            .filter(|name| !is_check || !CALLER.contains(&name.as_str()))
            .collect();
        let kind = if self.is_handler {
            "an argument"
        } else {
            "a parameter"
        };
        if let Some(near) = nearest(&name.to_string(), names.iter().map(String::as_str)) {
            return format!("there is {kind} of a similar name: `{near}`");
        }
        let mut listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        if is_check {
            listed.push(String::from("`user` or `principal` for the caller"));
        }
        if listed.is_empty() {
            return format!("{} has none", self.owner);
        }
        format!("expected {}", listed.join(", "))
    }
}

/// The constants stand beside the handler, where neither `Self` nor `impl Trait` can be named.
fn unnamed_type(name: &Ident, ty: &Type, diagnostics: &mut Diagnostics) -> Option<()> {
    let is_unnamed = routes::mentions(ty.to_token_stream(), &|word| {
        word == "impl" || word == "Self"
    });
    if is_unnamed {
        diagnostics.report_with_help(
            Rule::CheckArgument,
            name.span(),
            format!("the type of the argument `{name}` has no name here"),
            "write the argument's type without `impl` and `Self`",
        );
        return None;
    }
    Some(())
}

/// The one name that a pattern binds.
fn only_name(pattern: &Pat) -> Option<&Ident> {
    match pattern {
        Pat::Ident(name) if name.subpat.is_none() => Some(&name.ident),
        Pat::TupleStruct(inside) if inside.elems.len() == 1 => only_name(inside.elems.first()?),
        Pat::Paren(inside) => only_name(&inside.pat),
        _ => None,
    }
}

fn is_principal(ty: &TokenStream) -> bool {
    syn::parse2::<syn::Path>(ty.clone())
        .is_ok_and(|path| routes::last_segment(&path).is_some_and(|name| name == "Principal"))
}

fn text(tokens: impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

/// Finds every parameter of every check and every argument of every named requirement, or reports
/// those that there are not.
pub(crate) fn handler(
    function: &Function,
    requirement: &Expression,
    diagnostics: &mut Diagnostics,
) {
    let questions = Questions::of_handler(requirement);
    Found::find(&questions, &Given::of_handler(function), diagnostics);
}

/// Where everything that is asked for comes from.
pub(crate) struct Found<'a> {
    /// Of each check.
    pub(crate) checks: Vec<(&'a Check, Vec<Source<'a>>)>,
    /// Of each named requirement that takes arguments.
    pub(crate) named: Vec<(&'a Named, Vec<usize>)>,
}

impl<'a> Found<'a> {
    /// `None` where a mistake was reported.
    pub(crate) fn find(
        questions: &Questions<'a>,
        given: &Given<'_>,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let before = diagnostics.count();
        let mut found = Self {
            checks: Vec::new(),
            named: Vec::new(),
        };
        for check in &questions.checks {
            let parameters = check.parameters.iter();
            let sources = parameters.filter_map(|parameter| given.find(parameter, diagnostics));
            found.checks.push((check, sources.collect()));
        }
        for named in questions.named_with_arguments() {
            let arguments = named.arguments.iter();
            let indices = arguments.filter_map(|name| given.argument(name, false, diagnostics));
            found.named.push((named, indices.collect()));
        }
        (diagnostics.count() == before).then_some(found)
    }

    /// Where everything comes from, of what has passed validation.
    pub(crate) fn of(questions: &Questions<'a>, given: &Given<'_>) -> Option<Self> {
        Self::find(questions, given, &mut Diagnostics::default())
    }

    /// Which arguments are read.
    pub(crate) fn read(&self) -> impl Iterator<Item = usize> + '_ {
        let of_checks = self.checks.iter().flat_map(|(_, sources)| sources);
        let of_checks = of_checks.filter_map(|source| match source {
            Source::Argument(index) => Some(*index),
            Source::Caller | Source::Own(_) => None,
        });
        of_checks.chain(self.named.iter().flat_map(|(_, indices)| indices).copied())
    }
}

/// The same of a named requirement with these parameters.
pub(crate) fn name(
    name: &Ident,
    parameters: &[PatType],
    questions: &Questions<'_>,
    diagnostics: &mut Diagnostics,
) {
    Found::find(questions, &Given::of_name(name, parameters), diagnostics);
}
