//! What two results were made from, where it differs, and which values that can change.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use super::{Cell, Side};

/// What kind of thing differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The bytes of an image or a mask.
    Input,
    /// A setting.
    Setting,
    /// A library of plugins.
    Plugin,
    /// The program.
    Program,
    /// A model, or another file that a setting names.
    File,
    /// A row of a list of cases.
    Row,
    /// The C library or the target.
    Machine,
}

/// A difference that may be why values differ.
#[derive(Debug, Serialize)]
pub struct Cause {
    /// What kind of thing differs.
    pub kind: Kind,
    /// Which one: the setting, the plugin, the case.
    pub what: String,
    /// What it is in either result.
    pub values_of_it: [String; 2],
    /// How many of the values that differ it can explain.
    pub values: usize,
    #[serde(skip)]
    reach: Reach,
}

/// Which values something can change.
#[derive(Debug)]
enum Reach {
    All,
    /// Those of a case.
    Case(String, String),
    /// A column of a case, and its scores.
    CaseColumn(String, String, String),
    /// Those of either, and all scores: a model was learnt from the case.
    Learnt(Box<Reach>),
    /// Those of a family, and scores.
    Family(String),
    /// Those of some regions, and scores.
    Regions(BTreeSet<String>),
    /// Those of a model; of any, without a name.
    Scores(Option<String>),
    Nothing,
}

const SCORES: &str = "scores.csv";

impl Cause {
    fn new(kind: Kind, what: impl Into<String>, of: [String; 2], reach: Reach) -> Self {
        Self { kind, what: what.into(), values_of_it: of, values: 0, reach }
    }

    /// Cohort and name of the one case that it is about.
    pub(super) fn case(&self) -> Option<(String, String)> {
        match &self.reach {
            Reach::Case(cohort, case) | Reach::CaseColumn(cohort, case, _) => Some((cohort.clone(), case.clone())),
            _ => None,
        }
    }

    /// Whether it can be why a value differs.
    pub fn reaches(&self, cell: &Cell<'_>) -> bool {
        self.reach.has(cell)
    }
}

impl Reach {
    fn has(&self, cell: &Cell<'_>) -> bool {
        let of = |cohort: &str, case: &str| cell.cohort == cohort && cell.key("case") == Some(case);
        let is_score = cell.table == SCORES;
        let is_feature = cell.table == "features.csv";
        match self {
            Self::All => true,
            Self::Nothing => false,
            Self::Case(cohort, case) => of(cohort, case),
            Self::CaseColumn(cohort, case, column) => of(cohort, case) && (cell.column == column || is_score),
            Self::Learnt(own) => is_score || own.has(cell),
            Self::Family(name) => {
                !is_feature || cell.column.split('.').any(|part| part == name) || !cell.column.contains('.')
            }
            Self::Regions(names) => {
                let region = cell.key("region").unwrap_or_default();
                let whole = region.rsplit_once('.').map_or(region, |(name, _)| name);
                !is_feature || names.contains(region) || names.contains(whole)
            }
            Self::Scores(name) => {
                let of = cell.key("model").or_else(|| cell.key("predictor"));
                is_score && name.as_ref().is_none_or(|name| of.is_none_or(|of| of == name))
            }
        }
    }
}

/// Everything that differs and may change a value.
pub fn find(sides: &[Side; 2]) -> Vec<Cause> {
    let mut causes = Vec::new();
    program(sides, &mut causes);
    plugins(sides, &mut causes);
    settings(sides, &mut causes);
    files(sides, &mut causes);
    cases(sides, &mut causes);
    causes
}

/// What differs and changes no value.
pub fn remarks(sides: &[Side; 2]) -> Vec<String> {
    let [a, b] = sides.each_ref().map(|side| &side.lock.remarks);
    let mut remarks = Vec::new();
    if a.threads != b.threads {
        remarks.push(format!("threads: {} and {}, which changes no value", a.threads, b.threads));
    }
    remarks
}

fn program(sides: &[Side; 2], causes: &mut Vec<Cause>) {
    let [a, b] = sides.each_ref().map(|side| &side.lock);
    if a.program.digest != b.program.digest {
        let shown = [&a.program, &b.program].map(|program| {
            let digest = program.digest.get(..12).unwrap_or(&program.digest);
            format!("{} made from {digest}", program.version)
        });
        causes.push(Cause::new(Kind::Program, "the program", shown, Reach::All));
    }
    let machine =
        [a, b].map(|lock| format!("{}, {}, {}", lock.remarks.system, lock.remarks.machine, lock.remarks.c_library));
    if machine[0] != machine[1] {
        causes.push(Cause::new(Kind::Machine, "system, machine and C library", machine, Reach::All));
    }
}

