//! The carrier for C: the program's side of `include/voxomics.h`.

use std::{
    ffi::c_void,
    sync::{Mutex, MutexGuard, PoisonError},
};

use voxomics_interface::{
    Array, Chunk, Element, Failure, Host as _, OwnedArray, OwnedText, Request, Text,
    abi_stable::std_types::{RResult, RSlice},
    c, codes,
};

use crate::{entered::Entered, memory::Memory};

/// An instance behind a table of C.
pub struct Instance {
    library: &'static c::Library,
    instance: *mut c_void,
}

// SAFETY: the header says that an instance may be called, and ended, on any thread.
unsafe impl Send for Instance {}
// SAFETY: the header says that an instance may be entered by several threads at once.
unsafe impl Sync for Instance {}

impl Drop for Instance {
    fn drop(&mut self) {
        if let Some(drop) = self.library.drop {
            drop(self.instance);
        }
    }
}

/// An answer as it came.
pub struct Raw {
    pub json: Vec<u8>,
    pub arrays: Vec<OwnedArray>,
}

/// What a plugin has answered so far.
#[derive(Default)]
struct Answered {
    json: Vec<u8>,
    arrays: Vec<OwnedArray>,
    failures: Vec<Failure>,
}

type Sink = Mutex<Answered>;

fn sink<'a>(state: *mut c_void) -> MutexGuard<'a, Answered> {
    // SAFETY: the state of an answer is the `Sink` that `with_answer` keeps for the length of the call.
    unsafe { &*state.cast::<Sink>() }.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Describes a library.
pub fn describe(library: &c::Library) -> Result<Vec<u8>, Vec<Failure>> {
    with_answer(|answer| library.describe.is_some_and(|describe| describe(answer) == 0)).map(|answered| answered.json)
}

/// Makes an instance.
pub fn configure(
    library: &'static c::Library,
    kind: &str,
    id: &str,
    request: Request<'_>,
    host: &Entered<'_>,
) -> Result<Instance, Vec<Failure>> {
    let Some(configure) = library.configure else { return Err(Vec::new()) };
    let mut made = std::ptr::null_mut();
    with_request(request, |request| {
        with_host(host, |host| {
            with_answer(|answer| {
                made = configure(c::Text::of(kind), c::Text::of(id), request, host, answer);
                !made.is_null()
            })
        })
    })?;
    Ok(Instance { library, instance: made })
}

impl Instance {
    /// Calls a method.
    pub fn call(&self, method: &str, request: Request<'_>, host: &Entered<'_>) -> Result<Raw, Vec<Failure>> {
        let Some(call) = self.library.call else { return Err(Vec::new()) };
        let answered = with_request(request, |request| {
            with_host(host, |host| {
                with_answer(|answer| call(self.instance, c::Text::of(method), request, host, answer) == 0)
            })
        })?;
        Ok(Raw { json: answered.json, arrays: answered.arrays })
    }
}

/// Lends a request in the form of C.
fn with_request<T>(request: Request<'_>, work: impl FnOnce(*const c::Request) -> T) -> T {
    let text = |text: Text<'_>| c::Text { bytes: text.bytes().as_ptr(), length: text.bytes().len() as u64 };
    let array = |array: &Array<'_>| c::Array {
        size: size_of::<c::Array>() as u64,
        name: text(array.name()),
        element: array.element(),
        rank: array.dims().len() as u32,
        dims: array.dims().as_ptr(),
        data: array.bytes().as_ptr().cast(),
        bytes: array.bytes().len() as u64,
    };
    let arrays: Vec<c::Array> = request.arrays.iter().map(array).collect();
    let pointers: Vec<*const c::Array> = arrays.iter().map(std::ptr::from_ref).collect();
    work(&c::Request {
        size: size_of::<c::Request>() as u64,
        json: text(request.json),
        count: pointers.len() as u64,
        arrays: pointers.as_ptr(),
    })
}

