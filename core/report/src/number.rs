//! Numbers as a reader wants them: three significant digits, p < 0.001, a true minus; and as a program wants them: every
//! digit.

use crate::study::Estimate;

/// What stands where there is no number.
pub const ABSENT: &str = "–";

/// A number with three significant digits; with all digits before the point if it has more.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-3..1e6).contains(&value.abs()) {
        return scientific(value);
    }
    fixed(value, decimals(value))
}

/// A number with as many decimals as one needs to see terms add up to `sum`: one more than its three digits.
pub fn term(value: f64, sum: f64) -> String {
    if value.is_finite() { fixed(value, (decimals(sum) + 1).min(6)) } else { ABSENT.to_owned() }
}

/// Words with their long numbers cut to three digits, but for those within backticks, which are names.
pub fn shortened(words: &str) -> String {
    let mut out = String::new();
    for (part, piece) in words.split('`').enumerate() {
        if part > 0 {
            out.push('`');
        }
        if part % 2 == 1 {
            out.push_str(piece);
            continue;
        }
        let mut rest = piece;
        while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
            let (before, number) = rest.split_at(start);
            let end = number
                .find(|character: char| !(character.is_ascii_digit() || matches!(character, '.' | 'e')))
                .unwrap_or(number.len());
            // A point at the end is that of the sentence.
            let token = number[..end].trim_end_matches(['.', 'e']);
            let minus = before.ends_with('-') && !before[..before.len() - 1].ends_with(char::is_alphanumeric);
            let long = token.contains('.') && token.len() > 5;
            match token.parse::<f64>() {
                Ok(value) if long => {
                    out.push_str(if minus { &before[..before.len() - 1] } else { before });
                    out.push_str(&self::number(if minus { -value } else { value }));
                }
                _ => {
                    out.push_str(before);
                    out.push_str(token);
                }
            }
            rest = &number[token.len()..];
        }
        out.push_str(rest);
    }
    out
}

/// A number that may be absent.
pub fn optional(value: Option<f64>) -> String {
    value.map_or_else(|| ABSENT.to_owned(), number)
}

/// A p-value.
pub fn p(value: Option<f64>) -> String {
    match value {
        Some(p) if p < 0.001 => "< 0.001".to_owned(),
        Some(p) if p > 0.999 && p.is_finite() => "> 0.999".to_owned(),
        Some(p) if p.is_finite() => fixed(p, decimals(p).min(4)),
        _ => ABSENT.to_owned(),
    }
}

/// A p-value as part of a sentence: "p = 0.012"; empty if there is none.
pub fn p_said(value: Option<f64>) -> String {
    match p(value) {
        said if said == ABSENT => String::new(),
        said if said.starts_with(['<', '>']) => format!("p {said}").replace(' ', "\u{a0}"),
        said => format!("p\u{a0}=\u{a0}{said}"),
    }
}

/// An estimate and its interval in brackets, with as many decimals as the estimate: "0.712 (0.604–0.820)".
pub fn estimate(estimate: &Estimate) -> String {
    let value = number(estimate.value);
    let interval = interval(estimate);
    if interval.is_empty() { value } else { format!("{value} ({interval})") }
}

/// The interval of an estimate; empty if it has none.
pub fn interval(estimate: &Estimate) -> String {
    let places = decimals(estimate.value);
    let end = |value: f64| {
        let shown = fixed(value, places);
        // An end that loses all its digits that way has its own.
        let lost = value != 0.0 && shown.chars().all(|character| !character.is_ascii_digit() || character == '0');
        if lost || !(1e-3..1e6).contains(&estimate.value.abs()) { number(value) } else { shown }
    };
    match (finite(estimate.low), finite(estimate.high)) {
        (Some(low), Some(high)) if low < 0.0 || high < 0.0 => format!("{} to {}", end(low), end(high)),
        (Some(low), Some(high)) => format!("{}–{}", end(low), end(high)),
        (Some(low), None) => format!("{}–not reached", end(low)),
        (None, Some(high)) => format!("not reached–{}", end(high)),
        (None, None) => String::new(),
    }
}

/// A share in percent with its interval: "71.2 (60.4–82.0)".
pub fn percent(share: &Estimate) -> String {
    let hundredfold = |value: Option<f64>| finite(value).map(|value| value * 100.0);
    let value = hundredfold(Some(share.value)).map_or_else(|| ABSENT.to_owned(), |value| fixed(value, 1));
    match (hundredfold(share.low), hundredfold(share.high)) {
        (Some(low), Some(high)) => format!("{value} ({}–{})", fixed(low, 1), fixed(high, 1)),
        _ => value,
    }
}

/// A count with its share of a whole: "12 (34 %)".
pub fn share(count: u64, whole: u64) -> String {
    if whole == 0 {
        return count.to_string();
    }
    format!("{count} ({:.0}\u{a0}%)", count as f64 / whole as f64 * 100.0)
}

/// A count with the word that it counts: "1 case", "2 cases".
pub fn count(count: u64, word: &str) -> String {
    match (count, word.strip_suffix('y')) {
        (1, _) => format!("1 {word}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {word}s"),
    }
}

