//! Loading and finding the plugins that an experiment names.

use std::path::PathBuf;

use rayon::prelude::*;
use voxomics_interface::describe::Kind;

use crate::{
    experiment::{Diagnostic, Diagnostics, Experiment, Origin, Pin, PluginScript, PluginSettings, suggestion},
    host::{self, LoaderInstance, NamedFile, PluginLibrary, Plugins, Registered, SearchPath, Terms, trust::Policy},
};

/// Loads every library that the experiment names, and no other.
pub fn load(experiment: &Experiment, diagnostics: &Diagnostics) -> Plugins {
    let stated = &experiment.plugins;
    let mut plugins = Plugins::default();
    plugins.incomplete = stated.incomplete;
    let policy = match Policy::of_machine() {
        Ok(policy) => policy,
        Err(error) => {
            diagnostics.push(Diagnostic::general(format!("{error}.")));
            plugins.incomplete = true;
            return plugins;
        }
    };
    let terms = |pin: &Pin, ours: bool, isolate: bool| Terms {
        pin: pin.clone(),
        policy: policy.clone(),
        floor: stated.trust,
        ours,
        isolate: (isolate && !ours).then_some(stated.limits),
        by_digest: false,
    };
    let search = SearchPath::new(&stated.folders);
    let mut wanted: Vec<(&Origin, Wanted)> = Vec::new();
    for name in &stated.names {
        let found = search.find(&name.value);
        let ours = found.as_deref().is_ok_and(SearchPath::is_ours);
        wanted.push((&name.origin, Wanted::Library(found, terms(&Pin::default(), ours, stated.isolate))));
    }
    for file in &stated.files {
        let terms = terms(&file.pin, false, file.isolation.unwrap_or(stated.isolate));
        wanted.push((&file.path.origin, Wanted::Library(Ok(file.path.value.clone()), terms)));
    }
    for script in &stated.scripts {
        wanted.push((&script.file.origin, Wanted::Script(script, terms(&script.pin, false, true))));
    }
    let loaded: Vec<(&Origin, Result<PluginLibrary, String>)> =
        wanted.into_par_iter().map(|(origin, wanted)| (origin, wanted.load())).collect();
    // For the record of the run, on a thread that has nothing else to do while the first scan is read.
    let digests: Vec<_> =
        loaded.iter().filter_map(|(_, library)| Some(library.as_ref().ok()?.sha256.clone())).collect();
    rayon::spawn(move || {
        digests.iter().for_each(|digest| {
            digest.get();
        })
    });
    for (origin, library) in loaded {
        if let Err(message) = library.and_then(|library| plugins.add(library)) {
            diagnostics.push(Diagnostic::new(origin.clone(), message));
            plugins.incomplete = true;
        }
    }
    plugins
}

/// A library or script to be loaded, and under which terms.
enum Wanted<'a> {
    Library(Result<PathBuf, String>, Terms),
    Script(&'a PluginScript, Terms),
}

impl Wanted<'_> {
    fn load(self) -> Result<PluginLibrary, String> {
        match self {
            Self::Library(path, terms) => PluginLibrary::load_under(&path?, &terms),
            Self::Script(script, terms) => {
                PluginLibrary::script(&script.file.value, &script.helpers, script.interpreter.clone(), &terms)
            }
        }
    }
}

/// Finds a plugin among the loaded ones.
pub fn find<'a>(
    plugins: &'a Plugins,
    kind: Kind,
    id: &str,
    origin: &Origin,
    diagnostics: &Diagnostics,
) -> Option<Registered<'a>> {
    let found = plugins.find(kind, id);
    // A library that could not be loaded is a mistake of its own, and not one of those who need what may be in it.
    if found.is_none() && !plugins.incomplete {
        let known: Vec<&str> = plugins.of_kind(kind).map(|registered| registered.plugin.id.as_str()).collect();
        let near = suggestion(id, known);
        let word = kind.word();
        if let Some(skipped) = plugins.skipped(&format!("{word}-{id}")) {
            let message = format!("`{id}`: the plugin {} cannot be used: {}", skipped.name, skipped.why);
            diagnostics.push(Diagnostic::new(origin.clone(), message));
            return None;
        }
        let message = format!(
            "`{id}`: no plugin that the experiment loads is called `{word}-{id}`{near}{} If it exists, add \"{word}-{id}\" to \
             `plugins.use`, or its file to [[plugins.file]]",
            if near.ends_with('?') { "" } else { "." }
        );
        diagnostics.push(Diagnostic::new(origin.clone(), message));
    }
    found
}

/// Configures every loader of the experiment, in the order in which their libraries are named.
pub fn loaders(
    experiment: &Experiment,
    plugins: &Plugins,
    files: &mut Vec<NamedFile>,
    diagnostics: &Diagnostics,
) -> Vec<LoaderInstance> {
    for (id, settings) in &experiment.loaders {
        find(plugins, Kind::Load, id, &settings.origin, diagnostics);
    }
    let configured = plugins.of_kind(Kind::Load).filter_map(|of| {
        let named = experiment.loaders.iter().find(|(id, _)| *id == of.plugin.id);
        let mut settings = named.map_or_else(|| PluginSettings::empty("load"), |(_, settings)| settings.clone());
        files.extend(host::resolve_files(of.plugin, &mut settings, &experiment.folder));
        host::loader(of, &settings, diagnostics)
    });
    let loaders: Vec<LoaderInstance> = configured.collect();
    let needed = !experiment.study.is_of_tables();
    if needed && !plugins.incomplete && plugins.of_kind(Kind::Load).next().is_none() {
        diagnostics.push(Diagnostic::general(
            "the experiment loads no plugin that reads images: add one to `plugins.use`, as in use = [\"load-nifti\"]",
        ));
    }
    loaders
}
