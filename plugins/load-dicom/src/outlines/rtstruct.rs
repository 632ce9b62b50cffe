//! RT structure sets (DICOM PS3.3, C.8.8.5 and C.8.8.6): closed contours, drawn on the slices of an image.

use std::collections::BTreeMap;

use dicom_dictionary_std::tags;
use voxomics_imaging::{Grid, IndexBox, View, mask};
use voxomics_sdk::Loaded;

use super::planes::Sorted;
use super::raster::{self, Window};
use super::regions::{self, Listed};
use super::{Budget, Job, segmentation, shown};
use crate::error::ReadError;
use crate::object::Item;
use crate::series;

/// Draws the wanted regions, each in the smallest box of the reference grid that holds it.
pub fn load(job: &Job<'_, '_>) -> Result<Loaded, ReadError> {
    let root = job.object.root();
    let contours = contours(root)?;
    let all = listed(root, &contours)?;
    let mut wanted = regions::wanted(job, &all)?;
    regions::check_series(job, &series::referenced(job.object))?;
    leave_out_elsewhere(job, &all, &mut wanted)?;
    let Some(grid) = &job.reference else {
        return Err(job.unfit("an RTSTRUCT has outlines and no voxels: the image that it was drawn on is needed, too"));
    };
    let mut budget = Budget::new(job.request.max_bytes);
    let (mut segmentations, mut empty) = (Vec::new(), Vec::new());
    for region in wanted.into_iter().map(|i| &all[i]) {
        job.check_cancelled()?;
        let region = Region { job, grid, listed: region };
        let own = contours.get(&region.listed.number).map(Vec::as_slice).unwrap_or_default();
        match region.contours(own)? {
            Ok(sorted) => {
                let (part, mask) = region.draw(sorted, &mut budget)?;
                let label = regions::label(job, &all, region.listed);
                let grid = grid.crop(part);
                segmentations.push(segmentation(&region.listed.name, label, &grid, mask, Some(part.start)));
            }
            Err(why) => empty.push((region.listed.name.clone(), why)),
        }
    }
    regions::check_empty(job, &empty, segmentations.len())?;
    Ok(Loaded { segmentations, metadata: regions::metadata(&all), ..Loaded::default() })
}

/// The contours of each region, by its number.
fn contours(root: Item<'_>) -> Result<BTreeMap<i64, Vec<Item<'_>>>, ReadError> {
    let mut contours: BTreeMap<i64, Vec<Item<'_>>> = BTreeMap::new();
    for item in root.items(tags::ROI_CONTOUR_SEQUENCE) {
        if item.has(tags::CONTOUR_SEQUENCE) {
            let number = item.need_int(tags::REFERENCED_ROI_NUMBER)?;
            contours.entry(number).or_default().extend(item.items(tags::CONTOUR_SEQUENCE));
        }
    }
    Ok(contours)
}

/// The regions of the file.
fn listed(root: Item<'_>, contours: &BTreeMap<i64, Vec<Item<'_>>>) -> Result<Vec<Listed>, ReadError> {
    let region = |item: &Item<'_>| {
        let number = item.need_int(tags::ROI_NUMBER)?;
        let name = item.name(tags::ROI_NAME);
        Ok(Listed { number, name, is_drawn: contours.contains_key(&number) })
    };
    root.items(tags::STRUCTURE_SET_ROI_SEQUENCE).iter().map(region).collect()
}

/// In a file of several series, leaves out the regions that were drawn in another frame of reference than that of the
/// image's series.
///
/// # Errors
/// If no other is left, or if such a region was asked for.
fn leave_out_elsewhere(job: &Job<'_, '_>, all: &[Listed], wanted: &mut Vec<usize>) -> Result<(), ReadError> {
    let selection = &job.request.selection;
    let Some(series) = &selection.series else { return Ok(()) };
    let items = job.object.root().items(tags::STRUCTURE_SET_ROI_SEQUENCE);
    // The list has a region for each item.
    let elsewhere = |i: usize| {
        Some(series::of_region(job.object, items[i])).filter(|named| !named.is_empty() && !named.contains(series))
    };
    let (others, own): (Vec<usize>, Vec<usize>) = wanted.iter().partition(|i| elsewhere(**i).is_some());
    for i in &others {
        let message = format!(
            "region `{}` was drawn in the frame of reference of the series {}, but the image is the series {series}",
            all[*i].name,
            elsewhere(*i).unwrap_or_default().join(", ")
        );
        if own.is_empty() || !selection.regions.is_empty() {
            return Err(job.unfit(format!("{message}; choose the image that it was drawn on")));
        }
        job.note(&format!("{message}: it is left out"));
    }
    *wanted = own;
    Ok(())
}

