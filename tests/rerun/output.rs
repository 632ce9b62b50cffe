//! Results of one run never mix with those of another, nor take the place of what is somebody else's.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use voxomics_tests::{
    Said,
    batch::Batch,
    run,
    scene::{image, mask},
    voxomics,
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-statistics", "features-glcm"]
[regions.tumour]
[discretisation]
method = "fixed bin number"
bins = 16
[features.statistics]
[features.glcm]
"#;

fn batch(cases: usize) -> Batch {
    let rows: String = (0..cases).map(|case| format!("case-{case},{}.nii,mask.nii\n", case % 3)).collect();
    let batch = Batch::new(EXPERIMENT, &format!("case,image,mask\n{rows}"));
    (0..3).for_each(|seed| drop(batch.scan(&format!("{seed}.nii"), &image(seed))));
    batch.scan("mask.nii", &mask());
    batch
}

/// Every file of a folder but what the program keeps for itself and what says when and where it ran.
fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let files = entries.filter(|entry| entry.path().is_file() && entry.file_name() != "run.json");
    files.map(|entry| (entry.file_name().display().to_string(), fs::read(entry.path()).expect("a file"))).collect()
}

#[test]
fn a_second_run_into_a_folder_is_told_whose_it_is() {
    let batch = batch(3000);
    let mut command = voxomics();
    command.args(["run".into(), batch.path("experiment.toml"), "--cases".into(), batch.path("cases.csv")]);
    command.args(["--out".into(), batch.path("out")]);
    let mut first = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program runs");
    let mut line = String::new();
    let mut err = BufReader::new(first.stderr.take().expect("a pipe"));
    assert!(err.read_line(&mut line).expect("a line") > 0);
    let second = batch.run();
    assert_eq!(second.said.code, Some(2), "{:?}", second.said);
    let holder = format!("is being written by process {} on ", first.id());
    assert!(second.said.err.contains(&holder) && second.said.err.lines().count() == 1, "{}", second.said.err);
    // Killed, it holds nothing.
    first.kill().expect("it is killed");
    first.wait().expect("it ends");
    batch.write("cases.csv", "case,image,mask\na,0.nii,mask.nii\n");
    batch.run().well();
}

#[test]
fn the_folder_of_another_experiment_is_refused() {
    let batch = batch(2);
    batch.run().well();
    let before = bytes(&batch.path("out"));
    let other = batch.write("other.toml", EXPERIMENT.replace("bins = 16", "bins = 32"));
    let arguments = |more: &[&str]| {
        let texts = [&other, &batch.path("cases.csv"), &batch.path("out")].map(|path| path.display().to_string());
        let [experiment, cases, out] = texts;
        let mut all = vec!["run".into(), experiment, "--cases".into(), cases, "--out".into(), out];
        all.extend(more.iter().map(|word| (*word).to_owned()));
        all
    };
    let said = run(arguments(&[]));
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("holds the results of another experiment, `experiment`"), "{}", said.err);
    assert_eq!(bytes(&batch.path("out")), before);
    assert_eq!(run(arguments(&["--replace"])).code, Some(0));
    assert_ne!(bytes(&batch.path("out")), before);
}

#[test]
fn a_file_of_somebody_else_is_never_replaced_nor_removed() {
    let batch = batch(1);
    let experiment = batch.path("experiment.toml").display().to_string();
    let here = batch.path("").display().to_string();
    for own in ["features.csv", "cases.csv", "scores.csv", "voxomics.lock", "run.json"] {
        let list = "case,image,mask\na,0.nii,mask.nii\n";
        fs::remove_file(batch.path("cases.csv")).ok();
        batch.write(own, list);
        let cases = batch.write("list.csv", list).display().to_string();
        let cases = if own == "features.csv" { batch.path(own).display().to_string() } else { cases };
        let said = run(["run", &experiment, "--cases", &cases, "--out", &here]);
        assert_eq!(said.code, Some(2), "{own}: {said:?}");
        assert!(said.err.contains(own) && said.err.lines().count() == 1, "{own}: {}", said.err);
        assert_eq!(fs::read_to_string(batch.path(own)).expect("it is there"), list, "{own}");
        fs::remove_file(batch.path(own)).expect("it is there");
    }
    let ran = batch.run_into("out", &["--cases", "none.csv"]);
    assert_eq!(ran.said.code, Some(2), "two lists: {:?}", ran.said);
}

