//! Series with something wrong: the case fails with the reason, the others are as if it were not there.

use std::fs;

use voxomics_tests::{
    batch::Batch,
    dicom::{self, EXPLICIT, Object, tags},
    scene::{self, DIMS, SPACING},
};

use crate::made::{EXPERIMENT, SERIES, write};

/// What is wrong with the first of three cases.
struct Fault {
    name: &'static str,
    damage: fn(&Batch, Vec<Object>),
    /// Words of the error; none if the features must be those of the sound series.
    words: &'static [&'static str],
}

/// Slice 6 of the series, counted from 0.
const FILE: &str = "1/06.dcm";

fn rewrite(batch: &Batch, mut slices: Vec<Object>, change: impl Fn(Object) -> Object) {
    batch.write(FILE, change(slices.swap_remove(6)).file(EXPLICIT));
}

fn moved(slices: &[Object], by: impl Fn(f64) -> [f64; 3]) -> Vec<Object> {
    let place = |z: usize| {
        let [x, y, above] = by(z as f64);
        [20.0 + x, -12.5 + y, -300.0 + SPACING[2] * z as f64 + above]
    };
    let slices = slices.iter().enumerate();
    slices.map(|(z, slice)| slice.clone().decimals(tags::IMAGE_POSITION_PATIENT, &place(z))).collect()
}

fn cut(batch: &Batch, keep: impl Fn(usize) -> usize) {
    let bytes = fs::read(batch.path(FILE)).expect("a file");
    batch.write(FILE, &bytes[..keep(bytes.len())]);
}

const FAULTS: &[Fault] = &[
    Fault { name: "sound", damage: |_, _| {}, words: &[] },
    Fault {
        name: "a missing slice",
        damage: |batch, _| fs::remove_file(batch.path(FILE)).expect("a file"),
        words: &["1 slice is missing", "05.dcm", "07.dcm", "4.000 mm"],
    },
    Fault {
        name: "a slice twice, with other voxels",
        damage: |batch, slices| {
            let pixels = vec![1; 2 * DIMS[0] * DIMS[1]];
            let other =
                slices[6].clone().text(tags::SOP_INSTANCE_UID, "UI", "1.2.99").bytes(tags::PIXEL_DATA, "OW", pixels);
            batch.write("1/again.dcm", other.file(EXPLICIT));
        },
        words: &["two slices at the same place", "06.dcm", "again.dcm"],
    },
    Fault {
        name: "a copy of a slice",
        damage: |batch, slices| drop(batch.write("1/again.dcm", slices[6].file(EXPLICIT))),
        words: &[],
    },
    Fault {
        name: "a tilted gantry",
        damage: |batch, slices| write(batch, "1", &moved(&slices, |z| [0.0, 0.3 * z, 0.0]), EXPLICIT),
        words: &["gantry tilt of 8.531 degrees"],
    },
    Fault {
        name: "uneven slices",
        damage: |batch, slices| write(batch, "1", &moved(&slices, |z| [0.0, 0.0, 0.02 * z * z]), EXPLICIT),
        words: &["uneven slices"],
    },
    Fault {
        name: "a slice cut within its pixels",
        damage: |batch, _| cut(batch, |length| length - 100),
        words: &["06.dcm", "truncated"],
    },
    Fault {
        name: "a slice cut within its header",
        damage: |batch, _| cut(batch, |_| 401),
        words: &["06.dcm", "truncated"],
    },
    Fault {
        name: "a slice cut between two elements",
        damage: |batch, _| cut(batch, |_| 400),
        words: &["06.dcm", "FrameOfReferenceUID"],
    },
    Fault {
        name: "a slice of another size",
        damage: |batch, slices| {
            rewrite(batch, slices, |slice| {
                slice.short(tags::ROWS, DIMS[1] - 1).bytes(tags::PIXEL_DATA, "OW", vec![0; 448])
            });
        },
        words: &["slices of different size in one series", "06.dcm"],
    },
    Fault {
        name: "a slice of another frame of reference",
        damage: |batch, slices| rewrite(batch, slices, |slice| slice.text(tags::FRAME_OF_REFERENCE_UID, "UI", "1.2.8")),
        words: &["06.dcm", "FrameOfReferenceUID"],
    },
    Fault {
        name: "a slice without its place",
        damage: |batch, slices| rewrite(batch, slices, |slice| slice.without(tags::IMAGE_POSITION_PATIENT)),
        words: &["06.dcm", "ImagePositionPatient"],
    },
    Fault {
        name: "a compression that is not read",
        damage: |batch, slices| {
            let slice = slices[6].clone().fragments(&[&[0xFF, 0xD8]]);
            batch.write(FILE, slice.file("1.2.840.10008.1.2.4.110"));
        },
        words: &["06.dcm", "JPEG XL"],
    },
    Fault {
        name: "outlines of another series",
        damage: |batch, _| {
            let lesion = scene::mask();
            batch.write("1-rs.dcm", dicom::outlines(&[(1, "GTV", &lesion)], "1.2.77").file(EXPLICIT));
        },
        words: &["1-rs.dcm", "1.2.77", SERIES],
    },
    Fault {
        name: "outlines of thinner slices",
        damage: |batch, _| {
            let mut lesion = scene::mask();
            lesion.rows[2][2] = 1.0;
            batch.write("1-rs.dcm", dicom::outlines(&[(1, "GTV", &lesion)], SERIES).file(EXPLICIT));
        },
        words: &["1-rs.dcm", "GTV", "slice"],
    },
    Fault {
        name: "an outline that is cut",
        damage: |batch, _| {
            let bytes = fs::read(batch.path("1-rs.dcm")).expect("a file");
            batch.write("1-rs.dcm", &bytes[..bytes.len() / 2]);
        },
        words: &["1-rs.dcm", "truncated"],
    },
];

