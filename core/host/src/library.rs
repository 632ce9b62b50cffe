//! A loaded library, and the table of all plugins that an experiment may name.

#[cfg(target_os = "linux")]
mod process;

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::{Arc, atomic::AtomicBool},
};

use serde::Serialize;
use serde_json::Value as Json;
use voxomics_base::{
    PluginSettings,
    digest::{self, Digest},
};
use voxomics_interface::{
    self as wire, GENERATION, Module,
    abi_stable::std_types::RResult,
    describe::{Kind, Library, Plugin, Skipped},
};

#[cfg(target_os = "linux")]
use crate::isolate::{Isolated, Script, Subject};
use crate::{
    call::one_line,
    card,
    companions::{self, Companion},
    exit, float,
    limits::CallLimits,
    of_c, sealed,
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

fn describe(path: &Path, module: Module) -> Result<Library, String> {
    let name = path.display();
    let told = match module {
        Module::Rust(module) => match module.describe()() {
            RResult::ROk(json) => Ok(json.bytes().to_vec()),
            RResult::RErr(failure) => Err(vec![failure]),
        },
        Module::C(library) => of_c::describe(library).map_err(of_c::unexplained),
    };
    let json = told.map_err(|failures| {
        let why = failures.first().map(|failure| one_line(&failure.message.shown())).unwrap_or_default();
        format!("plugin {name} cannot describe itself: {why}. This is an error of the plugin; report it to its author.")
    })?;
    understood(path, &json)
}

/// A description, once it is known to be sound.
fn understood(path: &Path, json: &[u8]) -> Result<Library, String> {
    let name = path.display();
    let text = std::str::from_utf8(json).map_err(|cause| {
        format!("plugin {name} gives a description that is not UTF-8: {cause}. Report it to its author.")
    })?;
    let mut library = Library::read(text).map_err(|cause| {
        format!(
            "plugin {name} gives a description that is not that of interface generation {GENERATION}: {cause}. Rebuild it \
             with the sdk of this generation, or use a newer release of Voxomics."
        )
    })?;
    if library.plugins.is_empty() && library.skipped.is_empty() {
        return Err(format!(
            "plugin {name} describes no plugin at all: a library names at least one in `export_plugin!`. Report it to its \
             author."
        ));
    }
    // What it is called is shown on terminals and written into tables.
    for text in [&mut library.version, &mut library.vendor, &mut library.licence] {
        *text = one_line(text);
    }
    for plugin in &mut library.plugins {
        plugin.summary = one_line(&plugin.summary);
        plugin.card.iter_mut().for_each(card::tidy);
        check_description(plugin).map_err(|wrong| {
            format!("plugin {name} describes `{}` wrongly: {wrong}. Report it to its author.", plugin.name())
        })?;
    }
    Ok(library)
}

/// A description that would make a table ambiguous is refused before it can.
fn check_description(plugin: &Plugin) -> Result<(), String> {
    let word = |id: &str| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
    if !word(&plugin.id) {
        return Err(format!("`{}` is not an id: letters, digits, `_` and `-` only", plugin.id));
    }
    for (i, feature) in plugin.features.iter().enumerate() {
        if !word(&feature.id) {
            return Err(format!("`{}` is not the id of a feature: letters, digits, `_` and `-` only", feature.id));
        }
        if plugin.features[..i].iter().any(|other| other.id == feature.id) {
            return Err(format!("it lists the feature `{}` twice", feature.id));
        }
    }
    for (i, setting) in plugin.settings.iter().enumerate() {
        if plugin.settings[..i].iter().any(|other| other.key == setting.key) {
            return Err(format!("it lists the setting `{}` twice", setting.key));
        }
    }
    if plugin.kind == Kind::Features && plugin.features.is_empty() {
        return Err("a feature family lists no feature".into());
    }
    card::check(plugin)
}

/// A plugin and the library that it is in.
#[derive(Clone, Copy)]
pub struct Registered<'a> {
    /// What it says of itself.
    pub plugin: &'a Plugin,
    /// Its library.
    pub library: &'a PluginLibrary,
}

/// The plugins of the libraries that an experiment names; nothing else is ever loaded.
#[derive(Clone, Default)]
pub struct Plugins {
    /// Whether a library that the experiment names is not here, because it could not be loaded.
    pub incomplete: bool,
    libraries: Vec<PluginLibrary>,
}

