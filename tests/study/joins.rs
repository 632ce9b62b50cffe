//! Cases and patients that do not fit each other are listed; tables that cannot be right are refused.

use voxomics_tests::Said;

use crate::support::{Results, computed};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "predict-elastic-net"]
[regions.tumour]
[interpolation]
spacing_mm = [3, 3, 3]
[features.statistics]
[cohorts.train]
cases = "cases.csv"
"#;

const LEARN: &str = r#"
[learn.model]
plugin = "predict-elastic-net"
cohort = "train"
target = { number = "CD8B" }
folds = 3
alpha = [0.5]
"#;

/// The first lesion of each of the first patients: image and mask by patient.
fn first(results: &Results, count: usize) -> Vec<String> {
    let rows = results.table("simulated/train/cases.csv");
    let first = rows.iter().filter(|row| row["case"].ends_with("-1")).take(count);
    let folder = "simulated/train";
    first.map(|row| format!("{folder}/{},{folder}/{},{}", row["image"], row["mask"], row["patient"])).collect()
}

/// Runs over three cases, the last of which has no patient, and tables.
fn study(results: &Results, tables: &[&str]) -> Said {
    let cases: Vec<String> = first(results, 3).iter().enumerate().map(|(i, row)| format!("c{i},{row}")).collect();
    let cases = cases.join("\n");
    let list = format!("case,image,mask,patient\n{}", cases.trim_end_matches("SIM-0003"));
    results.write("cases.csv", &list);
    let names: Vec<String> = tables.iter().enumerate().map(|(i, _)| format!("\"table{i}.csv\"")).collect();
    tables.iter().enumerate().for_each(|(i, table)| drop(results.write(&format!("table{i}.csv"), table)));
    let text = format!("{EXPERIMENT}tables = [{}]\n", names.join(", "));
    let experiment = results.write("study.toml", &text);
    results.run(&experiment, &[])
}

#[test]
fn what_does_not_join_is_listed_and_counted() {
    let results = Results::new();
    let said = study(&results, &["patient,CD8B\nSIM-0001,1.5\nSIM-0040,2\nof of of,\n"]);
    assert_eq!((said.code, computed(&said)), (Some(0), 1), "{said:?}");
    let listed: Vec<(String, String)> = results
        .table("unjoined.csv")
        .into_iter()
        .map(|mut row| (row.remove("id").unwrap(), row.remove("reason").unwrap()))
        .collect();
    let expected = [
        ("c1 of SIM-0002", "no table of patients has this patient"),
        ("c2", "the list of cases has no `patient` for it"),
        ("SIM-0040", "the tables of patients have it, the list of cases does not"),
        ("of of of", "the tables of patients have it, the list of cases does not"),
    ];
    assert_eq!(listed, expected.map(|(id, reason)| (id.to_owned(), reason.to_owned())));
    assert!(said.out.contains("4 cases or patients did not join"), "{}", said.out);
    assert_eq!(results.table("train/features.csv").len(), 1);
    let flow = &results.study()["cohorts"][0]["flow"];
    assert_eq!((flow["listed"].as_u64(), flow["listed_patients"].as_u64()), (Some(3), Some(2)), "{flow}");
    assert_eq!(flow["extracted_patients"].as_u64(), Some(1), "{flow}");
}

#[test]
fn tables_that_cannot_be_right_are_refused() {
    let answers: [(&[&str], &str); 5] = [
        (&["id,CD8B\nSIM-0001,1\n"], "it has no column `patient` of patients' ids; its columns are id, CD8B"),
        (&["patient,CD8B\nSIM-0001,1\nSIM-0001,2\n"], "`SIM-0001` is in line 2 and in line 3"),
        (&["patient,CD8B\nSIM-0001,1\n", "patient,CD8B\nSIM-0001,1\n"], "the column `CD8B` is in "),
        (&["patient,CD8B,CD8B\nSIM-0001,1,2\n"], "the column `CD8B` is there twice"),
        (&["patient,CD8B\nSIM-0048,1\n"], "no case of "),
    ];
    for (tables, message) in answers {
        let results = Results::new();
        let said = study(&results, tables);
        assert_eq!((said.code, computed(&said)), (Some(2), 0), "{said:?}");
        assert!(said.err.contains("cohort `train`") && said.err.contains(message), "no {message:?} in {}", said.err);
    }
}

