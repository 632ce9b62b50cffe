//! What an earlier version wrote is read, and what a later one wrote is refused in a sentence.

use std::{fs, path::Path};

use voxomics_engine::{
    plan::ModelFile,
    results::{FileRead, Identity, Key, Layout, Stamp, Store},
    table::Column,
};
use voxomics_tests::{run, workspace};

/// A folder of the tests, copied.
fn copied(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (path, place) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copied(&path, &place);
        } else {
            fs::copy(path, place).expect("a copy");
        }
    }
}

#[test]
fn files_of_the_first_format_that_are_kept_for_later_stay_readable() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("kept");
    copied(&workspace().join("tests/rerun/kept-1"), &kept);

    // Records: of a case, of what was learnt of it for a filter, and of the digests of its files.
    let file = |column: &str, letter: &str, bytes: u64| FileRead {
        column: column.into(),
        name: String::new(),
        sha256: letter.repeat(64),
        bytes,
    };
    let files = vec![file("image", "i", 7), file("mask", "m", 5)];
    let identity = Identity {
        case: "a".into(),
        series: None,
        series_of: Vec::new(),
        label: Some(1.0),
        region: None,
        modality: Some("CT".into()),
        files: files.clone(),
    };
    let column = |name: &str| Column {
        name: name.into(),
        image: String::new(),
        family: String::new(),
        aggregation: String::new(),
        feature: name.into(),
        ibsi: String::new(),
        unit: String::new(),
    };
    let layout =
        Layout { regions: vec!["tumour".into()], columns: ["x", "y", "z"].map(column).to_vec(), ..Layout::default() };
    let store = Store::open(&kept, "b".repeat(64), &layout).expect("a store");
    let found = store.get(&identity).expect("the record of the case");
    assert_eq!(format!("{:?}", found.rows[0].values), "[Some(Ok(0.3)), None, Some(Err(\"the region is flat\"))]");
    assert_eq!((&found.files, found.volumes[0].2, &found.metadata["KVP"]), (&files, 1.5, &serde_json::json!(120)));
    assert_eq!(store.observed(&identity, "images.z"), Some(vec!["{\"mean\": 1.5}".to_owned()]));
    let stamp = Stamp { bytes: 7, modified: 1_700_000_000_000_000_000, number: 42 };
    let name = "82a3537ff0dbce7eec35d69edc3a189ee6f17d82f353a553f9aa96cb0be3ce89";
    assert_eq!(store.remembered(name, &[stamp]), Some(files[..1].to_vec()));

    // The key of pseudonyms.
    let key = kept.join("key.toml");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("a mode");
    }
    assert_eq!(Key::read(&key).expect("a key").back("P-wbv6m5w23gx0"), "P1");

    // A model; one of a later format is refused.
    let path = kept.join("model.toml");
    let model = ModelFile::read(&path).expect("a model").expect("it is TOML");
    assert_eq!((model.ranges["age"], model.cutoffs["patients_median"]), ([20.0, 80.0], 1.5));
    let later = fs::read_to_string(&path).expect("a model").replace("format = 1", "format = 2");
    fs::write(&path, later).expect("a model");
    assert!(ModelFile::read(&path).is_err_and(|why| why.contains("a later voxomics wrote it")));
}

#[test]
fn results_of_the_first_format_stay_readable() {
    let kept = workspace().join("tests/rerun/format-1");
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("results");
    fs::create_dir(&copy).expect("a folder");
    for entry in fs::read_dir(&kept).expect("a folder").map(|entry| entry.expect("an entry")) {
        fs::copy(entry.path(), copy.join(entry.file_name())).expect("a copy");
    }
    let said = run(["diff".as_ref(), kept.as_path(), copy.as_path()]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("features.csv: the same, "), "{}", said.out);
    let said = run(["rerun".as_ref(), copy.as_path()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    for words in ["the program is ", "case a: /data/scans/scan-1.nii.gz is not there"] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let lock = copy.join("voxomics.lock");
    let text = fs::read_to_string(&lock).expect("a lock").replace("format = 1", "format = 2");
    fs::write(&lock, text).expect("a lock");
    let said = run(["diff".as_ref(), kept.as_path(), copy.as_path()]);
    assert_eq!(said.code, Some(2), "{said:?}");
    assert!(said.err.contains("a later voxomics wrote it"), "{}", said.err);
}
