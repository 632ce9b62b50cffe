//! The simulation as its user sees it, on coarse voxels so that it is quick.

use std::{collections::HashMap, path::Path, sync::Mutex, thread};

use nifti::{IntoNdArray, NiftiHeader, NiftiObject, ReaderOptions};

use crate::{
    Error, Made, Settings,
    cohorts::{self, FEWEST},
    files, is_complete, make, outcome,
    person::{Lesion, Person, Stream, normal, stream},
    scan::{self, Scan},
    tables, truth,
};

/// Voxels so many times as large: 27 times fewer.
const COARSE: f64 = 3.0;
const PATIENTS: usize = 4 * FEWEST;

fn settings(effect: f64) -> Settings {
    Settings { patients: PATIENTS, seed: 5, effect }
}

fn serial(n: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..n).for_each(work);
}

/// Backwards, on three threads.
fn threaded(n: usize, work: &(dyn Fn(usize) + Sync)) {
    let left = Mutex::new(n);
    let next = || {
        let mut left = left.lock().expect("a lock");
        *left = left.checked_sub(1)?;
        Some(*left)
    };
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| std::iter::from_fn(next).for_each(work));
        }
    });
}

fn files_of(folder: &Path, found: &mut HashMap<String, Vec<u8>>, root: &Path) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files_of(&path, found, root);
        } else {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().into_owned();
            found.insert(name, std::fs::read(&path).expect("a file"));
        }
    }
}

fn all_files(root: &Path) -> HashMap<String, Vec<u8>> {
    let mut found = HashMap::new();
    files_of(root, &mut found, root);
    found
}

fn table(path: &Path) -> Vec<HashMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn people(patients: usize, seed: u64, effect: f64) -> Vec<Person> {
    let settings = Settings { patients, seed, effect };
    let shares = cohorts::shares(patients).expect("shares");
    (0..patients)
        .map(|number| {
            let (cohort, place) = cohorts::place(&shares, number).expect("a place");
            Person::draw(&settings, number, cohort, place)
        })
        .collect()
}

fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let sum = |f: &dyn Fn(f64, f64) -> f64| a.iter().zip(b).map(|(&a, &b)| f(a - ma, b - mb)).sum::<f64>();
    sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
}

#[test]
fn threads_and_order_change_no_byte_and_the_tables_agree_with_the_masks() {
    let folder = tempfile::tempdir().expect("a folder");
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let made = make(&settings(1.0), &a, &serial, COARSE).expect("a simulation");
    make(&settings(1.0), &b, &threaded, COARSE).expect("a simulation");
    let (first, second) = (all_files(&a), all_files(&b));
    assert!(first.len() == 2 * PATIENTS + 4 * 2 + 2 + 3 && first == second);
    assert!(is_complete(&settings(1.0), &a) && !is_complete(&settings(0.5), &a));
    check(&made, &a);

    // Another simulation takes the folder's place, scan by scan; an interrupted one is not complete.
    let fewer = |_: usize, work: &(dyn Fn(usize) + Sync)| work(0);
    assert_eq!(make(&settings(0.0), &a, &fewer, COARSE), Err(Error::LeftOut(1)));
    assert!(!is_complete(&settings(0.0), &a) && !is_complete(&settings(1.0), &a));
    make(&settings(0.0), &a, &threaded, COARSE).expect("a simulation");
    let none = all_files(&a);
    assert!(is_complete(&settings(0.0), &a) && none.len() == first.len());
    let same = |name: &str| first[name] == none[name];
    assert!(same("train/expression.csv") && same("clinical/patients.csv") && same("train/cases.csv"));
    assert!(!same("train/scans/SIM-0001.nii.gz") && !same("truth.csv"));
}

fn check(made: &Made, root: &Path) {
    assert_eq!(made.cohorts.iter().map(|cohort| cohort.patients).sum::<usize>(), PATIENTS);
    assert_eq!(table(&made.truth).len(), made.cohorts.iter().map(|cohort| cohort.lesions).sum::<usize>());
    assert!(std::fs::read_to_string(&made.readme).expect("a text").starts_with("SIMULATED"));
    for cohort in &made.cohorts {
        let cases = table(&cohort.cases);
        assert_eq!((cases.len(), table(&cohort.patients_table).len()), (cohort.lesions, cohort.patients));
        assert_eq!(cohort.expression.is_some(), cohort.purpose.has_expression());
        let mut labels: HashMap<String, usize> = HashMap::new();
        for case in &cases {
            *labels.entry(case["mask"].clone()).or_default() += 1;
            assert_eq!(case["label"], labels[&case["mask"]].to_string());
        }
        assert_eq!(labels.len(), cohort.patients);
        for (mask, lesions) in labels {
            let path = root.join(cohort.purpose.name()).join(mask);
            let volume = ReaderOptions::new().read_file(&path).expect("a mask").into_volume();
            let voxels = volume.into_ndarray::<u8>().expect("voxels");
            let count = |label: usize| voxels.iter().filter(|&&voxel| usize::from(voxel) == label).count();
            assert!((1..=lesions).all(|label| count(label) > 0), "{}", path.display());
            assert_eq!((0..=lesions).map(count).sum::<usize>(), voxels.len(), "{}", path.display());
        }
    }
}

