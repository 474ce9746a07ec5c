//! Lists of names: short ones are looked through, long ones have an index.

/// Names in the order in which they were added, each once.
#[derive(Clone, Default)]
pub(crate) struct Names {
    names: Vec<Box<str>>,
    /// Of a long list: a table of positions by hash, each plus one, and zero where a slot is free.
    /// At least half of them are, and their number is a power of two.
    slots: Vec<u32>,
}

/// Up to so many names are compared one by one, which is faster than hashing then.
const FEW: usize = 8;

impl Names {
    /// Adds a name, unless it is empty or there already.
    pub(crate) fn add(&mut self, name: String) {
        if name.is_empty() || self.contains(&name) {
            return;
        }
        self.names.push(name.into_boxed_str());
        if self.names.len() <= FEW {
            return;
        }
        if self.slots.len() < 2 * self.names.len() {
            self.slots = vec![0; (4 * self.names.len()).next_power_of_two()];
            for position in 0..self.names.len() {
                self.index(position);
            }
        } else {
            self.index(self.names.len() - 1);
        }
    }

    /// Puts a position into the first free slot for its name.
    fn index(&mut self, position: usize) {
        let (Some(name), Ok(entry)) = (self.names.get(position), u32::try_from(position + 1))
        else {
            return;
        };
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash(name.as_bytes()) & mask;
        while self.slots.get(at).is_some_and(|slot| *slot != 0) {
            at = at.wrapping_add(1) & mask;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = entry;
        }
    }

    /// Whether this very name is there.
    pub(crate) fn contains(&self, name: &str) -> bool {
        // An empty name is asked for by mistake only, and a mistake grants nothing.
        if name.is_empty() {
            return false;
        }
        if self.slots.is_empty() {
            return self.names.iter().any(|held| **held == *name);
        }
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash(name.as_bytes()) & mask;
        loop {
            let entry = self.slots.get(at).copied().unwrap_or_default();
            // 0, a free slot, wraps to a position that no list has.
            let Some(held) = self.names.get((entry as usize).wrapping_sub(1)) else {
                return false;
            };
            if **held == *name {
                return true;
            }
            at = at.wrapping_add(1) & mask;
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(AsRef::as_ref)
    }
}

/// Fast rather than hard to foresee: names that collide are looked through one by one, as in a
/// short list.
fn hash(name: &[u8]) -> usize {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(ODD);
    let byte = |position| u64::from(name.get(position).copied().unwrap_or_default());
    // By the length, which is nearly always one of the first three: without a look at each byte.
    let (mut hash, last) = match (name.first_chunk(), name.last_chunk()) {
        (Some(first), Some(last)) => (u64::from_le_bytes(*first), u64::from_le_bytes(*last)),
        _ => match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => {
                let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
                (u64::from(first), u64::from(last))
            }
            _ => (byte(0) | byte(1) << 8, byte(2)),
        },
    };
    if name.len() > 16 {
        let (words, _) = name.as_chunks();
        for word in words {
            hash = mix(hash, u64::from_le_bytes(*word));
        }
    }
    let hash = mix(hash, name.len() as u64);
    // The uppermost bits depend on all the others: they come first.
    let [first, second, third, fourth, ..] = mix(hash, last).to_be_bytes();
    u32::from_le_bytes([first, second, third, fourth]) as usize
}

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(&self.names).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_lists_hold_what_was_added() {
        for count in [0, 1, FEW, FEW + 1, FEW + 2, 100, 1000] {
            let mut names = Names::default();
            let all: Vec<String> = (0..count).map(|number| format!("role_{number}")).collect();
            for name in all.iter().chain(&all) {
                names.add(name.clone());
            }
            names.add(String::new());
            assert!(names.iter().eq(all.iter().map(String::as_str)), "{count}");
            assert!(all.iter().all(|name| names.contains(name)), "{count}");
            let others = (count..count + 1000).map(|number| format!("role_{number}"));
            for other in others.chain(["", "role_", "role_0 ", "Role_0"].map(str::to_owned)) {
                assert!(!names.contains(&other), "{other} of {count}");
            }
        }
    }

    /// Names of one hash are told apart all the same, and the search for another ends.
    #[test]
    fn names_that_collide_are_told_apart() {
        let slot = |name: &str| hash(name.as_bytes()) & 1023;
        let mut names = Names::default();
        let of_slot = |slot_wanted| {
            (0_u32..)
                .map(|number| number.to_string())
                .filter(move |name| slot(name) == slot_wanted)
        };
        let colliding: Vec<String> = of_slot(1023).take(40).collect();
        let (held, others) = colliding.split_at(20);
        for name in held {
            names.add(name.clone());
        }
        assert!(held.iter().all(|name| names.contains(name)));
        assert!(!others.iter().any(|name| names.contains(name)));
    }
}
