//! The carrier for C: the types of `include/voxomics.h`, which documents them.
//!
//! Each struct that may grow begins with its size: who reads it looks at nothing beyond.

use std::ffi::c_void;

/// `voxomics_text`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// UTF-8, not ended by a zero.
    pub bytes: *const u8,
    /// Number of bytes.
    pub length: u64,
}

/// `voxomics_array`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Array {
    /// Size of this struct.
    pub size: u64,
    /// Its name.
    pub name: Text,
    /// `codes::ELEMENT_…`.
    pub element: u32,
    /// Number of dimensions.
    pub rank: u32,
    /// The dimensions, the fastest first.
    pub dims: *const u64,
    /// The elements.
    pub data: *const c_void,
    /// Their bytes.
    pub bytes: u64,
}

/// `voxomics_request`.
#[repr(C)]
#[derive(Debug)]
pub struct Request {
    /// Size of this struct.
    pub size: u64,
    /// A JSON object.
    pub json: Text,
    /// Number of arrays.
    pub count: u64,
    /// Pointers to the arrays.
    pub arrays: *const *const Array,
}

/// `voxomics_answer`.
#[repr(C)]
#[derive(Debug)]
pub struct Answer {
    /// Size of this struct.
    pub size: u64,
    /// First argument of its functions.
    pub state: *mut c_void,
    /// Sets the JSON object.
    pub json: extern "C" fn(*mut c_void, Text),
    /// Memory of the host for an array of the answer, zeroed.
    pub array: extern "C" fn(*mut c_void, Text, u32, u32, *const u64) -> *mut c_void,
    /// Hands over an array of the plugin's.
    pub hand_over: extern "C" fn(*mut c_void, *const Array, *mut c_void, Option<extern "C" fn(*mut c_void)>),
    /// Says what went wrong.
    pub fail: extern "C" fn(*mut c_void, u32, Text, Text),
}

/// `voxomics_extension`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    /// Version; 0 if there is none.
    pub version: u32,
    /// The table.
    pub table: *const c_void,
    /// First argument of its functions.
    pub state: *const c_void,
}

/// `voxomics_host`.
#[repr(C)]
#[derive(Debug)]
pub struct Host {
    /// Size of this struct.
    pub size: u64,
    /// First argument of its functions.
    pub state: *const c_void,
    /// Writes a line to the log.
    pub log: extern "C" fn(*const c_void, u32, Text),
    /// Whether to go on.
    pub stop: extern "C" fn(*const c_void) -> u32,
    /// Runs a chunk for each index.
    pub for_each: extern "C" fn(*const c_void, u64, *const c_void, extern "C" fn(*const c_void, u64)) -> u32,
    /// Opens a file of the case.
    pub open: extern "C" fn(*const c_void, Text, *mut i64, *mut u64) -> u32,
    /// Names what is in a folder of the case.
    pub list: extern "C" fn(*const c_void, Text, *mut c_void, extern "C" fn(*mut c_void, Text)) -> u32,
    /// The seed.
    pub seed: extern "C" fn(*const c_void) -> u64,
    /// An extension of the host.
    pub extension: extern "C" fn(*const c_void, Text) -> Extension,
}

/// `voxomics_library`: what a library's entry answers with.
#[repr(C)]
#[derive(Debug)]
pub struct Library {
    /// Size of this struct.
    pub size: u64,
    /// Describes the library.
    pub describe: Option<extern "C" fn(*const Answer) -> u32>,
    /// Makes an instance.
    pub configure: Option<extern "C" fn(Text, Text, *const Request, *const Host, *const Answer) -> *mut c_void>,
    /// Calls a method of an instance.
    pub call: Option<extern "C" fn(*mut c_void, Text, *const Request, *const Host, *const Answer) -> u32>,
    /// Ends an instance.
    pub drop: Option<extern "C" fn(*mut c_void)>,
    /// An extension of an instance, or of the library if there is no instance.
    pub extension: Option<extern "C" fn(*mut c_void, Text) -> Extension>,
}

impl Text {
    /// A text that is lent.
    pub fn of(text: &str) -> Self {
        Self { bytes: text.as_ptr(), length: text.len() as u64 }
    }

    /// Its bytes.
    ///
    /// # Safety
    /// `bytes` points to `length` bytes that live for `'a`, or the text is empty.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        match usize::try_from(self.length) {
            // SAFETY: as whoever calls this promises.
            Ok(length) if length > 0 && !self.bytes.is_null() => unsafe {
                std::slice::from_raw_parts(self.bytes, length)
            },
            _ => &[],
        }
    }
}

impl Library {
    /// Whether the table has every function of generation 1.
    ///
    /// # Safety
    /// `this` points to a `u64`, and to as many bytes as that says.
    ///
    /// # Errors
    /// What it lacks.
    pub unsafe fn check<'a>(this: *const Self) -> Result<&'a Self, String> {
        // Through `call`, `drop` and `extension`, all of generation 1.
        let least = size_of::<Self>() as u64;
        if !this.is_aligned() {
            return Err("its table of functions is not aligned".into());
        }
        // SAFETY: the size comes first, whatever follows.
        let size = unsafe { *this.cast::<u64>() };
        if size < least {
            return Err(format!("its table of functions has {size} bytes, and that of generation 1 has {least}"));
        }
        // SAFETY: the table is as large as the struct.
        let library = unsafe { &*this };
        let Self { describe, configure, call, drop, .. } = library;
        let lacking = [
            ("describe", describe.is_none()),
            ("configure", configure.is_none()),
            ("call", call.is_none()),
            ("drop", drop.is_none()),
        ];
        match lacking.iter().find(|(_, lacks)| *lacks) {
            Some((name, _)) => Err(format!("its table of functions has no `{name}`")),
            None => Ok(library),
        }
    }
}
