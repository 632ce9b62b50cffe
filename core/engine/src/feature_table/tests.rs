//! Tables by hand, read as files.

use super::*;

fn read(files: &[(&str, &str, &str)], columns: &[&str]) -> Result<Features, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let table = |(prefix, name, text): &(&str, &str, &str)| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        ((*prefix).to_owned(), path)
    };
    let columns = columns.iter().map(|name| (*name).to_owned()).collect();
    FeatureTables {
        tables: files.iter().map(table).collect(),
        columns,
        settings: None,
        case: "case".into(),
        id: "patient".into(),
    }
    .read()
}

fn row(features: &Features, case: &str) -> Vec<Option<String>> {
    let row = features.rows.iter().find(|row| row.case == case).expect("a case");
    features.names.iter().map(|name| row.cells.get(name).map(str::to_owned)).collect()
}

#[test]
fn columns_are_chosen_by_pattern_and_the_rest_is_known() {
    let text = "patient,Image,diagnostics_Versions,original_a,original_b\np1,x.nii,3,1.5,nan\np2,y.nii,3,2,4\n";
    let found = read(&[("", "pyradiomics.csv", text)], &["original_*"]).expect("a table");
    assert_eq!(found.names, ["original_a", "original_b"]);
    assert_eq!(row(&found, "p1"), [Some("1.5".into()), None]);
    assert_eq!(found.rows[0].others["Image"], "x.nii");
    assert!(read(&[("", "t.csv", text)], &["wavelet*"]).expect_err("none").contains("no column fits"));
    let error = read(&[("", "t.csv", "ID,a\n1,2\n")], &[]).expect_err("no id");
    assert!(error.contains("neither a column `case`"), "{error}");
    let error = read(&[("", "t.csv", "patient,a\np1,2\np1,3\n")], &[]).expect_err("twice");
    assert!(error.contains("line 3 has `p1` again"), "{error}");
}

#[test]
fn regions_become_part_of_the_name_as_in_inputs() {
    let text = "case,region,glcm.x\na,tumour,1\na,ring,2\nb,tumour,3\n";
    let found = read(&[("", "features.csv", text)], &[]).expect("a table");
    assert_eq!(found.names, ["tumour:glcm.x", "ring:glcm.x"]);
    assert_eq!((row(&found, "a"), row(&found, "b")[1].clone()), (vec![Some("1".into()), Some("2".into())], None));
}

#[test]
fn several_tables_are_joined_by_case_and_names_are_kept_apart() {
    let (ct, pet) = ("case,patient,x\na,p,1\nb,q,2\n", "case\tpatient\tx\nb\tq\t5\nc\tr\t6\n");
    let found = read(&[("ct", "ct.csv", ct), ("pet", "pet.tsv", pet)], &[]).expect("tables");
    assert_eq!(found.names, ["ct.x", "pet.x"]);
    let cells = |case: &str| row(&found, case).into_iter().map(|cell| cell.unwrap_or_default()).collect::<Vec<_>>();
    assert_eq!(
        (cells("a"), cells("b"), cells("c")),
        (vec!["1".into(), String::new()], vec!["2".into(), "5".into()], vec![String::new(), "6".into()])
    );
    let error = read(&[("", "a.csv", ct), ("", "b.csv", ct)], &[]).expect_err("twice");
    assert!(error.contains("the column `x` is in "), "{error}");
}

#[test]
fn a_table_of_patients_says_what_it_says_of_each_of_their_lesions() {
    let lesions = "case,patient,x\na1,a,1\na2,a,2\nb1,b,3\nd1,d,4\n";
    let patients = "patient,age\nb,50\na,60\nc,70\n";
    for order in [[0, 1], [1, 0]] {
        let files = [("", "lesions.csv", lesions), ("", "patients.csv", patients)];
        let found = read(&order.map(|at| files[at]), &[]).expect("tables");
        let cases: Vec<&str> = found.rows.iter().map(|row| row.case.as_str()).collect();
        assert_eq!(cases, ["a1", "a2", "b1", "d1", "c"]);
        let ages: Vec<Option<&str>> = found.rows.iter().map(|row| row.cells.get("age")).collect();
        assert_eq!(ages, [Some("60"), Some("60"), Some("50"), None, Some("70")]);
        let alone: Vec<(usize, &str)> = found.alone.iter().map(|(_, count, first)| (*count, first.as_str())).collect();
        assert_eq!(alone, [(1, "d1"), (1, "c")]);
    }
}

