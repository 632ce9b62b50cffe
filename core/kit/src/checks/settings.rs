//! Settings that must be refused, by their keys.

use serde_json::{Value as Json, json};
use voxomics_base::{Diagnostics, Origin, PluginSettings};
use voxomics_interface::describe::{Setting, Takes};

use crate::{
    bench::{Bench, first_line},
    settings::{self, with},
    subject::Subject,
    verdict::{Checked, Verdict},
};

/// A key that the description does not list.
pub fn unknown(bench: &Bench<'_>) -> Checked {
    let key = "no_such_setting";
    refused(bench, &with(&bench.settings, key, json!(1)), key, &json!(1))?;
    Ok(Verdict::passed("it refuses a key that it does not know"))
}

/// A text for a number, a number for a text.
pub fn of_another_type(bench: &Bench<'_>) -> Checked {
    let known = bench.of.plugin.known_settings();
    each(bench, &known, |setting| vec![settings::of_another_type(setting)], "of another type")
}

/// Numbers beyond a range, words that are no choice, lists of another length, and a required key that is not there.
pub fn out_of_range(bench: &Bench<'_>) -> Checked {
    let known = bench.of.plugin.known_settings();
    for setting in known.iter().filter(|setting| setting.required) {
        let mut without = bench.settings.clone();
        without.values.remove(&setting.key);
        let diagnostics = Diagnostics::default();
        match Subject::configure(bench.of, &without, None, bench.sample, &diagnostics) {
            Ok(None) if diagnostics.render().contains(&setting.key) => {}
            Ok(None) => return Ok(unnamed(&setting.key, &diagnostics)),
            Ok(Some(_)) => {
                return Ok(Verdict::failed(format!("`{}` is required, and it works without", setting.key)));
            }
            Err(refusal) => return Ok(Verdict::failed(refusal.message)),
        }
    }
    each(bench, &known, settings::out_of_range, "out of range")
}

fn each(bench: &Bench<'_>, known: &[Setting], values: impl Fn(&Setting) -> Vec<Json>, what: &str) -> Checked {
    if known.is_empty() {
        return Ok(Verdict::skipped("it has no settings"));
    }
    let mut tried = 0;
    for setting in known {
        for value in values(setting) {
            // A path that is a number is told before the plugin is asked.
            if setting.takes == Takes::File && !value.is_string() && bench.settings.values.contains_key(&setting.key) {
                continue;
            }
            refused(bench, &with(&bench.settings, &setting.key, value.clone()), &setting.key, &value)?;
            tried += 1;
        }
    }
    Ok(match tried {
        0 => Verdict::skipped(format!("none of its settings can be {what}")),
        1 => Verdict::passed(format!("it refuses the one value {what} that was tried, by its key")),
        _ => Verdict::passed(format!("it refuses all {tried} values {what}, by their keys")),
    })
}

/// Whether settings are refused, and the key is named.
fn refused(bench: &Bench<'_>, settings: &PluginSettings, key: &str, value: &Json) -> Result<(), Verdict> {
    let diagnostics = Diagnostics::default();
    match Subject::configure(bench.of, settings, None, bench.sample, &diagnostics) {
        Ok(None) if diagnostics.has_at(&Origin::Set(key.into())) => Ok(()),
        Ok(None) => Err(unnamed(key, &diagnostics)),
        Ok(Some(_)) => Err(Verdict::failed(format!("it takes `{key}` = {value}"))),
        Err(refusal) => Err(Verdict::failed(refusal.message)),
    }
}

fn unnamed(key: &str, diagnostics: &Diagnostics) -> Verdict {
    Verdict::failed(format!("it refuses `{key}` without naming it: {}", first_line(diagnostics)))
}