fn plugins(sides: &[Side; 2], causes: &mut Vec<Cause>) {
    let by_name = |side: &Side| -> BTreeMap<String, String> {
        let named = |plugin: &crate::lock::PluginUsed| {
            let short = |sha256: &str| sha256.get(..12).unwrap_or(sha256).to_owned();
            let beside = plugin.companions.iter().map(|(name, sha256)| format!(", with {name} {}", short(sha256)));
            let shown = format!("{} {}{}", plugin.version, short(&plugin.sha256), beside.collect::<String>());
            plugin.names.iter().map(move |name| (name.clone(), shown.clone())).collect::<Vec<_>>()
        };
        side.lock.plugin.iter().flat_map(named).collect()
    };
    for (name, of) in pairs(&by_name(&sides[0]), &by_name(&sides[1])) {
        let reach = match name.split_once('-') {
            // The column has the name that the experiment gives the family.
            Some(("features", id)) => match families_of(sides, id).as_slice() {
                [] => Reach::Nothing,
                [one] => Reach::Family(one.clone()),
                _ => Reach::All,
            },
            Some(("predict", _)) => Reach::Scores(None),
            _ => Reach::All,
        };
        causes.push(Cause::new(Kind::Plugin, name, of.map(|of| of.unwrap_or_else(|| "not loaded".into())), reach));
    }
}

/// The names that the experiments give to a family.
fn families_of(sides: &[Side; 2], id: &str) -> Vec<String> {
    let names = |side: &Side| -> Vec<String> {
        let families = side.resolved.get("features").and_then(Json::as_object).into_iter().flatten();
        let is_it = |(name, settings): &(&String, &Json)| {
            let family = settings.get("family").and_then(Json::as_str).unwrap_or(name);
            family.strip_prefix("features-").unwrap_or(family) == id
        };
        families.filter(is_it).map(|(name, _)| name.clone()).collect()
    };
    let all: BTreeSet<String> = sides.iter().flat_map(names).collect();
    all.into_iter().collect()
}

/// Settings that change no value, or that are compared in another way: files by their bytes, lists by their rows.
fn is_silent(key: &str, sides: &[Side; 2]) -> bool {
    let begins = [
        "output",
        "cases",
        "plugins.",
        "report",
        "figures",
        "labels",
        "limits.",
        "experiment.name",
        "experiment.description",
    ];
    let of_cohort = || {
        let parts: Vec<&str> = key.split('.').collect();
        matches!(parts[..], ["cohorts", _, "cases" | "tables" | "matrix", ..])
    };
    let is_file = || sides.iter().any(|side| side.lock.file.iter().any(|file| file.setting == key));
    begins.iter().any(|begin| key.starts_with(begin)) || of_cohort() || is_file()
}

fn settings(sides: &[Side; 2], causes: &mut Vec<Cause>) {
    for (key, of) in pairs(&sides[0].settings, &sides[1].settings) {
        // The same number may be written as 2 and as 2.0.
        let numbers = of.each_ref().map(|value| value.as_ref().and_then(Json::as_f64));
        if is_silent(&key, sides) || (numbers[0].is_some() && numbers[0] == numbers[1]) {
            continue;
        }
        let parts: Vec<&str> = key.split('.').collect();
        let compat = sides.iter().any(|side| side.resolved.get("compat").is_some());
        let reach = match parts[..] {
            ["features", name, ..] if !compat => Reach::Family(name.to_owned()),
            ["regions", name, ..] => Reach::Regions(depending(sides, name)),
            ["predict", name, ..] => Reach::Scores(Some(name.to_owned())),
            ["learn" | "covariates", ..] => Reach::Scores(None),
            ["evaluate" | "patients", ..] => Reach::Nothing,
            _ => Reach::All,
        };
        let shown = of.map(|value| value.map_or_else(|| "not set".into(), |value| value.to_string()));
        causes.push(Cause::new(Kind::Setting, key, shown, reach));
    }
}

/// A region and those that are made of it.
fn depending(sides: &[Side; 2], name: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::from([name.to_owned()]);
    loop {
        let before = names.len();
        for side in sides {
            let regions = side.resolved.get("regions").and_then(Json::as_object).into_iter().flatten();
            for (region, settings) in regions {
                let of = ["ring_of", "union_of", "of", "exclude"].into_iter().filter_map(|key| settings.get(key));
                let mentions = |value: &Json| match value {
                    Json::String(of) => names.contains(of),
                    Json::Array(list) => list.iter().filter_map(Json::as_str).any(|of| names.contains(of)),
                    _ => false,
                };
                if of.into_iter().any(mentions) {
                    names.insert(region.clone());
                }
            }
        }
        if names.len() == before {
            return names;
        }
    }
}

