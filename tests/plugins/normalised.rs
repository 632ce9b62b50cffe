//! Filters that normalise MR images, in the whole program: against others' figures, with a region of reference from another mask,
//! and in a study whose target is the scanner.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use voxomics_tests::{
    Said,
    nifti::{Nifti, straight},
    run, table,
};

use crate::bench::{Bench, assert_says, refusal};

/// Others' figures: `normalisation.py` makes the same images, and writes them.
const FIGURES: &str = include_str!("../oracle/normalisation.csv");

const DIMS: [usize; 3] = [24, 22, 14];

/// Centre of a head, gain in sixteenths, offset, and what the square of an intensity is divided by before it is added.
type Scanner = ([i64; 3], i64, i64, i64);

const TRAINING: [Scanner; 4] =
    [([12, 11, 7], 16, 0, 9000), ([11, 12, 6], 23, 40, 5000), ([13, 10, 7], 19, 15, 20000), ([12, 12, 8], 31, 5, 7000)];
const NEW: [Scanner; 2] = [([11, 10, 7], 48, 90, 3000), ([13, 12, 6], 27, 2, 30000)];
const PROBES: [[usize; 3]; 8] =
    [[12, 11, 7], [9, 9, 6], [15, 13, 8], [6, 11, 7], [12, 4, 6], [17, 16, 7], [1, 1, 1], [22, 20, 12]];

fn away([cx, cy, cz]: [i64; 3], at: [usize; 3]) -> i64 {
    let [x, y, z] = at.map(|i| i as i64);
    4 * (x - cx).pow(2) + 6 * (y - cy).pow(2) + 9 * (z - cz).pow(2)
}

fn intensity((centre, gain, offset, square): Scanner, at: [usize; 3]) -> i16 {
    let [x, y, z] = at.map(|i| i as i64);
    let tissue = match away(centre, at) {
        ..=150 => 900,
        151..=300 => 600,
        301..=420 => 300,
        _ => 20,
    };
    let noise = |a, b, c| ((x * a) ^ (y * b) ^ (z * c)) % 31;
    let seen = tissue + noise(73, 193, 83) + noise(389, 41, 157) + noise(17, 59, 211);
    let seen = seen * gain / 16 + offset;
    (seen + seen * seen / square) as i16
}

/// A list of cases with a mask of the probes, one label each, and another one of the white matter.
fn write_cases(bench: &Bench, cohort: &str, scanners: &[Scanner]) {
    let rows = straight([1.0; 3], [0.0; 3]);
    let mut list = "case,image,mask,mask.white,patient\n".to_owned();
    for (number, scanner) in scanners.iter().enumerate() {
        let name = format!("{cohort}-{number}");
        let probe = |at| PROBES.iter().position(|probe| *probe == at).map_or(0, |probe| probe as u8 + 1);
        let white = |at| u8::from(away(scanner.0, at) <= 60);
        bench.write(&format!("{name}.nii"), Nifti::new(DIMS, rows, |at| intensity(*scanner, at)).bytes());
        bench.write(&format!("{name}-mask.nii"), Nifti::new(DIMS, rows, probe).bytes());
        bench.write(&format!("{name}-white.nii"), Nifti::new(DIMS, rows, white).bytes());
        let _ = writeln!(list, "{name},{name}.nii,{name}-mask.nii,{name}-white.nii,{name}");
    }
    bench.write(&format!("{cohort}.csv"), list);
}

const PLUGINS: &str = "[plugins]\nuse = ['load-nifti', 'features-statistics', 'filter-image-z-score', 'filter-nyul', \
                       'filter-percentiles', 'filter-whitestripe', 'filter-z-score', 'predict-elastic-net']\n";

/// A section of each filter over each reference, as `normalisation.csv` names them.
fn sections() -> BTreeMap<[String; 2], (String, String)> {
    let figures = csv::Reader::from_reader(FIGURES.as_bytes()).into_records().map(|record| record.expect("a row"));
    figures
        .map(|record| {
            let (method, over) = (record[1].to_owned(), record[2].to_owned());
            let name = format!("{}_{over}", method.replace([' ', '-'], "_"));
            let (filter, peak) = method.split_once(' ').unwrap_or((&method, ""));
            let mut section = format!("[images.{name}]\nfilter = '{filter}'\n");
            section += if over == "region" { "region = 'white'\n" } else { "" };
            section += &if over == "scan" { "over = 'scan'\n".to_owned() } else { String::new() };
            section += &if peak.is_empty() { String::new() } else { format!("peak = '{peak}'\n") };
            section += if ["nyul", "percentiles"].contains(&filter) { "fitted_on = 'train'\n" } else { "" };
            ([method, over], (name, section))
        })
        .collect()
}

