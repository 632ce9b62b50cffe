//! Whether outlines were drawn on the image that they are to be used with: its series, its frame of reference, its slices,
//! its patient.

use dicom_dictionary_std::tags;

use super::Job;
use super::regions::Listed;
use crate::error::ReadError;
use crate::names::short;
use crate::object::Item;
use crate::series;

/// What a file of outlines says of the images that it was made from.
#[derive(Debug, Default)]
pub struct Origin {
    /// UIDs of their series.
    pub series: Vec<String>,
    /// The frame of reference of the wanted regions, where it is one and they have it.
    pub frame: Option<String>,
    /// How many contours or frames name slices of images.
    pub naming: usize,
    /// How many of these name a slice of the image.
    pub on_image: usize,
}

impl Origin {
    /// Whether so many frames, which are all, name slices of the image.
    pub fn names_all(&self, frames: usize) -> bool {
        frames > 0 && self.naming == frames && self.on_image == frames
    }

    /// Counts a contour or a frame by the slices that it names.
    pub fn count<'a>(&mut self, job: &Job<'_, '_>, slices: impl Iterator<Item = Item<'a>>) {
        let Some(image) = &job.image else { return };
        let mut names = slices.filter_map(|slice| slice.text(tags::REFERENCED_SOP_INSTANCE_UID)).peekable();
        self.naming += usize::from(names.peek().is_some());
        self.on_image += usize::from(names.any(|uid| image.has_slice(&uid)));
    }
}

/// Where outlines were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// On the series of the image, as far as is known.
    OnImage,
    /// On another series of its frame of reference.
    Elsewhere,
}

/// Holds what a file says of its images against the one that it is to be used with.
///
/// # Errors
/// If it was drawn on another one, or if the patient is another and nothing else says that it is the same image.
pub fn check(job: &Job<'_, '_>, origin: &Origin) -> Result<Drawn, ReadError> {
    let Some(wanted) = job.series() else { return Ok(Drawn::OnImage) };
    check_frame(job, origin)?;
    let is_named = origin.series.iter().any(|uid| uid == wanted);
    let drawn = match origin.series.is_empty() || is_named {
        true => Drawn::OnImage,
        false => accept_elsewhere(job, origin, wanted)?,
    };
    if drawn == Drawn::OnImage {
        check_slices(job, origin, wanted, is_named)?;
    }
    let is_referenced = is_named || origin.on_image > 0;
    check_patient(job, is_referenced)?;
    if origin.series.is_empty() && origin.naming == 0 {
        let frame = job.image.as_ref().and_then(|image| image.frame.as_ref());
        match frame.filter(|frame| origin.frame.as_ref() == Some(*frame)) {
            Some(frame) => job.note(&format!(
                "it names no series of images, and is taken to belong to the series {}, of the same frame of reference ({})",
                short(wanted),
                short(frame)
            )),
            None => job.warn(&format!(
                "it does not say on which images it was drawn, and is taken to belong to the series {}: make sure that it \
                 does",
                short(wanted)
            )),
        }
    }
    Ok(drawn)
}

fn check_frame(job: &Job<'_, '_>, origin: &Origin) -> Result<(), ReadError> {
    let Some((own, images)) = frames(job, origin.frame.as_ref()).filter(|(own, images)| own != images) else {
        return Ok(());
    };
    Err(job.unfit(format!(
        "it was drawn in the frame of reference {}, but that of the image is {} (FrameOfReferenceUID): places in one mean \
         nothing in the other; choose the image that it was drawn on",
        short(own),
        short(images)
    )))
}

/// The frame of reference of outlines and that of the image, where both are known.
fn frames<'a>(job: &'a Job<'_, '_>, own: Option<&'a String>) -> Option<(&'a String, &'a String)> {
    Some((own?, job.image.as_ref()?.frame.as_ref()?))
}

