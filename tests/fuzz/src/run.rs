//! Executions: damage, read, watch.

use std::{
    fs,
    os::unix::fs::FileExt as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use crate::{
    memory,
    mutate::{Random, damage},
    readers::{Case, MAX_BYTES, Outcome, Reader},
};

/// What an execution may take longer is a finding.
const LONGEST: Duration = Duration::from_secs(1);
/// What takes this long is ended.
const HOPELESS: Duration = Duration::from_secs(30);
/// Memory beside voxels and input: tables of decompressors, buffers of files, the messages.
const BESIDE: usize = 1 << 20;

/// Which executions.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The first.
    pub first: u64,
    /// How many.
    pub executions: u64,
    /// What all damage follows from.
    pub seed: u64,
    /// A folder whose files are damaged too.
    pub corpus: Option<PathBuf>,
    /// The folder that files are written to.
    pub work: PathBuf,
    /// The folder that findings are written to.
    pub findings: PathBuf,
}

/// What came of them.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many damaged files were read all the same.
    pub read: u64,
    /// How many findings.
    pub findings: u64,
}

/// Milliseconds since the start at which the current execution began, plus 1; 0 between executions.
static BEGAN: AtomicU64 = AtomicU64::new(0);
/// The last panic: message and place.
static PANIC: Mutex<String> = Mutex::new(String::new());

/// Damages and reads.
///
/// # Errors
/// If a file cannot be written.
pub fn run(reader: &Reader, plan: &Plan) -> std::io::Result<Tally> {
    let mut cases = (reader.cases)();
    let sound = cases.len();
    if let Some(corpus) = &plan.corpus {
        let mut paths: Vec<PathBuf> = fs::read_dir(corpus)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.is_file());
        paths.sort();
        for path in paths {
            let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
            cases.push(Case::one(&name, fs::read(&path)?));
        }
    }
    fs::create_dir_all(&plan.work)?;
    std::panic::set_hook(Box::new(|info| {
        *PANIC.lock().unwrap_or_else(PoisonError::into_inner) = info.to_string();
    }));
    watch();
    let marker = fs::File::create(plan.work.with_extension("execution"))?;
    let mut tally = Tally::default();
    let mut on_disk = Vec::new();
    for (index, case) in cases[..sound].iter().enumerate() {
        put(&plan.work, case, &mut on_disk)?;
        match execute(reader, plan, case) {
            Ok(Outcome::Read) => {}
            other => return Err(std::io::Error::other(format!("sound case {index} is not read: {other:?}"))),
        }
    }
    for execution in plan.first..plan.first + plan.executions {
        let mut random = Random::new(plan.seed, reader.name, execution);
        let case = damaged(&cases[random.below(cases.len())], reader, &mut random);
        put(&plan.work, &case, &mut on_disk)?;
        // For whoever finds this process dead.
        marker.write_all_at(&execution.to_le_bytes(), 0)?;
        match execute(reader, plan, &case) {
            Ok(Outcome::Read) => tally.read += 1,
            Ok(Outcome::Refused(_)) => {}
            Err(what) => {
                tally.findings += 1;
                report(reader, plan, execution, &what)?;
            }
        }
    }
    Ok(tally)
}

fn damaged(case: &Case, reader: &Reader, random: &mut Random) -> Case {
    let mut case = case.clone();
    let index = random.below(case.files.len());
    let wrap = case.wrap.filter(|_| random.below(4) != 0);
    let bytes = &mut case.files[index].1;
    match (wrap, case.wrap) {
        (Some(wrap), _) => {
            damage(bytes, reader.words, random);
            *bytes = wrap(bytes);
        }
        (None, Some(wrap)) => {
            *bytes = wrap(bytes);
            damage(bytes, reader.words, random);
        }
        (None, None) => damage(bytes, reader.words, random),
    }
    if case.files.len() > 1 && random.below(64) == 0 {
        case.files.remove(random.below(case.files.len()));
    }
    if case.files.len() > 1 && random.below(64) == 0 {
        let bytes = case.files[random.below(case.files.len())].1.clone();
        case.files.push(("copy.dcm".into(), bytes));
    }
    case.wrap = None;
    case
}

/// Writes the files of a case; those that are there already stay.
fn put(folder: &Path, case: &Case, on_disk: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    let wrapped;
    let files = match case.wrap {
        None => &case.files,
        Some(wrap) => {
            let (name, bytes) = &case.files[0];
            wrapped = vec![(name.clone(), wrap(bytes))];
            &wrapped
        }
    };
    for (name, _) in on_disk.iter().filter(|(name, _)| !files.iter().any(|(other, _)| other == name)) {
        fs::remove_file(folder.join(name))?;
    }
    for file in files.iter().filter(|file| !on_disk.contains(file)) {
        fs::write(folder.join(&file.0), &file.1)?;
    }
    on_disk.clone_from(files);
    Ok(())
}