#[test]
fn normalised_intensities_are_those_of_others() {
    let sections = sections();
    let mut experiment = format!(
        "{PLUGINS}[regions.white]\nmask = 'white'\nlabel = 1\nfeatures = false\n[features.statistics]\nonly = ['mean']\n\
         [cohorts.train]\ncases = 'train.csv'\n[cohorts.new]\ncases = 'new.csv'\n"
    );
    for probe in 1..=PROBES.len() {
        let _ = writeln!(experiment, "[regions.probe_{probe}]\nlabel = {probe}");
    }
    sections.values().for_each(|(_, section)| experiment += section);
    let bench = Bench::new(&experiment);
    write_cases(&bench, "train", &TRAINING);
    write_cases(&bench, "new", &NEW);
    let said = study(&bench, &["--until", "extract"]);
    assert_eq!(said.code, Some(0), "{said:?}");

    let rows = table(&bench.path("out/new/features.csv"));
    assert_eq!(rows.len(), NEW.len() * PROBES.len(), "the region of reference has no features of its own");
    let mut compared = 0;
    for record in csv::Reader::from_reader(FIGURES.as_bytes()).into_records() {
        let record = record.expect("a row");
        let (name, _) = &sections[&[record[1].to_owned(), record[2].to_owned()]];
        for probe in 1..=PROBES.len() {
            let of = |row: &&BTreeMap<String, String>| {
                row["case"] == format!("new-{}", &record[0]) && row["region"] == format!("probe_{probe}")
            };
            let row = rows.iter().find(of).expect("a row of the probe");
            let found: f64 = row[&format!("{name}.statistics.mean")].parse().expect("a number");
            let expected: f64 = record[2 + probe].parse().expect("a number");
            assert!((found - expected).abs() <= 1e-10 * expected.abs().max(1.0), "{record:?}, {probe}: {found}");
            compared += 1;
        }
    }
    assert_eq!(compared, 2 * 18 * 8);
}

fn study(bench: &Bench, more: &[&str]) -> Said {
    let experiment = bench.path("experiment.toml").display().to_string();
    let out = bench.path("out").display().to_string();
    run([&["run", &experiment, "--out", &out][..], more].concat())
}

