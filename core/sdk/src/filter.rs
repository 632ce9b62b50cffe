//! Filters.

use ndarray::{ArrayView3, ShapeBuilder as _};
use voxomics_interface::{
    OwnedArray,
    calls::{APPLY, Dims, FIT_STATE, MAPS, MARGIN, Maps, OBSERVE, Observation, Observations, State, Whole},
};

use crate::{
    Context, Description, Error, Grid, Settings,
    door::{Door, Given, Made, no_method},
};

/// Turns an image into one or several response maps.
///
/// The program asks for [`maps`](Self::maps), [`units`](Self::units) and [`sees_regions`](Self::sees_regions) once, after an
/// instance was configured, and for the [`margin`](Self::margin) on the grid of each case. Then it cuts a box out of the scan
/// that is larger by this margin, and calls [`apply`](Self::apply): once for neighbouring regions that share a box, and for
/// several cases at once ([the rules](crate#how-the-program-calls-a-plugin)).
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// The mean of a voxel and its neighbours along *x*.
/// struct Smooth {
///     radius: usize,
/// }
///
/// impl Filter for Smooth {
///     fn describe() -> Description {
///         let radius = Setting::integer("radius", "neighbours on each side", 1, 100).unit("voxel").default(1);
///         Description::new("smooth", "Mean along x").setting(radius)
///     }
///     fn configure(settings: &Settings) -> Result<Self, Error> {
///         Ok(Self { radius: settings.count("radius")? })
///     }
///     fn margin(&self, _: &Grid) -> [usize; 3] {
///         [self.radius, 0, 0]
///     }
///     fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
///         let [width, ..] = image.dims();
///         // The image ends where the scan ends. Everywhere else the margin lies around the voxels that count.
///         let mean = |at: usize| {
///             let (row, x) = (at - at % width, at % width);
///             let near = &image.voxels()[row + x.saturating_sub(self.radius)..row + (x + self.radius + 1).min(width)];
///             near.iter().sum::<f64>() / near.len() as f64
///         };
///         let voxels = (0..image.voxels().len()).map(mean).collect();
///         Ok(vec![ResponseMap { name: String::new(), voxels }])
///     }
/// }
///
/// use voxomics_sdk::testing::{self, TestHost, TestImage};
///
/// let smooth = Smooth::configure(&testing::settings(&Smooth::describe(), "{}").unwrap()).unwrap();
/// let image = TestImage::new([3, 1, 1], vec![0.0, 3.0, 6.0]);
/// assert_eq!(smooth.margin(image.image().grid()), [1, 0, 0]);
/// assert_eq!(testing::apply(&smooth, &image, &TestHost::new()).unwrap()[0].voxels, [1.5, 3.0, 4.5]);
/// ```
///
/// One whose description says [`fits`](Description::fits) is fitted on a cohort first: it [observes](Self::observe) each
/// image of the cohort, and [fits](Self::fit) a state to the observations. The state is a text, which the program keeps, puts
/// into models, and hands over when the filter is configured to be applied ([`Settings::state`]). So two instances are made: one
/// without a state, which observes and fits, and later one with it, which filters.
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// Intensities as shares of the cohort's mean.
/// struct Share {
///     mean: Option<f64>,
/// }
///
/// impl Filter for Share {
///     fn describe() -> Description {
///         Description::new("share", "Share of the cohort's mean").fits()
///     }
///     fn configure(settings: &Settings) -> Result<Self, Error> {
///         let read = |state: &str| {
///             state.parse().map_err(|_| Error::input(format!("the state is \"{state}\", expected a number")))
///         };
///         Ok(Self { mean: settings.state().map(read).transpose()? })
///     }
///     fn margin(&self, _: &Grid) -> [usize; 3] {
///         [0; 3]
///     }
///     fn apply(&self, image: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> {
///         let mean = self.mean.ok_or_else(|| Error::input("it must be fitted on a cohort first"))?;
///         Ok(vec![ResponseMap { name: String::new(), voxels: image.voxels().iter().map(|x| x / mean).collect() }])
///     }
///     fn observe(&self, image: &Image, _: &Context) -> Result<String, Error> {
///         Ok((image.voxels().iter().sum::<f64>() / image.voxels().len() as f64).to_string())
///     }
///     fn fit(&self, observations: &[String], _: &Context) -> Result<String, Error> {
///         let means: Result<Vec<f64>, _> = observations.iter().map(|text| text.parse()).collect();
///         let means = means.map_err(|_| Error::input("an observation is no number"))?;
///         Ok((means.iter().sum::<f64>() / means.len() as f64).to_string())
///     }
/// }
///
/// use voxomics_sdk::testing::{self, TestHost, TestImage};
///
/// let (host, image) = (TestHost::new(), TestImage::new([2, 1, 1], vec![1.0, 3.0]));
/// let settings = testing::settings(&Share::describe(), "{}").unwrap();
/// let unfitted = Share::configure(&settings).unwrap();
/// let observation = unfitted.observe(&image.image(), &host.context()).unwrap();
/// let state = unfitted.fit(&[observation, "6".into()], &host.context()).unwrap();
/// assert_eq!(state, "4");
/// let fitted = Share::configure(&testing::with_state(settings, Some(&state))).unwrap();
/// assert_eq!(testing::apply(&fitted, &image, &host).unwrap()[0].voxels, [0.25, 0.75]);
/// ```
pub trait Filter: Send + Sync + Sized + 'static {
    /// Id and settings.
    fn describe() -> Description;

    /// Makes an instance from checked settings, before any image is read; a fitted one from its state as well.
    ///
    /// # Errors
    /// For settings that contradict each other, or a state that is none.
    fn configure(settings: &Settings) -> Result<Self, Error>;

    /// The names of the response maps that [`apply`](Self::apply) gives, in order (`LLH`, …): images of their own in every
    /// table. One empty name, the default, if there is but one map.
    fn maps(&self) -> Vec<String> {
        vec![String::new()]
    }

    /// For each response map the unit of its values, `intensity` for that of the image; empty if they are not known.
    fn units(&self) -> Vec<String> {
        Vec::new()
    }

    /// Whether [`apply`](Self::apply) sees the regions of the case ([`Image::regions`]): all of them, or the one that its setting
    /// `region` names.
    fn sees_regions(&self) -> bool {
        false
    }

    /// How many voxels around a voxel, along *x*, *y*, *z*, its response depends on. The host crops the scan to the regions and
    /// this margin, so it must be the whole reach: then the response inside a region is that of filtering the whole scan.
    /// [`WHOLE_SCAN`] asks for all of it. A margin that is too small gives a wrong number that looks right; the kit's check
    /// `reach` finds it.
    ///
    /// `grid` is the one on which features are computed, of the whole scan, after it was interpolated. A reach in mm is therefore
    /// divided by its spacing:
    ///
    /// ```
    /// use voxomics_sdk::{prelude::*, testing::TestImage};
    ///
    /// /// The margin of a Gaussian of 2 mm that is cut at three standard deviations.
    /// fn margin(grid: &Grid) -> [usize; 3] {
    ///     grid.spacing.map(|mm| (3.0 * 2.0 / mm).ceil() as usize)
    /// }
    ///
    /// assert_eq!(margin(TestImage::new([1; 3], vec![0.0]).spacing([1.0, 1.0, 4.0]).image().grid()), [6, 6, 2]);
    /// ```
    fn margin(&self, grid: &Grid) -> [usize; 3];

    /// Filters an image; each map has the image's number of voxels, or that of the box in which the response is
    /// [wanted](Image::wanted).
    ///
    /// # Errors
    /// For an image that the filter is not defined on.
    fn apply(&self, image: &Image, context: &Context) -> Result<Vec<ResponseMap>, Error>;

    /// Says what there is to be learnt from one image of the cohort that it is fitted on, as text. It sees the regions.
    ///
    /// # Errors
    /// By default, that the filter is not fitted.
    fn observe(&self, image: &Image, context: &Context) -> Result<String, Error> {
        let _ = (image, context);
        Err(Error::unsupported("this filter is not fitted"))
    }

    /// Fits the state, as text, to what was [observed](Self::observe) of a cohort, in the order of its cases.
    ///
    /// # Errors
    /// By default, that the filter is not fitted.
    fn fit(&self, observations: &[String], context: &Context) -> Result<String, Error> {
        let _ = (observations, context);
        Err(Error::unsupported("this filter is not fitted"))
    }
}