/// Lends an answer to be filled; what was said in it, if the work was done.
fn with_answer(work: impl FnOnce(*const c::Answer) -> bool) -> Result<Answered, Vec<Failure>> {
    let sink = Sink::default();
    let answer = c::Answer {
        size: size_of::<c::Answer>() as u64,
        state: (&raw const sink).cast_mut().cast(),
        json,
        array,
        hand_over,
        fail,
    };
    let done = work(&answer);
    let answered = sink.into_inner().unwrap_or_else(PoisonError::into_inner);
    if done && answered.failures.is_empty() { Ok(answered) } else { Err(answered.failures) }
}

extern "C" fn json(state: *mut c_void, text: c::Text) {
    // SAFETY: the header says that the text lives for the length of this call.
    sink(state).json = unsafe { text.bytes() }.to_vec();
}

extern "C" fn array(state: *mut c_void, name: c::Text, element: u32, rank: u32, dims: *const u64) -> *mut c_void {
    if rank > MOST_DIMENSIONS {
        return std::ptr::null_mut();
    }
    // SAFETY: the header says that `dims` has `rank` numbers, for the length of this call.
    let (name, dims) = unsafe { (owned(name), numbers(dims, rank)) };
    let size = Element::from_code(element).map(|element| element.size() as u64);
    let bytes = size.and_then(|size| dims.iter().try_fold(size, |bytes, n| bytes.checked_mul(*n)));
    let Some((bytes, memory)) = bytes.and_then(|bytes| Some((bytes, Memory::zeroed(bytes)?))) else {
        return std::ptr::null_mut();
    };
    let (data, owner) = memory.into_parts();
    // SAFETY: the memory has so many bytes; the plugin fills them before the call returns, and nobody does afterwards.
    let array = unsafe { OwnedArray::from_parts(name, element, &dims, data, bytes, owner, Memory::release) };
    sink(state).arrays.push(array);
    data.cast()
}

extern "C" fn hand_over(
    state: *mut c_void,
    array: *const c::Array,
    owner: *mut c_void,
    release: Option<extern "C" fn(*mut c_void)>,
) {
    /// What gives an array back to its maker.
    struct Maker(*mut c_void, extern "C" fn(*mut c_void));
    extern "C" fn give_back(maker: *mut ()) {
        // SAFETY: the box that was leaked below, which comes back once.
        let Maker(owner, release) = *unsafe { Box::from_raw(maker.cast::<Maker>()) };
        release(owner);
    }
    extern "C" fn keep(_: *mut ()) {}
    // SAFETY: the header says that an array begins with its size, and lives for the length of this call.
    let size = if array.is_null() { 0 } else { unsafe { *array.cast::<u64>() } };
    if size < size_of::<c::Array>() as u64 {
        let least = size_of::<c::Array>();
        return broken(
            state,
            format!("it handed over an array whose struct has {size} bytes, expected at least {least}"),
        );
    }
    // SAFETY: it is as large as the struct.
    let array = unsafe { &*array };
    if array.rank > MOST_DIMENSIONS {
        return broken(state, format!("it handed over an array of {} dimensions", array.rank));
    }
    // SAFETY: as above, for its name and its dimensions.
    let (name, dims) = unsafe { (owned(array.name), numbers(array.dims, array.rank)) };
    let (owner, release): (*mut (), extern "C" fn(*mut ())) = match release {
        Some(release) => (Box::into_raw(Box::new(Maker(owner, release))).cast(), give_back),
        None => (std::ptr::null_mut(), keep),
    };
    let (data, bytes) = (array.data.cast(), array.bytes);
    // SAFETY: the header says that the elements do not change until they are released, or never if there is no function to
    // release them.
    let array = unsafe { OwnedArray::from_parts(name, array.element, &dims, data, bytes, owner, release) };
    sink(state).arrays.push(array);
}

/// No array of the interface has more.
const MOST_DIMENSIONS: u32 = 8;

fn broken(state: *mut c_void, message: String) {
    let failure = Failure { code: codes::FAILURE_BROKEN, message: message.into(), key: OwnedText::default() };
    sink(state).failures.push(failure);
}

extern "C" fn fail(state: *mut c_void, code: u32, message: c::Text, key: c::Text) {
    // SAFETY: the header says that the texts live for the length of this call.
    let (message, key) = unsafe { (owned(message), owned(key)) };
    sink(state).failures.push(Failure { code, message, key });
}

