//! How a challenge is written.

use auth_runtime::ConfigurationError;
use auth_runtime::http::Credentials;
use auth_runtime::http::{Challenge, ChallengeError, RealmError};
use auth_runtime::prelude::*;
use auth_runtime::scheme::{Attempt, Scheme};
use serde_json::Value;

use super::challenged;
use crate::support::challenge::{expected, parse, read_line};
use crate::support::{api, ask, bearer, challenges, get, only_challenge};

/// A scheme without credentials, for what its challenge says.
struct Stated(&'static str, &'static [(&'static str, &'static str)]);

impl Scheme for Stated {
    fn name(&self) -> &'static str {
        self.0
    }

    fn challenge_parameters(&self) -> &[(&'static str, &'static str)] {
        self.1
    }

    fn authenticate(&self, _: &Credentials<'_>) -> Attempt {
        Attempt::Absent
    }
}

fn with_realm(realm: &str) -> Result<Auth, ConfigurationError> {
    Auth::builder().realm(realm).scheme(bearer()).build()
}

#[test]
fn ch_02_a_challenge_without_commas_is_not_read() {
    assert!(parse(r#"Bearer realm="a" error="b""#).is_err());
    assert!(parse(r#"Bearer realm="a", error="b""#).is_ok());
}

#[actix_web::test]
async fn ch_02_ch_03_and_ch_04_emitted_lines_are_read_as_what_was_put_in() {
    let answers = challenged().await;
    for answer in &answers {
        // Each line is checked for its form while it is read: CH-03 no space round `=`, CH-04 no
        // empty element, CH-05 no name twice, CH-12 no empty value.
        assert!(
            challenges(answer)
                .iter()
                .all(|(_, parameters)| { parameters[0] == ("realm".to_owned(), "api".to_owned()) })
        );
    }
    assert_eq!(
        challenges(answers.last().unwrap()),
        [expected(
            "Bearer",
            &[
                ("realm", "api"),
                ("error", "insufficient_scope"),
                ("scope", "files:write"),
                ("error_description", "The token lacks a required scope"),
            ]
        )]
    );
}

#[test]
fn ch_02_examples_of_the_rfcs_are_read_as_the_rfcs_say_and_written_verbatim() {
    let examples: Vec<Value> =
        serde_json::from_str(include_str!("../vectors/challenges.json")).unwrap();
    let mut written = 0;
    for example in &examples {
        let line = example["line"].as_str().unwrap();
        let read = parse(line).unwrap();
        let expected = example["challenges"].as_array().unwrap();
        assert_eq!(read.len(), expected.len(), "{}", example["source"]);
        for ((scheme, parameters), expected) in read.iter().zip(expected) {
            assert!(scheme.eq_ignore_ascii_case(expected["scheme"].as_str().unwrap()));
            let expected = expected["parameters"].as_object().unwrap();
            assert_eq!(parameters.len(), expected.len());
            for (name, value) in parameters {
                assert_eq!(expected[name], value.as_str(), "{}", example["source"]);
            }
        }
        if let [(scheme, parameters)] = read.as_slice() {
            let challenge = parameters
                .iter()
                .try_fold(
                    Challenge::new(scheme.clone()).unwrap(),
                    |challenge, (name, value)| challenge.with(name.clone(), value.clone()),
                )
                .unwrap();
            assert_eq!(challenge.to_string(), line, "{}", example["source"]);
            written += 1;
        }
    }
    assert!(
        examples.len() > written && written >= 7,
        "{written} of {}",
        examples.len()
    );
}

#[actix_web::test]
async fn ch_03_and_ch_04_hold_for_challenges_of_the_apps_own_schemes() {
    let auth = api()
        .scheme(Stated("Other", &[("a", "1 = 2"), ("b", ",,")]))
        .build()
        .unwrap();
    let answer = ask(&auth, get("/p")).await;
    assert_eq!(
        only_challenge(&answer),
        expected("Other", &[("realm", "api"), ("a", "1 = 2"), ("b", ",,")])
    );
}

#[test]
fn ch_05_a_name_occurs_once_whatever_its_case() {
    let once = Challenge::new("Bearer")
        .unwrap()
        .with("scope", "a")
        .unwrap();
    assert_eq!(
        once.clone().with("Scope", "b"),
        Err(ChallengeError::Duplicate("Scope".into()))
    );
    assert_eq!(once.to_string(), r#"Bearer scope="a""#);
    for parameters in [&[("Realm", "x")][..], &[("a", "1"), ("A", "2")]] {
        let built = api().scheme(Stated("Other", parameters)).build();
        assert!(
            matches!(
                built,
                Err(ConfigurationError::Challenge(
                    "Other",
                    ChallengeError::Duplicate(_)
                ))
            ),
            "{built:?}"
        );
    }
}

#[actix_web::test]
async fn ch_06_and_ch_07_realm_and_every_other_value_are_quoted() {
    for answer in challenged().await {
        for line in answer.lines("www-authenticate") {
            let values = line.matches("=\"").count();
            assert_eq!(read_line(&line).1.len(), values, "{line}");
            assert!(line.contains(r#" realm="api""#), "{line}");
        }
    }
}

#[test]
fn ch_08_quote_and_backslash_are_escaped_and_nothing_else() {
    let text = r#"say "hi" \ x"#;
    let challenge = Challenge::new("Other")
        .unwrap()
        .with("realm", text)
        .unwrap();
    let line = challenge.to_string();
    assert_eq!(line, r#"Other realm="say \"hi\" \\ x""#);
    assert_eq!(read_line(&line), expected("Other", &[("realm", text)]));
    let plain: String = (' '..='~').filter(|c| !matches!(c, '"' | '\\')).collect();
    let challenge = Challenge::new("Other")
        .unwrap()
        .with("x", plain.clone())
        .unwrap();
    assert_eq!(challenge.to_string(), format!("Other x=\"{plain}\""));
}

#[test]
fn ch_09_a_realm_beyond_ascii_is_a_build_error() {
    for (realm, character) in [
        ("Caf\u{e9}", '\u{e9}'),
        ("\u{1f512}", '\u{1f512}'),
        ("a\u{7f}", '\u{7f}'),
    ] {
        let error = with_realm(realm).unwrap_err();
        assert_eq!(
            error,
            ConfigurationError::Realm(RealmError::Character(character))
        );
        assert!(error.to_string().contains("printable ASCII"), "{error}");
    }
    let challenge = Challenge::new("Bearer").unwrap().with("realm", "Caf\u{e9}");
    assert_eq!(challenge, Err(ChallengeError::Value("realm".into())));
}

#[test]
fn ch_10_no_control_character_gets_into_a_challenge() {
    for byte in 0..=u8::MAX {
        let character = char::from(byte);
        let text = format!("x{character}y");
        let value = Challenge::new("Other").unwrap().with("a", text.clone());
        let is_printable = matches!(byte, b' '..=b'~');
        assert_eq!(value.is_ok(), is_printable, "{byte:#x} as value");
        if let Ok(challenge) = value {
            assert_eq!(
                read_line(&challenge.to_string()),
                expected("Other", &[("a", &text)])
            );
        }
        // RFC 9110 §5.6.2: tchar.
        let is_tchar = byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert_eq!(
            Challenge::new(text.clone()).is_ok(),
            is_tchar,
            "{byte:#x} as scheme"
        );
        let named = Challenge::new("Other").unwrap().with(text.clone(), "v");
        assert_eq!(named.is_ok(), is_tchar, "{byte:#x} as name");
        let realm_is_ok = is_printable && !b"\"\\'".contains(&byte);
        assert_eq!(with_realm(&text).is_ok(), realm_is_ok, "{byte:#x} as realm");
    }
    for text in ["x\r\nSet-Cookie: a=b", "x\nSet-Cookie: a=b", "\0", "x\r"] {
        assert!(with_realm(text).is_err(), "{text:?}");
        assert!(
            Challenge::new("Bearer")
                .unwrap()
                .with("error_description", text)
                .is_err()
        );
        let text: &'static str = text;
        let parameters: &'static [_] = Box::leak(Box::new([("hint", text)]));
        assert!(api().scheme(Stated("Other", parameters)).build().is_err());
    }
}

#[test]
fn ch_11_a_realm_has_no_quotes_and_no_backslash() {
    for (realm, character) in [("Bob's API", '\''), ("the \"api\"", '"'), ("a\\b", '\\')] {
        assert_eq!(
            with_realm(realm).unwrap_err(),
            ConfigurationError::Realm(RealmError::Character(character))
        );
    }
}

#[actix_web::test]
async fn ch_12_no_empty_value_is_emitted() {
    assert_eq!(
        with_realm("").unwrap_err(),
        ConfigurationError::Realm(RealmError::Empty)
    );
    let built = Auth::builder().scheme(bearer()).build();
    assert_eq!(built.unwrap_err(), ConfigurationError::NoRealm);
    let challenge = Challenge::new("Bearer")
        .unwrap()
        .with("realm", "a")
        .unwrap();
    assert_eq!(
        challenge.with("scope", "").unwrap().to_string(),
        r#"Bearer realm="a""#
    );
    let auth = api()
        .scheme(Stated("Other", &[("hint", "")]))
        .build()
        .unwrap();
    let answer = ask(&auth, get("/p")).await;
    assert_eq!(answer.lines("www-authenticate"), [r#"Other realm="api""#]);
}