/// A region that is being drawn.
struct Region<'a, 'h> {
    job: &'a Job<'a, 'h>,
    grid: &'a Grid,
    listed: &'a Listed,
}

/// The closed contours of a region on their slices, and the box around them, LPS, mm.
struct Contours {
    sorted: Sorted,
    bounds: ([f64; 3], [f64; 3]),
    count: usize,
}

impl Region<'_, '_> {
    fn unfit(&self, message: &str) -> ReadError {
        self.job.unfit(format!("region `{}` {message}", self.listed.name))
    }

    fn warn(&self, message: &str) {
        self.job.warn(&format!("region `{}`: {message}", self.listed.name));
    }

    /// Its closed contours; or why it has none.
    fn contours(&self, all: &[Item<'_>]) -> Result<Result<Contours, String>, ReadError> {
        let mut contours =
            Contours { sorted: Sorted::default(), bounds: ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]), count: 0 };
        let mut ignored = 0_usize;
        for (contour, number) in all.iter().zip(1..) {
            match self.closed(*contour, number)? {
                Some(points) => contours
                    .add(self.grid, &points)
                    .map_err(|what| self.unfit(&format!("cannot be placed: its contour {number} {what}")))?,
                None => ignored += 1,
            }
        }
        match (contours.count, ignored) {
            (0, 0) => Ok(Err("has no contours".into())),
            (0, n) => {
                Ok(Err(format!("has {n} contours, but none is closed with an area: points and lines hold no voxel")))
            }
            (_, 0) => Ok(Ok(contours)),
            (_, n) => {
                let message = "points, lines and contours of fewer than three points are ignored";
                self.job.note(&format!("region `{}`: {n} {message}", self.listed.name));
                Ok(Ok(contours))
            }
        }
    }

    /// The points of a contour; none if it is not closed, or a point or a line.
    fn closed(&self, contour: Item<'_>, number: u32) -> Result<Option<Vec<[f64; 3]>>, ReadError> {
        let kind = contour.need_text(tags::CONTOUR_GEOMETRIC_TYPE)?;
        if !matches!(kind.as_str(), "CLOSED_PLANAR" | "CLOSEDPLANAR_XOR") {
            return Ok(None);
        }
        let numbers = contour.floats(tags::CONTOUR_DATA)?.unwrap_or_default();
        let (points, rest) = numbers.as_chunks::<3>();
        let promised = contour.int(tags::NUMBER_OF_CONTOUR_POINTS)?;
        if !rest.is_empty() || promised.is_some_and(|promised| promised != points.len() as i64) {
            let promised = promised.map_or_else(|| "whole points".into(), |n| format!("{n} points"));
            return Err(self.unfit(&format!(
                "has a contour, number {number}, of {} coordinates, expected {promised} of three each; export it again",
                numbers.len()
            )));
        }
        Ok(Some(points.to_vec()).filter(|points| points.len() >= 3))
    }

    /// The voxels inside, in the smallest box that holds them.
    fn draw(&self, contours: Contours, budget: &mut Budget) -> Result<(IndexBox, Vec<u8>), ReadError> {
        let Contours { mut sorted, bounds, count } = contours;
        if let Some((slice, apart)) = sorted.mixed(self.grid) {
            return Err(self.unfit(&format!(
                "has contours in planes {apart:.3} mm apart that fall onto the same slice of the image (index {slice}, \
                 slices {:.3} mm apart): it was drawn on another series or on thinner slices; choose the image that it \
                 was drawn on",
                self.grid.spacing[2]
            )));
        }
        let duplicates = sorted.remove_duplicates();
        let Some((drawn, mask)) = self.fill(&sorted, budget)? else {
            let image = shown(self.grid.bounds());
            return Err(match self.beyond(&sorted) {
                [beyond, cut] if beyond + cut > 0 => self.unfit(&format!(
                    "has no voxel inside the image: in mm (LPS), its contours are in {}, the image fills {image}; is it \
                     the image that they were drawn on?",
                    shown(bounds)
                )),
                _ => self.unfit(&format!(
                    "is empty: its {count} contours enclose no voxel's centre (in mm, LPS, they are in {}); choose an \
                     image with finer voxels",
                    shown(bounds)
                )),
            });
        };
        self.report(&sorted, duplicates, count);
        let view = View::new(drawn.dims(), &mask);
        let Some(tight) = mask::bounding_box(view).filter(|tight| *tight != IndexBox::whole(drawn.dims())) else {
            return Ok((drawn, mask));
        };
        let at = |index: [usize; 3]| [0, 1, 2].map(|axis| index[axis] + drawn.start[axis]);
        Ok((IndexBox { start: at(tight.start), end: at(tight.end) }, mask::crop(view, tight)))
    }

    /// The voxels inside, in a box that holds them; none if there are none.
    fn fill(&self, sorted: &Sorted, budget: &mut Budget) -> Result<Option<(IndexBox, Vec<u8>)>, ReadError> {
        let [nx, ny, nz] = self.grid.dims;
        let inside = || sorted.slices.range(0..nz as i64);
        let rings = inside().flat_map(|(_, slice)| &slice.rings);
        let window = rings.fold(Window::EMPTY, |all, ring| all.union(&ring.window([nx, ny])));
        let (Some((first, _)), Some((last, _))) = (inside().next(), inside().next_back()) else { return Ok(None) };
        if window.is_empty() {
            return Ok(None);
        }
        let [columns, rows] = &window.ranges;
        let part = IndexBox {
            start: [columns.start, rows.start, *first as usize],
            end: [columns.end, rows.end, *last as usize + 1],
        };
        let mut mask = budget.mask(self.job, part.dims())?;
        let plane = columns.len() * rows.len();
        for (index, slice) in inside() {
            self.job.check_cancelled()?;
            let at = (index - first) as usize * plane;
            raster::fill(&slice.rings, &window, &mut mask[at..at + plane]);
        }
        Ok(mask.contains(&1).then_some((part, mask)))
    }

    /// How many contours are on slices that the image does not have, and how many reach beyond its edges on others.
    fn beyond(&self, sorted: &Sorted) -> [usize; 2] {
        let [nx, ny, nz] = self.grid.dims;
        let is_inside = |index: i64| (0..nz as i64).contains(&index);
        let beyond = sorted.slices.iter().filter(|(index, _)| !is_inside(**index));
        let inside = sorted.slices.iter().filter(|(index, _)| is_inside(**index));
        let cut = inside.flat_map(|(_, slice)| &slice.rings).filter(|ring| ring.exceeds([nx, ny]));
        [beyond.map(|(_, slice)| slice.rings.len()).sum(), cut.count()]
    }

    /// Says whatever may make the region another than the one that was drawn.
    fn report(&self, sorted: &Sorted, duplicates: usize, count: usize) {
        if sorted.between > 0 {
            self.warn(&format!(
                "{} of {count} contours lie between the image's slices, up to {:.3} mm from the nearest, on which they are \
                 drawn",
                sorted.between, sorted.farthest
            ));
        }
        let [beyond, cut] = self.beyond(sorted);
        if beyond + cut > 0 {
            self.warn(&format!(
                "{beyond} of {count} contours are beyond the image's first or last slice, and {cut} reach beyond its edges: \
                 only what is inside is the region"
            ));
        }
        let [missing, all] = sorted.gaps(self.grid);
        if missing > 0 {
            self.warn(&format!(
                "{missing} of the {all} slices from its first to its last contour have none and stay empty"
            ));
        }
        let overlapping = sorted.overlapping(self.grid);
        if overlapping > 0 {
            self.warn(&format!(
                "{overlapping} pairs of contours on one slice overlap in part: what lies in both is not in the region, as in \
                 a hole; join them if that is not meant"
            ));
        }
        if duplicates > 0 {
            self.warn(&format!("{duplicates} of {count} contours are there twice and are taken once"));
        }
    }
}

impl Contours {
    fn add(&mut self, grid: &Grid, points: &[[f64; 3]]) -> Result<(), String> {
        self.sorted.add(grid, points)?;
        self.count += 1;
        for point in points {
            for axis in 0..3 {
                self.bounds.0[axis] = self.bounds.0[axis].min(point[axis]);
                self.bounds.1[axis] = self.bounds.1[axis].max(point[axis]);
            }
        }
        Ok(())
    }
}
