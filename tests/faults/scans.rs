//! Damaged scans.

use std::fs;

use voxomics_tests::{
    nifti::{Nifti, gz, straight},
    scene::{self, LESION_VOXELS, SPACING, in_lesion},
};

use crate::answers::{
    Answer::{Fails, Same},
    Fault, Three, matrix,
};

const IMAGE: &str = "1.nii.gz";
const MASK: &str = "1-mask.nii.gz";

fn flip(mut bytes: Vec<u8>, at: usize) -> Vec<u8> {
    bytes[at] ^= 0x10;
    bytes
}

/// A gzip stream that stores instead of compressing: any flipped byte of it is one of the scan.
fn stored(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn cut(bytes: Vec<u8>) -> Vec<u8> {
    bytes[..bytes.len() / 2].to_vec()
}

/// The image in single precision, with another value where the question says so.
fn floats(three: &Three, value: f32, there: impl Fn([usize; 3]) -> bool) -> Nifti {
    three.image.map(|index| if there(index) { value } else { f32::from(scene::noise(1, index) - 100) })
}

fn labelled<V: voxomics_tests::nifti::Voxel>(three: &Three, label: V, background: V) {
    three.write_mask(&three.mask.map(|index| if in_lesion(index) { label } else { background }));
}

fn list_with_label(of_the_first: &str) -> String {
    let line = |case: u32, label: &str| format!("{case},{case}.nii.gz,{case}-mask.nii.gz,{label}\n");
    format!("case,image,mask,label\n{}{}{}", line(1, of_the_first), line(2, ""), line(3, "1"))
}

#[test]
fn a_lesion_without_an_intensity_in_range_keeps_its_shape() {
    let whole = Three::new().batch.run().well().region("1", "tumour");
    let mut three = Three::new();
    three.write_image(&floats(&three, 5000.0, in_lesion));
    three.set("resegmentation.range=[-1000, 1000]");
    let ran = three.batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    let failures = ran.table("failures.csv");
    let rule = "re-segmentation (intensities from -1000.0 to 1000.0)";
    let message = format!("empty region: {rule} leaves no voxel of {LESION_VOXELS}");
    let [failure] = &failures[..] else { panic!("it is not one failure: {failures:?}") };
    assert_eq!(["case", "stage", "region"].map(|key| failure[key].as_str()), ["1", "re-segmentation", "tumour"]);
    assert!(failure["message"].starts_with(&message) && failure["message"].contains(IMAGE), "{failure:?}");
    let of_intensities = ["centre_of_mass_shift", "integrated_intensity", "morans_i_index", "gearys_c_measure"];
    for row in ran.table("features_long.csv").iter().filter(|row| row["case"] == "1" && row["region"] == "tumour") {
        let column = format!("{}.{}", row["family"], row["feature"]);
        let reason = match row["family"].as_str() {
            "morphology" if !of_intensities.contains(&row["feature"].as_str()) => {
                assert_eq!(row["value"], whole[&column], "{column}");
                ""
            }
            "morphology" => "the intensity mask has no voxel: re-segmentation leaves none",
            _ => message.as_str(),
        };
        assert_eq!(row["reason"], reason, "{column}");
    }
    assert!(!ran.region("1", "ring")["glcm.contrast"].is_empty(), "the ring lies around the lesion");
}

#[test]
fn a_damaged_file_is_the_fault_of_its_case_alone() {
    matrix(&[
        Fault {
            name: "image.nii.gz cut in half",
            damage: |three| drop(three.batch.write(IMAGE, cut(three.image.gz()))),
            answer: Fails("load", "", &[IMAGE, "truncated: the gzip data stop in the middle"]),
        },
        Fault {
            name: "mask.nii.gz cut in half",
            damage: |three| drop(three.batch.write(MASK, cut(three.mask.gz()))),
            answer: Fails("load", "", &[MASK, "truncated: the gzip data stop in the middle"]),
        },
        Fault {
            name: "one flipped byte in compressed data",
            damage: |three| drop(three.batch.write(IMAGE, flip(three.image.gz(), 2000))),
            answer: Fails("load", "", &[IMAGE, "the gzip data are damaged"]),
        },
        Fault {
            name: "one flipped byte of a voxel, CRC",
            damage: |three| drop(three.batch.write(IMAGE, flip(stored(&three.image.bytes()), 2000))),
            answer: Fails("load", "", &[IMAGE, "the gzip data are damaged", "CRC"]),
        },
        Fault {
            name: "not a NIfTI",
            damage: |three| drop(three.batch.write(IMAGE, "Dear colleague, the scans are on the other drive.")),
            answer: Fails("load", "", &[IMAGE, "no loader of the experiment knows it"]),
        },
        Fault {
            name: "empty file",
            damage: |three| drop(three.batch.write(IMAGE, "")),
            answer: Fails("load", "", &[IMAGE, "an empty file"]),
        },
        Fault {
            name: "compressed nothing",
            damage: |three| drop(three.batch.write(IMAGE, gz(b""))),
            answer: Fails("load", "", &[IMAGE]),
        },
        Fault {
            name: "a folder instead of a file",
            damage: |three| {
                fs::remove_file(three.batch.path(IMAGE)).expect("a file");
                fs::create_dir(three.batch.path(IMAGE)).expect("a folder");
            },
            answer: Fails("load", "", &[IMAGE, "a folder"]),
        },
        Fault {
            name: "missing image",
            damage: |three| fs::remove_file(three.batch.path(IMAGE)).expect("a file"),
            answer: Fails("load", "", &[IMAGE, "No such file"]),
        },
        Fault {
            name: "missing mask",
            damage: |three| fs::remove_file(three.batch.path(MASK)).expect("a file"),
            answer: Fails("load", "", &[MASK, "No such file"]),
        },
        Fault {
            name: "no permission to read",
            damage: |three| forbid(three),
            answer: Fails("load", "", &[IMAGE, "ermission denied"]),
        },
        Fault {
            name: "header promises more than the file has",
            damage: |three| drop(three.batch.write(IMAGE, cut(three.image.bytes()))),
            answer: Fails("load", "", &[IMAGE, "the header promises"]),
        },
        Fault {
            name: "the same, compressed",
            damage: |three| drop(three.batch.write(IMAGE, gz(&cut(three.image.bytes())))),
            answer: Fails("load", "", &[IMAGE, "the header promises"]),
        },
        Fault {
            name: "header promises more than max_scan_bytes",
            damage: |three| {
                three.set("limits.max_scan_bytes=1000000");
                let mut bomb = three.image.clone();
                bomb.dims = vec![1000, 1000, 1000];
                three.batch.write(IMAGE, gz(&[bomb.bytes(), vec![0; 1 << 20]].concat()));
            },
            answer: Fails("load", "", &[IMAGE, "the limit is 1000000"]),
        },
        Fault {
            name: "gzip bomb behind a small header",
            damage: |three| drop(three.batch.write(IMAGE, gz(&[three.image.bytes(), vec![0; 8 << 20]].concat()))),
            answer: Fails("load", "", &[IMAGE, "the header does not describe this file"]),
        },
        Fault {
            name: "4-D image",
            damage: |three| {
                let mut series = three.image.clone();
                series.dims.push(2);
                series.voxels.extend(&three.image.voxels);
                three.write_image(&series);
            },
            answer: Fails("load", "", &[IMAGE, "expected one volume"]),
        },
        Fault {
            name: "affine that cannot be inverted",
            damage: |three| {
                let mut image = three.image.clone();
                image.rows[1] = image.rows[0];
                three.write_image(&image);
            },
            answer: Fails("load", "", &[IMAGE, "singular"]),
        },
        Fault {
            name: "absurd spacing",
            damage: |three| {
                let mut image = three.image.clone();
                image.rows = straight([1.0, 1e6, 1.0], [0.0; 3]);
                three.write_image(&image);
            },
            answer: Fails("load", "", &[IMAGE, "a voxel spacing of", "1000000"]),
        },
        Fault {
            name: "other byte order",
            damage: |three| three.write_image(&Nifti { big_endian: true, ..three.image.clone() }),
            answer: Same,
        },
    ]);
}

#[cfg(unix)]
fn forbid(three: &mut Three) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = three.batch.path(IMAGE);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("the owner may");
    if fs::File::open(&path).is_ok() {
        three.leave_out("nobody forbids root to read");
    }
}

