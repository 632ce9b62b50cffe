//! Outcomes of cases that have ended, on disk until the tables are written: memory does not grow with what is in them.

use std::{
    fmt,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use voxomics_base::{
    LogLine,
    table::{FeatureValue, Row},
};

use crate::{
    identity::FileRead,
    layout::Entry,
    outcome::{Fault, Outcome, Score},
    perturbation::Perturbed,
    store::why_not_written,
};

/// A file without a name, which goes with the program, for what waits.
#[derive(Debug)]
pub struct Waiting {
    file: Mutex<File>,
    folder: PathBuf,
}

/// The place of what waits.
#[derive(Debug, Clone, Copy)]
struct Place {
    begin: u64,
    bytes: usize,
}

/// An outcome that waits; what is small of it stays in memory.
#[derive(Debug)]
pub struct Held {
    place: Place,
    faults: Vec<Fault>,
    timings: Vec<(&'static str, Duration)>,
    /// Number of its rows.
    pub rows: usize,
    /// Number of its scores.
    pub scores: usize,
}

/// Bytes that wait.
#[derive(Debug)]
pub struct HeldBytes(Place);

/// The cases that were done, in the order of the list, each with what became of it.
pub struct Done<'a> {
    waiting: &'a Waiting,
    held: Vec<&'a Held>,
    entry: &'a dyn Fn(usize) -> Entry,
}

/// What is not a value of an outcome.
#[derive(Serialize, Deserialize)]
struct Beside {
    /// Region, component and number of values of each row.
    rows: Vec<OfRow>,
    /// Component and number of values of each row of inputs.
    inputs: Vec<(Option<usize>, usize)>,
    /// Predictor, component, numbers of other outputs, of contributions and of inputs, and doubts of each score.
    scores: Vec<OfScore>,
    /// Region and component of each volume.
    volumes: Vec<(usize, Option<usize>)>,
    metadata: serde_json::Map<String, serde_json::Value>,
    log: Vec<(u32, String)>,
    files: Vec<FileRead>,
    /// Region, component and number of values of each row of each perturbation, and for how many scans it has noise.
    perturbed: Vec<(Vec<OfRow>, usize)>,
}

/// Region, component and number of values.
type OfRow = (usize, Option<usize>, usize);

fn of_row(row: &Row) -> OfRow {
    (row.region, row.component, row.values.len())
}

type OfScore = (usize, Option<usize>, [usize; 3], Vec<String>);

impl Waiting {
    /// A place for outcomes, on the disk of a folder.
    ///
    /// # Errors
    /// If no file can be made there.
    pub fn new(folder: &Path) -> Result<Self, String> {
        let file = tempfile::tempfile_in(folder).map_err(|cause| why_not_written(folder, &cause))?;
        Ok(Self { file: Mutex::new(file), folder: folder.to_owned() })
    }

    /// Puts an outcome there.
    ///
    /// # Errors
    /// If the disk is full, or cannot be written.
    pub fn put(&self, outcome: Outcome) -> Result<Held, String> {
        let Outcome { rows, scores, inputs, volumes, metadata, faults, log, files, stamps: _, perturbed, timings } =
            outcome;
        let (number_of_rows, number_of_scores) = (rows.len(), scores.len());
        let mut values = Vec::new();
        rows.iter().flat_map(|row| &row.values).for_each(|value| pack(&mut values, value.as_ref()));
        inputs.iter().flat_map(|(_, of)| of).for_each(|value| pack(&mut values, Some(value)));
        volumes.iter().for_each(|(_, _, volume)| pack(&mut values, Some(&Ok(*volume))));
        for score in &scores {
            [&score.score].into_iter().chain(&score.others).for_each(|value| pack(&mut values, Some(value)));
            score.contributions.iter().for_each(|value| pack(&mut values, Some(&Ok(*value))));
            score.inputs.iter().for_each(|value| pack(&mut values, Some(value)));
        }
        for perturbed in &perturbed {
            perturbed.rows.iter().flat_map(|row| &row.values).for_each(|value| pack(&mut values, value.as_ref()));
            perturbed.noise_sd.iter().for_each(|sd| pack(&mut values, sd.map(Ok).as_ref()));
        }
        let of_perturbed = |of: &Perturbed| (of.rows.iter().map(of_row).collect(), of.noise_sd.len());
        let of_score = |score: Score| {
            let numbers = [score.others.len(), score.contributions.len(), score.inputs.len()];
            (score.predictor, score.component, numbers, score.doubts)
        };
        let beside = Beside {
            rows: rows.iter().map(of_row).collect(),
            inputs: inputs.iter().map(|(component, of)| (*component, of.len())).collect(),
            scores: scores.into_iter().map(of_score).collect(),
            volumes: volumes.into_iter().map(|(region, component, _)| (region, component)).collect(),
            metadata,
            log: log.into_iter().map(|line| (line.level, line.text)).collect(),
            files,
            perturbed: perturbed.iter().map(of_perturbed).collect(),
        };
        let mut bytes = serde_json::to_vec(&beside).map_err(|cause| self.fail(&cause.into()))?;
        let length = bytes.len() as u64;
        bytes.extend(values);
        bytes.extend(length.to_le_bytes());
        let place = self.write(&bytes)?;
        Ok(Held { place, faults, timings, rows: number_of_rows, scores: number_of_scores })
    }

    /// An outcome that was put there, but for sizes and times of its files.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn get(&self, held: &Held) -> io::Result<Outcome> {
        let bytes = self.read(held.place)?;
        let (bytes, length) = bytes.split_last_chunk::<8>().ok_or_else(cut)?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| cut())?;
        let (beside, mut values) = bytes.split_at_checked(length).ok_or_else(cut)?;
        let beside: Beside = serde_json::from_slice(beside)?;
        let values = &mut values;
        let rows = beside.rows.into_iter().map(|row| unpack_row(values, row)).collect::<io::Result<_>>()?;
        let of_inputs = |(component, count)| -> io::Result<_> { Ok((component, unpack_all(values, count)?)) };
        let inputs = beside.inputs.into_iter().map(of_inputs).collect::<io::Result<_>>()?;
        let volume = |(region, component)| -> io::Result<_> { Ok((region, component, number(values)?)) };
        let volumes = beside.volumes.into_iter().map(volume).collect::<io::Result<_>>()?;
        let score = |(predictor, component, [others, contributions, inputs], doubts): OfScore| -> io::Result<Score> {
            let score = unpack(values)?.ok_or_else(cut)?;
            let others = unpack_all(values, others)?;
            let contributions = (0..contributions).map(|_| number(values)).collect::<io::Result<_>>()?;
            let inputs = unpack_all(values, inputs)?;
            Ok(Score { predictor, component, score, others, contributions, inputs, doubts })
        };
        let scores = beside.scores.into_iter().map(score).collect::<io::Result<_>>()?;
        let one = |(rows, scans): (Vec<OfRow>, usize)| -> io::Result<Perturbed> {
            let rows = rows.into_iter().map(|row| unpack_row(values, row)).collect::<io::Result<_>>()?;
            let sd = |value: Option<FeatureValue>| value.and_then(Result::ok);
            Ok(Perturbed { rows, noise_sd: (0..scans).map(|_| unpack(values).map(sd)).collect::<io::Result<_>>()? })
        };
        let perturbed = beside.perturbed.into_iter().map(one).collect::<io::Result<_>>()?;
        Ok(Outcome {
            rows,
            scores,
            inputs,
            volumes,
            metadata: beside.metadata,
            faults: held.faults.clone(),
            log: beside.log.into_iter().map(|(level, text)| LogLine { level, text }).collect(),
            files: beside.files,
            stamps: Vec::new(),
            perturbed,
            timings: held.timings.clone(),
        })
    }

    /// Puts bytes there.
    ///
    /// # Errors
    /// If the disk is full, or cannot be written.
    pub fn put_bytes(&self, bytes: &[u8]) -> Result<HeldBytes, String> {
        self.write(bytes).map(HeldBytes)
    }

    /// Bytes that were put there.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn get_bytes(&self, held: &HeldBytes) -> io::Result<Vec<u8>> {
        self.read(held.0)
    }

    fn write(&self, bytes: &[u8]) -> Result<Place, String> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // What a full disk has cut stays where it is: nothing leads to it.
        let begin = file.seek(SeekFrom::End(0)).map_err(|cause| self.fail(&cause))?;
        file.write_all(bytes).map_err(|cause| self.fail(&cause))?;
        Ok(Place { begin, bytes: bytes.len() })
    }

    fn fail(&self, cause: &io::Error) -> String {
        why_not_written(&self.folder, cause)
    }

    fn read(&self, place: Place) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; place.bytes];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(place.begin))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl Held {
    /// What went wrong.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }
}

