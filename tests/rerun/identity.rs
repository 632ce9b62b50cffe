//! What counts as the same: results are found again by the bytes that they were made from, and by nothing else.

use std::{collections::BTreeMap, fs, path::Path};

use voxomics_engine::{
    cases,
    experiment::Experiment,
    host::Services,
    plan::Plan,
    results::Program,
    run::{self, Means, Observer, Summary},
    store::Store,
};
use voxomics_tests::{
    Said,
    batch::{Batch, Ran},
    built, dicom,
    nifti::Nifti,
    python,
    scene::{DIMS, image, in_lesion, mask, noise, rows},
};

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "load-nrrd", "load-metaimage", "load-dicom", "features-statistics", "features-glcm"]
[regions.tumour]
[discretisation]
method = "fixed bin number"
bins = 16
[features.statistics]
[features.glcm]
"#;

fn mean(ran: &Ran) -> String {
    ran.table("features.csv")[0]["statistics.mean"].clone()
}

/// Runs, replaces files, and runs again: the second run has the values of the new bytes, and what was finished before is
/// not among them; a third run finds everything.
#[track_caller]
fn replaced(list: &str, first: impl Fn(&Batch, u64)) {
    let batch = Batch::new(EXPERIMENT, &format!("case,image,mask\n{list}\n"));
    batch.scan("mask.nii", &mask());
    first(&batch, 1);
    let before = mean(&batch.run().well());
    first(&batch, 2);
    let after = batch.run().well();
    assert!(!after.said.out.contains("finished before"), "{}", after.said.out);
    let afresh = batch.run_into("afresh", &[]).well();
    assert_eq!(mean(&after), mean(&afresh));
    assert_ne!(before, mean(&afresh), "the bytes that were replaced decide on the value");
    assert!(batch.run().well().said.out.contains("1 case finished before"));
}

#[test]
fn voxels_beside_a_header_are_part_of_the_case() {
    let [x, y, z] = DIMS;
    let nhdr = format!(
        "NRRD0005\ntype: int16\ndimension: 3\nspace: left-posterior-superior\nsizes: {x} {y} {z}\nspace directions: \
         (-1,0,0) (0,-1.25,0) (0,0,2)\nspace origin: (20,-12.5,-300)\nencoding: raw\nendian: little\ndata file: a.raw\n"
    );
    replaced("a,a.nhdr,mask.nii", |batch, seed| {
        batch.write("a.nhdr", &nhdr);
        batch.write("a.raw", image(seed).voxels);
    });
    let mhd = format!(
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nTransformMatrix = -1 0 0 0 -1 0 0 \
         0 1\nOffset = 20 -12.5 -300\nElementSpacing = 1 1.25 2\nDimSize = {x} {y} {z}\nElementType = \
         MET_SHORT\nElementDataFile = a.raw\n"
    );
    replaced("a,a.mhd,mask.nii", |batch, seed| {
        batch.write("a.mhd", &mhd);
        batch.write("a.raw", image(seed).voxels);
    });
}

#[test]
fn slices_behind_a_linked_folder_are_part_of_the_case() {
    let write = |folder: &Path, seed: u64| {
        fs::create_dir_all(folder).expect("a folder");
        for (index, slice) in dicom::series(&image(seed), "1.2.2").iter().enumerate() {
            fs::write(folder.join(format!("{index:02}.dcm")), slice.file(dicom::EXPLICIT)).expect("a file");
        }
    };
    #[cfg(unix)]
    replaced("a,ct,mask.nii", |batch, seed| {
        let (ct, link) = (batch.path("ct"), batch.path("ct/slices"));
        fs::create_dir_all(&ct).expect("a folder");
        write(&batch.path("elsewhere"), seed);
        if !link.exists() {
            std::os::unix::fs::symlink(batch.path("elsewhere"), link).expect("a link");
        }
    });
    replaced("a,ct,mask.nii", |batch, seed| write(&batch.path("ct"), seed));
}

