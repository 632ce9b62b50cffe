//! `voxomics plugins test`: our own plugins pass, and each plugin that strays fails the check that is named after its fault.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value as Json;
use voxomics_tests::{
    Said,
    dicom::{EXPLICIT, series},
    nifti::{Nifti, straight},
    run, workspace,
};

use crate::bench::{Bench, misbehaving, standard};

/// What the kit says of a file, with the exit code.
fn tested(file: &Path, arguments: &[&str]) -> (Said, Json) {
    let file = file.display().to_string();
    let said = run([&["plugins", "test", &file, "--json"], arguments].concat());
    let report = serde_json::from_str(&said.out).unwrap_or_else(|cause| panic!("{cause}: {said:?}"));
    (said, report)
}

/// The findings of a report: plugin, check, outcome, sentence.
fn findings(report: &Json) -> Vec<[String; 4]> {
    let text = |finding: &Json, key: &str| finding[key].as_str().expect("a text").to_owned();
    let one = |finding: &Json| ["plugin", "check", "outcome", "sentence"].map(|key| text(finding, key));
    report["checks"].as_array().expect("a list").iter().map(one).collect()
}

/// Files that our loaders read, each as its format's own documentation has it.
pub fn samples(bench: &Bench) -> Vec<(&'static str, PathBuf)> {
    let scan = Nifti::new([4, 3, 5], straight([1.0; 3], [0.0; 3]), |[x, y, z]| (x + 10 * y + 100 * z) as i16);
    let voxels: Vec<u8> = scan.voxels.clone();
    let of_text = |head: &str| [head.as_bytes(), &voxels].concat();
    let nrrd = "NRRD0004\ntype: short\ndimension: 3\nsizes: 4 3 5\nspace: left-posterior-superior\n\
                space directions: (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\nendian: little\nencoding: raw\n\n";
    let meta = "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n\
                TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 0 0 0\nElementSpacing = 1 1 1\nDimSize = 4 3 5\n\
                ElementType = MET_SHORT\nElementDataFile = LOCAL\n";
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, 4, 3);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&[7; 12]).expect("a picture");
    writer.finish().expect("a picture");
    for (at, slice) in series(&scan, "1.2.3").iter().enumerate() {
        bench.write(&format!("dicom/{at}.dcm"), slice.file(EXPLICIT));
    }
    vec![
        ("load-nifti", bench.write("nifti/scan.nii", scan.bytes())),
        ("load-nrrd", bench.write("nrrd/scan.nrrd", of_text(nrrd))),
        ("load-metaimage", bench.write("meta/scan.mha", of_text(meta))),
        ("load-picture", bench.write("picture/scan.png", png)),
        ("load-dicom", bench.path("dicom")),
    ]
}

/// What a plugin needs to be configured, where its description does not say.
fn needed(plugin: &str) -> Vec<String> {
    let model = workspace().join("configs/models/demonstration.toml");
    match plugin {
        "filter-wavelet" => vec!["--set".into(), "wavelet=db2".into()],
        "filter-laws" => vec!["--set".into(), "kernels=L5E5E5".into()],
        "filter-riesz" => vec!["--set".into(), "orders=110".into()],
        "predict-linear" => vec!["--set".into(), format!("model={}", model.display())],
        "predict-forest" => vec!["--set".into(), "trees=10".into()],
        "load-picture" => vec!["--set".into(), "pixel_mm=[1, 1]".into()],
        _ => Vec::new(),
    }
}

