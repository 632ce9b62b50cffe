//! Signatures beside their negative controls: one that reads volume alone is unmasked, one that reads texture is not.

use serde_json::Value as Json;
use voxomics_tests::{
    nifti::Nifti,
    scene::{noise, rows},
};

use crate::support::Results;

const DIMS: [usize; 3] = [14, 14, 12];

const EXPERIMENT: &str = r#"
[plugins]
use = ["load-nifti", "features-glcm", "features-morphology", "predict-elastic-net"]
[regions.tumour]
label = 1
[discretisation]
method = "fixed bin size"
width = 25
minimum = 0
[controls]
kinds = ["shuffled", "inverted"]
[features.glcm]
only = ["contrast"]
[features.morphology]
only = ["volume_voxel_counting"]
[cohorts.train]
cases = "cases.csv"
only = { part = "train" }
[cohorts.test]
cases = "cases.csv"
only = { part = "test" }
[learn.volume]
plugin = "predict-elastic-net"
cohort = "train"
target = { class = "large", positive = "1", negative = "0" }
inputs = ["tumour:morphology.*"]
alpha = [0.5]
lambdas = 20
folds = 3
outer_folds = 3
[learn.texture]
plugin = "predict-elastic-net"
cohort = "train"
target = { class = "coarse", positive = "1", negative = "0" }
inputs = ["tumour:glcm.*"]
alpha = [0.5]
lambdas = 20
folds = 3
outer_folds = 3
[evaluate.volume]
cohort = "test"
score = "volume"
outcome = { class = "large", positive = "1", negative = "0" }
[evaluate.texture]
cohort = "test"
score = "texture"
outcome = { class = "coarse", positive = "1", negative = "0" }
[evaluate.days]
cohort = "test"
score = "texture"
outcome = { time = "days", event = "dead", unit = "days" }
[evaluate.number]
cohort = "test"
score = "volume"
outcome = { number = "days" }
[evaluate.unseen]
cohort = "train"
score = "texture"
outcome = { class = "coarse", positive = "1", negative = "0" }
predictions = "out of fold"
[report]
pictures = false
"#;

/// Lesions of many sizes, whose intensities are those of blocks of 3 voxels in one half, and of single voxels in the other: with the same
/// histogram. Size and texture know nothing of each other; who is large or coarse is told with some errors.
fn scans(results: &Results) {
    let mut cases = "case,patient,image,mask,part,large,coarse,days,dead\n".to_owned();
    for number in 0..80_u64 {
        let draw = |stream: usize| noise(7, [number as usize, stream, 0]);
        let (radius, coarse) = (f64::from(30 + draw(0) % 26) / 10.0, draw(1) % 2 == 1);
        let within = |[x, y, z]: [usize; 3]| {
            let square = |a: usize, middle: f64| (a as f64 - middle).powi(2);
            square(x, 6.5) + square(y, 6.5) + square(z, 5.5) <= radius * radius
        };
        let image = Nifti::new(DIMS, rows(), |at| noise(number, if coarse { at.map(|a| a / 3) } else { at }));
        let mask = Nifti::new(DIMS, rows(), |at| u8::from(within(at)));
        for (name, file) in [("i", image.bytes()), ("m", mask.bytes())] {
            std::fs::write(results.path().join(format!("{name}{number}.nii")), file).expect("a file");
        }
        let told = |is: bool, stream: usize| u8::from(is != (draw(stream) % 8 == 0));
        let part = if number % 2 == 0 { "train" } else { "test" };
        let days = 100 + 300 * i32::from(coarse) + i32::from(draw(4));
        cases += &format!(
            "c{number:02},p{number:02},i{number}.nii,m{number}.nii,{part},{},{},{days},1\n",
            told(radius > 4.2, 2),
            told(coarse, 3)
        );
    }
    results.write("cases.csv", &cases);
}

