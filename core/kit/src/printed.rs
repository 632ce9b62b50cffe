//! What a plugin prints, kept where the check finds it.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// The file that takes it.
const PRINTED: &str = "printed";

/// Turns what is printed from now on into a file of a folder.
///
/// # Errors
/// If the file cannot be made.
pub fn keep(folder: &Path) -> io::Result<()> {
    let file = File::options().create(true).append(true).open(folder.join(PRINTED))?;
    rustix::stdio::dup2_stdout(&file)?;
    rustix::stdio::dup2_stderr(&file)?;
    Ok(())
}

/// Forgets what was printed so far.
///
/// # Errors
/// If the file cannot be written.
pub fn forget(folder: &Path) -> io::Result<()> {
    write_out();
    File::options().write(true).open(folder.join(PRINTED))?.set_len(0)
}

fn write_out() {
    // SAFETY: a null pointer asks for every stream of C to be written out.
    unsafe { libc::fflush(std::ptr::null_mut()) };
}

/// What was printed so far.
///
/// # Errors
/// If the file cannot be read.
pub fn so_far(folder: &Path) -> io::Result<String> {
    write_out();
    Ok(String::from_utf8_lossy(&fs::read(folder.join(PRINTED))?).into_owned())
}
