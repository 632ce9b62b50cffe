//! A filter that answers with the image itself, or with a fault.

use voxomics_sdk::{
    Grid,
    prelude::{Context, Description, Error, Filter, Image, ResponseMap, Settings},
};

use crate::{Fuse, faults, panic_if, panic_setting};

/// The filter `faulty`.
pub struct Faulty {
    fuse: Fuse,
}

impl Filter for Faulty {
    fn describe() -> Description {
        Description::new("faulty", "The image itself, or a fault").setting(panic_setting())
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { fuse: Fuse::new(settings)? })
    }

    fn maps(&self) -> Vec<String> {
        panic_if(&self.fuse.0, "names");
        vec![String::new()]
    }

    fn margin(&self, grid: &Grid) -> [usize; 3] {
        assert!(faults::of(grid.origin[0]) != "filter.panic_in_margin", "no margin for {:?}", grid.dims);
        [0; 3]
    }

    fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
        let mut map = ResponseMap { name: String::new(), voxels: image.voxels().to_vec() };
        match faults::of(image.voxels()[0]) {
            "filter.panic" => panic!("no filter for {} voxels", image.voxels().len()),
            "filter.another_size" => map.voxels.truncate(63),
            "filter.other_maps" => map.name = "LLH".into(),
            "filter.nan" => map.voxels[63] = f64::NAN,
            _ => {}
        }
        Ok(vec![map])
    }
}