/// What [`Filter::margin`] answers if a response depends on the whole scan.
pub const WHOLE_SCAN: [usize; 3] = [usize::MAX; 3];

/// An image in the box around the regions; its voxels are the host's memory.
///
/// ```
/// use voxomics_sdk::testing::TestImage;
///
/// let test = TestImage::new([2, 2, 1], vec![1.0, 2.0, 3.0, 4.0]).unit("HU").region("tumour", vec![0, 1, 1, 0]);
/// test.with(|image| {
///     // x is the fastest axis: the second voxel is that of x = 1.
///     assert_eq!((image.voxels()[1], image.view()[[1, 0, 0]]), (2.0, 2.0));
///     assert_eq!((image.unit(), image.spacing()), ("HU", [1.0; 3]));
///     assert_eq!(image.region("tumour"), Some(&[0, 1, 1, 0][..]));
/// });
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    grid: Grid,
    voxels: &'a [f64],
    unit: &'a str,
    regions: &'a [(String, &'a [u8])],
    name: &'a str,
    others: &'a [(String, &'a [f64])],
    wanted: [[usize; 3]; 2],
}

impl<'a> Image<'a> {
    pub(crate) fn new(grid: Grid, voxels: &'a [f64]) -> Self {
        let wanted = [[0; 3], grid.dims.map(|n| n as usize)];
        Self { grid, voxels, unit: "", regions: &[], name: "", others: &[], wanted }
    }

