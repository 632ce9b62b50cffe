//! One part of the cases of a run.

use std::str::FromStr;

use crate::terminal::count;

/// One of several parts, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: usize,
    of: usize,
}

impl Shard {
    /// Whether the case at a place of the list is in it. Neighbours in a list are often alike: each part gets of all.
    pub fn has(self, at: usize) -> bool {
        at % self.of == self.number - 1
    }

    /// Says what became of it.
    pub fn report(self, cases: usize, reused: usize, failed: usize) {
        let before = if reused > 0 { format!(", {reused} of them finished before") } else { String::new() };
        say!("shard {} of {}: {} done{before}, {failed} failed", self.number, self.of, count(cases, "case"));
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if 1 <= number && number <= of => Ok(Self { number, of }),
            _ => Err("expected a part and their number, as in 3/40".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_is_in_one_part() {
        let shards: Vec<Shard> = (1..=7).map(|number| Shard { number, of: 7 }).collect();
        assert!((0..100).all(|at| shards.iter().filter(|shard| shard.has(at)).count() == 1));
        assert_eq!("3/40".parse(), Ok(Shard { number: 3, of: 40 }));
        for text in ["", "3", "0/4", "5/4", "a/b", "3/", "-1/4", "1/0"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