#[test]
fn our_own_plugins_pass_every_check() {
    let bench = Bench::new("");
    let samples = samples(&bench);
    let mut made = BTreeSet::new();
    let folders = fs::read_dir(workspace().join("plugins")).expect("a folder");
    // One that stands outside of the workspace has a lock of its own, and is not built with it.
    let folders = folders.filter(|entry| !entry.as_ref().is_ok_and(|entry| entry.path().join("Cargo.lock").exists()));
    let names = folders.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
    for name in names {
        let mut arguments = needed(&name);
        if let Some((_, sample)) = samples.iter().find(|(loader, _)| *loader == name) {
            arguments.extend(["--sample".into(), sample.display().to_string()]);
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // One process for each plugin: with one for each check, these would be 1,300.
        let (said, report) = tested(&standard(&name), &[&arguments[..], &["--together"]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        for [plugin, check, outcome, sentence] in findings(&report) {
            let finding = format!("{outcome} {plugin} {check}: {sentence}");
            assert!(["passed", "skipped"].contains(&outcome.as_str()) || check == "time", "{finding}");
            assert!(!sentence.contains("--set") && !sentence.contains("--sample"), "it was not tried: {finding}");
            if outcome == "passed" {
                made.insert(check);
            }
        }
    }
    // Every check was made on something of ours.
    let help = fs::read_to_string(workspace().join("docs/plugins.md")).expect("a page");
    let all =
        help.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | ")).map(|(name, _)| name.to_owned());
    let all: BTreeSet<String> = all.collect();
    assert_eq!(all.difference(&made).collect::<Vec<_>>(), Vec::<&String>::new(), "of {}", made.len());
    assert!(made.len() > 30, "{}", made.len());
}

/// Asserts that a check finds a fault, and that its name is that of the fault.
#[track_caller]
fn assert_found(file: &Path, arguments: &[&str], check: &str, outcome: &str, sentence: &str) {
    let only = [arguments, &["--only", check]].concat();
    let (said, report) = tested(file, &only);
    let found = findings(&report);
    // A library has several plugins, and each has its own answer.
    let mut hits = found.iter().filter(|[_, name, how, _]| name == check && how == outcome);
    let hit = hits.find(|[_, _, _, text]| text.contains(sentence));
    let Some([_, _, _, text]) = hit else { panic!("{arguments:?}: {check} is not {outcome}: {found:?}") };
    let code = if outcome == "warned" { 0 } else { 3 };
    assert_eq!(said.code, Some(code), "{said:?}");
    println!(
        "{:<60} {outcome} {check}: {text}",
        format!("{} {}", file.file_name().expect("a name").display(), arguments.join(" "))
    );
}

/// What the family `strays` does badly, the check that finds it, and a piece of what the check says.
const STRAYS: [(&str, &str, &str, &str); 26] = [
    ("counts its calls", "same-twice", "failed", "the same case twice: `sum` is"),
    ("counts its instances", "same-twice", "failed", "on a second instance"),
    ("counts its threads", "threads", "failed", "on 1 and on 7 threads"),
    ("keeps the first case", "order", "failed", "in one order of cases"),
    ("keeps a failure", "after-failure", "failed", "before and after a case that failed"),
    ("knows left", "rotation", "failed", "as it is, and turned"),
    ("knows left", "mirroring", "failed", "as it is, and mirrored"),
    ("looks beyond", "reach", "failed", "its margin is 0 mm"),
    ("skips NaN", "nan", "failed", "`sum` is a number although"),
    ("knows its place", "oblique", "failed", "on an oblique grid"),
    ("fears one voxel", "one-voxel", "failed", "there is no neighbour"),
    ("fears thin regions", "line", "failed", "is too thin"),
    ("divides by the variance", "flat", "failed", "inf"),
    ("has 256 levels", "many-levels", "failed", "out of bounds"),
    ("gives no reason", "one-voxel", "failed", "no reason"),
    ("sets the environment", "environment", "failed", "`OMP_NUM_THREADS`"),
    ("sets the locale", "locale", "failed", "C.UTF-8"),
    ("leaves a thread", "threads-left", "failed", "running"),
    ("leaves a file", "files-left", "failed", "strays.tmp"),
    ("leaves a file open", "files-left", "failed", "/dev/null"),
    ("prints", "prints", "failed", "belongs into no table"),
    ("keeps memory", "memory", "failed", "kB of each call"),
    ("compares all pairs", "time", "warned", "times the time"),
    ("is stubborn", "cancellation", "failed", "after the run is given up"),
    ("miscalls the end", "cancellation", "failed", "another error"),
    ("mutters", "messages", "failed", "says nothing"),
];

#[test]
fn a_family_in_rust_fails_the_check_that_is_named_after_its_fault() {
    let library = misbehaving("strays");
    for (how, check, outcome, sentence) in STRAYS {
        let how = format!("how=\"{how}\"");
        assert_found(&library, &["--set", &how], check, outcome, sentence);
    }
    let how = "how=\"aborts at an empty region\"";
    assert_found(&library, &["--set", how], "after-failure", "crashed", "it aborted");
    let waits = ["--set", "how=\"holds a lock\"", "--seconds", "3"];
    assert_found(&library, &waits, "threads", "crashed", "did not answer within the time");
}

#[test]
fn checks_that_share_a_process_go_on_after_one_that_ends_it() {
    let how = "how=\"aborts at an empty region\"";
    let only = ["order", "after-failure", "rotation", "mirroring"];
    let only: Vec<&str> = only.iter().flat_map(|check| ["--only", *check]).collect();
    let (said, report) = tested(&misbehaving("strays"), &[&["--together", "--set", how][..], &only[..]].concat());
    assert_eq!(said.code, Some(3), "{said:?}");
    let found = findings(&report);
    let of_strays = found.iter().filter(|[plugin, ..]| plugin == "features-strays");
    let outcomes: Vec<(&str, &str)> = of_strays.map(|[_, check, how, _]| (check.as_str(), how.as_str())).collect();
    let expected = [("order", "passed"), ("after-failure", "crashed"), ("rotation", "passed"), ("mirroring", "passed")];
    assert_eq!(outcomes, expected);
    assert_eq!(report["outcomes"]["crashed"], 1);
}

#[test]
fn plugins_of_the_other_kinds_fail_the_check_that_is_named_after_their_fault() {
    let bench = Bench::new("");
    let sample = bench.write("sample/scan", "anything").display().to_string();
    let library = misbehaving("strays");
    for (check, sentence) in [
        ("reach", "its margin along axis 0 is 1 voxels"),
        ("fitted", "two states"),
        ("maps", "in the map at voxel"),
        ("learns", "two models"),
        ("missing-inputs", "is NaN, and there is a score"),
        ("recognises", "a file of no format"),
        ("damaged", "which holds no scan"),
        ("size-limit", "1 byte"),
    ] {
        assert_found(&library, &["--sample", &sample], check, "failed", sentence);
    }
}

#[test]
fn libraries_that_were_misbehaving_before_there_was_a_kit_fail_a_check_as_well() {
    assert_found(&misbehaving("rounds"), &["--set", "in=compute"], "rounding", "failed", "another rounding");
    assert_found(&misbehaving("rounds"), &["--set", "in=configure"], "rounding", "failed", "another rounding");
    assert_found(&misbehaving("ends"), &["--set", "how=directory", "--set", "path=/"], "directory", "failed", "/");
    assert_found(&misbehaving("ends"), &["--set", "how=exit"], "after-failure", "crashed", "exit code 0");
    let slow = ["--set", "how=hang", "--seconds", "2"];
    assert_found(&misbehaving("ends"), &slow, "after-failure", "crashed", "did not answer within the time");
    assert_found(&misbehaving("hazards"), &["--set", "what=nothing"], "threads", "failed", "`threads` is 1.0");
    for (name, sentence) in [
        ("no_symbol", "voxomics_plugin_entry"),
        ("generation_2", "generation"),
        ("entry_is_data", "function"),
        ("panics_in_describe", "cannot describe itself"),
    ] {
        let (said, report) = tested(&misbehaving(name), &[]);
        assert_eq!(said.code, Some(3), "{said:?}");
        let found = findings(&report);
        assert!(found.len() == 1 && found[0][1] == "loads" && found[0][2] == "failed", "{found:?}");
        assert!(found[0][3].contains(sentence), "{found:?}");
    }
}

#[test]
fn a_family_in_c_fails_the_check_that_is_named_after_its_fault() {
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("strays.so");
    let built = Command::new("cc")
        .args(["-std=c99", "-O0", "-fPIC", "-shared", "-w", "-I"])
        .arg(workspace().join("include"))
        .arg(workspace().join("tests/misbehaving/strays.c"))
        .args(["-lm", "-o"])
        .arg(&library)
        .output();
    let Ok(built) = built else { return println!("left out: there is no compiler `cc`") };
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let (said, report) = tested(&library, &[]);
    assert_eq!(said.code, Some(0), "{report:#}");
    for (way, (check, outcome, sentence)) in [
        ("same-twice", "failed", "the same case twice"),
        ("one-voxel", "crashed", "memory that is not its own"),
        ("after-failure", "crashed", "exit code 0"),
        ("prints", "failed", "a line without an end"),
        ("rounding", "failed", "another rounding"),
        ("locale", "failed", "C.UTF-8"),
        ("directory", "failed", "/"),
        ("memory", "failed", "kB of each call"),
        ("negative-spacing", "failed", "`volume` is"),
    ]
    .into_iter()
    .enumerate()
    {
        assert_found(&library, &["--set", &format!("way={}", way + 1)], check, outcome, sentence);
    }
}

const STRAYS_IN_PYTHON: &str = r#"
"""A family in Python, and one thing done badly."""

import ctypes, locale, os, tempfile, threading, time
from typing import Literal
from voxomics_plugin import Undefined, feature, ordered_sum

__version__ = "1"
__vendor__ = "The tests"
__licence__ = "MIT"

calls, kept = 0, []

@feature(unit="intensity", meaning="the region is bright", equation="sum of X")
def strays(region, *, how: str = "not at all"):
    """Sum of the intensities."""
    global calls
    calls += 1
    inside = region.intensities()
    if inside.size == 0:
        if how == "aborts": os.abort()
        raise Undefined("the region has no voxel")
    strayed = 0.0
    match how:
        case "counts": strayed = calls
        case "prints": print("a line that belongs into no table")
        case "directory": os.chdir("/")
        case "environment": os.environ["OMP_NUM_THREADS"] = "3"
        case "locale": locale.setlocale(locale.LC_ALL, "C.UTF-8" if calls > 1 else "C")
        case "rounding": ctypes.CDLL("libm.so.6").fesetround(0x800)
        case "thread": threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        case "file": open(os.path.join(tempfile.gettempdir(), "strays.tmp"), "w").close()
        case "open": kept.append(open("/dev/null"))
        case "memory": kept.append(bytearray(b"x" * (1 << 20)))
        case "flat": strayed = 1.0 / int(inside.max() - inside.min())
        case "place": strayed = region.grid.origin[0]
    total = ordered_sum(inside)
    if total != total or total in (float("inf"), float("-inf")):
        raise Undefined("an intensity is no finite number")
    return total + strayed
"#;

#[test]
fn a_script_fails_the_check_that_is_named_after_its_fault() {
    let works =
        Command::new("python3").args(["-c", "import numpy, sys; sys.exit(sys.version_info < (3, 10))"]).output();
    if !works.is_ok_and(|output| output.status.success()) {
        return println!("left out: there is no python3 of 3.10 or newer with NumPy");
    }
    let bench = Bench::new("");
    let script = bench.write("strays.py", STRAYS_IN_PYTHON);
    let (said, report) = tested(&script, &[]);
    assert_eq!(said.code, Some(0), "{report:#}");
    for (how, check, outcome, sentence) in [
        ("counts", "same-twice", "failed", "the same case twice"),
        ("prints", "prints", "failed", "belongs into no table"),
        ("directory", "directory", "failed", "/"),
        ("environment", "environment", "failed", "`OMP_NUM_THREADS`"),
        ("rounding", "rounding", "failed", "another rounding"),
        ("thread", "threads-left", "failed", "running"),
        ("file", "files-left", "failed", "strays.tmp"),
        ("open", "files-left", "failed", "/dev/null"),
        ("memory", "memory", "failed", "kB of each call"),
        ("flat", "flat", "failed", "ZeroDivisionError"),
        ("place", "oblique", "failed", "on an oblique grid"),
        ("aborts", "after-failure", "crashed", "aborted"),
    ] {
        assert_found(&script, &["--set", &format!("how={how}")], check, outcome, sentence);
    }
}

#[test]
fn the_kit_says_what_it_cannot_do() {
    let library = standard("filter-laws").display().to_string();
    for (arguments, pieces) in [
        (&["--only", "nothing"][..], &["there is no check `nothing`", "same-twice"][..]),
        (&["--set", "colour=blue"], &["has the setting `colour`", "filter-laws.kernels"]),
        (&["--set", "kernels"], &["is not of the form key=value"]),
    ] {
        let said = run([&["plugins", "test", &library], arguments].concat());
        assert_eq!(said.code, Some(2), "{said:?}");
        assert!(pieces.iter().all(|piece| said.err.contains(piece)), "{said:?}");
    }
    let none = run(["plugins", "test", "/not/there.so"]);
    assert!(none.code == Some(2) && none.err.contains("/not/there.so cannot be read"), "{none:?}");
    // Without the text that nobody can guess there is nothing to ask, and that is said for people, in columns.
    let said = run(["plugins", "test", &library, "--only", "flat", "--only", "description"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines[0], "filter-laws");
    assert!(lines[1].starts_with("  passed   description  it describes "), "{said:?}");
    assert!(lines[2].starts_with("  skipped  flat         it cannot be configured without `kernels`"), "{said:?}");
    assert_eq!(lines[4], "2 checks: 1 passed, 1 skipped");
}
