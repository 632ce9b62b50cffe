//! Size and time of a file: whether it is still the one that was read.

use std::{fs, io, path::Path, time::SystemTime};

use serde::{Deserialize, Serialize};

/// Size, time of the last change and number of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// Number of bytes.
    pub bytes: u64,
    /// Time of the last change, in nanoseconds since 1970; 0 where the system does not tell.
    pub modified: i64,
    /// The number under which the file system knows it; 0 where there is none.
    pub number: u64,
}

/// How long a file must have been left alone, in nanoseconds, before size and time are taken for its bytes: the clocks of
/// file systems are coarse, and a second change within a tick shows in neither.
const SETTLED: i64 = 3_000_000_000;

impl Stamp {
    /// That of a file.
    ///
    /// # Errors
    /// If there is no such file.
    pub fn of(path: &Path) -> io::Result<Self> {
        fs::metadata(path).map(|metadata| Self::new(&metadata))
    }

    /// That of a file that is open, or was looked at.
    pub fn new(metadata: &fs::Metadata) -> Self {
        let modified = metadata.modified().map_or(0, nanoseconds);
        Self { bytes: metadata.len(), modified, number: number(metadata) }
    }

    /// That of what has no time of its own, such as the names in a folder: its digest stands for it.
    pub fn of_digest(sha256: &str, bytes: u64) -> Self {
        let number = sha256.get(..16).and_then(|start| u64::from_str_radix(start, 16).ok()).unwrap_or_default();
        Self { bytes, modified: 1, number }
    }

    /// Whether the file was left alone for long enough that a later change will show.
    pub fn is_settled(&self) -> bool {
        self.modified != 0 && nanoseconds(SystemTime::now()).saturating_sub(self.modified) > SETTLED
    }
}

fn nanoseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    i64::try_from(since).unwrap_or(i64::MAX)
}

#[cfg(unix)]
fn number(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn number(_: &fs::Metadata) -> u64 {
    0
}
