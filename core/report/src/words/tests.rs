//! Names as readers see them.

use super::*;
use crate::study::Model;

fn term(input: &str, title: &str, region: &str) -> Term {
    Term { input: input.into(), title: title.into(), region: region.into(), ..Term::default() }
}

fn study() -> Study {
    let terms = vec![
        term("tumour:glcm.contrast", "contrast", "tumour"),
        term("tumour:ngtdm.contrast", "contrast", "tumour"),
        term("ring:statistics.median", "median", "ring"),
    ];
    Study { models: vec![Model { terms, ..Model::default() }], ..Study::default() }
}

#[test]
fn names_become_words() {
    let study = study();
    let words = Words::new(&study);
    let columns =
        ["os_months", "age", "CD8B", "response_3m", "kvp", "ecog_status", "relapse_1y"].map(|name| words.column(name));
    assert_eq!(
        columns,
        ["Overall survival months", "Age", "CD8B", "Response at 3 months", "kVp", "ECOG status", "Relapse at 1 year"]
    );
    let dimensions =
        ["maximum_3d_diameter", "volume_3d", "lbp_2d_entropy", "death_90d", "os"].map(|name| words.column(name));
    assert_eq!(dimensions, ["Maximum 3d diameter", "Volume 3d", "Lbp 2d entropy", "Death at 90 days", "OS"]);
    assert_eq!(words.input("ring:statistics.median"), "Median (ring)");
    assert_eq!(words.input("tumour:ngtdm.contrast"), "Contrast (tumour), ngtdm.contrast");
    assert_eq!(words.input("tumour:glcm.joint_entropy"), "Joint entropy (tumour)", "of no model");
    assert_eq!(words.input("location=head and neck"), "Location: head and neck");
}

#[test]
fn columns_of_one_name_are_told_apart() {
    let row = |name: &str| crate::study::Characteristic { name: name.into(), ..Default::default() };
    let table_one = vec![row("ecog"), row("ECOG"), row("age")];
    let cohorts = vec![crate::study::Cohort { table_one, ..Default::default() }];
    let study = Study { cohorts, ..Study::default() };
    let words = Words::new(&study);
    assert_eq!(["ecog", "ECOG", "age"].map(|name| words.column(name)), ["ECOG (ecog)", "ECOG (ECOG)", "Age"]);
}

#[test]
fn values_with_numbers_have_their_order() {
    let mut study = study();
    let order = ["late", "early"].map(str::to_owned).to_vec();
    study.labels.columns.insert("when".into(), ColumnLabel { order, ..ColumnLabel::default() });
    let words = Words::new(&study);
    assert_eq!(words.order("lines", &["10", "2", "0"]), ["0", "2", "10"]);
    assert_eq!(words.order("stage", &["IV", "I", "III"]), ["I", "III", "IV"]);
    assert_eq!(words.order("dead", &["1"]), ["0", "1"]);
    assert_eq!(words.order("sex", &["m", "f"]), [""; 0]);
    assert_eq!(words.order("when", &["early"]), ["late", "early"]);
    let levels = [("1".into(), "yes, he did".into())].into();
    study
        .labels
        .columns
        .insert("did".into(), ColumnLabel { order: vec!["1".into(), "0".into()], levels, ..ColumnLabel::default() });
    let words = Words::new(&study);
    assert_eq!(words.order("did", &["0.0", "1.0"]), ["1.0", "0.0"], "programs write 1 as 1.0");
    assert_eq!((words.level("did", "1.0"), words.level("did", "0.0")), ("yes, he did".into(), "0.0".into()));
}

#[test]
fn outcomes_are_told_without_the_names_of_columns() {
    let study = study();
    let words = Words::new(&study);
    let class = |positive: &str, negative: &str| Asked::Class {
        column: "response_3m".into(),
        positive: vec![positive.into()],
        negative: vec![negative.into()],
    };
    assert_eq!(words.outcome(&class("1", "0")).as_deref(), Some("Response at 3 months: yes against no"));
    let time = Asked::Time { time: "t".into(), event: "os_event".into(), unit: "months".into(), competing: vec![] };
    assert_eq!(words.outcome(&time).as_deref(), Some("Overall survival"));
}

#[test]
fn labels_go_first() {
    let mut study = study();
    let levels = [("1", "responder"), ("0", "non-responder")].map(|(value, said)| (value.into(), said.into()));
    let column = ColumnLabel { name: "Objective response".into(), levels: levels.into(), ..ColumnLabel::default() };
    study.labels.columns.insert("response_3m".into(), column);
    study.labels.columns.insert("age".into(), ColumnLabel { unit: "years".into(), ..ColumnLabel::default() });
    study.labels.outcomes.insert("os_event".into(), "Survival".into());
    let words = Words::new(&study);
    let asked = Asked::Class { column: "response_3m".into(), positive: vec!["1".into()], negative: vec![] };
    assert_eq!(words.outcome(&asked).as_deref(), Some("Objective response: responder against all others"));
    assert_eq!(words.covariate("age"), "Age, years");
    assert_eq!(words.covariate("response_3m = 0"), "Objective response: non-responder");
    let time = Asked::Time { time: "t".into(), event: "os_event".into(), unit: String::new(), competing: vec![] };
    assert_eq!(words.outcome(&time).as_deref(), Some("Survival"));
}

#[test]
fn sentences_lose_their_back_ticks_and_no_word() {
    let mut study = study();
    study.labels.columns.insert("age".into(), ColumnLabel { unit: "years".into(), ..ColumnLabel::default() });
    let words = Words::new(&study);
    let said = [
        ("`os_event` is `0` (12).", "Overall survival event is “0” (12)."),
        ("Score (scale of `age`, unit not stated)", "Score (scale of age, years)"),
        ("of `sex`, unit not stated", "of sex, unit not stated"),
        ("range of `ring:statistics.median`: ok", "range of Median (ring): ok"),
        ("a ` alone", "a ` alone"),
        ("nothing", "nothing"),
    ];
    for (raw, wanted) in said {
        assert_eq!(words.said(raw), wanted);
    }
}
