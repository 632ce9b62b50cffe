//! What a vendor ships: a closed predictor that is pinned or signed, has a model card, expires, and needs a licence.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use voxomics_tests::{built, run, table, workspace};

use crate::{
    bench::{Bench, assert_says, refusal, said},
    doors::made_in_c,
};

const EXAMPLE: &str = "examples/vendor-predictor";

/// The library that the example's own script builds, out of the workspace. Its folder has the same path in each run: what the
/// compiler is told of paths is part of what cargo builds again for.
fn shipped() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = built().parent().expect("the profile's folder lies in target").join("vendor-shipped");
        let folder = target.join("vendor-predictor");
        for name in ["Cargo.toml", "release.sh", "demo.licence", "src/lib.rs", "src/licence.rs"] {
            let (from, to) = (workspace().join(EXAMPLE).join(name), folder.join(name));
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
            if fs::read(&from).ok() != fs::read(&to).ok() {
                fs::copy(&from, &to).expect("a file");
            }
        }
        // The versions that the workspace was built with are in cargo's cache; newer ones may not be, and the network neither.
        fs::copy(workspace().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
        let sdk = workspace().join("core/sdk").canonicalize().expect("the sdk");
        let mut script = Command::new("sh");
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("CARGO_") && name != "CARGO_HOME") {
                script.env_remove(name);
            }
        }
        let output = script
            .args(["release.sh", "--offline", "--config"])
            .arg(format!("patch.crates-io.voxomics-sdk.path='{}'", sdk.display()))
            .env("CARGO_TARGET_DIR", target.join("target"))
            // What is tried here is where its bytes come from, not how fast they are.
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .current_dir(&folder)
            .output()
            .expect("a shell");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{out}\n{err}");
        target.join("target/release/libvendor_predictor.so")
    })
}

/// A folder with the library, its licence, and an experiment that scores with it.
fn customer(plugin: &str, predict: &str) -> Bench {
    let bench = Bench::new(&format!(
        "[cases]\nmake = ['digital-phantom', 'synthetic-ct']\n\
         [plugins]\nuse = ['load-nifti', 'features-statistics']\n\
         [[plugins.file]]\npath = 'vendor/libvendor_predictor.so'\n{plugin}\n\
         [regions.tumour]\nlabel = 1\n[features.statistics]\n[predict.vendor]\nplugin = 'predict-vendor-demo'\n{predict}\n"
    ));
    bench.write("vendor/libvendor_predictor.so", fs::read(shipped()).expect("a library"));
    bench.write("hospital.licence", fs::read(workspace().join(EXAMPLE).join("demo.licence")).expect("a licence"));
    bench
}

const LICENSED: &str = "licence = 'hospital.licence'";

fn digest() -> String {
    voxomics_engine::digest::sha256(&fs::read(shipped()).expect("a library"))
}

#[test]
#[cfg(target_os = "linux")]
fn nothing_in_it_tells_where_it_was_built() {
    let bytes = fs::read(shipped()).expect("a library");
    let home = std::env::var("HOME").expect("a home");
    let root = workspace().canonicalize().expect("the workspace").display().to_string();
    for place in [home.as_str(), &root, "/home/", "/root/", "/tmp/", ".cargo", "target/release", "registry/src"] {
        assert!(!bytes.windows(place.len()).any(|window| window == place.as_bytes()), "{place}");
    }
    assert!(bytes.windows(4).any(|window| window == b"/src"), "paths are written as /src");
}

