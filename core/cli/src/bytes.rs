//! Numbers of bytes as a person writes them.

/// The words for units, and what they stand for.
const UNITS: [(&str, u64); 10] = [
    ("", 1),
    ("b", 1),
    ("kb", 1000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// A TOML has no larger whole numbers.
const MOST: u64 = i64::MAX as u64;

/// `2147483648`, `500MB` or `2 GiB` as a number of bytes.
pub fn parse(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_lowercase();
    let (_, factor) = UNITS
        .iter()
        .find(|(word, _)| *word == unit && !number.is_empty())
        .ok_or("a whole number of bytes, alone or with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB, is expected")?;
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*factor));
    match bytes {
        Some(0) => Err("with no byte, no scan can be read".into()),
        Some(bytes) if bytes <= MOST => Ok(bytes),
        _ => Err(format!("at most {MOST} bytes can be asked for")),
    }
}

/// A number of bytes for a reader: `2 kB`, `0.4 MB`, `120 MB`. A megabyte has a million.
pub fn shown(bytes: u64) -> String {
    match bytes {
        0..100_000 => format!("{} kB", bytes.div_ceil(1000)),
        100_000..10_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.0} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn units_are_decimal_or_binary() {
        for (text, bytes) in
            [("1", 1), ("500MB", 500_000_000), ("2GiB", 2 << 30), ("2 gib", 2 << 30), ("3kB", 3000), ("1KiB", 1024)]
        {
            assert_eq!(parse(text), Ok(bytes), "{text}");
        }
        for text in
            ["", "GiB", "-1", "1.5GB", "1 GX", "0", "0MB", "99999999999999999999", "9999999999TiB", "8388608TiB"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
