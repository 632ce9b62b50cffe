//! The risks that a model is asked for, in the table `[risk]` of its file.

use voxomics_engine::experiment::study::Target;

/// The times at which a model is asked for risks, and their unit, if there are any. Beside competing events there are none: a risk
/// from one kind of event alone would be that in a world without the others, and too high.
pub fn wanted<'a>(target: &'a Target, horizons: &'a [f64]) -> Option<(&'a [f64], &'a str)> {
    match target {
        Target::Survival { unit, competing, .. } if competing.is_empty() && !horizons.is_empty() => {
            Some((horizons, unit))
        }
        _ => None,
    }
}

/// Asks a model that tells of the order of times for its own risks at some times, which a plugin may have from more than the score.
pub fn ask(model: &mut toml::Table, horizons: &[f64], unit: &str) {
    let family = model.get("model").and_then(|about| about.get("family")?.as_str());
    if family == Some("survival") {
        let mut risk = toml::Table::new();
        risk.insert("unit".into(), unit.into());
        risk.insert("horizons".into(), numbers(horizons));
        model.insert("risk".into(), risk.into());
    }
}

/// Numbers as TOML has them.
pub fn numbers(values: &[f64]) -> toml::Value {
    toml::Value::Array(values.iter().map(|value| (*value).into()).collect())
}
