//! The modules of a crate, as far as their arrows need: tokens, items, re-exports, paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A module with a file of its own, or the crate's root with the empty name.
#[derive(Debug, Default)]
pub struct Module {
    pub file: PathBuf,
    pub text: String,
    tokens: Vec<String>,
    /// The modules that it declares; whether as `pub`.
    children: BTreeMap<String, bool>,
    /// What is defined in it as `pub`.
    public: BTreeSet<String>,
    /// What its `pub use` and `pub(..) use` lead to: the name, whether as `pub`, and the path.
    exports: Vec<Export>,
}

#[derive(Debug)]
struct Export {
    name: String,
    is_public: bool,
    path: Vec<String>,
}

/// All modules, by name: `model::role`.
#[derive(Debug)]
pub struct Source(pub BTreeMap<String, Module>);

impl Source {
    pub fn read(root: &Path) -> Self {
        let mut files = Vec::new();
        collect(root, &mut files);
        let mut modules: BTreeMap<_, _> = files
            .into_iter()
            .map(|file| {
                let relative = file.strip_prefix(root).unwrap().with_extension("");
                let mut names: Vec<_> = relative
                    .iter()
                    .map(|part| part.to_str().unwrap().to_owned())
                    .collect();
                if matches!(names.last().map(String::as_str), Some("mod" | "lib")) {
                    names.pop();
                }
                (names.join("::"), Module::read(file))
            })
            .collect();
        let names: BTreeSet<String> = modules.keys().cloned().collect();
        for (name, module) in &mut modules {
            module.find_items(name, &names);
        }
        Self(modules)
    }

    /// The modules that each module names, itself left out.
    pub fn arrows(&self) -> BTreeSet<(String, String)> {
        let mut arrows = BTreeSet::new();
        for (name, module) in self.0.iter().filter(|(name, _)| !name.is_empty()) {
            for path in module.paths(name, &self.0) {
                let used = self.home(&path, 0);
                assert!(
                    !used.is_empty(),
                    "{}: `crate::{}` is not found: name it where it is defined",
                    module.file.display(),
                    path.join("::")
                );
                if used != *name {
                    arrows.insert((name.clone(), used));
                }
            }
        }
        arrows
    }

    /// The module where the item of this path, from the crate's root, is defined.
    fn home(&self, path: &[String], depth: usize) -> String {
        let mut module = String::new();
        for (index, segment) in path.iter().enumerate() {
            let below = join(&module, segment);
            if self.0.contains_key(&below) {
                module = below;
                continue;
            }
            if depth > 9 {
                break;
            }
            let exports = &self.0[&module].exports;
            let named = exports.iter().find(|export| export.name == *segment);
            if let Some(export) = named {
                let whole: Vec<_> = [&export.path, &path[index + 1..]].concat();
                return self.home(&whole, depth + 1);
            }
            let of_glob = exports.iter().filter(|export| export.name == "*");
            for export in of_glob {
                let behind = self.home(&export.path, depth + 1);
                if self.0[&behind].public.contains(segment) {
                    return behind;
                }
            }
            break;
        }
        module
    }

    /// Every public path of what is defined in the crate: the item with its module, and its paths.
    pub fn public_paths(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut found = BTreeMap::new();
        self.walk("", "", &mut found, 0);
        found
    }

    fn walk(
        &self,
        module: &str,
        seen_as: &str,
        found: &mut BTreeMap<String, BTreeSet<String>>,
        depth: usize,
    ) {
        assert!(depth < 20, "re-exports in a circle at `{seen_as}`");
        // The prelude and its like stand in the root itself, and say things again.
        let Some(this) = self.0.get(module) else {
            return;
        };
        let mut add = |item: String, path: String| {
            found.entry(item).or_default().insert(path);
        };
        for item in &this.public {
            add(join(module, item), join(seen_as, item));
        }
        let mut inside = Vec::new();
        for export in this.exports.iter().filter(|export| export.is_public) {
            let home = self.home(&export.path, 0);
            let name = export.path.last().unwrap();
            if export.name == "*" {
                inside.push((home, seen_as.to_owned()));
            } else if home.is_empty() {
                // Of another crate.
            } else if export.path.join("::") == home {
                inside.push((home, join(seen_as, &export.name)));
            } else {
                add(join(&home, name), join(seen_as, &export.name));
            }
        }
        for (child, _) in this.children.iter().filter(|(_, is_public)| **is_public) {
            inside.push((join(module, child), join(seen_as, child)));
        }
        for (module, seen_as) in inside {
            self.walk(&module, &seen_as, found, depth + 1);
        }
    }
}

impl Module {
    fn read(file: PathBuf) -> Self {
        let text = fs::read_to_string(&file).unwrap();
        Self {
            tokens: tokens(&text),
            text,
            file,
            ..Self::default()
        }
    }

    /// The file without comments and texts, a space between any two tokens.
    pub fn code(&self) -> String {
        self.tokens.join(" ")
    }

