//! The table of functions that a plugin library exports.

use abi_stable::{
    StableAbi,
    library::RootModule,
    sabi_types::VersionStrings,
    std_types::{RResult, RStr, RString, RVec},
};

use crate::{BoxedFamily, BoxedFilter, BoxedLoader, BoxedPredictor, Extension, Failure, HostRef};

/// What a plugin library offers. One library may carry any number of plugins of the four kinds.
///
/// `configure_*` receive the id of one of the plugins that `describe` lists, and its settings as a JSON object; they
/// check the settings without touching a file other than one that a setting names, and answer with an instance or with
/// everything that is wrong.
#[repr(C)]
#[derive(StableAbi)]
#[sabi(kind(Prefix(prefix_ref = PluginModuleRef)))]
#[sabi(missing_field(panic))]
pub struct PluginModule {
    /// The library's description as JSON; its form is documented with `voxomics_sdk::describe::Library`.
    pub describe: extern "C" fn() -> RResult<RString, Failure>,
    /// Makes a configured loader.
    pub configure_loader: for<'a> extern "C" fn(RStr<'a>, RStr<'a>, HostRef<'a>) -> RResult<BoxedLoader, RVec<Failure>>,
    /// Makes a configured filter.
    pub configure_filter: for<'a> extern "C" fn(RStr<'a>, RStr<'a>, HostRef<'a>) -> RResult<BoxedFilter, RVec<Failure>>,
    /// Makes a configured feature family.
    pub configure_family: for<'a> extern "C" fn(RStr<'a>, RStr<'a>, HostRef<'a>) -> RResult<BoxedFamily, RVec<Failure>>,
    /// Makes a configured predictor.
    pub configure_predictor:
        for<'a> extern "C" fn(RStr<'a>, RStr<'a>, HostRef<'a>) -> RResult<BoxedPredictor, RVec<Failure>>,
    /// Returns an extension of the library by its id, or null.
    #[sabi(last_prefix_field)]
    pub query_extension: for<'a> extern "C" fn(RStr<'a>) -> Extension,
}

impl RootModule for PluginModuleRef {
    abi_stable::declare_root_module_statics! {PluginModuleRef}
    const BASE_NAME: &'static str = "voxomics_plugin";
    const NAME: &'static str = "voxomics_plugin";
    // The version of the generation, not of the crate: a release must not refuse the plugins of the one before.
    const VERSION_STRINGS: VersionStrings = VersionStrings::new("1.0.0");
}
