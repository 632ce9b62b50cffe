//! Segmentations (DICOM PS3.3, A.51 and C.8.20): binary, fractional and label maps, in frames.

use dicom_dictionary_std::tags;
use voxomics_imaging::{Grid, IndexBox};
use voxomics_sdk::{Loaded, Segmentation};

use super::lattice::{self, Distances, Place};
use super::origin;
use super::paint::{self, Canvas};
use super::regions::{self, Listed};
use super::stored::{Kind, Stored};
use super::{Budget, Job, segmentation, shown};
use crate::error::ReadError;
use crate::frames;
use crate::geometry::Plane;
use crate::object::Item;
use crate::pixels;

/// Reads the wanted segments: in the smallest box of the reference grid if its voxels are theirs, else on their own grid.
pub fn load(job: &Job<'_, '_>) -> Result<Loaded, ReadError> {
    let root = job.object.root();
    if let Some(parts) = root.int(tags::IN_CONCATENATION_TOTAL_NUMBER)?.filter(|parts| *parts > 1) {
        let supported = "a segmentation in one file; export it again";
        return Err(root.unsupported(tags::IN_CONCATENATION_TOTAL_NUMBER, &parts.to_string(), supported));
    }
    let kind = Kind::of(job)?;
    let mut all = listed(root)?;
    if kind == Kind::Labels {
        // A label map may describe its background, which is no region and which nobody has asked for.
        let background = |region: &Listed| region.number == 0;
        let is_wanted = |region: &&Listed| job.request.selection.wants(region.number as f64, &region.name);
        let mut asked = all.iter().filter(is_wanted).peekable();
        if asked.peek().is_some() && asked.all(background) {
            return Err(job.unfit("only the background of a label map is wanted, number 0: it is no region"));
        }
        all.retain(|region| !background(region));
    }
    let wanted = regions::wanted(job, &all)?;
    let origin = origin::of_segmentation(job);
    let _anywhere = origin::check(job, &origin)?;
    let planes: Vec<Plane> = frames::frames(&[job.object])?.into_iter().map(|frame| frame.plane).collect();
    let lattice =
        lattice::lattice(&planes, distances(root)?, job.reference.as_ref()).map_err(|what| job.unfit(what))?;
    if let Some(warning) = &lattice.warning {
        job.warn(warning);
    }
    let numbers: Vec<i64> = wanted.iter().map(|i| all[*i].number).collect();
    let (format, bytes) = pixels::read_all(job.object, job.request.max_bytes)?;
    if let Some(stride) = pixels::padded_frames(job.object, &format) {
        job.warn(&format!(
            "each frame of {} bits is filled up to {stride} bytes, as the length of its pixels tells: it is read so, though \
             DICOM has no gaps between frames",
            format.frame_pixels()
        ));
    }
    let stored = Stored::new(job, kind, (format, &bytes), &numbers, (&all, &lattice.slices))?;
    let found = stored.found(job, numbers.len())?;
    let mut target = Target::new(job, &lattice.grid);
    if target.image.is_none() && origin.names_all(planes.len()) {
        target.take_named(&planes, &lattice.slices);
    }
    target.note();
    let mut empty = Vec::new();
    let mut masks: Vec<Option<Mask>> = Vec::with_capacity(wanted.len());
    for (i, found) in wanted.iter().zip(&found) {
        if found.is_none() {
            empty.push((all[*i].name.clone(), "has no voxel".to_owned()));
        }
        masks.push(found.map(|found| target.mask(&all[*i], found)).transpose()?);
    }
    stored.each(job, &mut |slot, columns, row, slice| {
        if let Some(Mask { canvas, voxels }) = &mut masks[slot] {
            canvas.paint(voxels, columns, row, slice);
        }
    })?;
    let segmentation = |(i, mask): (&usize, Option<Mask>)| {
        Some(target.segmentation(&all[*i].name, regions::label(job, &all, &all[*i]), mask?))
    };
    let segmentations: Vec<Segmentation> = wanted.iter().zip(masks).filter_map(segmentation).collect();
    regions::check_empty(job, &empty, segmentations.len())?;
    Ok(Loaded { segmentations, metadata: regions::metadata(&all), ..Loaded::default() })
}

