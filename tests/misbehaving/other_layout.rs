//! A library that says that it speaks generation 1, with a table of functions that is laid out otherwise.

// Both come out of what the macros of the wire expand to.
#![allow(missing_docs, non_local_definitions)]

use abi_stable::{
    StableAbi, declare_root_module_statics,
    library::{CheckTypeLayout, LibHeader, RootModule, RootModuleResult},
    prefix_type::PrefixTypeTrait as _,
    sabi_types::VersionStrings,
    std_types::RString,
};

/// Not the table of the interface.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModuleRef)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    /// Has another type there.
    pub describe: extern "C" fn() -> RString,
    /// Is not there at all.
    #[sabi(last_prefix_field)]
    pub configure_everything: extern "C" fn(u64) -> u64,
}

impl RootModule for PluginModuleRef {
    declare_root_module_statics! {PluginModuleRef}
    const BASE_NAME: &'static str = "voxomics_plugin";
    const NAME: &'static str = "voxomics_plugin";
    // That of the generation: only the layout tells the two apart.
    const VERSION_STRINGS: VersionStrings = VersionStrings::new("1.0.0");
}

extern "C" fn describe() -> RString {
    "{}".into()
}

extern "C" fn configure_everything(of: u64) -> u64 {
    of
}

extern "C" fn module() -> RootModuleResult {
    fn make() -> PluginModuleRef {
        PluginModule { describe, configure_everything }.leak_into_prefix()
    }
    abi_stable::library::__call_root_module_loader(make)
}

static HEADER: LibHeader = {
    // SAFETY: `module` returns what `make` returns, a `PluginModuleRef`.
    unsafe { LibHeader::from_constructor::<PluginModuleRef>(module, CheckTypeLayout::Yes) }
};

#[unsafe(export_name = "voxomics_plugin_entry")]
extern "C" fn entry(generation: u32, carrier: u32) -> *const std::ffi::c_void {
    if (generation, carrier) == (1, 1) { (&raw const HEADER).cast() } else { std::ptr::null() }
}
