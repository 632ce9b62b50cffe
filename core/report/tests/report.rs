//! What a report must be, whatever the study: whole, harmless, the same each time.

mod support;

use std::{collections::BTreeMap, fs, path::Path};

use voxomics_report::study::{
    Asked, ClassResult, Cohort, ColumnLabel, CoxTable, Evaluation, Forest, ForestRow, Group, Lesion, Lost, Model,
    NumberResult, Outcome, Paragraph, Patient, Study, SurvivalGroup, SurvivalResult, Term, TimeAuc,
};

/// Writes a report and returns its files: path below the folder, and content.
fn files(study: &Study) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    support::pictures(study, folder.path()).expect("pictures");
    let out = folder.path().join("out");
    voxomics_report::write(study, folder.path(), &out).expect("a report");
    read(&out)
}

fn read(out: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for below in ["", "figures", "tables", "patients"] {
        for entry in fs::read_dir(out.join(below)).into_iter().flatten().map(|entry| entry.expect("an entry")) {
            if entry.file_type().expect("a type").is_file() {
                let name = Path::new(below).join(entry.file_name()).display().to_string();
                files.insert(name, fs::read_to_string(entry.path()).expect("text"));
            }
        }
    }
    files
}

/// What is shown of each patient, as the scripts beside the page hand it over.
fn patients(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut all = Vec::new();
    let parts = files.iter().filter(|(name, _)| name.starts_with("patients/part-"));
    for (at, (name, script)) in parts.enumerate() {
        let number = at + 1;
        assert_eq!(name, &format!("patients/part-{number:03}.js"));
        let data = script.strip_prefix(&format!("voxomics.part({number},")).and_then(|data| data.strip_suffix(");\n"));
        let pages: Vec<String> = serde_json::from_str(data.expect("a call")).expect("JSON");
        pages.iter().for_each(|page| well_formed(page));
        all.extend(pages);
    }
    all
}

fn list(files: &BTreeMap<String, String>) -> serde_json::Value {
    let script = &files["patients/list.js"];
    let data = script.strip_prefix("voxomics.list(").and_then(|data| data.strip_suffix(");\n"));
    serde_json::from_str(data.expect("a call")).expect("JSON")
}

fn page(study: &Study) -> String {
    let html = files(study).remove("report.html").expect("a page");
    well_formed(&html);
    html
}

/// Checks that every element is closed in order, every attribute quoted, every anchor unique and every link led somewhere.
fn well_formed(html: &str) {
    let (mut open, mut anchors, mut links) = (Vec::new(), Vec::new(), Vec::new());
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>'), "a bare > in {:?}", &rest[..start]);
        let end = start + rest[start..].find('>').expect("an element that ends");
        let element = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = element.strip_prefix('/') {
            assert_eq!(
                open.pop(),
                Some(name.to_owned()),
                "closed out of order, before {:?}",
                &rest[..rest.len().min(80)]
            );
            continue;
        }
        if element.starts_with(['!', '?']) {
            continue;
        }
        let name: String = element.chars().take_while(|character| character.is_ascii_alphanumeric()).collect();
        for (key, value) in attributes(&element[name.len()..]) {
            match key.as_str() {
                "id" => anchors.push(value),
                "href" if value.starts_with('#') => links.push(value[1..].to_owned()),
                key => assert!(!key.starts_with("on"), "a handler in {element}"),
            }
        }
        if name == "style" || name == "script" {
            let close = format!("</{name}>");
            rest = &rest[rest.find(&close).expect("its end") + close.len()..];
        } else if !element.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
    let count = anchors.len();
    anchors.sort();
    anchors.dedup();
    assert_eq!(anchors.len(), count, "an anchor is there twice");
    for link in links {
        assert!(anchors.binary_search(&link).is_ok(), "#{link} leads nowhere");
    }
}

fn attributes(mut text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    while let Some((key, after)) = text.trim_start_matches([' ', '\n', '/']).split_once('=') {
        let (value, after) = after.strip_prefix('"').expect("a quoted value").split_once('"').expect("its end");
        found.push((key.trim().to_owned(), value.to_owned()));
        text = after;
    }
    found
}

/// The words of a page, without elements, styles and scripts.
fn words(html: &str) -> String {
    let body = html.split_once("</style>").expect("a style").1.split_once("<script>").expect("a script").0;
    body.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, words)| words)).collect::<Vec<_>>().join(" ")
}

fn no_number_that_is_none(html: &str) {
    let said = words(html);
    for token in said.split(|character: char| !character.is_alphanumeric()) {
        assert!(!["NaN", "inf", "Infinity", "undefined", "None", "nan"].contains(&token), "“{token}” in the page");
    }
}

