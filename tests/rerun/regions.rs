//! A region is the same however it is asked for.

use voxomics_tests::{
    batch::{Batch, Ran, Row},
    nifti::{Nifti, straight},
    scene::{DIMS, SPACING, image, in_lesion, noise, rows},
};

const FAMILIES: &str = r#"
[plugins]
use = ["load-nifti", "features-morphology", "features-statistics", "features-glcm"]
[discretisation]
method = "fixed bin size"
width = 10
[features.morphology]
[features.statistics]
[features.glcm]
"#;

/// Two lesions of different sizes, far apart.
fn lesion(index: [usize; 3]) -> u8 {
    let [x, y, z] = index;
    match () {
        () if x < 4 && y < 5 && z < 3 => 1,
        () if (9..14).contains(&x) && (7..13).contains(&y) && (5..10).contains(&z) => 2,
        () => 0,
    }
}

fn run(regions: &str, mask: impl Fn([usize; 3]) -> u8) -> Ran {
    let batch = Batch::new(&format!("{FAMILIES}{regions}"), "case,image,mask\na,image.nii,mask.nii\n");
    batch.scan("image.nii", &image(1));
    batch.scan("mask.nii", &Nifti::new(DIMS, rows(), mask));
    batch.run_well()
}

fn alone(mask: impl Fn([usize; 3]) -> bool) -> Row {
    run("[regions.it]\n", |index| u8::from(mask(index))).region("a", "it")
}

#[test]
fn regions_together_are_what_each_is_alone() {
    let together = run("[regions.one]\nlabel = 1\n[regions.two]\nlabel = 2\n", lesion);
    assert_eq!(together.region("a", "one"), alone(|index| lesion(index) == 1));
    assert_eq!(together.region("a", "two"), alone(|index| lesion(index) == 2));
    let ring = "ring_of = \"two\"\noutward_mm = 2.0\n";
    let with = run(&format!("[regions.one]\nlabel = 1\n[regions.two]\nlabel = 2\n[regions.ring]\n{ring}"), lesion);
    let without = run(&format!("[regions.two]\nlabel = 2\nfeatures = false\n[regions.ring]\n{ring}"), lesion);
    assert_eq!(with.region("a", "ring"), without.region("a", "ring"));
    assert_eq!(without.table("features.csv").len(), 1, "a region that serves others has no row");
}

#[test]
fn components_are_one_the_largest_or_each() {
    let both = |index| u8::from(lesion(index) > 0);
    let (small, large) = (alone(|index| lesion(index) == 1), alone(|index| lesion(index) == 2));
    assert_ne!(small, large);
    let each = run("[regions.it]\ncomponents = \"each\"\n[regions.ring]\nring_of = \"it\"\noutward_mm = 2.0\n", both);
    assert_eq!(each.region("a", "it.1"), large);
    assert_eq!(each.region("a", "it.2"), small);
    let ring =
        run("[regions.it]\n[regions.ring]\nring_of = \"it\"\noutward_mm = 2.0\n", |index| u8::from(lesion(index) == 1));
    assert_eq!(each.region("a", "ring.2"), ring.region("a", "ring"));
    assert_eq!(each.table("features.csv").len(), 4);
    assert_eq!(run("[regions.it]\ncomponents = \"largest\"\n", both).region("a", "it"), large);
    let all = run("[regions.it]\n", both).region("a", "it");
    let volume = |row: &Row| row["morphology.volume_voxel_counting"].parse::<f64>().expect("a volume");
    assert_eq!(volume(&all), volume(&small) + volume(&large));
}

#[test]
fn layers_of_components_follow_them_and_are_the_rings_that_they_make_together() {
    let both = |index| u8::from(lesion(index) > 0);
    let layers = "[regions.it]\ncomponents = \"each\"\n[regions.shell]\nring_of = \"it\"\ndistances_mm = [-1.5, 0, 1, 2]\n\
                  [regions.core]\ncore_of = \"it\"\nvolume_share = 0.5\n[regions.side]\nsectors_of = \"shell_0_1\"\nsectors = 2\n";
    let each = run(layers, both);
    let one = run(&layers.replace("components = \"each\"\n", ""), |index| u8::from(lesion(index) == 2));
    for region in ["it", "shell_-1p5_0", "shell_0_1", "shell_1_2", "core", "side_1", "side_2"] {
        assert_eq!(each.region("a", &format!("{region}.1")), one.region("a", region), "{region}");
    }
    let volume =
        |region: &str| one.region("a", region)["morphology.volume_voxel_counting"].parse::<f64>().expect("a volume");
    let ring = |keys: &str| {
        let ran = run(&format!("[regions.it]\n[regions.ring]\nring_of = \"it\"\n{keys}\n"), |index| {
            u8::from(lesion(index) == 2)
        });
        ran.region("a", "ring")
    };
    assert_eq!(one.region("a", "shell_0_1"), ring("outward_mm = 1"));
    let whole: f64 =
        ring("outward_mm = 2\ninward_mm = 1.5")["morphology.volume_voxel_counting"].parse().expect("a volume");
    assert!((volume("shell_-1p5_0") + volume("shell_0_1") + volume("shell_1_2") - whole).abs() < 1e-9);
    assert!((volume("side_1") + volume("side_2") - volume("shell_0_1")).abs() < 1e-9);
    assert!(volume("core") >= 0.5 * volume("it") && volume("core") < volume("it"));
}

#[test]
fn unions_and_exclusions_are_those_of_voxels() {
    let regions = "[regions.one]\nlabel = 1\n[regions.two]\nlabel = 2\n[regions.both]\nunion_of = [\"one\", \"two\"]\n\
                   [regions.labels]\nlabels = [1, 2]\n[regions.any]\nany = true\n\
                   [regions.rest]\nany = true\nexclude = \"one\"\n\
                   [regions.second]\nany = true\nwithin = [\"two\"]\nmin_voxels = 2\n";
    let ran = run(regions, lesion);
    let both = alone(|index| lesion(index) > 0);
    for region in ["both", "labels", "any"] {
        assert_eq!(ran.region("a", region), both, "{region}");
    }
    assert_eq!(ran.region("a", "rest"), ran.region("a", "two"));
    assert_eq!(ran.region("a", "second"), ran.region("a", "two"));
}

#[test]
fn intensity_limits_are_a_mask_of_intensities() {
    let ran = run("[regions.it]\nintensities = [-50, 60]\n", |index| u8::from(in_lesion(index)));
    let within = |index| (-50..=60).contains(&(noise(1, index) - 100));
    assert_eq!(ran.region("a", "it"), alone(|index| in_lesion(index) && within(index)));
}

#[test]
fn a_mask_on_a_finer_grid_is_carried_onto_the_image_s() {
    let plain = alone(in_lesion);
    let batch = Batch::new(
        &format!("{FAMILIES}[regions.it]\n[geometry]\non_mismatch = \"resample-mask\"\n"),
        "case,image,mask\na,image.nii,mask.nii\n",
    );
    batch.scan("image.nii", &image(1));
    // Each voxel is three along every axis: the middle one has its centre.
    let first = rows();
    let fine = SPACING.map(|mm| mm / 3.0);
    let origin = std::array::from_fn(|axis| first[axis][3] - fine[axis]);
    let mask =
        Nifti::new(DIMS.map(|n| 3 * n), straight(fine, origin), |index| u8::from(in_lesion(index.map(|i| i / 3))));
    batch.scan("mask.nii", &mask);
    let ran = batch.run().well();
    assert_eq!(ran.region("a", "it"), plain);
    assert!(ran.said.err.contains("carried onto the image's grid"), "{}", ran.said.err);
}