/// Numbers from −1 to 1 that look random.
fn chance(patient: usize, number: usize) -> f64 {
    let state = (patient as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        ^ (number as u64 + 1).wrapping_mul(0xD1B5_4A32_D192_ED03);
    let state = (state ^ (state >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    ((state ^ (state >> 29)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// The image of a patient by a scanner of some gain and offset: a head in air, a tumour of its own texture in the head.
fn scan(patient: usize, gain: f64, offset: f64) -> Nifti {
    let (brightness, rough) = (1.0 + 0.3 * chance(patient, 0), 20.0 + 15.0 * chance(patient, 1));
    Nifti::new([10, 10, 6], straight([1.0; 3], [0.0; 3]), |[x, y, z]| {
        let noise = chance(patient, 10 + x + 10 * (y + 10 * z));
        let anatomy = match (in_head([x, y, z]), in_tumour([x, y, z])) {
            (_, true) => 300.0 * brightness + rough * noise,
            (true, false) => 500.0 + 40.0 * noise,
            _ => 5.0 + 4.0 * noise,
        };
        gain * anatomy + offset
    })
}

fn in_head([x, y, z]: [usize; 3]) -> bool {
    (1..9).contains(&x) && (1..9).contains(&y) && (1..5).contains(&z)
}

fn in_tumour([x, y, z]: [usize; 3]) -> bool {
    (3..7).contains(&x) && (3..6).contains(&y) && (2..4).contains(&z)
}

const PATIENTS: usize = 60;

/// Cohorts `train`, with two scanners, and `new`, with two others. Patients have the brightness of the scanner as a word, and that of
/// their tumour as a number.
fn two_scanners(bench: &Bench) {
    let mask = Nifti::new([10, 10, 6], straight([1.0; 3], [0.0; 3]), |at| u8::from(in_tumour(at)));
    bench.write("mask.nii", mask.bytes());
    bench.write("head.nii", mask.map(|at| u8::from(in_head(at) && !in_tumour(at))).bytes());
    for (cohort, first, scanners) in
        [("train", 0, [(1.0, 0.0), (2.4, 300.0)]), ("new", PATIENTS, [(0.8, 20.0), (3.0, 500.0)])]
    {
        let mut list = "case,image,mask,mask.head,patient,scanner,brightness\n".to_owned();
        for patient in first..first + PATIENTS {
            let (gain, offset) = scanners[patient % 2];
            bench.write(&format!("{patient}.nii"), scan(patient, gain, offset).bytes());
            let (scanner, brightness) = (["dark", "bright"][patient % 2], chance(patient, 0));
            let _ = writeln!(list, "c{patient},{patient}.nii,mask.nii,head.nii,p{patient},{scanner},{brightness}");
        }
        bench.write(&format!("{cohort}.csv"), list);
    }
}

/// The experiment of the two scanners, with a model of each of these images.
fn scanner_study(images: &[(&str, &str)]) -> String {
    let mut experiment = format!(
        "{PLUGINS}[regions.tumour]\nlabel = 1\n[features.statistics]\nonly = ['mean', 'variance', 'skewness', 'percentile_10', 'percentile_90', 'energy']\n\
         [images.original]\n[cohorts.train]\ncases = 'train.csv'\n[cohorts.new]\ncases = 'new.csv'\n"
    );
    for (name, section) in images {
        experiment += &if section.is_empty() { String::new() } else { format!("[images.{name}]\n{section}\n") };
        let _ = writeln!(
            experiment,
            "[learn.of_{name}]\nplugin = 'predict-elastic-net'\ncohort = 'train'\n\
             target = {{ class = 'scanner', positive = 'bright', negative = 'dark' }}\ninputs = ['tumour:{name}.*']\n\
             alpha = [0.5]\nfolds = 5\nouter_folds = 5\nbaselines = false"
        );
    }
    experiment
}

/// The area under the curve of scores, by the Mann–Whitney statistic.
fn auc(scores: &[(bool, f64)]) -> f64 {
    let of = |class: bool| scores.iter().filter(move |(is, _)| *is == class).map(|(_, score)| *score);
    let won = of(true).flat_map(|a| {
        of(false).map(move |b| {
            if a > b {
                1.0
            } else if a == b {
                0.5
            } else {
                0.0
            }
        })
    });
    let pairs = (of(true).count() * of(false).count()) as f64;
    won.sum::<f64>() / pairs
}

/// The standard error of an area that is 0.5, for two classes of this size (Hanley and McNeil, Radiology 143:29, 1982).
fn standard_error(class: usize) -> f64 {
    let n = class as f64;
    ((2.0 * n + 1.0) / (12.0 * n * n)).sqrt()
}

/// The area of a model's scores on the scanners that it has not seen.
fn auc_on_new(bench: &Bench, model: &str) -> f64 {
    let rows = table(&bench.path("out/new/scores.csv"));
    let of_model = rows.iter().filter(|row| row["model"] == model);
    let class = |row: &BTreeMap<String, String>| {
        row["case"].trim_start_matches('c').parse::<usize>().expect("a number") % 2 == 1
    };
    let scores: Vec<(bool, f64)> = of_model.map(|row| (class(row), row["value"].parse().expect("a score"))).collect();
    assert_eq!(scores.len(), PATIENTS, "{model}");
    auc(&scores)
}

/// The area that the outer folds of a model tell of.
fn auc_of_folds(bench: &Bench, model: &str) -> f64 {
    let text = fs::read_to_string(bench.path(&format!("out/models/{model}.toml"))).expect("a model");
    let (_, after) = text.split_once("measure = \"auc\"").unwrap_or_else(|| panic!("no area: {text}"));
    let line = after.lines().find(|line| line.starts_with("value = ")).expect("a value");
    line.trim_start_matches("value = ").parse().expect("a number")
}

#[test]
fn a_target_that_is_the_scanner_cannot_be_learnt_from_normalised_images() {
    let blind = [
        ("nyul", "filter = 'nyul'\nfitted_on = 'train'"),
        ("percentiles", "filter = 'percentiles'\nfitted_on = 'train'"),
        ("image_z", "filter = 'image-z-score'"),
        ("stripe", "filter = 'whitestripe'\npeak = 'largest'"),
    ];
    // What is moved alike for all images goes on to tell of the scanner.
    let seeing = [("original", ""), ("z", "filter = 'z-score'\nfitted_on = 'train'")];
    let bench = Bench::new(&scanner_study(&[&blind[..], &seeing[..]].concat()));
    two_scanners(&bench);
    let said = study(&bench, &["--until", "score"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let limit = 2.0 * standard_error(PATIENTS / 2);
    for (name, _) in blind {
        for found in [auc_of_folds(&bench, &format!("of_{name}")), auc_on_new(&bench, &format!("of_{name}"))] {
            assert!((found - 0.5).abs() <= limit, "{name}: {found}, expected 0.5 ± {limit}");
        }
    }
    for (name, _) in seeing {
        for found in [auc_of_folds(&bench, &format!("of_{name}")), auc_on_new(&bench, &format!("of_{name}"))] {
            assert!(found > 0.95, "{name}: {found}");
        }
    }
}

#[test]
fn a_model_depends_on_the_region_of_reference() {
    let experiment = |exclude: &str, more: &str| {
        format!(
            "{PLUGINS}[regions.tumour]\nlabel = 1\n[regions.head]\nmask = 'head'\nlabel = 1\nfeatures = false\n{exclude}\n\
             [features.statistics]\nonly = ['mean']\n[images.z]\nfilter = 'image-z-score'\nregion = 'head'\n{more}"
        )
    };
    let bench = Bench::new(&experiment(
        "",
        "[cohorts.train]\ncases = 'train.csv'\n[learn.m]\nplugin = 'predict-elastic-net'\ncohort = 'train'\n\
         target = { number = 'brightness' }\nalpha = [0.5]\nfolds = 3\nouter_folds = 3\nbaselines = false\n",
    ));
    two_scanners(&bench);
    let said = study(&bench, &["--until", "train"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let model = fs::read_to_string(bench.path("out/models/m.toml")).expect("a model");
    assert_says(&model, &["[extraction.settings.regions.head]"]);
    let predict =
        "[cases]\nlist = 'new.csv'\n[predict.m]\nplugin = 'predict-elastic-net'\nmodel = 'out/models/m.toml'\n";
    bench.write("experiment.toml", experiment("", predict));
    let elsewhere = bench.path("there").display().to_string();
    let said = run(["run", &bench.path("experiment.toml").display().to_string(), "--out", &elsewhere]);
    assert_eq!(said.code, Some(0), "{said:?}");
    bench.write("experiment.toml", experiment("exclude = ['tumour']", predict));
    assert_says(&refusal(&bench.run()), &["regions.head.exclude", "Use the settings of the model"]);
}

#[test]
fn a_region_of_reference_must_be_one_of_the_experiment() {
    let bench = Bench::new(&format!(
        "{PLUGINS}[cases]\nlist = 'train.csv'\n[regions.tumour]\nlabel = 1\n[features.statistics]\n[images.z]\n\
         filter = 'image-z-score'\nregion = 'tumor'\n"
    ));
    write_cases(&bench, "train", &TRAINING);
    assert_says(&refusal(&bench.run()), &["[images.z] `region` names `tumor`, which is no region", "tumour"]);
}

#[test]
fn bins_of_a_fixed_width_are_warned_of_in_an_mr_that_is_not_normalised() {
    let bench = Bench::new("");
    write_cases(&bench, "train", &TRAINING[..2]);
    let list = fs::read_to_string(bench.path("train.csv")).expect("a list");
    let check = |modality: &str, image: &str, bins: &str| {
        let of_case =
            |(number, line): (usize, &str)| format!("{line},{}", if number == 0 { "modality" } else { modality });
        bench.write("train.csv", list.lines().enumerate().map(of_case).collect::<Vec<_>>().join("\n"));
        bench.write(
            "experiment.toml",
            format!(
                "{}[cases]\nlist = 'train.csv'\n[regions.tumour]\nmask = 'white'\nlabel = 1\n[features.glcm]\n{image}\n\
                 [discretisation]\n{bins}\n",
                PLUGINS.replace("'features-statistics'", "'features-glcm', 'filter-mean'")
            ),
        );
        run(["check", &bench.path("experiment.toml").display().to_string()])
    };
    let (width, number) = ("method = 'fixed bin size'\nwidth = 25", "method = 'fixed bin number'\nbins = 32");
    let normalised = "[images.z]\nfilter = 'image-z-score'\n[images.smooth]\nof = 'z'\nfilter = 'mean'";
    let of_normalised = "[images.n]\nfilter = 'image-z-score'\n[images.z]\nof = 'n'\nfilter = 'z-score'\nfitted_on = 'train'\n\
                         [cohorts.train]\ncases = 'train.csv'";
    let says = |said: &Said| {
        format!("{}{}", said.out, said.err).contains("the fixed width 25 suit intensities that have a unit")
    };
    for (modality, image, bins, warned) in [
        ("MR", "", width, true),
        ("MR", "[images.smooth]\nfilter = 'mean'", width, true),
        ("MR", "", number, false),
        ("CT", "", width, false),
        ("MR", normalised, width, false),
        // That of a cohort moves all scans alike.
        (
            "MR",
            "[images.z]\nfilter = 'z-score'\nfitted_on = 'train'\n[cohorts.train]\ncases = 'train.csv'",
            width,
            true,
        ),
        ("MR", of_normalised, width, false),
    ] {
        let said = check(modality, image, bins);
        assert_eq!(said.code, Some(0), "{said:?}");
        assert_eq!(says(&said), warned, "{modality} {image} {bins}: {said:?}");
    }
}

#[test]
fn bins_of_what_a_filter_made_begin_at_the_regions_minimum_and_those_of_the_scan_at_its_limit() {
    let bench = Bench::new("");
    write_cases(&bench, "train", &TRAINING[..1]);
    let images = "[images.original]\n[images.z]\nfilter = 'image-z-score'\n[images.smooth]\nof = 'z'\nfilter = 'mean'\n[images.raw]\nfilter = 'mean'\n";
    let found = |beginning: &str, place: &str| {
        let bins = format!("[{place}discretisation]\nmethod = 'fixed bin size'\nwidth = 0.25\n{beginning}\n");
        bench.write(
            "experiment.toml",
            format!(
                "{}[cases]\nlist = 'train.csv'\n[regions.tumour]\nmask = 'white'\nlabel = 1\n[resegmentation]\nrange = [-500, 30000]\n\
                 {images}[features.histogram]\nonly = ['mean', 'maximum']\n{bins}",
                PLUGINS.replace("'features-statistics'", "'features-histogram', 'filter-mean'")
            ),
        );
        let file = bench.path("experiment.toml").display().to_string();
        let checked = run(["check", &file]);
        assert_eq!(checked.code, Some(0), "{checked:?}");
        let out = bench.path(&format!("out-{}-{}", place.len(), beginning.len()));
        let said = run(["run", "--quiet", &file, "--out", &out.display().to_string()]);
        assert_eq!(said.code, Some(0), "{said:?}");
        (checked.out, table(&out.join("features.csv")).remove(0))
    };
    let level = |row: &BTreeMap<String, String>, image: &str| {
        row[&format!("{image}.histogram.mean")].parse::<f64>().expect("a number")
    };
    for place in ["", "features.histogram."] {
        let (_, region) = found("minimum = 'region'", place);
        let (_, stated) = found("minimum = -500", place);
        let (checked, by_default) = found("", place);
        for image in ["z", "smooth", "raw"] {
            assert_eq!(level(&by_default, image), level(&region, image), "{image}, {place}");
            assert!(level(&stated, image) > level(&region, image) + 1000.0, "what is stated stands: {image}");
        }
        assert_eq!(level(&by_default, "original"), level(&stated, "original"), "{place}");
        assert!(level(&by_default, "original") > level(&region, "original") + 1000.0);
        let says = "bins of width 0.25 from -500.0 (original), bins of width 0.25 from the region's lowest intensity (z, smooth, raw)";
        assert!(checked.contains(says), "{checked}");
    }
}