#[test]
fn what_a_model_has_learnt_from_decides_what_a_column_is() {
    let text = "patient,n,site,size\n1,1,a,\n";
    let known =
        BTreeMap::from([("site".to_owned(), Some(vec!["a".to_owned(), "b".to_owned()])), ("size".to_owned(), None)]);
    let types = types(&[read(&[("", "t.csv", text)], &[]).expect("a table")], &known);
    let inputs: Vec<(&str, Option<usize>)> =
        types.inputs.iter().map(|input| (input.name.as_str(), input.levels.as_ref().map(Vec::len))).collect();
    assert_eq!(inputs, [("n", None), ("site", Some(2)), ("size", None)]);
}

#[test]
fn a_column_of_which_tables_say_different_things_is_none_of_theirs() {
    let (ct, pet) = ("case,x,site,dead\na,1,north,0\nb,2,south,NA\n", "case,y,site,dead\na,3,north,1\nb,4,south,1\n");
    let read = |columns: &[&str]| read(&[("", "ct.csv", ct), ("", "pet.csv", pet)], columns).expect("tables");
    let found = read(&["x", "y"]);
    assert_eq!((&found.others[..], found.contradicted["dead"].as_str()), (&["site".to_owned()][..], "a"));
    assert_eq!(found.rows[0].others, BTreeMap::from([("site".to_owned(), "north".to_owned())]));
}

#[test]
fn decimal_commas_are_refused_wherever_they_hide() {
    for text in ["patient\ta\tb\np1\t1\t1,5\np2\t2\t0,25\n", "patient\ta\np1\t1\np2\t2,5\n"] {
        let error = read(&[("", "t.tsv", text)], &[]).expect_err("commas");
        assert!(error.contains("has decimal commas (`") && error.contains("decimal points"), "{error}");
    }
    // A text with a comma is a text.
    assert!(read(&[("", "t.tsv", "patient\tsite\np1\tA, left\np2\tB, right\n")], &[]).is_ok());
}

#[test]
fn dates_are_no_inputs_however_they_are_written() {
    let text = "patient,a,b,c,d,voxels,year\n1,20100131,2010-01-31,31.1.2010,20100131.0,20100131,2010\n\
                2,20111201,2010-01-31 08:30,1.12.2010,20111201.0,20101301,2011\n3,19990228,2010-02-01,2.2.2010,,20100132,1999\n\
                4,20100131,2010-01-31,31.1.2010,19990228.0,20100133,2010\n";
    let types = types(&[read(&[("", "t.csv", text)], &[]).expect("a table")], &BTreeMap::new());
    assert_eq!(types.dates, ["a", "b", "c", "d"]);
    let inputs: Vec<&str> = types.inputs.iter().map(|input| input.name.as_str()).collect();
    assert_eq!((inputs, types.texts.is_empty()), (vec!["voxels", "year"], true));
}

#[test]
fn types_are_found_over_all_tables() {
    let text = "patient,n,sex,path,mixed\n1,1,f,a,1\n2,2,m,b,2\n3,,f,c,3\n4,4,m,d,<1\n";
    let types = types(&[read(&[("", "t.csv", text)], &[]).expect("a table")], &BTreeMap::new());
    let inputs: Vec<(&str, Option<usize>)> =
        types.inputs.iter().map(|input| (input.name.as_str(), input.levels.as_ref().map(Vec::len))).collect();
    assert_eq!(inputs, [("n", None), ("sex", Some(2)), ("mixed", None)]);
    assert_eq!(types.texts, ["path"]);
}

fn lost(features: &Features) -> Vec<(&str, &str)> {
    features.left_out.iter().map(|lost| (lost.case.as_str(), lost.reason.as_str())).collect()
}

fn patients(features: &Features) -> Vec<(&str, &str)> {
    features.rows.iter().map(|row| (row.case.as_str(), row.patient.as_str())).collect()
}

/// A spreadsheet with merged cells has the patient in the first row alone: whose the others are, nobody can say.
#[test]
fn a_row_without_a_patient_or_a_case_is_left_out_and_no_patient_of_its_own() {
    let text = "case,patient,x\nL1,P,1\nL2,,2\nL3,NA,3\n,P,4\n,,\n";
    let found = read(&[("", "t.csv", text)], &[]).expect("a table");
    assert_eq!(patients(&found), [("L1", "P")]);
    let (patient, case) =
        ("the table of features has no `patient` for it", "the table of features has no `case` for it");
    assert_eq!(lost(&found), [("line 5", case), ("line 6", case), ("L2", patient), ("L3", patient)]);
    let found = read(&[("", "t.csv", "patient,x\nP,1\n,2\n")], &[]).expect("a table");
    assert_eq!((patients(&found), lost(&found)), (vec![("P", "P")], vec![("line 3", patient)]));
    // Where no table has such a column, a case is a patient.
    let found = read(&[("", "t.csv", "case,x\nL1,1\nL2,2\n")], &[]).expect("a table");
    assert_eq!((patients(&found), lost(&found)), (vec![("L1", "L1"), ("L2", "L2")], vec![]));
    let error = read(&[("", "t.csv", "case,patient,x\n,P,1\n")], &[]).expect_err("nobody");
    assert!(error.contains("it has no row that can be used: line 2: the table of features has no `case`"), "{error}");
    // What another table says of the case is known.
    let files = [("", "a.csv", "case,patient,x\nL1,P,1\nL2,,2\n"), ("", "b.csv", "case,patient,y\nL2,P,2\n")];
    let found = read(&files, &[]).expect("tables");
    assert_eq!((patients(&found), lost(&found)), (vec![("L1", "P"), ("L2", "P")], vec![]));
}

