//! Maps of features: each voxel has the value of its neighbourhood, and each file its place.

mod doors;
mod large;
mod refused;

use voxomics_tests::{
    batch::Batch,
    nifti::Nifti,
    scene,
    volumes::{Volume, read_nifti, read_nrrd},
};

/// Bins that do not depend on the region.
const BINS: &str = "[discretisation]\nmethod = \"fixed bin size\"\nwidth = 20\nminimum = -100\nmaximum = 100\n";

/// An experiment of a laboratory with one tumour; `rest` is added to it.
fn experiment(plugins: &[&str], rest: &str) -> String {
    let plugins: Vec<String> = plugins.iter().map(|name| format!("\"{name}\"")).collect();
    format!("[plugins]\nuse = [\"load-nifti\", {}]\n[regions.tumour]\n{BINS}{rest}", plugins.join(", "))
}

fn batch(text: &str) -> Batch {
    let batch = Batch::new(text, "case,image,mask\na,image.nii,mask.nii\n");
    batch.scan("image.nii", &scene::image(3));
    batch.scan("mask.nii", &scene::mask());
    batch
}

fn index(at: usize) -> [usize; 3] {
    let [nx, ny, _] = scene::DIMS;
    [at % nx, at / nx % ny, at / (nx * ny)]
}

/// The voxel of the scan at which a map begins. The scan's axes run against LPS along x and y.
fn start(map: &Volume) -> [usize; 3] {
    let first = [20.0, -12.5, -300.0];
    let steps = [-scene::SPACING[0], -scene::SPACING[1], scene::SPACING[2]];
    std::array::from_fn(|axis| ((map.origin[axis] - first[axis]) / steps[axis]).round() as usize)
}

/// The value of a map at a voxel of the scan.
fn value(map: &Volume, at: [usize; 3]) -> f64 {
    let first = start(map);
    let [x, y, z] = std::array::from_fn(|axis| at[axis] - first[axis]);
    map.voxels[(z * map.dims[1] + y) * map.dims[0] + x]
}

fn near(a: [usize; 3], b: [usize; 3], radius: usize) -> bool {
    (0..3).all(|axis| a[axis].abs_diff(b[axis]) <= radius)
}

/// Families, and features of theirs that depend on the number of levels of the whole region.
const FAMILIES: [(&str, &[&str]); 8] = [
    ("glcm", &["normalised_inverse_difference", "normalised_inverse_difference_moment"]),
    ("glrlm", &[]),
    ("glszm", &[]),
    ("gldzm", &[]),
    ("ngtdm", &[]),
    ("ngldm", &[]),
    ("statistics", &[]),
    ("histogram", &["*"]),
];

#[test]
fn a_voxel_has_the_value_of_its_neighbourhood() {
    let radius = 1;
    let voxels: Vec<[usize; 3]> = (0..16 * 15 * 12).map(index).filter(|at| scene::in_lesion(*at)).step_by(31).collect();
    let plugins: Vec<String> = FAMILIES.iter().map(|(id, _)| format!("features-{id}")).collect();
    let plugins: Vec<&str> = plugins.iter().map(String::as_str).collect();
    let maps = FAMILIES.map(|(id, _)| format!("[maps.{id}]\nradius = {radius}\n")).concat();
    let mapped = batch(&experiment(&plugins, &maps)).run_well();
    // Each neighbourhood as a region of a case of its own.
    let features = FAMILIES.map(|(id, _)| format!("[features.{id}]\n")).concat();
    let list: String = (0..voxels.len()).map(|at| format!("v{at},image.nii,mask-{at}.nii\n")).collect();
    let regions = Batch::new(&experiment(&plugins, &features), &format!("case,image,mask\n{list}"));
    regions.scan("image.nii", &scene::image(3));
    for (number, voxel) in voxels.iter().enumerate() {
        let mask =
            Nifti::new(scene::DIMS, scene::rows(), |at| u8::from(scene::in_lesion(at) && near(at, *voxel, radius)));
        regions.scan(&format!("mask-{number}.nii"), &mask);
    }
    let regions = regions.run_well();
    let mut compared = 0;
    for (number, voxel) in voxels.iter().enumerate() {
        for (column, cell) in regions.region(&format!("v{number}"), "tumour") {
            let Some((family, feature)) = column.split_once('.') else { continue };
            let (_, left_out) = FAMILIES.iter().find(|(id, _)| *id == family).expect("a family");
            let file = mapped.out.join(format!("written/a/{column}.nrrd"));
            if left_out.contains(&feature) || left_out.contains(&"*") {
                assert!(file.is_file(), "{column}");
                continue;
            }
            let found = value(&read_nrrd(&file), *voxel);
            let expected = cell.parse::<f64>().unwrap_or(f64::NAN);
            let same = found == expected || (found.is_nan() && expected.is_nan());
            assert!(same, "{column} at {voxel:?}: {found} in the map, {expected} of the region");
            compared += 1;
        }
    }
    assert!(compared > 100 * voxels.len(), "{compared}");
}