fn files(sides: &[Side; 2], causes: &mut Vec<Cause>) {
    let by_setting = |side: &Side| -> BTreeMap<String, String> {
        side.lock.file.iter().map(|file| (file.setting.clone(), file.sha256.clone())).collect()
    };
    for (setting, of) in pairs(&by_setting(&sides[0]), &by_setting(&sides[1])) {
        let parts: Vec<&str> = setting.split('.').collect();
        let reach = match parts[..] {
            ["predict", name, ..] => Reach::Scores(Some(name.to_owned())),
            ["features", name, ..] => Reach::Family(name.to_owned()),
            // Their columns are compared row by row.
            ["cohorts", ..] => Reach::Scores(None),
            _ => Reach::All,
        };
        causes.push(Cause::new(Kind::File, setting, of.map(short), reach));
    }
}

/// Digests of files, and what they decide on; everything else of a row is passed through or predicts.
const INPUTS: [&str; 2] = ["image_sha256", "mask_sha256"];
const SELECTS: [&str; 3] = ["series", "label", "region"];

/// The cohorts that tables below one of some sections name under a key: what is learnt from, or fitted on.
fn cohorts_of(sides: &[Side; 2], sections: &[&str], key: &str) -> BTreeSet<String> {
    let tables =
        sides.iter().flat_map(|side| sections.iter().filter_map(|section| side.resolved.get(section)?.as_object()));
    let named = tables.flat_map(|section| section.values()).filter_map(|table| table.get(key));
    named
        .flat_map(|of| of.as_array().map_or_else(|| vec![of], |all| all.iter().collect()))
        .filter_map(Json::as_str)
        .map(str::to_owned)
        .collect()
}

fn cases(sides: &[Side; 2], causes: &mut Vec<Cause>) {
    let fitted_on = cohorts_of(sides, &["images", "regions"], "fitted_on");
    let learnt_from = cohorts_of(sides, &["learn"], "cohort");
    // Of a case that something was fitted to, or learnt from, more depends than its own row.
    let reach = |cohort: &String, own: Reach| match () {
        () if fitted_on.contains(cohort) && matches!(own, Reach::Case(..)) => Reach::All,
        () if learnt_from.contains(cohort) => Reach::Learnt(Box::new(own)),
        () => own,
    };
    let whole = |cohort: &String, case: &String| reach(cohort, Reach::Case(cohort.clone(), case.clone()));
    for ((cohort, case), row) in &sides[0].cases {
        let Some(other) = sides[1].cases.get(&(cohort.clone(), case.clone())) else {
            let of = ["there".to_owned(), "not there".to_owned()];
            causes.push(Cause::new(Kind::Row, format!("case {case}"), of, whole(cohort, case)));
            continue;
        };
        for (column, of) in pairs(row, other) {
            let is_input = INPUTS.contains(&column.as_str()) || column.starts_with("sha256.");
            let is_path = ["image", "mask"].iter().any(|kind| column.split('.').next() == Some(*kind));
            if is_path {
                continue;
            }
            let reach = match is_input || SELECTS.contains(&column.as_str()) {
                true => whole(cohort, case),
                false => reach(cohort, Reach::CaseColumn(cohort.clone(), case.clone(), column.clone())),
            };
            let (kind, what, of) = match is_input {
                true => (
                    Kind::Input,
                    format!("{} of case {case}", column.trim_end_matches("_sha256").trim_start_matches("sha256.")),
                    of.map(short),
                ),
                false => (Kind::Row, format!("`{column}` of case {case}"), of.map(|of| of.unwrap_or_default())),
            };
            causes.push(Cause::new(kind, what, of, reach));
        }
    }
    let absent = sides[1].cases.keys().filter(|key| !sides[0].cases.contains_key(*key));
    for (cohort, case) in absent {
        let of = ["not there".to_owned(), "there".to_owned()];
        causes.push(Cause::new(Kind::Row, format!("case {case}"), of, whole(cohort, case)));
    }
}

fn short(digest: Option<String>) -> String {
    match digest {
        Some(digest) if !digest.is_empty() => digest.get(..12).unwrap_or(&digest).to_owned(),
        _ => "none".into(),
    }
}

/// What is not the same under a key of two tables.
fn pairs<T: PartialEq + Clone>(a: &BTreeMap<String, T>, b: &BTreeMap<String, T>) -> Vec<(String, [Option<T>; 2])> {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let differs = keys.into_iter().filter(|key| a.get(*key) != b.get(*key));
    differs.map(|key| (key.clone(), [a.get(key).cloned(), b.get(key).cloned()])).collect()
}
