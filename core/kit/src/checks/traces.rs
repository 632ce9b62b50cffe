//! What a plugin leaves behind in the process that it runs in.

use std::collections::BTreeMap;

use voxomics_host::{CaseHost, isolate::State};

use crate::{
    bench::Bench,
    printed,
    scene::Scene,
    verdict::{Checked, Verdict},
    words::count,
};

/// What is left after two cases and a failed one: the state, and what was logged.
struct Left {
    state: State,
    lines: Vec<String>,
}

/// Lets the plugin do everything that it does in a run, and looks at what is left.
fn left(bench: &Bench<'_>) -> Result<Left, Verdict> {
    bench.needs_sample()?;
    let host = bench.host("case");
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 7)?;
    for _ in 0..2 {
        bench.answer_in(&subject, &scene, &host)?;
    }
    super::sameness::provoke(bench, &subject, &scene)?;
    bench.answer_in(&subject, &scene, &host)?;
    drop(subject);
    let state = bench.of.library.state().map_err(Verdict::failed)?;
    Ok(Left { state, lines: lines(&host) })
}

fn lines(host: &CaseHost) -> Vec<String> {
    host.lines().into_iter().map(|line| line.text).collect()
}

fn judged(change: Option<String>, sound: &str) -> Checked {
    Ok(change.map_or_else(|| Verdict::passed(sound), Verdict::failed))
}

/// Nothing is printed: a table that goes through a pipe would hold it.
pub fn prints(bench: &Bench<'_>) -> Checked {
    let left = left(bench)?;
    let from_worker = left.lines.iter().find_map(|line| Some(line.split_once(" printed: ")?.1.to_owned()));
    let own = printed::so_far(bench.folder).map_err(|cause| Verdict::skipped(cause.to_string()))?;
    let printed = from_worker.or((!own.is_empty()).then_some(own));
    judged(
        printed.map(|text| format!("it prints \"{}\"; the log is for what it has to say", text.trim())),
        "it prints nothing",
    )
}

/// The working directory is that of before.
pub fn directory(bench: &Bench<'_>) -> Checked {
    let (before, after) = (&bench.before.directory, left(bench)?.state.directory);
    let change = (*before != after).then(|| format!("it leaves the working directory {after}"));
    judged(change, "the working directory is as it was")
}

/// The locale is that of before: another one would change what `strtod` reads.
pub fn locale(bench: &Bench<'_>) -> Checked {
    let (before, after) = (&bench.before.locale, left(bench)?.state.locale);
    let change = (*before != after).then(|| format!("it leaves the locale {after}, found {before}"));
    judged(change, "the locale is as it was")
}

/// Rounding to nearest, and numbers near zero: after loading, after configuring, and after each call.
pub fn rounding(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let (library, host) = (bench.of.library, bench.host("case"));
    let mut changed = library.has_changed_arithmetic();
    let subject = bench.subject()?;
    changed |= library.has_changed_arithmetic();
    for scene in [Scene::lesion(1, 7), Scene::slice(1, 7)] {
        // One that it refuses is entered as well.
        let _ = subject.ask(&scene, &host);
    }
    drop(subject);
    changed |=
        library.has_changed_arithmetic() || lines(&host).iter().any(|line| line.contains("floating-point state"));
    changed |= !library.state().map_err(Verdict::failed)?.sound_arithmetic;
    let message = "it leaves the processor with another rounding, or without numbers near zero";
    judged(changed.then(|| message.to_owned()), "arithmetic is as it was")
}

/// The environment is that of before.
pub fn environment(bench: &Bench<'_>) -> Checked {
    let after = left(bench)?.state.environment;
    let change =
        changed(&bench.before.environment, &after).map(|name| format!("it changes `{name}` in the environment"));
    judged(change, "the environment is as it was")
}

/// The first variable that is not as it was.
fn changed<'a>(before: &'a BTreeMap<String, String>, after: &'a BTreeMap<String, String>) -> Option<&'a str> {
    let names = before.keys().chain(after.keys());
    names.map(String::as_str).find(|name| before.get(*name) != after.get(*name))
}

/// No thread goes on.
pub fn threads(bench: &Bench<'_>) -> Checked {
    let after = left(bench)?.state.threads;
    let (Some(before), Some(mut after)) = (bench.before.threads, after) else {
        return Ok(Verdict::skipped("this system does not tell the number of threads"));
    };
    // One that ends by itself is given the time to.
    for _ in 0..20 {
        if after <= before {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
        after = bench.of.library.state().map_err(Verdict::failed)?.threads.unwrap_or(after);
    }
    let change = (after > before).then(|| format!("it leaves {} running", count((after - before) as usize, "thread")));
    judged(change, "no thread is left")
}

/// No file is left, and none is left open.
pub fn files(bench: &Bench<'_>) -> Checked {
    let after = left(bench)?.state;
    let own = bench.folder.to_string_lossy();
    let is_new = |file: &&String| !bench.before.files.contains(file) && !file.starts_with(&*own);
    let written = after.files.iter().find(is_new).map(|file| format!("it leaves the file {file}"));
    let open = more(&bench.loaded.descriptors, &after.descriptors).map(|file| format!("it leaves {file} open"));
    judged(written.or(open), "no file is left, and none is left open")
}

/// The first entry of a sorted list that stands there more often than in another one.
fn more<'a>(before: &[String], after: &'a [String]) -> Option<&'a String> {
    let count = |list: &[String], entry: &String| list.iter().filter(|other| *other == entry).count();
    after.iter().find(|entry| count(after, entry) > count(before, entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_new_is_found() {
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(more(&list(&["a", "b"]), &list(&["a", "a", "b"])), Some(&"a".to_owned()));
        assert_eq!(more(&list(&["a", "b"]), &list(&["b"])), None);
        let map = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        let (before, after) = (map(&[("A", "1"), ("B", "2")]), map(&[("A", "1")]));
        assert_eq!(changed(&before, &after), Some("B"));
        assert_eq!(changed(&before, &before), None);
    }
}
