//! A plugin that says no more than that it speaks generation 0 of the interface.

use std::ffi::c_void;

/// Something to point to.
static NOTHING: u64 = 0;

#[unsafe(export_name = "voxomics_plugin_entry")]
extern "C" fn entry(generation: u32, _: u32) -> *const c_void {
    if generation == 0 { (&raw const NOTHING).cast() } else { std::ptr::null() }
}
