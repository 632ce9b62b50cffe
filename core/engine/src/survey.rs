//! What a folder holds, as loaders tell it without reading voxels, and the list of cases that follows from it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{self, Path},
};

use serde::Serialize;
use serde_json::Value as Json;
use voxomics_interface::describe::Kind;
pub use voxomics_interface::survey::{Aside, Outlined, Outlines, Series, Survey, Unusable};

use crate::{
    experiment::{Diagnostics, PluginSettings},
    host::{self, CaseHost, PluginLibrary, Registered, SearchPath, Services},
    output,
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

/// Asks every loader on the search path whose description says that it can tell what a folder holds.
///
/// # Errors
/// If the folder cannot be read, or no loader can tell.
pub fn folder(folder: &Path, search: &SearchPath, services: &Services) -> Result<Account, String> {
    std::fs::read_dir(folder).map_err(|cause| format!("the folder {} cannot be read: {cause}", folder.display()))?;
    let mut account = Account::default();
    let mut libraries = search.list();
    // A file that has the plugin's own name comes before copies with something added to theirs.
    libraries.sort();
    let mut asked = BTreeSet::new();
    for (name, library) in libraries {
        // The name tells the kind: nothing else needs to be loaded.
        if name.starts_with("load-") {
            match PluginLibrary::load(&library, None) {
                Ok(library) => ask(&library, folder, services, &mut asked, &mut account),
                Err(message) => account.failed.push(message),
            }
        }
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

/// A row of a case list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Name of the case: unique, and fit to be a file's.
    pub case: String,
    /// Folder of the image.
    pub image: String,
    /// UID of the series in it, with what chooses the volume if the series has several.
    pub series: String,
    /// File of the outlines.
    pub mask: String,
    /// Name of the region, or its number as `#3` where the name would not do.
    pub region: String,
    /// The patient's ID.
    pub patient: String,
    /// Modality.
    pub modality: String,
    /// Tube voltage, kV; empty if the series does not say it.
    pub kvp: String,
}

/// The cases of a survey: one for each image series, file of outlines and region.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CaseList {
    /// The cases.
    pub rows: Vec<Row>,
    /// What is no case, and why.
    pub left_out: Vec<String>,
    /// What has to be chosen or set before the cases are run.
    pub remarks: Vec<String>,
}

impl CaseList {
    /// Makes the list that will be written to `list`: paths below its folder start from there, others are absolute.
    ///
    /// # Errors
    /// If the working directory is not known.
    pub fn new<'a>(surveys: impl Iterator<Item = &'a Survey>, list: &Path) -> Result<Self, String> {
        let absolute = path::absolute(list).map_err(|cause| format!("the path {}: {cause}", list.display()))?;
        let base = absolute.parent().unwrap_or(Path::new(""));
        let mut all = Self::default();
        for survey in surveys {
            all.add(survey, base);
        }
        number_alike(&mut all.rows);
        Ok(all)
    }

    fn add(&mut self, survey: &Survey, base: &Path) {
        for series in &survey.series {
            let what = format!("the {} series {} of patient `{}`", series.modality, series.uid, series.patient);
            let belongs = |outlines: &&Outlines| belongs(outlines, series, survey) || may_belong(outlines, series);
            let of_series: Vec<&Outlines> = survey.outlines.iter().filter(belongs).collect();
            if let Some(problem) = &series.problem {
                self.left_out.push(format!("{what}: {problem}"));
            } else if of_series.is_empty() {
                self.left_out.push(format!("{what}: no file of outlines refers to it"));
            } else {
                for outlines in of_series {
                    self.add_outlines(series, outlines, base, &what);
                }
            }
        }
        for outlines in &survey.outlines {
            let Some(why) = homeless(outlines, survey) else { continue };
            let candidates =
                survey.series.iter().filter(|series| series.problem.is_none() && may_belong(outlines, series));
            match candidates.count() {
                0 => self.left_out.push(format!("{}: {why}", outlines.path.display())),
                count => self.remarks.push(format!(
                    "{}: {why}; the list has rows for each of the {count} images that it fits: keep those that it was drawn on",
                    outlines.path.display()
                )),
            }
        }
    }

    fn add_outlines(&mut self, series: &Series, outlines: &Outlines, base: &Path, what: &str) {
        let file = outlines.path.display();
        if outlines.regions.is_empty() {
            self.left_out.push(format!("{file}: it has no regions"));
        }
        let cells = cell(&series.folder, base).and_then(|image| Ok((image, cell(&outlines.path, base)?)));
        let (image, mask) = match cells {
            Ok(cells) => cells,
            Err(why) => return self.left_out.push(format!("{what} with {file}: {why}")),
        };
        let empty: Vec<String> = outlines
            .regions
            .iter()
            .filter(|region| region.empty)
            .map(|region| format!("`{}`", shown(region)))
            .collect();
        if !empty.is_empty() {
            self.left_out.push(format!("{file}: nothing is drawn for {}", empty.join(", ")));
        }
        let mut problems: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        for region in &outlines.regions {
            if let Some(why) = region.problems.get(&series.uid) {
                problems.entry(why).or_default().push(format!("`{}`", shown(region)));
            }
        }
        for (why, regions) in problems {
            self.left_out.push(format!("{what} with {file}, {}: {why}", regions.join(", ")));
        }
        let is_usable = |region: &&Outlined| !region.empty && !region.problems.contains_key(&series.uid);
        if outlines.regions.iter().any(|region| is_usable(&region) && region.off_grid.contains(&series.uid)) {
            self.remarks.push(format!(
                "{what} with {file}: it does not lie on the grid of the image, and runs refuse it without \
                 `on_mismatch = \"resample-mask\"` in [geometry]"
            ));
        }
        for region in outlines.regions.iter().filter(is_usable) {
            let name = if region.name.trim().is_empty() { region.number.to_string() } else { region.name.clone() };
            self.rows.push(Row {
                case: file_safe([series.patient.as_str(), &series.modality, volume(&series.uid), &name]),
                image: image.clone(),
                series: series.uid.clone(),
                mask: mask.clone(),
                region: chosen_by(region, outlines),
                patient: series.patient.clone(),
                modality: series.modality.clone(),
                kvp: attribute(series, "KVP").unwrap_or_default(),
            });
        }
    }

    /// Writes the list, whole or not at all.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn write(&self, list: &Path) -> Result<(), String> {
        output::write_alone(list, |out| {
            let mut out = csv::Writer::from_writer(out);
            for row in &self.rows {
                out.serialize(row)?;
            }
            out.flush()
        })
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
        _ if survey.series.iter().any(|series| belongs(outlines, series, survey)) => None,
        None => Some("it does not say which series it was drawn on, and its patient has not just one".into()),
        Some(uid) => Some(format!("it was drawn on the series {uid}, which is not in the folder")),
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

/// A region for people: its number and its name.
pub fn shown(region: &Outlined) -> String {
    format!("#{} {}", region.number, region.name).trim_end().to_owned()
}

/// What the column `region` says of a region: its name where that is no pattern and no other's in the file.
fn chosen_by(region: &Outlined, outlines: &Outlines) -> String {
    let name = region.name.trim();
    let alike = outlines.regions.iter().filter(|other| other.name.trim() == name).count();
    let plain =
        !name.is_empty() && !name.starts_with('#') && !name.contains(|c: char| "*?".contains(c) || c.is_control());
    if plain && alike == 1 { name.to_owned() } else { format!("#{}", region.number) }
}

/// A path as a cell of a list in the folder `base`.
fn cell(path: &Path, base: &Path) -> Result<String, String> {
    let absolute = path::absolute(path).map_err(|cause| format!("the path {}: {cause}", path.display()))?;
    let shown = match absolute.strip_prefix(base) {
        Ok(below) if below.as_os_str().is_empty() => Path::new("."),
        Ok(below) => below,
        Err(_) => &absolute,
    };
    let text = shown.to_str().ok_or("its path is not UTF-8, which a list cannot hold: rename it")?;
    if text.trim() != text || text.contains(['\n', '\r']) {
        return Err(
            "its path begins or ends with a blank or breaks the line, which a list cannot hold: rename it".into()
        );
    }
    Ok(text.to_owned())
}

/// Words as a name that is fit for a file.
fn file_safe<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let safe = |word: &str| -> String {
        let kept: String =
            word.trim().chars().map(|c| if c.is_alphanumeric() || "-+.".contains(c) { c } else { '_' }).collect();
        kept.trim_matches('.').chars().take(60).collect()
    };
    let words: Vec<String> = words.into_iter().map(safe).filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// Numbers cases of one name, upper and lower case being one as they are for some file systems.
fn number_alike(rows: &mut [Row]) {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for row in rows.iter() {
        *names.entry(row.case.to_lowercase()).or_default() += 1;
    }
    let mut taken: BTreeSet<String> = names.iter().filter(|(_, n)| **n == 1).map(|(name, _)| name.clone()).collect();
    for row in rows.iter_mut().filter(|row| names[&row.case.to_lowercase()] > 1) {
        let stem = std::mem::take(&mut row.case);
        let mut number = 1_usize;
        row.case = loop {
            let name = format!("{stem}_{number}");
            if taken.insert(name.to_lowercase()) {
                break name;
            }
            number += 1;
        };
    }
}

#[cfg(test)]
mod tests;