    /// The same image, whose response is needed in a box of it.
    pub(crate) fn wanted_in(self, wanted: [[u64; 3]; 2]) -> Self {
        Self { wanted: wanted.map(|corner| corner.map(|n| n as usize)), ..self }
    }

    /// The box of the image in which a filter's response is needed: its first voxel along *x*, *y*, *z*, and the one behind its
    /// last. The rest is there because the response depends on it. A filter may ignore this, and answer for the whole image.
    ///
    /// Without any request it is the whole image:
    ///
    /// ```
    /// use voxomics_sdk::testing::TestImage;
    ///
    /// let test = TestImage::new([2, 1, 1], vec![1.0, 2.0]);
    /// assert_eq!(test.image().wanted(), [[0, 0, 0], [2, 1, 1]]);
    /// ```
    pub fn wanted(&self) -> [[usize; 3]; 2] {
        self.wanted
    }

    /// The same image, with the unit of its intensities and the regions.
    pub(crate) fn seen(self, unit: &'a str, regions: &'a [(String, &'a [u8])]) -> Self {
        Self { unit, regions, ..self }
    }

    /// The same image with its name, and further ones on its grid.
    pub(crate) fn beside(self, name: &'a str, others: &'a [(String, &'a [f64])]) -> Self {
        Self { name, others, ..self }
    }

    /// The images that a region is made of, all on this grid: name, as the experiment has it, and intensities (*x* fastest). The
    /// first is this one, without a name if the experiment names none. The others are there for a region maker that
    /// [sees them](crate::RegionMaker::sees_images).
    ///
    /// ```
    /// use voxomics_sdk::testing::TestImage;
    ///
    /// let test = TestImage::new([1; 3], vec![40.0]).named("CT").beside("PET", vec![5.0]);
    /// test.with(|image| {
    ///     let both: Vec<(&str, f64)> = image.images().map(|(name, voxels)| (name, voxels[0])).collect();
    ///     assert_eq!(both, [("CT", 40.0), ("PET", 5.0)]);
    /// });
    /// ```
    pub fn images(&self) -> impl Iterator<Item = (&'a str, &'a [f64])> + use<'a> {
        let others = self.others.iter().map(|(name, voxels)| (name.as_str(), *voxels));
        std::iter::once((self.name, self.voxels)).chain(others)
    }

    /// Unit of an intensity, as `HU`; empty if it is not known.
    pub fn unit(&self) -> &'a str {
        self.unit
    }

    /// The regions that are handed over with the image: name, as tables have it, and mask (1 inside, *x* fastest).
    pub fn regions(&self) -> impl ExactSizeIterator<Item = (&'a str, &'a [u8])> + use<'a> {
        self.regions.iter().map(|(name, mask)| (name.as_str(), *mask))
    }

    /// The mask of a region, if it is there.
    pub fn region(&self, name: &str) -> Option<&'a [u8]> {
        self.regions().find(|(known, _)| *known == name).map(|(_, mask)| mask)
    }

