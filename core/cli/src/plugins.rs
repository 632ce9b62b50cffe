//! `voxomics plugins`.

mod new;
mod sign;
#[cfg(target_os = "linux")]
mod test;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;
use voxomics_engine::{
    describe::{Library, Plugin, Setting, Takes},
    host::{CallLimits, PluginLibrary, SearchPath, Terms, card},
};

use crate::Refused;

#[derive(Subcommand)]
pub enum Verb {
    /// List the plugins beside the program and on VOXOMICS_PLUGIN_PATH.
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show what a plugin is, what it computes and what its settings are.
    Inspect {
        /// Name of a plugin, or its file: a library, or a file in Python (`.py`).
        plugin: String,
        /// Of a file in Python: the interpreter.
        #[arg(long, default_value = "python3")]
        interpreter: PathBuf,
        /// Of a file in Python: a file beside it that it imports.
        #[arg(long = "with")]
        helpers: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a folder with a plugin that builds and passes its tests at once.
    New {
        /// What it is for.
        kind: new::Kind,
        /// Its name, as an experiment will use it.
        name: String,
        /// The language that it is written in.
        #[arg(long, value_enum, default_value = "rust")]
        language: new::Language,
        /// Where to make it; a folder of its name if left out.
        #[arg(long)]
        folder: Option<PathBuf>,
    },
    /// Check a plugin by some thirty named checks, each in a process of its own.
    #[cfg(target_os = "linux")]
    #[command(after_long_help = test::HELP)]
    Test(test::Arguments),
    /// Make a pair of keys for signing: NAME.key stays secret, NAME.pub goes to users.
    Keys {
        /// Name of the two files, without an ending.
        name: PathBuf,
        /// Do not protect the secret key with a password.
        #[arg(long)]
        no_password: bool,
    },
    /// Sign a plugin; the signature goes beside it, into FILE.minisig.
    ///
    /// The format is that of minisign. A signature says who built a file. It does not say that the file is safe.
    Sign {
        /// The plugin's file.
        file: PathBuf,
        /// The secret key.
        #[arg(long)]
        key: PathBuf,
        /// A line that is signed with it; the name of the file if left out.
        #[arg(long)]
        comment: Option<String>,
    },
    /// Say who stands behind a plugin, without loading it.
    Verify {
        /// The plugin's file.
        file: PathBuf,
        /// The vendor's public key (RW…), or its file; without it, the keys that this machine lists count.
        #[arg(long)]
        key: Option<String>,
    },
}

pub fn show(verb: &Verb) -> Result<ExitCode, Refused> {
    match verb {
        Verb::List { json } => list(*json),
        Verb::Inspect { plugin, interpreter, helpers, json } => inspect(plugin, interpreter, helpers, *json),
        Verb::New { kind, name, language, folder } => new::new(*kind, name, *language, folder.as_deref()),
        #[cfg(target_os = "linux")]
        Verb::Test(arguments) => test::run(arguments),
        Verb::Keys { name, no_password } => sign::keys(name, !no_password),
        Verb::Sign { file, key, comment } => sign::sign(file, key, comment.as_deref()),
        Verb::Verify { file, key } => sign::verify(file, key.as_deref()),
    }
}

/// A library, to be described. One that did not come with the program runs in a process of its own: to be looked at is no reason
/// to be trusted.
fn described(path: &Path) -> Result<PluginLibrary, String> {
    let ours = SearchPath::is_ours(path);
    PluginLibrary::load_under(path, &Terms { ours, isolate: (!ours).then(CallLimits::default), ..Terms::default() })
}

/// The same of a file in Python.
fn script(path: &Path, interpreter: &Path, helpers: &[PathBuf]) -> Result<PluginLibrary, String> {
    let terms = Terms { isolate: Some(CallLimits::default()), ..Terms::default() };
    PluginLibrary::script(path, helpers, interpreter.to_owned(), &terms)
}

fn list(json: bool) -> Result<ExitCode, Refused> {
    let search = SearchPath::new(&[]);
    let found: Vec<(String, Result<PluginLibrary, String>)> =
        search.list().into_iter().map(|(name, path)| (name, described(&path))).collect();
    let broken = found.iter().any(|(_, library)| library.is_err());
    if json {
        let list = found.iter().map(|(name, library)| match library {
            Ok(library) => serde_json::json!({ "name": name, "file": library.path, "sha256": library.sha256, "library": library.description }),
            Err(error) => serde_json::json!({ "name": name, "error": error }),
        });
        say!("{:#}", serde_json::Value::Array(list.collect()));
    } else {
        for (name, library) in &found {
            match library {
                Ok(library) => {
                    for plugin in &library.description.plugins {
                        let version = &library.description.version;
                        say!("{:<30} {version:<8} {}", plugin.name(), plugin.summary);
                    }
                    for skipped in &library.description.skipped {
                        say!("{:<30} left out: {}", skipped.name, skipped.why);
                    }
                }
                Err(error) => say!("{name:<30} {error}"),
            }
        }
        if found.is_empty() {
            let folders: Vec<String> = search.folders().iter().map(|folder| folder.display().to_string()).collect();
            say!("no plugins in {}", folders.join(", "));
        }
    }
    Ok(ExitCode::from(if broken { crate::CODE_CASES_FAILED } else { 0 }))
}

fn inspect(plugin: &str, interpreter: &Path, helpers: &[PathBuf], json: bool) -> Result<ExitCode, Refused> {
    let file = PathBuf::from(plugin);
    let is_python = file.extension().is_some_and(|end| end == "py");
    let library = match file.is_file() {
        // One that is not there is said to be a file that is not there, and not an unknown name.
        _ if is_python => script(&file, interpreter, helpers)?,
        true => described(&file)?,
        false => described(&SearchPath::new(&[]).find(plugin)?)?,
    };
    if json {
        say!(
            "{:#}",
            serde_json::json!({ "file": library.path, "sha256": library.sha256, "library": library.description })
        );
        return Ok(ExitCode::SUCCESS);
    }
    let Library { version, vendor, licence, plugins, skipped, .. } = &library.description;
    say!(
        "file      {}\nsha256    {}\nversion   {version}\nvendor    {vendor}\nlicence   {licence}",
        library.path.display(),
        library.sha256.get()
    );
    say!("known     {}\nruns      {}", library.standing, runs(&library));
    plugins.iter().for_each(print_plugin);
    for skipped in skipped {
        say!("\n{}\n  left out: {}", skipped.name, skipped.why);
    }
    Ok(ExitCode::SUCCESS)
}

/// Where its code runs, and what keeps it in there.
fn runs(library: &PluginLibrary) -> String {
    let (place, confinement) = library.place();
    let Some(confinement) = confinement else { return place.into() };
    let missing = confinement["missing"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
    let missing: Vec<&str> = missing.collect();
    match missing.len() {
        0 => format!("{place}, without network, other processes, and files of others"),
        _ => format!("{place}; this system does not enforce {}", missing.join(", ")),
    }
}

fn print_plugin(plugin: &Plugin) {
    say!("\n{}\n  {}", plugin.name(), plugin.summary);
    if !plugin.formats.is_empty() {
        say!("  reads {}", plugin.formats.join(", "));
    }
    if !plugin.aggregations.is_empty() {
        say!("  aggregation: {} (the first is the default)", plugin.aggregations.join(" | "));
    }
    if plugin.trains {
        say!("  it can learn");
    }
    if !plugin.invariant.is_empty() {
        say!("  claims that its values do not depend on {}", plugin.invariant.join(", "));
    }
    for (name, text) in plugin.card.iter().flat_map(card::lines) {
        say!("  {:<20} {text}", format!("{name}:"));
    }
    for setting in &plugin.settings {
        say!("  setting {}: {}", setting.key, setting_words(setting));
    }
    for feature in &plugin.features {
        let code = feature.ibsi.as_deref().unwrap_or("-");
        say!("  {:<44} {code:<5} [{}] {}", feature.id, feature.unit, feature.meaning);
    }
}

fn setting_words(setting: &Setting) -> String {
    let unit = setting.unit.as_ref().map(|unit| format!(" {unit}")).unwrap_or_default();
    let default = match &setting.default {
        Some(default) => format!("; default {default}"),
        None if setting.required => "; required".into(),
        None => "; optional".into(),
    };
    format!("{}{unit}{default}. {}", takes(setting), setting.purpose)
}

/// What values a setting takes, in words.
pub fn takes(setting: &Setting) -> String {
    match &setting.takes {
        Takes::Number { min, max } => match (min, max) {
            (None, None) => "a number".into(),
            (Some(min), None) => format!("a number of at least {min}"),
            (None, Some(max)) => format!("a number of at most {max}"),
            (Some(min), Some(max)) => format!("a number from {min} to {max}"),
        },
        Takes::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Takes::Numbers { length } => length.map_or("a list of numbers".into(), |n| format!("a list of {n} numbers")),
        Takes::Flag => "true or false".into(),
        Takes::Choice(words) => words.join(" | "),
        Takes::Text => "a text".into(),
        Takes::File => "a file".into(),
    }
}
