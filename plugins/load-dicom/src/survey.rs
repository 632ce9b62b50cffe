//! What a folder holds, by the headers of its files.

use std::collections::BTreeMap;
use std::path::Path;

use dicom_dictionary_std::tags;
use voxomics_imaging::executor;
use voxomics_sdk::{Context, survey};

use crate::doubt;
use crate::error::{Fault, ReadError};
use crate::files::Damaged;
use crate::frames::Frame;
use crate::known::{Known, Slices};
use crate::object::Object;
use crate::series::{self, Series};
use crate::usable::{self, Seen};
use crate::volumes::Volumes;
use crate::{Config, aside, files, flat, metadata, names, pixels, uptake};

/// Surveys a folder: no pixels are read.
///
/// # Errors
/// If the folder cannot be read, or if the host gives up.
pub fn survey(folder: &Path, config: &Config, context: &Context) -> Result<survey::Survey, ReadError> {
    let found = files::find(folder, true, context)?;
    let mut unusable: Vec<survey::Unusable> = found.damaged.iter().map(|damaged| told(&damaged.error)).collect();
    let (images, others): (Vec<&Object>, Vec<&Object>) =
        found.objects.iter().partition(|object| series::is_image(object));
    let (images, orphans): (Vec<&Object>, Vec<&Object>) =
        images.into_iter().partition(|object| object.root().has(tags::SERIES_INSTANCE_UID));
    unusable.extend(orphans.iter().map(|object| told(&object.root().missing(tags::SERIES_INSTANCE_UID))));
    let (flats, all): (Vec<Series<'_>>, Vec<Series<'_>>) = series::group(images)?.into_iter().partition(flat::is_flat);
    let (asides, groups): (Vec<_>, Vec<_>) = all
        .into_iter()
        .map(|series| (aside::aside(&series, config.spacing_tolerance_mm), series))
        .partition(|(reason, _)| reason.is_some());
    let mut aside: Vec<survey::Aside> =
        asides.iter().filter_map(|(reason, series)| Some(set_aside(series, (*reason)?))).collect();
    let groups: Vec<Series<'_>> = groups.into_iter().map(|(_, series)| series).collect();
    let mut described = executor::map(&context.threads(), groups.len(), &|index| describe(&groups[index], config));
    for (series, described) in groups.iter().zip(&mut described) {
        described.doubt(series, &found.damaged);
    }
    let known =
        Known::new(groups.iter().zip(&described).map(|(series, one)| (series, one.volumes.as_slice(), &one.slices)));
    let (drawn, rest): (Vec<&Object>, Vec<&Object>) =
        others.into_iter().partition(|object| series::is_outlines(object));
    let mut outlines: Vec<(survey::Outlines, &Object)> = Vec::new();
    for (index, answer) in
        executor::map(&context.threads(), drawn.len(), &|index| known.outlined(drawn[index])).into_iter().enumerate()
    {
        match answer {
            Ok(told) => outlines.extend(told.into_iter().map(|told| (told, drawn[index]))),
            Err(error) => unusable.push(told(&error)),
        }
    }
    drop(known);
    for (series, described) in groups.iter().zip(&mut described) {
        described.read(series, &outlines, config, context)?;
    }
    let mut outlines = tried(outlines, &described, (config, context), &mut unusable)?;
    let mut series: Vec<survey::Series> = described.into_iter().flat_map(|described| described.volumes).collect();
    for flat in &flats {
        let before = series.len();
        aside.extend(pictures(flat, config, &mut series));
        outlines.iter_mut().for_each(|outlines| refuse_on_pictures(outlines, &series[before..]));
    }
    aside.sort_by(|a, b| a.uid.cmp(&b.uid));
    // The volumes of a series stay in their order.
    series.sort_by_key(|a| (a.patient.clone(), a.study.clone(), series::uid(&a.uid).to_owned()));
    let mut others: BTreeMap<String, u64> = BTreeMap::new();
    for object in rest {
        let modality = object.root().text(tags::MODALITY);
        *others.entry(modality.unwrap_or_else(|| names::uid(&object.sop_class()))).or_default() += 1;
    }
    Ok(survey::Survey { files: found.files, series, outlines, unusable, foreign: found.foreign, aside, others })
}

