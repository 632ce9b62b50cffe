//! Plugins in processes of their own: what one of them does costs its own values of one case, and is named.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Instant,
};

use voxomics_tests::{dicom, python, scene, table, workspace};

use crate::bench::{Bench, in_process, misbehaving, said, standard, stranger};

const CASES: &str = "[cases]\nmake = ['digital-phantom', 'synthetic-ct']\n";

/// An experiment with a plugin that ruins its process in the digital phantom, whose region has 74 voxels.
fn ruining(plugin: &str, family: &str, how: &str) -> Bench {
    // A busy machine may take long to say that memory is used up.
    let seconds = if how.contains("hang") || how.contains("way = 7") { 2 } else { 300 };
    let bench = Bench::new(&format!(
        "{CASES}[plugins]\nuse = ['load-nifti', 'features-statistics']\nseconds_per_call = {seconds}\nmemory_gb = 0.5\n{plugin}\
         [regions.tumour]\nlabel = 1\n[features.statistics]\n[features.{family}]\n{how}\nvoxels = 74\n"
    ));
    let path = bench.write("precious.csv", "kept");
    let path = if how.contains("directory") { "/".into() } else { path.display().to_string() };
    let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
    bench.write("experiment.toml", text.replace("PATH", &path));
    bench
}

/// The case that the plugin ends in has lost that plugin's value; every other value stands.
#[track_caller]
fn assert_contained(bench: &Bench, column: &str, plugin: &str, cause: &str) {
    let said = bench.run();
    assert_eq!(said.code, Some(3), "{said:?}");
    let rows = table(&bench.path("out/features.csv"));
    assert!(rows.len() > 2, "{rows:?}");
    for row in &rows {
        assert!(!row["statistics.mean"].is_empty(), "{row:?}");
        let lost = row["case"] == "digital-phantom";
        assert_eq!(row[column].is_empty(), lost, "{column}: {row:?}");
    }
    let failures = table(&bench.path("out/failures.csv"));
    let failure = failures.iter().find(|row| row["case"] == "digital-phantom").expect("a failure");
    let text = format!("{failure:?}");
    assert!(text.contains(plugin) && text.contains(cause), "{text}");
}

/// What a plugin does, whether that costs its value, and what the failure says.
const WAYS: [(&str, Option<&str>); 13] = [
    ("exit", Some("ended its process by itself (exit code 0)")),
    ("_exit", Some("ended its process by itself (exit code 0)")),
    ("abort", Some("aborted")),
    ("crash", Some("memory that is not its own")),
    ("overflow", Some("")),
    ("memory", Some("")),
    ("hang", Some("did not answer within the time")),
    ("fork", Some("not permitted")),
    ("socket", Some("not permitted")),
    ("write", Some("ermission denied")),
    ("directory", None),
    ("print", None),
    ("rounding", None),
];

/// What a ruinous plugin has cost, printed as a row of a table.
#[track_caller]
fn assert_ruin_is_contained(bench: &Bench, language: &str, way: &str, expected: Option<&str>) {
    let column = if language == "Python" { "ends.ends" } else { "ends.count" };
    match expected {
        Some(cause) => assert_contained(bench, column, "features-ends", cause),
        None => {
            let said = bench.run();
            assert_eq!(said.code, Some(0), "{language} {way}: {said:?}");
            assert!(!said.out.contains("belongs into no table"), "{said:?}");
            let rows = table(&bench.path("out/features.csv"));
            assert!(rows.iter().all(|row| !row[column].is_empty()));
            // Whatever it has changed, it is as if it had not.
            let text = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
            let sound = Bench::new(&text.replace("voxels = 74", "voxels = 0"));
            sound.write("ends.py", ENDS);
            assert_eq!(sound.run().code, Some(0), "{language} {way}");
            assert_eq!(rows, table(&sound.path("out/features.csv")), "{language} {way}");
        }
    }
    assert_eq!(fs::read_to_string(bench.path("precious.csv")).expect("it is there"), "kept", "{language} {way}");
    let failures = bench.path("out/failures.csv");
    let told = if failures.exists() { table(&failures).first().map(|row| row["message"].clone()) } else { None };
    println!("{language:<7} {way:<10} {}", told.as_deref().unwrap_or("costs nothing"));
}

