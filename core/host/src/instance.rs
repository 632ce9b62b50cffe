//! A configured plugin, whatever carries its calls: each call is a method, JSON and arrays, and each answer is looked at before
//! it is believed.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use voxomics_base::{Diagnostics, PluginSettings};
use voxomics_interface::{
    Array, BoxedInstance, Bulk, Failure, Module, OwnedArray, Request,
    abi_stable::std_types::RResult,
    calls::{self, unknown_requirements},
    codes,
    describe::{KNOWN_REQUIREMENTS, Plugin, Takes},
};

#[cfg(target_os = "linux")]
use crate::isolate::{Isolated, Recipe};
use crate::{
    CaseHost, PluginError, Registered, Services,
    call::report,
    entered::{self, Entered},
    exit, float,
    library::Code,
    of_c::{self, Raw},
    plugins::filled_in,
};

/// What carries the calls of an instance.
pub(crate) enum Carried {
    /// The traits of abi_stable.
    Rust(BoxedInstance),
    /// A table of C.
    C(of_c::Instance),
    /// Frames to a process of its own.
    #[cfg(target_os = "linux")]
    Worker(Arc<Isolated>, Recipe),
}

impl Carried {
    /// Makes an instance.
    pub fn configure(
        code: &Code,
        kind: &str,
        id: &str,
        request: Request<'_>,
        host: &Entered<'_>,
    ) -> Result<Self, Vec<Failure>> {
        match code {
            Code::Native(Module::Rust(module)) => {
                match module.configure()(kind.into(), id.into(), request, host.wire()) {
                    RResult::ROk(instance) => Ok(Self::Rust(instance)),
                    RResult::RErr(failures) => Err(failures.into_iter().collect()),
                }
            }
            Code::Native(Module::C(library)) => of_c::configure(library, kind, id, request, host).map(Self::C),
            #[cfg(target_os = "linux")]
            Code::Isolated(isolated) => {
                let recipe = isolated.configure(kind, id, request, host).map_err(Vec::from)?;
                Ok(Self::Worker(isolated.clone(), recipe))
            }
        }
    }

    /// Calls a method.
    pub fn call(&self, method: &str, request: Request<'_>, host: &Entered<'_>) -> Result<Raw, Vec<Failure>> {
        match self {
            Self::Rust(instance) => match instance.call(method.into(), request, host.wire()) {
                RResult::ROk(answer) => {
                    Ok(Raw { json: answer.json.bytes().to_vec(), arrays: answer.arrays.into_iter().collect() })
                }
                RResult::RErr(failure) => Err(vec![failure]),
            },
            Self::C(instance) => instance.call(method, request, host).map_err(of_c::unexplained),
            #[cfg(target_os = "linux")]
            Self::Worker(isolated, recipe) => isolated.call(recipe, method, request, host).map_err(Vec::from),
        }
    }
}

/// A configured plugin.
pub(crate) struct Instance {
    /// Its name.
    pub name: String,
    /// None only while it is being dropped.
    carried: Option<Carried>,
    /// Whether it, or its library, has changed the floating-point state when there was no case to warn of it.
    altered: Arc<AtomicBool>,
}

/// An answer whose text is JSON and requires nothing that is not known here.
pub(crate) struct Answer<'a> {
    plugin: &'a str,
    json: Json,
    arrays: Vec<OwnedArray>,
}

impl Instance {
    /// Configures a plugin; what is wrong with its settings goes to the diagnostics, at the key's place.
    pub fn configure(of: Registered<'_>, settings: &PluginSettings, diagnostics: &Diagnostics) -> Option<Self> {
        Self::configure_with(of, settings, None, diagnostics)
    }

