//! `voxomics emit`: a run in parts, as a small file of an engine that runs jobs on many machines.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::{Args, ValueEnum};
use voxomics_engine::{
    cases::Case,
    experiment::{CaseSource, Experiment, study::CohortSource},
    host::{STACK_BYTES, Services},
    output, pipeline,
    plan::Plan,
    stages::written::What,
};
use voxomics_study::{fit, stages};

use crate::{ExperimentArguments, Refused, asked::Asked, experiment, private::Private, study, terminal::count};

/// An engine.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Engine {
    /// Slurm: a script that submits an array of jobs, and one that joins them.
    Slurm,
    /// Snakemake: a Snakefile.
    Snakemake,
}

#[derive(Args)]
pub struct Arguments {
    /// The engine.
    engine: Engine,
    #[command(flatten)]
    experiment: ExperimentArguments,
    /// The folder of the results, which every machine sees; instead of the experiment's own.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Number of parts.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..))]
    shards: u16,
    #[command(flatten)]
    private: Private,
    /// Where the file goes; to standard output, if this is not given.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// What a part is asked for.
struct Needs {
    megabytes: u64,
    minutes: u64,
    /// What was measured, in words.
    measured: String,
}

/// What the files are filled with.
struct Job {
    /// The command of the join; that of a part has `--shard` behind it.
    command: String,
    name: String,
    out: PathBuf,
    /// The experiment and the list of cases: if they change, all of it is to be done again.
    made_from: Vec<PathBuf>,
    /// Where the parts write what they say, which names cases as they are called.
    logs: PathBuf,
    shards: usize,
    needs: Needs,
    /// Whether the join learns models, for which no probe tells the time.
    learns: bool,
}

/// Writes the file; one case is computed first, so that the parts ask for the memory and time that they need.
pub fn emit(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let experiment = experiment::read(&arguments.experiment)?;
    study::without_cases(&arguments.experiment, &experiment)?;
    let asked = Asked {
        out: arguments.out.clone(),
        loudness: crate::Loudness::default(),
        writing: crate::Writing::default(),
        shard: None,
        write: What::default(),
    };
    let out = asked.output(&experiment)?;
    arguments.private.check(&out)?;
    let plan = Plan::new(&experiment)?;
    let listed = experiment::list(&experiment, arguments.experiment.cases.as_deref());
    let cases = cases(&experiment, &plan, listed, &out)?;
    let shards = usize::from(arguments.shards).min(cases.len().max(1));
    let needs = probe(&experiment, &plan, &cases, shards)?;
    let beside = || out.with_file_name(format!("{}-logs", out.file_name().unwrap_or_default().to_string_lossy()));
    let logs = if arguments.private.is_asked() { beside() } else { out.join("logs") };
    let (command, name, learns) =
        (command(arguments, &out)?, experiment.name.clone(), !experiment.study.learn.is_empty());
    let made_from =
        arguments.experiment.experiment.iter().chain(&arguments.experiment.cases).chain(listed_by(&experiment));
    let made_from = made_from.map(|path| absolute(path)).collect::<Result<_, _>>()?;
    let job = Job { command, name, out, made_from, logs, shards, needs, learns };
    let text = match arguments.engine {
        Engine::Slurm => slurm(&job),
        Engine::Snakemake => snakemake(&job),
    };
    match &arguments.to {
        Some(path) => {
            output::write_alone(path, |file| file.write_all(text.as_bytes()))?;
            tell!("{} of {} in {}", count(shards, "part"), count(cases.len(), "case"), path.display());
        }
        None => say!("{}", text.trim_end()),
    }
    Ok(ExitCode::SUCCESS)
}

/// The lists of cases that an experiment names.
fn listed_by(experiment: &Experiment) -> impl Iterator<Item = &PathBuf> {
    let own = match &experiment.cases {
        CaseSource::List(list) => Some(list),
        _ => None,
    };
    let of_cohorts = experiment.study.cohorts.iter().filter_map(|cohort| match &cohort.source {
        CohortSource::List(list) => Some(list),
        _ => None,
    });
    own.into_iter().chain(of_cohorts)
}

fn absolute(path: &Path) -> Result<PathBuf, Refused> {
    std::path::absolute(path).map_err(|cause| Refused(format!("{}: {cause}", path.display())))
}

fn cases(experiment: &Experiment, plan: &Plan, listed: Option<&Path>, out: &Path) -> Result<Vec<Case>, Refused> {
    if !study::is_study(experiment) {
        return experiment::cases(experiment, listed, out, false);
    }
    let services = Services { seed: plan.seed, ..Services::default() };
    let simulated = out.join(stages::SIMULATED);
    stages::is_simulated(experiment, &simulated)?;
    let checked = stages::check::check(experiment, plan, &services, &simulated)?;
    Ok(checked.joined.into_iter().flat_map(|cohort| cohort.cases).collect())
}

/// How long a case takes.
struct Took {
    /// To be looked at for what is fitted.
    looking: Duration,
    /// To be computed.
    computing: Duration,
}

/// Computes a case; what is fitted on a cohort is fitted to it alone.
fn compute(experiment: Experiment, plan: &Plan, case: &Case, services: &Services) -> Result<Took, String> {
    let started = Instant::now();
    let fitted = fit::to_one_case(&experiment, plan, case, services)?;
    let looking = if fitted.is_some() { started.elapsed() } else { Duration::ZERO };
    let started = Instant::now();
    let outcome = pipeline::extract(fitted.as_ref().unwrap_or(plan), case, services, None);
    match outcome.faults.first() {
        Some(fault) if outcome.rows.is_empty() => Err(format!("{}: {}", fault.stage, fault.message)),
        _ => Ok(Took { looking, computing: started.elapsed() }),
    }
}

/// Computes the first case that can be computed: one that fails takes neither the time nor the memory of the others.
fn probe(experiment: &Experiment, plan: &Plan, cases: &[Case], shards: usize) -> Result<Needs, Refused> {
    const TRIED: usize = 10;
    let services = Services { seed: plan.seed, ..Services::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build();
    let pool = pool.map_err(|cause| Refused(format!("cannot start a thread: {cause}")))?;
    let is_there = |case: &&Case| {
        let files = plan.files_of(case);
        case.fault.is_none() && !files.is_empty() && files.iter().all(|(_, path)| path.exists())
    };
    let mut failed = Vec::new();
    for case in cases.iter().filter(is_there).take(TRIED) {
        let name = crate::terminal::name(&case.name);
        // An experiment belongs to one thread.
        let own = experiment.clone();
        match pool.install(|| compute(own, plan, case, &services)) {
            Ok(took) => {
                failed.iter().for_each(|why| tell!("warning: no probe: {why}"));
                return Ok(needs(&name, &took, cases.len(), shards));
            }
            Err(why) => failed.push(format!("{name}: {why}")),
        }
    }
    let why = match failed.first() {
        Some(first) => format!("none of {} can be computed; the first: {first}", count(failed.len(), "case")),
        None => "no case has its files here".into(),
    };
    Err(Refused(format!("{why}. Without a probe, memory and time cannot be asked for")))
}

fn needs(name: &str, took: &Took, cases: usize, shards: usize) -> Needs {
    let [looking, computing] = [took.looking, took.computing].map(|took| took.as_secs_f64());
    // What others have not looked at yet, a part looks at itself.
    let seconds = computing * cases.div_ceil(shards) as f64 + looking * cases as f64;
    let measured = peak_megabytes();
    let shown = measured.map_or("an unknown amount of memory".into(), |megabytes| format!("{megabytes} MB"));
    Needs {
        megabytes: measured.map_or(8192, |megabytes| 2 * megabytes + 256),
        minutes: (3.0 * seconds / 60.0).ceil() as u64 + 5,
        measured: format!("{name} took {:.1} s and {shown}", looking + computing),
    }
}

/// The most memory that this process has had.
fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1024 + 1)
}

