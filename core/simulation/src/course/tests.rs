//! The course of a disease: what becomes of lesions, and what is drawn of it.

use super::*;

fn settings() -> Settings {
    Settings { patients: 120, seed: 3, effect: 1.0 }
}

#[test]
fn everything_that_can_become_of_a_lesion_does_and_is_told_once() {
    let courses: Vec<Course> = (0..400).map(|number| Course::draw(&settings(), number)).collect();
    let seen = |state: &str| {
        courses
            .iter()
            .flat_map(|course| &course.visits)
            .flat_map(|visit| &visit.seen)
            .filter(|seen| seen.state == state)
            .count()
    };
    for state in ["baseline", "followed", "new", "split", "merged"] {
        assert!(seen(state) >= 2, "{state}");
    }
    let gone = courses.iter().flat_map(|course| &course.visits).flat_map(|visit| &visit.gone);
    assert!(gone.filter(|(_, state)| *state == "gone").count() >= 2);
    for visit in courses.iter().flat_map(|course| &course.visits) {
        let mut names: Vec<&str> = visit.seen.iter().map(|seen| seen.name.as_str()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}

#[test]
fn the_outcome_follows_the_driver_at_effect_1_and_not_at_0() {
    let correlation = |effect: f64| {
        let drawn = (0..120).map(|number| Course::draw(&Settings { effect, ..settings() }, number));
        let points: Vec<(f64, f64)> = drawn.map(|course| (course.driver, course.benefit)).collect();
        let mean = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / points.len() as f64;
        let (x, y) = (mean(&|point| point.0), mean(&|point| point.1));
        let sum = |of: &dyn Fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>();
        let (xx, yy) = (sum(&|point| (point.0 - x).powi(2)), sum(&|point| (point.1 - y).powi(2)));
        sum(&|point| (point.0 - x) * (point.1 - y)) / (xx * yy).sqrt()
    };
    assert!(correlation(1.0) > 0.9 && correlation(0.0).abs() < 0.25);
}

#[test]
fn scans_have_the_lesions_that_the_tables_list_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let few = Settings { patients: 3, ..settings() };
    let serial = |count: usize, work: &(dyn Fn(usize) + Sync)| (0..count).for_each(work);
    make_coarse(&few, folder.path(), &serial, 3.0).expect("a cohort");
    assert!(is_complete(&few, folder.path()) && !is_complete(&settings(), folder.path()));
    let mut reader = csv::Reader::from_path(folder.path().join("cases.csv")).expect("a list");
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), tables(&few).expect("tables").cases.len());
    assert!(rows.iter().all(|row| folder.path().join(&row[1]).is_file() && folder.path().join(&row[2]).is_file()));
    for course in (0..3).map(|number| Course::draw(&few, number)) {
        for (time, visit) in course.visits.iter().enumerate() {
            let outlines: Vec<Outline> = visit.seen.iter().map(|seen| seen.outline.clone()).collect();
            let scan = scan::make_with(few.seed, &course.person, &outlines, Stream::LaterNoise(time), 1.5);
            for (seen, volume) in visit.seen.iter().zip(scan.volumes_ml(outlines.len())) {
                let drawn = seen.outline.lesion.volume_ml;
                assert!((volume / drawn).ln().abs() < 0.6, "{}: {volume} mL drawn for {drawn} mL", seen.name);
            }
        }
    }
}

#[test]
fn dates_run_through_months_and_leap_years() {
    for (start, days, expected) in
        [((2019, 12, 28), 10, "2020-01-07"), ((2020, 1, 31), 30, "2020-03-01"), ((2019, 2, 1), 90, "2019-05-02")]
    {
        assert_eq!(date(start, days), expected);
    }
}
