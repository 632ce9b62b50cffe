//! Lists in sentences.

use serde_json::Value as Json;

/// "a, b and c".
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

/// Settings as words: "sigma_mm = 3, bands = LLH".
pub fn settings(of: &Json) -> String {
    let Some(table) = of.as_object() else { return String::new() };
    let word = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    table.iter().map(|(key, value)| format!("{key} = {}", word(value))).collect::<Vec<_>>().join(", ")
}
