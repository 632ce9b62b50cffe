//! Tables for programs: Parquet and Arrow have what CSV has, cell by cell; and cells that a spreadsheet would compute.

use std::{collections::BTreeMap, path::Path};

use voxomics_engine::{output::arrow_as_csv, tabular::Tabular};
use voxomics_tests::{
    batch::{Batch, Ran, names},
    run,
    scene::{image, mask},
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "features-glcm", "predict-linear"]
[regions.tumour]
[regions.ring]
ring_of = "tumour"
outward_mm = 2
inward_mm = 0
[discretisation]
method = "fixed bin number"
bins = 8
[features.statistics]
[features.glcm]
[covariates.age]
[predict.score]
plugin = "predict-linear"
model = "model.toml"
"#;

const MODEL: &str =
    "[model]\nname = \"m\"\nlink = \"identity\"\nintercept = 1\n[[input]]\nname = \"age\"\ncoefficient = 0.1\n";

const ALSO: &str = "[output]\nalso = [\"parquet\", \"arrow\"]\n";

/// Columns of every kind: whole numbers, numbers with a gap, names that look like numbers, texts, and nothing at all.
const LIST: &str = "case,image,mask,age,weight,patient,centre,note,empty\n\
    a,0.nii,mask.nii,40,70.5,007,1,\"first, of three\",\n\
    b,1.nii,mask.nii,50,NA,12,2,,\n\
    c,2.nii,mask.nii,61,-1e-7,13,3,n/a,NA\n";

fn batch(experiment: &str, list: &str) -> Batch {
    let batch = Batch::new(experiment, list);
    batch.write("model.toml", MODEL);
    (0..3).for_each(|seed| drop(batch.scan(&format!("{seed}.nii"), &image(seed))));
    batch.scan("mask.nii", &mask());
    batch
}

/// Names of the columns, and the cells of every row.
type Cells = (Vec<String>, Vec<Vec<String>>);

fn of_csv(text: &[u8]) -> Cells {
    let mut reader = csv::Reader::from_reader(text);
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    (header, rows.collect())
}

fn of_parquet(path: &Path) -> Cells {
    let table = Tabular::open(path).expect("a table");
    let (header, mut rows) = (table.header.clone(), Vec::new());
    table
        .each(|_, row| {
            rows.push(row.iter().map(str::to_owned).collect());
            Ok(())
        })
        .expect("rows");
    (header, rows)
}

/// Makes sure that two tables have the same cells: numbers to the last bit, however they are written. `read` says how a cell of the
/// CSV is to be read.
fn assert_same(csv: &Cells, other: &Cells, read: &dyn Fn(&str, &str) -> String) {
    assert_eq!(csv.0, other.0);
    assert_eq!(csv.1.len(), other.1.len());
    for (a, b) in csv.1.iter().zip(&other.1) {
        for ((name, a), b) in csv.0.iter().zip(a).zip(b) {
            let a = read(name, a);
            let bits = |cell: &str| cell.parse::<f64>().map(f64::to_bits);
            match (bits(&a), bits(b)) {
                (Ok(x), Ok(y)) => assert_eq!(x, y, "{name}: {a} and {b}"),
                _ => assert_eq!(&a, b, "{name}"),
            }
        }
    }
}

const STEMS: [&str; 3] = ["features", "features_long", "scores"];

#[test]
fn parquet_and_arrow_have_every_cell_of_the_csv() {
    let ran = batch(&format!("{EXPERIMENT}{ALSO}"), LIST).run_well();
    // What everybody reads as no value is none in a column of numbers, and stands as it is in one of texts.
    let read = |name: &str, cell: &str| if name == "weight" && cell == "NA" { String::new() } else { cell.to_owned() };
    for stem in STEMS {
        let csv = of_csv(&std::fs::read(ran.out.join(format!("{stem}.csv"))).expect("a table"));
        assert!(csv.1.len() >= 3, "{stem}");
        assert_same(&csv, &of_parquet(&ran.out.join(format!("{stem}.parquet"))), &read);
        let arrow = arrow_as_csv(&ran.out.join(format!("{stem}.arrow"))).expect("a table");
        assert_same(&csv, &of_csv(&arrow), &read);
    }
    let text = std::fs::read(ran.out.join("features.arrow")).expect("a table");
    let has = |word: &str| text.windows(word.len()).any(|bytes| bytes == word.as_bytes());
    assert!(has("ibsi_code") && has("settings_sha256") && has("Q4LE"), "columns say what they are: the mean is Q4LE");
}

