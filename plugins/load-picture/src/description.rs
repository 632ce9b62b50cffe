//! What programs write into the description of a TIFF: ImageJ in lines (`ij.io.TiffEncoder`), others in the XML of the Open
//! Microscopy Environment (docs.openmicroscopy.org/ome-model).

use crate::error::Fault;

/// What a description says of pages and sizes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Description {
    /// Who wrote it.
    pub by: Option<Writer>,
    /// Pages that there are, and how many of them are slices of one channel at one time; nothing where it does not say.
    images: Option<[usize; 2]>,
    /// Of ImageJ, the unit of the resolution, mm; of others, nothing.
    pub unit_mm: Option<f64>,
    /// Whether that unit is that of print.
    pub is_inch: bool,
    /// Width and height of a pixel, mm, where they stand in the description.
    pub pixel_mm: Option<[f64; 2]>,
    /// Distance of slices, mm.
    pub slice_mm: Option<f64>,
}

/// Who wrote a description.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// ImageJ, or a program that writes as it does.
    ImageJ,
    /// A program that writes the XML of the Open Microscopy Environment.
    Ome,
}

impl Writer {
    /// What says so, in words.
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageJ => "ImageJ's description",
            Self::Ome => "the description (OME-XML)",
        }
    }
}

impl Description {
    /// Reads the text of a description.
    pub fn of(text: &str) -> Self {
        match text {
            text if text.starts_with("ImageJ=") => Self::of_image_j(text),
            text if text.contains("<OME") => Self::of_ome(text),
            _ => Self::default(),
        }
    }

    fn of_image_j(text: &str) -> Self {
        let value = |key: &str| text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::trim);
        let count = |key: &str| value(key).and_then(|value| value.parse::<usize>().ok());
        let unit = value("unit");
        let unit_mm = unit.and_then(millimetres);
        let parts = ["channels", "slices", "frames"].map(count);
        let is_parted = parts.iter().any(Option::is_some);
        let product = is_parted.then(|| parts.iter().flatten().copied().fold(1, usize::saturating_mul));
        let images = count("images").or(product);
        let slices = if is_parted { Some(parts[1].unwrap_or(1)) } else { images };
        let slice_mm = value("spacing").and_then(|value| value.parse::<f64>().ok()).zip(unit_mm);
        Self {
            by: Some(Writer::ImageJ),
            images: images.zip(slices).map(|(images, slices)| [images, slices]),
            unit_mm,
            is_inch: unit.is_some_and(|unit| matches!(unit, "inch" | "in")),
            pixel_mm: None,
            slice_mm: slice_mm.map(|(distance, mm)| distance.abs() * mm).filter(|mm| is_size(*mm)),
        }
    }

    fn of_ome(text: &str) -> Self {
        let start = text.find("<Pixels").map_or("", |at| &text[at..]);
        let tag = &start[..start.find('>').unwrap_or(start.len())];
        let count = |name: &str| attribute(tag, name).and_then(|value| value.parse::<usize>().ok());
        let size = |axis: &str| {
            let number: f64 = attribute(tag, &format!("PhysicalSize{axis}"))?.parse().ok()?;
            let mm = number * millimetres(attribute(tag, &format!("PhysicalSize{axis}Unit")).unwrap_or("µm"))?;
            Some(mm).filter(|mm| is_size(*mm))
        };
        let images = match (count("SizeZ"), count("SizeC"), count("SizeT")) {
            (Some(slices), Some(channels), Some(times)) => {
                // The channels of a colour lie in one page.
                let colours = if attribute(start, "SamplesPerPixel") == Some("3") { 3 } else { 1 };
                Some([slices.saturating_mul(channels).saturating_mul(times) / colours, slices])
            }
            _ => None,
        };
        Self {
            by: Some(Writer::Ome),
            images,
            pixel_mm: size("X").zip(size("Y")).map(|(x, y)| [x, y]),
            slice_mm: size("Z"),
            ..Self::default()
        }
    }

    /// Holds the pages of a file, all of which were read, against what it says of them: only slices make a volume.
    ///
    /// # Errors
    /// If they are channels or times as well, or if there are others that no directory lists, as in large files of ImageJ.
    pub fn check(&self, pages: usize) -> Result<(), Fault> {
        let (Some(by), Some([images, slices])) = (self.by, self.images) else { return Ok(()) };
        // The other planes of a set by OME may lie in other files.
        if pages == slices || by == Writer::Ome && pages == 1 {
            return Ok(());
        }
        let by = by.name();
        if pages == images {
            let found =
                format!("the {pages} pages are not slices alone: {by} says channels or times, and {slices} slices");
            return Err(Fault::Unsupported { found, todo: "choose one with `page`, or save one channel at one time" });
        }
        let listed = if pages == 1 { "1 page".into() } else { format!("{pages} pages") };
        let found = format!("the file lists {listed}, and {by} says {images} images");
        Err(Fault::Unsupported {
            found,
            todo: "save it anew with a directory for each page, or choose one with `page`",
        })
    }
}

/// What is a distance of pixels or slices, mm.
fn is_size(mm: f64) -> bool {
    (1e-6..=1e4).contains(&mm)
}

/// Millimetres in a unit of length.
fn millimetres(unit: &str) -> Option<f64> {
    Some(match unit {
        "mm" | "millimeter" | "millimetre" => 1.0,
        "cm" | "centimeter" | "centimetre" => 10.0,
        "m" | "meter" | "metre" => 1000.0,
        // The letter of Latin-1 is no UTF-8.
        "um" | "micron" | "micrometer" | "µm" | "μm" | "\u{fffd}m" | "\\u00B5m" | "&#181;m" | "&#xB5;m" => 1e-3,
        "nm" => 1e-6,
        "inch" | "in" => 25.4,
        _ => return None,
    })
}

/// The value of an attribute in the text of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some(at) = rest.find(name) {
        let is_whole = rest[..at].ends_with(|c: char| c.is_ascii_whitespace());
        rest = &rest[at + name.len()..];
        if let Some(value) = rest.strip_prefix("=\"").filter(|_| is_whole) {
            return value.split('"').next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_whole_words() {
        let tag = r#"<Pixels BigSizeC="9" SizeC="2" PhysicalSizeXUnit="mm" PhysicalSizeX="0.5" ID="SizeZ" SizeZ="7""#;
        let all = ["SizeC", "PhysicalSizeX", "PhysicalSizeXUnit", "SizeZ", "SizeT"].map(|name| attribute(tag, name));
        assert_eq!(all, [Some("2"), Some("0.5"), Some("mm"), Some("7"), None]);
    }
}
