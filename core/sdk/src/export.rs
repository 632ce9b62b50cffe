//! Making a library of plain Rust types.

use std::{
    mem::ManuallyDrop,
    panic::{AssertUnwindSafe, catch_unwind},
};

use voxomics_interface::{
    BoxedFamily, BoxedFilter, BoxedLoader, BoxedPredictor, Failure, FeatureFamily_TO, Filter_TO, Loader_TO,
    Predictor_TO,
    abi_stable::{
        sabi_trait::TD_Opaque,
        std_types::{RResult, RStr, RString, RVec},
    },
    describe::{self as wire, Kind},
};

use crate::{Description, Error, FeatureFamily, Filter, Loader, Predictor, Settings, guard};

/// An instance behind the guard: its destructor cannot unwind into the host either.
pub(crate) struct Guarded<T>(ManuallyDrop<T>);

impl<T> Guarded<T> {
    fn new(instance: T) -> Self {
        Self(ManuallyDrop::new(instance))
    }

    /// The author's own type: its methods have the names of the wire's.
    pub(crate) fn plugin(&self) -> &T {
        &self.0
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        let drop = AssertUnwindSafe(|| {
            // SAFETY: this is the only drop, and nothing uses the instance after it.
            unsafe { ManuallyDrop::drop(&mut self.0) }
        });
        // There is nobody to tell: the results are already out, and the instance is gone either way.
        let _ = guard::quietly(|| catch_unwind(drop));
    }
}

type Configure<T> = fn(&Settings) -> Result<T, Error>;

/// A plugin in the table that [`export_plugin!`](crate::export_plugin) makes.
pub struct Entry<T> {
    describe: fn() -> Description,
    configure: Configure<T>,
}

/// The table that [`export_plugin!`](crate::export_plugin) makes.
pub struct Library {
    /// Version of the author's package.
    pub version: &'static str,
    /// Who made it.
    pub vendor: &'static str,
    /// Licence of the author's package.
    pub licence: &'static str,
    /// Loaders.
    pub loaders: &'static [Entry<BoxedLoader>],
    /// Filters.
    pub filters: &'static [Entry<BoxedFilter>],
    /// Feature families.
    pub families: &'static [Entry<BoxedFamily>],
    /// Predictors.
    pub predictors: &'static [Entry<BoxedPredictor>],
}

impl Entry<BoxedLoader> {
    /// The entry of a loader.
    pub const fn loader<L: Loader>() -> Self {
        Self {
            describe: L::describe,
            configure: |s| Ok(Loader_TO::from_value(Guarded::new(L::configure(s)?), TD_Opaque)),
        }
    }
}

impl Entry<BoxedFilter> {
    /// The entry of a filter.
    pub const fn filter<F: Filter>() -> Self {
        Self {
            describe: F::describe,
            configure: |s| Ok(Filter_TO::from_value(Guarded::new(F::configure(s)?), TD_Opaque)),
        }
    }
}

impl Entry<BoxedFamily> {
    /// The entry of a feature family.
    pub const fn family<F: FeatureFamily>() -> Self {
        let configure: Configure<BoxedFamily> =
            |s| Ok(FeatureFamily_TO::from_value(Guarded::new(F::configure(s)?), TD_Opaque));
        Self { describe: F::describe, configure }
    }
}

impl Entry<BoxedPredictor> {
    /// The entry of a predictor.
    pub const fn predictor<P: Predictor>() -> Self {
        let configure: Configure<BoxedPredictor> =
            |s| Ok(Predictor_TO::from_value(Guarded::new(P::configure(s)?), TD_Opaque));
        Self { describe: P::describe, configure }
    }
}

impl<T> Entry<T> {
    fn plugin(&self, kind: Kind) -> wire::Plugin {
        wire::Plugin { kind, ..(self.describe)().plugin }
    }
}

impl Library {
    /// The description as JSON.
    pub fn describe(&self) -> RResult<RString, Failure> {
        guard::guard(|| {
            let plugins = (self.loaders.iter().map(|entry| entry.plugin(Kind::Load)))
                .chain(self.filters.iter().map(|entry| entry.plugin(Kind::Filter)))
                .chain(self.families.iter().map(|entry| entry.plugin(Kind::Features)))
                .chain(self.predictors.iter().map(|entry| entry.plugin(Kind::Predict)));
            let library = wire::Library {
                version: self.version.into(),
                vendor: self.vendor.into(),
                licence: self.licence.into(),
                plugins: plugins.collect(),
            };
            serde_json::to_string(&library)
                .map(RString::from)
                .map_err(|cause| Error::input(format!("the description cannot be written as JSON: {cause}")))
        })
        .map_err(Failure::from)
        .into()
    }
}

