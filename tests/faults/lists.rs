//! Lists of cases and output folders that are not what they should be.

use voxomics_tests::batch::{Batch, names};

use crate::answers::{Answer::Fails, Fault, Three, matrix};

/// A run that is refused before anything is read or written.
#[track_caller]
fn refused(what: &str, batch: &Batch, out: &str, says: &[&str]) {
    let before = names(&batch.path(""));
    let ran = batch.run_into(out, &[]);
    println!("| {what} | exit {} | {} |", ran.said.code.unwrap_or(-1), ran.said.err.trim_end());
    assert_eq!(ran.said.code, Some(2), "{what}: {:?}", ran.said);
    for words in says {
        assert!(ran.said.err.contains(words), "{what} lacks `{words}`: {}", ran.said.err);
    }
    assert_eq!(names(&batch.path("")), before, "{what}: something was written");
}

#[test]
fn a_list_that_is_wrong_as_a_whole_is_refused() {
    let list = |bytes: &[u8]| {
        let three = Three::new();
        three.batch.write("cases.csv", bytes);
        three.batch
    };
    let cases: [(&str, &[u8], &[&str]); 7] = [
        ("a column listed twice", b"case,image,mask,mask\na,b,c,d\n", &["the column `mask` twice"]),
        ("semicolons", b"case;image;mask\na;b;c\n", &["separated by semicolons, expected commas"]),
        ("a column of the results", b"case,image,mask,statistics.mean\na,b,c,1\n", &["`statistics.mean`", "another"]),
        ("no such column", b"case,image,msak\na,b,c\n", &["no column `mask`", "did you mean `msak`?"]),
        ("columns in capitals", b"Case,Image,Mask\na,b,c\n", &["no column `case`", "did you mean `Case`?"]),
        ("an empty file", b"", &["no column `case`"]),
        ("a header and nothing else", b"case,image,mask\n", &["it has no cases"]),
    ];
    for (what, bytes, says) in cases {
        refused(what, &list(bytes), "out", &[&["cases.csv"], says].concat());
    }
    let three = Three::new();
    std::fs::remove_file(three.batch.path("cases.csv")).expect("a list");
    refused("no list", &three.batch, "out", &["cases.csv", "No such file"]);
}

#[test]
fn an_output_folder_that_cannot_be_written_is_refused_before_the_work() {
    let three = Three::new();
    three.batch.write("a-file", "");
    refused("output below a file", &three.batch, "a-file/out", &["cannot write to the output folder", "a-file/out"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = three.batch.path("locked");
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o500)).expect("the owner may");
        if std::fs::write(folder.join("probe"), "").is_ok() {
            println!("| output folder read-only | left out: nobody forbids root to write |");
        } else {
            refused("output folder read-only", &three.batch, "locked", &["cannot write to the output folder"]);
        }
    }
}

#[test]
fn a_bad_row_is_the_fault_of_its_case_alone() {
    matrix(&[
        Fault {
            name: "a row that is not UTF-8",
            damage: |three| rows(three, b"1,M\xfcller.nii.gz,1-mask.nii.gz\n"),
            answer: Fails("load", "", &["line 2 of the case list is not UTF-8"]),
        },
        Fault {
            name: "a row with a cell too few",
            damage: |three| rows(three, b"1,1.nii.gz\n"),
            answer: Fails("load", "", &["line 2 of the case list has 2 cells, expected 3"]),
        },
        Fault {
            name: "a label that is not a number",
            damage: |three| row(three, "two", "1-mask.nii.gz"),
            answer: Fails("load", "", &["`two` is not a number", "line 2 of the case list"]),
        },
        Fault {
            name: "a label that is infinite",
            damage: |three| row(three, "inf", "1-mask.nii.gz"),
            answer: Fails("load", "", &["`inf` is not a number", "line 2 of the case list"]),
        },
        Fault {
            name: "a row without a mask",
            damage: |three| row(three, "1", ""),
            answer: Fails("load", "", &["no mask", "line 2"]),
        },
        Fault {
            name: "a label that is the background",
            damage: |three| row(three, "0", "1-mask.nii.gz"),
            answer: Fails("load", "", &["label 0 is the background", "line 2"]),
        },
    ]);
}

/// Other rows for the first case.
fn rows(three: &Three, rows: &[u8]) {
    let others = b"2,2.nii.gz,2-mask.nii.gz\n3,3.nii.gz,3-mask.nii.gz\n";
    three.batch.write("cases.csv", [b"case,image,mask\n", rows, others].concat());
}

#[test]
fn a_case_listed_twice_is_run_neither_time_and_costs_no_other() {
    let good = Three::new().batch.run().well().lines("features.csv");
    let three = Three::new();
    rows(&three, b"1,1.nii.gz,1-mask.nii.gz\n1,2.nii.gz,2-mask.nii.gz\n");
    let ran = three.batch.run();
    println!("| a case listed twice | exit {} | {} |", ran.said.code.unwrap_or(-1), ran.said.err.trim_end());
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let says = "the case list has this case more than once (lines 2, 3); each row needs a name of its own";
    let failures = ran.table("failures.csv");
    assert_eq!(failures.iter().map(|row| (&*row["case"], &*row["message"])).collect::<Vec<_>>(), [("1", says); 2]);
    let others = good.into_iter().filter(|line| !line.starts_with("1,")).collect::<Vec<_>>();
    assert_eq!(ran.lines("features.csv"), others);
}

fn row(three: &Three, label: &str, mask: &str) {
    let others = "2,2.nii.gz,2-mask.nii.gz,\n3,3.nii.gz,3-mask.nii.gz,1\n";
    three.batch.write("cases.csv", format!("case,image,mask,label\n1,1.nii.gz,{mask},{label}\n{others}"));
}
