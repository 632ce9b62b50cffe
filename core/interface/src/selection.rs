//! What is wanted of a path that holds several series or regions: the JSON object of a load request.

use serde::{Deserialize, Serialize};

/// What is wanted of a path that holds several things.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Selection {
    /// An image: the UID of the series. A segmentation: the UID of the series that the image was read from, where the
    /// image has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The regions that will be looked at, each as [`fits`] understands it; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
}

impl Selection {
    /// Whether a region is among those that will be looked at.
    pub fn wants(&self, number: f64, name: &str) -> bool {
        self.regions.is_empty() || self.regions.iter().any(|wanted| fits(wanted, number, name))
    }
}

/// Whether a region is the one that is wanted: `#3` is the region of number 3; anything else is its name, in which `*`
/// stands for any characters and `?` for one. Blanks at the ends of a name do not count, upper and lower case do.
pub fn fits(wanted: &str, number: f64, name: &str) -> bool {
    if let Some(Ok(wanted)) = wanted.strip_prefix('#').map(str::parse::<u32>) {
        return f64::from(wanted) == number;
    }
    let (wanted, name): (Vec<char>, Vec<char>) = (wanted.trim().chars().collect(), name.trim().chars().collect());
    wanted == name || matches(&wanted, &name)
}

/// Wildcards, by going back to the last `*` alone: no more than pattern × name steps.
fn matches(pattern: &[char], name: &[char]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, n));
            p += 1;
        } else if pattern.get(p).is_some_and(|c| *c == '?' || *c == name[n]) {
            (p, n) = (p + 1, n + 1);
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            (p, n) = (at + 1, taken + 1);
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_wanted_by_name_pattern_or_number() {
        for (wanted, name) in
            [("GTV-1", " GTV-1 "), ("GTV*", "GTV"), ("*-1", "GTV-1-1"), ("G?V*1", "GTV-1"), ("*", ""), ("a[b", "a[b")]
        {
            assert!(fits(wanted, 1.0, name), "{wanted} and {name}");
        }
        for (wanted, name) in [("gtv", "GTV"), ("GTV", "GTV-1"), ("G?V", "GV"), ("*2", "GTV-1"), ("", "GTV")] {
            assert!(!fits(wanted, 1.0, name), "{wanted} and {name}");
        }
        assert!(fits("#3", 3.0, "x") && !fits("#3", 2.0, "#3") && fits("#x", 2.0, "#x"));
    }
}
