//! The one shape that crosses: a JSON object and named arrays, there and back.

use abi_stable::{
    StableAbi,
    std_types::{RSlice, RVec},
};

use crate::{Array, OwnedArray, OwnedText, Text};

/// What a method is asked with; lent for the length of the call.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct Request<'a> {
    /// A JSON object.
    pub json: Text<'a>,
    /// Arrays, each with a name of its own.
    pub arrays: RSlice<'a, Array<'a>>,
}

impl<'a> Request<'a> {
    /// A request.
    pub fn new(json: &'a str, arrays: &'a [Array<'a>]) -> Self {
        Self { json: json.into(), arrays: arrays.into() }
    }
}

/// What a method answers with; the receiver's.
#[repr(C)]
#[derive(StableAbi, Debug)]
pub struct Answer {
    /// A JSON object.
    pub json: OwnedText,
    /// Arrays, each with a name of its own.
    pub arrays: RVec<OwnedArray>,
}

/// What went wrong: a code, a sentence, and the setting that caused it.
#[repr(C)]
#[derive(StableAbi, Debug, Clone)]
pub struct Failure {
    /// One of the codes in [`codes`](crate::codes).
    pub code: u32,
    /// What was found, what was expected, what to do.
    pub message: OwnedText,
    /// The key of the setting that is wrong; empty if none is.
    pub key: OwnedText,
}

/// An ability beyond the interface, which was asked for by its id: a version, a table of functions and a state to call them
/// with. It is valid as long as the instance, library or host that gave it. What the table holds is documented with the
/// id ([`extensions`](crate::extensions)).
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct Extension {
    /// Version of the table: a later one has the functions of an earlier one at its beginning. 0 if there is no such
    /// extension.
    pub version: u32,
    /// The table, or null.
    pub table: *const (),
    /// The first argument of every function of the table.
    pub state: *const (),
}

impl Extension {
    /// The answer to an id that is not known.
    pub const NONE: Self = Self { version: 0, table: std::ptr::null(), state: std::ptr::null() };

    /// Whether there is such an extension, in this version or a later one.
    pub fn is_at_least(&self, version: u32) -> bool {
        !self.table.is_null() && self.version >= version.max(1)
    }
}

/// A piece of a plugin's work, to be called for each index once.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct Chunk {
    /// Handed back as the first argument.
    pub state: *const (),
    /// The work; may be called from several threads at once.
    pub call: extern "C" fn(*const (), u64),
}

/// An open file.
#[repr(C)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct OpenFile {
    /// A descriptor (on Windows a handle) opened for reading, with a position of its own. It is the receiver's, who closes it.
    pub descriptor: i64,
    /// Size of the file when it was opened, bytes.
    pub size: u64,
}

/// Memory of the host that a plugin may fill and hand over as an array.
#[repr(C)]
#[derive(StableAbi, Debug)]
pub struct Block {
    /// Zeroed bytes, aligned to 64.
    pub data: *mut u8,
    /// Their number.
    pub length: u64,
    /// Argument of `release`.
    pub owner: *mut (),
    /// Gives the memory back; whoever fills the block hands it on with the array, or calls it.
    pub release: extern "C" fn(*mut ()),
}
