//! `[maps.NAME]`: a family as a map, a value for each voxel of a region from the voxels around it.

use voxomics_imaging::lengths;

use super::{
    Compat, Diagnostics, Fit, Image, Minimum, PluginSettings,
    discretisation::discretisation,
    document::{Node, Value},
    section::{FromNode, OneOrMany, Section},
};

/// The most voxels that a neighbourhood may reach along an axis: beyond, a map says no more than the region.
const MOST_RADIUS: u64 = 100;

/// How a map is made of an image.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Id of the family.
    pub plugin: String,
    /// Aggregation; none for the family's default.
    pub aggregation: Option<String>,
    /// Features that become maps; none for all.
    pub only: Option<Vec<String>>,
    /// The region whose voxels have values; none for the only one that there is.
    pub region: Option<String>,
    /// How far a neighbourhood reaches.
    pub radius: Radius,
    /// Whether it has voxels outside the region, too.
    pub beyond_region: bool,
    /// What is written where there is no value.
    pub fill: f64,
    /// The end of the names of its files.
    pub format: Format,
    /// The family's settings.
    pub settings: PluginSettings,
}

/// How far a neighbourhood reaches from its voxel, along each axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Radius {
    /// So many voxels along *x*, *y*, *z*.
    Voxels([usize; 3]),
    /// So many voxels as lie within this distance, mm.
    Mm(f64),
}

impl Radius {
    /// The number of voxels along *x*, *y*, *z*, on a grid of so many mm.
    pub fn voxels(self, spacing: [f64; 3]) -> [usize; 3] {
        match self {
            Self::Voxels(voxels) => voxels,
            Self::Mm(mm) => spacing.map(|spacing| lengths::within(mm, spacing)),
        }
    }
}

/// A format of files of maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// NRRD, compressed.
    #[default]
    Nrrd,
    /// NIfTI-1, compressed. ITK's reader, and with it SimpleITK, 3D Slicer and ITK-SNAP, makes 0 of a NaN in it.
    Nifti,
}

impl Format {
    /// What the names of its files end with.
    pub fn end(self) -> &'static str {
        match self {
            Self::Nifti => "nii.gz",
            Self::Nrrd => "nrrd",
        }
    }
}

/// Reads every map as an image that is made of another one.
pub(super) fn maps(root: &Section<'_>, default_minimum: Option<Minimum>, compat: Option<Compat>) -> Vec<Image> {
    let read = |(name, section): &(String, Section<'_>)| {
        let of: Option<String> = section.get("of");
        let own = section.section("discretisation").and_then(|own| discretisation(&own, default_minimum));
        let mapping = mapping(name, section, compat);
        section.finish();
        Image {
            name: name.clone(),
            scan: None,
            of,
            filter: None,
            mapping: Some(mapping),
            fit: Fit::default(),
            discretisation: own,
            origin: section.origin().clone(),
        }
    };
    root.sections("maps").iter().map(read).collect()
}

/// Reports maps that are called as an image is.
pub(super) fn check_names(images: &[Image], diagnostics: &Diagnostics) {
    let is_image = |name: &String| images.iter().any(|image| image.mapping.is_none() && image.name == *name);
    for map in images.iter().filter(|image| image.mapping.is_some() && is_image(&image.name)) {
        let message = format!("[maps.{0}] and [images.{0}] have one name: call one of them otherwise", map.name);
        diagnostics.push(super::Diagnostic::new(map.origin.clone(), message));
    }
}

fn mapping(name: &str, section: &Section<'_>, compat: Option<Compat>) -> Mapping {
    let plugin: Option<String> = section.get("family");
    let only: Option<OneOrMany<String>> = section.get("only");
    Mapping {
        plugin: match (plugin, compat) {
            (Some(plugin), Some(compat)) => compat.plugin(&plugin),
            (Some(plugin), None) => plugin,
            (None, Some(compat)) => compat.plugin(name),
            (None, None) => name.into(),
        },
        aggregation: section.get("aggregation"),
        only: only.map(|list| list.0),
        region: section.get("region"),
        radius: radius(section),
        beyond_region: section.get("beyond_region").unwrap_or(false),
        fill: section.get::<Fill>("fill").map_or(f64::NAN, |fill| fill.0),
        format: section.choice("format", &[("nrrd", Format::Nrrd), ("nii.gz", Format::Nifti)]).unwrap_or_default(),
        settings: section.rest(),
    }
}

fn radius(section: &Section<'_>) -> Radius {
    let voxels: Option<OneOrMany<u64>> = section.get("radius");
    let mm: Option<f64> = section.get("radius_mm");
    if voxels.is_some() && mm.is_some() {
        section.error_at("radius_mm", "`radius` is in voxels, and `radius_mm` in mm: give one of them");
    }
    if let Some(mm) = mm {
        if !(mm > 0.0 && mm <= 1000.0) {
            section.error_at("radius_mm", format!("`radius_mm` is {mm}, expected more than 0, and 1000 at most"));
        }
        return Radius::Mm(mm);
    }
    let voxels = match voxels.as_ref().map(|list| list.0.as_slice()) {
        None => [1; 3],
        Some([one]) => [*one; 3],
        Some([x, y, z]) => [*x, *y, *z],
        Some(other) => {
            let message = format!("`radius` has {} numbers, expected one, or three for x, y and z", other.len());
            section.error_at("radius", message);
            [1; 3]
        }
    };
    if voxels.iter().any(|n| *n > MOST_RADIUS) || voxels == [0; 3] {
        section.error_at("radius", format!("`radius` is {voxels:?} voxels, expected 1 to {MOST_RADIUS}"));
        return Radius::Voxels([1; 3]);
    }
    Radius::Voxels(voxels.map(|n| n as usize))
}

/// A number, or `nan`.
struct Fill(f64);

impl FromNode for Fill {
    fn from_node(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::Number(x) if !x.is_infinite() => Ok(Self(x)),
            Value::Integer(i) => Ok(Self(i as f64)),
            _ => Err("a number, or nan".into()),
        }
    }
}
