//! Names that stand for themselves.

use crate::{
    diagnostics::{Diagnostics, Place},
    model::expression::{Expression, Named},
    named::Declaration,
    rule::Rule,
};

/// Reports each circle of names once, and takes what its names stand for out of it, so that the
/// compiler does not report it again. A circle through another `requirement!` it reports itself.
pub(super) fn break_open(declarations: &mut [Declaration], diagnostics: &mut Diagnostics) {
    let names: Vec<String> = declarations
        .iter()
        .map(|declaration| declaration.name.to_string())
        .collect();
    let uses: Vec<Vec<(usize, Place)>> = declarations
        .iter()
        .map(|declaration| {
            let mut found = Vec::new();
            if let Some(requirement) = &declaration.requirement {
                collect(requirement, &mut |named| {
                    let path = named.path.to_string().replace(' ', "");
                    let name = path.strip_prefix("self::").unwrap_or(&path);
                    if let Some(position) = names.iter().position(|known| known == name) {
                        found.push((position, named.path_place));
                    }
                });
            }
            found
        })
        .collect();
    let mut broken = vec![false; names.len()];
    for start in 0..names.len() {
        if broken.get(start) == Some(&true) {
            continue;
        }
        let Some((circle, place)) = circle(start, &uses) else {
            continue;
        };
        let steps: Vec<&str> = circle
            .iter()
            .filter_map(|position| names.get(*position).map(String::as_str))
            .collect();
        if let Some(name) = names.get(start) {
            let help = if steps.len() > 1 {
                let chain = steps.join("` needs `");
                format!("`{chain}` needs `{name}`: write one of them without the next")
            } else {
                format!("define `{name}` without `{name}`")
            };
            diagnostics.report_with_help(
                Rule::NamedCycle,
                place,
                format!("`{name}` is defined by itself"),
                help,
            );
        }
        for position in circle {
            if let Some(is_broken) = broken.get_mut(position) {
                *is_broken = true;
            }
        }
    }
    for (declaration, is_broken) in declarations.iter_mut().zip(broken) {
        if is_broken {
            declaration.requirement = None;
        }
    }
}

/// The shortest way from a name to itself, and where it begins.
fn circle(start: usize, uses: &[Vec<(usize, Place)>]) -> Option<(Vec<usize>, Place)> {
    let first = uses.get(start)?;
    // Each name with the one it was reached from.
    let mut reached: Vec<Option<usize>> = vec![None; uses.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(name) = queue.pop_front() {
        for (next, _) in uses.get(name)? {
            if *next == start {
                let mut way = vec![name];
                let mut at = name;
                while let Some(before) = reached.get(at).copied().flatten() {
                    way.push(before);
                    at = before;
                }
                way.reverse();
                let second = way.get(1).copied().unwrap_or(start);
                let (_, place) = first.iter().find(|(used, _)| *used == second)?;
                return Some((way, *place));
            }
            if let Some(from @ None) = reached.get_mut(*next) {
                *from = Some(name);
                queue.push_back(*next);
            }
        }
    }
    None
}

fn collect<'a>(expression: &'a Expression, show: &mut impl FnMut(&'a Named)) {
    match expression {
        Expression::Named(named) => show(named),
        Expression::Group(group) => {
            for member in &group.members {
                collect(member, show);
            }
        }
        Expression::Not(not) => collect(&not.operand, show),
        Expression::Authenticated(_)
        | Expression::Leaf(_)
        | Expression::TypedRole(_)
        | Expression::Policy(_)
        | Expression::Check(_) => {}
    }
}
