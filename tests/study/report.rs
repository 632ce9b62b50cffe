//! The report of a study: in whose words, in which files, and that it takes away what an earlier one left.

use std::{fs, path::Path};

use crate::support::Results;

/// Features and outcomes of forty-five patients, without a scan.
fn tables(results: &Results) {
    let mut features = "patient,texture,size\n".to_owned();
    let mut clinical = "patient,response_3m,os_months,os_event,stage,age\n".to_owned();
    for at in 0..45 {
        let (signal, noise) = ((at * 37 % 45) as f64 / 10.0, (at * 17 % 23) as f64);
        features += &format!("p{at},{signal},{noise}\n");
        let (response, stage) = (u8::from(signal + noise / 20.0 > 2.6), ["I", "IV", "II"][at % 3]);
        clinical += &format!("p{at},{response},{},{},{stage},{}\n", 3 + at * 7 % 40, at % 2, 40 + at);
    }
    results.write("features.csv", &features);
    results.write("clinical.csv", &clinical);
}

const STUDY: &str = r#"
[plugins]
use = ["predict-elastic-net"]
[cohorts.all]
features = "features.csv"
tables = "clinical.csv"
[learn.m]
plugin = "predict-elastic-net"
cohort = "all"
target = { class = "response_3m", positive = 1 }
inputs = ["texture", "size"]
alpha = [0.5]
[evaluate.response]
cohort = "all"
score = "m"
outcome = { class = "response_3m", positive = "1", negative = "0" }
[evaluate.survival]
cohort = "all"
score = "m"
outcome = { time = "os_months", event = "os_event", unit = "months" }
"#;

const LABELS: &str = r#"
[report]
[report.table_one]
columns = ["stage", "age", "no_such_column"]
[labels]
outcomes = { os_event = "Time to the last visit" }
cohorts = { all = "Everybody" }
models = { m = "Texture score" }
groups = { high = "Rough", low = "Smooth" }
inputs = { texture = "Roughness" }
[labels.columns.age]
unit = "years"
[labels.columns.stage]
name = "Stage (UICC)"
order = ["I", "II", "III", "IV"]
[labels.columns.response_3m]
name = "Objective response"
levels = { "1" = "responders", "0" = "others" }
"#;

fn files(results: &Results) -> Vec<String> {
    let below = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(results.path().join("report").join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| format!("{folder}/{}", entry.file_name().to_string_lossy())).collect()
    };
    let mut names: Vec<String> = ["patients", "tables", "figures"].into_iter().flat_map(below).collect();
    names.sort();
    names
}

