//! The same feature in Rust, C and Python has the same bits: all three add in the order of the voxels.

use std::process::Command;

use voxomics_tests::{table, workspace};

use crate::bench::{Bench, misbehaving, stranger};

/// The family in Python. `numpy.sum` would add in blocks.
const PYTHON: &str = r#"
import numpy as np
from voxomics_plugin import Undefined, family, ordered_sum

hot = family("hot-in-python", "Voxels above a threshold")

@hot.measure
def voxels(region, *, threshold: float = 100.0):
    inside = region.intensities()
    return inside, inside[inside > threshold]

@hot.feature(unit="intensity")
def mean(voxels):
    """Mean of the hot voxels."""
    if not voxels[1].size:
        raise Undefined("no voxel is above the threshold")
    return ordered_sum(voxels[1]) / voxels[1].size

@hot.feature()
def fraction(voxels):
    """Fraction of hot voxels."""
    return voxels[1].size / voxels[0].size

@hot.feature()
def in_blocks(voxels):
    """The mean, as NumPy adds."""
    return float(np.sum(voxels[1]) / max(voxels[1].size, 1))
"#;

#[test]
fn the_same_feature_in_rust_c_and_python_has_the_same_bits() {
    let python = Command::new("python3").args(["-c", "import numpy"]).output();
    if !python.is_ok_and(|output| output.status.success()) {
        return println!("left out: there is no python3 with NumPy");
    }
    let bench = Bench::new("");
    let library = bench.path("hot.so");
    let built = Command::new("cc")
        .args(["-std=c99", "-O2", "-fPIC", "-shared", "-I"])
        .arg(workspace().join("include"))
        .arg(workspace().join("examples/c-family/hot.c"))
        .arg("-o")
        .arg(&library)
        .output();
    let Ok(built) = built else { return println!("left out: there is no compiler `cc`") };
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    bench.write("hot.py", PYTHON);
    let families = ["hot", "hot-in-rust", "hot-in-python"].map(|id| format!("[features.{id}]\nthreshold = -1000.25\n"));
    bench.write(
        "experiment.toml",
        format!(
            "[cases]\nmake = ['digital-phantom', 'synthetic-ct']\n[plugins]\nuse = ['load-nifti', 'filter-mean']\n{}{}\
             [[plugins.python]]\nfile = 'hot.py'\n[regions.tumour]\nlabel = 1\n[images.original]\n[images.mean]\n\
             filter = 'mean'\nsupport_voxels = 3\n{}",
            stranger(&library),
            stranger(&misbehaving("hot")),
            families.concat(),
        ),
    );
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    let (mut compared, mut in_blocks) = (0, 0);
    for row in table(&bench.path("out/features.csv")) {
        for image in ["original", "mean"] {
            // A cell is the shortest text that reads back as the same number.
            let cell = |family: &str, feature: &str| row[&format!("{image}.{family}.{feature}")].clone();
            for feature in ["mean", "fraction"] {
                let of_c = cell("hot", feature);
                assert!(!of_c.is_empty(), "{row:?}");
                assert_eq!(cell("hot-in-rust", feature), of_c, "{image} {feature}");
                assert_eq!(cell("hot-in-python", feature), of_c, "{image} {feature}");
                compared += 1;
            }
            in_blocks += usize::from(cell("hot-in-python", "in_blocks") != cell("hot", "mean"));
        }
    }
    assert!(compared >= 8, "{compared}");
    // Otherwise the order would not matter here, and the test would say nothing.
    assert!(in_blocks > 0, "NumPy's own sum has the same bits in every row");
}
