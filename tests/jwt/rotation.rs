//! A provider that rotates its keys and goes away, under load and under attack.

use std::time::Duration;

use serde_json::json;

use crate::asking::{Ask, Clock, app, with};
use crate::issuing::{FakeIssuer, KEYS, Page};
use crate::minting::{ED, NOW, Signer};

/// Fifty requests a second with valid tokens, and ten with key ids that a stranger made up.
const STEP: Duration = Duration::from_millis(100);
const VALID: usize = 5;

struct Load<A> {
    app: A,
    clock: Clock,
    number: usize,
    granted: usize,
    /// When the key is to be known, by the answers of 503 since it came, in steps.
    due: Option<usize>,
    steps: usize,
    waited: usize,
}

impl<A: Ask> Load<A> {
    /// Sends the requests of this time. A valid token is granted, or told to wait.
    async fn go(&mut self, signers: &[&Signer], seconds: usize, is_up: bool) {
        for _ in 0..seconds * 10 {
            for signer in signers.iter().cycle().take(VALID) {
                self.number += 1;
                let id = format!("t-{}", self.number % 40);
                let token = signer.good_with(&json!({"jti": id, "exp": NOW + 10_000}));
                let answer = self.app.ask(&token).await;
                match answer.status.as_u16() {
                    200 => self.granted += 1,
                    503 => self.wait(answer.retry_after.as_deref(), is_up),
                    _ => panic!("step {}: {answer:?}", self.steps),
                }
            }
            let forged = ED.headed(&json!({"kid": format!("forged-{}", self.number)}));
            assert!(!self.app.ask(&forged).await.is_ok());
            self.clock.advance(STEP);
            self.steps += 1;
        }
    }

    /// A client that is told to wait does so, and is not told again.
    fn wait(&mut self, retry_after: Option<&str>, is_up: bool) {
        let seconds: usize = retry_after.unwrap().parse().unwrap();
        assert!((1..=10).contains(&seconds), "{seconds}");
        assert!(is_up, "its key was known before the provider went away");
        let due = self.steps + seconds * 10;
        let first = *self.due.get_or_insert(due);
        assert!(
            self.steps < first,
            "step {}: it was to be over at {first}",
            self.steps
        );
        self.due = Some(first.min(due));
        self.waited += 1;
    }
}

#[actix_web::test]
async fn no_valid_token_is_refused_whatever_the_provider_and_a_stranger_do() {
    let server = FakeIssuer::start();
    let mut current = Signer::ed("0");
    server.publish(&[&current]);
    let clock = Clock::new();
    let mut load = Load {
        app: app(with(server.issuer()), clock.clone()).await,
        clock,
        number: 0,
        granted: 0,
        due: None,
        steps: 0,
        waited: 0,
    };
    load.go(&[&current], 2, true).await;
    for rotation in 1..=10 {
        let next = Signer::ed(&rotation.to_string());
        load.due = None;
        if rotation % 2 == 0 {
            // Announced: published before it signs, and the old one for as long as it is valid.
            server.publish(&[&current, &next]);
            load.go(&[&current], 2, true).await;
            load.go(&[&current, &next], 12, true).await;
        } else {
            server.publish(&[&next]);
            load.go(&[&next], 14, true).await;
        }
        current = next;
        // The provider is away for a second, and for half a minute: what is known is known.
        for (at, seconds) in [(3, 1), (7, 30)] {
            if rotation == at {
                server.set(KEYS, Page::Status(500));
                load.go(&[&current], seconds, false).await;
                // It comes back with another key, which cannot be known before it is asked again.
                let back = Signer::ed(&format!("back-{rotation}"));
                server.publish(&[&back]);
                load.due = None;
                load.go(&[&back], 14, true).await;
                current = back;
            }
        }
    }
    // Most are granted, though the stranger uses up the fetches: each of the twelve new keys costs
    // ten seconds at most.
    let most = 12 * 10 * 10 * VALID;
    assert!(
        load.waited > 0 && load.waited <= most,
        "{} waited",
        load.waited
    );
    assert_eq!(load.granted + load.waited, load.number);
    // The first, a burst, one an interval, and one each retry interval of the outages.
    let seconds = load.steps / 10;
    let fetches = server.fetches();
    assert!(
        fetches <= 1 + 5 + seconds / 10 + 2 + 7,
        "{fetches} in {seconds} seconds"
    );
}