impl fmt::Debug for Done<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} cases", self.held.len())
    }
}

impl<'a> Done<'a> {
    /// The cases that `held` belong to, in this order; `entry` names the one at a place.
    pub fn new(
        waiting: &'a Waiting,
        held: impl IntoIterator<Item = &'a Held>,
        entry: &'a dyn Fn(usize) -> Entry,
    ) -> Self {
        Self { waiting, held: held.into_iter().collect(), entry }
    }

    /// Does something with each case.
    ///
    /// # Errors
    /// What that says; or if an outcome cannot be read.
    pub fn each(&self, mut with: impl FnMut(&Entry, &Outcome) -> io::Result<()>) -> io::Result<()> {
        let mut each = |(at, held): (usize, &&Held)| with(&(self.entry)(at), &self.waiting.get(held)?);
        self.held.iter().enumerate().try_for_each(&mut each)
    }

    /// How many cases there are.
    pub fn count(&self) -> usize {
        self.held.len()
    }

    /// The names and files of each case.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        (0..self.held.len()).map(|at| (self.entry)(at))
    }
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "what was kept of a case until now has been cut")
}

const ABSENT: u8 = 0;
const NUMBER: u8 = 1;
const REASON: u8 = 2;

/// A value as its bits, for it comes back as it was.
fn pack(out: &mut Vec<u8>, value: Option<&FeatureValue>) {
    match value {
        None => out.push(ABSENT),
        Some(Ok(number)) => {
            out.push(NUMBER);
            out.extend(number.to_bits().to_le_bytes());
        }
        Some(Err(reason)) => {
            out.push(REASON);
            out.extend((reason.len() as u64).to_le_bytes());
            out.extend(reason.as_bytes());
        }
    }
}