/// Whether outlines of another series will do: in the same frame of reference, if the settings say so.
fn accept_elsewhere(job: &Job<'_, '_>, origin: &Origin, wanted: &str) -> Result<Drawn, ReadError> {
    let named: Vec<String> = origin.series.iter().map(|uid| short(uid)).collect();
    let (named, wanted) = (named.join(", "), short(wanted));
    let message = format!("it was drawn on the series {named}, but the image is the series {wanted}");
    let shared = frames(job, origin.frame.as_ref()).filter(|(own, images)| own == images).map(|(own, _)| own);
    match shared {
        Some(frame) if job.of_frame => {
            job.note(&format!("{message}: taken all the same, as both have the frame of reference {}", short(frame)));
            Ok(Drawn::Elsewhere)
        }
        Some(_) => Err(job.unfit(format!(
            "{message}; choose the outlines of that series, or the image that they were drawn on; or, as both have the \
             same frame of reference, accept it with `outlines_of = \"frame of reference\"` in [load.dicom]"
        ))),
        None => {
            Err(job
                .unfit(format!("{message}; choose the outlines of that series, or the image that they were drawn on")))
        }
    }
}

/// `is_named`: whether the file names the series. Whoever gives series new UIDs sometimes gives slices others than their
/// references: then the series counts.
fn check_slices(job: &Job<'_, '_>, origin: &Origin, wanted: &str, is_named: bool) -> Result<(), ReadError> {
    let Origin { naming, on_image, .. } = *origin;
    if naming == on_image {
        return Ok(());
    }
    let message = format!("of {naming} contours or frames that name the slices they were drawn on, {on_image} name");
    let wanted = short(wanted);
    if on_image == 0 && !is_named {
        return Err(job.unfit(format!(
            "{message} a slice of the series {wanted}, which is the image; choose the image that they were drawn on"
        )));
    }
    if on_image == 0 {
        // Whoever takes names out of images often gives their slices new UIDs, and outlines keep the old ones.
        job.note(&format!("{message} a slice of the series {wanted}, which they name as their image"));
        return Ok(());
    }
    job.warn(&format!(
        "{message} a slice of the series {wanted}, which is the image: make sure that they were drawn on it"
    ));
    Ok(())
}

/// `is_referenced`: whether the file names the image's series or its slices. Whoever takes names out of images often
/// leaves those of outlines as they were, and the other way round.
fn check_patient(job: &Job<'_, '_>, is_referenced: bool) -> Result<(), ReadError> {
    let own = job.object.root().text(tags::PATIENT_ID).unwrap_or_default();
    let images = job.image.as_ref().map(|image| image.patient.as_str()).unwrap_or_default();
    if own == images || own.is_empty() || images.is_empty() {
        return Ok(());
    }
    let message = format!("its patient is `{own}`, but that of the image is `{images}` (PatientID)");
    if is_referenced {
        job.warn(&format!("{message}: it names the image's series or slices, and is taken to belong to it"));
        return Ok(());
    }
    Err(job.unfit(format!("{message}, and it names neither the image's series nor its slices; choose its own image")))
}

/// The frame of reference that a region of an RTSTRUCT names and nothing else in the file knows, where the file itself, its
/// list of frames and the series in that list all name the image's: then the region's is a slip.
fn stray_frame(job: &Job<'_, '_>, region: Item<'_>) -> Option<String> {
    let own = region.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID)?;
    let images = job.image.as_ref()?.frame.as_ref()?;
    let series = job.series()?;
    let root = job.object.root();
    let frames = root.items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE);
    let is_listed =
        |uid: &str| frames.iter().any(|frame| frame.text(tags::FRAME_OF_REFERENCE_UID).as_deref() == Some(uid));
    let is_on_image = |frame: &Item<'_>| {
        frame.text(tags::FRAME_OF_REFERENCE_UID).as_ref() == Some(images)
            && series::in_frame(*frame).iter().any(|uid| uid == series)
    };
    let is_files = root.text(tags::FRAME_OF_REFERENCE_UID).as_ref() == Some(images);
    (own != *images && !is_listed(&own) && is_files && frames.iter().any(is_on_image)).then_some(own)
}

/// Says which of the wanted regions name a frame of reference of which nothing else in the file knows.
pub fn tell_stray_frames(job: &Job<'_, '_>, all: &[Listed], wanted: &[usize]) {
    let items = job.object.root().items(tags::STRUCTURE_SET_ROI_SEQUENCE);
    let stray = |i: &usize| Some((format!("`{}`", all[*i].name), stray_frame(job, items[*i])?));
    let (names, frames): (Vec<String>, Vec<String>) = wanted.iter().filter_map(stray).unzip();
    if let Some(frame) = frames.first() {
        job.warn(&format!(
            "{} names the frame of reference {}, but the file, its list of frames of reference and its series are the \
             image's: it is taken to belong to the image",
            names.join(", "),
            short(frame)
        ));
    }
}

