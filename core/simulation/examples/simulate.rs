//! Makes a simulated cohort: `simulate OUT PATIENTS SEED EFFECT`, one patient after the other.

use std::{path::Path, process::ExitCode};

use voxomics_simulation::{Settings, cohort};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [out, patients, seed, effect] = arguments.as_slice() else {
        eprintln!("simulate OUT PATIENTS SEED EFFECT");
        return ExitCode::FAILURE;
    };
    let (Ok(patients), Ok(seed), Ok(effect)) = (patients.parse(), seed.parse(), effect.parse()) else {
        eprintln!("PATIENTS and SEED are whole numbers, EFFECT is a number from 0 to 1");
        return ExitCode::FAILURE;
    };
    match cohort(&Settings { patients, seed, effect }, Path::new(out), &|n, work| (0..n).for_each(work)) {
        Ok(made) => {
            for cohort in made.cohorts {
                println!("{}: {} patients, {} lesions", cohort.purpose.name(), cohort.patients, cohort.lesions);
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
