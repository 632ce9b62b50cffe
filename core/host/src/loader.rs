//! Configured loaders: what they read is checked before anything looks at it.

use std::path::Path;

use voxomics_base::{
    Diagnostics, PluginSettings,
    scan::{self, Loaded, Scan, Segmentation},
};
use voxomics_imaging::Grid;
use voxomics_interface::{
    Array, Scaling,
    calls::{self, LOAD, Load, RECOGNISES, ROLE_IMAGE, ROLE_MASK, Recognise, Recognised, SURVEY},
    selection::Selection,
    survey::Survey,
};

use super::{
    CaseHost, PluginError, Registered,
    instance::{Answer, Instance},
};

/// A configured loader.
pub struct LoaderInstance {
    /// Its name.
    pub name: String,
    /// Whether its segmentations can be read without the image's grid.
    pub own_grid: bool,
    instance: Instance,
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
    let instance = Instance::configure(of, settings, diagnostics)?;
    Some(LoaderInstance { name: instance.name.clone(), own_grid: of.plugin.own_grid, instance })
}

/// Under which name the unit of an image stands beside its acquisition metadata.
const INTENSITY_UNIT: &str = "IntensityUnit";

impl LoaderInstance {
    /// Whether it can read a path.
    ///
    /// # Errors
    /// If it fails to say.
    pub fn recognises(&self, path: &Path, head: &[u8]) -> Result<bool, PluginError> {
        let (bytes, request) = (path_bytes(path), Recognise { path: path.to_string_lossy().into() });
        let dims = [[bytes.len() as u64], [head.len() as u64]];
        let arrays = [Array::new(calls::PATH, &dims[0], bytes), Array::new("head", &dims[1], head)];
        let answer = self.instance.ask(RECOGNISES, &request, &arrays)?;
        Ok(answer.read::<Recognised>("its answer whether it knows a path")?.recognises)
    }

    /// Reads a path.
    ///
    /// # Errors
    /// If the loader refuses it, or answers with voxels that do not fill their grid.
    pub fn load(&self, path: &Path, options: LoadOptions<'_>, host: &CaseHost) -> Result<Loaded, PluginError> {
        let (role, grid) = match options.wanted {
            Wanted::Image => (ROLE_IMAGE, None),
            Wanted::Segmentation(grid) => (ROLE_MASK, grid.map(scan::to_wire)),
        };
        let request = Load {
            path: path.to_string_lossy().into(),
            role: role.into(),
            selection: options.selection.clone(),
            max_bytes: options.max_bytes,
            reference: grid.map(|grid| grid.dims),
        };
        let bytes = path_bytes(path);
        let dims = [bytes.len() as u64];
        let numbers = grid.map(|grid| grid.numbers());
        let mut arrays = vec![Array::new(calls::PATH, &dims, bytes)];
        arrays.extend(numbers.as_ref().map(|numbers| Array::new(calls::GRID, &[15], numbers)));
        let mut answer = self.instance.call(LOAD, &request, &arrays, host)?;
        let loaded = answer.read::<calls::Loaded>("the names of what it has read")?;
        let broken = |wrong: String| PluginError::broken(&self.name, wrong);
        let (mut images, mut segmentations) = (Vec::new(), Vec::new());
        let mut metadata = loaded.metadata;
        if let [only] = &loaded.images[..]
            && !only.unit.is_empty()
        {
            // What the metadata say is the same in other words.
            metadata.entry(INTENSITY_UNIT).or_insert_with(|| crate::call::one_line(&only.unit).into());
        }
        for index in 0..loaded.images.len() {
            images.push(scan(&mut answer, &format!("image.{index}"))?.map_err(broken)?);
        }
        for (index, mask) in loaded.masks.into_iter().enumerate() {
            let labels = scan(&mut answer, &format!("mask.{index}"))?.map_err(broken)?;
            let offset = mask.offset.map(|offset| {
                check_offset(offset, &labels.grid, grid.map(|grid| grid.dims))?;
                Ok(offset.map(|n| n as usize))
            });
            segmentations.push(Segmentation {
                labels,
                regions: mask.names.into_iter().map(|(label, name)| (name, label)).collect(),
                reference_offset: offset.transpose().map_err(broken)?,
            });
        }
        Ok(Loaded { images, segmentations, metadata })
    }

    /// Tells what a folder holds; asked only of loaders whose description says that they can tell.
    ///
    /// # Errors
    /// If the loader refuses, or answers with something else.
    pub fn survey(&self, folder: &Path, host: &CaseHost) -> Result<Survey, PluginError> {
        let (bytes, request) = (path_bytes(folder), Recognise { path: folder.to_string_lossy().into() });
        let dims = [bytes.len() as u64];
        let answer = self.instance.call(SURVEY, &request, &[Array::new(calls::PATH, &dims, bytes)], host)?;
        answer.read("the parts of its survey")
    }
}

/// A scan of an answer: its voxels where the loader has put them, its grid, its scaling.
fn scan(answer: &mut Answer<'_>, name: &str) -> Result<Result<Scan, String>, PluginError> {
    let Some(voxels) = answer.take(&format!("{name}.voxels")) else {
        return Ok(Err(format!("its answer has no array `{name}.voxels`")));
    };
    let (grid, scaling) =
        (answer.elements::<f64>(&format!("{name}.grid"))?, answer.elements::<f64>(&format!("{name}.scaling"))?);
    let Ok(grid) = <&[f64; 15]>::try_from(&*grid) else {
        return Ok(Err(format!("its array `{name}.grid` has {} numbers, expected 15", grid.len())));
    };
    let (pairs, rest) = scaling.as_chunks::<2>();
    if !rest.is_empty() {
        return Ok(Err(format!("its array `{name}.scaling` has {} numbers, expected pairs", scaling.len())));
    }
    let scaling = pairs.iter().map(|[slope, intercept]| Scaling { slope: *slope, intercept: *intercept });
    Ok(Scan::new(voxels, grid, scaling.collect()))
}

/// A segmentation that is placed on the image's grid lies inside it.
fn check_offset(offset: [u64; 3], own: &Grid, image: Option<[u64; 3]>) -> Result<(), String> {
    let Some(image) = image else {
        return Err("it placed a segmentation on an image that it was not given".into());
    };
    let own = own.dims;
    let inside = |axis: usize| offset[axis].checked_add(own[axis] as u64).is_some_and(|end| end <= image[axis]);
    if (0..3).all(inside) {
        return Ok(());
    }
    Err(format!(
        "it placed a segmentation of {own:?} voxels at voxel {offset:?} of an image of {image:?}, which does not hold it"
    ))
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