/// Rows are genes and columns patients; a gene that nobody asked for may be there twice.
#[test]
fn an_expression_matrix_gives_the_model_that_a_column_gives() {
    let models = ["table", "matrix"].map(|kind| {
        let results = Results::new();
        let cases: Vec<String> = first(&results, 12).iter().enumerate().map(|(i, row)| format!("c{i},{row}")).collect();
        results.write("cases.csv", &format!("case,image,mask,patient\n{}\n", cases.join("\n")));
        let values: Vec<(String, String)> = results
            .table("simulated/train/patients.csv")
            .into_iter()
            .map(|mut row| (row.remove("patient").unwrap(), row.remove("CD8B").unwrap()))
            .collect();
        let (patients, values): (Vec<String>, Vec<String>) = values.into_iter().unzip();
        let rows: Vec<String> =
            patients.iter().zip(&values).map(|(patient, value)| format!("{patient},{value}")).collect();
        results.write("table.csv", &format!("patient,CD8B\n{}\n", rows.join("\n")));
        let matrix = [("gene", &patients), ("MARCH1", &values), ("CD8B", &values), ("MARCH1", &values)];
        let matrix = matrix.map(|(name, cells)| format!("{name}\t{}\n", cells.join("\t")));
        results.write("matrix.tsv", &matrix.concat());
        let tables = match kind {
            "table" => "tables = \"table.csv\"\n".to_owned(),
            _ => "[[cohorts.train.matrix]]\nfile = \"matrix.tsv\"\nrows = [\"CD8B\"]\n".to_owned(),
        };
        let experiment = results.write("study.toml", &format!("{EXPERIMENT}{tables}{LEARN}"));
        let said = results.run(&experiment, &["--until", "train"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        results.read("models/model.toml")
    });
    // The expression of one of the twelve is missing.
    assert!(models[0].contains("rows = 11"), "{}", models[0]);
    for (column, row) in models[0].lines().zip(models[1].lines()) {
        assert_eq!(column, row);
    }
    assert_eq!(models[0].len(), models[1].len());
}

/// Everybody who is not learnt from or evaluated stands in one table, and what was asked for is not counted as a misfit.
#[test]
fn everybody_who_is_left_out_is_in_a_table_with_the_reason() {
    let results = Results::new();
    let cases: Vec<String> =
        first(&results, 12).iter().enumerate().map(|(i, row)| format!("c{i},{row},{}", i % 6)).collect();
    results.write("cases.csv", &format!("case,image,mask,patient,kind\n{}\n", cases.join("\n")));
    let patients: Vec<String> = (1..=12).map(|number| format!("SIM-{number:04}")).collect();
    let value = |at: usize| if at == 1 { "high".to_owned() } else { format!("{}.5", at * at % 7) };
    // The last patient has no column, the one before an empty cell.
    let cells: Vec<String> = (0..11).map(|at| if at == 10 { String::new() } else { value(at) }).collect();
    results.write("m.csv", &format!("gene,{}\nCD8B,{}\n", patients[..11].join(","), cells.join(",")));
    let rows: Vec<String> = patients.iter().map(|patient| format!("{patient},60\n")).collect();
    results.write("p.csv", &format!("patient,age\n{}SIM-0040,50\n", rows.concat()));
    let tables = "tables = \"p.csv\"\nonly = { kind = [\"0\", 1.0, \"3\", \"4\", \"5\"] }\n[[cohorts.train.matrix]]\n\
                  file = \"m.csv\"\nrows = [\"CD8B\"]\n";
    let evaluate =
        "outer_folds = 0\n[evaluate.e]\ncohort = \"train\"\nscore = \"model\"\noutcome = { number = \"CD8B\" }\n";
    let experiment = results.write("study.toml", &format!("{EXPERIMENT}{tables}{LEARN}{evaluate}"));
    let said = results.run(&experiment, &["--until", "evaluate"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("1 case or patient did not join"), "{}", said.out);
    assert!(said.out.contains("2 cases are left out by the cohorts' `only`"), "{}", said.out);
    assert_eq!(results.table("unjoined.csv").len(), 1);
    let listed: Vec<[String; 4]> = results
        .table("left_out.csv")
        .into_iter()
        .map(|mut row| ["case", "patient", "stage", "reason"].map(|key| row.remove(key).expect("a column")))
        .filter(|row| !row[2].starts_with("evaluate"))
        .collect();
    let expected = [
        ["c2", "SIM-0003", "only", "`only` leaves it out: `kind` is `2`"],
        ["c8", "SIM-0009", "only", "`only` leaves it out: `kind` is `2`"],
        ["", "SIM-0040", "join", "the tables of patients have it, the list of cases does not"],
        ["c1", "SIM-0002", "learn.model", "`CD8B` is `high`, expected a number"],
        ["c10", "SIM-0011", "learn.model", "it has no `CD8B`: the cell in m.csv is empty"],
        ["c11", "SIM-0012", "learn.model", "it has no `CD8B`: the patient has no column in m.csv"],
    ];
    assert_eq!(listed, expected.map(|row| row.map(str::to_owned)));
    let study = results.study();
    let of_learning: u64 = study["left_out"]
        .as_array()
        .expect("counts")
        .iter()
        .filter(|count| count["stage"] == "learn.model")
        .map(|count| count["patients"].as_u64().expect("a count"))
        .sum();
    assert_eq!(of_learning, 3, "{}", study["left_out"]);
    let evaluated = results.table("left_out.csv").iter().filter(|row| row["stage"] == "evaluate.e").count();
    assert_eq!(evaluated, 3);
}