#[test]
fn results_may_lie_beside_the_experiment_which_stays_whose_it_is() {
    let batch = batch(1);
    fs::rename(batch.path("cases.csv"), batch.path("list.csv")).expect("a name");
    let here = |experiment: &str| {
        let mut command = voxomics();
        command.current_dir(batch.path("")).args(["run", experiment, "--cases", "list.csv", "--out", "."]);
        Said::from(command.output().expect("the program runs"))
    };
    let text = |name: &str| fs::read_to_string(batch.path(name)).expect("a file");
    // Nothing is exported: a folder of that name is somebody's own.
    fs::create_dir(batch.path("export")).expect("a folder");
    batch.write("export/mine.txt", "mine");
    let said = here("experiment.toml");
    assert_eq!((said.code, text("experiment.toml")), (Some(0), EXPERIMENT.to_owned()), "{said:?}");
    assert_eq!(text("export/mine.txt"), "mine");
    // It is edited, and run again.
    let edited = format!("{EXPERIMENT}# My remark.\n").replace("bins = 16", "bins = 32");
    batch.write("experiment.toml", &edited);
    let said = here("experiment.toml");
    assert_eq!((said.code, text("experiment.toml")), (Some(0), edited.clone()), "{said:?}");
    assert!(text("resolved.toml").contains("bins = 32"));
    // Another one under the same name would replace it.
    batch.write("other.toml", format!("{EXPERIMENT}[experiment]\nname = \"experiment\"\n"));
    let said = here("other.toml");
    assert_eq!((said.code, text("experiment.toml")), (Some(2), edited), "{said:?}");
    let said = run(["rerun".into(), batch.path(""), "--out".into(), batch.path("again")]);
    assert_eq!(said.code, Some(0), "{said:?}");
}

#[test]
fn a_table_that_was_changed_by_hand_is_somebody_s() {
    let batch = batch(2);
    let ran = batch.run().well();
    let path = ran.out.join("features.csv");
    let edited = fs::read_to_string(&path).expect("a table") + "my own row\n";
    fs::write(&path, &edited).expect("a file");
    let again = batch.run();
    assert_eq!(again.said.code, Some(2), "{:?}", again.said);
    assert!(again.said.err.contains("was changed after it was written"), "{}", again.said.err);
    assert_eq!(fs::read_to_string(&path).expect("a table"), edited);
    batch.run_into("out", &["--replace"]).well();
    assert_ne!(fs::read_to_string(&path).expect("a table"), edited);
}

#[test]
fn a_deleted_table_comes_back_with_the_others_of_its_run() {
    let batch = batch(2);
    batch.run().well();
    fs::remove_file(batch.path("out/features_long.csv")).expect("it is there");
    batch.run_into("out", &["--set", "discretisation.bins=32"]).well();
    let afresh = batch.run_into("afresh", &["--set", "discretisation.bins=32"]).well();
    for (name, expected) in bytes(&afresh.out) {
        assert_eq!(bytes(&batch.path("out"))[&name], expected, "{name}");
    }
}

