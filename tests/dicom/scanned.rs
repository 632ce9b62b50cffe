//! What `scan` lists as a case, `run` reads; what it does not list, it says why.

use voxomics_tests::{
    batch::Batch,
    dicom::{self, EXPLICIT},
    run, scene, table,
};

use crate::made::{EXPERIMENT, SERIES, write};

#[test]
fn what_is_listed_runs_whatever_lies_beside_it() {
    let batch = Batch::new(EXPERIMENT, "");
    let slices = dicom::series(&scene::image(1), SERIES);
    write(&batch, "a/ct", &slices, EXPLICIT);
    batch.write("a/ct/broken.dcm", b"nothing");
    // A copy with a file that could be one of its slices.
    write(&batch, "b/ct", &slices, EXPLICIT);
    batch.write("b/ct/99.dcm", b"nothing");
    let other = dicom::series(&scene::image(2), "1.2.3");
    write(&batch, "c", &other, EXPLICIT);
    batch.write("c/99.dcm", b"nothing");
    let lesion = scene::mask();
    let mut far = scene::mask();
    far.rows[0][3] += 1000.0;
    let regions = [(1, "GTV", &lesion), (2, "elsewhere", &far)];
    batch.write("rs.dcm", dicom::outlines(&regions, SERIES).file(EXPLICIT));
    batch.write("rs2.dcm", dicom::outlines(&regions[..1], "1.2.3").file(EXPLICIT));
    let [folder, cases] = ["", "cases.csv"].map(|name| batch.path(name).display().to_string());
    let said = run(["scan", &folder, "--cases", &cases]);
    assert_eq!(said.code, Some(3), "{said:?}");
    for words in ["`#2 elsewhere`: region `elsewhere` has no voxel inside the image", "99.dcm", "may be a slice"] {
        assert!(said.err.contains(words), "`{words}` is not in {}", said.err);
    }
    assert!(said.out.contains("#2 cannot be read"), "{}", said.out);
    let rows = table(&batch.path("cases.csv"));
    let cells: Vec<[&str; 3]> = rows.iter().map(|row| [&*row["region"], &*row["image"], &*row["modality"]]).collect();
    assert_eq!(cells, [["GTV", "a/ct", "CT"]]);
    let ran = batch.run().well();
    assert!(ran.said.err.contains("broken.dcm") && ran.said.err.contains("left out"), "{}", ran.said.err);
    // An experiment chooses by any column of the list.
    for (modality, code, words) in [("CT", 0, "1 of 1 case done"), ("MR", 2, "`modality` must be `MR` and is `CT`")] {
        batch.write("experiment.toml", format!("{EXPERIMENT}\n[cases]\nonly = {{ modality = [\"{modality}\"] }}\n"));
        let ran = batch.run_into(modality, &[]);
        assert_eq!(ran.said.code, Some(code), "{:?}", ran.said);
        assert!(ran.said.err.contains(words) || ran.said.out.contains(words), "{:?}", ran.said);
    }
}

#[test]
fn a_warning_that_many_cases_share_is_said_once_with_their_number() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask,region\n1,ct,1.dcm,A\n2,ct,2.dcm,B\n3,ct,3.dcm,C\n");
    write(&batch, "ct", &dicom::series(&scene::image(1), SERIES), EXPLICIT);
    let lesion = scene::mask();
    for (file, name) in [("1.dcm", "A"), ("2.dcm", "B"), ("3.dcm", "C")] {
        // Under a number of its own each contour is there twice.
        let twice = [(1, name, &lesion), (1, name, &lesion)];
        let mut outlines = dicom::outlines(&twice, SERIES);
        outlines = outlines.items(0x3006_0020, vec![listed(name)]);
        batch.write(file, outlines.file(EXPLICIT));
    }
    let ran = batch.run().well();
    let lines: Vec<&str> = ran.said.err.lines().filter(|line| line.contains("are there twice")).collect();
    assert_eq!(lines.len(), 2, "{}", ran.said.err);
    assert!(lines[1].contains("2 more cases have a warning like that of"), "{}", lines[1]);
    let record = std::fs::read_to_string(ran.out.join("run.json")).expect("a record");
    assert_eq!(record.matches("are there twice").count(), 3);
}

fn listed(name: &str) -> dicom::Object {
    dicom::Object::default().text(0x3006_0022, "IS", "1").text(0x3006_0026, "LO", name)
}
