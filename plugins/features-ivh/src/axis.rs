//! The intensity axis of the histogram.

use voxomics_sdk::{Error, Setting, Settings};

/// The most steps that an axis may have: its table is kept in memory.
const MOST_STEPS: f64 = (1u32 << 24) as f64;

/// Why a region has no curve whose range is longer than that.
const LONG: &str = "the range of intensities has more than 16777216 steps: a longer `step` or `bin_width` is needed";

/// Why a region has no curve whose range has no extent.
pub(crate) const NO_RANGE: &str = "the range of intensities has no extent";

/// How the axis is laid out, as the settings say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Axis {
    /// The intensities as they are, in steps from the lower bound to the upper one.
    Intensities { step: f64, minimum: Option<f64>, maximum: Option<f64> },
    /// The centres of bins of fixed size that begin at the lower bound.
    BinCentres { width: f64, minimum: Option<f64>, maximum: Option<f64> },
    /// The grey levels that the host gives, from 1 to their number.
    Levels,
}

/// The discretised intensities *G* of a region: `first`, `first + step`, … up to `length` steps on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    /// The intensity whose place is 0.
    pub(crate) origin: f64,
    /// min(G).
    pub(crate) first: f64,
    pub(crate) step: f64,
    /// (max(G) − min(G)) / step, at least 0.
    pub(crate) length: f64,
}

impl Axis {
    pub(crate) fn settings() -> [Setting; 5] {
        let axis = "what the histogram runs over: \"intensities\" as they are (calibrated and discrete, as in CT), the \
                    centres of bins of fixed size (\"bin_centres\": calibrated and continuous, as in PET), or the \
                    \"levels\" of the family's discretisation (arbitrary units, as in MRI; IBSI: 1000 bins)";
        let minimum = "lower bound of the range, as a rule that of re-segmentation; else the lowest intensity";
        let maximum = "upper bound of the range, as a rule that of re-segmentation; else the highest intensity";
        let step = "distance of the intensities that are looked at; for axis \"intensities\" only; else 1";
        let width = "width of the bins; for axis \"bin_centres\" only, and required there";
        [
            Setting::choice("axis", axis, &["intensities", "bin_centres", "levels"]).default("intensities"),
            Setting::number("minimum", minimum).unit("intensity"),
            Setting::number("maximum", maximum).unit("intensity"),
            Setting::number("step", step).unit("intensity"),
            Setting::number("bin_width", width).unit("intensity"),
        ]
    }

    pub(crate) fn configure(settings: &Settings) -> Result<Self, Error> {
        let number = |key| settings.is_set(key).then(|| settings.number(key)).transpose();
        let [minimum, maximum, step, width] = ["minimum", "maximum", "step", "bin_width"].map(number);
        Self::check(settings.text("axis")?, minimum?, maximum?, step?, width?)
    }

    pub(crate) fn check(
        axis: &str,
        minimum: Option<f64>,
        maximum: Option<f64>,
        step: Option<f64>,
        width: Option<f64>,
    ) -> Result<Self, Error> {
        let given = [("minimum", minimum), ("maximum", maximum), ("step", step), ("bin_width", width)];
        let foreign: &[&str] = match axis {
            "levels" => &["minimum", "maximum", "step", "bin_width"],
            "bin_centres" => &["step"],
            _ => &["bin_width"],
        };
        if let Some((key, _)) = given.iter().find(|(key, value)| value.is_some() && foreign.contains(key)) {
            return Err(Error::setting(key, format!("`{key}` has no meaning with axis = \"{axis}\": leave it out")));
        }
        for (key, value) in &given[2..] {
            if let Some(value) = value.filter(|value| *value <= 0.0) {
                return Err(Error::setting(key, format!("`{key}` is {value}, expected a number above 0")));
            }
        }
        if let Some((minimum, maximum)) = minimum.zip(maximum).filter(|(minimum, maximum)| minimum >= maximum) {
            let message = format!("`maximum` is {maximum}, expected a number above `minimum`, which is {minimum}");
            return Err(Error::setting("maximum", message));
        }
        let (key, length) =
            if axis == "bin_centres" { ("bin_width", width) } else { ("step", Some(step.unwrap_or(1.0))) };
        if let (Some(minimum), Some(maximum), Some(length)) = (minimum, maximum, length)
            && (maximum - minimum) / length > MOST_STEPS
        {
            let message = format!(
                "the range from {minimum} to {maximum} has more than {MOST_STEPS} steps of {length}: choose longer ones"
            );
            return Err(Error::setting(key, message));
        }
        match (axis, width) {
            ("levels", _) => Ok(Self::Levels),
            ("bin_centres", Some(width)) => Ok(Self::BinCentres { width, minimum, maximum }),
            ("bin_centres", None) => {
                Err(Error::setting("bin_width", "`bin_width` is required with axis = \"bin_centres\""))
            }
            _ => Ok(Self::Intensities { step: step.unwrap_or(1.0), minimum, maximum }),
        }
    }

    /// Whether intensities from `lowest` to `highest` all have one discretised intensity.
    pub(crate) fn is_flat(&self, lowest: f64, highest: f64) -> bool {
        match *self {
            Self::BinCentres { width, minimum, .. } => {
                let bin = |x: f64| ((x - minimum.unwrap_or(lowest)) / width).floor();
                bin(lowest) == bin(highest)
            }
            _ => lowest == highest,
        }
    }

    /// The range for a region whose intensities (for [`Axis::Levels`]: levels, 1 to the highest) run from `lowest` to
    /// `highest`.
    pub(crate) fn range(&self, lowest: f64, highest: f64) -> Result<Range, &'static str> {
        let (step, minimum, maximum, margin) = match *self {
            Self::Intensities { step, minimum, maximum } => (step, minimum, maximum, 0.0),
            Self::BinCentres { width, minimum, maximum } => (width, minimum, maximum, 0.5),
            Self::Levels => (1.0, Some(1.0), None, 0.0),
        };
        let (origin, end) = (minimum.unwrap_or(lowest), maximum.unwrap_or(highest));
        let length = (end - origin) / step - 2.0 * margin;
        if length > MOST_STEPS {
            return Err(LONG);
        }
        if length < 0.0 {
            return Err(NO_RANGE);
        }
        Ok(Range { origin, first: origin + margin * step, step, length })
    }
}

impl Range {
    /// The number of the last step that lies in the range.
    pub(crate) fn last(&self) -> usize {
        // A range that rounding has made a little too short still has its last step.
        (self.length * (1.0 + 1e-12)).floor() as usize
    }

    /// The number of the first step whose share of the range is at least `fraction`, if there is one.
    pub(crate) fn step_at(&self, fraction: f64) -> Option<usize> {
        let step = (fraction * self.length * (1.0 - 1e-12)).ceil() as usize;
        (self.length > 0.0 && step <= self.last()).then_some(step)
    }

    /// The discretised intensity of a step.
    pub(crate) fn intensity(&self, step: usize) -> f64 {
        self.first + step as f64 * self.step
    }

    /// The number of the last step that an intensity reaches, which also is its bin, counted from 0; `None` if it lies
    /// below the first.
    pub(crate) fn reached(&self, intensity: f64) -> Option<usize> {
        let place = (intensity - self.origin) / self.step;
        (place >= 0.0).then(|| (place as usize).min(self.last()))
    }
}
