//! What a worker may have opened for it.

use std::path::{Component, Path, PathBuf};

use voxomics_interface::{Request, calls};

/// The files that the program opens for a plugin during one call: what its settings name, and what lies with the case's path.
#[derive(Debug)]
pub struct Reach<'a> {
    files: &'a [PathBuf],
    /// The folder that was asked for, or the one that holds the file that was asked for.
    folder: Option<PathBuf>,
}

impl<'a> Reach<'a> {
    /// Nothing is in reach.
    pub const NOTHING: Self = Self { files: &[], folder: None };

    /// What is in reach during a request.
    pub fn new(files: &'a [PathBuf], request: Request<'_>) -> Self {
        let path = request.arrays.iter().find(|array| array.name().bytes() == calls::PATH.as_bytes());
        let path = path.map(|path| crate::entered::path_of(path.bytes()));
        let folder = path.and_then(|path| if path.is_dir() { Some(path) } else { Some(path.parent()?.to_owned()) });
        Self { files, folder }
    }

    /// Whether a file or folder is in reach. A path that steps back is not: where it leads is seen only after it was followed.
    /// A link that lies with the case was put there by who owns the case, and is followed.
    pub fn allows(&self, path: &Path) -> bool {
        let steps_back = path.components().any(|part| part == Component::ParentDir);
        let below = self.folder.as_ref().is_some_and(|folder| path.starts_with(folder));
        !steps_back && (below || self.files.iter().any(|file| file == path))
    }

    /// Why anything else is refused.
    pub const REFUSAL: &'static str = "it is not with the case's files, and a plugin in a process of its own reads no others. If \
                                       you trust the plugin, isolation = \"none\" lifts that";
}

#[cfg(test)]
mod tests {
    use voxomics_interface::Array;

    use super::*;

    #[test]
    fn what_lies_with_the_case_is_in_reach_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let (image, others) = (folder.path().join("a/scan.nii"), folder.path().join("b/scan.nii"));
        let text = image.to_str().expect("a path").as_bytes();
        let dims = [text.len() as u64];
        let arrays = [Array::new(calls::PATH, &dims, text)];
        let files = [folder.path().join("model.toml")];
        let reach = Reach::new(&files, Request::new("{}", &arrays));
        assert!(reach.allows(&image) && reach.allows(&image.with_file_name("scan.raw")) && reach.allows(&files[0]));
        assert!(!reach.allows(&others) && !reach.allows(Path::new("/etc/passwd")));
        assert!(!reach.allows(&image.with_file_name("../b/scan.nii")));
        let dims = [folder.path().as_os_str().len() as u64];
        let arrays = [Array::new(calls::PATH, &dims, folder.path().as_os_str().as_encoded_bytes())];
        assert!(
            Reach::new(&[], Request::new("{}", &arrays)).allows(&others),
            "a folder is asked for with all below it"
        );
        assert!(!Reach::new(&[], Request::new("{}", &[])).allows(&image), "a family has no file");
    }
}
