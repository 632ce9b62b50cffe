//! The Laplacian-of-Gaussian filter: it answers to blobs and edges of a chosen size (IBSI 2, L6PA).

#[cfg(test)]
mod tests;

use voxomics_imaging::{
    filters::laplacian_of_gaussian::{MAX_RADIUS, MIN_SIGMA, WARN_SIGMA, inside, kernels, radius},
    separable::Padding,
};

use voxomics_sdk::{Grid, filtering, prelude::*};

/// The filter, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct LaplacianOfGaussian {
    sigma_mm: f64,
    truncate: f64,
    /// Number of axes along which it filters, 2 or 3.
    axes: usize,
    padding: Padding,
}

impl LaplacianOfGaussian {
    /// Why the filter is not defined on a grid, if so: its Gaussian must be neither narrower than the grid can show nor
    /// wider than makes sense.
    fn misfit(&self, spacing: [f64; 3]) -> Option<String> {
        let Self { sigma_mm, truncate, axes, .. } = *self;
        (0..axes).find_map(|axis| {
            let (step, name) = (spacing[axis], ["x", "y", "z"][axis]);
            let sigma = sigma_mm / step;
            if !sigma.is_finite() || sigma < MIN_SIGMA {
                Some(format!(
                    "`sigma_mm` = {sigma_mm} is {sigma:.2} voxels along {name} (spacing {step} mm): a Gaussian of less \
                     than {MIN_SIGMA} voxels falls between the samples, and even a flat region would have a response. \
                     Take a larger sigma, interpolate to smaller voxels, or filter in 2D within thick slices."
                ))
            } else if radius(sigma_mm, truncate, step) > MAX_RADIUS {
                Some(format!(
                    "`sigma_mm` = {sigma_mm} makes a kernel of more than {MAX_RADIUS} voxels on either side along \
                     {name} (spacing {step} mm): check the unit of both."
                ))
            } else {
                None
            }
        })
    }

    /// What to warn of on a grid that [`misfit`](Self::misfit) lets pass.
    fn doubt(&self, spacing: [f64; 3]) -> Option<String> {
        let coarsest = spacing[..self.axes].iter().copied().fold(0.0, f64::max);
        let sigma = self.sigma_mm / coarsest;
        (sigma < WARN_SIGMA).then(|| {
            format!(
                "`sigma_mm` = {} is {sigma:.2} voxels where the spacing is {coarsest} mm: below {WARN_SIGMA} voxels the \
                 sampled kernel answers to the intensity itself, not to its curvature alone",
                self.sigma_mm
            )
        })
    }
}

impl Filter for LaplacianOfGaussian {
    fn describe() -> Description {
        Description::new("laplacian-of-gaussian", "Blobs and edges of a chosen size (IBSI 2: L6PA)")
            .setting(
                Setting::number("sigma_mm", "standard deviation of the Gaussian, above 0")
                    .range(0.0, 1000.0)
                    .unit("mm")
                    .required(),
            )
            .setting(
                Setting::number("truncate", "where the kernel ends, in standard deviations")
                    .range(1.0, 12.0)
                    .default(4.0),
            )
            .setting(filtering::dimension())
            .setting(filtering::padding())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let sigma_mm = settings.number("sigma_mm")?;
        if sigma_mm <= 0.0 {
            return Err(Error::setting("sigma_mm", format!("`sigma_mm` is {sigma_mm}, expected more than 0 mm")));
        }
        let padding = filtering::read_padding(settings)?;
        Ok(Self { sigma_mm, truncate: settings.number("truncate")?, axes: filtering::axes(settings)?, padding })
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        let reach = |axis: usize| radius(self.sigma_mm, self.truncate, grid.spacing[axis]).min(MAX_RADIUS);
        let margin = |axis: usize| self.padding.margin(reach(axis), grid.dims[axis] as usize);
        std::array::from_fn(|axis| if axis < self.axes { margin(axis) } else { 0 })
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        if let Some(reason) = self.misfit(image.spacing()) {
            return Err(Error::setting("sigma_mm", reason));
        }
        if let Some(doubt) = self.doubt(image.spacing()) {
            context.warning(&doubt);
        }
        let kernels = kernels(self.sigma_mm, self.truncate, image.spacing(), self.axes);
        let (view, wanted) = (filtering::view(image), filtering::wanted(image));
        let voxels = inside(view, wanted, &kernels, self.padding, &context.threads());
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [LaplacianOfGaussian] }