/// Outlines after they were tried with their volumes.
fn tried(
    outlines: Vec<(survey::Outlines, &Object)>,
    described: &[Described],
    (config, context): (&Config, &Context),
    unusable: &mut Vec<survey::Unusable>,
) -> Result<Vec<survey::Outlines>, ReadError> {
    let volumes: Vec<(&survey::Series, &Seen)> = described.iter().flat_map(Described::sound).collect();
    let answers = executor::map(&context.threads(), outlines.len(), &|index| {
        let (mut told, object) = (outlines[index].0.clone(), outlines[index].1);
        usable::try_outlines(&mut told, object, &volumes, (config, context)).map(|()| told)
    });
    let mut all = Vec::new();
    for answer in answers {
        match answer {
            Ok(outlines) => all.push(outlines),
            Err(error) if matches!(error.fault, Fault::Cancelled(_)) => return Err(error),
            Err(error) => unusable.push(told(&error)),
        }
    }
    Ok(all)
}

fn set_aside(series: &Series<'_>, reason: &str) -> survey::Aside {
    let text = |tag| series.objects.first().and_then(|object| object.root().text(tag)).unwrap_or_default();
    survey::Aside {
        uid: series.uid.clone(),
        patient: text(tags::PATIENT_ID),
        modality: text(tags::MODALITY),
        description: text(tags::SERIES_DESCRIPTION),
        folder: series.folder(),
        files: series.objects.len() as u64,
        reason: reason.to_owned(),
    }
}

/// Tells of the pictures of a series: those that can be read are images, the others are set aside with the reason.
fn pictures(flat: &Series<'_>, config: &Config, told: &mut Vec<survey::Series>) -> Option<survey::Aside> {
    let text = |object: &Object, tag| object.root().text(tag).unwrap_or_default();
    let mut refused: Option<(ReadError, usize)> = None;
    let all = match flat::pictures(flat) {
        Ok(all) => all,
        Err(error) => return Some(not_read(flat, &error, flat.objects.len())),
    };
    for picture in all {
        let object = picture.object();
        match picture.describe(&config.picture) {
            Ok(described) => told.push(survey::Series {
                uid: picture.name.clone(),
                patient: text(object, tags::PATIENT_ID),
                study: text(object, tags::STUDY_INSTANCE_UID),
                modality: text(object, tags::MODALITY),
                description: text(object, tags::SERIES_DESCRIPTION),
                folder: flat.folder(),
                files: 1,
                dims: Some(described.dims),
                spacing: Some(described.spacing),
                attributes: metadata::metadata(&[object], &[]).0,
                ..survey::Series::default()
            }),
            Err(error) => refused = Some(refused.map_or((error, 1), |(first, count)| (first, count + 1))),
        }
    }
    refused.map(|(error, count)| not_read(flat, &error, count))
}

fn not_read(flat: &Series<'_>, error: &ReadError, count: usize) -> survey::Aside {
    let reason = match flat.objects.iter().all(|object| flat::is_capture(object)) {
        true => "screenshots, without a place in the patient".to_owned(),
        false => format!("pictures without a place in the patient, {count} of which cannot be read: {}", error.fault),
    };
    set_aside(flat, &reason)
}

/// Outlines of pictures are not read, whatever they are.
fn refuse_on_pictures(outlines: &mut survey::Outlines, pictures: &[survey::Series]) {
    let is_own = |picture: &&survey::Series| {
        let uid = outlines.series.as_deref().map(series::uid);
        uid == Some(series::uid(&picture.uid))
    };
    let uids: Vec<String> = pictures.iter().filter(is_own).map(|picture| picture.uid.clone()).collect();
    let why =
        "outlines of pictures without a place in the patient are not read: draw the mask as a picture (PNG, TIFF)";
    for region in &mut outlines.regions {
        region.problems.extend(uids.iter().map(|uid| (uid.clone(), why.to_owned())));
    }
}

fn told(error: &ReadError) -> survey::Unusable {
    survey::Unusable { path: error.path.clone(), problem: error.fault.to_string() }
}

/// What is told of a series.
struct Described {
    volumes: Vec<survey::Series>,
    slices: Slices,
    /// Of each volume that can be loaded, what outlines see of it.
    seen: Vec<Option<Seen>>,
}

