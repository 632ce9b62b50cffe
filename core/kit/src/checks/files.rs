//! Loaders and what lies on disks.

use std::{fs, path::PathBuf};

use crate::{
    bench::Bench,
    subject::{Refusal, Subject, loaded},
    verdict::{Checked, Verdict},
};

/// More than any file that a check makes.
const PLENTY: u64 = u64::MAX >> 16;

/// How many bytes a loader is shown of a file that it may know.
const HEAD: usize = 4096;

/// Files that no loader can read: none, an empty one, and one of no format.
///
/// # Errors
/// If they cannot be written, as a verdict.
pub fn bad(bench: &Bench<'_>) -> Result<Vec<PathBuf>, Verdict> {
    let noise: Vec<u8> = (0..3000).map(|at| (crate::scene::chance(8, at) * 256.0) as u8).collect();
    Ok(vec![bench.folder.join("not there"), bench.write("empty", b"")?, bench.write("noise", &noise)?])
}

/// It knows the sample by its first bytes, and no file of no format.
pub fn recognises(bench: &Bench<'_>) -> Checked {
    let Subject::Loader(loader, sample) = bench.subject()? else { return Ok(Verdict::skipped("it is no loader")) };
    for path in bad(bench)?.into_iter().skip(1) {
        let head = fs::read(&path).map_err(|cause| Verdict::skipped(cause.to_string()))?;
        if loader.recognises(&path, &head).map_err(|error| Verdict::failed(error.to_string()))? {
            let name = path.file_name().unwrap_or_default().display().to_string();
            return Ok(Verdict::failed(format!("it takes a file of no format ({name}) for one of its own")));
        }
    }
    let Some(sample) = sample else {
        return Ok(Verdict::passed("it does not know files of no format; no --sample was given"));
    };
    let mut head = if sample.is_dir() { Vec::new() } else { read(&sample)? };
    head.truncate(HEAD);
    Ok(match loader.recognises(&sample, &head).map_err(|error| Verdict::failed(error.to_string()))? {
        true => Verdict::passed("it knows the sample, and no files of no format"),
        false => Verdict::failed(format!("it does not know {}", sample.display())),
    })
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, Verdict> {
    fs::read(path).map_err(|cause| Verdict::skipped(format!("{} cannot be read: {cause}", path.display())))
}

/// Files that are not there, empty or of no format; the sample cut short, and with single bytes changed.
pub fn damaged(bench: &Bench<'_>) -> Checked {
    let Subject::Loader(loader, sample) = bench.subject()? else { return Ok(Verdict::skipped("it is no loader")) };
    let host = bench.host("case");
    for path in bad(bench)? {
        match loaded(&loader, &path, PLENTY, &host) {
            Ok(_) => return Ok(Verdict::failed(format!("it reads {}, which holds no scan", path.display()))),
            Err(refusal) => about(&refusal, &path)?,
        }
    }
    if let Some(folder) = sample.as_ref().filter(|sample| sample.is_dir()) {
        let name = folder.display();
        return Ok(Verdict::passed(format!(
            "it refuses files that are not there, empty or of no format; {name} is a folder"
        )));
    }
    let Some(sample) = sample else {
        return Ok(Verdict::passed(
            "it refuses files that are not there, empty or of no format; no --sample was given",
        ));
    };
    let whole = read(&sample)?;
    let name = sample.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let cuts = [1, 7, 100, 340, whole.len() / 2, whole.len().saturating_sub(1)];
    let cut = cuts.into_iter().filter(|length| *length < whole.len()).map(|length| whole[..length].to_vec());
    let flipped = (0..24).map(|n| {
        let mut bytes = whole.clone();
        let at = if n < 16 { n * 23 } else { n * 4001 } % bytes.len().max(1);
        bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 0xff);
        bytes
    });
    let (mut refused, mut tried) = (0, 0);
    for bytes in cut.chain(flipped) {
        let path = bench.write(&name, &bytes)?;
        tried += 1;
        if let Err(refusal) = loaded(&loader, &path, whole.len() as u64 * 64 + (1 << 20), &host) {
            about(&refusal, &path)?;
            refused += 1;
        }
    }
    Ok(Verdict::passed(format!("it refuses {refused} of {tried} damaged files by name, and survives the others")))
}

/// A refusal is no mistake of the plugin, and names the file.
fn about(refusal: &Refusal, path: &std::path::Path) -> Result<(), Verdict> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if refusal.broken {
        return Err(Verdict::failed(format!("{name}: {}", refusal.message)));
    }
    match refusal.message.contains(&*name) {
        true => Ok(()),
        false => Err(Verdict::failed(format!("it refuses {name} without naming it: {}", refusal.message))),
    }
}

/// The limit of memory is kept.
pub fn size_limit(bench: &Bench<'_>) -> Checked {
    bench.needs_sample()?;
    let Subject::Loader(loader, Some(sample)) = bench.subject()? else {
        return Ok(Verdict::skipped("it is no loader"));
    };
    Ok(match loaded(&loader, &sample, 1, &bench.host("case")) {
        Ok(_) => Verdict::failed("it reads a scan although it may put 1 byte into memory"),
        Err(refusal) if refusal.broken => Verdict::failed(refusal.message),
        Err(refusal) => Verdict::passed(format!("it refuses a scan beyond the limit: {}", refusal.message)),
    })
}
