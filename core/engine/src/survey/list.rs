//! The list of cases of a folder: a row for each image and region; further images and masks of the same case beside them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{self, Path},
};

use super::{
    Outlined, Outlines, Series, Survey, attribute, base as base_of, belongs, files, homeless, is_file, may_belong,
    shown, volume,
};
use crate::output;

/// The columns that every list has, before those of further images and masks.
const COLUMNS: [&str; 8] = ["case", "image", "series", "mask", "region", "patient", "modality", "kvp"];
/// Under which attribute a series tells its frame of reference.
const FRAME: &str = "FrameOfReferenceUID";

/// A row of a case list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    /// Folder and UID of each image of the case where it has several, by the word after `image.`.
    pub images: BTreeMap<String, [String; 2]>,
    /// The mask of each region of the case where several have files of their own, by the word after `mask.`.
    pub masks: BTreeMap<String, String>,
    /// The word of its own mask, where further ones may stand beside it.
    word: Option<String>,
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
        all.remark_on_images();
        Ok(all)
    }

    /// Says what an experiment needs that reads several images of a case.
    fn remark_on_images(&mut self) {
        let several = |of_files: bool| {
            let is_one = |row: &&Row| !row.images.is_empty() && row.series.is_empty() == of_files;
            self.rows.iter().filter(is_one).count()
        };
        let of_dicom = "needs `outlines_of = \"frame of reference\"` in [load.dicom], and";
        let remarks =
            [(several(false), of_dicom), (several(true), "needs,")].into_iter().filter(|(count, _)| *count > 0);
        let told = remarks.map(|(count, needs)| {
            let have = if count == 1 { "case has" } else { "cases have" };
            format!(
                "{count} {have} several images, in columns as `image.ct`: an experiment that reads them {needs} for masks with a grid \
                 of their own, `on_mismatch = \"resample-mask\"` in [geometry]"
            )
        });
        let told: Vec<String> = told.collect();
        self.remarks.extend(told);
    }

    fn add(&mut self, survey: &Survey, base: &Path) {
        let before = self.rows.len();
        let mut unused = Vec::new();
        for series in &survey.series {
            let what = match is_file(series) {
                true => format!("the image {}", series.folder.display()),
                false => {
                    format!("the {} series {} of patient `{}`", series.modality, short(&series.uid), series.patient)
                }
            };
            let belongs = |outlines: &&Outlines| belongs(outlines, series, survey) || may_belong(outlines, series);
            let of_series: Vec<&Outlines> = survey.outlines.iter().filter(belongs).collect();
            if let Some(problem) = &series.problem {
                self.left_out.push(format!("{what}: {problem}"));
            } else if of_series.is_empty() {
                let none = if is_file(series) { "no mask goes with it" } else { "no file of outlines refers to it" };
                unused.push((series, format!("{what}: {none}")));
            } else {
                let first = self.rows.len();
                for outlines in of_series {
                    self.add_outlines((survey, series), outlines, base, &what);
                }
                together(&mut self.rows, first);
            }
        }
        // What stands beside another image is in the list.
        let rows = &self.rows[before..];
        let is_beside = |series: &Series| {
            let cell = cell(&series.folder, base);
            let is_it =
                |[folder, uid]: &[String; 2]| *uid == series.uid || is_file(series) && cell.as_ref() == Ok(folder);
            rows.iter().any(|row| row.images.values().any(is_it))
        };
        unused.retain(|(series, _)| !is_beside(series));
        self.left_out.extend(unused.into_iter().map(|(_, line)| line));
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

    fn add_outlines(&mut self, (survey, series): (&Survey, &Series), outlines: &Outlines, base: &Path, what: &str) {
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
            let is_only = outlines.regions.len() == 1;
            let name = match (&outlines.word, region.name.trim()) {
                (Some(word), "") if is_only => word.clone(),
                (Some(word), "") => format!("{word}_{}", region.number),
                (None, "") => region.number.to_string(),
                (_, name) => name.to_owned(),
            };
            self.rows.push(Row {
                case: file_safe([series.patient.as_str(), &series.modality, volume(&series.uid), &name]),
                image: image.clone(),
                series: if is_file(series) { String::new() } else { series.uid.clone() },
                mask: mask.clone(),
                region: chosen_by(region, outlines),
                patient: series.patient.clone(),
                modality: series.modality.clone(),
                kvp: attribute(series, "KVP").unwrap_or_default(),
                images: images(survey, series, region, base),
                masks: BTreeMap::new(),
                word: outlines.word.as_ref().filter(|_| is_only && region.name.trim().is_empty()).cloned(),
            });
        }
    }

    /// Writes the list, whole or not at all.
    ///
    /// # Errors
    /// Which file, and why not.
    pub fn write(&self, list: &Path) -> Result<(), String> {
        let words = |of: &dyn Fn(&Row) -> Vec<String>| self.rows.iter().flat_map(of).collect::<BTreeSet<String>>();
        let images = words(&|row| row.images.keys().cloned().collect());
        let masks = words(&|row| row.masks.keys().cloned().collect());
        let named = images.iter().flat_map(|word| [format!("image.{word}"), format!("series.{word}")]);
        let named = named.chain(masks.iter().map(|word| format!("mask.{word}")));
        let header: Vec<String> = COLUMNS.into_iter().map(str::to_owned).chain(named).collect();
        output::write_alone(list, |out| {
            let mut out = csv::Writer::from_writer(out);
            out.write_record(&header)?;
            for row in &self.rows {
                let Row { case, image, series, mask, region, patient, modality, kvp, .. } = row;
                let own = [case, image, series, mask, region, patient, modality, kvp].map(String::as_str);
                let of_images =
                    images.iter().flat_map(|word| row.images.get(word).map_or(["", ""], |of| [&*of[0], &*of[1]]));
                let of_masks = masks.iter().map(|word| row.masks.get(word).map_or("", String::as_str));
                out.write_record(own.into_iter().chain(of_images).chain(of_masks))?;
            }
            out.flush()
        })
    }
}