#[cfg(not(unix))]
fn forbid(three: &mut Three) {
    three.leave_out("permissions are those of Unix");
}

#[test]
fn a_mask_elsewhere_says_what_differs_and_by_how_much() {
    matrix(&[
        Fault {
            name: "mask 1 m away",
            damage: |three| moved_by(three, [1000.0, 0.0, 0.0]),
            answer: Fails("geometry", "", &[MASK, "share no space", "[4.5, 20.5]", "[-995.5, -979.5]"]),
        },
        Fault {
            name: "mask 3 mm away",
            damage: |three| moved_by(three, [0.0, 0.0, 3.0]),
            answer: Fails("geometry", "", &[MASK, "lies 3.000 mm from the image's", "0.000, 0.000, 3.000 mm"]),
        },
        Fault {
            name: "mask of another spacing",
            damage: |three| {
                let rows = straight([1.0, 1.25, 2.5], [-20.0, 12.5, -300.0]);
                three.write_mask(&Nifti { rows, ..three.mask.clone() });
            },
            answer: Fails("geometry", "", &[MASK, "the spacing along z is 2 mm in the image and 2.5 mm in the mask"]),
        },
        Fault {
            name: "mask one row short",
            damage: |three| {
                three.write_mask(&Nifti::new([16, 14, 12], three.mask.rows, |index| u8::from(in_lesion(index))));
            },
            answer: Fails("geometry", "", &[MASK, "the image has 16 × 15 × 12 voxels, the mask 16 × 14 × 12"]),
        },
        Fault {
            name: "mask with a flipped axis",
            damage: |three| {
                let mut rows = three.mask.rows;
                rows[0] = [-SPACING[0], 0.0, 0.0, rows[0][3] + 15.0 * SPACING[0]];
                three.write_mask(&Nifti { rows, ..three.mask.clone() });
            },
            answer: Fails("geometry", "", &[MASK, "the x axes of image and mask differ by 180.000°", "15.000 mm"]),
        },
    ]);
}

