//! The doors for authors in C and in Python: what `plugins new` makes in C, and every kind in Python.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use voxomics_tests::{python, run, table, workspace};

use crate::bench::{Bench, assert_says};

/// A folder in C that `plugins new` makes, built and tested with its own makefile; nothing where there is no compiler.
pub fn made_in_c(bench: &Bench, kind: &str, edited: impl Fn(String) -> String) -> Option<PathBuf> {
    let folder = bench.path(kind);
    let made = run(["plugins", "new", kind, "hot-spot", "--language", "c", "--folder", &folder.display().to_string()]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let source = folder.join("hot_spot.c");
    fs::write(&source, edited(fs::read_to_string(&source).expect("a source"))).expect("a file");
    // What an author's compiler may be asked to be.
    let strict = "CFLAGS=-O1 -Wconversion -pedantic -Werror";
    let Ok(built) = Command::new("make").args(["-s", "test", strict]).current_dir(&folder).output() else {
        println!("left out: there is no `make`");
        return None;
    };
    assert!(built.status.success(), "{kind}: {}", String::from_utf8_lossy(&built.stderr));
    Some(folder.join("libhot_spot.so"))
}

fn plugin_file(path: &Path) -> String {
    format!("[[plugins.file]]\npath = '{}'\n", path.display())
}

#[test]
#[cfg(target_os = "linux")]
fn a_new_plugin_in_c_builds_passes_its_tests_and_runs_at_once() {
    let bench = Bench::new("");
    let kinds = ["loader", "family", "predictor", "filter"];
    let Some(made) = kinds.map(|kind| made_in_c(&bench, kind, |text| text)).into_iter().collect::<Option<Vec<_>>>()
    else {
        return;
    };
    bench.write("image.raw8", b"RAW8\x02\x01\x01\x05\x07");
    bench.write("mask.raw8", b"RAW8\x02\x01\x01\x01\x01");
    bench.write("cases.csv", "case,image,mask\na,image.raw8,mask.raw8\n");
    let head = |plugins: &[PathBuf]| {
        let plugins: String = plugins.iter().map(|path| plugin_file(path)).collect();
        format!(
            "[cases]\nlist = 'cases.csv'\n[plugins]\nuse = ['features-statistics']\n{plugins}[regions.tumour]\nlabel = 1\n\
             [features.statistics]\n"
        )
    };
    let scored = "[features.hot-spot]\nthreshold = 6\n[predict.score]\nplugin = 'predict-hot-spot'\nweight = 2\n";
    bench.write("experiment.toml", head(&made[..3]) + scored);
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(table(&bench.path("out/features.csv"))[0]["hot-spot.fraction"], "0.5");
    assert_eq!(table(&bench.path("out/scores.csv"))[0]["value"], "12");
    let filtered = head(&[made[0].clone(), made[3].clone()]) + "[images.moved]\nfilter = 'hot-spot'\noffset = 2\n";
    bench.write("experiment.toml", filtered);
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(table(&bench.path("out/features.csv"))[0]["statistics.mean"], "8");
    let shown = run(["plugins", "inspect", &made[1].display().to_string()]);
    assert_says(&shown.out, &["do not depend on rotation, mirroring, translation"]);
}

/// Every kind that Python had no door for: a maker of regions, a filter that is fitted, an exporter, a closed predictor.
const KINDS: &str = r#"
from voxomics_plugin import Card, Undefined, exporter, filter, ordered_sum, predictor, region_maker

@region_maker(labels={1: "low", 2: "high"})
def split(image, *, limit: float):
    """Below and above a limit."""
    inside = next(iter(image.regions.values()))
    return (inside != 0) * (1 + (image.voxels > limit))

@filter(margin=0, units=["1"])
class Scaled:
    """Divided by the mean of the cohort."""
    def observe(self, image):
        inside = image.voxels[image.regions["tumour"] != 0]
        return ordered_sum(inside) / inside.size
    def fit(self, observations):
        return {"mean": sum(observations) / len(observations)}
    def apply(self, image, state):
        return image.voxels / state["mean"]

@predictor
class Closed:
    """Half of the mean."""
    card = Card("Tests", "nobody", {"tumour:original.statistics.mean": (0, 1, "intensity")}, contact="models@example.org")
    def inputs(self):
        return ["tumour:original.statistics.mean"]
    def predict(self, inputs):
        return inputs[0].value / 2

@exporter(regions=True, image=True)
def lines(case):
    """What it was told."""
    sums = [f"{name} {int(mask.sum())} {case.volumes_ml[name]:g} {case.image[mask != 0].sum():g}"
            for name, mask in case.regions.items()]
    scores = [f"{score.model} {value!r} {len(score.doubts)}" for score in case.scores for _, _, value in score.outputs]
    undefined = [why for why in case.reasons.values()]
    return {"told.txt": "\n".join([case.name, *sums, *scores, f"{case.values.shape} {len(undefined)}"])}
"#;

#[test]
#[cfg(target_os = "linux")]
fn every_kind_can_be_written_in_python() {
    if !python() {
        return;
    }
    let bench = Bench::new(
        "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti', 'features-statistics']\n\
         [[plugins.python]]\nfile = 'kinds.py'\n[regions.tumour]\nlabel = 1\n\
         [regions.low]\nmaker = 'split'\nof = 'tumour'\ntake = 'low'\nlimit = 2\n\
         [regions.high]\nmaker = 'split'\nof = 'tumour'\ntake = 'high'\nlimit = 2\n\
         [images.original]\n[images.scaled]\nfilter = 'scaled'\nstate = 'state.txt'\n[features.statistics]\n\
         [predict.closed]\nplugin = 'predict-closed'\n[export.lines]\nplugin = 'export-lines'\n",
    );
    bench.write("kinds.py", KINDS);
    bench.write("state.txt", r#"{"mean": 4.0}"#);
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    // IBSI's digital phantom: 50 voxels of 1, one of 3, 16 of 4 and 7 of 6, each of 2 mm by 2 mm by 2 mm.
    let rows = table(&bench.path("out/features.csv"));
    let number = |row: usize, column: &str| rows[row][column].parse::<f64>().expect("a number");
    assert_eq!(rows.iter().map(|row| row["region"].as_str()).collect::<Vec<_>>(), ["tumour", "low", "high"]);
    let means = [0, 1, 2].map(|row| number(row, "original.statistics.mean"));
    assert_eq!((means[1], (means[0] * 74.0).round(), (means[2] * 24.0).round()), (1.0, 159.0, 109.0));
    assert_eq!(number(0, "scaled.statistics.mean"), means[0] / 4.0);
    let score = &table(&bench.path("out/scores.csv"))[0];
    assert_eq!(score["value"].parse::<f64>().expect("a score"), means[0] / 2.0);
    assert_says(&score["doubts"], &["tumour:original.statistics.mean", "outside the training's 0 to 1"]);
    let card = &table(&bench.path("out/model_cards.csv"))[0];
    let stated = ["model", "plugin", "intended_use", "valid_until", "contact", "licence_file"];
    assert_eq!(
        stated.map(|column| card[column].as_str()),
        ["closed", "predict-closed", "Tests", "not stated", "models@example.org", "not needed"]
    );
    assert_eq!(card["input_ranges"], "tumour:original.statistics.mean: 0 to 1 intensity");
    let told = fs::read_to_string(bench.path("out/export/lines/digital-phantom/told.txt")).expect("an export");
    let expected = ["digital-phantom", "tumour 74 0.592 159", "low 50 0.4 50", "high 24 0.192 109", "closed 1.07"];
    assert_says(&told, &expected);
}

/// The examples of the page for authors, held to what it asks of them.
#[test]
#[cfg(target_os = "linux")]
fn the_examples_of_the_page_pass_the_kit() {
    if !python() {
        return;
    }
    let page = fs::read_to_string(workspace().join("docs/plugins.md")).expect("a page");
    let (_, examples) = page.split_once("## An example of each kind").expect("a section");
    let (_, code) = examples.split_once("```python\n").expect("code");
    let (code, _) = code.split_once("```").expect("its end");
    let bench = Bench::new("");
    let file = bench.write("kinds.py", code).display().to_string();
    let sample =
        bench.write("scan.raw8", [&b"RAW8"[..], &[2, 2, 2], &[1, 2, 3, 4, 5, 6, 7, 8]].concat()).display().to_string();
    let said = run(["plugins", "test", &file, "--sample", &sample, "--together"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    for kind in ["features-hot_share", "filter-moved", "load-raw8", "predict-weighted", "regions-split", "export-names"]
    {
        assert_says(&said.out, &[kind]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_in_python_is_inspected_like_a_library() {
    if !python() {
        return;
    }
    let bench = Bench::new("");
    let file = bench.write("kinds.py", KINDS).display().to_string();
    let said = run(["plugins", "inspect", &file]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    let pieces =
        ["runs      worker", "regions-split", "setting limit: a number; required", "training population: nobody"];
    assert_says(&said.out, &pieces);
    let json: serde_json::Value =
        serde_json::from_str(&run(["plugins", "inspect", &file, "--json"]).out).expect("JSON");
    assert_eq!(json["library"]["plugins"].as_array().map(Vec::len), Some(4));
    let broken = bench.write("broken.py", "import no_such_module\n").display().to_string();
    let said = run(["plugins", "inspect", &broken]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert_says(&said.err, &["broken.py", "broken.py:1: ModuleNotFoundError"]);
    let said = run(["plugins", "inspect", &bench.path("gone.py").display().to_string()]);
    assert_says(&said.err, &["gone.py cannot be read"]);
}
