//! What an app answers, against what the text of the attribute says: requirements that mix roles,
//! policies, checks, and named requirements with arguments, drawn at random once.

use std::future::{Ready, ready};
use std::ops::Deref;

use actix_web::dev::Payload;
use actix_web::test::{TestRequest, call_service, init_service};
use actix_web::{App, FromRequest, HttpRequest, get, web};
use auth_runtime::prelude::*;

/// What a policy or a check is told to answer: `a` allows, `d` denies, `f` fails.
struct Answer(u8);

impl Answer {
    fn of(request: &HttpRequest, header: &str) -> Self {
        Self(
            request
                .headers()
                .get(header)
                .map_or(b'f', |value| value.as_bytes()[0]),
        )
    }

    fn ask(&self) -> Result<bool, &'static str> {
        match self.0 {
            b'a' => Ok(true),
            b'd' => Ok(false),
            _ => Err("it fails"),
        }
    }
}

/// An argument of the handlers.
struct Of<const N: usize>(Answer);

impl<const N: usize> Deref for Of<N> {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.0
    }
}

impl<const N: usize> FromRequest for Of<N> {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(Answer::of(request, ["a", "b", "c"][N]))))
    }
}

async fn p0(request: HttpRequest) -> Result<Decision, &'static str> {
    Answer::of(&request, "p0").ask().map(Decision::allow_if)
}

async fn p1(request: HttpRequest) -> Result<Decision, &'static str> {
    actix_web::rt::task::yield_now().await;
    Answer::of(&request, "p1").ask().map(Decision::allow_if)
}

async fn p2(request: HttpRequest) -> Result<Decision, &'static str> {
    Answer::of(&request, "p2").ask().map(Decision::allow_if)
}

/// Declares the names, and keeps what they stand for as text.
macro_rules! names {
    ($($name:ident [$($parameter:ident)*] ($($signature:tt)*) = ($($expression:tt)*);)*) => {
        requirement! { $($name $($signature)* = $($expression)*;)* }
        const NAMES: &[(&str, &[&str], &str)] = &[
            $((stringify!($name), &[$(stringify!($parameter)),*], stringify!($($expression)*))),*
        ];
    };
}

names! {
    Plain [] () = (any(all(policy(p1), policy(p0)), role("r0")));
    Negated [] () = (not(all(policy(p2), check(|user: &Principal| user.has_role("r1")), Plain)));
    One [x] ((x: &Answer)) = (all(any(policy(p2), role("r1")), check(|x: &Answer| x.ask())));
    Both [x y] ((x: &Answer, y: &Answer)) = (any(
        all(One(y), check(|y: &Answer| y.ask()), Negated),
        all(not(One(x)), check(async |x: &Answer| x.ask()), policy(p0))
    ));
    Swapped [a b] ((a: &Answer, b: &Answer)) = (all(policy(p1), Both(b, a), not(Both(a, b))));
    Deep [y x] ((y: &Answer, x: &Answer)) = (any(
        Swapped(x, y),
        all(check(|x: &Answer| x.ask()), not(check(|y: &Answer| y.ask()))),
        all(Plain, One(y))
    ));
}

/// Makes the handlers, and keeps what they require as text.
macro_rules! cases {
    ($($name:ident $path:literal ($($requirement:tt)*);)*) => {
        $(
            #[get($path)]
            #[requires($($requirement)*)]
            async fn $name(_first: Of<0>, a: Of<0>, (_, _): (Of<1>, Of<2>), b: Of<1>, mut c: Of<2>) -> String {
                c.0.0 = c.0.0.to_ascii_uppercase();
                [a.0.0, b.0.0, c.0.0].map(char::from).iter().collect()
            }
        )*
        const CASES: &[(&str, &str)] = &[$(($path, stringify!($($requirement)*))),*];
        fn mount(config: &mut web::ServiceConfig) {
            config$(.service($name))*;
        }
    };
}

