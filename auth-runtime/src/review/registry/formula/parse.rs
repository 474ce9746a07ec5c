//! Reading a requirement from its text.

use super::{Atom, Formula, FormulaError};

/// How deep a tree may be. Deeper ones are refused: the text may come from a file.
const DEEPEST: usize = 64;

impl Formula {
    /// Reads a requirement at the beginning of a text, and gives what stands behind it.
    pub(crate) fn parse_prefix(text: &str) -> Result<(Self, &str), FormulaError> {
        let mut parser = Parser { text, position: 0 };
        let formula = parser.formula(0)?;
        Ok((formula, parser.rest()))
    }

    /// Reads a requirement that is all there is.
    pub(crate) fn parse(text: &str) -> Result<Self, FormulaError> {
        match Self::parse_prefix(text)? {
            (formula, "") => Ok(formula),
            (_, rest) => Err(FormulaError {
                position: text.len() - rest.len(),
                problem: "something follows the requirement",
            }),
        }
    }
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.position..).unwrap_or_default()
    }

    fn error<T>(&self, problem: &'static str) -> Result<T, FormulaError> {
        Err(FormulaError {
            position: self.position,
            problem,
        })
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.position += wanted.len_utf8();
        }
        found
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|character: char| !character.is_alphanumeric() && character != '_')
            .unwrap_or(rest.len());
        self.position += end;
        rest.get(..end).unwrap_or_default()
    }

    fn formula(&mut self, depth: usize) -> Result<Formula, FormulaError> {
        if depth > DEEPEST {
            return self.error("the requirement is nested too deep");
        }
        let start = self.position;
        let word = self.word();
        if word.is_empty() {
            return self.error("expected a requirement");
        }
        if !self.take('(') {
            return if word == "authenticated" {
                Ok(Formula::Authenticated)
            } else {
                self.error("expected a requirement such as `role(\"admin\")`")
            };
        }
        match word {
            "all" => self.list(depth).map(Formula::All),
            "any" => self.list(depth).map(Formula::Any),
            "not" => {
                let part = self.formula(depth + 1)?;
                if self.take(')') {
                    Ok(Formula::Not(Box::new(part)))
                } else {
                    self.error("expected `)`")
                }
            }
            _ => {
                let (name, is_string) = self.argument()?;
                Ok(if word == "public" {
                    Formula::Public(name)
                } else {
                    // A string as this compiler's `Debug` escapes it, however it was written.
                    let text = if is_string {
                        format!("{word}({name:?})")
                    } else {
                        let text = self.text.get(start..self.position);
                        text.unwrap_or_default().to_owned()
                    };
                    Formula::Atom(Atom {
                        kind: word.to_owned(),
                        name,
                        text,
                    })
                })
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Formula>, FormulaError> {
        let mut parts = Vec::new();
        if self.take(')') {
            return Ok(parts);
        }
        loop {
            parts.push(self.formula(depth + 1)?);
            if self.take(')') {
                return Ok(parts);
            }
            if !self.take(',') {
                return self.error("expected `,` or `)`");
            }
            while self.take(' ') {}
        }
    }

    /// What stands in the parentheses of a leaf, which ends with the closing one, and whether it is
    /// one string.
    fn argument(&mut self) -> Result<(String, bool), FormulaError> {
        if self.take('"') {
            let name = self.string()?;
            return if self.take(')') {
                Ok((name, true))
            } else {
                // Some form with several arguments: kept as it is written.
                let tail = self.balanced()?;
                Ok((format!("{name:?}{tail}"), false))
            };
        }
        self.balanced().map(|inside| (inside, false))
    }

    /// The inside of a string as `Debug` writes it, behind its opening quote.
    fn string(&mut self) -> Result<String, FormulaError> {
        let mut value = String::new();
        let mut characters = self.rest().char_indices();
        while let Some((at, character)) = characters.next() {
            match character {
                '"' => {
                    self.position += at + 1;
                    return Ok(value);
                }
                '\\' => match characters.next().map(|(_, escaped)| escaped) {
                    Some('n') => value.push('\n'),
                    Some('r') => value.push('\r'),
                    Some('t') => value.push('\t'),
                    Some('0') => value.push('\0'),
                    Some(literal @ ('"' | '\\' | '\'')) => value.push(literal),
                    Some('u') => {
                        let digits: String = characters
                            .by_ref()
                            .map(|(_, digit)| digit)
                            .skip_while(|digit| *digit == '{')
                            .take_while(|digit| *digit != '}')
                            .collect();
                        let code = u32::from_str_radix(&digits, 16).ok();
                        match code.and_then(char::from_u32) {
                            Some(character) => value.push(character),
                            None => return self.error("this escape is no character"),
                        }
                    }
                    _ => return self.error("unknown escape in the string"),
                },
                other => value.push(other),
            }
        }
        self.error("the string does not end")
    }

    /// Anything up to the parenthesis that closes this one.
    fn balanced(&mut self) -> Result<String, FormulaError> {
        let start = self.position;
        let mut depth = 0_usize;
        while let Some(character) = self.rest().chars().next() {
            let here = self.position;
            self.position += character.len_utf8();
            match character {
                '"' => {
                    self.string()?;
                }
                '(' => depth += 1,
                ')' if depth == 0 => {
                    let inside = self.text.get(start..here).unwrap_or_default();
                    return Ok(inside.to_owned());
                }
                ')' => depth -= 1,
                _ => {}
            }
        }
        self.error("expected `)`")
    }
}
