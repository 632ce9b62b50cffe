//! What a plugin costs as regions grow, whether it ends when it should, and what it says.

use std::time::{Duration, Instant};

use voxomics_host::CaseHost;
use voxomics_interface::describe::Kind;

use super::sameness::provoke;
use crate::{
    answer::Likeness,
    bench::Bench,
    scene::Scene,
    subject::Subject,
    verdict::{Checked, Verdict},
    words::count,
};

/// Edges of the regions whose times are compared: each has about 8 times the voxels of the one before.
const EDGES: [usize; 3] = [6, 12, 24];
/// Times below this are mostly those of the machine.
const SHORTEST: Duration = Duration::from_millis(20);
/// The largest region is not tried if the one before it took longer.
const LONGEST: Duration = Duration::from_millis(100);
/// Time that grows with a higher power of the number of voxels is worth a look. An algorithm of all pairs has 2.
const POWER: f64 = 1.6;

/// Time over regions of 8 times the voxels.
pub fn time(bench: &Bench<'_>) -> Checked {
    if !grows(bench) {
        return Ok(Verdict::skipped("what it is asked about has no size"));
    }
    let subject = bench.subject()?;
    let mut taken: Vec<(usize, Duration)> = Vec::new();
    for edge in EDGES {
        let scene = sized(bench, &subject, edge)?;
        let runs = if taken.last().is_some_and(|(_, time)| *time > SHORTEST) { 1 } else { 3 };
        let mut best = Duration::MAX;
        for _ in 0..runs {
            let start = Instant::now();
            bench.answer(&subject, &scene)?;
            best = best.min(start.elapsed());
        }
        taken.push((scene.voxels.len(), best));
        if best > LONGEST {
            break;
        }
    }
    let (voxels, time) = taken[taken.len() - 1];
    let Some((fewer, before)) = taken.len().checked_sub(2).map(|at| taken[at]) else {
        return Ok(Verdict::warned(format!("an image of {voxels} voxels takes {}", shown(time))));
    };
    if time < SHORTEST {
        return Ok(Verdict::passed(format!("an image of {voxels} voxels takes {}", shown(time))));
    }
    let (more, longer) = (voxels as f64 / fewer as f64, time.as_secs_f64() / before.as_secs_f64().max(1e-6));
    let sentence = format!("{more:.1} times the voxels take {longer:.1} times the time; {voxels} take {}", shown(time));
    Ok(if longer > more.powf(POWER) { Verdict::warned(sentence) } else { Verdict::passed(sentence) })
}

fn shown(time: Duration) -> String {
    format!("{:.0} ms", (time.as_secs_f64() * 1e3).max(1.0))
}

/// Whether what a plugin is asked about can be made larger.
fn grows(bench: &Bench<'_>) -> bool {
    matches!(bench.of.plugin.kind, Kind::Features | Kind::Filter | Kind::Regions)
}

/// A scene of a kind that the plugin answers.
fn sized(bench: &Bench<'_>, subject: &Subject, edge: usize) -> Result<Scene, Verdict> {
    let small = bench.scene(subject, 7)?;
    Ok(if small.grid.dims[2] == 1 { Scene::slice(1, 3 * edge) } else { Scene::lesion(1, edge) })
}

/// Calls after which a plugin has all the memory that it needs.
const WARM: usize = 4;
/// Calls during which it should not take more.
const CALLS: usize = 24;
/// What the allocator may keep for itself.
const SPARE: u64 = 4 << 20;

/// Memory after many calls.
pub fn memory(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let subject = bench.subject()?;
    let scene = if grows(bench) { sized(bench, &subject, 20)? } else { Scene::lesion(1, 9) };
    let resident = || bench.of.library.state().map(|state| state.resident_bytes).map_err(Verdict::failed);
    for _ in 0..WARM {
        bench.answer(&subject, &scene)?;
    }
    let Some(before) = resident()? else {
        return Ok(Verdict::skipped("this system does not tell how much memory a process uses"));
    };
    for _ in 0..CALLS {
        bench.answer(&subject, &scene)?;
    }
    let more = resident()?.unwrap_or(before).saturating_sub(before);
    let per_call = more / CALLS as u64;
    Ok(if more > SPARE {
        Verdict::failed(format!("it keeps about {} kB of each call", per_call / 1000))
    } else {
        Verdict::passed(format!("{CALLS} calls keep no memory"))
    })
}

/// After so long the program ends the worker of a plugin that goes on.
const GRACE: Duration = Duration::from_secs(2);

/// A call of a run that is being given up.
pub fn cancellation(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 12)?;
    let whole = bench.answer(&subject, &scene)?;
    let start = Instant::now();
    let given_up = subject.ask(&scene, &bench.giving_up());
    let taken = start.elapsed();
    if taken >= GRACE {
        let seconds = taken.as_secs_f64();
        return Ok(Verdict::failed(format!("it goes on for {seconds:.1} s after the run is given up")));
    }
    Ok(match given_up {
        Ok(answer) => match whole.difference(&answer, Likeness::Bits) {
            Some(difference) => Verdict::failed(format!("as it is, and while the run is given up: {difference}")),
            None => Verdict::passed(format!("it answers within {}, before it could be given up", shown(taken))),
        },
        Err(refusal) if refusal.cancelled => Verdict::passed(format!("it ends within {}", shown(taken))),
        Err(refusal) => {
            Verdict::failed(format!("it calls it another error that the run is given up: {}", refusal.message))
        }
    })
}

/// Signs that a message was written for nobody.
const FOR_NOBODY: [&str; 4] = ["panicked at", "Traceback", "unwrap()", "RUST_BACKTRACE"];

/// What it logs, and why it refuses cases that cannot be computed.
pub fn messages(bench: &Bench<'_>) -> Checked {
    let name = bench.of.plugin.name();
    let host = bench.host("case");
    let subject = bench.subject()?;
    let scene = if bench.needs_sample().is_ok() { bench.scene(&subject, 7)? } else { Scene::lesion(1, 7) };
    let mut said = provoke(bench, &subject, &scene)?;
    // A case without an answer has one line more to say.
    said.extend(subject.ask(&scene, &host).err().filter(|refusal| !refusal.unasked).map(|refusal| refusal.message));
    said.extend(logged(&host));
    for message in &said {
        let rest = message.replace(&name, "");
        if rest.len() == message.len() {
            return Ok(Verdict::failed(format!("a message does not name {name}: {message}")));
        }
        if rest.split_whitespace().count() < 3 {
            return Ok(Verdict::failed(format!("a message says nothing: {message}")));
        }
        if let Some(sign) = FOR_NOBODY.iter().find(|sign| message.contains(*sign)) {
            return Ok(Verdict::failed(format!("a message is none for people (\"{sign}\"): {message}")));
        }
    }
    Ok(match said.first() {
        None => Verdict::passed("it had nothing to say"),
        Some(first) => Verdict::passed(format!("it is named in {}; the first: {first}", count(said.len(), "message"))),
    })
}

fn logged(host: &CaseHost) -> Vec<String> {
    let printed = |text: &String| text.contains(" printed: ");
    host.lines().into_iter().map(|line| line.text).filter(|text| !printed(text)).collect()
}
