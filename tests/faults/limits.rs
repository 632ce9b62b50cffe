//! Limits, bins and rings that do not suit an image: warned of with their counts, or refused with the true cause.

use voxomics_tests::{
    batch::{Batch, Ran},
    nifti::Nifti,
    scene::{self, DIMS, LESION_VOXELS, in_lesion},
};

const LIST: &str = "case,image,mask,modality\nct,image.nii,mask.nii,CT\nmr,image.nii,mask.nii,MR\n";

/// An experiment with statistics alone; what follows the regions and sections of `settings`.
fn experiment(settings: &str) -> String {
    format!(
        "[plugins]\nuse = [\"load-nifti\", \"features-statistics\", \"features-glcm\", \"filter-mean\"]\n[regions.tumour]\n\
         {settings}\n[features.statistics]\n"
    )
}

fn run(settings: &str, list: &str, image: &Nifti) -> Ran {
    let batch = Batch::new(&experiment(settings), list);
    batch.scan("image.nii", image);
    batch.scan("mask.nii", &scene::mask());
    let ran = batch.run();
    // The folder goes with the batch; the tables are read before.
    let record = std::fs::read_to_string(ran.out.join("run.json")).unwrap_or_default();
    let failures = std::fs::read_to_string(ran.out.join("failures.csv")).unwrap_or_default();
    let features = std::fs::read_to_string(ran.out.join("features.csv")).unwrap_or_default();
    let mut said = ran.said;
    said.out = format!("{}{record}{failures}", said.out);
    said.err = features;
    Ran::new(said, ran.out)
}

/// Everything that the run said, recorded and refused.
fn words(ran: &Ran) -> &str {
    &ran.said.out
}

fn row<'a>(ran: &'a Ran, start: &str) -> &'a str {
    let found = ran.said.err.lines().find_map(|line| line.strip_prefix(start));
    found.unwrap_or_else(|| panic!("no row {start}: {:?}", ran.said))
}

#[test]
fn limits_by_modality_apply_to_that_modality_only() {
    let image = scene::image(1);
    let by_modality = run("intensities = { CT = [-50, 50] }", LIST, &image);
    let for_all = run("intensities = [-50, 50]", LIST, &image);
    let for_none = run("", LIST, &image);
    for ran in [&by_modality, &for_all, &for_none] {
        assert_eq!(ran.said.code, Some(0), "{:?}", ran.said);
    }
    assert_eq!(row(&by_modality, "ct,tumour,CT,"), row(&for_all, "ct,tumour,CT,"));
    assert_eq!(row(&by_modality, "mr,tumour,MR,"), row(&for_none, "mr,tumour,MR,"));
    assert_ne!(row(&for_all, "mr,tumour,MR,"), row(&for_none, "mr,tumour,MR,"));
    // The range of re-segmentation likewise.
    let ranged = run("[resegmentation]\nrange = { CT = [-50, 50] }", LIST, &image);
    let all_ranged = run("[resegmentation]\nrange = [-50, 50]", LIST, &image);
    assert_eq!(row(&ranged, "ct,tumour,CT,"), row(&all_ranged, "ct,tumour,CT,"));
    assert_eq!(row(&ranged, "mr,tumour,MR,"), row(&for_none, "mr,tumour,MR,"));
}

#[test]
fn limits_by_modality_of_an_unknown_modality_are_a_fault() {
    let list = "case,image,mask\na,image.nii,mask.nii\n";
    for (settings, what) in [
        ("intensities = { CT = [-50, 50] }", "the limit of the region `tumour` depends on the modality"),
        ("[resegmentation]\nrange = { CT = [-50, 50] }", "the range of [resegmentation] depends on the modality"),
    ] {
        let ran = run(settings, list, &scene::image(1));
        assert_eq!(ran.said.code, Some(3));
        assert!(words(&ran).contains(what) && words(&ran).contains("column `modality`"), "{:?}", ran.said);
    }
}

#[test]
fn limits_that_take_more_than_a_quarter_are_said_with_their_counts() {
    let image = scene::image(1);
    let inside = |low: i16, high: i16| {
        let mut count = 0;
        for z in 0..DIMS[2] {
            for y in 0..DIMS[1] {
                for x in 0..DIMS[0] {
                    let value = scene::noise(1, [x, y, z]) - 100;
                    count += usize::from(in_lesion([x, y, z]) && (low..=high).contains(&value));
                }
            }
        }
        count
    };
    for [low, high] in [[-50, 50], [-90, 90]] {
        let gone = LESION_VOXELS - inside(low, high);
        let deep = 4 * gone > LESION_VOXELS;
        let counts = format!("leaves out {gone} of its {LESION_VOXELS} voxels; does it suit this scan of modality MR?");
        for settings in [format!("intensities = [{low}, {high}]"), format!("[resegmentation]\nrange = [{low}, {high}]")]
        {
            let ran = run(&settings, LIST, &image);
            assert_eq!(words(&ran).contains(&counts), deep, "{settings}: {:?}", ran.said);
            assert_eq!(words(&ran).contains("leaves out"), deep, "{settings}: {:?}", ran.said);
        }
    }
    assert!(4 * inside(-90, 90) >= 3 * LESION_VOXELS && 4 * inside(-50, 50) < 3 * LESION_VOXELS);
}