cases! {
    case_0 "/0" (not(all(check(|b: &Of<1>| b.ask()), Both(b, c), policy(p0))));
    case_1 "/1" (any(not(any(policy(p2), role("r0"))), not(all(Deep(c, c), Both(c, b), Deep(a, a))), Negated));
    case_2 "/2" (any(all(any(policy(p2), Swapped(c, b)), scope("s0")), check(|a: &Of<0>| a.ask())));
    case_3 "/3" (all(check(|a: &Of<0>| a.ask()), Swapped(b, c), any(policy(p2), Swapped(b, c))));
    case_4 "/4" (any(check(|a: &Of<0>| a.ask()), Both(c, b), not(all(policy(p1), Swapped(c, a)))));
    case_5 "/5" (any(Swapped(b, a), One(b), policy(p1)));
    case_6 "/6" (all(any(all(Swapped(b, a), One(b), check(|b: &Of<1>| b.ask())), not(policy(p0))), not(any(Plain, One(b), policy(p0)))));
    case_7 "/7" (any(all(Deep(b, b), role("r0")), all(One(a), policy(p2), Both(c, b))));
    case_8 "/8" (not(all(any(Swapped(b, a), check(|b: &Of<1>| b.ask()), One(c)), Deep(c, b))));
    case_9 "/9" (any(all(Swapped(b, a), check(|b: &Of<1>| b.ask())), all(check(|b: &Of<1>| b.ask()), One(b))));
    case_10 "/10" (any(all(One(b), check(|a: &Of<0>| a.ask())), not(policy(p1))));
    case_11 "/11" (not(all(any(policy(p0), Both(b, c)), any(Plain, check(|a: &Of<0>| a.ask())))));
    case_12 "/12" (any(not(One(a)), all(policy(p2), check(|c: &Of<2>| c.ask()))));
    case_13 "/13" (all(any(policy(p2), check(|c: &Of<2>| c.ask())), Both(b, a)));
    case_14 "/14" (any(all(not(Both(a, b)), not(policy(p2)), any(Both(a, b), Swapped(c, a), policy(p2))), not(all(policy(p2), Swapped(a, b)))));
    case_15 "/15" (any(all(any(Swapped(b, a), check(|c: &Of<2>| c.ask())), not(policy(p0)), Deep(c, a)), not(policy(p2))));
    case_16 "/16" (any(not(all(Swapped(c, b), check(|a: &Of<0>| a.ask()), Both(b, c))), all(not(One(b)), not(Deep(a, a)))));
    case_17 "/17" (any(not(any(role("r0"), scope("s0"))), all(any(policy(p0), Deep(c, a)), any(Both(a, b), Both(c, a), Both(a, c)))));
    case_18 "/18" (any(all(any(Swapped(c, a), Both(a, c)), any(check(|b: &Of<1>| b.ask()), One(a))), all(not(policy(p1)), any(Deep(c, b), policy(p0)))));
    case_19 "/19" (not(all(any(Swapped(b, c), policy(p0)), any(Deep(c, c), check(|c: &Of<2>| c.ask()), check(|a: &Of<0>| a.ask())), any(Both(c, a), Plain, Deep(a, b)))));
    case_20 "/20" (all(any(One(a), check(|a: &Of<0>| a.ask())), not(Swapped(b, c))));
    case_21 "/21" (all(not(any(policy(p2), One(a), role("r1"))), Deep(a, c), policy(p1)));
    case_22 "/22" (any(policy(p0), all(not(policy(p2)), Both(c, b), any(check(|a: &Of<0>| a.ask()), policy(p2), One(b)))));
    case_23 "/23" (all(any(One(b), policy(p2)), not(Deep(b, b))));
    case_24 "/24" (all(any(policy(p2), Deep(a, a)), check(|c: &Of<2>| c.ask())));
    case_25 "/25" (all(any(check(|c: &Of<2>| c.ask()), policy(p0), all(One(b), scope("s0"))), any(all(check(|c: &Of<2>| c.ask()), Deep(c, c)), not(Plain))));
    case_26 "/26" (any(not(policy(p1)), all(Plain, One(a), check(|a: &Of<0>| a.ask()))));
    case_27 "/27" (any(all(policy(p2), check(|c: &Of<2>| c.ask()), Both(a, c)), all(role("r0"), One(b))));
    case_28 "/28" (any(all(not(check(|b: &Of<1>| b.ask())), any(check(|a: &Of<0>| a.ask()), policy(p0), check(|c: &Of<2>| c.ask())), not(Plain)), not(all(Deep(a, a), check(|b: &Of<1>| b.ask())))));
    case_29 "/29" (all(not(all(check(|a: &Of<0>| a.ask()), Both(a, b), policy(p0))), Deep(b, a), not(all(policy(p1), policy(p2)))));
    case_30 "/30" (any(all(not(One(a)), check(|a: &Of<0>| a.ask()), not(role("r0"))), all(any(Both(a, c), policy(p0)), any(Negated, Swapped(c, b), One(c)))));
    case_31 "/31" (any(all(any(One(b), Swapped(a, c)), any(Both(a, b), Swapped(b, c))), all(any(policy(p2), policy(p0)), any(One(a), Plain, One(b)))));
    case_32 "/32" (all(not(Negated), any(Both(c, a), Both(b, a)), any(One(b), check(|a: &Of<0>| a.ask()))));
    case_33 "/33" (all(not(policy(p2)), any(scope("s0"), One(b), check(|a: &Of<0>| a.ask()))));
    case_34 "/34" (any(all(scope("s0"), Plain, Deep(b, b)), all(policy(p2), check(|c: &Of<2>| c.ask()))));
    case_35 "/35" (all(any(check(|c: &Of<2>| c.ask()), policy(p0), Negated), any(Swapped(b, c), One(b))));
    case_36 "/36" (any(Both(b, c), not(all(policy(p2), check(|b: &Of<1>| b.ask())))));
    case_37 "/37" (all(not(policy(p2)), any(Swapped(a, b), all(Plain, policy(p1), Deep(c, c)))));
    case_38 "/38" (any(all(any(Negated, check(|b: &Of<1>| b.ask())), not(role("r1")), any(One(a), Swapped(c, a))), One(c)));
    case_39 "/39" (any(check(|b: &Of<1>| b.ask()), all(not(Deep(c, c)), Plain, any(Deep(a, a), policy(p2)))));
}