#[test]
fn a_library_in_rust_that_ruins_its_process_costs_its_own_value_of_one_case() {
    for (way, expected) in WAYS {
        let bench = ruining(&stranger(&misbehaving("ends")), "ends", &format!("how = '{way}'\npath = 'PATH'"));
        assert_ruin_is_contained(&bench, "Rust", way, expected);
    }
}

#[test]
fn a_library_in_c_that_ruins_its_process_costs_its_own_value_of_one_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("ends.so");
    let built = Command::new("cc")
        .args(["-std=c99", "-O0", "-fPIC", "-shared", "-w", "-I"])
        .arg(workspace().join("include"))
        .arg(workspace().join("tests/misbehaving/ends.c"))
        .arg("-o")
        .arg(&library)
        .arg("-lm")
        .output();
    let Ok(built) = built else { return println!("left out: there is no compiler `cc`") };
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    for (number, (way, expected)) in
        WAYS.into_iter().enumerate().filter(|(_, (way, _))| !["write", "directory"].contains(way))
    {
        let bench = ruining(&stranger(&library), "ends", &format!("way = {}", number + 1));
        assert_ruin_is_contained(&bench, "C", way, expected);
    }
}

#[test]
fn a_library_in_this_process_that_ends_it_is_named_and_no_success() {
    let plugin = in_process(&misbehaving("ends"));
    let said = ruining(&plugin, "ends", "how = 'exit'").run();
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("features-ends ended the whole program"), "{}", said.err);

    let bench = ruining(&plugin, "ends", "how = 'directory'\npath = '/'");
    let said = bench.run();
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(bench.path("out/features.csv").exists());
}

#[test]
fn a_library_has_the_same_bits_in_a_worker() {
    let run = |isolation: &str| {
        let bench = Bench::new(&format!(
            "{CASES}[plugins]\nuse = ['load-nifti']\nisolation = '{isolation}'\n{}{}[regions.tumour]\nlabel = 1\n\
             [discretisation]\nmethod = 'fixed bin number'\nbins = 16\n[features.statistics]\n[features.glcm]\n",
            stranger(&standard("features-statistics")),
            stranger(&standard("features-glcm")),
        ));
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{said:?}");
        let record = fs::read_to_string(bench.path("out/run.json")).expect("a record");
        assert!(record.contains(&format!("\"{}\"", if isolation == "none" { "in-process" } else { "worker" })));
        fs::read(bench.path("out/features.csv")).expect("a table")
    };
    assert_eq!(run("none"), run("worker"));
}

/// What a family or a filter of ours needs to be configured, as TOML.
fn needed(id: &str) -> &'static str {
    match id {
        "wavelet" => "wavelet = 'db2'\n",
        "laws" => "kernels = 'L5E5E5'\n",
        "riesz" => "orders = '110'\n",
        "gabor" => "sigma_mm = 3\nlambda_mm = 4\n",
        "laplacian-of-gaussian" | "pyradiomics-log" => "sigma_mm = 2\n",
        "pyradiomics-intensity" => "change = 'square'\n",
        "habitats" => "number = 2\nparts = 'made_part'\nregions = ['tumour']\n",
        "whitestripe" => "peak = 'last'\nwidth = 0.4\n",
        _ => "",
    }
}