#[test]
fn example_has_every_figure_and_table() {
    let files = files(&support::study(4));
    let html = &files["report.html"];
    well_formed(html);
    no_number_that_is_none(html);
    let count = |kind: &str| files.keys().filter(|name| name.ends_with(&format!("-{kind}.svg"))).count();
    let kinds = [
        ("workflow", 1),
        ("flow", 2),
        ("weights", 2),
        ("validation", 2),
        ("path", 1),
        ("out-of-fold", 2),
        ("distribution", 3),
        ("roc", 2),
        ("calibration", 2),
        ("decision", 2),
        ("kaplan-meier", 1),
        ("incidence", 1),
        ("risk-decision", 1),
        ("risk-calibration", 1),
        ("time-auc", 1),
        ("scatter", 1),
        ("forest", 2),
    ];
    for (kind, n) in kinds {
        assert_eq!(count(kind), n, "{kind}");
    }
    let drawings = files.iter().filter(|(name, _)| name.starts_with("figures/"));
    for (name, svg) in drawings {
        well_formed(svg);
        assert!(svg.contains("<title") && svg.contains("<desc") && svg.contains("SIMULATED PATIENTS"), "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf\""), "{name}");
        // The drawing in the page and the one in the file are the same.
        let drawing = svg.split_once("?>\n").expect("a head").1.trim_end();
        assert!(
            html.contains(drawing) && html.contains(&format!("href=\"{}\"", name.replace('/', "&#x2f;"))),
            "{name}"
        );
    }
    for (name, csv) in files.iter().filter(|(name, _)| name.starts_with("tables/")) {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let rows: Vec<_> = reader.records().map(|row| row.unwrap_or_else(|fault| panic!("{name}: {fault}"))).collect();
        assert!(!rows.is_empty() && reader.headers().is_ok_and(|heads| heads.len() > 1), "{name}");
    }
    assert!(files["tables/evaluation-1-immune-phenotype-cutoff.csv"].contains("Value,\"Value, low\",\"Value, high\""));
    assert!(files["tables/evaluation-1-immune-phenotype-roc-points.csv"].contains("score from which positive"));
    assert!(files["tables/evaluation-2-overall-survival-steps.csv"].contains("at risk,events,censored,survival"));
    assert!(files["tables/evaluation-4-inflamed-as-a-probability-decision-points.csv"].contains("net benefit"));
    assert!(files["tables/evaluation-2-overall-survival-time-auc-2.csv"].contains("30,107,8,,,,fewer than 10"));
    assert!(
        files["tables/evaluation-2-overall-survival-cox.csv"].contains("High score,0.531,0.346,0.815,0.0037,0.412")
    );
}

/// The score of a lesion from what the report shows of model and inputs.
#[test]
fn a_score_can_be_computed_from_the_signature_of_the_report() {
    let mut study = support::study(1);
    let model = &study.models[0];
    let lesion = &mut study.patients[0].lesions[0];
    let values = [31.0, 0.2, -4.0, 0.01, 7.0, 120.0, 0.5, 3.0, 1.0];
    let contribution = |(term, value): (&Term, f64)| term.coefficient.unwrap() * (value - term.centre.unwrap());
    let contributions = model.terms.iter().zip(values).map(contribution);
    let score = contributions.fold(model.intercept.unwrap(), |sum, contribution| sum + contribution);
    lesion.scores[0].score = Some(score);
    let files = files(&study);
    let mut reader = csv::Reader::from_reader(files["tables/model-1-cd8-score-signature.csv"].as_bytes());
    let heads = reader.headers().expect("heads").clone();
    let place = |name: &str| heads.iter().position(|head| head == name).expect("a column");
    let (coefficient, centre) = (place("Coefficient"), place("Centre"));
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    let number = |row: &csv::StringRecord, at: usize| row[at].parse::<f64>().expect("a number");
    assert_eq!(&rows[0][0], "(intercept)");
    let terms = rows[1..].iter().zip(values).map(|(row, x)| number(row, coefficient) * (x - number(row, centre)));
    let found: f64 = terms.fold(number(&rows[0], coefficient), |sum, term| sum + term);
    assert!((found - score).abs() < 1e-12, "{found} {score}");
    let html = &files["report.html"];
    assert!(html.contains("Score = intercept + Σ coefficient × (x − centre)."));
}