impl Described {
    /// Refuses the volumes if a file that cannot be read may be one of their slices.
    fn doubt(&mut self, series: &Series<'_>, damaged: &[Damaged]) {
        let Some(folder) = self.volumes.first().map(|volume| volume.folder.clone()) else { return };
        let is_in_doubt = |one: &&Damaged| one.error.path.starts_with(&folder) && doubt::may_be_slice(one, series);
        let Some(one) = damaged.iter().find(is_in_doubt) else { return };
        let problem = format!("{}; it may be a slice of the series: move it elsewhere if it is none", one.error);
        for volume in self.volumes.iter_mut().filter(|volume| volume.problem.is_none()) {
            volume.problem = Some(problem.clone());
        }
    }

    /// Reads the volumes that outlines may belong to, where only their pixels tell whether they are sound.
    fn read(
        &mut self,
        series: &Series<'_>,
        outlines: &[(survey::Outlines, &Object)],
        config: &Config,
        context: &Context,
    ) -> Result<(), ReadError> {
        let is_used = |outlines: &survey::Outlines| {
            let uid = outlines.series.as_deref().map(series::uid);
            uid == Some(&*series.uid) || uid.is_none() && outlines.candidates.contains(&series.uid)
        };
        if !outlines.iter().any(|(outlines, _)| is_used(outlines)) {
            return Ok(());
        }
        for (index, (volume, seen)) in self.volumes.iter_mut().zip(&self.seen).enumerate() {
            if volume.problem.is_none() && seen.as_ref().is_some_and(|seen| seen.needs_pixels) {
                volume.problem = usable::problem(series, index, config, context)?;
            }
        }
        Ok(())
    }

    /// The volumes that can be loaded.
    fn sound(&self) -> impl Iterator<Item = (&survey::Series, &Seen)> {
        let sound = self.volumes.iter().zip(&self.seen).filter(|(volume, _)| volume.problem.is_none());
        sound.filter_map(|(volume, seen)| Some((volume, seen.as_ref()?)))
    }
}

/// What is told of each volume of a series.
fn describe(series: &Series<'_>, config: &Config) -> Described {
    let text = |tag| series.objects.first().and_then(|object| object.root().text(tag)).unwrap_or_default();
    let told = survey::Series {
        uid: series.uid.clone(),
        patient: text(tags::PATIENT_ID),
        study: text(tags::STUDY_INSTANCE_UID),
        modality: text(tags::MODALITY),
        description: text(tags::SERIES_DESCRIPTION),
        folder: series.folder(),
        files: (series.objects.len() + series.localisers.len() + series.captures.len()) as u64,
        ..survey::Series::default()
    };
    let mut all = Described { volumes: Vec::new(), slices: Slices::new(), seen: Vec::new() };
    let volumes = match Volumes::new(series, config.spacing_tolerance_mm) {
        Ok(volumes) => volumes,
        Err(error) => {
            let (attributes, _) = metadata::metadata(&series.objects, &[]);
            all.volumes.push(survey::Series { problem: Some(error.to_string()), attributes, ..told });
            all.seen.push(None);
            return all;
        }
    };
    for (index, name) in volumes.names().into_iter().enumerate() {
        let objects = volumes.objects_of(index);
        let mut volume = survey::Series { uid: name.clone(), ..told.clone() };
        if volumes.count() > 1 {
            volume.files = objects.len() as u64;
            let uid = |frame: &Frame| volumes.objects()[frame.object].root().text(tags::SOP_INSTANCE_UID);
            let slice = |frame: &Frame| Some((uid(frame)?, frame.index as i64 + 1, name.clone()));
            all.slices.extend(volumes.frames_of(index).filter_map(slice));
        }
        let planned = volumes.plan(index).and_then(|mut plan| {
            if config.wants_suv(&told.modality) {
                uptake::to_suv(&mut plan, &volumes)?;
            }
            for (object, layout) in plan.objects.iter().zip(&plan.layouts) {
                pixels::padding(object.root(), &layout.format)?;
            }
            Ok(plan)
        });
        (volume.attributes, _) = metadata::metadata(&objects, volumes.values(index));
        let mut seen = None;
        match planned {
            Ok(plan) => {
                let [rows, columns] = plan.layouts[0].format.size;
                volume.dims = Some([columns, rows, plan.frames.len()].map(|n| n as u64));
                volume.spacing = Some(plan.stack.placement.spacing);
                seen = Seen::new(&plan, volumes.objects());
                volume.warnings = plan.warnings;
            }
            Err(error) => volume.problem = Some(error.to_string()),
        }
        all.volumes.push(volume);
        all.seen.push(seen);
    }
    all
}