#[test]
fn a_switch_that_was_begun_is_finished() {
    let batch = batch(2);
    batch.run().well();
    let expected = bytes(&batch.run_into("afresh", &["--set", "discretisation.bins=32"]).well().out);
    // As a kill in the middle of it would leave the folder: one table has its place, the others are to be moved.
    let switched = batch.path("out/.voxomics/switched");
    fs::create_dir_all(&switched).expect("a folder");
    for (name, bytes) in &expected {
        let place = if name == "features.csv" { batch.path("out") } else { switched.clone() };
        fs::write(place.join(name), bytes).expect("a file");
    }
    fs::write(switched.join(".gone"), "\nscores.csv\n").expect("a file");
    let said = run(["diff".into(), batch.path("out"), batch.path("afresh")]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert_eq!(bytes(&batch.path("out")), expected);
    assert!(!switched.exists());
}

/// A file system of one megabyte; nothing where it cannot be had.
#[cfg(target_os = "linux")]
struct Small(std::path::PathBuf);

#[cfg(target_os = "linux")]
impl Small {
    fn new(place: &Path) -> Option<Self> {
        fs::create_dir_all(place).expect("a folder");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(place).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(place.to_owned())),
            _ => {
                eprintln!("left out: no small file system can be mounted here");
                None
            }
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_stops_the_run_at_once_and_the_tables_stay_what_they_were() {
    let batch = batch(400);
    let Some(small) = Small::new(&batch.path("out")) else { return };
    batch.write("few.csv", "case,image,mask\na,0.nii,mask.nii\n");
    let few = batch.path("few.csv").display().to_string();
    let out = batch.path("out").display().to_string();
    let experiment = batch.path("experiment.toml").display().to_string();
    let said = run(["run", &experiment, "--cases", &few, "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let before = bytes(&small.0);
    // Room for a few cases and no more.
    fs::write(small.0.join("mine"), vec![0; 800 << 10]).expect("a file");
    let full = batch.run_into("out", &["--set", "discretisation.bins=32", "--threads", "2"]);
    assert_eq!(full.said.code, Some(3), "{:?}", full.said);
    let errors: Vec<&str> = full.said.err.lines().filter(|line| !line.starts_with('[')).collect();
    assert!(matches!(errors[..], [line] if line.starts_with("error: the disk is full: ")), "{errors:?}");
    assert!(full.said.err.lines().count() < 390, "it stopped at once: {} lines", full.said.err.lines().count());
    fs::remove_file(small.0.join("mine")).expect("it is there");
    assert_eq!(bytes(&small.0), before, "the tables of before, whole");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_stops_a_study_at_once_and_what_was_finished_is_not_computed_again() {
    let batch = batch(200);
    let Some(_small) = Small::new(&batch.path("out")) else { return };
    batch.write("study.toml", format!("{EXPERIMENT}[cohorts.all]\ncases = \"cases.csv\"\n"));
    let [study, out] = ["study.toml", "out"].map(|name| batch.path(name).display().to_string());
    // Room for a few cases and no more.
    fs::write(batch.path("out/mine"), vec![0; 800 << 10]).expect("a file");
    let study = || run(["run", &study, "--out", &out, "--threads", "2"]);
    let full = study();
    let computed = |said: &Said| said.err.lines().filter(|line| line.starts_with('[')).count();
    let errors: Vec<&str> = full.err.lines().filter(|line| line.contains("the disk is full: ")).collect();
    assert!(full.code.is_some_and(|code| code != 0) && errors.len() == 1, "{full:?}");
    let first = computed(&full);
    assert!((1..190).contains(&first), "it stopped at once: {first} cases");
    // There is room for all now: what was finished is not computed again.
    fs::remove_file(batch.path("out/mine")).expect("it is there");
    let again = Command::new("mount").args(["-o", "remount,size=64m"]).arg(batch.path("out")).output();
    assert!(again.expect("mount runs").status.success());
    let said = study();
    assert_eq!(said.code, Some(0), "{said:?}");
    // Of the cases at work when the disk was full, none could be kept.
    assert!(computed(&said) <= 200 - first + 4, "{} and {first}", computed(&said));
}

#[test]
fn cases_that_the_program_makes_replace_nothing_of_somebody_else() {
    let made = EXPERIMENT.replace("[regions.tumour]", "[cases]\nmake = [\"digital-phantom\"]\n[regions.tumour]");
    let batch = Batch::default();
    let experiment = batch.write("experiment.toml", &made).display().to_string();
    let out = batch.path("out").display().to_string();
    let mine = batch.write("out/cases/digital-phantom.nii.gz", "mine");
    let said = run(["run", &experiment, "--out", &out]);
    assert!(said.code == Some(2) && said.err.contains("this program did not write it"), "{said:?}");
    assert_eq!(fs::read(&mine).expect("it is there"), b"mine");
    fs::remove_file(&mine).expect("it is there");
    let said = run(["run", &experiment, "--out", &out]);
    assert_eq!(said.code, Some(0), "{said:?}");
    // Another experiment is refused before it makes anything there.
    let others = made.replace("digital-phantom", "synthetic-ct").replace("bins = 16", "bins = 8");
    let other = batch.write("elsewhere/other.toml", others).display().to_string();
    let said = run(["run", &other, "--out", &out]);
    assert!(said.code == Some(2) && said.err.contains("the results of another experiment"), "{said:?}");
    assert!(!batch.path("out/cases/synthetic-ct-1.nii.gz").exists());
}

#[test]
#[cfg(unix)]
fn a_limit_of_the_size_of_files_is_said_in_a_sentence() {
    let batch = batch(12);
    let command = format!(
        "ulimit -f 40; exec {} run {} --cases {} --out {}",
        voxomics().get_program().display(),
        batch.path("experiment.toml").display(),
        batch.path("cases.csv").display(),
        batch.path("out").display()
    );
    let said: Said = Command::new("sh").args(["-c", &command]).output().expect("a shell").into();
    assert_eq!(said.code, Some(3), "{said:?}");
    let errors: Vec<&str> = said.err.lines().filter(|line| !line.starts_with('[')).collect();
    assert!(matches!(errors[..], [line] if line.contains("a file may not become so large here")), "{errors:?}");
    assert!(batch.run().well().said.out.contains("cases finished before"), "what was finished is kept");
}