#[test]
fn a_scan_comes_back_from_its_file_with_its_place_in_the_patient() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("scans")).expect("a folder");
    let person = &people(PATIENTS, 5, 1.0)[3];
    let made = scan::make(5, person, COARSE);
    let (frame, image) = (made.frame, made.image.clone());
    files::write_scan(made, "P", folder.path()).expect("files");
    let path = folder.path().join("scans/P.nii.gz");
    let header = NiftiHeader::from_file(&path).expect("a header");
    assert!(header.descrip.starts_with(b"simulated") && header.sform_code == 1);
    // Voxel (2, 3, 4) in RAS by the header, in LPS by the frame.
    let index = [2.0, 3.0, 4.0];
    let rows = [header.srow_x, header.srow_y, header.srow_z];
    for axis in 0..3 {
        let ras = (0..3).map(|j| f64::from(rows[axis][j]) * index[j]).sum::<f64>() + f64::from(rows[axis][3]);
        let lps = frame.origin_mm[axis] + index[axis] * frame.spacing_mm[axis];
        assert!((ras - if axis < 2 { -lps } else { lps }).abs() < 1e-3, "{axis}: {ras} {lps}");
        assert!((f64::from(header.pixdim[axis + 1]) - frame.spacing_mm[axis]).abs() < 1e-6);
    }
    let volume = ReaderOptions::new().read_file(&path).expect("a scan").into_volume();
    let voxels = volume.into_ndarray::<i16>().expect("voxels");
    let [nx, ny, nz] = frame.dims;
    assert_eq!(voxels.shape(), [nx, ny, nz]);
    for (index, &hu) in image.iter().enumerate() {
        assert_eq!(voxels[[index % nx, index / nx % ny, index / nx / ny]], hu);
    }
}

#[test]
fn settings_that_cannot_be_and_folders_of_others_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let attempt = |settings: Settings| make(&settings, folder.path(), &serial, COARSE);
    for effect in [-0.1, 1.1, f64::NAN] {
        assert!(matches!(attempt(settings(effect)), Err(Error::Settings(_))));
    }
    assert!(matches!(attempt(Settings { patients: 31, ..settings(1.0) }), Err(Error::Settings(_))));
    let kept = folder.path().join("thesis.txt");
    std::fs::write(&kept, "mine").expect("a file");
    assert_eq!(attempt(settings(1.0)), Err(Error::Occupied(folder.path().into())));
    assert_eq!(std::fs::read(&kept).expect("still there"), b"mine");
}