/// Every family, every filter that needs no cohort, the maker of regions and the exporter, as sections of an experiment; and the
/// libraries that they are in.
fn all_of_ours() -> (String, Vec<String>) {
    let said = voxomics_tests::run(["plugins", "list", "--json"]);
    let listed: Vec<serde_json::Value> = serde_json::from_str(&said.out).expect("a list");
    let (mut sections, mut libraries) = (String::new(), Vec::new());
    for entry in &listed {
        let plugins = entry["library"]["plugins"].as_array().expect("a description");
        for plugin in plugins {
            let id = plugin["id"].as_str().expect("an id");
            let set = needed(id);
            sections += &match plugin["kind"].as_str().expect("a kind") {
                // A region in one slice, and a scan that came as DICOM: in the next test.
                "features" if id.ends_with("shape2d") => continue,
                "export" if id == "dicom" => continue,
                "features" => format!("[features.{id}]\nimages = ['original']\n{set}"),
                "filter" | "regions" if plugin["fits"] == true => continue,
                "filter" => format!("[images.{id}]\nfilter = '{id}'\n{set}"),
                "regions" => format!(
                    "[regions.made]\nmaker = '{id}'\nof = 'tumour'\nlimits = [40]\ntake = ['part 1', 'part 2']\n"
                ),
                "export" => format!("[export.{id}]\nplugin = 'export-{id}'\n"),
                _ => continue,
            };
            libraries.push(entry["name"].as_str().expect("a name").to_owned());
        }
    }
    libraries.dedup();
    (sections.replace("[features.statistics]\nimages = ['original']\n", "[features.statistics]\n"), libraries)
}

/// Loaders are in `reads`, what is fitted and what learns in `fitted`.
#[test]
fn all_of_ours_have_the_same_bits_in_workers() {
    let (sections, libraries) = all_of_ours();
    assert!(libraries.len() > 25, "{libraries:?}");
    let run = |plugins: &dyn Fn(&Path) -> String| {
        let files: String = libraries.iter().map(|name| plugins(&standard(name))).collect();
        let bench = Bench::new(&format!(
            "[cases]\nmake = ['synthetic-ct']\n[plugins]\nuse = ['load-nifti']\n{files}[regions.tumour]\nlabel = 1\n\
             [discretisation]\nmethod = 'fixed bin number'\nbins = 16\n[images.original]\n{sections}",
        ));
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{said:?}");
        let record = fs::read_to_string(bench.path("out/run.json")).expect("a record");
        let exporters =
            fs::read_dir(bench.path("out/export")).expect("a folder").map(|entry| entry.expect("a folder").path());
        let files = exporters.flat_map(|folder| fs::read_dir(folder.join("synthetic-ct-1")).expect("a folder"));
        let mut exported: Vec<_> =
            files.map(|entry| fs::read(entry.expect("a file").path()).expect("a file")).collect();
        exported.sort();
        let table = fs::read_to_string(bench.path("out/features.csv")).expect("a table");
        (record.matches("\"runs\": \"worker\"").count(), table, exported)
    };
    let (isolated, table, exported) = run(&|path| stranger(path));
    assert_eq!(isolated, libraries.len());
    let (none, own_table, own_exported) = run(&|path| in_process(path));
    assert_eq!(none, 0);
    assert!(table == own_table && exported == own_exported);
    let values = table.lines().nth(1).expect("a row").split(',').filter(|value| !value.is_empty()).count();
    println!("{} libraries: {values} values of the tumour", libraries.len());
    assert!(values > 700, "{values}");
}