/// The command of the join.
fn command(arguments: &Arguments, out: &Path) -> Result<String, Refused> {
    let program = std::env::current_exe().map_err(|cause| format!("the program does not find itself: {cause}"))?;
    let given = &arguments.experiment;
    let experiment = given.experiment.as_ref().ok_or_else(|| Refused("name an experiment".into()))?;
    let mut words = vec![program.display().to_string(), "run".into(), absolute(experiment)?.display().to_string()];
    if let Some(list) = &given.cases {
        words.extend(["--cases".into(), absolute(list)?.display().to_string()]);
    }
    for set in &given.overrides {
        words.extend(["--set".into(), set.clone()]);
    }
    if let Some(bytes) = given.max_scan_bytes {
        words.extend(["--max-scan-bytes".into(), bytes.to_string()]);
    }
    words.extend(arguments.private.words()?);
    words.extend(["--out".into(), out.display().to_string(), "--threads".into(), "1".into()]);
    Ok(words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" "))
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

fn slurm(job: &Job) -> String {
    let Job { command, name, logs, shards, needs: Needs { megabytes, minutes, measured }, learns, .. } = job;
    let name = quoted(&format!("voxomics-{name}"));
    let part = quoted(&format!("{command} --quiet --shard $SLURM_ARRAY_TASK_ID/{shards}"));
    let join = quoted(command);
    let logs = logs.display().to_string();
    let (folder, log) = (quoted(&logs), quoted(&format!("{logs}/%x-%a.log")));
    let of_join = quoted(&format!("{logs}/%x-join.log"));
    let (said, time) = match learns {
        true => (" It learns, and has the time that the partition gives.", String::new()),
        false => ("", format!("--time={minutes} ")),
    };
    format!(
        "#!/usr/bin/env bash\n\
         # {name} in {shards} parts on Slurm. Run this file where sbatch is; a part that dies is started again.\n\
         # {measured}, with one thread: a part asks for about twice the memory and three times the time.\n\
         set -euo pipefail\n\
         mkdir -p {folder}\n\
         parts=$(sbatch --parsable --job-name={name} --array=1-{shards} --requeue --open-mode=append \\\n  \
           --cpus-per-task=1 --mem={megabytes}M --time={minutes} --output={log} \\\n  --wrap={part})\n\
         # The join finds every case done, and computes those that failed once more.{said}\n\
         sbatch --job-name={name} --dependency=afterany:\"$parts\" --requeue --cpus-per-task=1 --mem={megabytes}M \\\n  \
           {time}--output={of_join} \\\n  --wrap={join}\n"
    )
}

