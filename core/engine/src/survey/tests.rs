//! Lists of cases from surveys.

use super::*;

fn survey() -> Survey {
    let series = |uid: &str, problem: Option<&str>| Series {
        uid: uid.into(),
        patient: "P 1".into(),
        modality: "CT".into(),
        folder: "/data/p1/ct".into(),
        problem: problem.map(str::to_owned),
        attributes: [("KVP".to_owned(), Json::from(120.0))].into(),
        ..Series::default()
    };
    let outlines = |path: &str, series: Option<&str>, names: &[&str]| Outlines {
        path: path.into(),
        series: series.map(str::to_owned),
        regions: (1..)
            .zip(names)
            .map(|(number, name)| Outlined { number, name: (*name).into(), ..Outlined::default() })
            .collect(),
        ..Outlines::default()
    };
    Survey {
        series: vec![series("1.1", None), series("1.2", Some("slices are missing")), series("1.3", None)],
        outlines: vec![
            outlines("/data/p1/rs.dcm", Some("1.1"), &["GTV-1", "Lung L", "lung?", "x", "x ", "", "#2"]),
            outlines("/elsewhere/other.dcm", Some("1.1"), &["GTV-1"]),
            outlines("/data/p1/rs2.dcm", Some("1.2"), &["GTV-1"]),
            outlines("/data/p1/rs3.dcm", Some("9.9"), &["GTV-1"]),
            outlines("/data/p1/rs4.dcm", None, &[]),
        ],
        ..Survey::default()
    }
}

#[test]
fn a_uid_in_a_line_of_text_is_short() {
    let long = "1.3.6.1.4.1.14519.5.2.1.5168.1900.104193299251798317056218297018";
    assert_eq!(list::short(long), "1.3.6.1.4.1.…056218297018");
    assert_eq!(list::short(&format!("{long}/EchoNumbers=2")), "1.3.6.1.4.1.…056218297018/EchoNumbers=2");
    assert_eq!(list::short("1.2.3/EchoNumbers=2"), "1.2.3/EchoNumbers=2");
    let mut survey = survey();
    survey.series[1].uid = long.into();
    let list = CaseList::new([&survey].into_iter(), Path::new("/data/cases.csv")).expect("a list");
    assert!(list.left_out[0].starts_with("the CT series 1.3.6.1.4.1.…056218297018 of patient"), "{list:?}");
}

#[test]
fn there_is_a_row_for_each_region_that_can_be_used_and_a_reason_for_all_else() {
    let list = CaseList::new([&survey()].into_iter(), Path::new("/data/cases.csv")).expect("a list");
    let cases: Vec<(&str, &str)> = list.rows.iter().map(|row| (row.case.as_str(), row.region.as_str())).collect();
    let expected = [
        ("P_1_CT_GTV-1_1", "GTV-1"),
        ("P_1_CT_Lung_L", "Lung L"),
        ("P_1_CT_lung_", "#3"),
        ("P_1_CT_x_1", "#4"),
        ("P_1_CT_x_2", "#5"),
        ("P_1_CT_6", "#6"),
        ("P_1_CT__2", "#7"),
        ("P_1_CT_GTV-1_2", "GTV-1"),
    ];
    assert_eq!(cases, expected);
    let row = &list.rows[0];
    assert_eq!([&row.image, &row.mask, &row.series, &row.kvp], ["p1/ct", "p1/rs.dcm", "1.1", "120"]);
    assert_eq!(list.rows[7].mask, "/elsewhere/other.dcm");
    for (line, words) in list.left_out.iter().zip([
        "1.2 of patient `P 1`: slices are missing",
        "1.3 of patient `P 1`: no file of outlines",
        "rs3.dcm: it was drawn on the series 9.9, which is not in the folder",
        "rs4.dcm: it does not say",
    ]) {
        assert!(line.contains(words), "{line} lacks {words}");
    }
    assert_eq!(list.left_out.len(), 4);
}

#[test]
fn a_region_that_nothing_is_drawn_for_is_left_out() {
    let mut survey = survey();
    survey.series.truncate(1);
    survey.outlines.truncate(1);
    for region in &mut survey.outlines[0].regions[1..] {
        region.empty = true;
    }
    let list = CaseList::new([&survey].into_iter(), Path::new("/data/cases.csv")).expect("a list");
    assert_eq!(list.rows.iter().map(|row| row.region.as_str()).collect::<Vec<_>>(), ["GTV-1"]);
    let [line] = list.left_out.as_slice() else { panic!("{:?}", list.left_out) };
    assert!(line.contains("rs.dcm: nothing is drawn for `#2 Lung L`, `#3 lung?`"), "{line}");
}