#[test]
fn a_shape_in_a_slice_and_dicom_objects_have_the_same_bits_in_workers() {
    let run = |plugins: fn(&Path) -> String| {
        let files: String = ["features-shape2d", "export-dicom"].map(|name| plugins(&standard(name))).concat();
        let bench = Bench::new(&format!(
            "[cases]\nlist = 'cases.csv'\n[plugins]\nuse = ['load-nifti', 'load-dicom']\n{files}[regions.tumour]\nlabel = 1\n\
             [features.shape2d]\n[export.dicom]\nplugin = 'export-dicom'\nmeasurements = false\n"
        ));
        let scan = scene::image(1);
        fs::create_dir(bench.path("ct")).expect("a folder");
        for (at, slice) in dicom::series(&scan, "1.2.2").iter().enumerate() {
            bench.write(&format!("ct/{at:02}.dcm"), slice.file(dicom::EXPLICIT));
        }
        let middle = scene::DIMS[2] / 2;
        bench.write("mask.nii", scan.map(|at| u8::from(at[2] == middle && scene::in_lesion(at))).bytes());
        bench.write("cases.csv", "case,image,mask\na,ct,mask.nii\n");
        // At one moment, objects have one UID, also in a worker.
        let said = said(bench.command().env("SOURCE_DATE_EPOCH", "1000000000"));
        assert_eq!(said.code, Some(0), "{said:?}");
        let object = fs::read(bench.path("out/export/dicom/a/regions.dcm")).expect("an object");
        let workers =
            fs::read_to_string(bench.path("out/run.json")).expect("a record").matches("\"runs\": \"worker\"").count();
        (workers, fs::read_to_string(bench.path("out/features.csv")).expect("a table"), object)
    };
    let (isolated, own) = (run(stranger), run(in_process));
    assert_eq!((isolated.0, own.0), (2, 0));
    assert!(isolated.1.lines().nth(1).is_some_and(|row| row.split(',').filter(|value| !value.is_empty()).count() > 8));
    assert_eq!(isolated.1, own.1);
    assert!(isolated.2 == own.2, "{} bytes and {}", isolated.2.len(), own.2.len());
}

/// The processes that a process has started.
fn children(parent: u32) -> Vec<i32> {
    let processes = fs::read_dir("/proc").expect("processes").filter_map(Result::ok);
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    let is_child = |number: &i32| {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        // After the name, which may hold anything, come state and parent.
        let after = stat.rsplit(')').next().unwrap_or_default();
        after.split_whitespace().nth(1).is_some_and(|found| found == parent.to_string())
    };
    numbers.filter(is_child).collect()
}

#[test]
fn a_worker_that_is_killed_at_any_moment_costs_no_byte_of_anything_else() {
    let text = format!(
        "{CASES}[plugins]\nuse = ['load-nifti', 'features-statistics']\n{}[regions.tumour]\nlabel = 1\n\
         [features.statistics]\n[features.ends]\n",
        stranger(&misbehaving("ends"))
    );
    let whole = Bench::new(&text);
    let start = Instant::now();
    assert_eq!(whole.run().code, Some(0));
    let length = start.elapsed();
    let sound = table(&whole.path("out/features.csv"));
    let (mut killed, mut lost) = (0, 0);
    for moment in 0..20 {
        let bench = Bench::new(&text);
        let mut program = bench.command();
        let program = program.args(["--threads", "1", "--quiet"]).stderr(Stdio::null());
        let mut running = program.spawn().expect("the program runs");
        // A run that has ended by then is whole.
        std::thread::sleep(length.mul_f64(f64::from(moment) / 20.0));
        for worker in children(running.id()) {
            // SAFETY: a call without pointers, to a child of the program that runs, which the program has not waited for.
            killed += usize::from(unsafe { libc::kill(worker, libc::SIGKILL) } == 0);
        }
        let status = running.wait().expect("a process");
        let features = bench.path("out/features.csv");
        match status.code() {
            // It was killed before it had said what it is: the run is refused.
            Some(2) => assert!(!features.exists()),
            Some(0 | 3) => {
                let rows = table(&features);
                assert_eq!(rows.len(), sound.len());
                for (row, expected) in rows.iter().zip(&sound) {
                    let is_lost = row["ends.count"].is_empty();
                    lost += usize::from(is_lost);
                    let same = |(column, value): (&String, &String)| {
                        expected[column] == *value || (is_lost && column == "ends.count")
                    };
                    assert!(row.iter().all(same), "{row:?} instead of {expected:?}");
                }
            }
            other => panic!("exit code {other:?}"),
        }
    }
    println!("{killed} workers killed in 20 runs: {lost} values lost");
    assert!(killed > 5 && lost > 0, "the moments were none: {killed} killed, {lost} lost");
}

