//! A library over the carrier of C that answers as no sdk would: with texts that are none, arrays that contradict themselves,
//! words that nobody knows.

use std::ffi::c_void;

use voxomics_interface::c::{Answer, Array, Extension, Host, Library, Request, Text};

const DESCRIPTION: &str = r#"{"version": "1", "vendor": "The tests", "licence": "none", "plugins": [
    {"kind": "features", "id": "raw", "summary": "Answers as it is told",
     "settings": [{"key": "fault", "purpose": "what is wrong", "takes": "text", "default": "none"},
                  {"key": "number", "purpose": "comes back", "takes": {"number": {"min": null, "max": null}}, "default": 0.1}],
     "features": [{"id": "one", "title": "One", "unit": "1", "meaning": "", "equation": ""},
                  {"id": "two", "title": "Two", "unit": "1", "meaning": "", "equation": ""}]},
    {"kind": "weather", "id": "rain", "summary": "Of a kind that nobody knows"},
    {"kind": "features", "id": "later", "summary": "Of a later release", "requires": ["teleport"]}]}"#;

/// An instance: what is wrong, and the number of the setting.
struct Raw {
    fault: String,
    number: f64,
}

extern "C" fn describe(answer: *const Answer) -> u32 {
    // SAFETY: the program lends an answer.
    let answer = unsafe { &*answer };
    (answer.json)(answer.state, Text::of(DESCRIPTION));
    0
}

/// An array of a request by its name.
fn find<'a>(request: &'a Request, name: &str) -> Option<&'a Array> {
    (0..request.count as usize).find_map(|at| {
        // SAFETY: the program lends so many pointers to arrays.
        let array = unsafe { &**request.arrays.add(at) };
        // SAFETY: each has a name.
        (unsafe { array.name.bytes() } == name.as_bytes()).then_some(array)
    })
}

extern "C" fn configure(
    _: Text,
    _: Text,
    request: *const Request,
    _: *const Host,
    answer: *const Answer,
) -> *mut c_void {
    // SAFETY: the program lends both.
    let (request, answer) = unsafe { (&*request, &*answer) };
    // SAFETY: the JSON is lent.
    let json = String::from_utf8_lossy(unsafe { request.json.bytes() }).into_owned();
    let fault = json.split("\"fault\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("none");
    // SAFETY: an array of doubles has at least one.
    let number = find(request, "settings.number").map_or(f64::NAN, |array| unsafe { *array.data.cast::<f64>() });
    match fault {
        "refuses" => (answer.fail)(answer.state, 1, Text::of("`fault` is not to be had"), Text::of("fault")),
        "silent" => {}
        _ => return Box::into_raw(Box::new(Raw { fault: fault.into(), number })).cast(),
    }
    std::ptr::null_mut()
}

extern "C" fn call(
    instance: *mut c_void,
    method: Text,
    request: *const Request,
    host: *const Host,
    answer: *const Answer,
) -> u32 {
    // SAFETY: the program lends all of them, and the instance is one of `configure`.
    let (raw, request, host, answer) = unsafe { (&*instance.cast::<Raw>(), &*request, &*host, &*answer) };
    // SAFETY: the method is lent.
    let method = unsafe { method.bytes() };
    let json = |text: &[u8]| {
        (answer.json)(answer.state, Text { bytes: text.as_ptr(), length: text.len() as u64 });
    };
    if method == b"needs" {
        if raw.fault == "needs" {
            json(br#"{"requires": ["teleport"]}"#);
        }
        return 0;
    }
    match raw.fault.as_str() {
        "utf8" => json(b"{\"reasons\": {\"one\": \"\xff\"}}"),
        "json" => json(b"{"),
        "log" => (host.log)(host.state, 77, Text { bytes: b"caf\xe9 \x1b[2J".as_ptr(), length: 9 }),
        "unexplained" => return 1,
        _ => {}
    }
    let image = find(request, "image").map_or(0.0, |array| array.bytes as f64 / 8.0);
    let add = |name: &str, element: u32, dims: &[u64], bytes: &[u8]| {
        let to = (answer.array)(answer.state, Text::of(name), element, dims.len() as u32, dims.as_ptr());
        if !to.is_null() {
            // SAFETY: the program gives memory for the dimensions, which fit the bytes here.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), to.cast::<u8>(), bytes.len()) };
        }
    };
    let values = [raw.number, image].map(f64::to_ne_bytes).concat();
    let status = if raw.fault == "status" { [0, 9] } else { [0, 0] };
    add("status", 0, &[2], &status);
    match raw.fault.as_str() {
        "missing" => {}
        "endless" => {
            let endless = (answer.array)(answer.state, Text::of("values"), 9, 2, [u64::MAX, 2].as_ptr());
            assert!(endless.is_null());
        }
        "element" => add("values", 7, &[2], &values),
        "unknown" => {
            let array = Array { element: 99, ..array(&values, &[2]) };
            (answer.hand_over)(answer.state, &array, std::ptr::null_mut(), None);
        }
        "short" => {
            let array = array(&values[..8], &[2]);
            (answer.hand_over)(answer.state, &array, keep(values), Some(release));
        }
        "handed" => {
            let array = array(&values, &[2]);
            (answer.hand_over)(answer.state, &array, keep(values), Some(release));
        }
        _ => add("values", 9, &[2], &values),
    }
    0
}

/// An array of doubles; bytes and dimensions must outlive it.
fn array(bytes: &[u8], dims: &'static [u64]) -> Array {
    Array {
        size: size_of::<Array>() as u64,
        name: Text::of("values"),
        element: 9,
        rank: 1,
        dims: dims.as_ptr(),
        data: bytes.as_ptr().cast(),
        bytes: bytes.len() as u64,
    }
}

fn keep(values: Vec<u8>) -> *mut c_void {
    Box::into_raw(Box::new(values)).cast()
}

extern "C" fn release(values: *mut c_void) {
    // SAFETY: the box of `keep`, which comes back once.
    drop(unsafe { Box::from_raw(values.cast::<Vec<u8>>()) });
}

extern "C" fn end(instance: *mut c_void) {
    // SAFETY: the box of `configure`, which comes back once.
    drop(unsafe { Box::from_raw(instance.cast::<Raw>()) });
}

extern "C" fn extension(_: *mut c_void, _: Text) -> Extension {
    Extension { version: 0, table: std::ptr::null(), state: std::ptr::null() }
}

static LIBRARY: Library = Library {
    size: size_of::<Library>() as u64,
    describe: Some(describe),
    configure: Some(configure),
    call: Some(call),
    drop: Some(end),
    extension: Some(extension),
};

#[unsafe(export_name = "voxomics_plugin_entry")]
extern "C" fn entry(generation: u32, carrier: u32) -> *const c_void {
    if (generation, carrier) == (1, 2) { (&raw const LIBRARY).cast() } else { std::ptr::null() }
}