/// A library for the record of a run.
#[derive(Debug, Clone, Serialize)]
pub struct LibraryRecord {
    path: PathBuf,
    version: String,
    vendor: String,
    licence: String,
    sha256: Digest,
    /// What it brings with it: name and SHA-256.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    companions: BTreeMap<String, String>,
    plugins: Vec<String>,
    /// How it is known.
    known: Standing,
    /// Where its code runs: `in-process` or `worker`.
    runs: &'static str,
    /// What keeps its worker in.
    #[serde(skip_serializing_if = "Option::is_none")]
    confinement: Option<Json>,
    #[serde(skip)]
    only_predicts: bool,
}

impl LibraryRecord {
    /// Its plugins, its version and its file.
    pub fn named(&self) -> (&[String], &str, &Path) {
        (&self.plugins, &self.version, &self.path)
    }

    /// What the library is, wherever it lies.
    pub fn digest(&self) -> &Digest {
        &self.sha256
    }

    /// What it brings with it: name and SHA-256.
    pub fn companions(&self) -> &BTreeMap<String, String> {
        &self.companions
    }

    /// Whether it came with the program, and is known by what the program was made from.
    pub fn is_ours(&self) -> bool {
        self.known == Standing::Ours
    }

    /// The digest of its bytes, and of those of the libraries that it brings with it.
    pub fn content(&self) -> String {
        let beside = self.companions.iter().map(|(name, sha256)| format!(" {name} {sha256}"));
        format!("{}{}", self.sha256.get(), beside.collect::<String>())
    }

    /// Whether a feature can depend on it: not if all that it offers are predictors.
    pub fn is_behind_features(&self) -> bool {
        !self.only_predicts
    }
}

impl std::fmt::Display for LibraryRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({}, {})", self.plugins.join(", "), self.version, self.vendor, self.licence)
    }
}

impl Plugins {
    /// Adds a library.
    ///
    /// # Errors
    /// If one of its plugins has the name of one that is there already.
    pub fn add(&mut self, library: PluginLibrary) -> Result<(), String> {
        for (i, plugin) in library.description.plugins.iter().enumerate() {
            let name = plugin.name();
            if library.description.plugins[..i].iter().any(|other| other.name() == name) {
                return Err(format!(
                    "plugin {} lists `{name}` twice, and an id may stand for one plugin only. Report it to its author.",
                    library.path.display()
                ));
            }
            if let Some(other) = self.find(plugin.kind, &plugin.id).map(|registered| &registered.library.path) {
                return Err(format!(
                    "two plugins have the name `{name}`: one in {}, one in {}. Name only one of them in the experiment, or \
                     ask an author to change the id.",
                    other.display(),
                    library.path.display()
                ));
            }
        }
        self.libraries.push(library);
        Ok(())
    }

    /// A plugin by kind and id.
    pub fn find(&self, kind: Kind, id: &str) -> Option<Registered<'_>> {
        self.of_kind(kind).find(|registered| registered.plugin.id == id)
    }

    /// A plugin of that name that a library has, and that this program cannot use.
    pub fn skipped(&self, name: &str) -> Option<&Skipped> {
        self.libraries.iter().flat_map(|library| &library.description.skipped).find(|skipped| skipped.name == name)
    }

    /// All plugins of a kind, in the order in which the experiment names their libraries.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = Registered<'_>> {
        self.libraries.iter().flat_map(move |library| {
            let plugins = library.description.plugins.iter().filter(move |plugin| plugin.kind == kind);
            plugins.map(move |plugin| Registered { plugin, library })
        })
    }

    /// The libraries, for the record of a run.
    pub fn record(&self) -> Vec<LibraryRecord> {
        let record = |library: &PluginLibrary| LibraryRecord {
            path: library.path.clone(),
            version: library.description.version.clone(),
            vendor: library.description.vendor.clone(),
            licence: library.description.licence.clone(),
            sha256: library.sha256.clone(),
            companions: library.companions.clone(),
            plugins: library.description.plugins.iter().map(Plugin::name).collect(),
            known: library.standing.clone(),
            runs: library.place().0,
            confinement: library.place().1,
            only_predicts: library.description.plugins.iter().all(|plugin| plugin.kind == Kind::Predict),
        };
        self.libraries.iter().map(record).collect()
    }
}

/// The settings of an instance with every default filled in, for the record of a run.
pub fn with_defaults(plugin: &Plugin, settings: &PluginSettings) -> Json {
    Json::Object(filled_in(plugin, settings))
}

/// Settings with every default.
pub(crate) fn filled_in(plugin: &Plugin, settings: &PluginSettings) -> serde_json::Map<String, Json> {
    let mut values = settings.values.clone();
    for setting in &plugin.settings {
        if let Some(default) = &setting.default {
            values.entry(setting.key.clone()).or_insert_with(|| default.clone());
        }
    }
    values
}
