//! Settings of the flow in the words of the TOML, for what a person reads.

use std::fmt;

use super::{BeyondEdge, Discretisation, Innermost, Limits, Method, Minimum, RegionFrom, Resegmentation};

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nearest => "nearest",
            Self::Linear => "linear",
            Self::Cubic => "cubic",
        })
    }
}

impl fmt::Display for BeyondEdge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Clamp => "clamp",
            Self::Mirror => "mirror",
            Self::Repeat => "repeat",
        })
    }
}

impl fmt::Display for Resegmentation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = self.range.as_ref().map(Limits::to_string);
        let sigma = self.sigma.map(|sigma| format!("within {sigma:?} standard deviations of the mean"));
        let parts = self.of_maximum.map(|[lower, upper]| format!("{lower:?} to {upper:?} of the region's maximum"));
        let rules: Vec<String> = range.into_iter().chain(sigma).chain(parts).collect();
        if rules.is_empty() { f.write_str("none") } else { f.write_str(&rules.join(", ")) }
    }
}

impl fmt::Display for Minimum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => f.write_str("the region's lowest intensity"),
            Self::MultipleOfWidth => f.write_str("the multiple of the width below the region's lowest intensity"),
            Self::At(minimum) | Self::Limit(minimum) => write!(f, "{minimum:?}"),
        }
    }
}

impl fmt::Display for Discretisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FixedBinNumber { bins } => write!(f, "{bins} bins"),
            Self::FixedBinSize { width, minimum, maximum, exclude_out_of_bounds } => {
                write!(f, "bins of width {width:?} from {minimum}")?;
                if let Some(maximum) = maximum {
                    write!(f, " to {maximum:?}")?;
                }
                if *exclude_out_of_bounds { f.write_str(", without what lies beyond") } else { Ok(()) }
            }
        }
    }
}

impl fmt::Display for RegionFrom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = match self {
            Self::CaseLabel => "the label or region that the case list gives, or the only one".into(),
            Self::CaseLabelOr(label) => format!("the label or region that the case list gives, or label {label}"),
            Self::Labels(labels) => {
                format!("label {}", labels.iter().map(f64::to_string).collect::<Vec<_>>().join(", "))
            }
            Self::Any => "any label but 0".into(),
            Self::Named(name) => format!("the region named `{name}`"),
            Self::AllNamed(names) => format!("the regions named `{}`", names.join("`, `")),
            Self::Union(of) => format!("the union of {}", of.join(", ")),
            Self::Made { of, maker, take, .. } => format!("`{take}` of what regions-{maker} makes of {of}"),
            Self::Ring { of, outward_mm, inward_mm, on_original_grid } => {
                let grid = if *on_original_grid { "the scan's" } else { "the interpolated" };
                format!("the ring of {of}, {outward_mm} mm outward and {inward_mm} mm inward, on {grid} grid")
            }
            Self::Shell { of, from_mm, to_mm } => {
                format!("the shell between {from_mm} and {to_mm} mm from the surface of {of}")
            }
            Self::Core { of, innermost: Innermost::DeeperThanMm(mm) } => {
                format!("the core of {of} that lies deeper than {mm} mm")
            }
            Self::Core { of, innermost: Innermost::VolumeShare(share) } => {
                format!("the innermost {}% of {of} by volume", share * 100.0)
            }
            Self::Sector { of, about, number, count } => {
                format!("sector {number} of {count} of {of}, about the centre of {about}")
            }
        };
        f.write_str(&words)
    }
}
