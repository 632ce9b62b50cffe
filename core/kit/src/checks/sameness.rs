//! The same case has the same bits, whatever went before and whoever computes beside it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rayon::prelude::*;
use voxomics_host::STACK_BYTES;

use super::files;
use crate::{
    answer::{Answer, Likeness},
    bench::Bench,
    scene::Scene,
    subject::{Refusal, Subject, loaded, predicted},
    verdict::{Checked, Verdict},
};

/// Threads of the larger pool: more than cases, and no power of two.
const THREADS: usize = 7;

fn same(first: &Answer, second: &Answer, what: &str) -> Result<(), Verdict> {
    match first.difference(second, Likeness::Bits) {
        Some(difference) => Err(Verdict::failed(format!("{what}: {difference}"))),
        None => Ok(()),
    }
}

/// The same case twice, and on a second instance.
pub fn twice(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 9)?;
    let first = bench.answer(&subject, &scene)?;
    same(&first, &bench.answer(&subject, &scene)?, "the same case twice")?;
    let second = bench.subject()?;
    same(&first, &bench.answer(&second, &scene)?, "the same case on a second instance")?;
    Ok(Verdict::passed("the same case has the same bits twice, and on a second instance"))
}

/// How many calls come one after the other while those before are not done, and after how long each.
const CALLS: usize = 12;
const APART: Duration = Duration::from_micros(500);

/// On pools of 1 and 7 threads, 7 calls at once, and calls that come while others wait for their chunks: a thread that waits takes
/// the next call, which is what a lock over the chunks does not survive.
pub fn threads(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 9)?;
    let pool = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).stack_size(STACK_BYTES).build();
        pool.map_err(|cause| Verdict::skipped(format!("{threads} threads cannot be started: {cause}")))
    };
    let first = pool(1)?.install(|| bench.answer(&subject, &scene))?;
    let many = pool(THREADS)?;
    same(&first, &many.install(|| bench.answer(&subject, &scene))?, "on 1 and on 7 threads")?;
    let at_once: Vec<_> =
        many.install(|| (0..THREADS).into_par_iter().map(|_| bench.answer(&subject, &scene)).collect());
    for answer in at_once {
        same(&first, &answer?, "alone, and 7 calls at once")?;
    }
    let later = Mutex::new(Vec::new());
    pool(2)?.in_place_scope(|scope| {
        for _ in 0..CALLS {
            scope.spawn(|_| {
                let answer = bench.answer(&subject, &scene);
                later.lock().unwrap_or_else(PoisonError::into_inner).push(answer);
            });
            std::thread::sleep(APART);
        }
    });
    for answer in later.into_inner().unwrap_or_else(PoisonError::into_inner) {
        same(&first, &answer?, "alone, and while others wait")?;
    }
    Ok(Verdict::passed("the same bits on 1 and 7 threads, and for 7 calls at once"))
}

/// Three cases, forwards and backwards.
pub fn order(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 7)?;
    let cases = [scene.clone(), scene.with_voxels(|at, x| x * 1.5 + at as f64), scene.turned([0, 2, 1], [false; 3])];
    let forwards: Vec<Answer> = cases.iter().map(|case| bench.answer(&subject, case)).collect::<Result<_, _>>()?;
    let other = bench.subject()?;
    let backwards: Vec<Answer> = cases.iter().rev().map(|case| bench.answer(&other, case)).collect::<Result<_, _>>()?;
    for (first, second) in forwards.iter().zip(backwards.iter().rev()) {
        same(first, second, "in one order of cases and in the other")?;
    }
    Ok(Verdict::passed("three cases have the same bits in either order"))
}

/// A case, then cases that cannot be computed, then the first one again.
pub fn after_failure(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 7)?;
    let first = bench.answer(&subject, &scene)?;
    let failed = provoke(bench, &subject, &scene)?;
    same(&first, &bench.answer(&subject, &scene)?, "before and after a case that failed")?;
    Ok(Verdict::passed(match failed.len() {
        0 => "it failed at none of the cases that should make it fail, and gives the same bits".into(),
        _ => format!("the same bits after a case that failed: {}", failed[0]),
    }))
}

/// Asks what cannot be answered, and returns what was said.
///
/// # Errors
/// If a file cannot be written, as a verdict.
pub fn provoke(bench: &Bench<'_>, subject: &Subject, scene: &Scene) -> Result<Vec<String>, Verdict> {
    let host = bench.host("a case that fails");
    let mut said: Vec<Refusal> = Vec::new();
    match subject {
        Subject::Loader(loader, _) => {
            for path in files::bad(bench)? {
                said.extend(loaded(loader, &path, u64::MAX >> 16, &host).err());
            }
        }
        Subject::Predictor(predictor) => {
            let none = predictor.inputs.iter().map(|_| Err("the region has one voxel".into())).collect::<Vec<_>>();
            said.extend(predicted(predictor, &none, &host).err());
        }
        _ => {
            let empty = Scene { mask: vec![0; scene.mask.len()], ..scene.clone() };
            let no_numbers = Scene { levels_from: Some(scene.voxels.clone()), ..scene.with_voxels(|_, _| f64::NAN) };
            for case in [empty, no_numbers] {
                said.extend(subject.ask(&case, &host).err());
            }
        }
    }
    Ok(said.into_iter().filter(|refusal| !refusal.unasked).map(|refusal| refusal.message).collect())
}