/// Reads once; if that takes long, twice more: a machine with other work is no finding.
fn execute(reader: &Reader, plan: &Plan, case: &Case) -> Result<Outcome, String> {
    let mut least = Duration::MAX;
    let mut outcome = Ok(Outcome::Read);
    for _ in 0..3 {
        let began = Instant::now();
        BEGAN.store(now() + 1, Relaxed);
        let (result, peak) = memory::peak(|| catch_unwind(AssertUnwindSafe(|| (reader.read)(&plan.work, case))));
        BEGAN.store(0, Relaxed);
        least = least.min(began.elapsed());
        let input: usize = case.files.iter().map(|(_, bytes)| bytes.len()).sum();
        let most = 4 * (MAX_BYTES as usize + input) + BESIDE;
        outcome = match result {
            Err(_) => Err(format!("panic: {}", PANIC.lock().unwrap_or_else(PoisonError::into_inner))),
            Ok(Err(promise)) => Err(format!("broken promise: {promise}")),
            Ok(Ok(_)) if peak > most => Err(format!("memory: {peak} bytes at a time, {most} are allowed")),
            Ok(Ok(outcome)) => Ok(outcome),
        };
        if least <= LONGEST {
            return outcome;
        }
    }
    outcome.and(Err(format!("time: {least:?}")))
}

fn now() -> u64 {
    static START: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    START.elapsed().as_millis() as u64
}

/// Ends the process if an execution never does; whoever started it finds the files.
fn watch() {
    std::thread::spawn(|| {
        loop {
            std::thread::sleep(Duration::from_millis(200));
            let began = BEGAN.load(Relaxed);
            if began != 0 && now() + 1 - began > HOPELESS.as_millis() as u64 {
                eprintln!("an execution has not ended after {HOPELESS:?}");
                std::process::exit(124);
            }
        }
    });
}

/// Writes the files of a finding and what it is.
///
/// # Errors
/// If they cannot be written.
pub fn report(reader: &Reader, plan: &Plan, execution: u64, what: &str) -> std::io::Result<()> {
    let folder = plan.findings.join(format!("{}-{}-{execution}", reader.name, plan.seed));
    fs::create_dir_all(&folder)?;
    for entry in fs::read_dir(&plan.work)? {
        let entry = entry?;
        fs::copy(entry.path(), folder.join(entry.file_name()))?;
    }
    let corpus = plan.corpus.as_ref().map(|corpus| format!(" --corpus {}", corpus.display())).unwrap_or_default();
    let again = format!(
        "cargo run --release -p voxomics-fuzz -- {} --first {execution} --executions 1 --seed {}{corpus}",
        reader.name, plan.seed
    );
    fs::write(folder.join("finding.txt"), format!("{what}\nagain: {again}\n"))?;
    eprintln!("{}, execution {execution}: {what}\n  {}", reader.name, folder.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    fn found(read: fn(&Path, &Case) -> Result<Outcome, String>) -> Result<Outcome, String> {
        let reader = Reader { name: "none", words: &[], cases: Vec::new, read };
        let (work, findings) = (PathBuf::new(), PathBuf::new());
        let plan = Plan { first: 0, executions: 1, seed: 1, corpus: None, work, findings };
        execute(&reader, &plan, &Case::one("a", vec![0; 100]))
    }

    /// One test: what is counted is counted for the whole process.
    #[test]
    fn panics_slowness_greed_and_broken_promises_are_found() {
        assert_eq!(found(|_, _| Ok(Outcome::Read)), Ok(Outcome::Read));
        assert!(found(|_, case| panic!("{}", case.files.len())).is_err_and(|what| what.starts_with("panic")));
        assert!(found(|_, _| Err("a promise".into())).is_err_and(|what| what.starts_with("broken promise: a promise")));
        let greedy = found(|_, _| {
            let taken = vec![1_u8; 4 * (MAX_BYTES as usize + 100) + BESIDE + 1];
            Ok(if std::hint::black_box(&taken).is_empty() { Outcome::Refused(String::new()) } else { Outcome::Read })
        });
        assert!(greedy.is_err_and(|what| what.starts_with("memory")));
        let slow = found(|_, _| {
            std::thread::sleep(LONGEST + Duration::from_millis(20));
            Ok(Outcome::Read)
        });
        assert!(slow.is_err_and(|what| what.starts_with("time")));
        // Slow but once: other work of the machine.
        static CALLS: AtomicUsize = AtomicUsize::new(0);
        let once = found(|_, _| {
            let first = CALLS.fetch_add(1, Relaxed) == 0;
            std::thread::sleep(if first { LONGEST + Duration::from_millis(20) } else { Duration::ZERO });
            Ok(Outcome::Read)
        });
        assert_eq!(once, Ok(Outcome::Read));
    }

    #[test]
    fn damage_follows_from_the_seed_alone() {
        let damaged = |execution| {
            let mut bytes: Vec<u8> = (0..200).collect();
            damage(&mut bytes, &["word"], &mut Random::new(3, "nifti", execution));
            bytes
        };
        assert!(damaged(1) == damaged(1) && damaged(1) != damaged(2));
    }
}
