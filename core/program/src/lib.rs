//! Which program this is, known by what it was made from: a fix in a ring changes the digest, and not the version.
//!
//! The build script takes the digest. It is equal whichever folder the sources lie in, with or without git, and equal for
//! every program of one build. What cannot change a value (tests, pages, the place of the sources) is not in it.

#[cfg(test)]
#[path = "../sources.rs"]
mod sources;

/// SHA-256 over sources, lock file, compiler, profile, target and flags, in hexadecimal.
pub const DIGEST: &str = env!("VOXOMICS_PROGRAM_DIGEST");

/// Version, for people: it need not change when a value does.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that the sources are of, if they are under git, with ` and changes` if they are not as it has them.
pub const COMMIT: Option<&str> = option_env!("VOXOMICS_PROGRAM_COMMIT");

/// The compiler.
pub const COMPILER: &str = env!("VOXOMICS_PROGRAM_COMPILER");

/// The target, as the compiler names it.
pub const TARGET: &str = env!("VOXOMICS_PROGRAM_TARGET");

/// The profile of the build: `release` or `debug`.
pub const PROFILE: &str = env!("VOXOMICS_PROGRAM_PROFILE");

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::sources::digest;

    fn tree(root: &Path) {
        for (path, text) in [
            ("Cargo.toml", "[workspace]\n"),
            ("Cargo.lock", "version = 4\n"),
            ("core/a/Cargo.toml", "[package]\n"),
            ("core/a/src/lib.rs", "pub fn a() {}\n"),
            ("core/a/src/data/table.csv", "1,2\n"),
            ("core/a/tests/a.rs", "#[test]\nfn a() {}\n"),
            ("plugins/b/src/lib.rs", "pub fn b() {}\n"),
            ("docs/page.md", "A page.\n"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            fs::write(path, text).expect("a file");
        }
    }

    fn of(change: impl FnOnce(&Path)) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        tree(folder.path());
        change(folder.path());
        digest(folder.path(), &["rustc 1".to_owned()]).expect("a digest")
    }

    #[test]
    fn it_does_not_depend_on_the_folder_nor_on_what_changes_no_value() {
        let plain = of(|_| {});
        assert_eq!(plain.len(), 64);
        assert_eq!(plain, of(|_| {}));
        assert_eq!(plain, of(|root| fs::write(root.join("docs/page.md"), "Another.").expect("a file")));
        assert_eq!(plain, of(|root| fs::write(root.join("core/a/tests/a.rs"), "// none").expect("a file")));
        assert_eq!(plain, of(|root| fs::write(root.join("core/.a.swp"), "of an editor").expect("a file")));
        assert_eq!(
            plain,
            of(|root| {
                fs::create_dir_all(root.join("core/a/target/debug")).expect("a folder");
                fs::write(root.join("core/a/target/debug/a"), "built").expect("a file");
            })
        );
    }

    #[test]
    fn every_byte_and_name_of_what_is_compiled_counts() {
        let write = |path: &'static str, text: &'static str| {
            move |root: &Path| fs::write(root.join(path), text).expect("a file")
        };
        let digests = [
            of(|_| {}),
            of(write("core/a/src/lib.rs", "pub fn a() { }\n")),
            of(write("core/a/src/data/table.csv", "1,3\n")),
            of(write("core/a/src/tests", "a file of that name\n")),
            of(write("plugins/b/src/lib.rs", "pub fn b() {  }\n")),
            of(write("Cargo.lock", "version = 3\n")),
            of(write("Cargo.toml", "[workspace]\n[profile.release]\n")),
            of(|root| fs::rename(root.join("core/a/src/lib.rs"), root.join("core/a/src/main.rs")).expect("a name")),
            // What moves from one file into the next.
            of(|root| {
                fs::write(root.join("core/a/src/data/table.csv"), "1,2").expect("a file");
                fs::write(root.join("core/a/src/lib.rs"), "\npub fn a() {}\n").expect("a file");
            }),
        ];
        for (index, digest) in digests.iter().enumerate() {
            assert!(!digests[..index].contains(digest), "change {index} has the digest of another");
        }
        let folder = tempfile::tempdir().expect("a folder");
        tree(folder.path());
        let with = |compiler: &str| digest(folder.path(), &[compiler.to_owned()]).expect("a digest");
        assert_ne!(with("rustc 1"), with("rustc 2"));
    }

    #[test]
    fn sources_that_are_not_there_are_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(digest(folder.path(), &[]).is_err());
    }
}
