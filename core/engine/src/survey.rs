//! What a folder holds, as loaders tell it without reading voxels, and the list of cases that follows from it.

mod files;
mod list;
mod names;

use std::{collections::BTreeSet, path::Path};

use serde::Serialize;
use serde_json::Value as Json;
use voxomics_interface::describe::Kind;
pub use voxomics_interface::survey::{Aside, Outlined, Outlines, Series, Survey, Unusable};

pub use list::{CaseList, Row};

use crate::{
    experiment::{Diagnostics, PluginSettings},
    host::{self, CaseHost, PluginLibrary, Registered, SearchPath, Services},
};

/// What a loader tells of a folder.
#[derive(Debug, Serialize)]
pub struct Surveyed {
    /// The loader's name.
    pub loader: String,
    /// What it tells.
    #[serde(flatten)]
    pub survey: Survey,
}

/// What became of asking every loader.
#[derive(Debug, Default, Serialize)]
pub struct Account {
    /// One answer for each loader that could tell, in the order of their names.
    pub surveys: Vec<Surveyed>,
    /// Why a loader could not be asked, or did not answer.
    pub failed: Vec<String>,
}

/// Asks every loader on the search path whose description says that it can tell what a folder holds; of the others, those that read
/// masks without their image read every file that they know.
///
/// # Errors
/// If the folder cannot be read, or no loader can tell.
pub fn folder(folder: &Path, search: &SearchPath, services: &Services) -> Result<Account, String> {
    std::fs::read_dir(folder).map_err(|cause| format!("the folder {} cannot be read: {cause}", folder.display()))?;
    let mut account = Account::default();
    let mut libraries = search.list();
    // A file that has the plugin's own name comes before copies with something added to theirs.
    libraries.sort();
    let (mut asked, mut readers) = (BTreeSet::new(), Vec::new());
    for (name, library) in libraries {
        // The name tells the kind: nothing else needs to be loaded.
        if name.starts_with("load-") {
            match PluginLibrary::load(&library, None) {
                Ok(library) => {
                    ask(&library, folder, services, &mut asked, &mut account);
                    readers.extend(files::readers(&library));
                }
                Err(message) => account.failed.push(message),
            }
        }
    }
    if let Some((loader, survey)) = files::survey(folder, &readers, services)? {
        account.surveys.push(Surveyed { loader, survey });
    }
    if account.surveys.is_empty() {
        let folders: Vec<String> = search.folders().iter().map(|folder| folder.display().to_string()).collect();
        return Err(match account.failed.as_slice() {
            [] => format!("there is no loader that can tell what a folder holds in {}", folders.join(", ")),
            failed => failed.join("\n"),
        });
    }
    Ok(account)
}

/// Asks the loaders of a library; none twice, lest every case be listed twice.
fn ask(
    library: &PluginLibrary,
    folder: &Path,
    services: &Services,
    asked: &mut BTreeSet<String>,
    account: &mut Account,
) {
    for plugin in library.description.plugins.iter().filter(|plugin| plugin.kind == Kind::Load && plugin.surveys) {
        if !asked.insert(plugin.name()) {
            continue;
        }
        let diagnostics = Diagnostics::default();
        let settings = PluginSettings::empty(&format!("load.{}", plugin.id));
        let answer = match host::loader(Registered { plugin, library }, &settings, &diagnostics) {
            Some(loader) => loader.survey(folder, &CaseHost::new(services, "")).map_err(|error| error.to_string()),
            None => Err(diagnostics.render().trim_end().to_owned()),
        };
        match answer {
            Ok(survey) => account.surveys.push(Surveyed { loader: plugin.name(), survey }),
            Err(message) => account.failed.push(message),
        }
    }
}

/// The UID of a series in what chooses one of its volumes: `UID/Keyword=value` of a series of several.
pub fn base(uid: &str) -> &str {
    uid.split_once('/').map_or(uid, |(base, _)| base)
}

/// What tells a volume from the others of its series; empty if it is the only one.
fn volume(uid: &str) -> &str {
    uid.split_once('/').map_or("", |(_, volume)| volume)
}

/// Whether a file of outlines belongs to a series: by its own account, or, if it says nothing, because the patient has no
/// other one. Outlines of a series belong to each of its volumes, those of a volume to it alone.
pub fn belongs(outlines: &Outlines, series: &Series, survey: &Survey) -> bool {
    match &outlines.series {
        None if outlines.homeless.is_some() => false,
        Some(uid) => *uid == series.uid || uid == base(&series.uid),
        None => {
            let mut of_patient = survey.series.iter().filter(|other| other.patient == outlines.patient).peekable();
            of_patient.peek().is_some() && of_patient.all(|other| base(&other.uid) == base(&series.uid))
        }
    }
}

/// Whether a file of outlines that does not say where it was drawn fits a series: one of its regions can be read with it, on
/// its grid.
pub fn may_belong(outlines: &Outlines, series: &Series) -> bool {
    let fits = |region: &Outlined| {
        !region.empty && !region.problems.contains_key(&series.uid) && !region.off_grid.contains(&series.uid)
    };
    outlines.series.is_none()
        && outlines.candidates.iter().any(|uid| uid == base(&series.uid))
        && outlines.regions.iter().any(fits)
}

/// Why a file of outlines belongs to no series of the survey, if it does not.
pub fn homeless(outlines: &Outlines, survey: &Survey) -> Option<String> {
    match &outlines.series {
        _ if outlines.homeless.is_some() => outlines.homeless.clone(),
        _ if survey.series.iter().any(|series| belongs(outlines, series, survey)) => None,
        None => Some("it does not say which series it was drawn on, and its patient has not just one".into()),
        Some(uid) => Some(format!("it was drawn on the series {}, which is not in the folder", list::short(uid))),
    }
}

/// An attribute of a series as a text.
pub fn attribute(series: &Series, name: &str) -> Option<String> {
    match series.attributes.get(name)? {
        Json::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.as_f64().map_or_else(|| number.to_string(), crate::table::number)),
        _ => None,
    }
}

/// What is said in place of a modality of a mask that is a file of voxels.
pub const MASK: &str = "mask";

/// Whether what is listed as a series is a file of its own, which nothing has to choose.
pub fn is_file(series: &Series) -> bool {
    series.uid.starts_with(files::UID)
}

/// A region for people: its number and its name.
pub fn shown(region: &Outlined) -> String {
    format!("#{} {}", region.number, region.name).trim_end().to_owned()
}

#[cfg(test)]
mod tests;
