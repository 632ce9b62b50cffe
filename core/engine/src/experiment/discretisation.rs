//! Discretisation, as the experiment, an image, a map or a family states it.

use super::{
    Discretisation, Minimum,
    document::{Node, Value},
    section::{FromNode, Section},
};

#[derive(Clone, Copy)]
enum DiscretisationMethod {
    Number,
    Size,
}

pub(super) fn discretisation(section: &Section<'_>, default_minimum: Option<Minimum>) -> Option<Discretisation> {
    let words = [("fixed bin number", DiscretisationMethod::Number), ("fixed bin size", DiscretisationMethod::Size)];
    section.require::<String>("method", "\"fixed bin number\" or \"fixed bin size\"")?;
    let read = match section.choice("method", &words)? {
        DiscretisationMethod::Number => {
            let bins: Option<u64> = section.require("bins", "the number of bins");
            let allowed = |bins| u32::try_from(bins).ok().filter(|bins| (1..=65_535).contains(bins));
            let read = bins.and_then(allowed);
            if bins.is_some() && read.is_none() {
                section.error_at("bins", "`bins` must be a whole number from 1 to 65535");
            }
            read.map(|bins| Discretisation::FixedBinNumber { bins })
        }
        DiscretisationMethod::Size => fixed_bin_size(section, default_minimum),
    };
    section.finish();
    read
}

fn fixed_bin_size(section: &Section<'_>, default_minimum: Option<Minimum>) -> Option<Discretisation> {
    let width: Option<f64> = section.require("width", "the width of a bin, in units of intensity");
    if width.is_some_and(|width| !(width > 0.0 && width.is_finite())) {
        section.error_at("width", "`width` must be above 0");
    }
    let stated: Option<Minimum> = section.get("minimum");
    if stated.is_none() && default_minimum.is_none() && !section.is_wrong("minimum") {
        section.error(
            "bins of a fixed size begin where the re-segmentation range does, and that depends on the modality: say where, \
             with `minimum`",
        );
    }
    let minimum = stated.or(default_minimum).unwrap_or(Minimum::Region);
    let maximum: Option<f64> = section.get("maximum");
    if let (Minimum::At(minimum) | Minimum::Limit(minimum), Some(maximum)) = (minimum, maximum)
        && maximum <= minimum
    {
        section.error_at("maximum", format!("`maximum` {maximum} must lie above `minimum` {minimum}"));
    }
    let exclude = section.choice("out_of_bounds", &[("clamp", false), ("exclude", true)]).unwrap_or(false);
    width.map(|width| Discretisation::FixedBinSize { width, minimum, maximum, exclude_out_of_bounds: exclude })
}

impl Discretisation {
    /// As it holds for levels of a scan, or of what was made of one.
    pub fn of(self, is_made: bool) -> Self {
        match self {
            Self::FixedBinSize { width, minimum: Minimum::Limit(limit), maximum, exclude_out_of_bounds } => {
                let minimum = if is_made { Minimum::Region } else { Minimum::At(limit) };
                Self::FixedBinSize { width, minimum, maximum, exclude_out_of_bounds }
            }
            _ => self,
        }
    }
}

impl FromNode for Minimum {
    fn from_node(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::Text(word) if word == "region" => Ok(Self::Region),
            Value::Text(word) if word == "multiple of width" => Ok(Self::MultipleOfWidth),
            _ => f64::from_node(node).ok().filter(|minimum| minimum.is_finite()).map(Self::At).ok_or_else(|| {
                "a number, \"region\" for the region's own minimum, or \"multiple of width\" for that minimum rounded \
                 down to a multiple of `width`"
                    .into()
            }),
        }
    }
}
