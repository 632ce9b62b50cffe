//! Names in the sections of a study: of cohorts, models and regions, held against each other before a case is run.

use super::super::{
    section::{OneOrMany, Section},
    suggestion,
};

/// Folders and files of the results that a cohort's folder would fall together with.
const TAKEN: [&str; 8] = ["figures", "fitted", "folds", "models", "report", "simulated", "study.json", "unjoined.csv"];

/// Reports every name that nothing has, and every one that two things have.
pub(super) fn check(root: &Section<'_>) {
    let names = |key: &str| -> Vec<String> { root.sections(key).into_iter().map(|(name, _)| name).collect() };
    let (cohorts, regions) = (names("cohorts"), names("regions"));
    let models: Vec<String> = names("predict").into_iter().chain(names("learn")).collect();
    let known = |section: &Section<'_>, key: &str, what: &str, known: &[String]| {
        for name in asked(section, key).iter().filter(|name| !known.contains(name)) {
            let near = suggestion(name, known.iter().map(String::as_str));
            section.error_at(key, format!("there is no {what} `{name}`{near}"));
        }
    };
    for (name, section) in root.sections("cohorts") {
        file_name(&name, &section);
        if TAKEN.iter().any(|taken| name.eq_ignore_ascii_case(taken)) {
            section.error(format!(
                "a cohort cannot be called `{name}`: the folder of the results has something else there"
            ));
        }
    }
    for (name, section) in root.sections("learn") {
        file_name(&name, &section);
        known(&section, "cohort", "cohort", &cohorts);
        let listed = asked(&section, "cohort");
        if let Some((_, twice)) = listed.iter().enumerate().find(|(index, name)| listed[..*index].contains(name)) {
            section
                .error_at("cohort", format!("the cohort `{twice}` is there twice: each of its rows would count twice"));
        }
        if names("predict").contains(&name) {
            section.error(format!("[predict.{name}] and [learn.{name}] have one name: whose score is `{name}`?"));
        }
    }
    for (_, section) in root.sections("evaluate") {
        known(&section, "cohort", "cohort", &cohorts);
        known(&section, "score", "model", &models);
        known(&section, "compare_with", "model", &models);
        unseen(root, &section);
        if let Some(patients) = section.section("patients") {
            known(&patients, "region", "region", &regions);
        }
    }
    if let Some(patients) = root.section("patients") {
        known(&patients, "region", "region", &regions);
    }
}

/// Out-of-fold scores are those of a model that is learnt from the cohort here, with outer folds.
fn unseen(root: &Section<'_>, section: &Section<'_>) {
    let text = |section: &Section<'_>, key: &str| asked(section, key).into_iter().next();
    if text(section, "predictions").is_none_or(|how| how != "out of fold") {
        return;
    }
    let (Some(score), Some(cohort)) = (text(section, "score"), text(section, "cohort")) else { return };
    let learnt = root.sections("learn").into_iter().find(|(name, _)| *name == score);
    let Some((_, learn)) = learnt else {
        return section.error_at(
            "predictions",
            format!("only what is learnt here has out-of-fold scores, and [learn.{score}] is not there"),
        );
    };
    if !asked(&learn, "cohort").contains(&cohort) {
        section.error_at(
            "predictions",
            format!("`{score}` is not learnt from `{cohort}`, whose patients are in no fold: its scores are new to it as they are"),
        );
    } else if learn.rest().values.get("outer_folds").is_some_and(|folds| *folds == 0) {
        section
            .error_at("predictions", format!("[learn.{score}] has `outer_folds = 0`: there are no out-of-fold scores"));
    }
}

/// The names that a key holds; none if it is not there or is something else, which is reported where it is read.
fn asked(section: &Section<'_>, key: &str) -> Vec<String> {
    if section.is_wrong(key) {
        return Vec::new();
    }
    section.get::<OneOrMany<String>>(key).map(|names| names.0).unwrap_or_default()
}

/// A name that a folder or a file is called by.
pub(super) fn file_name(name: &str, section: &Section<'_>) {
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)) {
        section.error(format!("`{name}` names a file of the results: letters, digits, `_` and `-` can be in it"));
    }
}