#[test]
#[cfg(target_os = "linux")]
fn it_scores_if_it_is_the_pinned_one_and_licensed_in_a_worker_and_without() {
    let digest = digest();
    for isolation in ["worker", "none"] {
        let bench = customer(&format!("sha256 = '{digest}'\nisolation = '{isolation}'"), LICENSED);
        let said = bench.run();
        assert_eq!(said.code, Some(0), "{isolation}: {said:?}");
        let (rows, scores) = (table(&bench.path("out/features.csv")), table(&bench.path("out/scores.csv")));
        assert_eq!((rows.len(), scores.len()), (4, 4));
        for (row, score) in rows.iter().zip(&scores) {
            let [mean, variance, skewness] = ["mean", "variance", "skewness"]
                .map(|id| row[&format!("statistics.{id}")].parse::<f64>().expect("a number"));
            // The weights of the example's source.
            let sum = -0.2 + 0.8 * (mean - 40.0) / 60.0 - 0.3 * (variance - 2000.0) / 1500.0 + 0.5 * skewness;
            let expected = 1.0 / (1.0 + (-sum).exp());
            let found: f64 = score["value"].parse().expect("a score");
            assert!((found - expected).abs() < 1e-12, "{}: {found}, expected {expected}", row["case"]);
            // The ranges of its card.
            let outside = [(mean, -100.0, 200.0), (variance, 10.0, 8000.0), (skewness, -3.0, 3.0)];
            let doubted = outside.iter().any(|(x, low, high)| x < low || x > high);
            assert_eq!(score["doubts"].contains("outside the training's"), doubted, "{score:?}");
        }
        assert!(scores.iter().any(|score| !score["doubts"].is_empty()), "IBSI's phantom has no variance of 10");
        let record = fs::read_to_string(bench.path("out/run.json")).expect("a record");
        assert_says(&record, &["LicenseRef-Proprietary", "An example vendor", &digest, "predict.vendor.licence"]);
        let card = &table(&bench.path("out/model_cards.csv"))[0];
        assert_says(&card["intended_use"], &["not for decisions on patients"]);
        assert_eq!((card["model"].as_str(), card["valid_until"].as_str()), ("vendor", "2099-12-31"));
        assert_eq!(card["known"], "not signed; its bytes are pinned by the experiment");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_card_is_shown_before_anything_is_run() {
    let bench = customer("", LICENSED);
    let shown = run(["plugins", "inspect", &bench.path("vendor/libvendor_predictor.so").display().to_string()]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    assert_says(
        &shown.out,
        &[
            "intended use:",
            "valid until:         2099-12-31",
            "models@vendor.example",
            "licence file:        needed",
            "HU^2",
        ],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn without_a_licence_that_holds_there_is_no_score() {
    let name = "predict-vendor-demo: it is not licensed";
    let bench = customer("", "");
    assert_says(&refusal(&bench.run()), &["[predict.vendor]", name, "`licence`", "models@vendor.example"]);
    assert!(!bench.path("out/scores.csv").exists());
    let bench = customer("", "licence = 'gone.licence'");
    assert_says(&refusal(&bench.run()), &[name, "gone.licence", "there is no file"]);
    // One day more, by hand.
    let bench = customer("", LICENSED);
    let licence = fs::read_to_string(bench.path("hospital.licence")).expect("a licence");
    bench.write("hospital.licence", licence.replace("until: 2098", "until: 2099"));
    for isolation in ["worker", "none"] {
        let experiment = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
        let experiment = experiment.replace(".so'\n", &format!(".so'\nisolation = '{isolation}'\n"));
        let path = bench.write(&format!("{isolation}.toml"), experiment).display().to_string();
        let message = refusal(&run(["run", &path, "--out", &bench.path("out").display().to_string()]));
        assert_says(&message, &[name, "hospital.licence", "not signed by the vendor", "or was changed"]);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn another_file_than_the_pinned_or_signed_one_is_refused() {
    let bench = customer(&format!("sha256 = '{}'", "0".repeat(64)), LICENSED);
    assert_says(&refusal(&bench.run()), &["libvendor_predictor.so", "SHA-256", &digest(), "vendor"]);

    let key = bench.path("vendor-key").display().to_string();
    let library = bench.path("vendor/libvendor_predictor.so").display().to_string();
    assert_eq!(run(["plugins", "keys", &key, "--no-password"]).code, Some(0));
    let public = fs::read_to_string(bench.path("vendor-key.pub")).expect("a key");
    let public = public.lines().nth(1).expect("the second line is the key");
    let signed = |bench: &Bench| {
        let experiment = fs::read_to_string(bench.path("experiment.toml")).expect("an experiment");
        let pin = format!("sha256 = '{}'", "0".repeat(64));
        bench.write("experiment.toml", experiment.replace(&pin, &format!("key = '{public}'")));
    };
    signed(&bench);
    // Unsigned, where a vendor's signature is asked for.
    assert_says(&refusal(&bench.run()), &["not signed with the key that the experiment pins"]);
    assert_eq!(run(["plugins", "sign", &library, "--key", &format!("{key}.key")]).code, Some(0));
    let ran = bench.run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let card = &table(&bench.path("out/model_cards.csv"))[0];
    assert_eq!(card["known"], "signed with the key that the experiment pins");

    // Tampered: a byte of the library, behind its signature.
    let mut bytes = fs::read(&library).expect("a library");
    *bytes.last_mut().expect("a byte") ^= 1;
    fs::write(&library, bytes).expect("a file");
    assert_says(&refusal(&bench.run()), &["changed after signing"]);

    // Unsigned, on a machine that asks for signatures.
    let bench = customer("", LICENSED);
    let policy = bench.write("trust.toml", "floor = 'signed'\n");
    let refused = refusal(&said(bench.command().env("VOXOMICS_TRUST", policy)));
    assert_says(&refused, &["libvendor_predictor.so", "not signed: anybody may have made it", "trust = \"signed\""]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_predictor_that_has_expired_is_refused_by_name_until_its_last_day_is_over() {
    let until = |day: &str| {
        let bench = Bench::new("");
        let card = format!(
            "\\\"valid_until\\\": \\\"{day}\\\", \\\"contact\\\": \\\"models@example.org\\\", \\\"intended_use\\\""
        );
        made_in_c(&bench, "predictor", |source| {
            let edited = source.replacen("\\\"intended_use\\\"", &card, 1);
            assert_ne!(edited, source);
            edited
        })?;
        bench.write(
            "experiment.toml",
            "[cases]\nmake = ['digital-phantom']\n[plugins]\nuse = ['load-nifti', 'features-statistics']\n\
             [[plugins.file]]\npath = 'predictor/libhot_spot.so'\n[regions.tumour]\nlabel = 1\n[features.statistics]\n\
             [predict.score]\nplugin = 'predict-hot-spot'\n",
        );
        Some(bench)
    };
    let Some(bench) = until("2001-01-31") else { return };
    let message = refusal(&bench.run());
    assert_says(
        &message,
        &["[predict.score] predict-hot-spot: it has expired", "2001-01-31", "ask models@example.org"],
    );
    let shown = run(["plugins", "inspect", &bench.path("predictor/libhot_spot.so").display().to_string()]);
    assert_says(&shown.out, &["2001-01-31, which is over"]);
    // The day is that of this machine's clock: whoever sets it back is believed.
    let today = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().expect("a clock");
    let today = String::from_utf8(today.stdout).expect("a day");
    if let Some(bench) = until(today.trim()) {
        let said = bench.run();
        // Around midnight, today is over before the program looks.
        let later = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().expect("a clock").stdout;
        assert!(said.code == Some(0) || later != today.as_bytes(), "{said:?}");
    }
    if let Some(bench) = until("31.12.2099") {
        let message = refusal(&bench.run());
        assert_says(&message, &["describes `predict-hot-spot` wrongly", "valid until `31.12.2099`", "2027-12-31"]);
    }
}

#[test]
fn a_model_file_has_a_card_too_and_is_refused_when_its_last_day_is_over() {
    let model = fs::read_to_string(workspace().join("configs/models/demonstration.toml")).expect("a model");
    let model = model.replacen("scale = 20.0", "scale = 20.0\nminimum = 0.0\nmaximum = 1.0\nunit = \"HU\"", 1);
    let bench = Bench::new(&fs::read_to_string(workspace().join("configs/features.toml")).expect("an experiment"));
    let with = |card: &str| bench.write("models/demonstration.toml", format!("{model}\n{card}"));
    with("[card]\nintended_use = 'shows a card'\nvalid_until = 2099-12-31\ncontact = 'models@example.org'\n");
    let ran = bench.run();
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let card = &table(&bench.path("out/model_cards.csv"))[0];
    let stated =
        ["model", "plugin", "known", "intended_use", "training_population", "input_ranges", "valid_until", "contact"];
    assert_eq!(
        stated.map(|column| card[column].as_str()),
        [
            "demonstration",
            "predict-linear",
            "a model file without a seal",
            "shows a card",
            "not stated",
            "tumour:statistics.mean: 0 to 1 HU",
            "2099-12-31",
            "models@example.org"
        ]
    );
    let path = bench.path("models/demonstration.toml").display().to_string();
    with("[card]\nvalid_until = '2001-12-31'\ncontact = 'models@example.org'\n");
    assert_says(
        &refusal(&bench.run()),
        &["[predict.demonstration]", &path, "valid until 2001-12-31", "ask models@example.org for a newer one"],
    );
    for (card, piece) in [("valid_until = 'soon'", "`soon`"), ("intended_us = 'x'", "did you mean `intended_use`")] {
        with(&format!("[card]\n{card}\n"));
        assert_says(&refusal(&bench.run()), &[&path, piece]);
    }
}