#[test]
fn terms_of_a_patient_visibly_add_up() {
    let html = patients(&files(&support::study(1))).remove(0);
    let terms = html.split_once("<tr class=\"total\"><th scope=\"row\">Intercept</th>").expect("an intercept").1;
    let (terms, last) = terms.split_once("Sum = score</th>").expect("a sum");
    let numbers = |text: &str| -> Vec<f64> {
        text.split("class=\"number\">")
            .skip(1)
            .filter_map(|cell| cell.split('<').next()?.replace('−', "-").parse().ok())
            .collect()
    };
    let all = numbers(terms);
    // The intercept, then value and contribution of each input.
    let sum = all[0] + all[1..].iter().skip(1).step_by(2).sum::<f64>();
    assert!((sum - numbers(last)[0]).abs() < 0.01, "{all:?} {sum} {}", numbers(last)[0]);
}

#[test]
fn what_a_model_was_learnt_on_is_said_where_people_look() {
    let study = support::study(0);
    let files = files(&study);
    let html = &files["report.html"];
    let glance = html.split_once("id=\"results\"").expect("a glance").1.split_once("</table>").expect("its end").0;
    assert!(glance.contains("<strong class=\"seen\">⚠ learnt on 12 of these 71 patients</strong>"));
    assert_eq!(
        html.matches("learnt on 12 of these 71 patients").count(),
        3,
        "at a glance, with the evaluation and in the words of the workflow"
    );
    assert!(files["tables/study-results.csv"].contains("[learnt on 12 of these 71 patients]"));
}

#[test]
fn what_a_model_card_states_stands_at_the_model_and_beside_each_score() {
    let mut study = support::study(2);
    let scored = study.patients[0].scores[0].model.clone();
    let model = study.models.iter_mut().find(|model| model.name == scored).expect("the model of the scores");
    let stated = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    model.card = vec![stated("intended use", "Research <alone>"), stated("training population", "312 adults")];
    let files = files(&study);
    let said = words(&files["report.html"]);
    assert!(said.contains("Model card") && said.contains("Research &lt;alone&gt;") && said.contains("312 adults"));
    let shown = patients(&files);
    let of = study.patients.iter().map(|patient| patient.scores.iter().filter(|score| score.model == scored).count());
    let beside: Vec<usize> = shown.iter().map(|html| html.matches("Research &lt;alone&gt;").count()).collect();
    assert_eq!(beside, of.collect::<Vec<_>>(), "beside each score");
    assert!(beside[0] > 0 && shown.iter().all(|html| !html.contains("312 adults")));
    assert!(files.iter().any(|(name, text)| name.ends_with("card.csv") && text.contains("312 adults")));
}

#[test]
fn page_needs_nothing_but_itself() {
    let files = files(&support::study(2));
    let html = &files["report.html"];
    for outside in ["http://", "https://", "src=\"//", "@import", "url("] {
        let found = html.replace("http://www.w3.org/2000/svg", "").contains(outside);
        assert!(!found, "{outside}");
    }
    assert!(patients(&files)[0].contains("src=\"data:image/png;base64,iVBORw0KGgo"));
    assert!(html.contains("SIMULATED PATIENTS") && html.contains("Not a medical device. For research only."));
}

#[test]
fn same_study_gives_the_same_bytes() {
    assert_eq!(files(&support::study(3)), files(&support::study(3)));
}

#[test]
fn what_data_says_never_acts() {
    let nasty = "<script>alert(1)</script>\"' onload=x & ]]> {{ 7 * 7 }} \u{1}";
    let mut study = support::study(1);
    study.title = nasty.into();
    study.description = nasty.into();
    study.notices = vec![nasty.into()];
    study.record.experiment = nasty.into();
    study.record.command = vec![nasty.into()];
    study.cohorts[0].name = nasty.into();
    study.cohorts[0].flow.failed[0] = Lost { id: nasty.into(), stage: nasty.into(), reason: nasty.into() };
    study.models[0].name = nasty.into();
    study.models[0].measure = nasty.into();
    study.models[0].terms[0] = Term { input: nasty.into(), weight: Some(1.0), ..Term::default() };
    study.evaluations[0].name = nasty.into();
    study.evaluations[0].distribution[0].name = nasty.into();
    study.evaluations[1].notes = vec![nasty.into()];
    study.patients[0].id = nasty.into();
    study.patients[0].lesions[0].case = nasty.into();
    study.patients[0].lesions[0].scores[0].terms[0].input = nasty.into();
    let files = files(&study);
    let html = &files["report.html"];
    well_formed(html);
    assert!(!html.contains("<script>alert") && html.contains("&lt;script&gt;alert"));
    assert_eq!(html.matches("<script").count(), 1);
    assert!(html.contains("{{ 7 * 7 }}"), "a template in data was set");
    let patient = &patients(&files)[0];
    assert!(!patient.contains("<script") && patient.matches("&lt;script&gt;alert").count() > 3);
    assert_eq!(list(&files)["rows"][0][0], nasty, "the list has data, and no elements");
    for (name, script) in files.iter().filter(|(name, _)| name.starts_with("patients/")) {
        assert!(!script.contains('<'), "{name}");
    }
}