    /// Where the voxels are.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Number of voxels along *x*, *y*, *z*.
    pub fn dims(&self) -> [usize; 3] {
        self.grid.dims.map(|n| n as usize)
    }

    /// Distance between neighbouring centres, mm.
    pub fn spacing(&self) -> [f64; 3] {
        self.grid.spacing
    }

    /// All intensities, *x* fastest.
    pub fn voxels(&self) -> &'a [f64] {
        self.voxels
    }

    /// The intensities by index `[x, y, z]`.
    pub fn view(&self) -> ArrayView3<'a, f64> {
        view(self.dims(), self.voxels())
    }
}

/// A flat slice with *x* fastest as an array that is indexed `[x, y, z]`.
pub(crate) fn view<T>(dims: [usize; 3], data: &[T]) -> ArrayView3<'_, T> {
    ArrayView3::from_shape(dims.f(), data).expect("the host's slices have the grid's number of voxels")
}

/// One response map, on the grid of the image, or in the box of it that is [wanted](Image::wanted).
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseMap {
    /// Its name, as [`Filter::maps`] gives it.
    pub name: String,
    /// The response, *x* fastest.
    pub voxels: Vec<f64>,
}

/// A filter behind the door.
pub(crate) struct Behind<F>(pub F);

impl<F: Filter> Door for Behind<F> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        match method {
            MAPS => {
                let (maps, units) = (self.0.maps(), self.0.units());
                Made::new(&Maps { maps, units, sees_regions: self.0.sees_regions() }, Vec::new())
            }
            MARGIN => {
                let Dims { dims } = given.read()?;
                let margin = self.0.margin(&given.grid(dims)?);
                if margin == WHOLE_SCAN {
                    return Made::new(&Whole { whole: true }, Vec::new());
                }
                let margin = margin.map(|n| n as u64);
                Made::new(&serde_json::json!({}), vec![OwnedArray::new(MARGIN, &[3], margin.to_vec())])
            }
            APPLY => given.seen(|image| {
                let [start, end] = image.wanted();
                let part: [u64; 3] = std::array::from_fn(|axis| (end[axis] - start[axis]) as u64);
                let responses = self.0.apply(image, context)?;
                let maps = responses.iter().map(|map| map.name.clone()).collect();
                let arrays = responses.into_iter().enumerate().map(|(index, map)| {
                    let flat = [map.voxels.len() as u64];
                    let fits = |dims: &&[u64; 3]| dims.iter().product::<u64>() == flat[0];
                    let dims = [&image.grid().dims, &part].into_iter().find(fits).map_or(&flat[..], |dims| dims);
                    OwnedArray::new(format!("map.{index}"), dims, map.voxels)
                });
                Made::new(&Maps { maps, ..Maps::default() }, arrays.collect())
            }),
            OBSERVE => given.seen(|image| observed(self.0.observe(image, context)?)),
            FIT_STATE => fitted(given, |observations| self.0.fit(observations, context)),
            other => Err(no_method("filter", other)),
        }
    }
}

/// The answer to `observe`.
pub(crate) fn observed(observation: String) -> Result<Made, Error> {
    Made::new(&Observation { observation }, Vec::new())
}

/// The answer to `fit`.
pub(crate) fn fitted(given: &Given, fit: impl FnOnce(&[String]) -> Result<String, Error>) -> Result<Made, Error> {
    let Observations { observations } = given.read()?;
    Made::new(&State { state: fit(&observations)? }, Vec::new())
}