/// # Safety
/// As [`c::Text::bytes`].
unsafe fn owned(text: c::Text) -> OwnedText {
    // SAFETY: as whoever calls this promises.
    OwnedText::from_bytes(unsafe { text.bytes() }.to_vec())
}

/// # Safety
/// `first` points to so many numbers.
unsafe fn numbers(first: *const u64, count: u32) -> Vec<u64> {
    match count {
        0 => Vec::new(),
        _ if first.is_null() => Vec::new(),
        // SAFETY: as whoever calls this promises.
        _ => unsafe { std::slice::from_raw_parts(first, count as usize) }.to_vec(),
    }
}

// ---- the host ------------------------------------------------------------------------------------------------------

fn with_host<T>(host: &Entered<'_>, work: impl FnOnce(*const c::Host) -> T) -> T {
    work(&c::Host {
        size: size_of::<c::Host>() as u64,
        state: std::ptr::from_ref(host).cast(),
        log,
        stop,
        for_each,
        open,
        list,
        seed,
        extension,
    })
}

fn entered<'a>(state: *const c_void) -> &'a Entered<'a> {
    // SAFETY: the state of a host is the `Entered` that `with_host` lends for the length of the call.
    unsafe { &*state.cast::<Entered<'a>>() }
}

extern "C" fn log(state: *const c_void, level: u32, text: c::Text) {
    // SAFETY: the header says that the text lives for the length of this call.
    entered(state).log(level, Text::from_bytes(unsafe { text.bytes() }));
}

extern "C" fn stop(state: *const c_void) -> u32 {
    entered(state).stop()
}

extern "C" fn for_each(
    state: *const c_void,
    count: u64,
    chunk_state: *const c_void,
    chunk: extern "C" fn(*const c_void, u64),
) -> u32 {
    struct Work(*const c_void, extern "C" fn(*const c_void, u64));
    extern "C" fn run(work: *const (), index: u64) {
        // SAFETY: the `Work` below lives until the last chunk has ended.
        let Work(state, chunk) = unsafe { &*work.cast::<Work>() };
        chunk(*state, index);
    }
    let work = Work(chunk_state, chunk);
    entered(state).for_each(count, Chunk { state: (&raw const work).cast(), call: run })
}

extern "C" fn open(state: *const c_void, path: c::Text, descriptor: *mut i64, size: *mut u64) -> u32 {
    // SAFETY: the header says that the path lives for the length of this call.
    match entered(state).open(RSlice::from(unsafe { path.bytes() })) {
        RResult::ROk(file) => {
            // SAFETY: the header says that each points to a number, or is null.
            unsafe {
                if let Some(descriptor) = descriptor.as_mut() {
                    *descriptor = file.descriptor;
                }
                if let Some(size) = size.as_mut() {
                    *size = file.size;
                }
            }
            0
        }
        RResult::RErr(failure) => failure.code,
    }
}

extern "C" fn list(
    state: *const c_void,
    path: c::Text,
    names: *mut c_void,
    name: extern "C" fn(*mut c_void, c::Text),
) -> u32 {
    // SAFETY: the header says that the path lives for the length of this call.
    match entered(state).list(RSlice::from(unsafe { path.bytes() })) {
        RResult::ROk(found) => {
            let found = found.split(|byte| *byte == 0).filter(|name| !name.is_empty());
            found.for_each(|bytes| name(names, c::Text { bytes: bytes.as_ptr(), length: bytes.len() as u64 }));
            0
        }
        RResult::RErr(failure) => failure.code,
    }
}

extern "C" fn seed(state: *const c_void) -> u64 {
    entered(state).seed()
}

extern "C" fn extension(state: *const c_void, id: c::Text) -> c::Extension {
    // SAFETY: the header says that the id lives for the length of this call.
    let found = entered(state).extension(Text::from_bytes(unsafe { id.bytes() }));
    c::Extension { version: found.version, table: found.table.cast(), state: found.state.cast() }
}

/// A failure that says nothing but that there was one.
pub fn unexplained(failures: Vec<Failure>) -> Vec<Failure> {
    if !failures.is_empty() {
        return failures;
    }
    let message = "it failed without saying why".into();
    vec![Failure { code: codes::FAILURE_INPUT, message, key: OwnedText::default() }]
}
