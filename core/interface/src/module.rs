//! The table of functions behind a library's entry, over the carrier of Rust.

use abi_stable::{StableAbi, library::RootModule, sabi_types::VersionStrings};

use crate::{Configured, Described, Extension, HostRef, Request, Text};

/// What a plugin library offers. One library may carry any number of plugins.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModuleRef)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    /// The library's description.
    pub describe: extern "C" fn() -> Described,
    /// Makes an instance: of a kind, by its word; of the id that `describe` lists; with the settings in the request's JSON
    /// ([`calls::Configure`](crate::calls::Configure)). Touches no file but one that a setting names.
    pub configure: for<'a> extern "C" fn(Text<'a>, Text<'a>, Request<'a>, HostRef<'a>) -> Configured,
    /// An extension of the library by its id.
    #[sabi(last_prefix_field)]
    pub extension: for<'a> extern "C" fn(Text<'a>) -> Extension,
}

impl RootModule for PluginModuleRef {
    abi_stable::declare_root_module_statics! {PluginModuleRef}
    const BASE_NAME: &'static str = "voxomics_plugin";
    const NAME: &'static str = "voxomics_plugin";
    // The version of the generation, not of the crate: a release must not refuse the plugins of the one before.
    const VERSION_STRINGS: VersionStrings = VersionStrings::new("1.0.0");
}