#[test]
fn files_lie_where_their_voxels_do() {
    let maps = "[maps.plain]\nfamily = \"statistics\"\nonly = \"mean\"\nradius = [2, 1, 0]\nfill = -999.5\nformat = \"nii.gz\"\n\
                [maps.other]\nfamily = \"statistics\"\nonly = \"mean\"\nradius_mm = 2.5\nbeyond_region = true\n";
    let ran = batch(&experiment(&["features-statistics"], maps)).run_well();
    let plain = read_nifti(&ran.out.join("written/a/plain.mean.nii.gz"));
    let other = read_nrrd(&ran.out.join("written/a/other.mean.nrrd"));
    assert_eq!(plain.steps, [[-1.0, 0.0, 0.0], [0.0, -1.25, 0.0], [0.0, 0.0, 2.0]]);
    assert_eq!(other.steps, plain.steps);
    let inside: Vec<[usize; 3]> = (0..16 * 15 * 12).map(index).filter(|at| scene::in_lesion(*at)).collect();
    let least = |axis: usize| inside.iter().map(|at| at[axis]).min().expect("a voxel");
    assert_eq!(start(&plain), [least(0) - 2, least(1) - 1, least(2)]);
    assert_eq!(start(&other), [least(0) - 2, least(1) - 2, least(2) - 1]);
    let mean = |at: [usize; 3], radius: [usize; 3], masked: bool| {
        let is_near = |other: &[usize; 3]| (0..3).all(|axis| at[axis].abs_diff(other[axis]) <= radius[axis]);
        let around: Vec<[usize; 3]> = (0..16 * 15 * 12).map(index).filter(is_near).collect();
        let kept: Vec<f64> = around
            .into_iter()
            .filter(|at| !masked || scene::in_lesion(*at))
            .map(|at| f64::from(scene::noise(3, at) - 100))
            .collect();
        kept.iter().sum::<f64>() / kept.len() as f64
    };
    for at in &inside {
        assert!((value(&plain, *at) - mean(*at, [2, 1, 0], true)).abs() < 1e-9, "{at:?}");
        assert!((value(&other, *at) - mean(*at, [2, 2, 1], false)).abs() < 1e-9, "{at:?}");
    }
    assert_eq!(plain.voxels[0], -999.5);
    assert!(other.voxels[0].is_nan());
    // No mean of these intensities is the value that stands outside.
    assert_eq!(plain.voxels.iter().filter(|value| **value != -999.5).count(), scene::LESION_VOXELS);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let maps = "[maps.glcm]\n[maps.statistics]\n[maps.histogram]\nonly = [\"mean\", \"entropy\"]\n";
    let batch = batch(&experiment(&["features-glcm", "features-statistics", "features-histogram"], maps));
    let files = |threads: &str| {
        let folder = batch.run_into(&format!("out-{threads}"), &["--threads", threads]).well().out.join("written/a");
        let names = voxomics_tests::batch::names(&folder);
        names.into_iter().map(|name| (std::fs::read(folder.join(&name)).expect("a file"), name)).collect::<Vec<_>>()
    };
    let one = files("1");
    assert!(one.len() > 40);
    assert!(one == files("3"), "other bytes");
}