#[test]
fn without_the_formats_the_tables_are_the_same_and_nothing_is_left_of_them() {
    let batch = batch(&format!("{EXPERIMENT}{ALSO}"), LIST);
    let tables = |ran: &Ran| -> BTreeMap<String, String> {
        let csv = names(&ran.out).into_iter().filter(|name| name.ends_with(".csv"));
        csv.map(|name| (name.clone(), ran.lines(&name).join("\n"))).collect()
    };
    let with = batch.run().well();
    let (before, files) = (tables(&with), names(&with.out));
    assert_eq!(files.iter().filter(|name| name.ends_with(".parquet") || name.ends_with(".arrow")).count(), 6);
    batch.write("experiment.toml", EXPERIMENT);
    let without = batch.run().well();
    assert_eq!(tables(&without), before);
    assert!(!names(&without.out).iter().any(|name| name.ends_with(".parquet") || name.ends_with(".arrow")));
}

#[test]
fn a_rerun_gives_the_same_bytes_of_every_format() {
    let batch = batch(&format!("{EXPERIMENT}{ALSO}defuse_formulas = true\n"), &LIST.replace("\na,", "\n=cmd(),"));
    let ran = batch.run().well();
    let lock = std::fs::read_to_string(ran.out.join("voxomics.lock")).expect("a lock");
    assert!(lock.contains("\"features.parquet\"") && lock.contains("\"scores.arrow\""), "{lock}");
    let [out, again] = [&ran.out, &batch.path("again")].map(|path| path.display().to_string());
    let said = run(["rerun", out.as_str(), "--out", again.as_str()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for stem in STEMS {
        for end in ["csv", "parquet", "arrow"] {
            let read = |folder: &str| std::fs::read(Path::new(folder).join(format!("{stem}.{end}"))).expect("a table");
            assert!(read(&out) == read(&again), "{stem}.{end}");
        }
    }
}

#[test]
fn formulas_are_texts_in_every_csv_on_request_and_in_no_other_file() {
    let list = LIST.replace("\na,", "\n=cmd(),").replace("note", "@note").replace("n/a", "-2+3").replace("61", "-61");
    let batch = batch(&format!("{EXPERIMENT}{ALSO}"), &list);
    let plain = batch.run().well();
    assert!(plain.lines("features.csv")[1].starts_with("=cmd(),"));
    batch.write("experiment.toml", format!("{EXPERIMENT}{ALSO}defuse_formulas = true\n"));
    batch.write("mask.nii", "no mask");
    let failed = batch.run_into("failed", &[]);
    assert!(failed.lines("failures.csv")[1].starts_with("'=cmd(),"), "{:?}", failed.lines("failures.csv"));
    batch.scan("mask.nii", &mask());
    let ran = batch.run_into("defused", &[]).well();
    for table in ["features.csv", "features_long.csv", "inputs.csv", "scores.csv", "cases.csv"] {
        assert!(ran.lines(table)[1].starts_with("'=cmd(),"), "{table}");
    }
    let features = of_csv(&std::fs::read(ran.out.join("features.csv")).expect("a table"));
    let cells = |name: &str| {
        let at = features.0.iter().position(|column| column == name).unwrap_or_else(|| panic!("{name}"));
        features.1.iter().map(|row| row[at].clone()).collect::<Vec<_>>()
    };
    assert_eq!(cells("'@note").last().map(String::as_str), Some("'-2+3"));
    assert_eq!((cells("age")[4].as_str(), cells("weight")[4].as_str()), ("-61", "-1e-7"), "numbers stay");
    let parquet = of_parquet(&ran.out.join("features.parquet"));
    assert_eq!(parquet.1[0][0], "=cmd()");
    assert_eq!(parquet, of_parquet(&plain.out.join("features.parquet")));
}

#[test]
fn a_format_that_is_none_is_a_mistake_at_its_place() {
    for (also, why) in [
        ("[\"xlsx\"]", "`output.also` has \"xlsx\", expected some of \"parquet\", \"arrow\""),
        ("\"csv\"", "CSV is always written"),
        ("[\"arrow\", \"arrow\"]", "`arrow` is there twice"),
    ] {
        let batch = batch(&format!("{EXPERIMENT}[output]\nalso = {also}\n"), LIST);
        let said = batch.run().said;
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(said.err.contains(why) && said.err.contains("also = "), "{}", said.err);
    }
}