#[test]
fn a_file_that_is_replaced_while_it_is_read_gives_no_value_of_other_bytes() {
    let list: String = (0..40).map(|case| format!("case-{case},moving.nii,mask.nii\n")).collect();
    let batch = Batch::new(EXPERIMENT, &format!("case,image,mask\n{list}"));
    batch.scan("mask.nii", &mask());
    let versions = [1, 2].map(|seed| image(seed).bytes());
    batch.write("moving.nii", &versions[0]);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let ran = std::thread::scope(|scope| {
        scope.spawn(|| {
            for version in versions.iter().cycle() {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    break;
                }
                let aside = batch.write("aside.nii", version);
                fs::rename(aside, batch.path("moving.nii")).expect("a name");
            }
        });
        let ran = batch.run();
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        ran
    });
    let values = [1, 2].map(|seed| {
        let alone = Batch::new(EXPERIMENT, "case,image,mask\na,a.nii,mask.nii\n");
        alone.scan("mask.nii", &mask());
        alone.scan("a.nii", &image(seed));
        let ran = alone.run_well();
        (ran.table("cases.csv")[0]["image_sha256"].clone(), mean(&ran))
    });
    let value_of = BTreeMap::from(values);
    let digests: BTreeMap<String, String> =
        ran.table("cases.csv").into_iter().map(|row| (row["case"].clone(), row["image_sha256"].clone())).collect();
    let (features, failures) = (ran.table("features.csv"), ran.table("failures.csv"));
    for row in &features {
        assert_eq!(row["statistics.mean"], value_of[&digests[&row["case"]]], "the value is that of the digest");
    }
    for row in &failures {
        assert!(row["message"].contains("was replaced or changed while it was read"), "{row:?}");
    }
    assert_eq!(features.len() + failures.len(), 40);
}

struct Silent;

impl Observer for Silent {
    fn case_ended(
        &self,
        _: usize,
        _: usize,
        _: &cases::Case,
        _: &voxomics_engine::pipeline::Outcome,
        _: std::time::Duration,
    ) {
    }
}

#[test]
fn another_program_of_the_same_version_computes_again() {
    let batch = Batch::new(
        &EXPERIMENT.replace("[plugins]", &format!("[plugins]\npaths = [{:?}]", built())),
        "case,image,mask\na,a.nii,mask.nii\nb,a.nii,mask.nii\n",
    );
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let experiment = Experiment::from_file(&batch.path("experiment.toml"), &[]).expect("an experiment");
    let plan = Plan::new(&experiment).expect("a plan");
    let run = |digest: &str| -> Summary {
        let program = Program { version: "0.1.0".into(), digest: digest.into(), ..Program::default() };
        let store = Store::open(&batch.path("kept"), &plan, &program, false).expect("a store");
        let services = Services::default();
        let means = Means {
            threads: 2,
            services: &services,
            observer: &Silent,
            store: &store,
            pictures: None,
            voxels: None,
            exports: false,
        };
        run::cases(&plan, cases::from_csv(&batch.path("cases.csv")).expect("cases"), &means).expect("a summary")
    };
    let reused = ["fixed", "broken", "fixed", "broken"].map(|digest| run(digest).reused);
    assert_eq!(reused, [0, 0, 2, 2], "each finds its own, and none that of the other");
}

#[test]
fn a_setting_a_label_and_a_list_are_part_of_what_they_decide_on() {
    let two = |index: [usize; 3]| u8::from(in_lesion(index)) * if index[2] > DIMS[2] / 2 { 2 } else { 1 };
    let batch = Batch::new(EXPERIMENT, "case,image,mask,label\na,a.nii,mask.nii,1\n");
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &Nifti::new(DIMS, rows(), two));
    let first = batch.run().well();
    batch.write("cases.csv", "case,image,mask,label\na,a.nii,mask.nii,2\n");
    let second = batch.run().well();
    assert!(!second.said.out.contains("finished before"));
    assert_ne!(first.features_of(&["a"]).len(), 0);
    let other = batch.run_into("out", &["--set", "discretisation.bins=32"]).well();
    assert!(!other.said.out.contains("finished before"), "{}", other.said.out);
    // A covariate is none of what the features depend on.
    batch.write("cases.csv", "case,image,mask,label,age\na,a.nii,mask.nii,2,40\n");
    let again = batch.run().well();
    assert!(again.said.out.contains("1 case finished before"), "{}", again.said.out);
    assert_eq!(again.table("features.csv")[0]["age"], "40");
    // Regions of a family are.
    batch.write("experiment.toml", format!("{EXPERIMENT}[regions.other]\nany = true\n"));
    batch.run().well();
    let fewer = EXPERIMENT.replace("[features.glcm]", "[features.glcm]\nregions = [\"tumour\"]");
    batch.write("experiment.toml", format!("{fewer}[regions.other]\nany = true\n"));
    let fewer = batch.run().well();
    assert_eq!(fewer.region("a", "other")["glcm.joint_entropy"], "", "{}", fewer.said.out);
}

