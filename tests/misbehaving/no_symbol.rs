//! A dynamic library that is no plugin.

/// Something that a library may export.
#[unsafe(no_mangle)]
pub extern "C" fn answer() -> u32 {
    42
}
