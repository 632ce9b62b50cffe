//! The course of a disease with a known truth: lesions that grow, shrink, appear, go, split and merge, and an outcome that follows from how
//! fast they grow.
//!
//! Each patient has a driver d, N(0, 1), of which the first scan knows nothing. The volume of a lesion is V₀ exp(r t) at t months, with a rate
//! r = [`RATE`] − [`RATE_SLOPE`] d + [`RATE_SPREAD`] N(0, 1). The column `benefit` is effect · d + √(1 − effect²) · N(0, 1) +
//! [`BENEFIT_SPREAD`] · N(0, 1): with effect 0 it knows nothing of the lesions. Nothing here is real.

use std::{path::Path, sync::OnceLock};

use rand::RngExt;

use crate::{
    Error, Parallel, Row, STAMP, Settings, TRUTH, Tables,
    cohorts::Purpose,
    files::{self, failed, scan_paths},
    lesion::{Placed, radius_mm},
    person::{Lesion, Person, Stream, normal, stream},
    scan::{self, Outline},
    scanner::SCANNERS,
    stamp,
};

/// The name of the cohort, and of its folder.
pub const NAME: &str = "course";

/// Growth a month at driver 0, logarithm of the volume.
pub const RATE: f64 = 0.0;
/// Its change per unit of the driver.
pub const RATE_SLOPE: f64 = 0.25;
/// Its standard deviation between the lesions of a patient.
pub const RATE_SPREAD: f64 = 0.05;
/// Standard deviation of the outcome that follows from nothing.
pub const BENEFIT_SPREAD: f64 = 0.3;

/// Time points, and the days between them; so many days more or less.
const TIMES: usize = 3;
const GAP_DAYS: f64 = 42.0;
const PLAY_DAYS: u32 = 7;
const DAYS_A_MONTH: f64 = 365.25 / 12.0;
/// A lesion whose volume falls below this has gone; none is larger than that, mL.
const SMALLEST_ML: f64 = 0.35;
const LARGEST_ML: f64 = 22.0;
/// How often a patient gets a new lesion, and how often a lesion splits, or two merge.
const NEW: f64 = 0.25;
const PARTED: f64 = 0.2;
/// Parts are so much smaller in radius, and lie so many radii of the whole from its middle: there is room between them.
const PART_RADIUS: f64 = 0.6;
const PART_AWAY: f64 = 0.85;
/// The first patient has this number among those that are simulated: nobody is in another cohort, too.
const FIRST: usize = 1_000_000;
const MOST_LESIONS: usize = 4;

/// A lesion that is seen in a scan, by its true name.
struct Seen {
    name: String,
    outline: Outline,
    state: &'static str,
    came_of: String,
}

/// What is seen of a patient at a time point, and which lesions are no longer there.
struct Visit {
    days: u32,
    seen: Vec<Seen>,
    gone: Vec<(String, &'static str)>,
}

/// A patient over time.
struct Course {
    person: Person,
    number: usize,
    start: (u32, u32, u32),
    benefit: f64,
    driver: f64,
    visits: Vec<Visit>,
}

/// The tables of the cohort as [`make`] writes them, without a scan being made.
///
/// # Errors
/// If the settings cannot be.
pub fn tables(settings: &Settings) -> Result<Tables, Error> {
    check(settings)?;
    let mut tables = Tables { cases: Vec::new(), patients: Vec::new() };
    for number in 0..settings.patients {
        let course = Course::draw(settings, number);
        tables.cases.extend(course.cases());
        tables.patients.push(course.patient());
    }
    Ok(tables)
}

fn check(settings: &Settings) -> Result<(), Error> {
    match settings.effect {
        effect if (0.0..=1.0).contains(&effect) => Ok(()),
        effect => Err(Error::Settings(format!("the effect {effect} is not between 0 and 1"))),
    }
}

/// Whether a folder holds the whole cohort with these settings.
pub fn is_complete(settings: &Settings, out: &Path) -> bool {
    std::fs::read_to_string(out.join(STAMP)).is_ok_and(|text| text == stamp(settings, true))
}

/// Makes the cohort in a folder: scans, `cases.csv`, `patients.csv` and `truth.csv`, which says of each outline which lesion it is.
///
/// A folder that an earlier simulation was written to is cleared.
///
/// # Errors
/// If the settings cannot be, the folder holds anything else, or a file cannot be written.
pub fn make(settings: &Settings, out: &Path, parallel: &Parallel<'_>) -> Result<(), Error> {
    make_coarse(settings, out, parallel, 1.0)
}

pub(crate) fn make_coarse(
    settings: &Settings,
    out: &Path,
    parallel: &Parallel<'_>,
    coarseness: f64,
) -> Result<(), Error> {
    check(settings)?;
    std::fs::create_dir_all(out).map_err(failed(out))?;
    let is_empty = std::fs::read_dir(out).map_err(failed(out))?.next().is_none();
    if !is_empty && !out.join(STAMP).exists() {
        return Err(Error::Occupied(out.into()));
    }
    files::write(&out.join(STAMP), stamp(settings, false).as_bytes())?;
    let scans = out.join("scans");
    if scans.exists() {
        std::fs::remove_dir_all(&scans).map_err(failed(&scans))?;
    }
    std::fs::create_dir_all(&scans).map_err(failed(&scans))?;
    let results: Vec<OnceLock<Result<Course, Error>>> = (0..settings.patients).map(|_| OnceLock::new()).collect();
    parallel(settings.patients, &|number| {
        if let Some(result) = results.get(number) {
            result.get_or_init(|| {
                let course = Course::draw(settings, number);
                course.write(settings.seed, coarseness, out).map(|()| course)
            });
        }
    });
    let (mut cases, mut patients, mut truth) = (Vec::new(), Vec::new(), Vec::new());
    for (number, result) in results.into_iter().enumerate() {
        let course = result.into_inner().unwrap_or(Err(Error::LeftOut(number)))?;
        cases.extend(course.cases());
        patients.push(course.patient());
        truth.extend(course.truth());
    }
    files::write_table(&out.join(crate::CASES), &cases)?;
    files::write_table(&out.join(crate::PATIENTS), &patients)?;
    files::write_table(&out.join(TRUTH), &truth)?;
    files::write(&out.join(STAMP), stamp(settings, true).as_bytes())
}

/// A lesion from the first scan on, or later.
struct Fate {
    quarter: usize,
    lesion: Lesion,
    /// Growth a month.
    rate: f64,
    /// The first time point at which it is there.
    from: usize,
    /// The time points at which it is in two parts.
    parted: [bool; TIMES],
}

impl Fate {
    /// Its volume at a time point, mL; none where it is not there.
    fn volume(&self, time: usize, days: &[u32; TIMES]) -> Option<f64> {
        let volume = |at: usize| {
            let months = f64::from(days[at] - days[self.from]) / DAYS_A_MONTH;
            (self.lesion.volume_ml * (self.rate * months).exp()).min(LARGEST_ML)
        };
        // What has gone stays away.
        (time >= self.from && (self.from..=time).all(|at| volume(at) >= SMALLEST_ML)).then(|| volume(time))
    }