    /// The words behind `pub mod` on the outermost level, hidden ones left out.
    pub fn public_children(&self) -> Vec<&str> {
        let hidden: Vec<_> = self
            .text
            .split("#[doc(hidden)]\npub mod ")
            .skip(1)
            .map(|rest| rest.split([' ', ';']).next().unwrap())
            .collect();
        self.children
            .iter()
            .filter(|(name, is_public)| **is_public && !hidden.contains(&name.as_str()))
            .map(|(name, _)| name.as_str())
            .collect()
    }

    /// Items of the file's own level.
    fn find_items(&mut self, name: &str, modules: &BTreeSet<String>) {
        const KINDS: [&str; 8] = [
            "struct", "enum", "trait", "fn", "type", "const", "static", "union",
        ];
        let tokens = &self.tokens;
        let mut depth = 0_usize;
        let mut at = 0;
        while at < tokens.len() {
            match tokens[at].as_str() {
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                "mod" if depth == 0 => {
                    let is_public = at > 0 && tokens[at - 1] == "pub";
                    self.children.insert(tokens[at + 1].clone(), is_public);
                }
                "pub" if depth == 0 => {
                    let is_public = tokens[at + 1] != "(";
                    let mut next = at + 1;
                    if !is_public {
                        while tokens[next] != ")" {
                            next += 1;
                        }
                        next += 1;
                    }
                    if tokens[next] == "use" {
                        let mut paths = Vec::new();
                        tree(&tokens[next + 1..], &[], &mut paths);
                        for (path, alias) in paths {
                            if let Some(path) = absolute(&path, name, 0, modules) {
                                let name = alias.unwrap_or_else(|| path.last().unwrap().clone());
                                let path = match path.split_last() {
                                    Some((last, path)) if last == "*" => path.to_vec(),
                                    _ => path,
                                };
                                self.exports.push(Export {
                                    name,
                                    is_public,
                                    path,
                                });
                            }
                        }
                    }
                    if is_public {
                        while ["unsafe", "extern", "async", "\"\""].contains(&&*tokens[next])
                            || (tokens[next] == "const" && tokens[next + 1] == "fn")
                        {
                            next += 1;
                        }
                        if KINDS.contains(&&*tokens[next]) {
                            self.public.insert(tokens[next + 1].clone());
                        }
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The paths of this crate that the file names, from the root; what it re-exports left out.
    fn paths(&self, name: &str, modules: &BTreeMap<String, Module>) -> Vec<Vec<String>> {
        let names: BTreeSet<String> = modules.keys().cloned().collect();
        let tokens = &self.tokens;
        let mut found = Vec::new();
        let mut depth = 0_usize;
        // The depths at which inline modules begin.
        let mut inline = Vec::new();
        let mut at = 0;
        while at < tokens.len() {
            let before = at.checked_sub(1).map_or("", |before| &tokens[before]);
            match tokens[at].as_str() {
                "{" => {
                    if at >= 2 && tokens[at - 2] == "mod" {
                        inline.push(depth);
                    }
                    depth += 1;
                }
                "}" => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                    }
                }
                "use" if before == "pub" || before == ")" => {
                    // A door to what is defined elsewhere is no arrow.
                    while tokens[at] != ";" {
                        at += 1;
                    }
                }
                // `use<..>` is a bound.
                "use" if tokens[at + 1] != "<" => {
                    let mut paths = Vec::new();
                    tree(&tokens[at + 1..], &[], &mut paths);
                    let paths = paths
                        .into_iter()
                        .filter_map(|(path, _)| absolute(&path, name, inline.len(), &names));
                    found.extend(paths.map(|mut path| {
                        path.retain(|segment| segment != "*");
                        path
                    }));
                    while tokens[at] != ";" {
                        at += 1;
                    }
                }
                _ if before != "::" && tokens.get(at + 1).is_some_and(|next| next == "::") => {
                    let path: Vec<_> = tokens[at..]
                        .chunks(2)
                        .take_while(|pair| is_word(&pair[0]))
                        .scan(true, |goes_on, pair| {
                            let this = goes_on.then(|| pair[0].clone());
                            *goes_on = pair.get(1).is_some_and(|next| next == "::");
                            this
                        })
                        .collect();
                    let of_expansion =
                        before == "$" && path.get(1).is_some_and(|p| p == "__private");
                    if !of_expansion {
                        found.extend(absolute(&path, name, inline.len(), &names));
                    }
                }
                _ => {}
            }
            at += 1;
        }
        found
    }
}

/// A path of this crate, from its root; `None` for one of another crate, or of no module.
fn absolute(
    path: &[String],
    module: &str,
    inline: usize,
    modules: &BTreeSet<String>,
) -> Option<Vec<String>> {
    let mut of: Vec<String> = module.split("::").map(str::to_owned).collect();
    of.retain(|segment| !segment.is_empty());
    let mut rest = path;
    let mut inline = inline;
    match path.first()?.as_str() {
        "crate" => of.clear(),
        "self" | "super" => {
            while let Some(first @ ("self" | "super")) = rest.first().map(String::as_str) {
                if first == "super" {
                    match inline.checked_sub(1) {
                        Some(outer) => inline = outer,
                        None => drop(of.pop()),
                    }
                }
                rest = &rest[1..];
            }
            of.extend(rest.iter().cloned());
            return Some(of);
        }
        child if modules.contains(&join(module, child)) && inline == 0 => {
            of.extend(path.iter().cloned());
            return Some(of);
        }
        _ => return None,
    }
    Some(path[1..].to_vec())
}

/// The paths of a `use`, each with its alias.
fn tree(
    tokens: &[String],
    prefix: &[String],
    paths: &mut Vec<(Vec<String>, Option<String>)>,
) -> usize {
    let mut path = prefix.to_vec();
    let mut alias = None;
    let mut has_group = false;
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            ";" | "}" | "," => break,
            "::" => {}
            "as" => {
                alias = Some(tokens[at + 1].clone());
                at += 1;
            }
            "{" => {
                has_group = true;
                at += 1;
                while tokens[at] != "}" {
                    at += tree(&tokens[at..], &path, paths);
                    if tokens[at] == "," {
                        at += 1;
                    }
                }
            }
            "self" if !path.is_empty() && path != ["super"] => {}
            word => path.push(word.to_owned()),
        }
        at += 1;
    }
    if !has_group {
        paths.push((path, alias));
    }
    at
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            collect(&entry.unwrap().path(), files);
        }
    } else if path.extension().is_some_and(|extension| extension == "rs") {
        files.push(path.to_owned());
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Words, `::`, and single characters; a text is `""`, and comments are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = text_literal(rest) {
            tokens.push("\"\"".to_owned());
            length
        } else if first == '\'' {
            quoted(rest)
        } else if rest.starts_with("::") {
            tokens.push("::".to_owned());
            2
        } else if is_word(rest) || first.is_numeric() {
            let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_');
            let word = &rest[..end.unwrap_or(rest.len())];
            tokens.push(word.to_owned());
            word.len()
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of a text that begins here: `"x"`, `b"x"`, `c"x"`, `r#"x"#`, `br"x"`.
fn text_literal(rest: &str) -> Option<usize> {
    let start = rest.find(|next: char| !"bcr".contains(next))?;
    let (prefix, behind) = rest.split_at(start);
    if prefix.len() > 2 {
        return None;
    }
    let hashes = behind.find(|next| next != '#')?;
    let body = behind[hashes..].strip_prefix('"')?;
    let opening = start + hashes + 1;
    if prefix.contains('r') {
        let closing = format!("\"{}", "#".repeat(hashes));
        return Some(opening + body.find(&closing)? + closing.len());
    }
    if hashes > 0 {
        return None;
    }
    let mut is_escaped = false;
    for (at, next) in body.char_indices() {
        match next {
            '"' if !is_escaped => return Some(opening + at + 1),
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    None
}

/// The length of a character, or of a lifetime's tick.
fn quoted(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let from = at + escaped.len_utf8();
            from + rest[from..].find('\'').map_or(0, |end| end + 1)
        }
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_comments_are_no_code() {
        let text =
            r##"a /* crate::b */ "crate::c\"" r#"crate::"d"# 'e' '\'' f::<'g>() // crate::h"##;
        let expected = ["a", "\"\"", "\"\"", "f", "::", "<", "g", ">", "(", ")"];
        assert_eq!(tokens(text), expected);
    }

    #[test]
    fn a_use_is_all_its_paths() {
        let mut paths = Vec::new();
        let text = "crate::{a::{self, B as C}, d::*, super_::E};";
        tree(&tokens(text), &[], &mut paths);
        let paths: Vec<_> = paths.iter().map(|(path, _)| path.join("::")).collect();
        assert_eq!(
            paths,
            ["crate::a", "crate::a::B", "crate::d::*", "crate::super_::E"]
        );
    }

    #[test]
    fn a_path_is_seen_from_where_it_stands() {
        let modules = BTreeSet::from(["a".to_owned(), "a::b".to_owned(), "a::c".to_owned()]);
        let seen = |path: &str, inline| {
            let path: Vec<_> = path.split("::").map(str::to_owned).collect();
            absolute(&path, "a::b", inline, &modules).map(|path| path.join("::"))
        };
        assert_eq!(seen("crate::c::D", 0).as_deref(), Some("c::D"));
        assert_eq!(seen("super::c::D", 0).as_deref(), Some("a::c::D"));
        assert_eq!(seen("super::D", 1).as_deref(), Some("a::b::D"));
        assert_eq!(seen("super::super::D", 1).as_deref(), Some("a::D"));
        assert_eq!(seen("std::fmt", 0), None);
    }
}
