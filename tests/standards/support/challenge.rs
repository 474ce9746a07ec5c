//! Challenges, read by a parser that is not this project's.

use std::collections::HashSet;

use super::Answer;

/// One challenge as a client reads it: its scheme and its parameters, in their order, unescaped.
pub type Parsed = (String, Vec<(String, String)>);

/// Reads one `WWW-Authenticate` value.
pub fn parse(line: &str) -> Result<Vec<Parsed>, String> {
    let challenges = http_auth::parse_challenges(line).map_err(|error| error.to_string())?;
    Ok(challenges
        .into_iter()
        .map(|challenge| {
            let parameters = challenge
                .params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.to_unescaped()))
                .collect();
            (challenge.scheme.to_owned(), parameters)
        })
        .collect())
}

/// The challenges of an answer: each line holds exactly one, in the form that this project uses.
#[track_caller]
pub fn challenges(answer: &Answer) -> Vec<Parsed> {
    answer
        .lines("www-authenticate")
        .iter()
        .map(|line| read_line(line))
        .collect()
}

/// The challenge of an answer that has one.
#[track_caller]
pub fn only_challenge(answer: &Answer) -> Parsed {
    let mut all = challenges(answer);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[track_caller]
pub fn assert_no_challenge(answer: &Answer) {
    assert_eq!(
        answer.lines("www-authenticate"),
        Vec::<String>::new(),
        "{answer:?}"
    );
}

/// Reads a line and checks its form: one challenge, every value quoted, no space round `=`, no
/// empty list element, no name twice, no empty value, printable ASCII.
#[track_caller]
pub fn read_line(line: &str) -> Parsed {
    assert!(
        line.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "{line:?}"
    );
    let mut parsed = parse(line).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(parsed.len(), 1, "one challenge a line: {line}");
    let (scheme, parameters) = parsed.remove(0);
    let bare = outside_quotes(line);
    assert!(
        !bare.contains(" =") && !bare.contains("= "),
        "space round `=`: {line}"
    );
    assert!(
        !bare.replace(' ', "").contains(",,"),
        "empty element: {line}"
    );
    assert!(!bare.trim_end().ends_with(','), "trailing comma: {line}");
    assert!(
        !bare.starts_with(',') && !bare.contains(&format!("{scheme} ,")),
        "leading comma: {line}"
    );
    assert_eq!(
        bare.matches('=').count(),
        bare.matches("=\"\"").count(),
        "unquoted value: {line}"
    );
    assert_eq!(
        bare.matches('=').count(),
        parameters.len(),
        "token68: {line}"
    );
    let mut names = HashSet::new();
    for (name, value) in &parameters {
        assert!(
            names.insert(name.to_ascii_lowercase()),
            "`{name}` twice: {line}"
        );
        assert!(!value.is_empty(), "`{name}` is empty: {line}");
    }
    (scheme, parameters)
}

/// The line without what stands inside quotes.
fn outside_quotes(line: &str) -> String {
    let (mut quoted, mut escaped) = (false, false);
    line.chars()
        .filter(|character| {
            if escaped {
                escaped = false;
                return false;
            }
            match (character, quoted) {
                ('"', _) => {
                    quoted = !quoted;
                    true
                }
                ('\\', true) => {
                    escaped = true;
                    false
                }
                _ => !quoted,
            }
        })
        .collect()
}

/// What went in, in the form of what comes out.
pub fn expected(scheme: &str, parameters: &[(&str, &str)]) -> Parsed {
    let parameters = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    (scheme.to_owned(), parameters)
}
