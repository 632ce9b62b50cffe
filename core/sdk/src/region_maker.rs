//! Region makers.

use voxomics_interface::{
    OwnedArray,
    calls::{FIT_STATE, LABELS, Labels, MAKE, OBSERVE},
};

use crate::{
    Context, Description, Error, Image, Settings,
    door::{Door, Given, Made, no_method},
    filter::{fitted, observed},
};

/// Makes labelled regions of an image and a region: sub-regions by threshold, habitats, lesions that are told apart.
///
/// The program asks for [`labels`](Self::labels) and the rest of what an instance says of itself once, after it was configured.
/// Then [`make`](Self::make) is called for each case, for several at once ([the rules](crate#how-the-program-calls-a-plugin)).
///
/// ```
/// use voxomics_sdk::prelude::*;
///
/// /// The voxels of a region up to a limit, and those above it.
/// struct Split {
///     limit: f64,
/// }
///
/// impl RegionMaker for Split {
///     fn describe() -> Description {
///         Description::new("split", "Two parts by intensity")
///             .setting(Setting::number("limit", "highest intensity of `low`").default(0.0))
///     }
///     fn configure(settings: &Settings) -> Result<Self, Error> {
///         Ok(Self { limit: settings.number("limit")? })
///     }
///     fn labels(&self) -> Vec<(u16, String)> {
///         vec![(1, "low".into()), (2, "high".into())]
///     }
///     fn make(&self, image: &Image, _: &Context) -> Result<Vec<u16>, Error> {
///         let (_, mask) = image.regions().next().ok_or_else(|| Error::input("there is no region to divide"))?;
///         let label = |(inside, x): (&u8, &f64)| if *inside == 0 { 0 } else { 1 + u16::from(*x > self.limit) };
///         Ok(mask.iter().zip(image.voxels()).map(label).collect())
///     }
/// }
///
/// use voxomics_sdk::testing::{TestHost, TestImage, make, settings};
///
/// let split = Split::configure(&settings(&Split::describe(), r#"{"limit": 5}"#).unwrap()).unwrap();
/// let image = TestImage::new([3, 1, 1], vec![4.0, 6.0, 6.0]).region("tumour", vec![1, 1, 0]);
/// assert_eq!(make(&split, &image, &TestHost::new()).unwrap(), [1, 2, 0]);
/// ```
///
/// One whose description says [`fits`](Description::fits) is fitted on a cohort first, as a [`Filter`](crate::Filter) is.
pub trait RegionMaker: Send + Sync + Sized + 'static {
    /// Id and settings.
    fn describe() -> Description;

    /// Makes an instance from checked settings, before any image is read; a fitted one from its state as well
    /// ([`Settings::state`]).
    ///
    /// # Errors
    /// For settings that contradict each other, or a state that is none.
    fn configure(settings: &Settings) -> Result<Self, Error>;

    /// Label and name of each region that [`make`](Self::make) makes, from 1 on: known before an image is read.
    fn labels(&self) -> Vec<(u16, String)>;

    /// How far beyond the region it reads the image and may make regions, mm.
    fn margin_mm(&self) -> f64 {
        0.0
    }

    /// Whether it sees several [images](Image::images) on one grid, if the experiment names them. Another one is refused there.
    fn sees_images(&self) -> bool {
        false
    }

    /// Whether a case may lack some of the regions. That is a fault of the case otherwise.
    fn may_lack(&self) -> bool {
        false
    }

    /// Makes regions: a label for each voxel of the image, *x* fastest, 0 where there is none. The first of the image's
    /// [`regions`](Image::regions) is the one to be divided.
    ///
    /// # Errors
    /// For an image or a region that it is not defined on.
    fn make(&self, image: &Image, context: &Context) -> Result<Vec<u16>, Error>;

    /// Says what there is to be learnt from one image of the cohort that it is fitted on, as text.
    ///
    /// # Errors
    /// By default, that it is not fitted.
    fn observe(&self, image: &Image, context: &Context) -> Result<String, Error> {
        let _ = (image, context);
        Err(Error::unsupported("this region maker is not fitted"))
    }

    /// Fits the state, as text, to what was [observed](Self::observe) of a cohort, in the order of its cases.
    ///
    /// # Errors
    /// By default, that it is not fitted.
    fn fit(&self, observations: &[String], context: &Context) -> Result<String, Error> {
        let _ = (observations, context);
        Err(Error::unsupported("this region maker is not fitted"))
    }
}

/// A region maker behind the door.
pub(crate) struct Behind<R>(pub R);

impl<R: RegionMaker> Door for Behind<R> {
    fn call(&self, method: &str, given: &Given, context: &Context) -> Result<Made, Error> {
        match method {
            LABELS => {
                let (labels, margin_mm) = (self.0.labels(), self.0.margin_mm());
                let (sees_images, may_lack) = (self.0.sees_images(), self.0.may_lack());
                Made::new(&Labels { labels, margin_mm, sees_images, may_lack }, Vec::new())
            }
            MAKE => given.seen(|image| {
                let labels = self.0.make(image, context)?;
                let (found, expected) = (labels.len(), image.voxels().len());
                if found != expected {
                    return Err(Error::broken(format!("it made {found} labels for {expected} voxels")));
                }
                let arrays = vec![OwnedArray::new(LABELS, &image.grid().dims, labels)];
                Made::new(&serde_json::json!({}), arrays)
            }),
            OBSERVE => given.seen(|image| observed(self.0.observe(image, context)?)),
            FIT_STATE => fitted(given, |observations| self.0.fit(observations, context)),
            other => Err(no_method("regions", other)),
        }
    }
}