#[test]
fn empty_study_and_one_that_only_failed_have_a_report() {
    let html = page(&Study::default());
    for said in ["There are no cohorts", "There are no models", "There are no evaluations", "No patient has a score"] {
        assert!(html.contains(said), "{said}");
    }
    assert!(!html.contains("SIMULATED PATIENTS"));
    let mut cohort = support::study(0).cohorts.remove(0);
    cohort.flow.extracted = 0;
    cohort.flow.extracted_patients = 0;
    cohort.table_one.clear();
    let html = page(&Study { cohorts: vec![cohort, Cohort::default()], ..Study::default() });
    assert!(html.contains("0 cases of 0 patients") && html.contains("2 missing slices"));
}

#[test]
fn long_names_are_cut_in_figures_alone() {
    let html = page(&support::stretched());
    let name = "that come from forms that somebody filled in without a limit";
    assert!(html.contains(name) && html.contains("…distance_2</text>"));
}

#[test]
fn model_without_inputs_says_so() {
    let html = page(&support::study(0));
    assert_eq!(html.matches("No input was kept.").count(), 1);
    assert!(html.contains("Of 84 inputs offered, none has a coefficient."));
    assert!(html.contains("All 12 patients with a score responded"));
}

/// Values that no figure can place, and results without anything in them.
#[test]
fn numbers_that_are_none_are_left_out() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e308, -1e308, 1e-308, 0.0, -0.0];
    let estimate = |value: f64| support::estimate(value, f64::NAN, f64::INFINITY, Some(f64::NAN));
    let pairs: Vec<(f64, f64)> = odd.iter().flat_map(|&x| odd.map(|y| (x, y))).collect();
    let curve: Vec<(f64, f64, f64, f64)> = pairs.iter().map(|&(x, y)| (x, y, x, y)).collect();
    let group = SurvivalGroup {
        curve,
        censored: odd.to_vec(),
        at_risk: vec![3; 8],
        median: Some(estimate(f64::NAN)),
        ..SurvivalGroup::default()
    };
    let survival = SurvivalResult {
        groups: vec![group, SurvivalGroup::default()],
        ticks: odd.to_vec(),
        log_rank: Some((f64::NAN, 1, f64::NAN)),
        cox: vec![CoxTable {
            rows: vec![("x".into(), estimate(f64::INFINITY), Some(f64::NAN))],
            ..CoxTable::default()
        }],
        time_auc: odd.map(|odd| TimeAuc { time: odd, auc: Some(estimate(odd)), ..TimeAuc::default() }).to_vec(),
        ..SurvivalResult::default()
    };
    let rows = odd.map(|value| ForestRow { estimate: Some(estimate(value)), ..ForestRow::default() }).to_vec();
    let number = NumberResult { points: pairs.clone(), pearson: Some(estimate(f64::NAN)), ..NumberResult::default() };
    let class = ClassResult { roc: pairs.clone(), auc: estimate(f64::NAN), ..ClassResult::default() };
    let results = [
        Outcome::Survival(Box::new(survival)),
        Outcome::Survival(Box::default()),
        Outcome::Number(Box::new(number)),
        Outcome::Number(Box::default()),
        Outcome::Class(Box::new(class)),
        Outcome::Class(Box::default()),
        Outcome::default(),
    ];
    let evaluations = results.map(|result| Evaluation {
        result,
        distribution: vec![Group { name: String::new(), scores: odd.to_vec() }, Group::default()],
        forest: Some(Forest { rows: rows.clone(), logarithmic: true, ..Forest::default() }),
        ..Evaluation::default()
    });
    let mut model = support::study(0).models.remove(0);
    model.out_of_fold = pairs;
    model.chosen = Some((f64::NAN, f64::NAN));
    model.curves.iter_mut().flat_map(|curve| &mut curve.points).zip(odd.iter().cycle()).for_each(|(point, odd)| {
        (point.lambda, point.mean, point.se) = (*odd, *odd, *odd);
    });
    model.terms.iter_mut().zip(odd).for_each(|(term, odd)| term.weight = Some(odd));
    let html =
        page(&Study { models: vec![model, Model::default()], evaluations: evaluations.to_vec(), ..Study::default() });
    no_number_that_is_none(&html);
}

