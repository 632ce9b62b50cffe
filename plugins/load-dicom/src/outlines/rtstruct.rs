//! RT structure sets (DICOM PS3.3, C.8.8.5 and C.8.8.6): closed contours, drawn on the slices of an image.

use std::collections::BTreeMap;

use dicom_dictionary_std::tags;
use voxomics_imaging::{Grid, IndexBox, View, mask};
use voxomics_sdk::Loaded;

use super::areas::{self, Points};
use super::contour::{self, Kind};
use super::origin::{self, Drawn};
use super::planes::{Repeated, Slice, Sorted};
use super::raster::Window;
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
    origin::tell_stray_frames(job, &all, &wanted);
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

/// What is probable where all points are centres of voxels.
const TRACED: &str = " centres of voxels: they were probably traced through the outermost voxels, as rt-utils does; say so \
                      with `outline_points = \"centres\"` in [load.dicom]";

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
    /// Points and lines, which hold voxels only where points are centres of these.
    specks: Vec<Vec<[f64; 3]>>,
}

/// A mask in a box of the image.
type Filled = (IndexBox, Vec<u8>);

impl Region<'_, '_> {
    fn unfit(&self, message: &str) -> ReadError {
        self.job.unfit(format!("region `{}` {message}", self.listed.name))
    }

    fn warn(&self, message: &str) {
        self.job.warn(&format!("region `{}`: {message}", self.listed.name));
    }