    /// What is seen of it at a time point.
    fn outlines(&self, time: usize, days: &[u32; TIMES]) -> Vec<(String, Outline)> {
        let Some(volume_ml) = self.volume(time, days) else { return Vec::new() };
        let name = (self.quarter + 1).to_string();
        let placed = Placed { quarter: self.quarter, label: 0, shift_mm: 0.0, room_ml: LARGEST_ML };
        if !self.parted[time] {
            let lesion = Lesion { volume_ml, ..self.lesion.clone() };
            return vec![(name, Outline { lesion, placed, stream: Stream::Lesion(self.quarter) })];
        }
        let away = PART_AWAY * radius_mm(volume_ml);
        let part = |(number, sign): (usize, f64)| {
            let lesion = Lesion { volume_ml: volume_ml * PART_RADIUS.powi(3), ..self.lesion.clone() };
            let placed = Placed { shift_mm: sign * away, ..placed };
            // The same stream: parts lie at one height.
            (format!("{name}.{number}"), Outline { lesion, placed, stream: Stream::Lesion(self.quarter) })
        };
        [(1, -1.0), (2, 1.0)].map(part).into()
    }
}

impl Course {
    fn draw(settings: &Settings, number: usize) -> Self {
        // What its first scan shows follows from nothing that the outcome follows from.
        let mut person =
            Person::draw(&Settings { effect: 0.0, ..*settings }, FIRST + number, Purpose::Clinical, number);
        let rng = &mut stream(settings.seed, FIRST + number, Stream::Course);
        let driver = normal(rng);
        let benefit = settings.effect * driver
            + (1.0 - settings.effect.powi(2)).sqrt() * normal(rng)
            + BENEFIT_SPREAD * normal(rng);
        let mut days = [0; TIMES];
        for time in 1..TIMES {
            let play = rng.random_range(0..2 * PLAY_DAYS + 1);
            days[time] = days[time - 1] + GAP_DAYS as u32 - PLAY_DAYS + play;
        }
        let start = (2015 + rng.random_range(0..6), 1 + rng.random_range(0..12), 1 + rng.random_range(0..28));
        let at_first = person.lesions.len().min(MOST_LESIONS - 1);
        let (is_new, comes) = (rng.random::<f64>() < NEW, 1 + rng.random_range(0..TIMES as u32 - 1) as usize);
        if is_new && person.lesions.len() == at_first {
            person.lesions.push(person.lesions[0].clone());
        }
        person.lesions.truncate(at_first + usize::from(is_new));
        let (parted, splits) = (rng.random::<f64>() < PARTED, rng.random::<f64>() < 0.5);
        let mut fates: Vec<Fate> = Vec::new();
        for (quarter, lesion) in person.lesions.iter().enumerate() {
            let rate = RATE - RATE_SLOPE * driver + RATE_SPREAD * normal(rng);
            let from = if quarter < at_first { 0 } else { comes };
            let mut lesion = lesion.clone();
            lesion.volume_ml = lesion.volume_ml.clamp(0.8, 6.0);
            let mut fate = Fate { quarter, lesion, rate, from, parted: [false; TIMES] };
            // Parts are seen apart if they are not too small.
            let is_large = (0..TIMES).all(|time| fate.volume(time, &days).is_some_and(|ml| ml >= 3.0));
            if parted && quarter == 0 && is_large {
                fate.parted = if splits { [false, false, true] } else { [true, true, false] };
            }
            fates.push(fate);
        }
        let visits = visits(&fates, &days);
        Self { person, number, start, benefit, driver, visits }
    }