    /// The same with what was fitted on a cohort.
    pub fn configure_with(
        of: Registered<'_>,
        settings: &PluginSettings,
        state: Option<&str>,
        diagnostics: &Diagnostics,
    ) -> Option<Self> {
        let name = of.plugin.name();
        let case = CaseHost::new(&Services::default(), "");
        let host = Entered { plugin: &name, case: &case };
        let values = filled_in(of.plugin, settings);
        let numbers = numbers(&values);
        let lent = numbers.iter().map(|(key, dims, values)| Array::new(key, dims, values));
        let arrays: Vec<Array<'_>> = lent.collect();
        let json = match state {
            None => serde_json::json!({ "settings": values }),
            Some(state) => serde_json::json!({ "settings": values, "state": state }),
        };
        let json = json.to_string();
        let request = Request::new(&json, &arrays);
        let (kind, id) = (of.plugin.kind.word(), of.plugin.id.as_str());
        #[cfg(target_os = "linux")]
        if let Code::Isolated(isolated) = &of.library.code {
            isolated.may_read(&files(of.plugin, &values));
        }
        let (made, altered) =
            exit::noticed(&name, || float::around(|| Carried::configure(&of.library.code, kind, id, request, &host)));
        of.library.altered.fetch_or(altered, Ordering::Relaxed);
        // What a plugin takes although its description does not: a mistyped key would count for nothing without a word.
        let made = made.and_then(|carried| {
            let wrong = of.plugin.wrong_settings(&values).into_iter();
            let wrong: Vec<Failure> = wrong
                .map(|(key, message)| Failure {
                    code: codes::FAILURE_SETTING,
                    message: message.into(),
                    key: key.into(),
                })
                .collect();
            if wrong.is_empty() { Ok(carried) } else { Err(wrong) }
        });
        match made {
            Ok(carried) => Some(Self { name, carried: Some(carried), altered: of.library.altered.clone() }),
            Err(failures) => {
                report(of.plugin, &failures, settings, diagnostics);
                None
            }
        }
    }

    /// Calls a method for a case.
    ///
    /// # Errors
    /// The plugin's, or that its answer is none.
    pub fn call(
        &self,
        method: &str,
        request: &impl Serialize,
        arrays: &[Array<'_>],
        case: &CaseHost,
    ) -> Result<Answer<'_>, PluginError> {
        let (answer, altered) = self.cross(method, request, arrays, case);
        if self.altered.swap(false, Ordering::Relaxed) || altered {
            case.warn(entered::altered(&self.name));
        }
        answer
    }

    /// Calls a method when there is no case to tell what it says beside its answer.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub fn ask(&self, method: &str, request: &impl Serialize, arrays: &[Array<'_>]) -> Result<Answer<'_>, PluginError> {
        let (answer, altered) = self.cross(method, request, arrays, &CaseHost::new(&Services::default(), ""));
        self.altered.fetch_or(altered, Ordering::Relaxed);
        answer
    }

    /// The answer, and whether the plugin has left the floating-point state changed.
    fn cross(
        &self,
        method: &str,
        request: &impl Serialize,
        arrays: &[Array<'_>],
        case: &CaseHost,
    ) -> (Result<Answer<'_>, PluginError>, bool) {
        let json = match serde_json::to_string(request) {
            Ok(json) => json,
            Err(cause) => {
                let message = format!("its request is no JSON: {cause}");
                return (Err(PluginError::broken(&self.name, message)), false);
            }
        };
        let host = Entered { plugin: &self.name, case };
        let request = Request::new(&json, arrays);
        let (answer, altered) = exit::noticed(&self.name, || {
            float::around(|| match &self.carried {
                Some(carried) => carried.call(method, request, &host),
                None => Err(of_c::unexplained(Vec::new())),
            })
        });
        let answer = answer.map_err(|failures: Vec<Failure>| PluginError::from_wire(&self.name, &failures));
        let answer = answer.and_then(|Raw { json, arrays }| {
            Ok(Answer { plugin: &self.name, json: self.understood(method, &json)?, arrays })
        });
        (answer, altered)
    }

    /// The JSON of an answer, if it is one and requires nothing that is not known here.
    fn understood(&self, method: &str, json: &[u8]) -> Result<Json, PluginError> {
        let broken = |message: String| PluginError::broken(&self.name, message);
        let text = std::str::from_utf8(json)
            .map_err(|cause| broken(format!("its answer to `{method}` is not UTF-8: byte {}", cause.valid_up_to())))?;
        let text = if text.is_empty() { "{}" } else { text };
        let json: Json = serde_json::from_str(text)
            .map_err(|cause| broken(format!("its answer to `{method}` is no JSON: {cause}")))?;
        let unknown = unknown_requirements(&json, KNOWN_REQUIREMENTS);
        if !unknown.is_empty() {
            let words = unknown.join(", ");
            let message = format!(
                "its answer to `{method}` requires {words}, which this program does not know: use a newer release"
            );
            return Err(PluginError::refused(&self.name, message));
        }
        Ok(json)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        let carried = self.carried.take();
        if exit::noticed(&self.name, || float::around(|| drop(carried))).1 {
            self.altered.store(true, Ordering::Relaxed);
        }
    }
}