#[test]
fn a_damaged_series_is_the_fault_of_its_case_alone() {
    let list = "case,image,mask\n1,1,1-rs.dcm\n2,2,2-rs.dcm\n3,3.nii,3-mask.nii\n";
    let lesion = scene::mask();
    let batch = Batch::new(EXPERIMENT, list);
    batch.scan("3.nii", &scene::image(3));
    batch.scan("3-mask.nii", &lesion);
    let series = |case| dicom::series(&scene::image(case), SERIES);
    write(&batch, "2", &series(2), EXPLICIT);
    batch.write("2-rs.dcm", dicom::outlines(&[(1, "GTV", &lesion)], SERIES).file(EXPLICIT));
    let mut sound: Option<Vec<String>> = None;
    let mut wrong = Vec::new();
    for Fault { name, damage, words } in FAULTS {
        let _none_at_first = fs::remove_dir_all(batch.path("1"));
        write(&batch, "1", &series(1), EXPLICIT);
        batch.write("1-rs.dcm", dicom::outlines(&[(1, "GTV", &lesion)], SERIES).file(EXPLICIT));
        damage(&batch, series(1));
        let ran = batch.run_into(&name.replace(' ', "-"), &[]);
        let failures = if words.is_empty() { Vec::new() } else { ran.table("failures.csv") };
        let message = failures.first().map_or("", |row| row["message"].as_str());
        println!("| {name} | exit {} | {message} |", ran.said.code.unwrap_or(-1));
        let sound = sound.get_or_insert_with(|| ran.features_of(&["1", "2", "3"]));
        let (cases, code) = if words.is_empty() { (&["1", "2", "3"][..], 0) } else { (&["2", "3"][..], 3) };
        let expected: Vec<&String> =
            sound.iter().filter(|line| cases.iter().any(|case| line.starts_with(case))).collect();
        let of_first = failures.iter().all(|row| row["case"] == "1");
        let is_told = of_first && words.iter().all(|word| message.contains(word));
        let found = ran.lines("features.csv");
        let found: Vec<&String> = found.iter().skip(1).collect();
        // A case that fails may have rows without values.
        let found: Vec<&String> =
            found.into_iter().filter(|line| cases.iter().any(|case| line.starts_with(case))).collect();
        if ran.said.code != Some(code) || !is_told || found != expected {
            wrong.push(format!("{name}: {:?}", ran.said));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
