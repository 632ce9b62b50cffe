//! Configured region makers.

use voxomics_base::{Diagnostics, PluginSettings};
use voxomics_interface::calls::{LABELS, Labels, MAKE, Nothing};

use super::{
    CaseHost, Elements, PluginError, Registered, call::one_line, fitted::Fitted, instance::Instance, seen::Seen,
};

/// No scan of a body is longer.
const MAX_MARGIN_MM: f64 = 10_000.0;

/// A configured region maker.
pub struct RegionMakerInstance {
    /// Its name.
    pub name: String,
    /// Label and name of each region that it makes.
    pub labels: Vec<(u16, String)>,
    /// How far beyond the region it reads the image, mm.
    pub margin_mm: f64,
    /// Whether it sees several images on one grid.
    pub sees_images: bool,
    /// Whether a case may lack some of its regions.
    pub may_lack: bool,
    /// Whether it is still to be fitted on a cohort.
    pub unfitted: bool,
    instance: Instance,
}

/// Configures a region maker; one that is fitted on a cohort with its state, or to be fitted without.
///
/// # Errors
/// If it cannot tell which regions it makes.
pub fn region_maker(
    of: Registered<'_>,
    settings: &PluginSettings,
    state: Option<&str>,
    diagnostics: &Diagnostics,
) -> Result<Option<RegionMakerInstance>, PluginError> {
    let Some(instance) = Instance::configure_with(of, settings, state, diagnostics) else { return Ok(None) };
    let told: Labels = instance.ask(LABELS, &Nothing {}, &[])?.read("the regions that it makes")?;
    let Labels { labels, margin_mm, sees_images, may_lack } = told;
    let name = instance.name.clone();
    let broken = |message: String| Err(PluginError::broken(&name, message));
    if labels.is_empty() {
        return broken("it makes no region".into());
    }
    for (at, (label, word)) in labels.iter().enumerate() {
        if *label == 0 || word.is_empty() || one_line(word) != *word {
            return broken(format!(
                "it makes the region {label} `{}`, expected a label from 1 on and a name",
                one_line(word)
            ));
        }
        if labels[..at].iter().any(|(other, name)| other == label || name == word) {
            return broken(format!("it makes two regions with the label {label} or the name `{word}`"));
        }
    }
    if !(0.0..=MAX_MARGIN_MM).contains(&margin_mm) {
        return broken(format!("it asks for a margin of {margin_mm} mm, expected 0 to {MAX_MARGIN_MM}"));
    }
    let unfitted = of.plugin.fits && state.is_none();
    Ok(Some(RegionMakerInstance { name, labels, margin_mm, sees_images, may_lack, unfitted, instance }))
}

impl RegionMakerInstance {
    /// Makes regions: a label for each voxel of the image, 0 where there is none. The first region is the one to be divided.
    ///
    /// # Errors
    /// If the maker fails, or answers with labels that it does not name, or of another size.
    pub fn make(&self, seen: &Seen<'_>, host: &CaseHost) -> Result<Elements<u16>, PluginError> {
        let labels = seen.ask(&self.instance, MAKE, host)?.elements::<u16>(LABELS)?;
        let broken = |message: String| Err(PluginError::broken(&self.name, message));
        let (found, expected) = (labels.len(), seen.voxels.len());
        if found != expected {
            return broken(format!("its labels are of another size: {found} voxels, expected {expected}"));
        }
        let known = |label: &u16| *label == 0 || self.labels.iter().any(|(known, _)| known == label);
        match labels.iter().find(|label| !known(label)) {
            Some(unknown) => broken(format!("it gave a voxel the label {unknown}, which it does not name")),
            None => Ok(labels),
        }
    }

    /// What it learns from a cohort.
    pub fn fitted(&self) -> Fitted<'_> {
        Fitted::new(&self.instance)
    }
}
