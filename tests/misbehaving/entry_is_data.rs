//! A library that exports data under the name of the entry: who calls it runs whatever the bytes say.

/// No function.
#[used]
#[unsafe(export_name = "voxomics_plugin_entry")]
static ENTRY: [u8; 16] = *b"not an entrance.";

extern "C" fn initialise() {
    if let Some(path) = std::env::var_os("VOXOMICS_TEST_TRACE") {
        // Whoever finds no trace fails the test that expects one.
        let _ = std::fs::write(path, "initialised");
    }
}

// SAFETY: the section holds pointers to functions without arguments, which the loader calls in turn.
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static INITIALISE: extern "C" fn() = initialise;
