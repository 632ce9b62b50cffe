//! A library that says that it speaks generation 1, and exports nothing else of it.

#[unsafe(export_name = "voxomics_plugin_generation")]
extern "C" fn generation() -> u32 {
    1
}
