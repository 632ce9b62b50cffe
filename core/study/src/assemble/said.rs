//! Lists and settings in sentences.

use serde_json::Value as Json;
use voxomics_engine::experiment::study::Condition;

/// "a, b and c".
pub fn listed(words: &[String]) -> String {
    joined(words, "and")
}

/// "a, b or c".
pub fn either(words: &[String]) -> String {
    joined(words, "or")
}

fn joined(words: &[String], last_by: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} {last_by} {last}", before.join(", ")),
    }
}

/// Numbers in a list, as they are stated.
pub fn numbers(of: &[f64]) -> String {
    listed(&of.iter().map(f64::to_string).collect::<Vec<_>>())
}

/// Settings in words: "sigma 3 mm; bands LLH".
pub fn settings(of: &Json) -> String {
    let Some(table) = of.as_object() else { return String::new() };
    table.iter().map(|(key, value)| setting(key, value)).collect::<Vec<_>>().join("; ")
}

fn setting(key: &str, value: &Json) -> String {
    let value = word(value);
    let unit = [("_mm", " mm"), ("_deg", "°"), ("_ml", " mL"), ("_days", " days")];
    let found = unit.iter().find_map(|(end, unit)| Some((key.strip_suffix(end)?, *unit)));
    let (name, unit) = found.unwrap_or((key, ""));
    format!("{} {value}{unit}", name.replace('_', " "))
}

fn word(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Json::Array(all) => listed(&all.iter().map(word).collect::<Vec<_>>()),
        other => other.to_string(),
    }
}

/// "site Lyon or Paris, and stage II"; `called` is what readers call a column.
pub fn conditions<'a>(of: &'a [Condition], called: impl Fn(&'a str) -> &'a str) -> String {
    let one = |condition: &'a Condition| format!("{} {}", called(&condition.column), either(&condition.values));
    of.iter().map(one).collect::<Vec<_>>().join(", and ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_words_with_their_units() {
        let of = serde_json::json!({ "alpha": [0.1, 1], "near_constant": 0.95, "sigma_mm": 2, "standardise": true });
        assert_eq!(settings(&of), "alpha 0.1 and 1; near constant 0.95; sigma 2 mm; standardise yes");
    }
}
