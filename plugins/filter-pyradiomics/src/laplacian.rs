//! The image type `LoG`.

use voxomics_imaging::filters::pyradiomics::recursive::inside;
use voxomics_sdk::{Grid, filtering, prelude::*};

/// Fewest voxels along an axis that ITK's recursion takes.
const LEAST: usize = 4;

/// ITK's recursive Laplacian of Gaussian, normalised across scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Laplacian {
    sigma_mm: f64,
}

impl Filter for Laplacian {
    fn describe() -> Description {
        Description::new(
            "pyradiomics-log",
            "PyRadiomics' LoG: ITK's recursive Laplacian of Gaussian, times sigma squared",
        )
        .setting(
            Setting::number("sigma_mm", "standard deviation of the Gaussian, above 0")
                .range(0.0, 1000.0)
                .unit("mm")
                .required(),
        )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let sigma_mm = settings.number("sigma_mm")?;
        if sigma_mm <= 0.0 {
            return Err(Error::setting("sigma_mm", format!("`sigma_mm` is {sigma_mm}, expected more than 0 mm")));
        }
        Ok(Self { sigma_mm })
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        filtering::whole(grid, 3)
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let (dims, spacing) = (image.dims(), image.spacing());
        let reach = |axis: usize| ((self.sigma_mm / spacing[axis]).ceil() + 1.0).max(LEAST as f64);
        if let Some(axis) = (0..3).find(|axis| (dims[*axis] as f64) < reach(*axis)) {
            let message = format!(
                "`sigma_mm` = {} needs at least {} voxels along {}, and the scan has {}: PyRadiomics makes no such image \
                 either",
                self.sigma_mm,
                reach(axis),
                ["x", "y", "z"][axis],
                dims[axis]
            );
            return Err(Error::setting("sigma_mm", message));
        }
        let (view, wanted) = (filtering::view(image), filtering::wanted(image));
        let voxels = inside(view, wanted, spacing, self.sigma_mm, &context.threads());
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}
