//! A family that makes no maps itself, in whatever language and process, has maps all the same.

use voxomics_tests::{built, python, volumes::read_nrrd};

use super::{batch, experiment};

const OWN: &str = r#"
import numpy as np
from voxomics_plugin import Undefined, feature, ordered_sum

__vendor__ = "A laboratory"
__version__ = "0.1.0"
__licence__ = "MIT OR Apache-2.0"


@feature(unit="intensity", meaning="bright", equation="sum x / N")
def local_mean(region):
    """Mean of the intensities."""
    inside = region.intensities()
    if inside.size < 3:
        return Undefined("fewer than three voxels")
    return ordered_sum(inside) / inside.size
"#;

#[test]
fn a_function_in_python_has_maps() {
    if !python() {
        return;
    }
    let maps = "[maps.local_mean]\n[maps.statistics]\nonly = \"mean\"\n[[plugins.python]]\nfile = \"own.py\"\n";
    let batch = batch(&experiment(&["features-statistics"], maps));
    batch.write("own.py", OWN);
    let ran = batch.run().well();
    let [own, ours] = ["local_mean.local_mean", "statistics.mean"]
        .map(|name| read_nrrd(&ran.out.join(format!("written/a/{name}.nrrd"))));
    let mut there = 0;
    for (own, ours) in own.voxels.iter().zip(&ours.voxels) {
        assert_eq!(own.is_nan(), ours.is_nan());
        there += usize::from(!own.is_nan());
        assert!(own.is_nan() || (own - ours).abs() < 1e-12 * ours.abs().max(1.0), "{own} is not {ours}");
    }
    assert_eq!(there, voxomics_tests::scene::LESION_VOXELS);
}

#[test]
#[cfg(target_os = "linux")]
fn a_worker_makes_the_same_maps() {
    let maps = "[maps.glcm]\n[maps.statistics]\n";
    let here = batch(&experiment(&["features-glcm", "features-statistics"], maps)).run_well();
    let files = ["libfeatures_glcm.so", "libfeatures_statistics.so"];
    let stated: String = files.iter().map(|file| format!("[[plugins.file]]\npath = \"{file}\"\n")).collect();
    let batch = batch(&format!("{}{stated}", experiment(&[], maps).replace("\"load-nifti\", ", "\"load-nifti\"")));
    for file in files {
        std::fs::copy(built().join(file), batch.path(file)).expect("a copy");
    }
    let there = batch.run().well();
    let names = voxomics_tests::batch::names(&here.out.join("written/a"));
    assert!(names.len() > 40);
    for name in names {
        let [one, other] =
            [&here, &there].map(|ran| std::fs::read(ran.out.join("written/a").join(&name)).expect("a map"));
        assert!(one == other, "{name} has other bytes in a worker");
    }
}