/// The segments of the file.
fn listed(root: Item<'_>) -> Result<Vec<Listed>, ReadError> {
    let segment = |item: &Item<'_>| {
        let number = item.need_int(tags::SEGMENT_NUMBER)?;
        Ok(Listed { number, name: item.name(tags::SEGMENT_LABEL), is_drawn: true })
    };
    root.items(tags::SEGMENT_SEQUENCE).iter().map(segment).collect()
}

/// What the first frame, for all of them, says of distances along its normal.
fn distances(root: Item<'_>) -> Result<Distances, ReadError> {
    let own = root
        .item(tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE)
        .and_then(|group| group.item(tags::PIXEL_MEASURES_SEQUENCE));
    let shared = || root.item(tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE)?.item(tags::PIXEL_MEASURES_SEQUENCE);
    let measures = own.or_else(shared).unwrap_or(root);
    Ok(Distances {
        between: measures.float(tags::SPACING_BETWEEN_SLICES)?,
        thickness: measures.float(tags::SLICE_THICKNESS)?,
    })
}

/// A mask that is being painted.
struct Mask {
    canvas: Canvas,
    voxels: Vec<u8>,
}

/// Where masks go.
struct Target<'a, 'h> {
    job: &'a Job<'a, 'h>,
    /// The grid of all frames.
    lattice: &'a Grid,
    /// The reference grid, where the lattice is a part of it, and how it lies in it.
    image: Option<(&'a Grid, Place)>,
    budget: Budget,
}

impl<'a, 'h> Target<'a, 'h> {
    fn new(job: &'a Job<'a, 'h>, lattice: &'a Grid) -> Self {
        let image = job.reference.as_ref().and_then(|grid| Some((grid, lattice::place(lattice, grid)?)));
        Self { job, lattice, image, budget: Budget::new(job.request.max_bytes) }
    }

    /// Takes frames that name slices of the image for these, if they are not far from them.
    fn take_named(&mut self, planes: &[Plane], slices: &[usize]) {
        let Some(grid) = self.job.reference.as_ref() else { return };
        let Some((place, farthest)) = lattice::place_named(self.lattice, (planes, slices), grid) else { return };
        self.job.note(&format!(
            "its frames lie up to {farthest:.3} mm off slices of the image, but name these as their sources: they are taken \
             for them"
        ));
        self.image = Some((grid, place));
    }

    /// Says what becomes of frames that are no slices of the image.
    fn note(&self) {
        if self.image.is_none() && self.job.reference.is_some() {
            self.job.note("its frames are not slices of the image: its regions stay on their own grid");
        }
    }

    /// An empty mask for a segment.
    fn mask(&mut self, segment: &Listed, found: IndexBox) -> Result<Mask, ReadError> {
        let dims = self.lattice.dims;
        let (place, part) = match &self.image {
            None => (Place::OWN, IndexBox::whole(dims)),
            Some((grid, place)) => {
                let part = paint::inside(place, dims, grid.dims).and_then(|inside| paint::common(inside, found));
                let part = part.ok_or_else(|| {
                    self.job.unfit(format!(
                        "region `{}` is not inside the image: in mm (LPS), its voxels are in {}, the image fills {}; is it \
                         the image that it was made from?",
                        segment.name,
                        shown(self.lattice.crop(found).bounds()),
                        shown(grid.bounds())
                    ))
                })?;
                if part != found {
                    self.job.warn(&format!(
                        "region `{}` reaches beyond the image: only what is inside is the region",
                        segment.name
                    ));
                }
                (*place, part)
            }
        };
        let canvas = Canvas::new(&place, dims, part);
        let voxels = self.budget.mask(self.job, canvas.dims)?;
        Ok(Mask { canvas, voxels })
    }

    fn segmentation(&self, name: &str, label: f64, Mask { canvas, voxels }: Mask) -> Segmentation {
        match &self.image {
            None => segmentation(name, label, self.lattice, voxels, None),
            Some((grid, _)) => {
                let end = [0, 1, 2].map(|axis| canvas.offset[axis] + canvas.dims[axis]);
                let grid = grid.crop(IndexBox { start: canvas.offset, end });
                segmentation(name, label, &grid, voxels, Some(canvas.offset))
            }
        }
    }
}
