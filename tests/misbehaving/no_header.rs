//! A library that says that it speaks generation 1 over the carrier of Rust, and has nothing of it.

use std::ffi::c_void;

/// As long as the beginning of a header, and none.
static NO_HEADER: [u64; 8] = [0; 8];

#[unsafe(export_name = "voxomics_plugin_entry")]
extern "C" fn entry(generation: u32, carrier: u32) -> *const c_void {
    if (generation, carrier) == (1, 1) { (&raw const NO_HEADER).cast() } else { std::ptr::null() }
}
