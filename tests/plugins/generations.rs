//! Libraries that were built when a generation was frozen, and are loaded for ever.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use voxomics_tests::{table, workspace};

use crate::bench::{Bench, in_process, stranger};

/// A library of a generation, unpacked.
fn library(generation: u32, name: &str, bench: &Bench) -> PathBuf {
    let packed = workspace().join(format!("tests/generations/{generation}/{name}.so.gz"));
    let mut bytes = Vec::new();
    let file = fs::File::open(&packed).unwrap_or_else(|cause| panic!("{}: {cause}", packed.display()));
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("a library");
    bench.write(&format!("{name}.so"), bytes)
}

/// The tables of a run with a library in this process, or in one of its own.
fn tables(bench: &Bench, plugin: &str, rest: &str) -> [String; 2] {
    bench.write(
        "experiment.toml",
        format!(
            "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti', 'features-statistics', 'features-glcm']\n{plugin}\
             [regions.tumour]\nlabel = 1\n[discretisation]\nmethod = 'fixed bin size'\nwidth = 1\nminimum = 1\n\
             [features.statistics]\n[features.glcm]\naggregation = '3D merged'\n{rest}"
        ),
    );
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    ["features.csv", "scores.csv"].map(|name| fs::read_to_string(bench.path("out").join(name)).unwrap_or_default())
}

fn both(bench: &Bench, library: &Path, rest: &str) -> [String; 2] {
    let here = tables(bench, &in_process(library), rest);
    assert_eq!(here, tables(bench, &stranger(library), rest), "the same in a process of its own");
    here
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_library_in_c_of_generation_1_is_loaded_for_ever() {
    let bench = Bench::new("");
    let library = library(1, "c", &bench);
    both(&bench, &library, "[features.hot]\nthreshold = 2\n");
    let row = &table(&bench.path("out/features.csv"))[0];
    let number = |column: &str| row[column].parse::<f64>().expect("a number");
    assert_eq!(number("hot.mean"), (3.0 + 16.0 * 4.0 + 7.0 * 6.0) / 24.0);
    assert_eq!(number("hot.fraction"), 24.0 / 74.0);
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn a_library_in_rust_of_generation_1_is_loaded_for_ever() {
    let bench = Bench::new("");
    let library = library(1, "rust", &bench);
    let [features, scores] =
        both(&bench, &library, "[features.kept]\nabove = 2\n[predict.kept]\nplugin = 'predict-kept'\n");
    assert!(!features.is_empty() && !scores.is_empty());
    let row = &table(&bench.path("out/features.csv"))[0];
    let number = |column: &str| row[column].parse::<f64>().expect("a number");
    // IBSI's digital phantom: 50 voxels of 1, one of 3, 16 of 4 and 7 of 6; its levels are its intensities.
    assert_eq!(number("kept.mean"), (3.0 + 16.0 * 4.0 + 7.0 * 6.0) / 24.0);
    assert_eq!(number("kept.levels"), 50.0 + 3.0 + 16.0 * 4.0 + 7.0 * 6.0);
    // Every ordered pair of neighbours in its 74 voxels, counted one by one.
    assert_eq!(number("kept.cells"), 1054.0);
    let score = &table(&bench.path("out/scores.csv"))[0];
    assert_eq!(score["value"].parse::<f64>().expect("a score"), 2.0 * number("kept.mean"));
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn nothing_in_them_tells_where_they_were_built() {
    let bench = Bench::new("");
    for name in ["c", "rust"] {
        let bytes = fs::read(library(1, name, &bench)).expect("a library");
        for place in ["/home/", "/root/", "/work/", "/tmp/", ".cargo"] {
            assert!(!bytes.windows(place.len()).any(|window| window == place.as_bytes()), "{name}: {place}");
        }
    }
}
