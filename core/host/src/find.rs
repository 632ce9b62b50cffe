//! Where a plugin's library is, given its name.

use std::{
    env, io,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use voxomics_interface::describe::Kind;

/// The environment variable that lists further folders of plugins.
pub const PATH_VARIABLE: &str = "VOXOMICS_PLUGIN_PATH";

/// The folder of the program's own files, if this process is not the program.
static HOME: OnceLock<PathBuf> = OnceLock::new();

/// States where the program and its plugins are: for a process that is not the program, such as a Python interpreter. Once;
/// before the first plugin is looked for.
///
/// # Errors
/// If the folder is not absolute, or another one was stated before.
pub fn set_home(folder: &Path) -> Result<(), String> {
    if !folder.is_absolute() {
        return Err(format!("the folder of the program is `{}`, expected an absolute path", folder.display()));
    }
    let stated = HOME.get_or_init(|| folder.to_owned());
    match stated == folder {
        true => Ok(()),
        false => Err(format!(
            "the folder of the program is {} and cannot become {}: one process has one program",
            stated.display(),
            folder.display()
        )),
    }
}

/// The folder of the program's own files: that of the executable, unless [`set_home`] has stated another one.
pub fn home() -> Option<PathBuf> {
    let beside = || Some(env::current_exe().ok()?.parent()?.to_owned());
    HOME.get().cloned().or_else(beside)
}

/// The `voxomics` program: this executable, or the one in the folder that [`set_home`] has stated.
///
/// # Errors
/// If the system does not tell the executable.
pub fn program() -> io::Result<PathBuf> {
    match HOME.get() {
        Some(home) => Ok(home.join(format!("voxomics{}", env::consts::EXE_SUFFIX))),
        None => env::current_exe(),
    }
}

/// The folders in which plugins are looked for, in order.
#[derive(Debug, Clone, Default)]
pub struct SearchPath {
    folders: Vec<PathBuf>,
    /// Entries of [`PATH_VARIABLE`] that are not absolute.
    ignored: Vec<PathBuf>,
}

impl SearchPath {
    /// Beside the program (and in its `plugins` folder), then `VOXOMICS_PLUGIN_PATH`, then the folders of the experiment.
    /// Never the working directory: a library there is not there because somebody chose it.
    pub fn new(of_experiment: &[PathBuf]) -> Self {
        let (mut folders, mut ignored) = (Vec::new(), Vec::new());
        if let Some(home) = home() {
            folders.extend([home.clone(), home.join("plugins")]);
        }
        if let Some(list) = env::var_os(PATH_VARIABLE) {
            for folder in env::split_paths(&list) {
                // It would start from the working directory, and an empty one would be the working directory.
                if folder.is_absolute() { folders.push(folder) } else { ignored.push(folder) }
            }
        }
        folders.extend_from_slice(of_experiment);
        Self { folders, ignored }
    }

    /// Whether a library came with the program: it lies beside it, or in its `plugins` folder. Whoever can write
    /// there can replace the program as well.
    pub fn is_ours(path: &Path) -> bool {
        let (folder, home) = (path.parent(), home());
        home.is_some_and(|home| folder == Some(home.as_path()) || folder == Some(home.join("plugins").as_path()))
    }

    /// The folders, in order.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The library of a plugin, by the plugin's name.
    ///
    /// # Errors
    /// Where it was looked for.
    pub fn find(&self, name: &str) -> Result<PathBuf, String> {
        let candidates = library_names(name);
        let paths = self.folders.iter().flat_map(|folder| candidates.iter().map(|file| folder.join(file)));
        paths.clone().find(|path| path.is_file()).ok_or_else(|| {
            let folders: Vec<String> = self.folders.iter().map(|folder| folder.display().to_string()).collect();
            let ignored: Vec<String> = self.ignored.iter().map(|folder| format!("`{}`", folder.display())).collect();
            let ignored = match ignored.len() {
                0 => String::new(),
                _ => format!(" ({PATH_VARIABLE} also has {}, which is not absolute and left out)", ignored.join(", ")),
            };
            format!(
                "there is no plugin `{name}`: no {} in {}{ignored}. Build it, add its folder to {PATH_VARIABLE} (absolute) or to \
                 `plugins.paths`, or name its file in [[plugins.file]]",
                candidates.join(" or "),
                folders.join(", ")
            )
        })
    }

    /// Every file in the folders whose name is that of a plugin's library, with the plugin's name; the first of each
    /// name, as [`find`](Self::find) would answer.
    pub fn list(&self) -> Vec<(String, PathBuf)> {
        let mut found: Vec<(String, PathBuf)> = Vec::new();
        for folder in &self.folders {
            let Ok(entries) = std::fs::read_dir(folder) else { continue };
            let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
            files.sort();
            for path in files {
                if let Some(name) = plugin_name(&path)
                    && found.iter().all(|(known, _)| *known != name)
                {
                    found.push((name, path));
                }
            }
        }
        found
    }
}

/// The file names of a plugin's library on this system, the usual one first: `features-glcm` is
/// `libfeatures_glcm.so`, `libfeatures_glcm.dylib` or `features_glcm.dll`.
pub fn library_names(name: &str) -> Vec<String> {
    let stem = name.replace('-', "_");
    vec![format!("{}{stem}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX)]
}

/// The plugin's name if the file's is that of one of the kinds.
fn plugin_name(path: &Path) -> Option<String> {
    let stem =
        path.file_name()?.to_str()?.strip_prefix(env::consts::DLL_PREFIX)?.strip_suffix(env::consts::DLL_SUFFIX)?;
    let of_kind = |kind: Kind| stem.strip_prefix(kind.word()).is_some_and(|rest| rest.starts_with('_'));
    Kind::ALL.into_iter().any(of_kind).then(|| stem.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_absolute_is_no_home() {
        assert!(set_home(Path::new("plugins")).expect_err("relative").contains("absolute"));
        let beside = env::current_exe().expect("this test").parent().map(Path::to_owned);
        assert_eq!((home(), program().ok()), (beside, env::current_exe().ok()));
    }

    #[test]
    fn a_plugin_that_is_not_there_is_said_to_be_looked_for_everywhere_but_here() {
        let error = SearchPath::new(&[PathBuf::from("/nowhere/plugins")]).find("features-none").expect_err("not there");
        assert!(error.contains("/nowhere/plugins") && error.contains("features_none"), "{error}");
        let here = env::current_dir().expect("a working directory").display().to_string();
        assert!(!error.split(", ").any(|folder| folder == here), "{error}");
    }
}
