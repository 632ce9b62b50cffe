//! Making a library of plain Rust types.

use voxomics_interface::{
    BoxedInstance, CARRIER_RUST, Configured, Described, Failure, GENERATION, Instance_TO, OwnedText, Request, Text,
    abi_stable::{library::LibHeader, sabi_trait::TD_Opaque, std_types::RResult},
    calls::Configure,
    describe::{self as wire, Kind},
};

use crate::{
    Description, Error, Exporter, FeatureFamily, Filter, Loader, Predictor, RegionMaker, Settings,
    door::{Door, Given, Guarded},
    exporter, family, filter, guard, loader, predictor, region_maker,
};

/// A plugin in the table that [`export_plugin!`](crate::export_plugin) makes.
pub struct Entry {
    kind: Kind,
    describe: fn() -> Description,
    configure: fn(&Settings) -> Result<BoxedInstance, Error>,
}

/// The table that [`export_plugin!`](crate::export_plugin) makes.
pub struct Library {
    /// Version of the author's package.
    pub version: &'static str,
    /// Who made it.
    pub vendor: &'static str,
    /// Licence of the author's package.
    pub licence: &'static str,
    /// The plugins.
    pub plugins: &'static [Entry],
}

fn boxed(door: impl Door) -> BoxedInstance {
    Instance_TO::from_value(Guarded::new(door), TD_Opaque)
}

impl Entry {
    /// The entry of a loader.
    pub const fn loader<L: Loader>() -> Self {
        Self { kind: Kind::Load, describe: L::describe, configure: |s| Ok(boxed(loader::Behind(L::configure(s)?))) }
    }

    /// The entry of a filter.
    pub const fn filter<F: Filter>() -> Self {
        Self { kind: Kind::Filter, describe: F::describe, configure: |s| Ok(boxed(filter::Behind(F::configure(s)?))) }
    }

    /// The entry of a feature family.
    pub const fn family<F: FeatureFamily>() -> Self {
        let configure = |s: &Settings| Ok(boxed(family::Behind::new(F::configure(s)?)));
        Self { kind: Kind::Features, describe: F::describe, configure }
    }

    /// The entry of a predictor.
    pub const fn predictor<P: Predictor>() -> Self {
        let configure = |s: &Settings| Ok(boxed(predictor::Behind(P::configure(s)?)));
        Self { kind: Kind::Predict, describe: P::describe, configure }
    }

    /// The entry of a region maker.
    pub const fn region_maker<R: RegionMaker>() -> Self {
        let configure = |s: &Settings| Ok(boxed(region_maker::Behind(R::configure(s)?)));
        Self { kind: Kind::Regions, describe: R::describe, configure }
    }

    /// The entry of an exporter.
    pub const fn exporter<E: Exporter>() -> Self {
        let configure = |s: &Settings| Ok(boxed(exporter::Behind(E::configure(s)?)));
        Self { kind: Kind::Export, describe: E::describe, configure }
    }

    fn plugin(&self) -> wire::Plugin {
        let mut plugin = wire::Plugin { kind: self.kind, ..(self.describe)().plugin };
        plugin.schema = Some(plugin.settings_schema());
        plugin
    }
}

impl Library {
    /// The description as JSON.
    pub fn describe(&self) -> Described {
        guard::guard(|| {
            let library = wire::Library {
                version: self.version.into(),
                vendor: self.vendor.into(),
                licence: self.licence.into(),
                plugins: self.plugins.iter().map(Entry::plugin).collect(),
                requires: Vec::new(),
                skipped: Vec::new(),
            };
            serde_json::to_string(&library)
                .map(OwnedText::from)
                .map_err(|cause| Error::input(format!("the description cannot be written as JSON: {cause}")))
        })
        .map_err(Failure::from)
        .into()
    }

    /// Finds a plugin by kind and id, and configures it.
    pub fn configure(&self, kind: Text<'_>, id: Text<'_>, request: Request<'_>) -> Configured {
        configure(self.plugins, kind, id, request)
    }
}