/// The images of a case that its region can be read with: its own, and those of its study in its frame of reference whose modality or
/// description no other has. Files have been paired by their names. None if there is but its own.
fn images(survey: &Survey, own: &Series, region: &Outlined, list: &Path) -> BTreeMap<String, [String; 2]> {
    let frame = |series: &Series| attribute(series, FRAME);
    let is_beside = |series: &&Series| {
        series.problem.is_none()
            && region.also.contains(&series.uid)
            && (is_file(series)
                || (&series.patient, &series.study) == (&own.patient, &own.study)
                    && frame(series).is_some()
                    && frame(series) == frame(own))
    };
    let all: Vec<&Series> = survey.series.iter().filter(is_beside).chain([own]).collect();
    let named: Vec<(String, &Series)> = all.iter().filter_map(|series| Some((kind(series, &all)?, *series))).collect();
    let is_only = |(name, _): &&(String, &Series)| named.iter().filter(|(other, _)| other == name).count() == 1;
    let only: Vec<&(String, &Series)> = named.iter().filter(is_only).collect();
    if only.len() < 2 || !only.iter().any(|(_, series)| series.uid == own.uid) {
        return BTreeMap::new();
    }
    let chosen = |series: &Series| if is_file(series) { String::new() } else { series.uid.clone() };
    let cells = only
        .into_iter()
        .filter_map(|(name, series)| Some((name.clone(), [cell(&series.folder, list).ok()?, chosen(series)])));
    cells.collect()
}

/// The word of an image among others of its case: its modality, or, where several have that, what the scanner called it.
/// None for one volume of a series of several, and for one without a description.
fn kind(series: &Series, all: &[&Series]) -> Option<String> {
    if is_file(series) {
        return attribute(series, files::WORD);
    }
    let of_modality: Vec<&&Series> = all.iter().filter(|other| other.modality == series.modality).collect();
    if of_modality.len() == 1 {
        return Some(if series.modality == "PT" { "pet".to_owned() } else { word(&series.modality) });
    }
    let is_whole = of_modality.iter().filter(|other| base_of(&other.uid) == base_of(&series.uid)).count() == 1;
    let named = word(&series.description);
    (is_whole && !named.is_empty()).then_some(named)
}

/// A name as a word of a column.
fn word(name: &str) -> String {
    file_safe([name]).to_lowercase()
}

/// Makes one row of those from `first` on, which are of one series, if each is a region of a file of its own with a name of its
/// own: masks as programs for segmentation write them.
fn together(rows: &mut Vec<Row>, first: usize) {
    let of_series = &rows[first..];
    let differ =
        |of: &dyn Fn(&Row) -> String| of_series.iter().map(of).collect::<BTreeSet<_>>().len() == of_series.len();
    let named = |row: &Row| row.word.clone().unwrap_or_else(|| word(&row.region));
    let is_apart = of_series.len() > 1 && differ(&|row| row.mask.clone()) && differ(&named);
    if !is_apart || of_series.iter().any(|row| row.word.is_none() && row.region.starts_with('#')) {
        return;
    }
    let masks = of_series.iter().map(|row| (named(row), row.mask.clone())).collect();
    let images = of_series.iter().map(|row| row.images.clone()).min_by_key(BTreeMap::len).unwrap_or_default();
    rows.truncate(first + 1);
    let Some(row) = rows.last_mut() else { return };
    (row.masks, row.images) = (masks, images);
    row.case = file_safe([row.patient.as_str(), &row.modality, volume(&row.series)]);
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

/// A UID for a line of text, with what chooses a volume of it: its beginning and its end tell it from others nearby.
pub(super) fn short(uid: &str) -> String {
    const WHOLE: usize = 28;
    const PART: usize = 12;
    let (uid, volume) = uid.split_at(uid.find('/').unwrap_or(uid.len()));
    match uid.get(..PART).zip(uid.get(uid.len().saturating_sub(PART)..)) {
        Some((start, end)) if uid.len() > WHOLE => format!("{start}…{end}{volume}"),
        _ => format!("{uid}{volume}"),
    }
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
