//! A plugin that says no more than that it speaks generation 0 of the interface.

#[unsafe(export_name = "voxomics_plugin_generation")]
extern "C" fn generation() -> u32 {
    0
}
