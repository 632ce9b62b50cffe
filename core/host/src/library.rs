//! A library of plugins: verified, loaded, described.

mod described;
#[cfg(target_os = "linux")]
mod process;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use serde_json::Value as Json;
use voxomics_base::digest::{self, Digest};
use voxomics_interface::{self as wire, Module, describe::Library};

use described::{describe, understood};

#[cfg(target_os = "linux")]
use crate::isolate::{Isolated, Script, Subject};
use crate::{
    companions::{self, Companion},
    exit, float,
    limits::CallLimits,
    sealed,
    trust::{Evidence, Floor, Pin, Policy, Standing, judge, judge_companion, signature_file},
};

/// A library of plugins that is loaded and described.
#[derive(Clone)]
pub struct PluginLibrary {
    /// Its file.
    pub path: PathBuf,
    /// What it says of itself.
    pub description: Library,
    /// SHA-256 of its file; of a script and its helpers together, with the versions that run them.
    pub sha256: Digest,
    /// What it brings with it, libraries or helpers: name and SHA-256.
    pub companions: BTreeMap<String, String>,
    /// How it is known.
    pub standing: Standing,
    pub(crate) code: Code,
    /// Whether it has changed the floating-point state when there was no case to warn of it.
    pub(crate) altered: Arc<AtomicBool>,
}

/// Where a library's code runs.
#[derive(Clone)]
pub(crate) enum Code {
    /// In this process.
    Native(Module),
    /// In processes of its own.
    #[cfg(target_os = "linux")]
    Isolated(Arc<Isolated>),
}

/// Under which terms a library is loaded.
#[derive(Debug, Clone, Default)]
pub struct Terms {
    /// What the experiment pins of it.
    pub pin: Pin,
    /// What this machine asks for.
    pub policy: Policy,
    /// The least standing that the experiment asks for.
    pub floor: Floor,
    /// Whether it came with the program.
    pub ours: bool,
    /// The limits of its workers; none if it runs in this process.
    pub isolate: Option<CallLimits>,
    /// Whether the pinned digests are all that counts: signatures were judged before, and cannot be read where it is loaded.
    pub by_digest: bool,
}

impl PluginLibrary {
    /// Loads a library into this process, whoever made it; of what is pinned, exactly those bytes or nothing.
    ///
    /// # Errors
    /// As [`load_under`](Self::load_under).
    pub fn load(path: &Path, pin: Option<Pin>) -> Result<Self, String> {
        let by_digest = pin.is_some();
        Self::load_under(path, &Terms { pin: pin.unwrap_or_default(), by_digest, ..Terms::default() })
    }