#[test]
fn digests_are_remembered_by_size_and_time_unless_they_are_to_be_verified() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask\na,a.nii,mask.nii\n");
    let path = batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let old = |path: &Path| {
        let file = fs::OpenOptions::new().append(true).open(path).expect("a file");
        file.set_modified(std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000))
            .expect("a time");
    };
    [&path, &batch.path("mask.nii")].into_iter().for_each(|path| old(path));
    batch.run().well();
    // Other bytes under the same size, time and number: whoever does that on purpose is caught by --verify.
    fs::write(&path, image(2).bytes()).expect("a file");
    old(&path);
    assert!(batch.run().well().said.out.contains("1 case finished before"));
    let verified = batch.run_into("out", &["--verify"]).well();
    assert!(!verified.said.out.contains("finished before"), "{}", verified.said.out);
    assert_eq!(mean(&verified), mean(&batch.run_into("afresh", &[]).well()));
    assert_ne!(noise(1, [0; 3]), noise(2, [0; 3]));
}

#[test]
fn a_list_may_say_what_its_files_hash_to() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask\na,a.nii,mask.nii\n");
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let row = batch.run().well().table("cases.csv").remove(0);
    let list = |image: &str| format!("case,image,mask,image_sha256\na,a.nii,mask.nii,{image}\n");
    batch.write("cases.csv", list(&row["image_sha256"]));
    batch.run().well();
    batch.write("cases.csv", list(&row["mask_sha256"]));
    let ran = batch.run();
    assert_eq!(ran.said.code, Some(3), "{:?}", ran.said);
    assert!(ran.table("failures.csv")[0]["message"].contains("is not what the list of cases names: its SHA-256 is"));
    let [experiment, cases] = ["experiment.toml", "cases.csv"].map(|name| batch.path(name).display().to_string());
    let checked = voxomics_tests::run(["check", &experiment, "--cases", &cases]);
    assert!(checked.code == Some(3) && checked.out.contains("is not what the list of cases names"), "{checked:?}");
}

/// The program and the plugins of [`EXPERIMENT`], copied, the plugins with further bytes at their end, as another build of the
/// same sources has other bytes.
fn copied(to: &Path) -> std::path::PathBuf {
    let (prefix, end) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    for name in ["load_nifti", "load_nrrd", "load_metaimage", "load_dicom", "features_statistics", "features_glcm"] {
        let name = format!("{prefix}{name}{end}");
        let mut bytes = fs::read(built().join(&name)).expect("a plugin");
        bytes.extend([0; 16]);
        fs::write(to.join(name), bytes).expect("a plugin");
    }
    let name = format!("voxomics{}", std::env::consts::EXE_SUFFIX);
    fs::copy(built().join(&name), to.join(&name)).expect("a copy");
    to.join(name)
}