/// The page is that of the study alone.
#[test]
fn page_does_not_grow_with_its_patients() {
    let (few, many) = (files(&support::study(21)), files(&support::study(210)));
    assert!(few["report.html"] == many["report.html"], "the page knows how many patients there are");
    assert!(many["report.html"].len() < 1 << 20, "{} bytes", many["report.html"].len());
    for (files, n) in [(few, 21), (many, 210)] {
        let (list, pages) = (list(&files), patients(&files));
        assert_eq!((list["rows"].as_array().expect("rows").len(), pages.len()), (n, n));
        for (row, page) in list["rows"].as_array().expect("rows").iter().zip(&pages).skip(1) {
            assert!(
                page.contains(row[0].as_str().expect("a name"))
                    && page.contains(row[3][0][0].as_str().expect("a score"))
            );
        }
    }
}

#[test]
fn one_file_has_the_same_patients_on_request() {
    let mut study = support::study(25);
    let beside = files(&study);
    study.single_file = true;
    let within = files(&study);
    assert!(!within.keys().any(|name| name.starts_with("patients/")));
    let html = &within["report.html"];
    well_formed(html);
    let blocks = html.split("<script type=\"application/json\" id=\"data-").skip(1).map(|block| {
        let (name, rest) = block.split_once("\">").expect("a name");
        (name, rest.split_once("</script>").expect("an end").0)
    });
    let blocks: BTreeMap<&str, &str> = blocks.collect();
    assert_eq!(blocks.keys().copied().collect::<Vec<_>>(), ["list", "part-001", "part-002"]);
    let pages = ["part-001", "part-002"]
        .iter()
        .flat_map(|name| serde_json::from_str::<Vec<String>>(blocks[name]).expect("JSON"));
    assert_eq!(pages.collect::<Vec<_>>(), patients(&beside));
    assert_eq!(serde_json::from_str::<serde_json::Value>(blocks["list"]).expect("JSON"), list(&beside));
}

/// The policy allows the page's own style and script by their digests, and nothing that stands in an attribute.
#[test]
fn policy_needs_nothing_unsafe() {
    use base64::Engine as _;
    use sha2::Digest as _;
    let files = files(&support::study(2));
    let html = &files["report.html"];
    let policy = html
        .split_once("Content-Security-Policy\" content=\"")
        .expect("a policy")
        .1
        .split_once('"')
        .expect("its end")
        .0;
    assert!(!policy.contains("unsafe"), "{policy}");
    for (name, source) in [("style", "style-src"), ("script", "script-src")] {
        let text =
            html.split_once(&format!("<{name}>")).expect("it").1.split_once(&format!("</{name}>")).expect("its end").0;
        let digest = base64::engine::general_purpose::STANDARD.encode(sha2::Sha256::digest(text));
        assert!(policy.contains(&format!("{source} 'sha256-{digest}'")), "{policy}");
    }
    for html in patients(&files).iter().chain([html]) {
        assert!(!html.contains(" style=\""), "a style that the policy forbids");
    }
}

#[test]
fn long_tables_are_whole_in_their_files_alone() {
    let mut study = support::study(0);
    let lost = |at: usize| Lost { id: format!("case-{at}"), stage: "load".into(), reason: "gone".into() };
    study.cohorts[0].flow.failed = (0..5_000).map(lost).collect();
    let files = files(&study);
    let html = &files["report.html"];
    assert!(html.contains("case-199<") && !html.contains("case-200<") && html.contains("and 4800 more rows"));
    assert_eq!(files["tables/cohort-1-training-failed.csv"].lines().count(), 5_001);
}

#[test]
fn pictures_that_cannot_be_shown_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("text.png"), "no picture").expect("written");
    for name in ["absent.png", "text.png", "../text.png", "/etc/hostname"] {
        let lesion = Lesion { picture: Some(name.into()), ..Lesion::default() };
        let study =
            Study { patients: vec![Patient { lesions: vec![lesion], ..Patient::default() }], ..Study::default() };
        let error = voxomics_report::write(&study, folder.path(), &folder.path().join("out")).expect_err("no report");
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(!folder.path().join("out/report.html").exists());
}

#[test]
fn folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    let error = voxomics_report::write(&Study::default(), folder.path(), &file.join("out")).expect_err("no report");
    assert!(error.to_string().contains(&file.display().to_string()), "{error}");
}