/// Every digit, for CSV; empty if there is no number.
pub fn exact(value: Option<f64>) -> String {
    finite(value).map(|value| value.to_string()).unwrap_or_default()
}

/// The label of a tick, one of several that are `step` apart.
pub fn tick(value: f64, step: f64) -> String {
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    if value != 0.0 && (value.abs() >= 1e5 || step < 1e-4) {
        return scientific(value);
    }
    fixed(value, (-step.log10() - 1e-9).ceil().clamp(0.0, 6.0) as usize)
}

/// A round value without zeros at its end.
pub fn plain(value: f64) -> String {
    if !value.is_finite() {
        return ABSENT.to_owned();
    }
    if value != 0.0 && !(1e-3..1e5).contains(&value.abs()) {
        let said = scientific(value);
        return said.strip_prefix("1.00 × ").map(str::to_owned).unwrap_or_else(|| said.replace(".00 ×", " ×"));
    }
    let said = fixed(value, 6);
    if said.contains('.') { said.trim_end_matches('0').trim_end_matches('.').to_owned() } else { said }
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

/// Decimals that show three significant digits.
fn decimals(value: f64) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 2;
    }
    // The exponent after rounding: 9.996 becomes 10.0, not 10.00.
    let rounded = format!("{value:.2e}");
    let exponent: i32 = rounded.split_once('e').and_then(|(_, exponent)| exponent.parse().ok()).unwrap_or(0);
    (2 - exponent).clamp(0, 6) as usize
}

fn fixed(value: f64, decimals: usize) -> String {
    let said = format!("{value:.decimals$}");
    let zero = said.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    if zero { said.replace('-', "") } else { said.replace('-', "−") }
}

fn scientific(value: f64) -> String {
    let said = format!("{value:.2e}");
    let (mantissa, exponent) = said.split_once('e').unwrap_or((&said, "0"));
    let raised: String = exponent
        .chars()
        .map(|digit| match digit {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            '4' => '⁴',
            '5' => '⁵',
            '6' => '⁶',
            '7' => '⁷',
            '8' => '⁸',
            '9' => '⁹',
            _ => '⁰',
        })
        .collect();
    format!("{} × 10{raised}", mantissa.replace('-', "−"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval_of(value: f64, low: f64, high: f64) -> String {
        estimate(&Estimate { value, low: Some(low), high: Some(high), p: None })
    }

    #[test]
    fn numbers_have_three_digits() {
        let said = [0.0, 0.7123, 9.996, 12.345, 123.4, 12345.0, -0.0512, 0.00012, 1.2e9, f64::NAN].map(number);
        assert_eq!(
            said,
            ["0", "0.712", "10.0", "12.3", "123", "12345", "−0.0512", "1.20 × 10⁻⁴", "1.20 × 10⁹", ABSENT]
        );
    }

    #[test]
    fn words_keep_their_names_and_lose_their_digits() {
        let said = "`f_0.123456789` is -0.0123456789, outside the training's 1.5 to 12345.678901. At 0.1.";
        assert_eq!(shortened(said), "`f_0.123456789` is −0.0123, outside the training's 1.5 to 12346. At 0.1.");
        assert_eq!(shortened("3 of 4 slices, 2024-01-31"), "3 of 4 slices, 2024-01-31");
    }

    #[test]
    fn terms_have_the_decimals_of_their_sum() {
        assert_eq!([2.0, 0.01234, -0.4].map(|value| term(value, 3.4567)), ["2.000", "0.012", "−0.400"]);
    }

    #[test]
    fn small_and_large_p_are_bounds() {
        let said = [0.0, 0.00099, 0.001, 0.0123, 0.0496, 0.5, 0.9995, 1.0].map(|value| p(Some(value)));
        assert_eq!(said, ["< 0.001", "< 0.001", "0.0010", "0.0123", "0.0496", "0.500", "> 0.999", "> 0.999"]);
        assert_eq!([p(None), p(Some(f64::NAN))], [ABSENT, ABSENT]);
    }

    #[test]
    fn intervals_have_the_decimals_of_their_estimate() {
        assert_eq!(interval_of(0.7123, 0.6, 0.8249), "0.712 (0.600–0.825)");
        assert_eq!(interval_of(-0.2, -0.5, 0.1), "−0.200 (−0.500 to 0.100)");
        assert_eq!(interval_of(123.0, 0.04, 4000.0), "123 (0.0400–4000)");
        let open = Estimate { value: 14.2, low: Some(9.0), high: None, p: None };
        assert_eq!(estimate(&open), "14.2 (9.0–not reached)");
    }

    #[test]
    fn ticks_share_their_decimals() {
        assert_eq!(
            [tick(0.0, 0.2), tick(0.5, 0.1), tick(-2.0, 1.0), tick(3e5, 1e5)],
            ["0.0", "0.5", "−2", "3.00 × 10⁵"]
        );
        assert_eq!([plain(0.01), plain(20.0), plain(1e-5), plain(2e-5)], ["0.01", "20", "10⁻⁵", "2 × 10⁻⁵"]);
    }
}