/// One way to answer everything that can be asked.
struct World {
    roles: Vec<&'static str>,
    scopes: Vec<&'static str>,
    /// By the name of the policy or argument.
    answers: Vec<(&'static str, u8)>,
}

/// `None` where it cannot be known.
type Truth = Option<bool>;

impl World {
    fn answer(&self, name: &str) -> Truth {
        let (_, answer) = self.answers.iter().find(|(known, _)| *known == name)?;
        match answer {
            b'a' => Some(true),
            b'd' => Some(false),
            _ => None,
        }
    }

    /// Reads the text and decides it: `given` are the arguments by the names that they have there.
    fn holds(&self, text: &str, given: &[(&str, &str)]) -> Truth {
        let text = text.trim();
        let Some((name, inside)) = text.split_once('(') else {
            return self.named(text, &[]);
        };
        let (name, inside) = (name.trim(), inside.strip_suffix(')').unwrap());
        let argument = |name: &str| {
            let found = given.iter().find(|(known, _)| *known == name);
            found.unwrap().1
        };
        match name {
            "role" => Some(self.roles.contains(&inside.trim_matches('"'))),
            "scope" => Some(self.scopes.contains(&inside.trim_matches('"'))),
            "policy" => self.answer(inside),
            "check" => {
                let parameter = inside.split(['|', ':']).nth(1).unwrap().trim();
                match parameter {
                    "user" => Some(self.roles.contains(&"r1")),
                    parameter => self.answer(argument(parameter)),
                }
            }
            "not" => self.holds(inside, given).map(|holds| !holds),
            "all" | "any" => {
                let decides = name == "any";
                let members: Vec<Truth> = split(inside)
                    .into_iter()
                    .map(|member| self.holds(member, given))
                    .collect();
                if members.contains(&Some(decides)) {
                    Some(decides)
                } else if members.contains(&None) {
                    None
                } else {
                    Some(!decides)
                }
            }
            name => {
                let arguments: Vec<&str> = split(inside)
                    .into_iter()
                    .map(|name| argument(name.trim()))
                    .collect();
                self.named(name, &arguments)
            }
        }
    }

    fn named(&self, name: &str, arguments: &[&str]) -> Truth {
        let (_, parameters, text) = NAMES.iter().find(|(known, ..)| *known == name).unwrap();
        assert_eq!(parameters.len(), arguments.len(), "{name}");
        let given: Vec<_> = parameters
            .iter()
            .copied()
            .zip(arguments.iter().copied())
            .collect();
        self.holds(text, &given)
    }
}

/// At the commas that stand in no parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0;
    text.split(|letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    })
    .collect()
}

/// Numbers below `below` that are the same in every run.
fn draw(state: &mut u64, below: u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    usize::try_from((*state >> 33) % below).unwrap()
}

#[actix_web::test]
async fn an_app_answers_what_the_text_of_the_attribute_says() {
    let auth = Auth::builder()
        .realm("trees")
        .scheme(Bearer::sync(|token: Secret<'_>| {
            let mut principal = Principal::new("ada");
            for word in token.expose().split('-') {
                principal = match word {
                    "r0" | "r1" => principal.role(word),
                    "s0" => principal.scope(word),
                    _ => principal,
                };
            }
            Some(principal)
        }))
        .build()
        .unwrap();
    let app = init_service(App::new().app_data(auth).configure(mount)).await;
    let mut state = 1;
    let mut seen = [0; 3];
    for (path, text) in CASES {
        for _ in 0..250 {
            let mut some = |names: &[&'static str]| {
                let kept = names.iter().filter(|_| draw(&mut state, 2) == 0);
                kept.copied().collect::<Vec<_>>()
            };
            let (roles, scopes) = (some(&["r0", "r1"]), some(&["s0"]));
            let answers = ["p0", "p1", "p2", "a", "b", "c"]
                .map(|name| (name, b"aaadddf"[draw(&mut state, 7)]))
                .to_vec();
            let world = World {
                roles,
                scopes,
                answers,
            };
            let token = [&world.roles[..], &world.scopes[..], &["x"]]
                .concat()
                .join("-");
            let mut request = TestRequest::get()
                .uri(path)
                .insert_header(("authorization", format!("Bearer {token}")));
            for (name, answer) in &world.answers {
                request = request.insert_header((*name, char::from(*answer).to_string()));
            }
            let answer = call_service(&app, request.to_request()).await;
            let (place, expected) = match world.holds(text, &[("a", "a"), ("b", "b"), ("c", "c")]) {
                Some(true) => (0, 200),
                Some(false) => (1, 403),
                None => (2, 500),
            };
            seen[place] += 1;
            let answers: String = world
                .answers
                .iter()
                .map(|(_, answer)| char::from(*answer))
                .collect();
            assert_eq!(
                answer.status(),
                expected,
                "{text} of {token} with {answers}"
            );
        }
    }
    assert!(seen.iter().all(|times| *times > 100), "{seen:?}");
}