#[test]
fn the_dossier_leads_to_its_evidence_and_stands_in_a_file() {
    let study = support::study(3);
    let files = files(&study);
    let page = &files["report.html"];
    let (_, dossier) = page.split_once("<h2 id=\"dossier\">").expect("a dossier");
    let dossier = dossier.split_once("</section>").expect("its end").0;
    assert_eq!(dossier.matches("class=\"place\" href=\"#").count(), 6, "{dossier}");
    assert!(dossier.contains("href=\"#cohort-2-validation\"") && dossier.contains("href=\"#study-characteristics\""));
    assert!(dossier.contains("&lt;b&gt;known") && dossier.contains("models&#x2f;&lt;b&gt;.toml"));
    let mut table = csv::Reader::from_reader(files["tables/dossier.csv"].as_bytes());
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    let states: Vec<[&str; 2]> = rows.iter().map(|row| [&row[1], &row[3]]).collect();
    assert_eq!(states, [["example.shown", "shown by the run"], ["example.open", "open"], ["example.none", "not done"]]);
    assert!(rows[0][5].starts_with("Characteristics; cohort validation; model CD8 score; Learners"), "{:?}", rows[0]);
}

#[test]
fn a_card_has_what_the_study_has_and_no_patient() {
    let study = support::study(5);
    let cards = voxomics_report::model_cards(&study);
    let learnt: Vec<&Model> = study.models.iter().filter(|model| model.learnt).collect();
    assert_eq!(
        cards.iter().map(|card| &card.model).collect::<Vec<_>>(),
        learnt.iter().map(|of| &of.name).collect::<Vec<_>>()
    );
    let (card, model) = (&cards[0], learnt[0]);
    assert_eq!(card.json["model"]["sha256"], model.file.sha256);
    assert_eq!(card.json["inputs"], serde_json::to_value(&model.terms).expect("JSON"));
    assert_eq!(card.json["performance"], serde_json::to_value(&model.performance).expect("JSON"));
    assert_eq!(card.json["stated"]["limitations"], serde_json::Value::Null);
    let own = study.evaluations.iter().filter(|of| of.model == model.name);
    let figures = |of: &Evaluation| match &of.result {
        Outcome::Class(class) => Some(class.auc.value),
        _ => None,
    };
    let expected: Vec<(&str, Option<f64>)> = own.map(|of| (of.name.as_str(), figures(of))).collect();
    let found = card.json["evaluations"].as_array().expect("evaluations");
    assert_eq!(found.len(), expected.len());
    for (found, (name, auc)) in found.iter().zip(expected) {
        assert_eq!(found["name"], name);
        if let Some(auc) = auc {
            assert_eq!(found["figures"][0]["estimate"]["value"].as_f64(), Some(auc));
        }
    }
    assert!(card.markdown.contains("To show what a \\*card\\* can hold \\| no more."), "{}", card.markdown);
    assert!(card.markdown.contains("*Open. Only people know: answer `limitations` under `[study]`"));
    assert!(card.markdown.contains("SIMULATED") || card.markdown.contains("The patients are simulated."));
    let all = format!("{}{}", card.markdown, card.json);
    for patient in &study.patients {
        assert!(!all.contains(&format!("{:?}", patient.id)) && !all.contains(&patient.id), "{}", patient.id);
    }
    let lines = card.markdown.lines().filter(|line| line.starts_with('|'));
    let widths: Vec<usize> = lines.map(|line| line.replace("\\|", "").matches('|').count()).collect();
    assert!(widths.len() > 10 && widths.iter().all(|width| *width >= 3), "{widths:?}");
}

#[test]
fn subgroups_and_their_arms_stand_in_the_words_and_the_order_of_the_labels() {
    let mut study = support::study(0);
    let order = ["low", "intermediate", "high"].map(str::to_owned).to_vec();
    study.labels.columns.insert("grade".into(), ColumnLabel { order, ..ColumnLabel::default() });
    let levels = [("f".to_owned(), "female".to_owned())].into();
    study.labels.columns.insert("sex".into(), ColumnLabel { levels, ..ColumnLabel::default() });
    study.evaluations[1].notes = vec!["`sex` is held against `f`, and `age` is a number.".into()];
    study.labels.groups = [("high", "CD8 high"), ("low", "CD8 low")].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    let row = |name: &str| ForestRow { name: name.into(), n: 20, arms: Some((9, 11)), ..ForestRow::default() };
    study.evaluations[1].forest = Some(Forest {
        column: "grade".into(),
        estimate: "hazard ratio, high against low".into(),
        neutral: 1.0,
        logarithmic: true,
        rows: ["all", "high", "intermediate", "low"].map(row).to_vec(),
        ..Forest::default()
    });
    let files = files(&study);
    let table = &files["tables/evaluation-2-overall-survival-forest-2.csv"];
    let names: Vec<&str> = table.lines().filter_map(|line| line.split(',').next()).collect();
    assert_eq!(names, ["Subgroup", "All", "Grade: low", "Grade: intermediate", "Grade: high"]);
    assert!(table.contains("CD8 high,CD8 low,\"Hazard ratio, CD8 high against CD8 low\""), "{table}");
    let svg = &files["figures/evaluation-2-overall-survival-forest.svg"];
    assert!(svg.contains("n (events): CD8 high, CD8 low"), "{svg}");
    assert!(words(&files["report.html"]).contains("Sex is held against female, and age is a number."));
}

