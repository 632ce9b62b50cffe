//! Gabor filters: stripes of one width and direction, within slices (IBSI 2, Q88H).

use voxomics_imaging::filters::{
    Rotation,
    gabor::{Gabor, directions},
};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// Largest kernel radius, voxels: beyond it, sigma and spacing do not belong together.
const MAX_RADIUS: usize = 1024;

/// The words of `pooling`, the default first.
const POOLINGS: [&str; 3] = ["average", "max", "min"];

/// The filter, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct GaborFilter {
    gabor: Gabor,
}

impl Filter for GaborFilter {
    fn describe() -> Description {
        Description::new("gabor", "Stripes of one width, within slices: modulus of the response (IBSI 2: Q88H)")
            .setting(positive("sigma_mm", "standard deviation of the Gaussian across the stripes, above 0").required())
            .setting(positive("lambda_mm", "wavelength of the stripes, above 0").required())
            .setting(
                Setting::number("gamma", "the Gaussian is sigma_mm / gamma along the stripes, above 0")
                    .range(0.0, 100.0)
                    .default(1.0),
            )
            .setting(
                Setting::number("theta_deg", "direction across the stripes, from a slice's first axis to its second")
                    .range(-360.0, 360.0)
                    .unit("degree")
                    .default(0.0),
            )
            .setting(
                Setting::number(
                    "rotation_step_deg",
                    "makes the response invariant: directions in such steps over a full turn, which must have a whole \
                     number of them",
                )
                .range(0.1, 360.0)
                .unit("degree"),
            )
            .setting(
                Setting::choice("pooling", "what becomes of the responses of all directions and planes", &POOLINGS)
                    .default(POOLINGS[0]),
            )
            .setting(
                Setting::flag("orthogonal_planes", "filters slices along (x, y), (x, z) and (y, z), not (x, y) alone")
                    .default(false),
            )
            .setting(
                Setting::number("truncate", "where the kernel ends, in standard deviations of its longer side")
                    .range(1.0, 12.0)
                    .default(7.0),
            )
            .setting(filtering::padding())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let above_zero = |key: &str| match settings.number(key)? {
            x if x > 0.0 => Ok(x),
            x => Err(Error::setting(key, format!("`{key}` is {x}, expected more than 0"))),
        };
        let theta = settings.number("theta_deg")?.to_radians();
        let key = "rotation_step_deg";
        let thetas = if settings.is_set(key) {
            let step = settings.number(key)?;
            directions(theta, step.to_radians()).map_err(|steps| {
                let message = format!(
                    "`{key}` is {step}, of which a full turn has {steps:.2}; expected a whole number of them, as with \
                     22.5 or 45"
                );
                Error::setting(key, message)
            })?
        } else {
            vec![theta]
        };
        let planes = if settings.flag("orthogonal_planes")? { vec![[0, 1], [0, 2], [1, 2]] } else { vec![[0, 1]] };
        Ok(Self {
            gabor: Gabor {
                sigma_mm: above_zero("sigma_mm")?,
                lambda_mm: above_zero("lambda_mm")?,
                gamma: above_zero("gamma")?,
                thetas,
                pooling: filtering::word(settings, "pooling", Rotation::from_word)?,
                planes,
                truncate: settings.number("truncate")?,
                padding: filtering::read_padding(settings)?,
            },
        })
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        let margin = self.gabor.margin(grid.dims.map(|n| n as usize), grid.spacing);
        // A kernel that is too large is refused when it is applied.
        std::array::from_fn(|axis| margin[axis].min(MAX_RADIUS.max(grid.dims[axis] as usize)))
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let spacing = image.spacing();
        for axis in self.gabor.planes.iter().flatten() {
            if self.gabor.radius(spacing[*axis]) > MAX_RADIUS {
                let message = format!(
                    "`sigma_mm` = {} makes a kernel of more than {MAX_RADIUS} voxels on either side (spacing {} mm): check \
                     the unit of both, and `gamma`.",
                    self.gabor.sigma_mm, spacing[*axis]
                );
                return Err(Error::setting("sigma_mm", message));
            }
        }
        let (view, wanted) = (filtering::view(image), filtering::wanted(image));
        let voxels = self.gabor.apply_in(view, wanted, spacing, &context.threads());
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

fn positive(key: &str, purpose: &str) -> Setting {
    Setting::number(key, purpose).range(0.0, 1000.0).unit("mm")
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [GaborFilter] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    fn configured(json: &str) -> Result<GaborFilter, Error> {
        GaborFilter::configure(&testing::settings(&GaborFilter::describe(), json).expect("the settings fit"))
    }

    #[test]
    fn a_turn_is_cut_into_steps_that_differ() {
        let thetas = |step: f64| {
            let json = format!(r#"{{"sigma_mm": 2, "lambda_mm": 3, "rotation_step_deg": {step}}}"#);
            configured(&json).map(|filter| filter.gabor.thetas.len())
        };
        assert_eq!([thetas(22.5), thetas(45.0), thetas(120.0), thetas(360.0)], [Ok(8), Ok(4), Ok(3), Ok(1)]);
        assert!(thetas(50.0).is_err_and(|error| error.to_string().contains("7.20")));
    }

    #[test]
    fn what_cannot_be_filtered_is_refused() {
        for key in ["sigma_mm", "lambda_mm", "gamma"] {
            let json = format!(r#"{{"sigma_mm": 2, "lambda_mm": 3, "gamma": 1, "{key}": 0}}"#);
            assert!(configured(&json).is_err_and(|error| error.key() == key));
        }
        let filter = configured(r#"{"sigma_mm": 900, "lambda_mm": 3}"#).expect("a filter");
        let image = TestImage::new([2, 2, 1], vec![0.0; 4]);
        let error = filter.apply(&image.image(), &TestHost::new().context()).expect_err("refused");
        assert!(error.to_string().contains("check the unit"), "{error}");
    }
}
