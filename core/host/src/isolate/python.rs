//! A plugin in Python: one file, its helpers, and the interpreter that runs them.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use include_dir::{Dir, include_dir};

/// The package that authors import, as it belongs to this program: its protocol is always the one that is spoken here.
static PACKAGE: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../python/plugin/voxomics_plugin");

/// What the interpreter runs: the package comes from the program's own copy, and nothing else is added to the path.
const BOOTSTRAP: &str =
    "import sys; sys.path.insert(0, sys.argv.pop(1)); from voxomics_plugin.serve import main; main()";

/// What an interpreter is and may read to work: itself first (a name or a link on the path may be a script that starts another),
/// then its own folders.
const PLACES: &str = "import json, os, sys; print(json.dumps([sys.executable] + [p for p in {os.path.realpath(sys.executable), \
                      sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.realpath(sys.prefix), *sys.path} if p]))";

/// A Python file and what it needs beside it.
#[derive(Debug, Clone)]
pub struct Script {
    /// Name of the file.
    pub name: String,
    /// Its text, as it was when its digest was taken.
    pub text: Vec<u8>,
    /// Helpers beside it: name and content.
    pub helpers: Vec<(String, Vec<u8>)>,
    /// The interpreter.
    pub interpreter: PathBuf,
    /// Where it may read; asked of the interpreter once.
    places: OnceLock<Vec<PathBuf>>,
}

/// Program, arguments, environment, places to read.
pub(super) type Prepared = (PathBuf, Vec<OsString>, Vec<(OsString, OsString)>, Vec<PathBuf>);

impl Script {
    /// A script with its helpers, read once.
    ///
    /// # Errors
    /// Which file cannot be read.
    pub fn read(file: &Path, helpers: &[PathBuf], interpreter: PathBuf) -> Result<Self, String> {
        let read = |path: &Path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let text = fs::read(path).map_err(|cause| format!("{} cannot be read: {cause}", path.display()))?;
            Ok::<_, String>((name, text))
        };
        let (name, text) = read(file)?;
        let helpers = helpers.iter().map(|path| read(path)).collect::<Result<_, _>>()?;
        Ok(Self { name, text, helpers, interpreter, places: OnceLock::new() })
    }

    /// Puts the files into a worker's own folder: what runs is what was hashed.
    pub(super) fn prepare(&self, scratch: &Path) -> io::Result<Prepared> {
        let (package, own) = (scratch.join("package"), scratch.join("plugin"));
        let modules = package.join("voxomics_plugin");
        fs::create_dir_all(&modules)?;
        fs::create_dir_all(&own)?;
        PACKAGE.extract(&modules)?;
        let files = self.helpers.iter().map(|(name, text)| (name, text)).chain([(&self.name, &self.text)]);
        for (name, text) in files {
            fs::write(own.join(name), text)?;
        }
        let places = match self.places.get() {
            Some(places) => places.clone(),
            None => {
                let asked = self.ask()?;
                self.places.get_or_init(|| asked).clone()
            }
        };
        // What it prints is passed on with the call that printed it, and not when a buffer is full.
        let arguments: [OsString; 7] = [
            "-I".into(),
            "-B".into(),
            "-u".into(),
            "-c".into(),
            BOOTSTRAP.into(),
            package.into(),
            own.join(&self.name).into(),
        ];
        let program = places.first().cloned().unwrap_or_else(|| self.interpreter.clone());
        Ok((program, arguments.to_vec(), environment(), places))
    }

    fn ask(&self) -> io::Result<Vec<PathBuf>> {
        let output = Command::new(&self.interpreter).args(["-I", "-c", PLACES]).output().map_err(|cause| {
            io::Error::other(format!("the interpreter {} cannot be started: {cause}", self.interpreter.display()))
        })?;
        let places: Vec<PathBuf> = serde_json::from_slice(&output.stdout).map_err(|_| {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            io::Error::other(format!("{} is no Python that works: {}", self.interpreter.display(), said.trim()))
        })?;
        // A link is followed by the kernel before it asks for rights.
        let real = places.iter().filter_map(|path| path.canonicalize().ok());
        Ok(places.iter().cloned().chain(real).collect())
    }
}

/// One thread per library of mathematics, so that the number of processors changes no bit; nothing written beside the modules.
fn environment() -> Vec<(OsString, OsString)> {
    [
        ("PYTHONUTF8", "1"),
        ("PYTHONDONTWRITEBYTECODE", "1"),
        ("OPENBLAS_NUM_THREADS", "1"),
        ("OMP_NUM_THREADS", "1"),
        ("MKL_NUM_THREADS", "1"),
        ("HDF5_USE_FILE_LOCKING", "FALSE"),
    ]
    .map(|(name, value)| (name.into(), value.into()))
    .to_vec()
}
