//! One worker that runs, and what is spoken with it.

use std::{
    collections::HashMap,
    io,
    os::fd::{BorrowedFd, FromRawFd as _, OwnedFd},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;
use voxomics_interface::{
    Array, Failure, Host as _, OwnedArray, Request, Text,
    abi_stable::std_types::{RResult, RSlice},
    codes,
};
use voxomics_worker::{
    Array as Sent, Broken, Child, Confinement, Element, End, Frame, PROTOCOL, Received,
    launch::{Orders, start},
};

use super::{Recipe, State, reach::Reach};
use crate::{entered::Entered, of_c::Raw};

/// How long a worker may take to load what it hosts.
const START: Duration = Duration::from_secs(60);
/// How long a call goes on after the run is given up.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is asked whether the run is given up.
const PULSE: Duration = Duration::from_millis(50);

/// Why a question has no answer.
pub enum Stopped {
    /// The plugin said so, and its worker lives.
    Failures(Vec<Failure>),
    /// The worker is of no use any more.
    Broken(Broken),
    /// The run is given up, and the plugin did not end by itself.
    GivenUp,
}

impl From<Broken> for Stopped {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// A worker that runs.
#[derive(Debug)]
pub struct Live {
    child: Child,
    /// What of its restrictions is in force.
    pub confined: Option<Confinement>,
    /// What runs in it: interpreter and versions.
    pub runs: String,
    /// Files that it may read beside those of the case.
    pub files: Arc<[PathBuf]>,
    /// Its instances, by the number of their recipe.
    instances: HashMap<u32, u64>,
    /// Why it could not load what it hosts.
    unusable: Option<Vec<Failure>>,
    questions: u64,
    _scratch: TempDir,
}

impl Live {
    /// Starts a worker, and waits until it is ready.
    pub fn start(orders: &Orders, scratch: TempDir, files: Arc<[PathBuf]>) -> io::Result<Self> {
        let mut child = start(orders)?;
        let deadline = Some(Instant::now() + START);
        let both =
            child.channel.receive(deadline).and_then(|confined| Ok((confined, child.channel.receive(deadline)?)));
        let (confined, hello) = match both {
            Ok(both) => both,
            Err(broken) => {
                let printed = child.printed();
                let end = child.end(broken);
                return Err(io::Error::other(format!("it did not start: {end} {}", printed.trim())));
            }
        };
        let about = &hello.json["hello"];
        if about["protocol"] != PROTOCOL {
            let found = &about["protocol"];
            return Err(io::Error::other(format!("it speaks protocol {found}, and this program {PROTOCOL}")));
        }
        let runs = about["worker"].as_str().unwrap_or_default().to_owned();
        let unusable = hello.json.get("failures").map(failures);
        let confined = serde_json::from_value(confined.json["confined"].clone())?;
        Ok(Self { child, confined, runs, files, instances: HashMap::new(), unusable, questions: 0, _scratch: scratch })
    }

    /// The description of what it hosts.
    pub fn describe(&mut self, most: Duration, host: &Entered<'_>) -> Result<Vec<u8>, Stopped> {
        let answer = self.ask(json!({ "call": "describe" }), Vec::new(), &Reach::NOTHING, most, host)?;
        Ok(answer.json["answer"].to_string().into_bytes())
    }

    /// What plugins may have left changed in it.
    pub fn state(&mut self, most: Duration, host: &Entered<'_>) -> Result<State, Stopped> {
        let answer = self.ask(json!({ "call": "state" }), Vec::new(), &Reach::NOTHING, most, host)?;
        let state = answer.json["answer"].clone();
        serde_json::from_value(state).map_err(|cause| Broken::Protocol(format!("a state that is none: {cause}")).into())
    }

    /// The instance of a recipe; it is made if it is not here yet.
    pub fn instance(&mut self, recipe: &Recipe, most: Duration, host: &Entered<'_>) -> Result<u64, Stopped> {
        if let Some(instance) = self.instances.get(&recipe.number) {
            return Ok(*instance);
        }
        let settings: Json = serde_json::from_str(&recipe.json)
            .map_err(|cause| Broken::Protocol(format!("settings that are no JSON: {cause}")))?;
        let question = json!({ "call": "configure", "kind": recipe.kind, "plugin": recipe.id, "json": settings });
        let arrays = recipe.arrays.iter().map(|(name, dims, numbers)| Sent {
            name: name.clone(),
            element: Element::F64,
            dims: dims.clone(),
            bytes: bytes_of(numbers),
        });
        let files = self.files.clone();
        let reach = Reach::new(&files, Request::new("{}", &[]));
        let answer = self.ask(question, arrays.collect(), &reach, most, host)?;
        let Some(instance) = answer.json["answer"]["instance"].as_u64() else {
            return Err(Broken::Protocol("it made an instance without a number".into()).into());
        };
        self.instances.insert(recipe.number, instance);
        Ok(instance)
    }

    /// Calls a method of an instance.
    pub fn call(
        &mut self,
        recipe: &Recipe,
        method: &str,
        request: Request<'_>,
        most: Duration,
        host: &Entered<'_>,
    ) -> Result<Raw, Stopped> {
        let instance = self.instance(recipe, most, host)?;
        let text = String::from_utf8_lossy(request.json.bytes());
        let json: Json = serde_json::from_str(&text)
            .map_err(|cause| Broken::Protocol(format!("a request that is no JSON: {cause}")))?;
        let question =
            json!({ "call": "method", "instance": instance, "method": method, "json": json, "seed": host.seed() });
        let arrays = request.arrays.iter().map(sent).collect::<Result<Vec<_>, _>>()?;
        let files = self.files.clone();
        let reach = Reach::new(&files, request);
        let answer = self.ask(question, arrays, &reach, most, host)?;
        let json = answer.json["answer"].to_string().into_bytes();
        Ok(Raw { json, arrays: answer.arrays.into_iter().map(handed_over).collect() })
    }

    /// What it has printed goes to the log: a table is no place for it.
    pub fn pass_on_what_it_printed(&self, host: &Entered<'_>) {
        for line in self.child.printed().lines().filter(|line| !line.trim().is_empty()) {
            host.log(codes::LOG_INFO, Text::from(format!("it printed: {line}").as_str()));
        }
    }

    /// Ends it, and says how.
    pub fn end(self, broken: Broken) -> End {
        self.child.end(broken)
    }

    fn ask(
        &mut self,
        question: Json,
        arrays: Vec<Sent<'_>>,
        reach: &Reach<'_>,
        most: Duration,
        host: &Entered<'_>,
    ) -> Result<Received, Stopped> {
        if let Some(failures) = &self.unusable {
            return Err(Stopped::Failures(failures.clone()));
        }
        self.questions += 1;
        let deadline = Instant::now().checked_add(most);
        let Json::Object(mut json) = question else { return Err(Broken::Protocol("a question".into()).into()) };
        json.insert("id".into(), self.questions.into());
        self.child.channel.send(Frame { json, arrays, ..Frame::default() }, deadline)?;
        let mut given_up: Option<Instant> = None;
        loop {
            if !self.child.channel.ready(Instant::now() + PULSE)? {
                let now = Instant::now();
                if deadline.is_some_and(|deadline| now >= deadline) {
                    return Err(Broken::Late.into());
                }
                if host.stop() != codes::STOP_NO && now >= *given_up.get_or_insert(now) + GRACE {
                    return Err(Stopped::GivenUp);
                }
                continue;
            }
            let received = self.child.channel.receive(deadline)?;
            if received.json.get("id").and_then(Json::as_u64) != Some(self.questions) {
                return Err(Broken::Protocol("it answered a question that was not asked".into()).into());
            }
            if received.json.contains_key("answer") {
                return Ok(received);
            }
            if let Some(told) = received.json.get("failures") {
                return Err(Stopped::Failures(failures(told)));
            }
            self.serve(&received.json, reach, deadline, host)?;
        }
    }

    /// Does what the worker asks for during a call.
    fn serve(
        &mut self,
        asked: &Map<String, Json>,
        reach: &Reach<'_>,
        deadline: Option<Instant>,
        host: &Entered<'_>,
    ) -> Result<(), Broken> {
        let reply = |json: Json| Frame { json: json.as_object().cloned().unwrap_or_default(), ..Frame::default() };
        if let Some(log) = asked.get("log") {
            let level = log["level"].as_u64().and_then(|level| u32::try_from(level).ok()).unwrap_or(codes::LOG_INFO);
            host.log(level, Text::from(log["text"].as_str().unwrap_or_default()));
            return Ok(());
        }
        if let Some(fraction) = asked.get("progress") {
            host.case.set_progress(fraction.as_f64().unwrap_or(f64::NAN));
            return Ok(());
        }
        if asked.contains_key("stop") {
            return self.child.channel.send(reply(json!({ "stopped": host.stop() })), deadline);
        }
        let wanted = ["open", "list"].iter().find_map(|word| asked.get(*word)?.as_str());
        if wanted.is_some_and(|path| !reach.allows(Path::new(path))) {
            return self.child.channel.send(reply(json!({ "refused": Reach::REFUSAL })), deadline);
        }
        if let Some(path) = asked.get("open").and_then(Json::as_str) {
            return match host.open(RSlice::from(path.as_bytes())) {
                RResult::ROk(file) => {
                    let descriptor = i32::try_from(file.descriptor).map_err(io::Error::other)?;
                    // SAFETY: the host opened it for us, and hands it over.
                    let file = unsafe { OwnedFd::from_raw_fd(descriptor) };
                    let descriptors: Vec<BorrowedFd<'_>> = vec![std::os::fd::AsFd::as_fd(&file)];
                    self.child.channel.send(Frame { descriptors, ..reply(json!({ "opened": true })) }, deadline)
                }
                RResult::RErr(failure) => {
                    self.child.channel.send(reply(json!({ "refused": failure.message.shown() })), deadline)
                }
            };
        }
        if let Some(path) = asked.get("list").and_then(Json::as_str) {
            let names = match host.list(RSlice::from(path.as_bytes())) {
                RResult::ROk(names) => names,
                RResult::RErr(failure) => {
                    return self.child.channel.send(reply(json!({ "refused": failure.message.shown() })), deadline);
                }
            };
            let dims = vec![names.len() as u64];
            let arrays = vec![Sent { name: "names".into(), element: Element::U8, dims, bytes: names.as_slice() }];
            return self.child.channel.send(Frame { arrays, ..reply(json!({ "listed": true })) }, deadline);
        }
        let words: Vec<&str> = asked.keys().map(String::as_str).collect();
        Err(Broken::Protocol(format!("it asked for {}", words.join(", "))))
    }
}

fn failures(told: &Json) -> Vec<Failure> {
    let text = |failure: &Json, key: &str| failure[key].as_str().unwrap_or_default().to_owned().into();
    let one = |failure: &Json| Failure {
        code: failure["code"].as_u64().and_then(|code| u32::try_from(code).ok()).unwrap_or(codes::FAILURE_BROKEN),
        message: text(failure, "message"),
        key: text(failure, "key"),
    };
    told.as_array().into_iter().flatten().map(one).collect()
}

fn bytes_of(numbers: &[f64]) -> &[u8] {
    Array::new("", &[], numbers).bytes()
}

fn sent<'a>(array: &Array<'a>) -> Result<Sent<'a>, Broken> {
    let wrong = |what: String| Broken::Protocol(what);
    let name = array.name().verified().map_err(|cause| wrong(cause.to_string()))?;
    let element = voxomics_interface::Element::from_code(array.element()).and_then(|e| Element::from_word(e.word()));
    let element = element.ok_or_else(|| wrong(format!("`{name}` has elements of an unknown type")))?;
    Ok(Sent { name: name.into(), element, dims: array.dims().to_vec(), bytes: array.bytes() })
}

/// An array of a worker's answer, where it is mapped: it is not copied.
fn handed_over(array: voxomics_worker::ReceivedArray) -> OwnedArray {
    extern "C" fn release(owner: *mut ()) {
        // SAFETY: `owner` is the box that was leaked below, and comes back once.
        drop(unsafe { Box::from_raw(owner.cast::<voxomics_worker::ReceivedArray>()) });
    }
    let code = voxomics_interface::Element::ALL.into_iter().find(|e| e.word() == array.element.word());
    let code = code.map_or(u32::MAX, voxomics_interface::Element::code);
    let (name, dims) = (array.name.clone(), array.dims.clone());
    let owner = Box::into_raw(Box::new(array));
    // SAFETY: the box lives until it is released, and what it points to is mapped read-only from a sealed file, or its own.
    unsafe {
        let bytes = (*owner).bytes();
        let (data, length) = (bytes.as_ptr(), bytes.len() as u64);
        OwnedArray::from_parts(name.into(), code, &dims, data, length, owner.cast(), release)
    }
}