#[test]
fn a_plugin_that_has_crashed_three_times_rests_and_that_is_said_once() {
    let bench = Bench::new(&format!(
        "[cases]\nlist = 'cases.csv'\n[plugins]\nuse = ['load-nifti', 'features-statistics']\n{}[regions.lesion]\nlabel = 1\n\
         [features.statistics]\n[features.ends]\nhow = 'crash'\nvoxels = {}\n",
        stranger(&misbehaving("ends")),
        scene::LESION_VOXELS
    ));
    bench.write("a.nii", scene::image(1).bytes());
    bench.write("mask.nii", scene::mask().bytes());
    let list: String = (1..=6).map(|case| format!("c{case},a.nii,mask.nii\n")).collect();
    bench.write("cases.csv", format!("case,image,mask\n{list}"));
    let said = crate::bench::said(bench.command().args(["--threads", "1"]));
    assert_eq!(said.code, Some(3), "{said:?}");
    assert_eq!(said.err.matches("touched memory that is not its own").count(), 3, "{}", said.err);
    assert_eq!(
        said.err.matches("features-ends: it has crashed 3 times and is not asked again").count(),
        1,
        "{}",
        said.err
    );
    let failures = table(&bench.path("out/failures.csv"));
    assert_eq!(failures.iter().filter(|row| row["message"].contains("is not asked again")).count(), 3);
    assert!(table(&bench.path("out/features.csv")).iter().all(|row| !row["statistics.mean"].is_empty()));
}

/// The experiment that ships, whose predictor is a stranger's and reads a model.
#[test]
fn a_predictor_in_a_worker_reads_the_model_that_its_settings_name() {
    let text = fs::read_to_string(workspace().join("configs/features.toml")).expect("an experiment");
    let model = workspace().join("configs/models/demonstration.toml").display().to_string();
    let text = text.replace("    \"predict-linear\",\n", "").replace("models/demonstration.toml", &model);
    let scores = |plugin: String| {
        let bench = Bench::new(&text.replace("[regions.tumour]", &format!("{plugin}[regions.tumour]")));
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{said:?}");
        fs::read(bench.path("out/scores.csv")).expect("scores")
    };
    let library = standard("predict-linear");
    assert_eq!(scores(stranger(&library)), scores(in_process(&library)));
}

const ENDS: &str = r#"
import os, socket, sys
from voxomics_plugin import feature, ordered_sum

@feature(unit="1")
def ends(region, *, how: str = "never", voxels: int = 0, path: str = ""):
    """Number of voxels, in Python."""
    inside = region.intensities()
    if inside.size == voxels:
        match how:
            case "exit": sys.exit(0)
            case "_exit": os._exit(0)
            case "abort": os.abort()
            case "crash":
                import ctypes
                ctypes.string_at(8)
            case "overflow":
                def deeper(): return deeper() + 1
                deeper()
            case "memory":
                kept = []
                while True: kept.append(bytearray(16 << 20))
            case "hang":
                while True: pass
            case "raise": raise RuntimeError("of no use")
            case "write": open(path, "w")
            case "fork": os.fork()
            case "socket": socket.socket()
            case "directory": os.chdir("/")
            case "print": print("a line that belongs into no table")
            case "rounding":
                import ctypes, platform
                ctypes.CDLL(None).fesetround(0x400 if platform.machine() == "x86_64" else 0x800000)
    return ordered_sum(inside > -1e9)
"#;

#[test]
fn a_script_that_ruins_its_process_costs_its_own_value_of_one_case() {
    if !python() {
        return;
    }
    let raises = ("raise", Some("RuntimeError: of no use"));
    for (way, expected) in WAYS.into_iter().chain([raises]) {
        let how = format!("how = '{way}'\npath = 'PATH'");
        let bench = ruining("[[plugins.python]]\nfile = 'ends.py'\n", "ends", &how);
        bench.write("ends.py", ENDS);
        let expected = match way {
            // Python says these in its own words.
            "overflow" => Some("RecursionError"),
            "memory" => Some("out of memory: the limit of this worker is reached"),
            _ => expected,
        };
        assert_ruin_is_contained(&bench, "Python", way, expected);
    }
}
