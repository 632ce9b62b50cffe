//! Settings of the flow in the words of the TOML, for what a person reads.

use std::fmt;

use super::{BeyondEdge, Discretisation, Limits, Method, Minimum, Resegmentation};

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
        let rules: Vec<String> = range.into_iter().chain(sigma).collect();
        if rules.is_empty() { f.write_str("none") } else { f.write_str(&rules.join(", ")) }
    }
}

impl fmt::Display for Minimum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Region => f.write_str("the region's lowest intensity"),
            Self::MultipleOfWidth => f.write_str("the multiple of the width below the region's lowest intensity"),
            Self::At(minimum) => write!(f, "{minimum:?}"),
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
