//! Paths and files as they cross: bytes on Unix, UTF-8 elsewhere; descriptors on Unix, handles elsewhere.

use std::{ffi::OsString, fs::File, path::Path};

use crate::Error;

#[cfg(unix)]
pub(crate) use unix::*;

#[cfg(not(unix))]
pub(crate) use other::*;

#[cfg(unix)]
mod unix {
    use std::os::{
        fd::{FromRawFd as _, IntoRawFd as _, OwnedFd},
        unix::ffi::{OsStrExt as _, OsStringExt as _},
    };

    use super::{Error, File, OsString, Path};

    pub(crate) fn bytes(path: &Path) -> &[u8] {
        path.as_os_str().as_bytes()
    }

    pub(crate) fn name(bytes: &[u8]) -> Result<OsString, Error> {
        Ok(OsString::from_vec(bytes.to_vec()))
    }

    pub(crate) fn descriptor(file: File) -> i64 {
        i64::from(file.into_raw_fd())
    }

    pub(crate) fn file(descriptor: i64) -> Result<File, Error> {
        match i32::try_from(descriptor) {
            // SAFETY: the host has opened it and gives it away.
            Ok(descriptor) if descriptor >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }.into()),
            _ => Err(Error::input(format!("the host opened a file as {descriptor}, which is no descriptor"))),
        }
    }
}

#[cfg(not(unix))]
mod other {
    use super::{Error, File, OsString, Path};

    pub(crate) fn bytes(path: &Path) -> &[u8] {
        path.to_str().unwrap_or_default().as_bytes()
    }

    pub(crate) fn name(bytes: &[u8]) -> Result<OsString, Error> {
        std::str::from_utf8(bytes).map(OsString::from).map_err(|_| Error::input("the path is not UTF-8"))
    }

    #[cfg(windows)]
    pub(crate) fn descriptor(file: File) -> i64 {
        use std::os::windows::io::IntoRawHandle as _;
        file.into_raw_handle() as i64
    }

    #[cfg(not(windows))]
    pub(crate) fn descriptor(_: File) -> i64 {
        -1
    }

    #[cfg(windows)]
    pub(crate) fn file(handle: i64) -> Result<File, Error> {
        use std::os::windows::io::{FromRawHandle as _, OwnedHandle};
        // SAFETY: the host has opened it and gives it away.
        Ok(unsafe { OwnedHandle::from_raw_handle(handle as *mut _) }.into())
    }

    #[cfg(not(windows))]
    pub(crate) fn file(_: i64) -> Result<File, Error> {
        Err(Error::unsupported("files are not opened by the host on this system"))
    }
}