/// The frame of reference of a region of an RTSTRUCT: its own, or the only one of the file.
pub fn frame_of_region(job: &Job<'_, '_>, region: Item<'_>) -> Option<String> {
    if stray_frame(job, region).is_some() {
        return job.image.as_ref()?.frame.clone();
    }
    let only = || match job.object.root().items(tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE).as_slice() {
        [one] => one.text(tags::FRAME_OF_REFERENCE_UID),
        _ => None,
    };
    region.text(tags::REFERENCED_FRAME_OF_REFERENCE_UID).or_else(only)
}

/// In a file of several series, leaves out the regions of an RTSTRUCT that were drawn in another frame of reference than
/// that of the image.
///
/// # Errors
/// If no other is left, or if such a region was asked for.
pub fn leave_out_elsewhere(job: &Job<'_, '_>, all: &[Listed], wanted: &mut Vec<usize>) -> Result<(), ReadError> {
    let Some(series) = job.series() else { return Ok(()) };
    // The list has a region for each item.
    let items = job.object.root().items(tags::STRUCTURE_SET_ROI_SEQUENCE);
    let is_named = series::referenced(job.object).iter().any(|uid| uid == series);
    let elsewhere = |i: usize| -> Option<String> {
        let own = frame_of_region(job, items[i]);
        if let Some((own, images)) = frames(job, own.as_ref()) {
            let message = format!(
                "frame of reference {}, but that of the image is {} (FrameOfReferenceUID)",
                short(own),
                short(images)
            );
            if own != images {
                return Some(message);
            }
            if job.of_frame {
                return None;
            }
        }
        let named = series::of_region(job.object, items[i]);
        let is_elsewhere = is_named && !named.is_empty() && named.iter().all(|uid| uid != series);
        let named: Vec<String> = named.iter().map(|uid| short(uid)).collect();
        let (named, series) = (named.join(", "), short(series));
        is_elsewhere.then(|| format!("frame of reference of the series {named}, but the image is the series {series}"))
    };
    let drawn = |i: usize| all[i].is_drawn;
    let (others, own): (Vec<usize>, Vec<usize>) = wanted.iter().partition(|i| drawn(**i) && elsewhere(**i).is_some());
    for i in &others {
        let message = format!("region `{}` was drawn in the {}", all[*i].name, elsewhere(*i).unwrap_or_default());
        if !own.iter().any(|i| drawn(*i)) || !job.request.selection.regions.is_empty() {
            return Err(job.unfit(format!("{message}; choose the image that it was drawn on")));
        }
        job.note(&format!("{message}: it is left out"));
    }
    *wanted = own;
    Ok(())
}

/// What regions of an RTSTRUCT, by their places in the list, say of their images with all their contours.
pub fn of_regions<'a>(
    job: &Job<'_, '_>,
    regions: impl Iterator<Item = usize>,
    contours: impl Iterator<Item = Item<'a>>,
) -> Origin {
    let items = job.object.root().items(tags::STRUCTURE_SET_ROI_SEQUENCE);
    let mut frames = regions.map(|i| frame_of_region(job, items[i]));
    let first = frames.next().flatten();
    let frame = first.filter(|first| frames.all(|other| other.as_ref() == Some(first)));
    let mut origin = Origin { series: series::referenced(job.object), frame, ..Origin::default() };
    for contour in contours {
        origin.count(job, contour.items(tags::CONTOUR_IMAGE_SEQUENCE).into_iter());
    }
    origin
}

/// What a segmentation says of its images.
pub fn of_segmentation(job: &Job<'_, '_>) -> Origin {
    let root = job.object.root();
    let frame = root.text(tags::FRAME_OF_REFERENCE_UID);
    let mut origin = Origin { series: series::referenced(job.object), frame, ..Origin::default() };
    for group in root.items(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE) {
        let derived = group.items(tags::DERIVATION_IMAGE_SEQUENCE).into_iter();
        origin.count(job, derived.flat_map(|item| item.items(tags::SOURCE_IMAGE_SEQUENCE)));
    }
    origin
}