/// Standard deviation of means over 3 × 3 voxels in the plane that lie wholly in the first lesion; mean HU of its
/// voxels with a neighbour outside it.
fn texture_and_rim(scan: &Scan) -> (f64, f64) {
    let [nx, ny, nz] = scan.frame.dims;
    let (mut means, mut rim) = (Vec::new(), Vec::new());
    for z in 0..nz {
        for y in 1..ny - 1 {
            for x in 1..nx - 1 {
                let at = |dx: usize, dy: usize| (z * ny + y + dy - 1) * nx + x + dx - 1;
                if scan.mask[at(1, 1)] != 1 {
                    continue;
                }
                let block: Vec<usize> = (0..9).map(|i| at(i % 3, i / 3)).collect();
                if block.iter().all(|&voxel| scan.mask[voxel] == 1) {
                    means.push(block.iter().map(|&voxel| f64::from(scan.image[voxel])).sum::<f64>() / 9.0);
                } else {
                    rim.push(f64::from(scan.image[at(1, 1)]));
                }
            }
        }
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let centre = mean(&means);
    let spread = means.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / means.len() as f64;
    (spread.sqrt(), mean(&rim) - centre)
}

#[test]
fn images_show_the_level_at_effect_1_and_nothing_of_it_at_effect_0() {
    let measured = |effect: f64| {
        let (mut level, mut shown, mut texture, mut rim) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for person in &mut people(80, 3, effect) {
            // The largest lesions of one place and one scanner, so that 80 patients are enough.
            person.lesions.truncate(1);
            person.lesions[0].volume_ml = 30.0;
            person.lesions[0].location = crate::person::Location::LiverOrAbdomen;
            (person.scanner, person.voltage) = (0, 2);
            let (sd, edge) = texture_and_rim(&scan::make(3, person, 2.0));
            level.push(person.level);
            shown.push(person.shown);
            texture.push(sd.ln());
            rim.push(edge);
        }
        [(&texture, &level), (&rim, &level), (&texture, &shown), (&rim, &shown)].map(|(a, b)| correlation(a, b))
    };
    let (full, none) = (measured(1.0), measured(0.0));
    assert!(full.iter().all(|&r| r > 0.5), "{full:?}");
    // Two standard errors of a correlation of 80 pairs are 0.22.
    assert!(none[0].abs() < 0.22 && none[1].abs() < 0.22, "{none:?}");
    assert!(none[2] > 0.5 && none[3] > 0.5, "{none:?}");
}

#[test]
fn levels_are_standard_normal_and_the_effect_is_their_correlation() {
    for effect in [0.0, 0.6, 1.0] {
        let people = people(2000, 1, effect);
        let level: Vec<f64> = people.iter().map(|person| person.level).collect();
        let shown: Vec<f64> = people.iter().map(|person| person.shown).collect();
        assert!((correlation(&level, &shown) - effect).abs() < 0.05);
        let square = shown.iter().map(|u| u * u).sum::<f64>() / 2000.0;
        assert!((square - 1.0).abs() < 0.1, "{square}");
        let lesions: Vec<&Lesion> = people.iter().flat_map(|person| &person.lesions).collect();
        assert!(lesions.iter().all(|lesion| (0.4..=40.0).contains(&lesion.volume_ml)));
        assert!(people.iter().all(|person| (1..=4).contains(&person.lesions.len())));
    }
}

#[test]
fn outcomes_follow_the_level_as_stated() {
    let people = people(3000, 2, 0.0);
    let level: Vec<f64> = people.iter().map(|person| person.level).collect();
    // With −ln S(t) = (t / scale)^shape · h, ln h = −shape · ln(t / scale) + noise of its own: its slope is the log ratio.
    let slope = |time: &dyn Fn(&outcome::Course) -> f64| {
        let log: Vec<f64> = people
            .iter()
            .map(|person| {
                let course = outcome::Course::draw(person, &mut stream(2, person.number, Stream::Outcome));
                -truth::SHAPE * time(&course).ln()
            })
            .collect();
        let sd = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            (values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
        };
        correlation(&level, &log) * sd(&log) / sd(&level)
    };
    // Standard error of the slope: 1.3 / √3000.
    for log_ratio in [slope(&|course| course.death), slope(&|course| course.progression_or_death)] {
        assert!((log_ratio - truth::HAZARD_RATIO_LEVEL.ln()).abs() < 0.07, "{log_ratio}");
    }
    let mean_level = |value: &str, column: &'static str| {
        let of = |person: &&Person| outcome::columns(2, person).contains(&(column, value.to_owned()));
        let levels: Vec<f64> = people.iter().filter(of).map(|person| person.level).collect();
        assert!(levels.len() > 50, "{column} {value}: {}", levels.len());
        levels.iter().sum::<f64>() / levels.len() as f64
    };
    assert!(mean_level("inflamed", "phenotype") > 0.6 && mean_level("desert", "phenotype") < -0.6);
    assert!(mean_level("1", "response_3m") > 0.3 && mean_level("1", "response_6m") > 0.3);
}

#[test]
fn the_course_is_coherent_and_one_patient_of_each_cohort_has_no_outcome() {
    for person in &people(600, 4, 1.0) {
        let columns: HashMap<_, _> = outcome::columns(4, person).into_iter().collect();
        assert_eq!(columns.values().all(String::is_empty), person.place == truth::WITHOUT_OUTCOME);
        let number = |name: &str| columns.get(name).and_then(|value| value.parse::<f64>().ok());
        let (Some(pfs), Some(os)) = (number("pfs_months"), number("os_months")) else { continue };
        assert!(pfs <= os && pfs > 0.0 && (number("os_event") == Some(0.0) || number("pfs_event") == Some(1.0)));
        if number("response_6m") == Some(1.0) {
            assert!(pfs >= 6.0 && number("response_3m") == Some(1.0), "{columns:?}");
        }
        if number("response_3m").is_none() {
            assert!(pfs < 3.0 && number("pfs_event") == Some(0.0));
        }
    }
}

#[test]
fn streams_are_apart() {
    let draw = |patient, purpose| normal(&mut stream(9, patient, purpose));
    let draws = [draw(0, Stream::Person), draw(1, Stream::Person), draw(0, Stream::Noise), draw(0, Stream::Lesion(0))];
    for (index, a) in draws.iter().enumerate() {
        assert!(draws[..index].iter().all(|b| a != b));
    }
}

#[test]
fn the_tables_are_known_before_the_scans() {
    let (folder, settings) = (tempfile::tempdir().expect("a folder"), settings(1.0));
    let made = make(&settings, folder.path(), &serial, 2.0 * COARSE).expect("a simulation");
    for cohort in &made.cohorts {
        let tables = tables(&settings, cohort.purpose).expect("tables");
        assert_eq!((tables.cases.len(), tables.patients.len()), (cohort.lesions, cohort.patients));
        for (rows, written) in [(&tables.cases, &cohort.cases), (&tables.patients, &cohort.patients_table)] {
            let again = folder.path().join("again.csv");
            files::write_table(&again, rows).expect("a table");
            assert_eq!(std::fs::read(&again).expect("a table"), std::fs::read(written).expect("a table"));
        }
    }
    let wrong = |settings: Settings| crate::tables(&settings, cohorts::Purpose::Train).is_err();
    assert!(wrong(Settings { patients: 3, ..settings }) && wrong(Settings { effect: -0.1, ..settings }));
}