fn moved_by(three: &mut Three, mm: [f64; 3]) {
    let mut mask = three.mask.clone();
    for axis in 0..3 {
        mask.rows[axis][3] += mm[axis];
    }
    three.write_mask(&mask);
}

#[test]
fn labels_and_voxels_are_taken_as_they_are_or_not_at_all() {
    matrix(&[
        Fault {
            name: "empty mask",
            damage: |three| labelled(three, 0_u8, 0),
            answer: Fails("regions", "tumour", &["empty region", MASK, "label 1 is wanted"]),
        },
        Fault {
            name: "label 2 instead of 1",
            damage: |three| labelled(three, 2_u8, 0),
            answer: Fails("regions", "tumour", &[MASK, "label 1 is not in", "the labels present are 2 (279 voxels)"]),
        },
        Fault {
            name: "label 2, which the case list names",
            damage: |three| {
                labelled(three, 2_u8, 0);
                three.batch.write("cases.csv", list_with_label("2"));
            },
            answer: Same,
        },
        Fault {
            name: "mask of 0 and 255",
            damage: |three| labelled(three, 255_u8, 0),
            answer: Fails("regions", "tumour", &[MASK, "the labels present are 255 (279 voxels)"]),
        },
        Fault {
            name: "mask of 0 and 255, any label taken",
            damage: |three| {
                labelled(three, 255_u8, 0);
                three.set("regions.tumour.any=true");
            },
            answer: Same,
        },
        Fault {
            name: "float mask of 0.0039",
            damage: |three| labelled(three, 0.0039_f32, 0.0),
            answer: Fails("regions", "tumour", &[MASK, "the labels present are 0.0039 (279 voxels)"]),
        },
        Fault {
            name: "float mask of 0.0039, which the case list names",
            damage: |three| {
                labelled(three, 0.0039_f32, 0.0);
                three.batch.write("cases.csv", list_with_label("0.0039"));
            },
            answer: Same,
        },
        Fault {
            name: "mask with a voxel that is not a number",
            damage: |three| labelled(three, 1_f32, f32::NAN),
            answer: Fails("geometry", "", &[MASK, "NaN, not a label"]),
        },
        Fault {
            name: "an image instead of a mask",
            damage: |three| three.write_mask(&three.image),
            answer: Fails("geometry", "", &[MASK, "different values from -100 to 99", "is it an image?"]),
        },
        Fault {
            name: "NaN inside the region",
            damage: |three| three.write_image(&floats(three, f32::NAN, |[x, y, z]| [x, y, z] == [8, 7, 6])),
            answer: Fails("re-segmentation", "tumour", &[IMAGE, "1 voxel"]),
        },
        Fault {
            name: "infinite voxels inside the region",
            damage: |three| three.write_image(&floats(three, f32::INFINITY, |[x, y, z]| x == 8 && [y, z] == [7, 6])),
            answer: Fails("re-segmentation", "tumour", &[IMAGE, "1 voxel"]),
        },
        Fault {
            name: "NaN and infinite voxels outside the regions",
            damage: |three| three.write_image(&floats(three, f32::NAN, |index| index[0] == 0)),
            answer: Same,
        },
    ]);
}

#[test]
fn one_voxel_has_what_one_voxel_can_have_and_reasons_for_the_rest() {
    let three = Three::new();
    let others = three.batch.run().well().features_of(&["2", "3"]);
    three.write_mask(&three.mask.map(|index| u8::from(index == [8, 7, 6])));
    let ran = three.batch.run().well();
    assert_eq!(ran.features_of(&["2", "3"]), others);
    let row = ran.region("1", "tumour");
    assert_eq!(row["statistics.mean"].parse(), Ok(f64::from(scene::noise(1, [8, 7, 6]) - 100)));
    assert_eq!(row["morphology.volume_voxel_counting"].parse(), Ok(SPACING.iter().product::<f64>()));
    let mut long = ran.table("features_long.csv");
    long.retain(|row| row["case"] == "1" && row["region"] == "tumour");
    let (ok, undefined): (Vec<_>, Vec<_>) = long.iter().partition(|row| row["status"] == "ok");
    println!("| one-voxel mask | exit 0 | {} features, {} undefined with a reason |", ok.len(), undefined.len());
    assert!(!ok.is_empty() && !undefined.is_empty());
    for row in ok {
        assert!(row["value"].parse::<f64>().is_ok_and(f64::is_finite) && row["reason"].is_empty(), "{row:?}");
    }
    for row in undefined {
        assert!(row["status"] == "undefined" && row["value"].is_empty() && !row["reason"].is_empty(), "{row:?}");
    }
}