/// The files that settings name.
#[cfg(target_os = "linux")]
fn files(plugin: &Plugin, values: &serde_json::Map<String, Json>) -> Vec<std::path::PathBuf> {
    let settings = plugin.settings.iter().filter(|setting| setting.takes == Takes::File);
    settings.filter_map(|setting| Some(values.get(&setting.key)?.as_str()?.into())).collect()
}

/// The settings that are numbers, as arrays that keep their bits.
fn numbers(values: &serde_json::Map<String, Json>) -> Vec<(String, [u64; 1], Vec<f64>)> {
    let of = |value: &Json| match value {
        Json::Number(number) => Some(vec![number.as_f64()?]),
        Json::Array(list) if !list.is_empty() => list.iter().map(Json::as_f64).collect(),
        _ => None,
    };
    let named = values.iter().filter_map(|(key, value)| Some((format!("{}{key}", calls::SETTINGS), of(value)?)));
    named.map(|(name, numbers)| (name, [numbers.len() as u64], numbers)).collect()
}

impl Answer<'_> {
    /// The JSON as what it should be.
    ///
    /// # Errors
    /// What it is not.
    pub fn read<T: DeserializeOwned>(&self, what: &str) -> Result<T, PluginError> {
        T::deserialize(&self.json)
            .map_err(|cause| PluginError::broken(self.plugin, format!("{what} are not understood: {cause}")))
    }

    /// Takes an array by its name, if it is there.
    pub fn take(&mut self, name: &str) -> Option<OwnedArray> {
        let index = self.arrays.iter().position(|array| array.name().bytes() == name.as_bytes())?;
        Some(self.arrays.swap_remove(index))
    }

    /// The elements of an array that must be there.
    ///
    /// # Errors
    /// If it is not, or is not what it should be.
    pub fn elements<T: Bulk>(&mut self, name: &str) -> Result<Elements<T>, PluginError> {
        let array = self
            .take(name)
            .ok_or_else(|| PluginError::broken(self.plugin, format!("its answer has no array `{name}`")))?;
        Elements::new(array).map_err(|wrong| PluginError::broken(self.plugin, format!("its array `{name}`: {wrong}")))
    }
}

/// The elements of an array that a plugin made, where it made them.
#[derive(Debug)]
pub struct Elements<T> {
    array: OwnedArray,
    of: std::marker::PhantomData<T>,
}

impl<T: Bulk> Elements<T> {
    fn new(array: OwnedArray) -> Result<Self, String> {
        array.read::<T>()?;
        Ok(Self { array, of: std::marker::PhantomData })
    }

    /// The dimensions, the fastest first.
    pub fn dims(&self) -> &[u64] {
        self.array.dims()
    }
}

impl<T: Bulk> std::ops::Deref for Elements<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // It was read once, and does not change.
        self.array.read().unwrap_or_default()
    }
}
