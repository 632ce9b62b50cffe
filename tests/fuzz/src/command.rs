//! The command line, and a process for each reader.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

use crate::{
    readers::{READERS, Reader},
    run::{self, Plan},
};

struct Arguments {
    readers: Vec<&'static Reader>,
    plan: Plan,
    is_child: bool,
}

fn arguments() -> Result<Arguments, String> {
    let mut words = std::env::args().skip(1);
    let names: Vec<&str> = READERS.iter().map(|reader| reader.name).collect();
    let wanted = words.next().ok_or_else(|| format!("expected a reader: all, {}", names.join(", ")))?;
    static ALL: [Reader; READERS.len()] = READERS;
    let readers: Vec<&Reader> = ALL.iter().filter(|reader| wanted == "all" || reader.name == wanted).collect();
    if readers.is_empty() {
        return Err(format!("there is no reader `{wanted}`, expected all, {}", names.join(", ")));
    }
    let shared = Path::new("/dev/shm");
    let memory = if shared.is_dir() { shared.to_owned() } else { std::env::temp_dir() };
    let mut plan = Plan {
        first: 0,
        executions: 20_000,
        seed: 1,
        corpus: None,
        work: memory.join(format!("voxomics-fuzz-{}", std::process::id())),
        findings: PathBuf::from("target/fuzz"),
    };
    let mut is_child = false;
    while let Some(option) = words.next() {
        let value = words.next().ok_or_else(|| format!("{option} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|_| format!("{option} {value}: expected a number"));
        match option.as_str() {
            "--executions" => plan.executions = number()?,
            "--first" => plan.first = number()?,
            "--seed" => plan.seed = number()?,
            "--corpus" => plan.corpus = Some(value.into()),
            "--findings" => plan.findings = value.into(),
            "--child" => (plan.work, is_child) = (value.into(), true),
            _ => return Err(format!("there is no option {option}")),
        }
    }
    Ok(Arguments { readers, plan, is_child })
}

/// Does what the arguments ask for.
pub fn run() -> ExitCode {
    let Arguments { readers, plan, is_child } = match arguments() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    if is_child {
        return child(readers[0], &plan);
    }
    let mut is_well = true;
    for reader in readers {
        is_well &= supervise(reader, &plan);
    }
    if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn child(reader: &Reader, plan: &Plan) -> ExitCode {
    let began = Instant::now();
    match run::run(reader, plan) {
        Ok(tally) => {
            println!(
                "{:20} {} executions in {:.1} s: {} read, {} findings",
                reader.name,
                plan.executions,
                began.elapsed().as_secs_f64(),
                tally.read,
                tally.findings
            );
            if tally.findings == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(cause) => {
            eprintln!("{}: {cause}", plan.work.display());
            ExitCode::from(2)
        }
    }
}

/// Runs a reader in a process of its own; if that dies, what it died of is a finding, and the rest is left out.
fn supervise(reader: &Reader, plan: &Plan) -> bool {
    let status = std::env::current_exe().and_then(|program| {
        let mut command = Command::new(program);
        command.arg(reader.name).arg("--child").arg(&plan.work).arg("--findings").arg(&plan.findings);
        for (option, number) in [("--executions", plan.executions), ("--first", plan.first), ("--seed", plan.seed)] {
            command.arg(option).arg(number.to_string());
        }
        if let Some(corpus) = &plan.corpus {
            command.arg("--corpus").arg(corpus);
        }
        command.status()
    });
    let marker = plan.work.with_extension("execution");
    let is_well = match status {
        Ok(status) if status.success() => true,
        Ok(status) if matches!(status.code(), Some(1 | 2)) => false,
        Ok(status) => {
            let execution =
                std::fs::read(&marker).ok().and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?)));
            let what = format!("the process died: {status}");
            let written = run::report(reader, plan, execution.unwrap_or(plan.first), &what);
            written.unwrap_or_else(|cause| eprintln!("{what}; the finding cannot be written: {cause}"));
            false
        }
        Err(cause) => {
            eprintln!("{}: {cause}", reader.name);
            false
        }
    };
    // They are in memory, and findings are elsewhere.
    let _gone_or_not = std::fs::remove_dir_all(&plan.work);
    let _gone_or_not = std::fs::remove_file(marker);
    is_well
}