#[test]
fn what_is_learnt_is_told_in_the_words_of_the_labels() {
    let mut study = support::study(0);
    study.labels.outcomes.insert("dead".into(), "Overall survival".into());
    study.models[0].asked =
        Asked::Time { time: "t".into(), event: "dead".into(), unit: "months".into(), competing: Vec::new() };
    study.models[0].target = "t until dead".into();
    study.models[3].asked =
        Asked::Class { column: "response_3m".into(), positive: vec!["1".into()], negative: vec!["0".into()] };
    let files = files(&study);
    let said = words(&files["report.html"]);
    assert!(said.contains("Overall survival") && !said.contains("t until dead"));
    let svg = files.iter().find(|(name, _)| name.starts_with("figures/model-4") && name.ends_with("out-of-fold.svg"));
    let svg = svg.expect("a figure").1;
    assert!(!svg.contains("target 1") && svg.contains("Response at 3 months:"), "{svg}");
}

#[test]
fn a_model_whose_ranges_nobody_knows_has_no_value_in_range() {
    let mut study = support::study(3);
    assert_eq!(list(&files(&study))["ranges"], true);
    study.models.iter_mut().flat_map(|model| &mut model.terms).for_each(|term| (term.min, term.max) = (None, None));
    let lesions = study.patients.iter_mut().flat_map(|patient| &mut patient.lesions);
    lesions
        .flat_map(|lesion| &mut lesion.scores)
        .flat_map(|score| &mut score.terms)
        .for_each(|term| term.warning.clear());
    let files = files(&study);
    assert_eq!(list(&files)["ranges"], false);
    assert!(words(&files["report.html"]).contains("The range of the training is not known of"));
}

#[test]
fn methods_have_the_equation_of_each_sum_and_references_of_what_was_used() {
    let mut study = support::study(0);
    let paragraph = |title: &str| Paragraph { title: title.into(), sentences: Vec::new() };
    study.methods = ["Models", "Evaluation", "References"].map(paragraph).to_vec();
    study.evaluations[0].methods = vec!["AUC: by DeLong’s variance.".into()];
    let said = words(&files(&study)["report.html"]);
    let model = &study.models[0];
    assert!(said.contains(&format!("{}: sum = ", model.name)), "an equation");
    for (used, reference) in [
        (true, "Zou H, Hastie T."),
        (true, "DeLong ER, DeLong DM"),
        (true, "Kaplan EL, Meier P."),
        (true, "Cox DR."),
        (true, "Breiman L."),
        (false, "Friedman JH."),
    ] {
        assert_eq!(said.contains(reference), used, "{reference}");
    }
}

/// The cells of the row of a table that begins with these words, without its head.
fn row_of(html: &str, name: &str) -> Vec<String> {
    let plain = |cell: &str| {
        let pieces = cell.split('<').map(|piece| piece.split_once('>').map_or("", |(_, words)| words));
        pieces.collect::<String>().replace('\u{a0}', " ").trim().to_owned()
    };
    let cells = |row: &str| -> Vec<String> {
        row.split("<t")
            .skip(1)
            .filter(|cell| cell.starts_with(['d', 'h']))
            .map(|cell| plain(&format!("<t{cell}")))
            .collect()
    };
    let mut rows = html.split("<tr").map(|row| cells(row.split("</tr").next().unwrap_or_default()));
    let row = rows.find(|cells| cells.first().is_some_and(|first| first == name));
    row.unwrap_or_else(|| panic!("no row {name}"))[1..].to_vec()
}

#[test]
fn shares_of_what_scans_say_are_of_those_that_say_it() {
    use voxomics_report::study::{Characteristic, Summary};
    let mut study = support::study(3);
    let levels = vec![("Iohexol".to_owned(), 30)];
    let row = Characteristic {
        name: "scan: contrast agent".into(),
        missing: 90,
        summary: Summary::Categorical { n: 30, levels },
        of_scans: true,
    };
    study.cohorts[0].table_one = vec![row];
    study.cohorts[1].table_one.clear();
    let silent = study.cohorts[1].flow.extracted_patients.to_string();
    let html = page(&study);
    // Alone, "30 (100 %)" would say that everybody had it.
    assert_eq!(row_of(&html, "Scan: contrast agent, where it is told")[..2], ["n = 30", "n = 0"]);
    assert_eq!(row_of(&html, "Iohexol")[..2], ["30 (100 %)", "–"]);
    assert_eq!(row_of(&html, "not told")[..2], ["90", silent.as_str()]);
    assert!(words(&html).contains("of the others nobody knows"));
}

