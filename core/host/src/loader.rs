//! Configured loaders: what they read is checked before anything looks at it.

use std::path::Path;

use voxomics_base::{
    Diagnostics, PluginSettings,
    scan::{self, Loaded},
};
use voxomics_imaging::Grid;
use voxomics_interface::{
    self as wire, BoxedLoader, LoadRequest, abi_stable::std_types::ROption, codes, selection::Selection, survey::Survey,
};

use super::{CaseHost, PluginError, Registered, call::configure};

/// A configured loader.
pub struct LoaderInstance {
    /// Its name.
    pub name: String,
    /// Whether its segmentations can be read without the image's grid.
    pub own_grid: bool,
    object: BoxedLoader,
}

/// What is wanted of a path.
#[derive(Debug, Clone, Copy)]
pub struct LoadOptions<'a> {
    /// Image or segmentation.
    pub wanted: Wanted<'a>,
    /// What is wanted of a path that holds several things.
    pub selection: &'a Selection,
    /// The most bytes of voxels that may be put into memory.
    pub max_bytes: u64,
}

/// What a path is read for.
#[derive(Debug, Clone, Copy)]
pub enum Wanted<'a> {
    /// Its intensities.
    Image,
    /// Its regions; with the grid of the image, unless the loader can do without.
    Segmentation(Option<&'a Grid>),
}

/// Configures a loader.
pub fn loader(of: Registered<'_>, settings: &PluginSettings, diagnostics: &Diagnostics) -> Option<LoaderInstance> {
    let object = configure(of.plugin, of.library.module.configure_loader(), settings, diagnostics)?;
    Some(LoaderInstance { name: of.plugin.name(), own_grid: of.plugin.own_grid, object })
}

impl LoaderInstance {
    /// Whether it can read a path.
    ///
    /// # Errors
    /// If it fails to say.
    pub fn recognises(&self, path: &Path, head: &[u8]) -> Result<bool, PluginError> {
        let answer = self.object.recognises(path_bytes(path).into(), head.into());
        Result::from(answer).map_err(|failure| PluginError::from_wire(&self.name, &failure))
    }

    /// Reads a path.
    ///
    /// # Errors
    /// If the loader refuses it, or answers with voxels that do not fill their grid.
    pub fn load(&self, path: &Path, options: LoadOptions<'_>, host: &CaseHost) -> Result<Loaded, PluginError> {
        let selection = serde_json::to_string(options.selection)
            .map_err(|cause| PluginError::broken(&self.name, format!("its request cannot be written: {cause}")))?;
        let (role, grid) = match options.wanted {
            Wanted::Image => (codes::ROLE_IMAGE, None),
            Wanted::Segmentation(grid) => (codes::ROLE_SEGMENTATION, grid),
        };
        let request = LoadRequest {
            path: path_bytes(path).into(),
            role,
            reference: grid.map_or(ROption::RNone, |grid| ROption::RSome(scan::to_wire(grid))),
            selection: selection.as_str().into(),
            max_bytes: options.max_bytes,
        };
        let loaded = Result::from(self.object.load(request, host.wire()))
            .map_err(|failure| PluginError::from_wire(&self.name, &failure))?;
        check_offsets(&loaded, grid)
            .and_then(|()| Loaded::from_wire(loaded))
            .map_err(|wrong| PluginError::broken(&self.name, wrong))
    }

    /// Tells what a folder holds; asked only of loaders whose description says that they can tell.
    ///
    /// # Errors
    /// If the loader refuses, or answers with something else.
    pub fn survey(&self, folder: &Path, host: &CaseHost) -> Result<Survey, PluginError> {
        let request = LoadRequest {
            path: path_bytes(folder).into(),
            role: codes::ROLE_SURVEY,
            reference: ROption::RNone,
            selection: "{}".into(),
            max_bytes: 0,
        };
        let answer = Result::from(self.object.load(request, host.wire()))
            .map_err(|failure| PluginError::from_wire(&self.name, &failure))?;
        serde_json::from_str(answer.metadata.as_str())
            .map_err(|cause| PluginError::broken(&self.name, format!("its survey is not understood: {cause}")))
    }
}

/// A segmentation that is placed on the image's grid lies inside it.
fn check_offsets(loaded: &wire::Loaded, image: Option<&Grid>) -> Result<(), String> {
    for segmentation in loaded.segmentations.iter().filter(|segmentation| segmentation.on_reference) {
        let Some(image) = image else {
            return Err("it placed a segmentation on an image that it was not given".into());
        };
        let (offset, own) = (segmentation.offset, segmentation.labels.grid.dims);
        let inside =
            |axis: usize| offset[axis].checked_add(own[axis]).is_some_and(|end| end <= image.dims[axis] as u64);
        if !(0..3).all(inside) {
            return Err(format!(
                "it placed a segmentation of {own:?} voxels at voxel {offset:?} of an image of {:?}, which does not hold it",
                image.dims
            ));
        }
    }
    Ok(())
}

#[cfg(unix)]
fn path_bytes(path: &Path) -> &[u8] {
    use std::os::unix::ffi::OsStrExt as _;
    path.as_os_str().as_bytes()
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> &[u8] {
    path.to_str().unwrap_or_default().as_bytes()
}
