//! Numbers with their nouns.

/// "1 value", "2 values".
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn one_is_one() {
        assert_eq!([0, 1, 2].map(|n| count(n, "value")), ["0 values", "1 value", "2 values"]);
    }
}