    /// Loads a library. The file is opened once: what is checked, hashed and loaded is one file.
    ///
    /// # Errors
    /// One paragraph: which file, what is wrong with it, what to do.
    pub fn load_under(path: &Path, terms: &Terms) -> Result<Self, String> {
        let name = path.display();
        let unreadable = |cause: io::Error| {
            format!(
                "plugin {name} cannot be read: {cause}. Check the path; a relative one starts from the TOML's folder."
            )
        };
        let unusable = |cause: wire::LoadError| format!("plugin {name} cannot be used: {cause}");
        let mut file = open(path).map_err(unreadable)?;
        if terms.ours && terms.pin == Pin::default() {
            return Self::by_path(path, file, Standing::Ours);
        }
        let signature = signature(path, terms).map_err(|cause| format!("the signature of plugin {name} {cause}"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(unreadable)?;
        let companions = companions::of(path, &bytes).map_err(|why| format!("plugin {name} cannot be used: {why}."))?;
        let isolate = terms.isolate.filter(|_| voxomics_worker_is_available());
        let floor = terms.floor.max(terms.policy.floor);
        let asked = terms.pin != Pin::default() || floor != Floor::Any || signature.is_some() || isolate.is_some();
        // Nothing of it runs before this: not even an initialiser.
        if !asked && companions.is_empty() {
            return Self::by_path(path, file, Standing::Unsigned);
        }
        let found = digest::sha256(&bytes);
        let evidence = Evidence { bytes: &bytes, sha256: &found, signature: signature.as_deref(), ours: terms.ours };
        let standing = judge(evidence, &terms.pin, &terms.policy, terms.floor)
            .map_err(|error| format!("plugin {name} is refused: {error}."))?;
        judge_all(path, &companions, &standing, terms)?;
        if let Some(limits) = isolate {
            return Self::isolated(path, found, &companions, standing, limits);
        }
        let copy = sealed::copy(path, &bytes)
            .map_err(|cause| format!("plugin {name} cannot be copied into memory for loading: {cause}"))?;
        let (loaded, altered) = entering(path, || {
            companions::load(&companions).map_err(|why| format!("plugin {name} cannot be used: {why}."))?;
            wire::load(&copy.path, &copy.file).map_err(unusable)
        });
        copy.keep();
        let library = Self::described(path, loaded?, Digest::known(found), standing, altered)?;
        Ok(Self { companions: digests(&companions), ..library })
    }

    /// Lets the system load a file where it lies.
    fn by_path(path: &Path, file: File, standing: Standing) -> Result<Self, String> {
        let name = path.display();
        let (loaded, altered) = entering(path, || wire::load(path, &file));
        if loaded.is_ok() && !is_still(path, &file) {
            return Err(format!("plugin {name} was replaced by another file while it was loaded: run again."));
        }
        let module = loaded.map_err(|cause| format!("plugin {name} cannot be used: {cause}"))?;
        Self::described(path, module, Digest::of(file), standing, altered)
    }

    fn described(
        path: &Path,
        module: Module,
        sha256: Digest,
        standing: Standing,
        altered: bool,
    ) -> Result<Self, String> {
        let (description, while_describing) = entering(path, || describe(path, module));
        let altered = Arc::new(AtomicBool::new(altered || while_describing));
        let code = Code::Native(module);
        let (path, companions) = (path.to_owned(), BTreeMap::new());
        Ok(Self { path, description: description?, sha256, companions, standing, code, altered })
    }

    #[cfg(target_os = "linux")]
    fn isolated(
        path: &Path,
        sha256: String,
        companions: &[Companion],
        standing: Standing,
        limits: CallLimits,
    ) -> Result<Self, String> {
        let absolute = |path: &Path| std::path::absolute(path).map_err(|cause| cause.to_string());
        let beside = companions.iter().map(|companion| absolute(&companion.path)).collect::<Result<_, _>>()?;
        let subject =
            Subject::Library { path: absolute(path)?, sha256: sha256.clone(), companions: digests(companions), beside };
        let library = Self::of_worker(path, Isolated::new(subject, limits), standing, |_| sha256)?;
        Ok(Self { companions: digests(companions), ..library })
    }

    #[cfg(not(target_os = "linux"))]
    fn isolated(path: &Path, _: String, _: &[Companion], _: Standing, _: CallLimits) -> Result<Self, String> {
        Err(format!("plugin {} cannot be isolated on this system", path.display()))
    }

    /// A Python file, in processes of its own.
    ///
    /// # Errors
    /// Which file cannot be read, or what the interpreter says.
    #[cfg(target_os = "linux")]
    pub fn script(file: &Path, helpers: &[PathBuf], interpreter: PathBuf, terms: &Terms) -> Result<Self, String> {
        let script = Script::read(file, helpers, interpreter)?;
        let parts = script.helpers.iter().map(|(name, text)| (name, text)).chain([(&script.name, &script.text)]);
        let digests: Vec<String> = parts.map(|(name, text)| format!("{name} {}", digest::sha256(text))).collect();
        let signature =
            signature(file, terms).map_err(|cause| format!("the signature of plugin {} {cause}", file.display()))?;
        let own = digest::sha256(&script.text);
        let evidence = Evidence { bytes: &script.text, sha256: &own, signature: signature.as_deref(), ours: false };
        let standing = judge(evidence, &terms.pin, &terms.policy, terms.floor)
            .map_err(|error| format!("plugin {} is refused: {error}.", file.display()))?;
        let beside = helpers.iter().zip(&script.helpers).map(|(path, (name, text))| Companion {
            name: name.clone(),
            path: path.clone(),
            sha256: digest::sha256(text),
            bytes: text.clone(),
        });
        let beside: Vec<Companion> = beside.collect();
        judge_all(file, &beside, &standing, terms)?;
        let limits = terms.isolate.unwrap_or_default();
        let isolated = Isolated::new(Subject::Script(script), limits);
        // Another Python or NumPy may give other bits.
        let library =
            Self::of_worker(file, isolated, standing, |runs| digest::sha256(format!("{digests:?} {runs}").as_bytes()))?;
        Ok(Self { companions: self::digests(&beside), ..library })
    }

    /// A Python file, which this system cannot run.
    ///
    /// # Errors
    /// That it cannot.
    #[cfg(not(target_os = "linux"))]
    pub fn script(file: &Path, _: &[PathBuf], _: PathBuf, _: &Terms) -> Result<Self, String> {
        Err(format!("plugin {}: plugins in Python need Linux so far", file.display()))
    }

    #[cfg(target_os = "linux")]
    fn of_worker(
        path: &Path,
        isolated: Isolated,
        standing: Standing,
        digest: impl FnOnce(&str) -> String,
    ) -> Result<Self, String> {
        let case = crate::CaseHost::new(&crate::Services::default(), "");
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let told = isolated.describe(&crate::entered::Entered { plugin: &name, case: &case });
        let json = told.map_err(|fault| match fault.to_string() {
            // A worker that cannot load a library says why as this process would.
            whole if whole.starts_with("plugin ") => whole,
            cause => format!("plugin {} cannot be used: {cause}", path.display()),
        })?;
        let description = understood(path, &json)?;
        let sha256 = Digest::known(digest(isolated.runs()));
        let code = Code::Isolated(Arc::new(isolated));
        let (path, companions) = (path.to_owned(), BTreeMap::new());
        Ok(Self { path, description, sha256, companions, standing, code, altered: Arc::default() })
    }

    /// Where its code runs, `in-process` or `worker`, and what is enforced there.
    pub fn place(&self) -> (&'static str, Option<Json>) {
        match &self.code {
            Code::Native(_) => ("in-process", None),
            #[cfg(target_os = "linux")]
            Code::Isolated(isolated) => ("worker", serde_json::to_value(isolated.confinement()).ok()),
        }
    }
}

/// The signature beside a file, if there is one.
fn signature(path: &Path, terms: &Terms) -> Result<Option<String>, String> {
    if terms.by_digest {
        return Ok(None);
    }
    match std::fs::read_to_string(signature_file(path)) {
        Ok(text) => Ok(Some(text)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(format!("cannot be read: {cause}")),
    }
}

/// Refuses what a plugin brings with it, if the plugin is known and that is not.
fn judge_all(plugin: &Path, companions: &[Companion], standing: &Standing, terms: &Terms) -> Result<(), String> {
    let name = plugin.display();
    for companion in companions {
        let refused =
            |why: String| format!("plugin {name} is refused: it brings {} with it, and {why}", companion.name);
        let signature =
            signature(&companion.path, terms).map_err(|cause| refused(format!("the signature of that {cause}")))?;
        let evidence = Evidence {
            bytes: &companion.bytes,
            sha256: &companion.sha256,
            signature: signature.as_deref(),
            ours: terms.ours,
        };
        judge_companion(evidence, &companion.name, standing, &terms.pin, &terms.policy, terms.floor).map_err(
            |error| {
                refused(format!(
                    "{error}. What a plugin brings is pinned by `companions.\"{}\"`, or signed as the plugin is",
                    companion.name
                ))
            },
        )?;
    }
    Ok(())
}

fn digests(companions: &[Companion]) -> BTreeMap<String, String> {
    companions.iter().map(|companion| (companion.name.clone(), companion.sha256.clone())).collect()
}

/// Runs something of a library's, with the floating-point state put back and an exit noticed.
fn entering<T>(path: &Path, work: impl FnOnce() -> T) -> (T, bool) {
    exit::noticed(&path.to_string_lossy(), || float::around(work))
}

/// Whether this system can run workers.
fn voxomics_worker_is_available() -> bool {
    cfg!(target_os = "linux")
}

/// Opens a file; a pipe would be waited for without end, and a folder is none.
fn open(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path).is_ok_and(|what| !what.is_file()) {
        return Err(io::Error::other("it is not a file"));
    }
    File::open(path)
}

/// Whether a path still leads to the file that was opened, unchanged.
fn is_still(path: &Path, file: &File) -> bool {
    let (Ok(now), Ok(then)) = (std::fs::metadata(path), file.metadata()) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if (now.dev(), now.ino()) != (then.dev(), then.ino()) {
            return false;
        }
    }
    (now.len(), now.modified().ok()) == (then.len(), then.modified().ok())
}