    /// Its closed contours; or why it has none.
    fn contours(&self, all: &[Item<'_>]) -> Result<Result<Contours, String>, ReadError> {
        let mut contours = Contours {
            sorted: Sorted::new(self.job.points),
            bounds: ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]),
            count: 0,
            specks: Vec::new(),
        };
        // Of points and lines only centres of voxels say something.
        let fewest = if self.job.points == Points::Centres { 1 } else { 3 };
        // Points and lines, and what could have been meant to be closed.
        let (mut small, mut open, mut rounds) = (0_usize, 0_usize, 0_usize);
        for (contour, number) in all.iter().zip(1..) {
            let (kind, points) = contour::read(*contour)?
                .map_err(|what| self.unfit(&format!("has a contour, number {number}, {what}")))?;
            let one_round = contour::one_round(&points).filter(|_| kind == Kind::Closed);
            rounds += usize::from(one_round.is_some());
            let points = one_round.unwrap_or(points);
            match kind {
                Kind::Open if points.len() >= 3 => open += 1,
                Kind::Closed if points.len() >= fewest => contours
                    .add(self.grid, &points)
                    .map_err(|what| self.unfit(&format!("cannot be placed: its contour {number} {what}")))?,
                Kind::Closed => {
                    small += 1;
                    contours.specks.push(points);
                }
                Kind::Open => small += 1,
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
        if rounds > 0 {
            self.warn(&format!(
                "{rounds} of {of} contours run through their outline more than once, which counts once"
            ));
        }
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

    /// The voxels inside, in the smallest box that holds them.
    fn draw(&self, contours: Contours, budget: &mut Budget) -> Result<Filled, ReadError> {
        let Contours { mut sorted, bounds, count, specks } = contours;
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
        self.check_centred(&sorted)?;
        let centred = sorted.is_centred().then(|| {
            let mut centred = sorted.at_centres();
            // One that has no place says nothing about the others.
            specks.iter().for_each(|points| drop(centred.add(self.grid, points)));
            centred
        });
        let repeated = sorted.remove_repeated(self.grid);
        let Some((drawn, mask)) = self.fill(&sorted, budget)? else {
            return Err(self.nothing(&sorted, bounds, count));
        };
        self.check_slices(&sorted, (drawn, &mask))?;
        self.report(&sorted, repeated, count);
        if let Some(centred) = centred.filter(|_| sorted.points() == Points::Edges) {
            self.compare_with_centres(centred, &mask, budget)?;
        }
        let view = View::new(drawn.dims(), &mask);
        let Some(tight) = mask::bounding_box(view).filter(|tight| *tight != IndexBox::whole(drawn.dims())) else {
            return Ok((drawn, mask));
        };
        let at = |index: [usize; 3]| [0, 1, 2].map(|axis| index[axis] + drawn.start[axis]);
        Ok((IndexBox { start: at(tight.start), end: at(tight.end) }, mask::crop(view, tight)))
    }

    /// Why a region has no voxel.
    fn nothing(&self, sorted: &Sorted, bounds: ([f64; 3], [f64; 3]), count: usize) -> ReadError {
        let [nx, ny, nz] = self.grid.dims;
        let inside = || sorted.slices.range(0..nz as i64).flat_map(|(_, slice)| &slice.rings);
        let contours = shown(bounds);
        self.unfit(&match self.beyond(sorted) {
            [beyond, cut] if beyond + cut > 0 => format!(
                "has no voxel inside the image: in mm (LPS), its contours are in {contours}, the image fills {}; is it the \
                 image that they were drawn on?",
                shown(self.grid.bounds())
            ),
            _ if self.is_traced(sorted) => {
                format!("is empty: its {count} contours enclose no voxel's centre, but all of their points are{TRACED}")
            }
            _ if inside().any(|ring| ring.encloses([nx, ny])) => format!(
                "is empty: its {count} contours cancel each other, as every voxel is inside an even number of them; remove \
                 what is there twice"
            ),
            _ => format!(
                "is empty: its {count} contours enclose no voxel's centre (in mm, LPS, they are in {contours}); choose an \
                 image with finer voxels"
            ),
        })
    }

    /// Whether contours that are read along edges were probably traced through centres of voxels.
    fn is_traced(&self, sorted: &Sorted) -> bool {
        sorted.points() == Points::Edges && sorted.is_centred()
    }

    /// The voxels inside, in a box that holds them; none if there are none.
    fn fill(&self, sorted: &Sorted, budget: &mut Budget) -> Result<Option<Filled>, ReadError> {
        let [nx, ny, nz] = self.grid.dims;
        let inside = || sorted.slices.range(0..nz as i64);
        let rings = inside().flat_map(|(_, slice)| &slice.rings);
        let window = rings.fold(Window::EMPTY, |all, ring| all.union(&sorted.points().window(ring, [nx, ny])));
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
            sorted.points().fill(&slice.rings, &window, &mut mask[at..at + plane]);
        }
        Ok(mask.contains(&1).then_some((part, mask)))
    }

    /// Where points are said to be centres of voxels, they must be.
    fn check_centred(&self, sorted: &Sorted) -> Result<(), ReadError> {
        let (all, centred, farthest) = sorted.centred;
        if sorted.points() == Points::Edges || sorted.is_centred() {
            return Ok(());
        }
        Err(self.unfit(&format!(
            "was not traced through centres of voxels: {} of its {all} points are up to {farthest:.3} voxels beside one, but \
             `outline_points` in [load.dicom] is \"centres\"; take \"edges\" for this file",
            all - centred
        )))
    }

    /// Slices whose contours have no voxel, which is told of; and areas of which nothing is left, as contours cancel each other.
    fn check_slices(&self, sorted: &Sorted, (part, mask): (IndexBox, &[u8])) -> Result<(), ReadError> {
        let [nx, ny, nz] = self.grid.dims;
        let plane = part.dims()[0] * part.dims()[1];
        let drawn = || sorted.slices.range(0..nz as i64);
        let is_empty = |index: i64| {
            let at = (index as usize - part.start[2]) * plane;
            !mask[at..at + plane].contains(&1)
        };
        let empty: Vec<i64> = drawn().map(|(index, _)| *index).filter(|index| is_empty(*index)).collect();
        let is_cancelled = |(index, slice): &(&i64, &Slice)| match empty.contains(*index) {
            true => slice.rings.iter().any(|ring| ring.encloses([nx, ny])),
            false => sorted.points() == Points::Edges && areas::is_cancelled(&slice.rings, [nx, ny]),
        };
        let cancelled: Vec<&i64> = drawn().filter(is_cancelled).map(|(index, _)| index).collect();
        if let [first, ..] = cancelled.as_slice() {
            let traced = format!("; all of their points are{TRACED}");
            return Err(self.unfit(&format!(
                "has contours that cancel each other: on {} of its {} slices (index {first} the first) nothing is left of an \
                 area, whose every voxel is inside an even number of them; remove what is there twice{}",
                cancelled.len(),
                drawn().count(),
                if self.is_traced(sorted) { &traced } else { "" }
            )));
        }
        if !empty.is_empty() {
            self.warn(&format!(
                "on {} of its {} slices the contours enclose no voxel's centre: the region has no voxel there",
                empty.len(),
                drawn().count()
            ));
        }
        Ok(())
    }

    /// All points are centres of voxels: how many voxels there would be if they were meant so.
    fn compare_with_centres(&self, mut centred: Sorted, mask: &[u8], budget: &mut Budget) -> Result<(), ReadError> {
        let used = budget.used;
        centred.remove_repeated(self.grid);
        let count = |mask: &[u8]| mask.iter().filter(|voxel| **voxel == 1).count();
        let others = self.fill(&centred, budget)?.map_or(0, |(_, mask)| count(&mask));
        // That mask is gone again.
        budget.used = used;
        self.warn(&format!(
            "all of its points are centres of voxels: it was probably traced through the outermost voxels, as rt-utils does. \
             Read along edges it has {} voxels, with `outline_points = \"centres\"` in [load.dicom] it has {others}",
            count(mask)
        ));
        Ok(())
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
    fn report(&self, sorted: &Sorted, repeated: Repeated, count: usize) {
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
        let Repeated { same, nearly, rim, walls, overlapping, shared } = repeated;
        if overlapping > 0 {
            self.warn(&format!(
                "{} of contours on one slice overlap in part, in {} in all: what lies in both is not in the region, as in a hole; \
                 join them if that is not meant",
                names::count(overlapping, "pair", "pairs"),
                names::count(shared, "voxel", "voxels")
            ));
        }
        if same + nearly > 0 {
            let rest = match nearly {
                0 => "they enclose the same voxels as another one".to_owned(),
                _ => format!(
                    "{same} enclose the same voxels as another one, {nearly} differ from it in {rim} at its edge"
                ),
            };
            self.warn(&format!("{} of {count} contours are there twice and are taken once: {rest}", same + nearly));
        }
        if walls > 0 {
            self.warn(&format!(
                "{} of contours have no more than a voxel between them: the inner one is taken as a hole; if it is a copy of \
                 the outer one, remove it",
                names::count(walls, "pair", "pairs")
            ));
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
