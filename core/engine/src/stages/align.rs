//! Check geometry: every segmentation on the image's grid, or the reason why not.

use voxomics_imaging::{Grid, IndexBox, View, comparison};

use super::Fault;
use crate::{
    experiment::OnMismatch,
    host::{CaseHost, Pool},
    scan::{Label, Labels, Others, Scan, Segmentation, is_whole},
};

const STAGE: &str = "geometry";

/// So many values may be anything, also fractions or negative.
const FEW_LABELS: usize = 20;

/// More values than this are labels only if one of them is asked for; atlases of a whole body have some hundreds.
const MOST_LABELS: usize = 1000;

/// A segmentation whose place on the image's grid is known.
pub struct Aligned {
    segmentation: Segmentation,
    place: Place,
    /// The labels in it.
    pub labels: Labels,
}

enum Place {
    /// Voxel for voxel, starting at this voxel of the image.
    Offset([usize; 3]),
    /// On a grid of its own: carried over by nearest neighbour.
    Resampled,
}

/// Compares every segmentation with the image's grid. `asked` are the labels that somebody asks for by number.
///
/// # Errors
/// Which of size, spacing, origin and direction differ, and by how much; or that a voxel of the mask is not a number, or
/// that its values are no labels.
pub fn check(
    grid: &Grid,
    segmentations: Vec<Segmentation>,
    on_mismatch: OnMismatch,
    asked: &[f64],
    host: &CaseHost,
) -> Result<Vec<Aligned>, Fault> {
    let aligned = segmentations.into_iter().map(|segmentation| {
        let place = place(grid, &segmentation, on_mismatch, host)?;
        let labels = segmentation.labels.labels(asked, MOST_LABELS).map_err(|wrong| Fault::new(STAGE, wrong))?;
        if !are_labels(&labels) {
            return Err(Fault::new(STAGE, no_labels(&labels)));
        }
        Ok(Aligned { segmentation, place, labels })
    });
    aligned.collect()
}

/// Whether these values can be labels. An image or a map of probabilities in place of a mask has, among its many values,
/// often the wanted one, and its voxels would be a region of sorts.
fn are_labels(labels: &Labels) -> bool {
    let Labels { found, others, voxels, runs } = labels;
    match others {
        None => found.len() <= FEW_LABELS || found.iter().all(|label| is_whole(label.value)),
        // An image of whole numbers has as many values, but neighbours differ, and a value is scattered all over it.
        Some(others) => {
            let in_runs = 3 * runs <= 2 * voxels;
            let in_one_place = |label: &Label| 5 * label.voxels >= label.bounds.dims().iter().product();
            others.whole && !found.is_empty() && (in_runs || found.iter().all(in_one_place))
        }
    }
}

fn no_labels(labels: &Labels) -> String {
    let expected = "expected a few labels: is it an image?";
    match labels.others {
        None => {
            let [lowest, highest] =
                [labels.found.first(), labels.found.last()].map(|label| label.map_or(0.0, |label| label.value));
            format!("it has {} different values from {lowest} to {highest}, {expected}", labels.found.len())
        }
        Some(Others { lowest, highest, .. }) => format!(
            "it has more than {MOST_LABELS} different values from {lowest} to {highest}, {expected} If it is a mask, ask for a \
             label of it by number"
        ),
    }
}

fn place(grid: &Grid, segmentation: &Segmentation, on_mismatch: OnMismatch, host: &CaseHost) -> Result<Place, Fault> {
    let own = &segmentation.labels.grid;
    if let Some(offset) = segmentation.reference_offset {
        let fits = (0..3).all(|axis| offset[axis] + own.dims[axis] <= grid.dims[axis]);
        return if fits {
            Ok(Place::Offset(offset))
        } else {
            Err(Fault::new(STAGE, "the loader placed a region beyond the image; this is an error of the loader"))
        };
    }
    let differences = comparison::compare(grid, own);
    if differences.is_empty() {
        return Ok(Place::Offset([0; 3]));
    }
    let list: Vec<String> = differences.iter().map(ToString::to_string).collect();
    let list = list.join("; ");
    let apart = differences.iter().any(|difference| matches!(difference, comparison::Difference::NoOverlap { .. }));
    match on_mismatch {
        OnMismatch::ResampleMask if !apart => {
            host.warn(format!("the mask was carried onto the image's grid (nearest voxel): {list}"));
            Ok(Place::Resampled)
        }
        OnMismatch::ResampleMask => Err(Fault::new(STAGE, format!("image and mask are not of one place: {list}"))),
        OnMismatch::Error => Err(Fault::new(
            STAGE,
            format!(
                "image and mask are not on one grid: {list}. If that is meant, set geometry.on_mismatch = \"resample-mask\""
            ),
        )),
    }
}

impl Aligned {
    /// Whether it is on a grid of its own.
    pub fn is_carried(&self) -> bool {
        matches!(self.place, Place::Resampled)
    }

    /// Whether its labels are stored as scaled numbers.
    pub fn is_scaled(&self) -> bool {
        self.segmentation.labels.is_scaled()
    }

    /// Names of labels.
    pub fn names(&self) -> &[(String, f64)] {
        &self.segmentation.regions
    }

    /// The mask of the wanted labels on the image's grid, in the smallest box that holds them; none if no voxel has one.
    pub fn mask(&self, grid: &Grid, wanted: &(dyn Fn(f64) -> bool + Sync)) -> Option<(IndexBox, Vec<u8>)> {
        let boxes = self.labels.found.iter().filter(|label| wanted(label.value)).map(|label| label.bounds);
        let own = boxes.reduce(|a, b| a.union(&b))?;
        let scan = &self.segmentation.labels;
        let mask = scan.select(own, wanted);
        match self.place {
            Place::Offset(offset) => {
                let moved = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + offset[axis]);
                Some((IndexBox { start: moved(own.start), end: moved(own.end) }, mask))
            }
            Place::Resampled => carry(scan, own, &mask, grid),
        }
    }
}

/// Carries a mask in a box of its own grid onto the image's.
fn carry(scan: &Scan, own: IndexBox, mask: &[u8], grid: &Grid) -> Option<(IndexBox, Vec<u8>)> {
    let own_grid = scan.grid.crop(own);
    let mut lower = [f64::INFINITY; 3];
    let mut upper = [f64::NEG_INFINITY; 3];
    for corner in 0..8 {
        let index =
            std::array::from_fn(|axis| if corner >> axis & 1 == 0 { -0.5 } else { own_grid.dims[axis] as f64 - 0.5 });
        let at = grid.index(own_grid.point(index));
        for axis in 0..3 {
            lower[axis] = lower[axis].min(at[axis]);
            upper[axis] = upper[axis].max(at[axis]);
        }
    }
    let clamp = |x: f64, axis: usize| x.clamp(0.0, grid.dims[axis] as f64) as usize;
    let part = IndexBox {
        start: std::array::from_fn(|axis| clamp(lower[axis].floor(), axis)),
        end: std::array::from_fn(|axis| clamp(upper[axis].ceil() + 1.0, axis)),
    };
    if part.dims().contains(&0) {
        return None;
    }
    let view = View::new(own_grid.dims, mask);
    Some((part, comparison::resample_mask_onto(view, &own_grid, grid, part, &Pool)))
}
