//! Riesz transforms: derivatives in every direction that keep the strength of each frequency (IBSI 2, AYRS).

use voxomics_imaging::filters::{
    Order,
    laplacian_of_gaussian::{MAX_RADIUS, MIN_SIGMA, kernels, radius},
    riesz::{Base, Riesz},
};
use voxomics_sdk::{Grid, filtering, prelude::*};

/// What can be transformed, the default first.
const BASES: [&str; 3] = ["image", "laplacian-of-gaussian", "simoncelli"];

/// The highest order: it needs 28 transforms along the axes to be turned.
const MAX_ORDER: u32 = 6;

/// The filter, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct RieszFilter {
    names: Vec<String>,
    riesz: Riesz,
    /// Sigma, mm, and truncation of the Laplacian of Gaussian that is transformed.
    laplacian: Option<(f64, f64)>,
    /// Of the Gaussian that the structure tensor is smoothed with, mm.
    alignment_mm: Option<f64>,
}

impl Filter for RieszFilter {
    fn describe() -> Description {
        let orders = "how often along x, y and z, a digit each: \"100\", \"020\"; within slices two digits; each of several, \
                      with blanks between them, gives a response map of its name";
        Description::new("riesz", "Riesz transforms of an image or of its filtered image (IBSI 2: AYRS)")
            .setting(Setting::text("orders", orders).required())
            .setting(Setting::choice("base", "what is transformed", &BASES).default(BASES[0]))
            .setting(
                Setting::number("sigma_mm", "for laplacian-of-gaussian: standard deviation of the Gaussian, above 0")
                    .range(0.0, 1000.0)
                    .unit("mm"),
            )
            .setting(
                Setting::number("truncate", "for laplacian-of-gaussian: where the kernel ends, in standard deviations")
                    .range(1.0, 12.0)
                    .default(4.0),
            )
            .setting(Setting::integer("level", "for simoncelli: its level", 1, 10).default(1))
            .setting(
                Setting::number(
                    "alignment_sigma_mm",
                    "transforms along the directions of the structure tensor, which is smoothed so far; not along the axes",
                )
                .range(0.01, 1000.0)
                .unit("mm"),
            )
            .setting(filtering::dimension())
            .setting(filtering::padding())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let (axes, padding) = (filtering::axes(settings)?, filtering::read_padding(settings)?);
        let names = filtering::names(settings, "orders")?;
        let orders = names.iter().map(|name| order(name, axes)).collect::<Result<_, _>>()?;
        let base = settings.text("base")?;
        let laplacian = base == BASES[1];
        if laplacian != settings.is_set("sigma_mm") {
            let message = format!("`sigma_mm` belongs to base = \"{}\", and is needed there", BASES[1]);
            return Err(Error::setting("sigma_mm", message));
        }
        let laplacian =
            if laplacian { Some((settings.number("sigma_mm")?, settings.number("truncate")?)) } else { None };
        let level = u32::try_from(settings.count("level")?).unwrap_or(1);
        let key = "alignment_sigma_mm";
        Ok(Self {
            names: names.into_iter().map(Into::into).collect(),
            laplacian,
            alignment_mm: if settings.is_set(key) { Some(settings.number(key)?) } else { None },
            riesz: Riesz {
                // The kernels of a Laplacian depend on the grid.
                base: if base == BASES[2] { Base::Simoncelli(level) } else { Base::Image },
                orders,
                aligned: None,
                axes,
                padding,
            },
        })
    }

    fn maps(&self) -> Vec<String> {
        filtering::map_names(&self.names)
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        filtering::whole(grid, self.riesz.axes)
    }

    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error> {
        context.check_cancelled()?;
        let (spacing, axes) = (image.spacing(), self.riesz.axes);
        let mut riesz = self.riesz.clone();
        if let Some((sigma, truncate)) = self.laplacian {
            for step in &spacing[..axes] {
                let in_voxels = sigma / step;
                if in_voxels.is_nan() || in_voxels < MIN_SIGMA || radius(sigma, truncate, *step) > MAX_RADIUS {
                    let message = format!(
                        "`sigma_mm` = {sigma} is {in_voxels:.2} voxels where the spacing is {step} mm, expected at least \
                         {MIN_SIGMA}, and a kernel of at most {MAX_RADIUS} voxels on either side"
                    );
                    return Err(Error::setting("sigma_mm", message));
                }
            }
            riesz.base = Base::LaplacianOfGaussian(kernels(sigma, truncate, spacing, axes));
        }
        riesz.aligned = self.alignment_mm.map(|sigma| spacing.map(|step| (sigma / step).min(MAX_RADIUS as f64 / 4.0)));
        Ok(filtering::responses(
            self.maps(),
            riesz.apply_in(filtering::view(image), filtering::wanted(image), &context.threads()),
        ))
    }
}

/// An order by its name, a digit for each axis.
fn order(name: &str, axes: usize) -> Result<Order, Error> {
    let digits: Option<Vec<u32>> = name.chars().map(|digit| digit.to_digit(10)).collect();
    let sound = |digits: &Vec<u32>| digits.len() == axes && (1..=MAX_ORDER).contains(&digits.iter().sum());
    match digits.filter(sound) {
        Some(digits) => Ok(std::array::from_fn(|axis| digits.get(axis).copied().unwrap_or(0))),
        None => {
            let example = if axes == 2 { "\"10\" or \"02\"" } else { "\"100\" or \"020\"" };
            let message = format!(
                "`orders` holds \"{name}\", expected {axes} digits with a sum from 1 to {MAX_ORDER}, as in {example}"
            );
            Err(Error::setting("orders", message))
        }
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", filters: [RieszFilter] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing;

    use super::*;

    fn configured(json: &str) -> Result<RieszFilter, Error> {
        RieszFilter::configure(&testing::settings(&RieszFilter::describe(), json).expect("the settings fit"))
    }

    #[test]
    fn orders_are_digits() {
        let filter = configured(r#"{"orders": "100, 020"}"#).expect("a filter");
        assert_eq!(
            (filter.maps(), filter.riesz.orders),
            (vec!["100".into(), "020".into()], vec![[1, 0, 0], [0, 2, 0]])
        );
        for wrong in ["10", "000", "007", "1-0", "1000"] {
            let error = configured(&format!(r#"{{"orders": "{wrong}"}}"#)).expect_err("refused");
            assert!(error.key() == "orders" && error.to_string().contains(wrong), "{error}");
        }
    }

    #[test]
    fn sigma_belongs_to_the_laplacian() {
        assert!(configured(r#"{"orders": "100", "sigma_mm": 2}"#).is_err_and(|error| error.key() == "sigma_mm"));
        let json = r#"{"orders": "100", "base": "laplacian-of-gaussian"}"#;
        assert!(configured(json).is_err_and(|error| error.key() == "sigma_mm"));
    }
}