fn snakemake(job: &Job) -> String {
    let Job { command, name, out, made_from, shards, needs: Needs { megabytes, minutes, measured }, learns, .. } = job;
    // A text in Python, in which braces stand for what Snakemake fills in.
    let python = |text: &str| format!("{text:?}").replace("\\'", "'");
    let braces = |text: &str| text.replace('{', "{{").replace('}', "}}");
    let place = |name: &str| python(&format!("{}/.voxomics/{name}", braces(&out.display().to_string())));
    let (parts, joined) = (place("parts/{part}"), place("joined"));
    let made_from: Vec<String> = made_from.iter().map(|path| python(&braces(&path.display().to_string()))).collect();
    let made_from = made_from.join(", ");
    let part = python(&format!("{} --quiet --shard {{wildcards.part}}/{shards} || [ $? -eq 3 ]", braces(command)));
    let join = python(&format!("{} || [ $? -eq 3 ]", braces(command)));
    let last = shards + 1;
    // Nobody knows beforehand how long it learns.
    let of_join = if *learns { String::new() } else { format!(", runtime={minutes}") };
    format!(
        "# {name} in {shards} parts with Snakemake: snakemake --snakefile THIS --cores 4, or with an executor of a cluster.\n\
         # {measured}, with one thread: a part asks for about twice the memory and three times the time.\n\
         # Exit code 3 is that of cases that failed; they are in failures.csv, and the others are done.\n\n\
         rule joined:\n    input: {joined}\n    default_target: True\n\n\
         rule part:\n    input: {made_from}\n    output: touch({parts})\n    threads: 1\n    retries: 2\n    \
         resources: mem_mb={megabytes}, runtime={minutes}\n    shell: {part}\n\n\
         rule join:\n    input: {made_from}, expand({parts}, part=range(1, {last}))\n    output: touch({joined})\n    threads: 1\n    \
         resources: mem_mb={megabytes}{of_join}\n    shell: {join}\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(quoted("/a/b.toml"), "/a/b.toml");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_key_is_in_the_command_of_parts_and_join() {
        use clap::Parser as _;
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            arguments: Arguments,
        }
        let line = |more: &[&str]| {
            let words = ["emit", "slurm", "/e.toml", "--out", "/o"].into_iter().chain(more.iter().copied());
            Line::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).arguments
        };
        let command =
            |more: &[&str]| command(&line(more), Path::new("/o")).unwrap_or_else(|error| panic!("{}", error.0));
        assert!(!command(&[]).contains("--pseudonymise"));
        let told = command(&["--pseudonymise", "/keys/k.toml", "--drop", "note", "--drop", "ward"]);
        assert!(told.contains("--pseudonymise /keys/k.toml --drop note --drop ward --out /o"), "{told}");
        // A key within the results would travel with them.
        assert!(line(&["--pseudonymise", "/o/k.toml"]).private.check(Path::new("/o")).is_err());
    }

    #[test]
    fn the_files_name_parts_join_memory_and_time() {
        let needs = Needs { megabytes: 900, minutes: 12, measured: "a took 1.0 s and 322 MB".into() };
        let job = Job {
            command: "voxomics run e.toml".into(),
            name: "e".into(),
            out: "/o".into(),
            made_from: vec!["/e.toml".into(), "/c.csv".into()],
            logs: "/o/logs".into(),
            shards: 3,
            needs,
            learns: false,
        };
        let slurm = slurm(&job);
        for words in ["--array=1-3 ", "--mem=900M --time=12", "--shard $SLURM_ARRAY_TASK_ID/3'", "afterany:\"$parts\""]
        {
            assert!(slurm.contains(words), "{words}: {slurm}");
        }
        let snakemake = snakemake(&job);
        for words in [
            "--shard {wildcards.part}/3 || [ $? -eq 3 ]\"",
            "range(1, 4)",
            "mem_mb=900, runtime=12",
            "input: \"/e.toml\", \"/c.csv\"\n",
            "input: \"/e.toml\", \"/c.csv\", expand(",
        ] {
            assert!(snakemake.contains(words), "{words}: {snakemake}");
        }
        assert_eq!((slurm.matches("--time=12").count(), snakemake.matches("runtime=12").count()), (2, 2));
        // Nobody knows beforehand how long a study learns.
        let learning = Job { learns: true, ..job };
        let (slurm, snakemake) = (self::slurm(&learning), self::snakemake(&learning));
        assert_eq!((slurm.matches("--time=12").count(), snakemake.matches("runtime=12").count()), (1, 1));
    }
}
