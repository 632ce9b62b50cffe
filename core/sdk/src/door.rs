//! Between the author's traits and what crosses: a call's method, JSON and arrays, and the guard around each call.

use std::{
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use voxomics_interface::{
    self as wire, Array, Bulk, Extension, Failure, Grid, HostRef, OwnedArray, Request, Text,
    abi_stable::std_types::RResult,
    calls::{self, unknown_requirements},
    describe::KNOWN_REQUIREMENTS,
};

use crate::{Context, Error, Image, guard};

/// What a method is asked with.
pub(crate) struct Given<'a> {
    json: Text<'a>,
    arrays: &'a [Array<'a>],
}

/// What a method answers with.
pub(crate) struct Made {
    json: String,
    arrays: Vec<OwnedArray>,
}

/// A plugin of some kind, with the methods of that kind by their words.
pub(crate) trait Door: Send + Sync + 'static {
    /// Calls a method.
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error>;
}

impl<'a> Given<'a> {
    pub(crate) fn new(request: Request<'a>) -> Self {
        Self { json: request.json, arrays: request.arrays.as_slice() }
    }

    /// The JSON as what it should be.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let text = self.json.verified().map_err(|cause| Error::input(format!("the host's request: {cause}")))?;
        let json: Json = serde_json::from_str(text)
            .map_err(|cause| Error::input(format!("the host's request is no JSON object: {cause}")))?;
        let unknown = unknown_requirements(&json, KNOWN_REQUIREMENTS);
        if !unknown.is_empty() {
            let words = unknown.join(", ");
            return Err(Error::unsupported(format!("the host requires {words}, which this plugin does not know")));
        }
        serde_json::from_value(json)
            .map_err(|cause| Error::input(format!("the host's request is not understood: {cause}")))
    }

    /// An array, if it is there.
    pub(crate) fn find(&self, name: &str) -> Option<&'a Array<'a>> {
        self.arrays.iter().find(|array| array.name().bytes() == name.as_bytes())
    }

    /// The elements of an array that must be there, and its dimensions.
    pub(crate) fn array<T: Bulk>(&self, name: &str) -> Result<(&'a [T], &'a [u64]), Error> {
        let array = self.find(name).ok_or_else(|| Error::input(format!("the host's request has no array `{name}`")))?;
        let elements = array.read().map_err(|wrong| Error::input(format!("the host's array `{name}`: {wrong}")))?;
        Ok((elements, array.dims()))
    }

    /// The elements of an array that must be there and have so many.
    pub(crate) fn exactly<T: Bulk>(&self, name: &str, count: usize) -> Result<&'a [T], Error> {
        let (elements, _) = self.array(name)?;
        if elements.len() == count {
            return Ok(elements);
        }
        Err(Error::input(format!("the host's array `{name}` has {} elements, expected {count}", elements.len())))
    }

    /// The grid of these dimensions.
    pub(crate) fn grid(&self, dims: [u64; 3]) -> Result<Grid, Error> {
        let numbers = self.exactly::<f64>(calls::GRID, 15)?;
        let Some(numbers) = numbers.first_chunk() else {
            return Err(Error::input("the host's grid has too few numbers"));
        };
        let grid = Grid::from_numbers(dims, numbers);
        // A volume of less than nothing would be a number like any other.
        if grid.spacing.iter().any(|mm| !(*mm > 0.0 && mm.is_finite())) {
            let message = format!("the spacing of the image is {:?} mm, expected three numbers above 0", grid.spacing);
            return Err(Error::input(message));
        }
        Ok(grid)
    }

    /// The image of the request, with its unit and the regions that were handed over with it.
    pub(crate) fn seen<T>(&self, work: impl FnOnce(&Image) -> Result<T, Error>) -> Result<T, Error> {
        let calls::Seen { unit, regions, images, wanted } = self.read()?;
        let (grid, voxels) = self.image()?;
        let wanted = wanted.unwrap_or([[0; 3], grid.dims]);
        if (0..3).any(|axis| wanted[0][axis] > wanted[1][axis] || wanted[1][axis] > grid.dims[axis]) {
            let message = format!("the response is wanted in the box {wanted:?} of an image of {:?} voxels", grid.dims);
            return Err(Error::input(message));
        }
        let masks = self.masks(regions, voxels.len())?;
        let name = images.first().cloned().unwrap_or_default();
        let others = images.into_iter().enumerate().skip(1).map(|(at, name)| {
            let voxels = self.exactly::<f64>(&format!("image.{at}"), voxels.len())?;
            Ok((name, voxels))
        });
        let others = others.collect::<Result<Vec<_>, Error>>()?;
        work(&Image::new(grid, voxels).seen(&unit, &masks).beside(&name, &others).wanted_in(wanted))
    }

    /// The masks of regions, by their names.
    pub(crate) fn masks(&self, regions: Vec<String>, count: usize) -> Result<Vec<(String, &'a [u8])>, Error> {
        let mask = |(at, name): (usize, String)| Ok((name, self.exactly::<u8>(&format!("region.{at}"), count)?));
        regions.into_iter().enumerate().map(mask).collect()
    }

    /// An array of three dimensions, with the grid of its voxels.
    pub(crate) fn image(&self) -> Result<(Grid, &'a [f64]), Error> {
        let (voxels, dims) = self.array::<f64>("image")?;
        let dims = <[u64; 3]>::try_from(dims)
            .map_err(|_| Error::input(format!("the host's image has {} dimensions, expected 3", dims.len())))?;
        Ok((self.grid(dims)?, voxels))
    }
}

impl Made {
    /// An answer of JSON and arrays.
    pub(crate) fn new(json: &impl Serialize, arrays: Vec<OwnedArray>) -> Result<Self, Error> {
        let json = serde_json::to_string(json)
            .map_err(|cause| Error::input(format!("the answer cannot be written as JSON: {cause}")))?;
        Ok(Self { json, arrays })
    }
}

/// An instance behind the guard: neither a call nor its destructor can unwind into the host.
pub(crate) struct Guarded<D>(ManuallyDrop<D>);

impl<D> Guarded<D> {
    pub(crate) fn new(door: D) -> Self {
        Self(ManuallyDrop::new(door))
    }
}

impl<D> Drop for Guarded<D> {
    fn drop(&mut self) {
        let drop = AssertUnwindSafe(|| {
            // SAFETY: this is the only drop, and nothing uses the instance after it.
            unsafe { ManuallyDrop::drop(&mut self.0) }
        });
        // There is nobody to tell: the results are already out, and the instance is gone either way.
        let _ = guard::quietly(|| catch_unwind(drop));
    }
}

impl<D: Door> wire::Instance for Guarded<D> {
    fn call(&self, method: Text<'_>, request: Request<'_>, host: HostRef<'_>) -> RResult<wire::Answer, Failure> {
        guard::guard(|| {
            let method = method.verified().map_err(|cause| Error::input(format!("the host's method: {cause}")))?;
            let context = Context::new(host);
            let made = context.reading(|| self.0.call(method, &Given::new(request), &context))?;
            Ok(wire::Answer { json: made.json.into(), arrays: made.arrays.into() })
        })
        .map_err(Failure::from)
        .into()
    }

    fn extension(&self, _id: Text<'_>) -> Extension {
        Extension::NONE
    }
}

/// The answer to a method that a plugin of its kind does not have.
pub(crate) fn no_method(kind: &str, method: &str) -> Error {
    Error::unsupported(format!("a plugin of the kind `{kind}` has no method `{method}` in this sdk"))
}