#[test]
fn bins_are_judged_by_the_levels_that_have_voxels() {
    const TEXTURE: &str = "[features.glcm]\n[discretisation]\nmethod = \"fixed bin size\"\nminimum = -1000\n";
    // Standardised uptake values of 0 to 5 in bins that are made for Hounsfield units.
    let uptake = scene::image(1).map(|index| f32::from(scene::noise(1, index)) / 40.0);
    let ran = run(&format!("{TEXTURE}width = 25"), LIST, &uptake);
    let one = format!("its {LESION_VOXELS} voxels have one grey level in all (bins of width 25.0 from -1000.0)");
    assert!(words(&ran).contains(&one), "{:?}", ran.said);
    // 61 levels of which the highest is 1031.
    let few = scene::image(1).map(|index| scene::noise(1, index) % 61 - 30);
    let ran = run(&format!("{TEXTURE}width = 1"), LIST, &few);
    assert!(!words(&ran).contains("grey levels ("), "{:?}", ran.said);
    // Of a filtered image as well.
    let filtered = "[images.mean]\nfilter = \"mean\"\nsupport_voxels = 3\n";
    let ran = run(&format!("{filtered}{TEXTURE}width = 25"), LIST, &uptake);
    assert!(words(&ran).contains("image `mean`: its") && words(&ran).contains("one grey level"), "{:?}", ran.said);
    // As many as were asked for are never too few.
    let ran = run("[features.glcm]\n[discretisation]\nmethod = \"fixed bin number\"\nbins = 2", LIST, &uptake);
    assert!(!words(&ran).contains("grey level"), "{:?}", ran.said);
}

#[test]
fn an_empty_ring_says_its_true_cause() {
    let ring = |more: &str| run(&format!("[regions.ring]\nring_of = \"tumour\"\n{more}"), LIST, &scene::image(1));
    let thin = ring("outward_mm = 0.5\ninward_mm = 0.25");
    let cause = "empty ring: it reaches 0.5 mm outward and 0.25 mm inward, and the nearest voxel centre is 1 mm away";
    assert!(words(&thin).contains(cause), "{:?}", thin.said);
    let limited = ring("outward_mm = 2\nintensities = [5000, 6000]");
    assert!(
        words(&limited).contains("lies within its limit (intensities from 5000.0 to 6000.0)"),
        "{:?}",
        limited.said
    );
    let excluded = ring("inward_mm = 2\nexclude = \"tumour\"");
    assert!(words(&excluded).contains("which it excludes"), "{:?}", excluded.said);
}

#[test]
fn a_layer_that_has_no_voxel_or_too_few_is_refused_by_name() {
    for (region, cause) in [
        ("ring_of = \"tumour\"\ndistances_mm = [0.1, 0.5]", "empty shell: no voxel centre lies between 0.1 and 0.5 mm"),
        (
            "ring_of = \"tumour\"\ndistances_mm = [-90, -80]",
            "lies between 80 and 90 mm inside of its surface: `tumour` is too thin",
        ),
        ("core_of = \"tumour\"\ndeeper_than_mm = 80", "empty core: no voxel of `tumour` lies deeper than 80 mm"),
        (
            "union_of = [\"tumour\"]\nmin_voxels = 100000",
            "voxels on the grid of the features, and `min_voxels` asks for 100000",
        ),
        ("core_of = \"tumour\"\nvolume_share = 1\nwithin = \"around\"", "voxels lies within around"),
        ("sectors_of = \"around\"\nsectors = 4\nexclude = \"around\"", "around hold all its"),
    ] {
        let regions = format!("[regions.around]\nring_of = \"tumour\"\noutward_mm = 2\n[regions.part]\n{region}");
        let ran = run(&regions, LIST, &scene::image(1));
        assert_eq!(ran.said.code, Some(3), "{region}: {:?}", ran.said);
        assert!(words(&ran).contains(cause), "{region}: {}", words(&ran));
        assert_ne!(row(&ran, "ct,tumour,CT,"), row(&ran, "ct,around,CT,"), "the others are there");
    }
}

#[test]
fn a_region_at_the_edge_of_the_scan_is_said_once_with_its_voxels() {
    let batch = Batch::new(
        &experiment("[regions.ring]\nring_of = \"tumour\"\noutward_mm = 2"),
        "case,image,mask\na,image.nii,mask.nii\n",
    );
    batch.scan("image.nii", &scene::image(1));
    batch.scan("mask.nii", &scene::mask());
    let inner = batch.run();
    assert!(!inner.said.err.contains("edge of the scan"), "{:?}", inner.said);
    // Four columns of three voxels that begin in the first slice, of which one stands in the first column as well.
    batch.scan(
        "mask.nii",
        &scene::mask().map(|[x, y, z]| u8::from([0, 2].contains(&x) && [3, 5].contains(&y) && z < 3)),
    );
    let ran = batch.run_into("edge", &[]);
    let said = format!("{}{}", ran.said.out, ran.said.err);
    let expected = "region `tumour` reaches the edge of the scan with 8 of its 12 voxels";
    assert_eq!(said.matches("edge of the scan").count(), 1, "{said}");
    assert!(said.contains(expected), "{said}");
}
