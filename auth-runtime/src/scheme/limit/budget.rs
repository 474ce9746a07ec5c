//! What is counted: where, and how much of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

/// A digest of what is counted: of one length, and it names no account.
pub(super) type Key = [u8; 32];

/// Where an attempt counts.
#[derive(Debug)]
pub(super) struct Keys {
    account_and_address: Key,
    account: Key,
    address: Key,
    /// That the account has succeeded from this address.
    pub(super) known: Key,
}

impl Keys {
    pub(super) fn of(account: &str, address: Option<IpAddr>, ipv4: u8, ipv6: u8) -> Self {
        let account = account.trim().to_lowercase();
        let address = block(address, ipv4, ipv6);
        let key = |kind: &str, account: &str, address: &str| {
            let mut hasher = Sha256::new();
            // The lengths stand before the parts, so that no two lists of parts are one text.
            for part in [kind, account, address] {
                hasher.update(part.len().to_be_bytes());
                hasher.update(part.as_bytes());
            }
            hasher.finalize().into()
        };
        Self {
            account_and_address: key("both", &account, &address),
            account: key("account", &account, ""),
            address: key("address", "", &address),
            known: key("known", &account, &address),
        }
    }

    /// The first counts always, the others where the account is unknown at the address.
    pub(super) fn places(&self) -> [&Key; 3] {
        [&self.account_and_address, &self.account, &self.address]
    }
}

fn block(address: Option<IpAddr>, ipv4: u8, ipv6: u8) -> String {
    match address.map(|address| address.to_canonical()) {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => {
            let mask = u32::MAX
                .checked_shl(32 - u32::from(ipv4.min(32)))
                .unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & mask).to_string()
        }
        Some(IpAddr::V6(address)) => {
            let mask = u128::MAX
                .checked_shl(128 - u32::from(ipv6.min(128)))
                .unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & mask).to_string()
        }
    }
}

/// So many attempts at once, and one more each time that one is forgotten: the generic cell rate
/// algorithm. What is kept of a place is the time when all that counts there will be forgotten.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    attempts: u32,
    forgotten_after: Duration,
}

impl Budget {
    pub(super) fn new(attempts: u32, forgotten_after: Duration) -> Self {
        // So that no sum of them is beyond what a clock can tell.
        const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);
        Self {
            attempts: attempts.clamp(1, 1_000_000),
            forgotten_after: forgotten_after.clamp(Duration::from_millis(1), LONGEST),
        }
    }

    pub(super) fn one(&self) -> Duration {
        self.forgotten_after
    }

    pub(super) fn all(&self) -> Duration {
        self.forgotten_after.saturating_mul(self.attempts)
    }

    /// With one more attempt: the new time, or how long there is no room for it.
    pub(super) fn add(
        &self,
        empty_at: Option<SystemTime>,
        now: SystemTime,
    ) -> Result<SystemTime, Duration> {
        let counting = self.counting(empty_at, now).saturating_add(self.one());
        match counting.checked_sub(self.all()) {
            None | Some(Duration::ZERO) => Ok(now.checked_add(counting).unwrap_or(now)),
            Some(wait) => Err(wait),
        }
    }

    /// With one attempt less: the new time, or `None` where nothing counts any more.
    pub(super) fn remove(
        &self,
        empty_at: Option<SystemTime>,
        now: SystemTime,
    ) -> Option<SystemTime> {
        let counting = self.counting(empty_at, now).checked_sub(self.one())?;
        now.checked_add(counting).filter(|_| !counting.is_zero())
    }

    /// How much counts, as the time that it takes to be forgotten. After a clock was set back it is
    /// no more than all.
    fn counting(&self, empty_at: Option<SystemTime>, now: SystemTime) -> Duration {
        empty_at
            .and_then(|at| at.duration_since(now).ok())
            .unwrap_or_default()
            .min(self.all())
    }
}

/// What a store made of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It counts in the first so many places.
    In(usize),
    /// This place is full, for so long.
    Full(usize, Duration),
}

/// For how long an account is known at an address.
pub(super) const KNOWN_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds)
    }

    #[test]
    fn so_many_at_once_and_then_one_at_a_time() {
        let budget = Budget::new(3, Duration::from_secs(60));
        let mut place = None;
        for _ in 0..3 {
            place = Some(budget.add(place, at(0)).unwrap());
        }
        assert_eq!(budget.add(place, at(0)), Err(Duration::from_secs(60)));
        assert_eq!(budget.add(place, at(59)), Err(Duration::from_secs(1)));
        place = Some(budget.add(place, at(60)).unwrap());
        assert_eq!(budget.add(place, at(60)), Err(Duration::from_secs(60)));
        // All are forgotten in the end, and no more than all.
        for _ in 0..3 {
            place = Some(budget.add(place, at(1000)).unwrap());
        }
        assert!(budget.add(place, at(1000)).is_err());
    }

    #[test]
    fn what_is_given_back_makes_room_for_one() {
        let budget = Budget::new(2, Duration::from_secs(60));
        let one = budget.add(None, at(0)).unwrap();
        let two = budget.add(Some(one), at(0)).unwrap();
        assert_eq!(budget.remove(Some(two), at(0)), Some(one));
        assert_eq!(budget.remove(Some(one), at(0)), None);
        // What was forgotten in the meantime is not given back on top.
        assert_eq!(budget.remove(Some(one), at(30)), None);
        assert_eq!(budget.remove(None, at(0)), None);
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out_for_longer() {
        let budget = Budget::new(2, Duration::from_secs(60));
        let place = budget.add(None, at(10_000)).unwrap();
        assert_eq!(budget.add(Some(place), at(0)), Err(Duration::from_secs(60)));
        assert!(budget.add(Some(place), at(10_000)).is_ok());
    }

    #[test]
    fn addresses_are_counted_by_block() {
        let block = |text: &str| super::block(Some(text.parse().unwrap()), 32, 56);
        assert_eq!(block("203.0.113.7"), "203.0.113.7");
        assert_eq!(block("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(block("2001:db8:1:2ff::1"), block("2001:db8:1:200:9::"));
        assert_ne!(block("2001:db8:1:200::1"), block("2001:db8:1:300::1"));
        assert_eq!(
            super::block(Some("203.0.113.7".parse().unwrap()), 0, 0),
            "0.0.0.0"
        );
        assert_eq!(super::block(None, 32, 56), "unknown");
    }

    #[test]
    fn names_that_an_app_may_take_for_one_are_one_account() {
        let keys = |name: &str| Keys::of(name, None, 32, 56);
        assert_eq!(keys("Ada").account, keys(" ada\t").account);
        assert_ne!(keys("ada").account, keys("adb").account);
        let all = keys("ada");
        for (position, key) in all.places().iter().enumerate() {
            assert!(!all.places()[..position].contains(key) && **key != all.known);
        }
    }
}