#[test]
fn rows_of_one_case_say_together_what_the_case_is() {
    let text = "case,patient,region,original_x,y,stage\na,P,ring,1,,II\na,,tumour,2,1,II\nb,Q,ring,3,0,II\nb,Q,tumour,4,0.0,III\n";
    let found = read(&[("", "t.csv", text)], &["original_*"]).expect("a table");
    assert_eq!(patients(&found), [("a", "P"), ("b", "Q")]);
    // A blank is filled by the other row of the case, and a contradiction is as one between tables.
    let of = |at: usize| found.rows[at].others.get("y").map(String::as_str);
    assert_eq!([of(0), of(1)], [Some("1"), Some("0")]);
    assert_eq!((&found.others[..], found.contradicted["stage"].as_str()), (&["y".to_owned()][..], "b"));
    let error = |text: &str| read(&[("", "t.csv", text)], &[]).expect_err("it is refused");
    let other = error("case,patient,region,x\na,P,ring,1\na,OTHER,tumour,2\n");
    assert!(other.contains("line 3 has `a` of `OTHER`, and a row before it has it of `P`"), "{other}");
    let nowhere = error("case,region,x\na,ring,1\nb,,2\n");
    assert!(nowhere.contains("line 3 has no `region`, and other rows have one"), "{nowhere}");
}

#[test]
fn columns_without_a_name_are_no_inputs() {
    let text = ",patient,Unnamed: 0,x,Unnamed: 0.1,Unnamed\n0,p1,0,1,0,1\n1,p2,1,2,1,3\n";
    let found = read(&[("", "t.csv", text)], &[]).expect("a table");
    assert_eq!(found.names, ["x", "Unnamed"]);
    assert!(
        found.unnamed.len() == 1 && found.unnamed[0].contains("t.csv has 3 columns without a name"),
        "{:?}",
        found.unnamed
    );
    let found = read(&[("", "t.csv", ",patient,x\n0,p1,1\n")], &["x"]).expect("a table");
    assert_eq!((found.names.len(), found.others.len(), found.unnamed.len()), (1, 0, 1));
}

#[test]
fn a_table_of_cases_takes_the_patients_of_another_one() {
    let both = ("", "ct.csv", "case,patient,x\nL0,P0,1\nL1,P0,2\nP0,P0,3\n");
    let cases = ("", "pet.csv", "case,y\nL0,5\nL1,6\nP0,7\nL9,8\n");
    let of_patients = ("", "pat.csv", "patient,g\nP0,9\n");
    for files in [[both, cases, of_patients], [of_patients, cases, both]] {
        let found = read(&files, &[]).expect("tables");
        assert_eq!(patients(&found), [("L0", "P0"), ("L1", "P0"), ("P0", "P0")]);
        assert_eq!(lost(&found), [("L9", "the table of features has no `patient` for it")]);
        let cells = |name: &str| found.rows.iter().map(|row| row.cells.get(name)).collect::<Vec<_>>();
        assert_eq!(cells("y"), [Some("5"), Some("6"), Some("7")]);
        // Also of the case that is called like its patient, and of those beside it.
        assert_eq!(cells("g"), [Some("9"); 3]);
    }
    let error = read(&[both, ("", "b.csv", "case,patient,z\nL0,P1,1\n")], &[]).expect_err("two patients");
    assert!(error.contains("`L0` is of `P1` in ") && error.contains("and of `P0` elsewhere"), "{error}");
}

#[test]
fn flags_are_the_same_levels_whoever_wrote_them() {
    let tables = ["True,False,NA,False", "true,false,true,false"].map(|cells| {
        let rows: Vec<String> = cells.split(',').enumerate().map(|(at, cell)| format!("{at},{cell}\n")).collect();
        read(&[("", "t.csv", &format!("patient,smoker\n{}", rows.concat()))], &[]).expect("a table")
    });
    let types = types(&tables, &BTreeMap::new());
    assert_eq!(types.inputs[0].levels.as_deref(), Some(&["False".to_owned(), "True".to_owned()][..]));
}
