//! RT structure sets (DICOM PS3.3, C.8.8.5 and C.8.8.6): closed contours, drawn on the slices of an image.

use std::collections::BTreeMap;

use dicom_dictionary_std::tags;
use voxomics_imaging::{Grid, IndexBox, View, mask};
use voxomics_sdk::Loaded;

use super::origin::{self, Drawn};
use super::planes::Sorted;
use super::raster::{self, Window};
use super::regions::{self, Listed};
use super::{Budget, Job, segmentation, shown};
use crate::error::ReadError;
use crate::names;
use crate::object::Item;

/// Draws the wanted regions, each in the smallest box of the reference grid that holds it.
pub fn load(job: &Job<'_, '_>) -> Result<Loaded, ReadError> {
    let root = job.object.root();
    let contours = contours(root)?;
    let all = listed(root, &contours)?;
    let mut wanted = regions::wanted(job, &all)?;
    origin::leave_out_elsewhere(job, &all, &mut wanted)?;
    let drawn = wanted.iter().copied().filter(|i| all[*i].is_drawn);
    let of_drawn = drawn.clone().filter_map(|i| contours.get(&all[i].number)).flatten().copied();
    let drawn = origin::check(job, &origin::of_regions(job, drawn, of_drawn))?;
    let Some(grid) = &job.reference else {
        return Err(job.unfit("an RTSTRUCT has outlines and no voxels: the image that it was drawn on is needed, too"));
    };
    let mut budget = Budget::new(job.request.max_bytes);
    let (mut segmentations, mut empty) = (Vec::new(), Vec::new());
    for region in wanted.into_iter().map(|i| &all[i]) {
        job.check_cancelled()?;
        let region = Region { job, grid, listed: region, drawn };
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

/// What a contour is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A polygon. Those of a region on a slice are joined by the even-odd rule, which is what `CLOSEDPLANAR_XOR` asks for and
    /// what holes among `CLOSED_PLANAR` are drawn by.
    Closed,
    /// A point or a line.
    Open,
}

/// All that `ContourGeometricType` can be (DICOM PS3.3, C.8.8.6).
const KINDS: [(&str, Kind); 5] = [
    ("CLOSED_PLANAR", Kind::Closed),
    ("CLOSEDPLANAR_XOR", Kind::Closed),
    ("OPEN_PLANAR", Kind::Open),
    ("OPEN_NONPLANAR", Kind::Open),
    ("POINT", Kind::Open),
];

impl Kind {
    fn of(name: &str) -> Option<Self> {
        KINDS.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }
}

/// Whether a contour may enclose an area, as far as can be told without reading its points; one of an unknown kind may.
pub fn may_enclose(contour: Item<'_>) -> bool {
    let kind = contour.text(tags::CONTOUR_GEOMETRIC_TYPE).and_then(|kind| Kind::of(&kind));
    let coordinates =
        contour.bytes(tags::CONTOUR_DATA).unwrap_or_default().iter().filter(|byte| **byte == b'\\').count();
    kind != Some(Kind::Open) && coordinates >= 8
}

/// A region that is being drawn.
struct Region<'a, 'h> {
    job: &'a Job<'a, 'h>,
    grid: &'a Grid,
    listed: &'a Listed,
    drawn: Drawn,
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
        // Points and lines, and what could have been meant to be closed.
        let (mut small, mut open) = (0_usize, 0_usize);
        for (contour, number) in all.iter().zip(1..) {
            let (kind, points) = self.points(*contour, number)?;
            match kind {
                _ if points.len() < 3 => small += 1,
                Kind::Open => open += 1,
                Kind::Closed => contours
                    .add(self.grid, &points)
                    .map_err(|what| self.unfit(&format!("cannot be placed: its contour {number} {what}")))?,
            }
        }
        if contours.count == 0 {
            return Ok(Err(match small + open {
                0 => "has no contours".into(),
                1 => "has 1 contour, but it is not closed with an area: points and lines hold no voxel".into(),
                n => format!("has {n} contours, but none is closed with an area: points and lines hold no voxel"),
            }));
        }
        let of = all.len();
        if open > 0 {
            self.warn(&format!(
                "{open} of {of} contours are open (ContourGeometricType), enclose nothing and are left out; close them if \
                 they were meant to enclose something"
            ));
        }
        if small > 0 {
            let message = format!("{small} of {of} contours are points or lines, which hold no voxel and are left out");
            self.job.note(&format!("region `{}`: {message}", self.listed.name));
        }
        Ok(Ok(contours))
    }

    /// The kind of a contour, and its points.
    fn points(&self, contour: Item<'_>, number: u32) -> Result<(Kind, Vec<[f64; 3]>), ReadError> {
        let kind = contour.text(tags::CONTOUR_GEOMETRIC_TYPE).unwrap_or_default();
        let kind = Kind::of(&kind).ok_or_else(|| {
            self.unfit(&format!(
                "has a contour, number {number}, whose ContourGeometricType is \"{}\", expected one of {}; correct the \
                 attribute or export it again",
                names::plain(&kind),
                KINDS.map(|(name, _)| name).join(", ")
            ))
        })?;
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
        Ok((kind, points.to_vec()))
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
        if self.drawn == Drawn::Elsewhere {
            self.check_lies_on(&sorted, count)?;
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

    /// Contours of another series must lie on the image's slices, each on the next.
    fn check_lies_on(&self, sorted: &Sorted, count: usize) -> Result<(), ReadError> {
        let what = match (sorted.between, sorted.least_step()) {
            (0, None | Some(1)) => return Ok(()),
            (0, Some(step)) => format!("its contours are at least {step} slices of the image apart"),
            (between, _) => {
                format!("{between} of its {count} contours lie up to {:.3} mm off the image's slices", sorted.farthest)
            }
        };
        Err(self.unfit(&format!(
            "was drawn on another series, and {what}: its outlines are not drawn between slices; draw it on this image, or \
             use a SEG or a mask of it, which can be resampled (`on_mismatch` in [geometry])"
        )))
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
