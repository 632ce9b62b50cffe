//! The folder of a unit test.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

/// A folder for files that a loader's test writes, which goes with the test.
///
/// ```
/// use voxomics_sdk::testing::TestFolder;
///
/// let folder = TestFolder::new();
/// let path = folder.write("a.txt", b"text");
/// assert_eq!(std::fs::read(&path).unwrap(), b"text");
/// drop(folder);
/// assert!(!path.exists());
/// ```
#[derive(Debug)]
pub struct TestFolder(PathBuf);

impl TestFolder {
    /// A new folder, empty, among the system's temporary files.
    ///
    /// # Panics
    /// If it cannot be made; so do the other methods.
    #[expect(clippy::new_without_default, reason = "a new folder on disk is no default")]
    pub fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("voxomics-test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
        Self(path)
    }

    /// The path of the folder, for loaders that read whole folders.
    pub fn root(&self) -> &Path {
        &self.0
    }

    /// Where a file of that name would be.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
        path
    }
}

impl Drop for TestFolder {
    fn drop(&mut self) {
        // What cannot be deleted is the system's to clean up.
        let _best_effort = fs::remove_dir_all(&self.0);
    }
}