#[test]
fn a_map_can_be_named_where_an_image_can() {
    let rest = "[images.original]\n[maps.local]\nfamily = \"statistics\"\nonly = [\"mean\", \"skewness\"]\nfill = 0\n\
                [maps.again]\nfamily = \"statistics\"\nof = \"local.mean\"\nonly = \"maximum\"\n\
                [images.smooth]\nfilter = \"mean\"\nof = \"local.mean\"\nsupport_voxels = 3\n\
                [features.statistics]\nimages = [\"local\", \"again\", \"smooth\"]\nonly = [\"mean\", \"maximum\"]\n";
    let plugins = ["features-statistics", "filter-mean"];
    let ran = batch(&experiment(&plugins, rest)).run_well();
    let local = read_nrrd(&ran.out.join("written/a/local.mean.nrrd"));
    let again = read_nrrd(&ran.out.join("written/a/again.maximum.nrrd"));
    let inside: Vec<[usize; 3]> = (0..16 * 15 * 12).map(index).filter(|at| scene::in_lesion(*at)).collect();
    let row = ran.region("a", "tumour");
    let number = |column: &str| row[column].parse::<f64>().unwrap_or_else(|_| panic!("{column}: {:?}", row[column]));
    let mean = |map: &Volume| inside.iter().map(|at| value(map, *at)).sum::<f64>() / inside.len() as f64;
    assert!((number("local.mean.statistics.mean") - mean(&local)).abs() < 1e-9);
    assert!((number("again.maximum.statistics.mean") - mean(&again)).abs() < 1e-9);
    let of_voxel = |at: [usize; 3]| {
        let around = inside.iter().filter(|other| near(at, **other, 1)).map(|other| value(&local, *other));
        around.fold(f64::NEG_INFINITY, f64::max)
    };
    assert!(inside.iter().all(|at| value(&again, *at) == of_voxel(*at)));
    // Outside the region the filter sees 0.
    let middle = [8, 7, 6];
    let smoothed = |at: [usize; 3]| {
        let around = (0..16 * 15 * 12).map(index).filter(|other| near(at, *other, 1));
        around.map(|other| if scene::in_lesion(other) { value(&local, other) } else { 0.0 }).sum::<f64>() / 27.0
    };
    let highest = inside.iter().map(|at| smoothed(*at)).fold(f64::NEG_INFINITY, f64::max);
    assert!((number("smooth.statistics.maximum") - highest).abs() < 1e-9, "{middle:?}");
    assert_eq!(row.keys().filter(|column| column.contains("statistics")).count(), 8);
}

#[test]
fn a_map_of_a_response_has_the_levels_of_the_image_that_the_response_is_of() {
    let files = |rest: &str| {
        let response = "[images.w]\nfilter = \"wavelet\"\nwavelet = \"haar\"\nbands = \"LLH\"\nlevels = [1, 2]\n";
        let map = "[maps.m]\nfamily = \"glcm\"\nof = \"w.LLH_1\"\nradius = 1\nonly = \"contrast\"\n";
        let ran =
            batch(&experiment(&["filter-wavelet", "features-glcm"], &format!("{response}{map}{rest}"))).run_well();
        read_nrrd(&ran.out.join("written/a/m.contrast.nrrd")).voxels
    };
    let bits = |voxels: Vec<f64>| voxels.into_iter().map(f64::to_bits).collect::<Vec<_>>();
    let own = "discretisation]\nmethod = \"fixed bin number\"\nbins = 7\n";
    let of_image = bits(files(&format!("[images.w.{own}")));
    assert_eq!(of_image, bits(files(&format!("[maps.m.{own}"))));
    assert_ne!(of_image, bits(files("")));
}
