//! Masks that are read, or refused, for what they are: a great many labels, scaled labels, layers of a segmentation, and files
//! of formats that nobody reads.

use voxomics_tests::{
    batch::{Batch, Ran},
    nifti::{Nifti, straight},
    scene::{self, DIMS, LESION_VOXELS, in_lesion},
};

const EXPERIMENT: &str = "[plugins]\nuse = [\"load-nifti\", \"load-nrrd\", \"features-statistics\", \"features-morphology\"]\n\
                          [regions.tumour]\n[features.statistics]\nonly = \"mean\"\n[features.morphology]\n\
                          only = \"volume_voxel_counting\"\n";

/// Number of labels.
const MANY: usize = 60_000;

fn messages(ran: &Ran) -> String {
    std::fs::read_to_string(ran.out.join("failures.csv")).unwrap_or_default()
}

#[test]
fn one_of_sixty_thousand_labels_is_read() {
    let dims = [80, 80, 75];
    let rows = straight([1.0; 3], [0.0; 3]);
    let batch = Batch::new(EXPERIMENT, "case,image,mask,label\na,image.nii,mask.nii,59321\nb,image.nii,mask.nii,7\n");
    batch.scan("image.nii", &Nifti::new(dims, rows, |[x, y, z]| (x + y + z) as i16));
    // Blocks of 2 × 2 × 2 voxels; the last layer is a single one thick.
    let label = |[x, y, z]: [usize; 3]| (1 + x / 2 + 40 * (y / 2) + 1600 * (z / 2)) as f32;
    batch.scan("mask.nii", &Nifti::new(dims, rows, label));
    let ran = batch.run().well();
    assert!(label([79, 79, 74]) > MANY as f32);
    // Label 59321: 59320 = 0 + 40 · 3 + 1600 · 37, hence x 0, 1, y 6, 7, z 74 alone.
    let found = ran.region("a", "tumour");
    assert_eq!([&found["morphology.volume_voxel_counting"], &found["statistics.mean"]], ["4", "81"]);
    let found = ran.region("b", "tumour");
    assert_eq!([&found["morphology.volume_voxel_counting"], &found["statistics.mean"]], ["8", "13.5"]);
    // A label that is not there, and none that is asked for.
    batch.write("cases.csv", "case,image,mask,label\na,image.nii,mask.nii,70000\nb,image.nii,mask.nii,\n");
    let ran = batch.run_into("absent", &[]);
    let failures = messages(&ran);
    assert_eq!(failures.matches("more than 1000 different values from 1 to 60800").count(), 2, "{failures}");
}

#[test]
fn an_image_in_place_of_a_mask_is_refused_whatever_label_is_asked_for() {
    let dims = [40, 40, 20];
    let rows = straight([1.0; 3], [0.0; 3]);
    let batch = Batch::new(EXPERIMENT, "case,image,mask,label\na,image.nii,image.nii,1200\n");
    // Magnitudes: whole numbers above 0, of which 1200 is a frequent one.
    let magnitude = |[x, y, z]: [usize; 3]| {
        let [a, b, c] = [1, 2, 3].map(|seed| scene::noise(seed, [x, y, z]));
        1 + a * 8 + b * 2 + c
    };
    batch.scan("image.nii", &Nifti::new(dims, rows, magnitude));
    let ran = batch.run();
    assert!(messages(&ran).contains("is it an image?"), "{}", messages(&ran));
}

#[test]
fn labels_that_are_nearly_whole_get_the_hint() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask\na,image.nii,mask.nii\n");
    batch.scan("image.nii", &scene::image(1));
    batch.scan("mask.nii", &scene::mask().map(|index| if in_lesion(index) { 0.99999_f32 } else { 0.0 }));
    let failures = messages(&batch.run());
    assert!(
        failures.contains("The mask stores fractions such as 0.99999: write it anew as whole numbers"),
        "{failures}"
    );
    // Whole numbers with a slope: 255 · 0.0039 = 0.9945.
    let mut scaled = scene::mask().map(|index| if in_lesion(index) { 255_u8 } else { 0 }).bytes();
    scaled[112..116].copy_from_slice(&0.0039_f32.to_le_bytes());
    batch.write("mask.nii", scaled);
    let failures = messages(&batch.run_into("scaled", &[]));
    assert!(failures.contains("stores whole numbers with a scaling") && failures.contains("0.9944999"), "{failures}");
}

#[test]
fn a_file_of_a_format_that_nobody_reads_is_called_by_its_name() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask\na,image,mask.nii\n");
    batch.scan("mask.nii", &scene::mask());
    for (bytes, words) in [
        (&b"\x89HDF\r\n\x1a\n and more"[..], "is an HDF5 file, as MINC 2 is"),
        (b"CDF\x01 and more", "is a NetCDF file, as MINC 1 is"),
        (b"\0\0\0\x01\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\0\x01\0\0\0\x03 and more", "is a FreeSurfer volume"),
        (b"ObjectType = Image\n", "is a MetaImage file"),
        (b"PK\x03\x04 and more", "is a ZIP archive"),
    ] {
        batch.write("image", bytes);
        let failures = messages(&batch.run_into("out", &[]));
        assert!(failures.contains(words) && !failures.contains("begins with the bytes"), "{failures}");
    }
}

#[test]
fn layers_of_a_segmentation_are_chosen_by_name() {
    let [nx, ny, nz] = DIMS;
    // Two layers with label 1 each: the lesion, and the half of the scan that it reaches into.
    let mut voxels = Vec::new();
    for z in 0..nz {
        for y in 0..ny {
            for x in 0..nx {
                voxels.extend([u8::from(in_lesion([x, y, z])), u8::from(x < 8)]);
            }
        }
    }
    let header = format!(
        "NRRD0005\ntype: uchar\ndimension: 4\nspace: left-posterior-superior\nsizes: 2 {nx} {ny} {nz}\nspace directions: none \
         (-1,0,0) (0,-1.25,0) (0,0,2)\nkinds: list domain domain domain\nencoding: raw\nspace origin: (20,-12.5,-300)\n\
         Segment0_Name:=lesion\nSegment0_LabelValue:=1\nSegment0_Layer:=0\nSegment1_Name:=half\nSegment1_LabelValue:=1\n\
         Segment1_Layer:=1\n\n"
    );
    let batch = Batch::new(
        EXPERIMENT,
        "case,image,mask,region\na,image.nii,mask.seg.nrrd,lesion\nb,image.nii,mask.seg.nrrd,half\n",
    );
    batch.scan("image.nii", &scene::image(1));
    batch.write("mask.seg.nrrd", [header.as_bytes(), &voxels].concat());
    let ran = batch.run().well();
    let volume = |case: &str| ran.region(case, "tumour")["morphology.volume_voxel_counting"].parse::<f64>();
    assert_eq!(volume("a"), Ok(LESION_VOXELS as f64 * 2.5));
    assert_eq!(volume("b"), Ok((8 * ny * nz) as f64 * 2.5));
    // By its label alone, it could be either.
    batch.write("cases.csv", "case,image,mask,label\na,image.nii,mask.seg.nrrd,1\n");
    let failures = messages(&batch.run_into("label", &[]));
    assert!(failures.contains("label 1 is that of several regions of the mask: `lesion`, `half`"), "{failures}");
}