#[test]
fn what_was_tried_in_vain_is_left_out_and_what_must_be_chosen_is_said() {
    let mut survey = survey();
    survey.series[2].uid = "1.4/TemporalPositionIdentifier=2".into();
    survey.outlines.truncate(1);
    survey.outlines[0].regions.truncate(3);
    survey.outlines[0].regions[1].problems.insert("1.1".into(), "it is not flat".into());
    survey.outlines[0].regions[2].off_grid.push("1.1".into());
    let list = CaseList::new([&survey].into_iter(), Path::new("/data/cases.csv")).expect("a list");
    let regions: Vec<&str> = list.rows.iter().map(|row| row.region.as_str()).collect();
    assert_eq!(regions, ["GTV-1", "#3"]);
    assert!(list.left_out.iter().any(|line| line.contains("rs.dcm, `#2 Lung L`: it is not flat")), "{list:?}");
    assert!(list.remarks[0].contains("on_mismatch"), "{list:?}");
    // A file that names no series has a row for each that it fits.
    let unnamed = &mut survey.outlines[0];
    (unnamed.series, unnamed.patient) = (None, "P 1".into());
    unnamed.candidates = vec!["1.1".into(), "1.2".into(), "1.4".into()];
    unnamed.regions.truncate(2);
    unnamed.regions[0].problems.insert("1.1".into(), "it is not inside".into());
    let list = CaseList::new([&survey].into_iter(), Path::new("/data/cases.csv")).expect("a list");
    let rows: Vec<[&str; 2]> = list.rows.iter().map(|row| [&*row.series, &*row.region]).collect();
    let second = "1.4/TemporalPositionIdentifier=2";
    assert_eq!(rows, [[second, "GTV-1"], [second, "Lung L"]]);
    let [remark] = list.remarks.as_slice() else { panic!("{list:?}") };
    assert!(remark.contains("does not say which series") && remark.contains("each of the 1 images"), "{remark}");
}

#[test]
fn the_volumes_of_a_series_are_cases_of_their_own() {
    let mut survey = survey();
    let volumes =
        ["EchoNumbers=1,ImageType=M\\ND", "EchoNumbers=2,ImageType=M\\ND"].map(|volume| format!("1.1/{volume}"));
    survey.series = volumes.iter().map(|uid| Series { uid: uid.clone(), ..survey.series[0].clone() }).collect();
    survey.outlines.truncate(2);
    survey.outlines[0].regions.truncate(1);
    survey.outlines[1].series = Some(volumes[1].clone());
    survey.outlines.push(Outlines { path: "/any.dcm".into(), series: None, ..survey.outlines[0].clone() });
    survey.outlines[2].patient = "P 1".into();
    let list = CaseList::new([&survey].into_iter(), Path::new("/data/cases.csv")).expect("a list");
    let rows: Vec<[&str; 3]> = list.rows.iter().map(|row| [&*row.case, &row.series, &row.mask]).collect();
    let [first, second] = volumes.each_ref().map(String::as_str);
    let expected = [
        ["P_1_CT_EchoNumbers_1_ImageType_M_ND_GTV-1_1", first, "p1/rs.dcm"],
        ["P_1_CT_EchoNumbers_1_ImageType_M_ND_GTV-1_2", first, "/any.dcm"],
        ["P_1_CT_EchoNumbers_2_ImageType_M_ND_GTV-1_1", second, "p1/rs.dcm"],
        ["P_1_CT_EchoNumbers_2_ImageType_M_ND_GTV-1_2", second, "/elsewhere/other.dcm"],
        ["P_1_CT_EchoNumbers_2_ImageType_M_ND_GTV-1_3", second, "/any.dcm"],
    ];
    assert_eq!((rows.as_slice(), list.left_out.as_slice()), (&expected[..], &[][..]));
    let path = tempfile::tempdir().expect("a folder").path().join("cases.csv");
    list.write(&path).expect("it is written");
    let cases = crate::cases::from_csv(&path).expect("it is read");
    assert!(cases.iter().zip(&list.rows).all(|(case, row)| case.series.as_ref() == Some(&row.series)));
}

#[test]
fn a_list_reads_back_as_the_cases_that_it_was_made_of() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/cases.csv");
    let mut survey = survey();
    survey.series[0].folder = folder.path().join("new");
    survey.outlines[0].path = folder.path().join("new/a, \"b\".dcm");
    let list = CaseList::new([&survey].into_iter(), &path).expect("a list");
    list.write(&path).expect("it is written");
    let cases = crate::cases::from_csv(&path).expect("it is read");
    assert_eq!(cases.len(), list.rows.len());
    for (case, row) in cases.iter().zip(&list.rows) {
        assert_eq!((&case.name, case.region.as_ref(), case.fault.as_ref()), (&row.case, Some(&row.region), None));
        assert_eq!((case.series.as_deref(), case.covariate("kvp")), (Some("1.1"), Some("120")));
    }
    assert_eq!((&cases[0].image, &cases[0].mask), (&folder.path().join("new/."), &survey.outlines[0].path));
}

#[cfg(unix)]
#[test]
fn a_path_that_a_list_cannot_hold_is_left_out() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut survey = survey();
    survey.outlines.truncate(1);
    for (path, words) in [(&b"/data/M\xfcller"[..], "not UTF-8"), (b"/data/p1 ", "a blank")] {
        survey.series[0].folder = std::ffi::OsStr::from_bytes(path).into();
        let list = CaseList::new([&survey].into_iter(), Path::new("/data/cases.csv")).expect("a list");
        assert!(list.rows.is_empty() && list.left_out[0].contains(words), "{:?}", list.left_out);
    }
}
