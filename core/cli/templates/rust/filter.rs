//! A filter: edit `margin` and `apply`.

use voxomics_sdk::{Grid, prelude::*};

/// The filter `NAME`.
struct TYPE {
    offset: f64,
}

impl Filter for TYPE {
    fn describe() -> Description {
        Description::new("NAME", "Adds a number to every voxel")
            .setting(Setting::number("offset", "what is added").default(1.0))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { offset: settings.number("offset")? })
    }

    /// How many voxels around a voxel its response depends on: none here.
    fn margin(&self, _: &Grid) -> [usize; 3] {
        [0, 0, 0]
    }

    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let voxels = image.voxels().iter().map(|x| x + self.offset).collect();
        Ok(vec![ResponseMap { name: String::new(), voxels }])
    }
}

voxomics_sdk::export_plugin! { vendor: "Your laboratory", filters: [TYPE] }

#[cfg(test)]
mod tests {
    use voxomics_sdk::testing::{TestHost, TestImage, apply, settings};

    use super::*;

    #[test]
    fn every_voxel_is_moved() {
        let settings = settings(&TYPE::describe(), r#"{"offset": 2}"#).expect("sound settings");
        let filter = TYPE::configure(&settings).expect("a filter");
        let image = TestImage::new([2, 1, 1], vec![1.0, 5.0]);
        let maps = apply(&filter, &image, &TestHost::new()).expect("a map");
        assert_eq!(maps[0].voxels, [3.0, 7.0]);
    }
}