    fn name(&self) -> String {
        format!("SIM-C-{:04}", self.number + 1)
    }

    fn scan(&self, time: usize) -> String {
        format!("{}-{}", self.name(), time + 1)
    }

    /// Writes its scans.
    fn write(&self, seed: u64, coarseness: f64, out: &Path) -> Result<(), Error> {
        for (time, visit) in self.visits.iter().enumerate() {
            let outlines: Vec<Outline> = visit.seen.iter().map(|seen| seen.outline.clone()).collect();
            let scan = scan::make_with(seed, &self.person, &outlines, Stream::LaterNoise(time), coarseness);
            files::write_scan(scan, &self.scan(time), out)?;
        }
        Ok(())
    }

    /// The list of cases, a row an outline. Nothing in it says which lesion that is: labels are in the order of places.
    fn cases(&self) -> Vec<Row> {
        let row = |time: usize, visit: &Visit, seen: &Seen| -> Row {
            let [image, mask] = scan_paths(&self.scan(time));
            let label = seen.outline.placed.label;
            vec![
                ("case", format!("{}-{label}", self.scan(time))),
                ("image", image),
                ("mask", mask),
                ("label", label.to_string()),
                ("patient", self.name()),
                ("date", date(self.start, visit.days)),
                ("days", visit.days.to_string()),
                ("location", seen.outline.lesion.location.name().into()),
                ("kvp", self.person.kvp().to_string()),
                ("scanner", SCANNERS[self.person.scanner].name.into()),
            ]
        };
        let visits = self.visits.iter().enumerate();
        visits.flat_map(|(time, visit)| visit.seen.iter().map(move |seen| row(time, visit, seen))).collect()
    }

    fn patient(&self) -> Row {
        let mut row: Row = self.person.covariates();
        row[0].1 = self.name();
        row[1].1 = NAME.into();
        row.push(("benefit", format!("{:.4}", self.benefit)));
        row
    }

    /// Which lesion each outline is, and what became of the others.
    fn truth(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        for (time, visit) in self.visits.iter().enumerate() {
            let mut row = |case: String, lesion: &str, state: &str, came_of: &str| {
                rows.push(vec![
                    ("case", case),
                    ("patient", self.name()),
                    ("time_point", (time + 1).to_string()),
                    ("lesion", lesion.into()),
                    ("state", state.into()),
                    ("came_of", came_of.into()),
                    ("driver", format!("{:.6}", self.driver)),
                ]);
            };
            for seen in &visit.seen {
                row(
                    format!("{}-{}", self.scan(time), seen.outline.placed.label),
                    &seen.name,
                    seen.state,
                    &seen.came_of,
                );
            }
            visit.gone.iter().for_each(|(name, state)| row(String::new(), name, state, ""));
        }
        rows
    }
}

/// What is seen at each time point, and what each lesion is there.
fn visits(fates: &[Fate], days: &[u32; TIMES]) -> Vec<Visit> {
    let mut visits: Vec<Visit> = Vec::new();
    for time in 0..TIMES {
        let mut visit = Visit { days: days[time], seen: Vec::new(), gone: Vec::new() };
        for fate in fates {
            let now = fate.outlines(time, days);
            let before: Vec<String> = match time {
                0 => Vec::new(),
                _ => fate.outlines(time - 1, days).into_iter().map(|(name, _)| name).collect(),
            };
            let (state, ended) = match (time, before.len(), now.len()) {
                (0, ..) => ("baseline", ""),
                (_, 0, _) => ("new", ""),
                (_, _, 0) => ("", "gone"),
                (_, 1, 2) => ("split", "split"),
                (_, 2, 1) => ("merged", "merged"),
                _ => ("followed", ""),
            };
            let came_of = if ["split", "merged"].contains(&state) { before.join(" ") } else { String::new() };
            if !ended.is_empty() {
                visit.gone.extend(before.into_iter().map(|name| (name, ended)));
            }
            visit.seen.extend(now.into_iter().map(|(name, outline)| Seen {
                name,
                outline,
                state,
                came_of: came_of.clone(),
            }));
        }
        for (place, seen) in visit.seen.iter_mut().enumerate() {
            seen.outline.placed.label = place as u8 + 1;
        }
        visits.push(visit);
    }
    visits
}

/// A date some days after another one: `2020-01-31`.
fn date((year, month, day): (u32, u32, u32), days: u32) -> String {
    let leap = |year: u32| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = |year: u32, month: u32| match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let (mut year, mut month, mut day) = (year, month, day + days);
    while day > length(year, month) {
        day -= length(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests;