/// Finds an entry by id and configures it.
pub fn configure<T>(entries: &[Entry<T>], id: RStr<'_>, settings: RStr<'_>) -> RResult<T, RVec<Failure>> {
    let mut wrong = Vec::new();
    let made = guard::guard(|| {
        let described = entries.iter().map(|entry| (entry, (entry.describe)().plugin));
        let (entry, plugin) = described
            .into_iter()
            .find(|(_, plugin)| plugin.id == id.as_str())
            .ok_or_else(|| Error::unknown_id(id.as_str()))?;
        match Settings::check(&plugin, settings.as_str()) {
            Ok(settings) => (entry.configure)(&settings).map(Some),
            Err(errors) => {
                wrong = errors;
                Ok(None)
            }
        }
    });
    match made {
        Ok(Some(instance)) => return RResult::ROk(instance),
        Ok(None) => {}
        Err(error) => wrong.push(error),
    }
    RResult::RErr(wrong.into_iter().map(Failure::from).collect())
}

#[doc(hidden)]
pub mod __export {
    pub use super::{Entry, Library, configure};
    pub use voxomics_interface::{
        BoxedFamily, BoxedFilter, BoxedLoader, BoxedPredictor, Extension, Failure, GENERATION, HostRef, PluginModule,
        PluginModuleRef, abi_stable,
    };
}

/// Makes a plugin library of the types that it is given. Call it once in the root of a `cdylib` crate.
///
/// `voxomics_sdk::export_plugin! { vendor: "…", loaders: […], filters: […], families: […], predictors: […] }`; every
/// list is optional, their order is fixed. Version and licence are those of the package.
#[macro_export]
macro_rules! export_plugin {
    (
        vendor: $vendor:expr
        $(, loaders: [$($loader:ty),* $(,)?])?
        $(, filters: [$($filter:ty),* $(,)?])?
        $(, families: [$($family:ty),* $(,)?])?
        $(, predictors: [$($predictor:ty),* $(,)?])?
        $(,)?
    ) => {
        const _: () = {
            use $crate::__export as x;
            use x::abi_stable::std_types::{RResult, RStr, RString, RVec};

            static LIBRARY: x::Library = x::Library {
                version: env!("CARGO_PKG_VERSION"),
                vendor: $vendor,
                licence: env!("CARGO_PKG_LICENSE"),
                loaders: &[$($(x::Entry::<x::BoxedLoader>::loader::<$loader>()),*)?],
                filters: &[$($(x::Entry::<x::BoxedFilter>::filter::<$filter>()),*)?],
                families: &[$($(x::Entry::<x::BoxedFamily>::family::<$family>()),*)?],
                predictors: &[$($(x::Entry::<x::BoxedPredictor>::predictor::<$predictor>()),*)?],
            };

            extern "C" fn describe() -> RResult<RString, x::Failure> {
                LIBRARY.describe()
            }
            extern "C" fn loader<'a>(
                id: RStr<'a>, settings: RStr<'a>, _: x::HostRef<'a>,
            ) -> RResult<x::BoxedLoader, RVec<x::Failure>> {
                x::configure(LIBRARY.loaders, id, settings)
            }
            extern "C" fn filter<'a>(
                id: RStr<'a>, settings: RStr<'a>, _: x::HostRef<'a>,
            ) -> RResult<x::BoxedFilter, RVec<x::Failure>> {
                x::configure(LIBRARY.filters, id, settings)
            }
            extern "C" fn family<'a>(
                id: RStr<'a>, settings: RStr<'a>, _: x::HostRef<'a>,
            ) -> RResult<x::BoxedFamily, RVec<x::Failure>> {
                x::configure(LIBRARY.families, id, settings)
            }
            extern "C" fn predictor<'a>(
                id: RStr<'a>, settings: RStr<'a>, _: x::HostRef<'a>,
            ) -> RResult<x::BoxedPredictor, RVec<x::Failure>> {
                x::configure(LIBRARY.predictors, id, settings)
            }
            extern "C" fn query_extension(_: RStr<'_>) -> x::Extension {
                x::Extension::NONE
            }

            #[unsafe(export_name = "voxomics_plugin_generation")]
            extern "C" fn generation() -> u32 {
                x::GENERATION
            }

            extern "C" fn module() -> x::abi_stable::library::RootModuleResult {
                fn make() -> x::PluginModuleRef {
                    use x::abi_stable::prefix_type::PrefixTypeTrait as _;
                    x::PluginModule {
                        describe,
                        configure_loader: loader,
                        configure_filter: filter,
                        configure_family: family,
                        configure_predictor: predictor,
                        query_extension,
                    }
                    .leak_into_prefix()
                }
                x::abi_stable::library::__call_root_module_loader(make)
            }

            // The name under which abi_stable 0.11 looks for a library's header (`ROOT_MODULE_LOADER_NAME`). Its own
            // attribute macro writes paths that only resolve in a crate that depends on it.
            #[unsafe(export_name = "_1as_0lib_1header_0root_bmodule_bloader")]
            static HEADER: x::abi_stable::library::LibHeader = {
                use x::abi_stable::library::{CheckTypeLayout, LibHeader};
                // SAFETY: `module` returns what `make` returns, a `PluginModuleRef`.
                unsafe { LibHeader::from_constructor::<x::PluginModuleRef>(module, CheckTypeLayout::Yes) }
            };
        };
    };
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_header_is_exported_under_the_name_that_is_looked_for() {
        let name = voxomics_interface::abi_stable::library::ROOT_MODULE_LOADER_NAME;
        assert_eq!(name, "_1as_0lib_1header_0root_bmodule_bloader");
    }
}