/// Finds an entry by kind and id, and configures it.
pub(crate) fn configure(entries: &[Entry], kind: Text<'_>, id: Text<'_>, request: Request<'_>) -> Configured {
    let mut wrong = Vec::new();
    let made = guard::guard(|| {
        let of_kind = entries.iter().filter(|entry| entry.kind.word().as_bytes() == kind.bytes());
        let described = of_kind.map(|entry| (entry, entry.plugin()));
        let (entry, plugin) = described
            .into_iter()
            .find(|(_, plugin)| plugin.id.as_bytes() == id.bytes())
            .ok_or_else(|| Error::unknown_id(&String::from_utf8_lossy(id.bytes())))?;
        let Configure { settings, state } = Given::new(request).read()?;
        match Settings::check(&plugin, settings) {
            Ok(settings) => (entry.configure)(&settings.with_state(state)).map(Some),
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

/// What a library's entry answers with: its header, for the generation and the carrier of this sdk.
pub fn enter(generation: u32, carrier: u32, header: &'static LibHeader) -> *const std::ffi::c_void {
    match (generation, carrier) {
        (GENERATION, CARRIER_RUST) => std::ptr::from_ref(header).cast(),
        _ => std::ptr::null(),
    }
}

#[doc(hidden)]
pub mod __export {
    pub use super::{Entry, Library, enter};
    pub use voxomics_interface::{
        Configured, Described, Extension, HostRef, PluginModule, PluginModuleRef, Request, Text, abi_stable,
    };
}

/// Makes a plugin library of the types that it is given. Call it once in the root of a `cdylib` crate.
///
/// Every list is optional, and their order is fixed. Version and licence are those of the package. Two plugins of one kind need
/// different ids.
///
/// ```standalone_crate
/// use std::path::Path;
/// use voxomics_sdk::prelude::*;
///
/// struct All;
///
/// # const NO: &str = "this example does nothing";
/// impl Loader for All {
///     // …
/// #     fn describe() -> Description { Description::new("all", "Nothing") }
/// #     fn configure(_: &Settings) -> Result<Self, Error> { Ok(Self) }
/// #     fn recognises(&self, _: &Path, _: &[u8]) -> bool { false }
/// #     fn load(&self, _: &LoadRequest, _: &Context) -> Result<Loaded, Error> { Err(Error::unsupported(NO)) }
/// }
/// impl Filter for All {
///     // …
/// #     fn describe() -> Description { Description::new("all", "Nothing") }
/// #     fn configure(_: &Settings) -> Result<Self, Error> { Ok(Self) }
/// #     fn margin(&self, _: &Grid) -> [usize; 3] { [0; 3] }
/// #     fn apply(&self, _: &Image, _: &Context) -> Result<Vec<ResponseMap>, Error> { Err(Error::unsupported(NO)) }
/// }
/// impl FeatureFamily for All {
///     // …
/// #     fn describe() -> Description { Description::new("all", "Nothing") }
/// #     fn configure(_: &Settings) -> Result<Self, Error> { Ok(Self) }
/// #     fn compute(&self, _: &Region, _: &Context) -> Result<Values, Error> { Ok(Values::new()) }
/// }
/// impl Predictor for All {
///     // …
/// #     fn describe() -> Description { Description::new("all", "Nothing") }
/// #     fn configure(_: &Settings) -> Result<Self, Error> { Ok(Self) }
/// #     fn inputs(&self) -> Vec<String> { Vec::new() }
/// #     fn predict(&self, _: &[Input], _: &Context) -> Result<Prediction, Error> { Ok(Prediction::none(NO)) }
/// }
/// impl RegionMaker for All {
///     // …
/// #     fn describe() -> Description { Description::new("all", "Nothing") }
/// #     fn configure(_: &Settings) -> Result<Self, Error> { Ok(Self) }
/// #     fn labels(&self) -> Vec<(u16, String)> { vec![(1, "none".into())] }
/// #     fn make(&self, image: &Image, _: &Context) -> Result<Vec<u16>, Error> { Ok(vec![0; image.voxels().len()]) }
/// }
/// impl Exporter for All {
///     // …
/// #     fn describe() -> Description { Description::new("all", "Nothing") }
/// #     fn configure(_: &Settings) -> Result<Self, Error> { Ok(Self) }
/// #     fn export(&self, _: &ExportedCase, _: &Context) -> Result<Vec<ExportedFile>, Error> { Ok(Vec::new()) }
/// }
///
/// voxomics_sdk::export_plugin! {
///     vendor: "A laboratory",
///     loaders: [All],
///     filters: [All],
///     families: [All],
///     predictors: [All],
///     region_makers: [All],
///     exporters: [All],
/// }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_plugin {
    (
        vendor: $vendor:expr
        $(, loaders: [$($loader:ty),* $(,)?])?
        $(, filters: [$($filter:ty),* $(,)?])?
        $(, families: [$($family:ty),* $(,)?])?
        $(, predictors: [$($predictor:ty),* $(,)?])?
        $(, region_makers: [$($region_maker:ty),* $(,)?])?
        $(, exporters: [$($exporter:ty),* $(,)?])?
        $(,)?
    ) => {
        /// The entry by a name of the language: a program or library that holds several plugins tells them apart by it.
        #[doc(hidden)]
        pub fn __voxomics_entry(generation: u32, carrier: u32) -> *const ::std::ffi::c_void {
            use $crate::__export as x;

            static LIBRARY: x::Library = x::Library {
                version: env!("CARGO_PKG_VERSION"),
                vendor: $vendor,
                licence: env!("CARGO_PKG_LICENSE"),
                plugins: &[
                    $($(x::Entry::loader::<$loader>(),)*)?
                    $($(x::Entry::filter::<$filter>(),)*)?
                    $($(x::Entry::family::<$family>(),)*)?
                    $($(x::Entry::predictor::<$predictor>(),)*)?
                    $($(x::Entry::region_maker::<$region_maker>(),)*)?
                    $($(x::Entry::exporter::<$exporter>(),)*)?
                ],
            };

            extern "C" fn describe() -> x::Described {
                LIBRARY.describe()
            }
            extern "C" fn configure<'a>(
                kind: x::Text<'a>, id: x::Text<'a>, request: x::Request<'a>, _: x::HostRef<'a>,
            ) -> x::Configured {
                LIBRARY.configure(kind, id, request)
            }
            extern "C" fn extension(_: x::Text<'_>) -> x::Extension {
                x::Extension::NONE
            }

            extern "C" fn module() -> x::abi_stable::library::RootModuleResult {
                fn make() -> x::PluginModuleRef {
                    use x::abi_stable::prefix_type::PrefixTypeTrait as _;
                    x::PluginModule { describe, configure, extension }.leak_into_prefix()
                }
                x::abi_stable::library::__call_root_module_loader(make)
            }

            static HEADER: x::abi_stable::library::LibHeader = {
                use x::abi_stable::library::{CheckTypeLayout, LibHeader};
                // SAFETY: `module` returns what `make` returns, a `PluginModuleRef`.
                unsafe { LibHeader::from_constructor::<x::PluginModuleRef>(module, CheckTypeLayout::Yes) }
            };

            x::enter(generation, carrier, &HEADER)
        }

        const _: () = {
            #[unsafe(export_name = "voxomics_plugin_entry")]
            extern "C" fn entry(generation: u32, carrier: u32) -> *const ::std::ffi::c_void {
                __voxomics_entry(generation, carrier)
            }
        };
    };
}