#[test]
fn a_predicted_number_is_shown_against_what_was_observed() {
    use voxomics_report::study::{Estimate, NumberCalibration};
    let mut study = support::study(3);
    let of = |value: f64| Estimate { value, low: Some(value - 0.5), high: Some(value + 0.5), p: Some(0.04) };
    let number = study.evaluations.iter_mut().find_map(|evaluation| match &mut evaluation.result {
        Outcome::Number(number) => Some(number),
        _ => None,
    });
    number.expect("a number").calibration = Some(NumberCalibration {
        difference: of(0.25),
        intercept: of(-1.5),
        slope: of(1.75),
        explained: of(0.125),
        root_mean_square: of(2.0),
        mean_absolute: of(1.0),
        line: vec![(1.0, of(2.0)), (4.0, of(5.0))],
    });
    let files = files(&study);
    let html = &files["report.html"];
    well_formed(html);
    let has = |kind: &str| files.keys().any(|name| name.contains("cell-counts") && name.ends_with(kind));
    assert!(has("-calibration.svg") && !has("-scatter.svg"), "{:?}", files.keys());
    assert_eq!(row_of(html, "Slope of the line"), ["1.75 (1.25–2.25)", "1", "0.0400"]);
    assert_eq!(row_of(html, "R² of the predictions")[0], "0.125 (−0.375 to 0.625)");
    let drawing = files.iter().find(|(name, _)| name.ends_with("-calibration.svg") && name.contains("cell-counts"));
    let drawing = drawing.expect("a drawing").1;
    assert!(drawing.contains("intercept −1.50 (−2.00 to −1.00)") && drawing.contains("<polygon"), "{drawing}");
}

#[test]
fn rates_at_stated_times_stand_in_the_panels() {
    let mut study = support::study(3);
    let survival = study.evaluations.iter_mut().find_map(|evaluation| match &mut evaluation.result {
        Outcome::Survival(survival) => Some(survival),
        _ => None,
    });
    let survival = survival.expect("a time");
    survival.rates_at = vec![12.0];
    survival.groups.iter_mut().for_each(|group| group.landmarks.retain(|(time, ..)| *time == 12.0));
    let rate = survival.groups[0].landmarks[0].1.clone();
    let said = format!("At 12 months, %: low score {:.1} (", rate.value * 100.0);
    let files = files(&study);
    let drawing = files.iter().find(|(name, _)| name.ends_with("-kaplan-meier.svg")).expect("a drawing").1;
    assert!(drawing.contains(&said), "{said}: {drawing}");
    let html = &files["report.html"];
    assert!(html.contains("Dashed upright lines: the times of the rates above."));
}

#[test]
fn hazard_ratios_say_what_they_are_against() {
    use voxomics_report::study::{Contrast, Estimate};
    let mut study = support::study(3);
    let level = |column: &str, level: &str, reference: &str| Contrast::Level {
        column: column.into(),
        level: level.into(),
        reference: reference.into(),
    };
    let rows = [
        ("high score", Contrast::Groups),
        ("score", Contrast::Per { step: "training SD of 0.2".into() }),
        ("age", Contrast::Per { step: "unit".into() }),
        ("smoker", level("smoker", "1", "0")),
        ("gender = m", level("gender", "m", "f")),
    ];
    let survival = study.evaluations.iter_mut().find_map(|evaluation| match &mut evaluation.result {
        Outcome::Survival(survival) => Some(survival),
        _ => None,
    });
    survival.expect("a time").cox = vec![CoxTable {
        title: "multivariable".into(),
        rows: rows.iter().map(|(name, _)| ((*name).to_owned(), Estimate::default(), None)).collect(),
        contrasts: rows.into_iter().map(|(_, contrast)| contrast).collect(),
        ..CoxTable::default()
    }];
    study.labels.columns.insert("age".into(), ColumnLabel { unit: "years".into(), ..ColumnLabel::default() });
    let levels = [("m", "male"), ("f", "female")].map(|(level, name)| (level.to_owned(), name.to_owned()));
    study.labels.columns.insert("gender".into(), ColumnLabel { levels: levels.into(), ..ColumnLabel::default() });
    let html = page(&study);
    for name in [
        "High score against low score",
        "Score: per training SD of 0.2",
        "Age, years: per unit",
        "Smoker: yes against no",
        "Gender: male against female",
    ] {
        row_of(&html, name);
    }
}