#[test]
fn a_copy_of_the_program_finds_what_the_program_finished() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask\na,a.nii,mask.nii\n");
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let first = batch.run().well();
    fs::create_dir(batch.path("copy")).expect("a folder");
    let program = copied(&batch.path("copy"));
    let path = |name: &str| batch.path(name).display().to_string();
    let by_copy = |arguments: &[&str]| -> Said {
        let output = std::process::Command::new(&program).args(arguments).env_remove("VOXOMICS_PLUGIN_PATH").output();
        output.expect("the copy runs").into()
    };
    let said = by_copy(&["run", &path("experiment.toml"), "--cases", &path("cases.csv"), "--out", &path("out")]);
    assert!(said.code == Some(0) && said.out.contains("1 case finished before"), "{said:?}");
    let said = by_copy(&["rerun", &path("out"), "--out", &path("again"), "--locked"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let lock = |folder: &Path| fs::read_to_string(folder.join("voxomics.lock")).expect("a lock");
    assert_ne!(lock(&first.out), lock(&batch.path("again")), "the files of the plugins differ, and are recorded");
}

#[test]
fn a_library_of_somebody_else_is_known_by_its_bytes() {
    let name = format!("{}features_glcm{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let stranger = EXPERIMENT
        .replace(", \"features-glcm\"", "")
        .replace("[regions.tumour]", &format!("[[plugins.file]]\npath = {name:?}\n[regions.tumour]"));
    let batch = Batch::new(&stranger, "case,image,mask\na,a.nii,mask.nii\n");
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let mut bytes = fs::read(built().join(&name)).expect("a plugin");
    batch.write(&name, &bytes);
    batch.run().well();
    assert!(batch.run().well().said.out.contains("1 case finished before"));
    bytes.extend([0; 16]);
    batch.write(&name, &bytes);
    let changed = batch.run().well();
    assert!(!changed.said.out.contains("finished before"), "{}", changed.said.out);
}

#[test]
fn a_filter_without_settings_is_not_another_filter_without_settings() {
    if !python() {
        return;
    }
    let with = |filter: &str| {
        EXPERIMENT.replace(
            "[regions.tumour]",
            &format!("[[plugins.python]]\nfile = \"two.py\"\n[regions.tumour]\n[images.it]\nfilter = {filter:?}"),
        )
    };
    let batch = Batch::new(&with("twice"), "case,image,mask\na,a.nii,mask.nii\n");
    batch.write(
        "two.py",
        "from voxomics_plugin import filter\n\n\n@filter(margin=0)\ndef twice(image):\n    return image.voxels * 2.0\n\n\n\
         @filter(margin=0)\ndef thrice(image):\n    return image.voxels * 3.0\n",
    );
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    let mean = |ran: &Ran| ran.table("features.csv")[0]["statistics.mean"].parse::<f64>().expect("a number");
    let twice = mean(&batch.run().well());
    batch.write("experiment.toml", with("thrice"));
    let thrice = batch.run_into("out", &["--replace"]).well();
    assert!(!thrice.said.out.contains("finished before"), "{}", thrice.said.out);
    assert!((mean(&thrice) / twice - 1.5).abs() < 1e-12, "{} and {twice}", mean(&thrice));
}

#[test]
fn a_plugin_of_ours_that_was_built_without_the_program_is_another_plugin() {
    let batch = Batch::new(EXPERIMENT, "case,image,mask\na,a.nii,mask.nii\n");
    batch.scan("a.nii", &image(1));
    batch.scan("mask.nii", &mask());
    fs::create_dir(batch.path("copy")).expect("a folder");
    let program = copied(&batch.path("copy"));
    let path = |name: &str| batch.path(name).display().to_string();
    let run = |verb: &[&str]| -> Said {
        std::process::Command::new(&program)
            .args(verb)
            .env_remove("VOXOMICS_PLUGIN_PATH")
            .output()
            .expect("it runs")
            .into()
    };
    let (experiment, cases, out) = (path("experiment.toml"), path("cases.csv"), path("out"));
    let all = ["run", &experiment, "--cases", &cases, "--out", &out];
    assert_eq!(run(&all).code, Some(0));
    // As `cargo build -p` leaves it: the plugin has other bytes, and the program beside it has not.
    let name = format!("{}features_glcm{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let before = fs::read(batch.path("copy").join(&name)).expect("a plugin");
    let write = |bytes: &[u8]| {
        fs::remove_file(batch.path("copy").join(&name)).expect("a plugin");
        fs::write(batch.path("copy").join(&name), bytes).expect("a plugin");
    };
    write(&[&before[..], &[0; 16]].concat());
    let again = ["rerun", &out, "--out", &path("again")];
    let said = run(&again);
    assert!(said.code == Some(2) && said.err.contains("the plugin features-glcm is "), "{said:?}");
    let said = run(&all);
    assert!(said.code == Some(0) && !said.out.contains("finished before"), "{said:?}");
    assert!(said.err.contains("warning: features-glcm was built again and the program was not"), "{}", said.err);
    assert!(run(&all).out.contains("1 case finished before"));
    // The old one is found again under its own name.
    write(&before);
    let said = run(&all);
    assert!(said.out.contains("1 case finished before") && !said.err.contains("built again"), "{said:?}");
}