fn unpack(from: &mut &[u8]) -> io::Result<Option<FeatureValue>> {
    let (kind, rest) = from.split_first().ok_or_else(cut)?;
    if *kind == ABSENT {
        *from = rest;
        return Ok(None);
    }
    let (word, rest) = rest.split_first_chunk::<8>().ok_or_else(cut)?;
    let word = u64::from_le_bytes(*word);
    if *kind == NUMBER {
        *from = rest;
        return Ok(Some(Ok(f64::from_bits(word))));
    }
    let length = usize::try_from(word).map_err(|_| cut())?;
    let (reason, rest) = rest.split_at_checked(length).ok_or_else(cut)?;
    *from = rest;
    let reason = std::str::from_utf8(reason).map_err(|_| cut())?;
    Ok(Some(Err(Arc::from(reason))))
}

fn unpack_row(from: &mut &[u8], (region, component, count): OfRow) -> io::Result<Row> {
    Ok(Row { region, component, values: (0..count).map(|_| unpack(from)).collect::<io::Result<_>>()? })
}

fn number(from: &mut &[u8]) -> io::Result<f64> {
    unpack(from)?.ok_or_else(cut)?.map_err(|_| cut())
}

fn unpack_all(from: &mut &[u8], count: usize) -> io::Result<Vec<FeatureValue>> {
    (0..count).map(|_| unpack(from)?.ok_or_else(cut)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(seed: u32) -> Outcome {
        let reason = || Err(Arc::from("it is — flat"));
        let number = f64::from(seed) / 3.0;
        let inputs = vec![Ok(number), reason(), Ok(f64::NAN)];
        Outcome {
            rows: vec![
                Row { region: 0, component: None, values: vec![Some(Ok(number)), None, Some(reason())] },
                Row { region: 1, component: Some(3), values: vec![None; 3] },
            ],
            scores: vec![Score {
                predictor: 2,
                component: Some(1),
                score: reason(),
                others: vec![Ok(-0.0), Ok(f64::INFINITY)],
                contributions: vec![number, f64::MIN_POSITIVE],
                inputs: inputs.clone(),
                doubts: vec!["a \"doubt\"".into()],
            }],
            inputs: vec![(None, inputs)],
            volumes: vec![(1, None, 0.1 + 0.2)],
            metadata: serde_json::Map::from_iter([("KVP".into(), serde_json::json!(0.1 + 0.2))]),
            faults: vec![Fault::new("load", "no scan").of_region("tumour")],
            log: vec![LogLine { level: 2, text: "a line".into() }],
            files: vec![FileRead { column: "image".into(), name: String::new(), sha256: "ab".into(), bytes: 7 }],
            stamps: Vec::new(),
            perturbed: vec![
                Perturbed {
                    rows: vec![Row {
                        region: 1,
                        component: Some(2),
                        values: vec![Some(Ok(number + 1.0)), None, Some(reason())],
                    }],
                    noise_sd: vec![Some(number), None],
                },
                Perturbed::default(),
            ],
            timings: vec![("load", Duration::from_millis(3))],
        }
    }

    #[test]
    fn an_outcome_comes_back_to_the_last_bit_whichever_is_asked_for_first() {
        let place = tempfile::tempdir().expect("a folder");
        let waiting = Waiting::new(place.path()).expect("a file");
        let held: Vec<Held> = (0..3).map(|seed| waiting.put(outcome(seed)).expect("it is put there")).collect();
        let bytes = waiting.put_bytes(b"of an exporter").expect("they are put there");
        for (seed, held) in (0..3).zip(&held).rev() {
            let (found, expected) = (waiting.get(held).expect("it is there"), outcome(seed));
            // The text of a float is the shortest that is that very number; a NaN equals no number, and has a text as well.
            assert_eq!(format!("{found:?}"), format!("{expected:?}"));
            assert_eq!((held.rows, held.scores, held.faults().len()), (2, 1, 1));
        }
        assert_eq!(waiting.get_bytes(&bytes).expect("they are there"), b"of an exporter");
        assert!(std::fs::read_dir(place.path()).expect("a folder").next().is_none(), "the file has no name");
        let names = |at: usize| Entry { name: at.to_string(), ..Entry::default() };
        let done = Done::new(&waiting, &held, &names);
        let mut seen = Vec::new();
        done.each(|case, outcome| {
            seen.push((case.name.clone(), outcome.volumes[0].2, outcome.inputs[0].1[0].clone().ok()));
            Ok(())
        })
        .expect("all are there");
        assert_eq!(seen.len(), 3);
        assert!((0..).zip(&seen).all(|(at, (name, volume, input))| {
            *name == at.to_string() && *volume == 0.1 + 0.2 && *input == Some(f64::from(at) / 3.0)
        }));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_full_disk_is_told_and_costs_nothing_that_waits_already() {
        let place = tempfile::tempdir().expect("a folder");
        let waiting = Waiting::new(place.path()).expect("a file");
        let held = waiting.put(outcome(1)).expect("it is put there");
        let full = std::fs::OpenOptions::new().read(true).write(true).open("/dev/full").expect("a device");
        let file = std::mem::replace(&mut *waiting.file.lock().expect("a lock"), full);
        let why = waiting.put(outcome(2)).expect_err("it cannot be written");
        assert!(why.starts_with("the disk is full: "), "{why}");
        *waiting.file.lock().expect("a lock") = file;
        assert_eq!(waiting.get(&held).expect("it is there").rows.len(), 2);
    }
}