#[test]
fn labels_stand_in_words_tables_and_figures_and_change_no_number() {
    let results = Results::empty();
    tables(&results);
    let plain = results.run(&results.write("plain.toml", &format!("{STUDY}[report]\n")), &[]);
    assert_eq!(plain.code, Some(0), "{plain:?}");
    let (page, scores) = (results.read("report/report.html"), results.read("all/scores.csv"));
    for said in ["Overall survival", "Response at 3 months: yes against no", "Low score", "Stage"] {
        assert!(page.contains(said), "{said}");
    }
    let body = page
        .split_once("</style>")
        .expect("a style")
        .1
        .split_once("The experiment as it was run")
        .expect("the record")
        .0;
    assert!(!body.contains('`') && !body.contains("os_event"), "names of columns are no words");

    let said = results.run(&results.write("labelled.toml", &format!("{STUDY}{LABELS}")), &["--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("[report.table_one] names the column `no_such_column`"), "{}", said.err);
    let page = results.read("report/report.html");
    let told = [
        "Time to the last visit",
        "Everybody",
        "Texture score",
        "Roughness",
        "Objective response: responders against others",
        "Responders",
        "Age, years",
        "Stage (UICC)",
    ];
    for said in told {
        assert!(page.contains(said), "{said}");
    }
    // The classes of stage in their order, and the one that nobody has among them.
    let table = page.split_once("Stage (UICC)").expect("the row").1;
    let at = |level: &str| {
        table.find(&format!("<th scope=\"row\" class=\"text\">{level}</th>")).unwrap_or_else(|| panic!("{level}"))
    };
    assert!(at("I") < at("II") && at("II") < at("III") && at("III") < at("IV"));
    let curves = results.read("report/figures/evaluation-2-survival-kaplan-meier.svg");
    assert!(curves.contains("Rough") && curves.contains("Smooth") && curves.contains("Hazard ratio"), "{curves}");
    assert_eq!(results.read("all/scores.csv"), scores, "labels change no number");
}

#[test]
fn one_file_has_its_patients_and_takes_the_parts_away() {
    let results = Results::empty();
    tables(&results);
    let path = results.write("study.toml", &format!("{STUDY}[report]\n"));
    assert_eq!(results.run(&path, &[]).code, Some(0));
    let parts = ["patients/list.js", "patients/part-001.js", "patients/part-002.js", "patients/part-003.js"];
    let of_patients: Vec<String> = files(&results).into_iter().filter(|name| name.starts_with("patients/")).collect();
    assert_eq!(of_patients, parts);
    let listed = results.read("report/report.files");
    assert!(files(&results).iter().all(|name| listed.lines().any(|line| line == name)), "{listed}");
    let beside = fs::read(results.path().join("report/report.html")).expect("a page");

    let one = results.write("one.toml", &format!("{STUDY}[report]\nsingle_file = true\n"));
    assert_eq!(results.run(&one, &["--replace"]).code, Some(0));
    assert!(!files(&results).iter().any(|name| name.starts_with("patients/")), "{:?}", files(&results));
    assert!(results.read("report/report.html").contains("id=\"data-part-003\""));

    assert_eq!(results.run(&path, &["--replace"]).code, Some(0));
    let again = fs::read(results.path().join("report/report.html")).expect("a page");
    assert!(again == beside && results.path().join("report/patients/part-003.js").is_file(), "the same bytes again");
}

#[test]
fn a_label_of_nothing_is_a_mistake() {
    let results = Results::empty();
    tables(&results);
    let wrong = "[labels]\ncohorts = { al = \"Everybody\" }\n[labels.columns.age]\nunits = \"years\"\n";
    let path = results.write("study.toml", &format!("{STUDY}{wrong}"));
    let said = results.run(Path::new(&path), &[]);
    assert_eq!(said.code, Some(2), "{said:?}");
    for part in ["`labels.cohorts` names `al`", "did you mean `all`", "unknown key `units` in [labels.columns.age]"] {
        assert!(said.err.contains(part), "{part}: {}", said.err);
    }
}

const FACTS: &str = r#"
[report]
[study]
design = "Retrospective, one centre"
ethics = "Approved by the committee of the hospital."
"#;

#[test]
fn methods_say_what_ran_what_people_stated_and_what_is_open() {
    let results = Results::empty();
    tables(&results);
    let said = results.run(&results.write("study.toml", &format!("{STUDY}{FACTS}")), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let study = results.study();
    let paragraph = |title: &str| -> String {
        let all = study["methods"].as_array().expect("paragraphs");
        let found = all.iter().find(|of| of["title"] == title).unwrap_or_else(|| panic!("{title}"));
        let sentences = found["sentences"].as_array().expect("sentences").iter();
        sentences.map(|sentence| sentence.as_str().expect("words")).collect::<Vec<_>>().join(" ")
    };
    let stated = "Retrospective, one centre. Approved by the committee of the hospital. There was one cohort: all (45 patients with 45 lesions).";
    assert_eq!(paragraph("Study"), stated);
    assert!(
        paragraph("Models").contains("The model m was learnt by predict-elastic-net in the cohort all."),
        "{}",
        paragraph("Models")
    );
    assert!(paragraph("Models").contains("alpha 0.5"), "{}", paragraph("Models"));
    // Nothing is said of scans that there are not.
    for title in ["Acquisition", "Segmentation", "Regions", "Image preparation", "References"] {
        assert_eq!(paragraph(title), "", "{title}");
    }
    let open: Vec<&str> = study["open"].as_array().expect("questions").iter().filter_map(|of| of[0].as_str()).collect();
    assert!(open.contains(&"segmentation") && open.contains(&"funding"), "{open:?}");
    assert!(!open.contains(&"design") && !open.contains(&"ethics"), "{open:?}");
    let page = results.read("report/report.html");
    for words in [
        "<h2 id=\"methods\">",
        "Retrospective, one centre.",
        "The model m predicts",
        "who drew the outlines, with what",
    ] {
        assert!(page.contains(words), "{words}");
    }

    let wrong = results.run(&results.write("wrong.toml", &format!("{STUDY}{FACTS}ethic = \"x\"\n")), &["--replace"]);
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.err.contains("ethic"), "{}", wrong.err);
}

#[test]
fn the_dossier_and_the_card_say_what_the_tables_say() {
    let results = Results::empty();
    tables(&results);
    let stated = "[study]\nintended_use = \"To be tried.\"\n[report]\n";
    let said = results.run(&results.write("study.toml", &format!("{STUDY}{stated}")), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let rows = results.table("report/tables/dossier.csv");
    let point = |key: &str| {
        let row = rows.iter().find(|row| row["Point"] == key).unwrap_or_else(|| panic!("no point {key}"));
        [row["State"].clone(), row["Answer"].clone()]
    };
    let lesions = results.table("all/scores.csv").len();
    assert_eq!(
        point("learning.size")[1],
        format!("M was offered 2 inputs for {lesions} lesions of {lesions} patients.")
    );
    let clinical = results.table("clinical.csv");
    let positive = clinical.iter().filter(|row| row["response_3m"] == "1").count();
    let events = clinical.iter().filter(|row| row["os_event"] == "1").count();
    assert_eq!(
        point("data.outcomes")[1],
        format!(
            "Response: {positive} of one class and {} of the other. Survival: {events} events among 45 patients.",
            clinical.len() - positive
        )
    );
    assert_eq!(point("clinical.intended_use"), ["stated", "To be tried."]);
    assert_eq!(point("clinical.limitations"), ["open", ""]);
    assert_eq!(point("preparation.interpolation")[0], "does not apply");
    assert_eq!(point("validation.other_cohorts")[0], "not done");
    assert!(point("validation.optimistic")[1].contains("learnt on these patients"));

    let card: serde_json::Value = serde_json::from_str(&results.read("models/m.card.json")).expect("JSON");
    let study = results.study();
    assert_eq!(card["inputs"], study["models"][0]["terms"]);
    assert_eq!(card["model"]["sha256"], study["models"][0]["file"]["sha256"]);
    assert_eq!(card["stated"]["intended_use"], "To be tried.");
    assert_eq!(card["evaluations"][0]["figures"][0]["estimate"], study["evaluations"][0]["result"]["auc"]);
    let page = results.read("models/m.card.md");
    assert!(page.starts_with("# Model card: m\n\n**For research only. Not a medical device.**\n"), "{page}");
    assert!(page.contains("To be tried.") && page.contains("answer `limitations` under `[study]`"));
    assert!(!page.contains("p17") && !card.to_string().contains("\"p17\""), "no patient is in a card");
    let lock = results.read("voxomics.lock");
    assert!(lock.contains("models/m.card.md") && lock.contains("models/m.card.json"), "{lock}");

    // Another training, another card; and what somebody has changed of it is theirs.
    let other = STUDY.replace("[\"texture\", \"size\"]", "[\"size\"]");
    let said = results.run(&results.write("study.toml", &format!("{other}{stated}")), &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_ne!(results.read("models/m.card.md"), page);
    fs::write(results.path().join("models/m.card.md"), "mine").expect("a file");
    let said = results.run(&results.write("study.toml", &format!("{STUDY}{stated}")), &[]);
    assert_eq!(said.code, Some(3), "{said:?}");
    assert!(said.err.contains("m.card.md") && results.read("models/m.card.md") == "mine", "{}", said.err);
}

#[test]
fn figures_of_panels_are_drawn_as_svg_and_pdf_and_go_when_nobody_asks_for_them() {
    let results = Results::empty();
    tables(&results);
    let figure = "[report]\n[figures.one]\nwidth_mm = 85\nletters = \"a\"\npanels = [\"workflow\", \"survival:kaplan_meier\", \
                  \"m:path\"]\n";
    let experiment = results.write("figures.toml", &format!("{STUDY}{figure}"));
    let said = results.run(&experiment, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("figures: 3 files in"), "{said:?}");
    let (svg, caption) = (results.read("figures/one.svg"), results.read("figures/one.txt"));
    assert!(svg.contains(" width=\"85mm\"") && svg.contains(">45 patients; 45 cases</text>"), "{svg}");
    assert!(caption.contains("\n\nb, Survival: Kaplan–Meier curves. "), "{caption}");
    let pdf = fs::read(results.path().join("figures/one.pdf")).expect("a figure");
    assert!(pdf.starts_with(b"%PDF-1.") && pdf.ends_with(b"%%EOF\n"));
    // The lock of the results knows them, so that `voxomics rerun` looks at them.
    let lock = results.read("voxomics.lock");
    assert!(["one.svg", "one.pdf", "one.txt"].iter().all(|name| lock.contains(&format!("figures/{name}"))), "{lock}");
    let again = results.run(&results.write("figures.toml", &format!("{STUDY}[report]\n")), &[]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert!(!results.path().join("figures/one.svg").exists());
}
