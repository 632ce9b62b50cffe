//! A region, divided by intensity: `part 1` below the first limit, `part 2` from it on and below the second, and so on.

use voxomics_sdk::prelude::*;

/// More parts than anybody has use for.
const MOST: usize = 100;

/// The division, configured.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    limits: Vec<f64>,
}

impl RegionMaker for Threshold {
    fn describe() -> Description {
        Description::new("threshold", "The parts of a region between limits of intensity: `part 1`, `part 2`, …")
            .setting(
                Setting::numbers("limits", "limits of intensity, rising; each belongs to the part above it", None)
                    .unit("intensity")
                    .required(),
            )
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let limits = settings.numbers("limits")?;
        let rising = limits.windows(2).all(|pair| pair[0] < pair[1]);
        if limits.is_empty() || limits.len() >= MOST || !rising {
            let message =
                format!("`limits` is {limits:?}, expected 1 to {} numbers, each above the one before", MOST - 1);
            return Err(Error::setting("limits", message));
        }
        Ok(Self { limits })
    }

    fn labels(&self) -> Vec<(u16, String)> {
        (1..=self.limits.len() as u16 + 1).map(|label| (label, format!("part {label}"))).collect()
    }

    fn make(&self, image: &Image, context: &Context) -> Result<Vec<u16>, Error> {
        context.check_cancelled()?;
        let (name, mask) = image.regions().next().ok_or_else(|| Error::input("there is no region to divide"))?;
        let label = |(inside, x): (&u8, &f64)| match *inside {
            0 => Ok(0),
            _ if x.is_nan() => Err(Error::input(format!("an intensity of `{name}` is no number"))),
            _ => Ok(self.limits.partition_point(|limit| limit <= x) as u16 + 1),
        };
        mask.iter().zip(image.voxels()).map(label).collect()
    }
}

voxomics_sdk::export_plugin! { vendor: "The Voxomics developers", region_makers: [Threshold] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{self, TestHost, TestImage};

    use super::*;

    fn configured(limits: &str) -> Result<Threshold, Error> {
        let settings = testing::settings(&Threshold::describe(), &format!(r#"{{"limits": {limits}}}"#));
        Threshold::configure(&settings.expect("settings"))
    }

    #[test]
    fn a_limit_belongs_to_the_part_above_it() {
        let image = TestImage::new([5, 1, 1], vec![-1.0, 0.0, 9.9, 10.0, 50.0]).region("tumour", vec![1, 1, 1, 1, 0]);
        let parts = configured("[0, 10]").expect("limits");
        assert_eq!(
            parts.labels().iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>(),
            ["part 1", "part 2", "part 3"]
        );
        let made = image.with(|image| parts.make(image, &TestHost::new().context()));
        assert_eq!(made.expect("labels"), [1, 2, 2, 3, 0]);
        let none = TestImage::new([1, 1, 1], vec![f64::NAN]).region("tumour", vec![1]);
        assert!(none.with(|image| parts.make(image, &TestHost::new().context())).is_err());
    }

    #[test]
    fn limits_rise() {
        for limits in ["[]", "[2, 1]", "[1, 1]"] {
            let error = configured(limits).expect_err("no limits").to_string();
            assert!(error.contains("expected 1 to 99 numbers, each above the one before"), "{error}");
        }
    }
}