#[test]
fn a_signature_of_volume_keeps_its_worth_in_controls_and_one_of_texture_loses_it() {
    let results = Results::empty();
    scans(&results);
    let path = results.write("study.toml", EXPERIMENT);
    let said = results.run(&path, &[]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let told: Json = serde_json::from_str(&results.read("study.json")).expect("JSON");
    let evaluation = |name: &str| -> &Json {
        let all = told["evaluations"].as_array().expect("evaluations");
        all.iter().find(|evaluation| evaluation["name"] == name).expect("the evaluation")
    };
    let number = |json: &Json| json.as_f64().unwrap_or_else(|| panic!("no number: {json}"));
    let row = |name: &str, at: usize| -> Json { evaluation(name)["controls"]["rows"][at].clone() };

    let volume = row("volume", 0);
    assert_eq!((&volume["name"], &volume["n"], &volume["same"]), (&"shuffled region".into(), &40.into(), &40.into()));
    assert_eq!(volume["signature"], volume["control"]["value"]);
    assert!(number(&volume["signature"]) > 0.75 && number(&volume["difference"]["value"]) == 0.0, "{volume}");
    assert!(volume["note"].as_str().is_some_and(|note| note.contains("it reads nothing that this control changes")));

    let texture = row("texture", 0);
    assert_eq!((&texture["n"], &texture["same"]), (&40.into(), &0.into()));
    assert_eq!(texture["signature"], evaluation("texture")["result"]["auc"]["value"]);
    assert!(number(&texture["signature"]) > 0.75 && number(&texture["control"]["value"]) < 0.7, "{texture}");
    assert!(number(&texture["difference"]["low"]) > 0.0 && number(&texture["difference"]["p"]) < 0.05, "{texture}");
    // Contrast does not know bright from dark: inverted, the texture is still there. Levels are counted from 0.
    assert_eq!(row("texture", 1)["name"], "inverted region");
    assert!(number(&row("texture", 1)["control"]["value"]) > 0.75, "{}", row("texture", 1));

    assert_eq!(evaluation("days")["controls"]["measure"], "Harrell’s C");
    assert!(number(&row("days", 0)["difference"]["value"]) > 0.05, "{}", row("days", 0));
    assert_eq!(
        (&evaluation("number")["controls"]["measure"], &row("number", 0)["same"]),
        (&"Spearman’s ρ".into(), &40.into())
    );

    let unseen = row("unseen", 0);
    assert_eq!((&unseen["n"], &unseen["difference"]["p"]), (&40.into(), &Json::Null));
    assert!(number(&unseen["signature"]) > 0.7 && number(&unseen["control"]["value"]) < 0.7, "{unseen}");
    assert!(evaluation("unseen")["result"]["auc"]["value"] == unseen["signature"], "{unseen}");

    // The scores are those of the model on the features of the control.
    let scores = results.table("test/control_scores.csv");
    assert_eq!(scores.len(), 40 * 2 * 2);
    let of_signature = results.table("test/scores.csv");
    for row in scores.iter().filter(|row| row["model"] == "volume") {
        let own = of_signature.iter().find(|own| own["model"] == "volume" && own["case"] == row["case"]);
        assert_eq!(own.expect("a score")["value"], row["score"]);
    }
    assert_eq!(results.table("test/controls.csv").len(), 40 * 2);
    let page = results.read("report/report.html");
    assert!(page.contains("Beside negative controls") && page.contains("shuffled region"), "the page");

    // What was finished is found again, and a study without controls has none of it.
    let again = results.run(&path, &[]);
    assert!(again.code == Some(0) && again.err.contains("2 of them finished before"), "{again:?}");
    let plain = EXPERIMENT.replace("[controls]\nkinds = [\"shuffled\", \"inverted\"]\n", "");
    let said = results.run(&results.write("study.toml", &plain), &["--replace"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(
        !results.path().join("test/control_scores.csv").exists() && !results.path().join("test/controls.csv").exists()
    );
    let plain: Json = serde_json::from_str(&results.read("study.json")).expect("JSON");
    let both = [&told, &plain].map(|of| of["evaluations"].as_array().expect("evaluations"));
    for (with, without) in both[0].iter().zip(both[1]) {
        assert_eq!((&with["result"], &without["controls"]), (&without["result"], &Json::Null));
    }
}

#[test]
fn tables_of_features_have_no_controls() {
    let results = Results::empty();
    results.write("features.csv", "case,patient,a,y\nc1,p1,1,0\nc2,p2,2,1\nc3,p3,3,0\nc4,p4,4,1\n");
    let text = "[controls]\n[cohorts.all]\nfeatures = \"features.csv\"\n[evaluate.e]\ncohort = \"all\"\nscore = \"m\"\noutcome = { number = \"y\" }\n";
    let said = results.run(&results.write("study.toml", text), &[]);
    assert!(said.code == Some(2) && said.err.contains("[controls] needs scans"), "{said:?}");
}
