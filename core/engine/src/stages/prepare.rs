//! Prepare: what PyRadiomics does to scan and mask before it looks at a region, if the experiment asks for it.
//!
//! Intensities are normalised by all voxels of the scan. Then scan and mask are brought onto the grid of SimpleITK, or cut to the
//! box of the region and a margin. All that comes later sees no other scan: so filters have PyRadiomics' edges.

use voxomics_imaging::{
    IndexBox, View,
    filters::pyradiomics::intensities::normalised,
    interpolation::corner::{self, Corner},
    mask,
};

use super::{
    Fault,
    boxed::{Selected, paste},
    select::Drawn,
};
use crate::{
    experiment::{Between, Prepare},
    host::Pool,
    scan::Scan,
};

const STAGE: &str = "interpolation";

/// The scan and what is drawn on it, as all that comes later sees them.
///
/// # Errors
/// If there is no region to cut to, or if the scan cannot be normalised or resampled.
pub fn scan(prepare: Prepare, scan: &Scan, drawn: Vec<Drawn>) -> Result<(Scan, Vec<Drawn>), Fault> {
    let whole = IndexBox::whole(scan.grid.dims);
    let normalised = prepare.normalise_scale.map(|scale| {
        normalised(&scan.crop(whole), scale, prepare.remove_outliers).map_err(|why| Fault::new("filter", why))
    });
    let source = Source { scan, normalised: normalised.transpose()? };
    let Some(margin) = prepare.margin_voxels else { return Ok((source.cut(whole)?, drawn)) };
    let region = region(&drawn)?;
    if let Some(spacing) = prepare.spacing_mm {
        let method = match prepare.image {
            Some(Between::Nearest) => corner::Method::Nearest,
            Some(Between::Linear) => corner::Method::Linear,
            Some(Between::BSpline) | None => corner::Method::BSpline,
        };
        let to = Corner::new(&scan.grid, spacing, region, margin as usize, method);
        if let Some(to) = to.map_err(|cause| Fault::new(STAGE, cause))? {
            return Ok((source.resampled(&to)?, each(drawn, &|selected| resampled(&selected, &to))?));
        }
    }
    let part = region.grown([margin as usize; 3], scan.grid.dims);
    let moved = |selected: Selected| {
        let within = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] - part.start[axis]);
        let Selected { part: of, mask } = tight(selected)?;
        Ok(Selected { part: IndexBox { start: within(of.start), end: within(of.end) }, mask })
    };
    Ok((source.cut(part)?, each(drawn, &moved)?))
}

/// A scan, and its intensities once they are normalised.
struct Source<'a> {
    scan: &'a Scan,
    normalised: Option<Vec<f64>>,
}

impl Source<'_> {
    fn crop(&self, part: IndexBox) -> Vec<f64> {
        match &self.normalised {
            Some(voxels) => mask::crop(View::new(self.scan.grid.dims, voxels), part),
            None => self.scan.crop(part),
        }
    }

    /// Whether the voxels have single precision: SimpleITK normalises in double precision.
    fn is_single(&self) -> bool {
        self.normalised.is_none() && self.scan.is_single()
    }

    fn cut(&self, part: IndexBox) -> Result<Scan, Fault> {
        let grid = self.scan.grid.crop(part);
        Scan::of_voxels(&grid, &self.crop(part), self.is_single()).map_err(|why| Fault::new(STAGE, why))
    }

    fn resampled(&self, to: &Corner) -> Result<Scan, Fault> {
        let mut voxels = to.image(&self.crop(to.source_box()), &Pool).map_err(|cause| Fault::new(STAGE, cause))?;
        let whole = if self.normalised.is_none() { self.scan.whole_range() } else { None };
        corner::stored(&mut voxels, whole, self.is_single());
        Scan::of_voxels(&to.target(), &voxels, self.is_single()).map_err(|why| Fault::new(STAGE, why))
    }
}

/// The box of all that is drawn.
fn region(drawn: &[Drawn]) -> Result<IndexBox, Fault> {
    let mut found: Option<IndexBox> = None;
    for drawn in drawn {
        let selected: &[Selected] = match drawn {
            Drawn::Derived => &[],
            Drawn::One(selected) => std::slice::from_ref(selected),
            Drawn::Each(selected) => selected,
            Drawn::Fault(fault) => return Err(fault.clone()),
        };
        for selected in selected {
            if let Some(part) = bounds(selected) {
                found = Some(found.map_or(part, |sofar| sofar.union(&part)));
            }
        }
    }
    found.ok_or_else(|| Fault::new("regions", "the region has no voxel, and the scan is cut to it"))
}

/// The box of the voxels of a region.
fn bounds(selected: &Selected) -> Option<IndexBox> {
    let part = mask::bounding_box(View::new(selected.part.dims(), &selected.mask))?;
    let moved = |index: [usize; 3]| std::array::from_fn(|axis| index[axis] + selected.part.start[axis]);
    Some(IndexBox { start: moved(part.start), end: moved(part.end) })
}

/// The same region in the smallest box.
fn tight(selected: Selected) -> Result<Selected, Fault> {
    let Some(part) = bounds(&selected) else {
        return Err(Fault::new(STAGE, "the region has no voxel on the new grid: its voxels are too large for it"));
    };
    if part == selected.part {
        return Ok(selected);
    }
    let mut kept = vec![0; part.dims().iter().product()];
    paste(View::new(selected.part.dims(), &selected.mask), selected.part, &mut kept, part);
    Ok(Selected { part, mask: kept })
}

fn resampled(selected: &Selected, to: &Corner) -> Result<Selected, Fault> {
    let part = to.source_box();
    let mut source = vec![0; part.dims().iter().product()];
    paste(View::new(selected.part.dims(), &selected.mask), selected.part, &mut source, part);
    let mask = to.mask(&source, &Pool).map_err(|cause| Fault::new(STAGE, cause))?;
    tight(Selected { part: IndexBox::whole(to.target().dims), mask })
}

/// The same for each region that is drawn.
fn each(drawn: Vec<Drawn>, change: &impl Fn(Selected) -> Result<Selected, Fault>) -> Result<Vec<Drawn>, Fault> {
    let changed = |drawn| match drawn {
        Drawn::One(selected) => Ok(Drawn::One(change(selected)?)),
        Drawn::Each(all) => Ok(Drawn::Each(all.into_iter().map(change).collect::<Result<_, _>>()?)),
        other => Ok(other),
    };
    drawn.into_iter().map(changed).collect()
}
