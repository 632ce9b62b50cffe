//! Who opens the files of a case: what is hashed is what was read, whatever the format, and a loader reads through the program.

use std::{
    fs,
    path::Path,
    time::{Duration, SystemTime},
};

use voxomics_tests::{
    dicom::{EXPLICIT, series},
    python, scene, table,
};

use crate::{
    bench::{Bench, in_process, standard, stranger},
    kit::samples,
};

/// Files that were written long ago: their size and time stand for their bytes.
fn leave_alone(folder: &Path) {
    for path in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_file() {
            let file = fs::OpenOptions::new().append(true).open(&path).expect("a file");
            file.set_modified(SystemTime::now() - Duration::from_secs(600)).expect("a time");
        }
    }
}

/// The mean of the only row, and whether an earlier run has found it.
#[track_caller]
fn mean(bench: &Bench) -> (f64, bool) {
    leave_alone(&bench.path("case"));
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    let mean = table(&bench.path("out/features.csv"))[0]["statistics.mean"].parse().expect("a number");
    (mean, said.out.contains("1 case finished before"))
}

fn experiment(plugins: &str) -> String {
    format!(
        "[cases]\nlist = 'cases.csv'\n[plugins]\nuse = ['load-nifti', 'load-dicom', 'features-statistics']\n{plugins}\
         [regions.lesion]\nlabel = 1\n[features.statistics]\n"
    )
}

#[test]
fn a_series_of_which_the_list_names_one_slice_is_known_by_all_of_them() {
    let bench = Bench::new(&experiment(""));
    let write = |seed: u64| {
        for (at, slice) in series(&scene::image(seed), "1.2.3").iter().enumerate() {
            // The slice that the list names is the same in both.
            if at > 0 || seed == 1 {
                bench.write(&format!("case/{at:02}.dcm"), slice.file(EXPLICIT));
            }
        }
    };
    write(1);
    bench.write("mask.nii", scene::mask().bytes());
    bench.write("cases.csv", "case,image,mask\na,case/00.dcm,mask.nii\n");
    leave_alone(&bench.path(""));
    let (first, _) = mean(&bench);
    assert_eq!(mean(&bench), (first, true));
    write(2);
    let (other, found) = mean(&bench);
    assert!(other != first && !found, "{other}, {found}");
    // A further file may be a slice.
    bench.write("case/notes.txt", "none");
    assert_eq!(mean(&bench), (other, false));
    assert_eq!(mean(&bench), (other, true));
}

const SCALED: &str = r#"
from voxomics_plugin import Failure, Grid, Loaded, Scan, loader
import numpy as np

@loader(formats=["SCALED"], recognises=lambda path, head: head.startswith(b"SCALED"))
def scaled(request):
    """Voxels that count from 0, times what a file beside them says."""
    with request.host.open(request.path) as file:
        dims = tuple(int(n) for n in file.read().split()[1:])
    factor = 1.0
    try:
        with request.host.open(request.path + ".scale") as file:
            factor = float(file.read())
    except Failure:
        pass
    voxels = np.arange(dims[0] * dims[1] * dims[2], dtype=np.float64) * factor
    grid = Grid(dims, spacing=(1.0, 1.25, 2.0), origin=(20.0, -12.5, -300.0), direction=((-1, 0, 0), (0, -1, 0), (0, 0, 1)))
    return Loaded(images=[Scan(voxels.reshape(grid.shape), grid)])
"#;

#[test]
#[cfg(target_os = "linux")]
fn what_a_loader_reads_beside_its_file_belongs_to_the_case() {
    if !python() {
        return;
    }
    let bench = Bench::new(&experiment("[[plugins.python]]\nfile = 'scaled.py'\n"));
    bench.write("scaled.py", SCALED);
    let [x, y, z] = scene::DIMS;
    bench.write("case/scan", format!("SCALED {x} {y} {z}"));
    bench.write("mask.nii", scene::mask().bytes());
    bench.write("cases.csv", "case,image,mask\na,case/scan,mask.nii\n");
    leave_alone(&bench.path(""));
    let (plain, _) = mean(&bench);
    assert_eq!(mean(&bench), (plain, true));
    // What was not there is there now; then it is another one; then it is gone.
    bench.write("case/scan.scale", "2.0");
    assert_eq!(mean(&bench), (2.0 * plain, false));
    assert_eq!(mean(&bench), (2.0 * plain, true));
    let record = fs::read_to_string(bench.path("out/run.json")).expect("a record");
    let record: serde_json::Value = serde_json::from_str(&record).expect("JSON");
    let scale = voxomics_engine::digest::sha256(b"2.0");
    assert_eq!(record["cases"][0]["beside"]["image"], serde_json::json!({ "scan.scale": scale }));
    bench.write("case/scan.scale", "4.0");
    assert_eq!(mean(&bench), (4.0 * plain, false));
    fs::remove_file(bench.path("case/scan.scale")).expect("a file");
    assert_eq!(mean(&bench).0, plain);
}

/// In a worker, what is not opened by the program cannot be read at all.
#[test]
#[cfg(target_os = "linux")]
fn our_own_loaders_read_through_the_program() {
    let bench = Bench::new("");
    let scan = voxomics_tests::nifti::Nifti::new(
        [4, 3, 5],
        voxomics_tests::nifti::straight([1.0; 3], [0.0; 3]),
        |[x, _, _]| u8::from(x > 0),
    );
    let mut formats = samples(&bench);
    // Header and voxels in two files.
    let whole = fs::read(bench.path("meta/scan.mha")).expect("a file");
    let text = "ElementDataFile = LOCAL\n";
    let end = whole.windows(text.len()).position(|window| window == text.as_bytes()).expect("a header") + text.len();
    bench.write("pair/scan.raw", &whole[end..]);
    let header = String::from_utf8(whole[..end].to_vec()).expect("text").replace("LOCAL", "scan.raw");
    formats.push(("load-metaimage", bench.write("pair/scan.mhd", header)));
    formats.push(("load-dicom", bench.path("dicom/3.dcm")));
    let mask = bench.write("mask.nii", scan.bytes());
    for (loader, image) in formats {
        let features = |plugin: String| {
            // Where a format can hold labels, the scan is its own mask.
            let (mask, regions) = match loader {
                "load-dicom" => (&mask, "label = 1"),
                _ => (&image, "any = true"),
            };
            let settings = if loader == "load-picture" { "pixel_mm = [1, 1]\n" } else { "" };
            let ours = if loader == "load-nifti" { "" } else { "'load-nifti', " };
            let run = Bench::new(&format!(
                "[cases]\nlist = 'cases.csv'\n[plugins]\nuse = [{ours}'features-statistics']\n{plugin}\
                 [load.{}]\n{settings}[regions.lesion]\n{regions}\n[features.statistics]\n",
                &loader[5..]
            ));
            run.write("cases.csv", format!("case,image,mask\na,{},{}\n", image.display(), mask.display()));
            let said = run.run();
            assert_eq!(said.code, Some(0), "{loader} {}: {said:?}", image.display());
            let record = fs::read_to_string(run.path("out/run.json")).expect("a record");
            (record.contains("\"worker\""), fs::read(run.path("out/features.csv")).expect("a table"))
        };
        let library = standard(loader);
        let (isolated, table) = features(stranger(&library));
        assert!(isolated, "{loader}");
        assert_eq!((false, table), features(in_process(&library)), "{loader}");
    }
}
