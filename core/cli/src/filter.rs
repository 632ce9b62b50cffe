//! `voxomics filter`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use voxomics_engine::{
    filtered::{self, Asked},
    host::Services,
    output, preview,
    volume::{self, Voxels},
};

use crate::{Refused, terminal::shown};

#[derive(Args)]
pub struct Arguments {
    /// The scan: a file, or a folder of a DICOM series.
    image: PathBuf,
    /// The file that is written: NIfTI (.nii or .nii.gz) or NRRD (.nrrd). If the filter has several maps, each one's name comes before the end.
    out: PathBuf,
    /// The filter, as in [images.NAME] filter.
    #[arg(long, value_name = "ID")]
    filter: String,
    /// A setting of the filter, as in --set sigma_mm=2; or of an experiment, as in --set interpolation.image=cubic; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    settings: Vec<String>,
    /// A mask. A filter that looks at a region finds it with --set region=mask.
    #[arg(long, value_name = "FILE")]
    mask: Option<PathBuf>,
    /// The series or volume, where the folder holds several.
    #[arg(long, value_name = "UID")]
    series: Option<String>,
    /// The plugin, by its file, if it did not come with the program.
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// What the filter was fitted to: a file of fitted/, or a model that carries it.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The name of the image in that model, as in [images.NAME].
    #[arg(long, value_name = "NAME", requires = "state")]
    name: Option<String>,
    /// Draw a picture as well (PNG): the slices through the middle of the scan, and below them those of each map.
    #[arg(long, value_name = "FILE")]
    picture: Option<PathBuf>,
    /// Write over files that are there.
    #[arg(long)]
    replace: bool,
}

/// What `filter --help` says at the end.
pub const HELP: &str = "\
The voxels are written with 64 bits, as features would see them, on the grid of the scan or of [interpolation].
Exit codes: 0, all is written; 2, nothing is.

Examples:
  voxomics filter ct.nii.gz log.nii.gz --filter laplacian-of-gaussian --set sigma_mm=2
  voxomics filter t1.nii.gz z.nii.gz --filter image-z-score --mask muscle.nii.gz --set region=mask
  voxomics plugins inspect filter-gabor       # what can be set";

pub fn run(arguments: Arguments) -> Result<ExitCode, Refused> {
    let Arguments { image, out, filter, settings, mask, series, plugin, state, name, picture, replace } = arguments;
    let Some((stem, end)) = split(&out) else {
        let ends = volume::ENDS.join(" or ");
        return Err(Refused(format!("{} has another end than {ends}, which is what can be written", out.display())));
    };
    let asked = Asked { image, series, mask, filter, settings, plugin, state, name };
    let found = filtered::run(&asked, &Services::default())?;
    found.warnings.iter().for_each(|warning| tell!("warning: {warning}"));
    let path = |map: &str| match map {
        "" => out.clone(),
        map => out.with_file_name(format!("{stem}.{}{end}", map.replace(['/', '\\'], "_"))),
    };
    let files: Vec<(PathBuf, &Vec<f64>)> = found.maps.iter().map(|(map, voxels)| (path(map), voxels)).collect();
    let mut wanted = files.iter().map(|(path, _)| path).chain(&picture);
    if let Some(there) = wanted.find(|path| path.exists() && !replace) {
        return Err(Refused(format!("{} is there; --replace writes over it", there.display())));
    }
    for (path, voxels) in files {
        write(&path, &|part| volume::write(part, &found.grid, Voxels::Intensities(voxels)))?;
        say!("{}", shown(&path));
    }
    if let Some(path) = picture {
        let maps = found.maps.iter().map(|(_, voxels)| voxels.as_slice());
        let png = preview::responses(&found.grid, &found.image, maps).png()?;
        output::write_alone(&path, |out| out.write_all(&png))?;
        say!("{}", shown(&path));
    }
    Ok(ExitCode::SUCCESS)
}

/// A name without its end, and the end.
fn split(path: &Path) -> Option<(String, &'static str)> {
    let name = path.file_name()?.to_str()?;
    volume::ENDS
        .into_iter()
        .find_map(|end| Some((name.strip_suffix(end).filter(|stem| !stem.is_empty())?.to_owned(), end)))
}

/// Writes a file under another name, and gives it its own when it is whole.
fn write(path: &Path, fill: &dyn Fn(&Path) -> Result<(), String>) -> Result<(), Refused> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!(".unfinished-{name}"));
    fill(&part)?;
    fs::rename(&part, path).map_err(|cause| Refused(format!("cannot write {}: {cause}", path.display())))
}
