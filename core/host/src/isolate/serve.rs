//! The worker's side for a library: it loads the library, and answers the program's questions.

use std::{
    collections::HashMap,
    fs::File,
    io,
    os::{fd::AsFd as _, unix::net::UnixStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::{Map, Value as Json, json};
use voxomics_interface::{Array, Element, Failure, Request, codes};
use voxomics_worker::{Array as Sent, Broken, Channel, Element as SentElement, Frame, PROTOCOL, Received};

use super::State;
use crate::{
    CaseHost, PluginLibrary,
    entered::{self, Entered},
    exit, float,
    instance::Carried,
    of_c::Raw,
    services::Outside,
    trust::Pin,
};

/// Serves a library over standard input, until the program closes it.
///
/// # Errors
/// If standard input is no connection to the program.
pub fn serve(path: &Path, pin: Pin) -> io::Result<()> {
    exit::this_is_a_worker();
    let socket = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let channel = Arc::new(Connection(Mutex::new(Channel::new(socket)?)));
    let loaded = PluginLibrary::load(path, Some(pin));
    let mut hello = json!({ "hello": {
        "protocol": PROTOCOL,
        "generation": voxomics_interface::GENERATION,
        "pid": std::process::id(),
        "worker": concat!("voxomics ", env!("CARGO_PKG_VERSION")),
    } });
    if let Err(why) = &loaded {
        hello["failures"] = json!([{ "code": codes::FAILURE_INPUT, "message": why, "key": "" }]);
    }
    channel.send(hello, Vec::new()).map_err(io::Error::other)?;
    let Ok(library) = loaded else { return Ok(()) };
    let mut worker = Worker { channel, library, instances: HashMap::new(), next: 1 };
    let threads = rayon::ThreadPoolBuilder::new().stack_size(crate::STACK_BYTES).build().map_err(io::Error::other)?;
    loop {
        match worker.channel.receive() {
            Ok(question) => threads.install(|| worker.answer(&question)).map_err(io::Error::other)?,
            Err(Broken::Closed) => return Ok(()),
            Err(broken) => return Err(io::Error::other(broken)),
        }
    }
}

#[derive(Debug)]
struct Connection(Mutex<Channel>);

impl Connection {
    fn channel(&self) -> MutexGuard<'_, Channel> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, json: Json, arrays: Vec<Sent<'_>>) -> Result<(), Broken> {
        self.channel().send(frame(json, arrays), None)
    }

    fn receive(&self) -> Result<Received, Broken> {
        self.channel().receive(None)
    }

    /// A question to the program during a call; no other thread can come between it and its reply.
    fn ask(&self, json: Json) -> Result<Received, Broken> {
        let mut channel = self.channel();
        channel.send(frame(json, Vec::new()), None)?;
        channel.receive(None)
    }
}

fn frame(json: Json, arrays: Vec<Sent<'_>>) -> Frame<'_> {
    Frame { json: json.as_object().cloned().unwrap_or_default(), arrays, ..Frame::default() }
}

struct Worker {
    channel: Arc<Connection>,
    library: PluginLibrary,
    instances: HashMap<u64, (String, Carried)>,
    next: u64,
}

/// What an answer is made of.
type Answered = Result<(Json, Vec<voxomics_interface::OwnedArray>), Vec<Failure>>;

impl Worker {
    fn answer(&mut self, question: &Received) -> Result<(), Broken> {
        let id = question.json.get("id").and_then(Json::as_u64).unwrap_or_default();
        let seed = question.json.get("seed").and_then(Json::as_u64).unwrap_or_default();
        let host = CaseHost::reaching(seed, Arc::new(Program { channel: self.channel.clone(), id }));
        let answered = self.answered(question, &host);
        for line in host.lines() {
            self.channel.send(json!({ "id": id, "log": { "level": line.level, "text": line.text } }), Vec::new())?;
        }
        match answered {
            Ok((json, arrays)) => {
                let sent = arrays.iter().filter_map(sent).collect();
                self.channel.send(json!({ "id": id, "answer": json }), sent)
            }
            Err(failures) => {
                let list: Vec<Json> = failures
                    .iter()
                    .map(|f| json!({ "code": f.code, "message": f.message.shown(), "key": f.key.shown() }))
                    .collect();
                self.channel.send(json!({ "id": id, "failures": list }), Vec::new())
            }
        }
    }

    fn answered(&mut self, question: &Received, host: &CaseHost) -> Answered {
        let text = |key: &str| question.json.get(key).and_then(Json::as_str).unwrap_or_default();
        let instance = question.json.get("instance").and_then(Json::as_u64).unwrap_or_default();
        let nothing = || Ok((Json::Object(Map::new()), Vec::new()));
        let json = question.json.get("json").map_or_else(|| "{}".to_owned(), Json::to_string);
        let arrays: Vec<Array<'_>> = question.arrays.iter().filter_map(lent).collect();
        let request = Request::new(&json, &arrays);
        match text("call") {
            "describe" => serde_json::to_value(&self.library.description)
                .map(|json| (json, Vec::new()))
                .map_err(|cause| failure(format!("the description cannot be written: {cause}"))),
            "configure" => {
                let name = format!("{}-{}", text("kind"), text("plugin"));
                let entered = Entered { plugin: &name, case: host };
                let code = &self.library.code;
                let carried =
                    soundly(&entered, || Carried::configure(code, text("kind"), text("plugin"), request, &entered))?;
                self.instances.insert(self.next, (name, carried));
                self.next += 1;
                Ok((json!({ "instance": self.next - 1 }), Vec::new()))
            }
            "drop" => {
                self.instances.remove(&instance);
                nothing()
            }
            "method" => {
                let Some((name, carried)) = self.instances.get(&instance) else {
                    return Err(failure(format!("there is no instance {instance}")));
                };
                let entered = Entered { plugin: name, case: host };
                let Raw { json, arrays } = soundly(&entered, || carried.call(text("method"), request, &entered))?;
                let json = if json.is_empty() { b"{}".to_vec() } else { json };
                let json = serde_json::from_slice(&json)
                    .map_err(|cause| failure(format!("its answer to `{}` is no JSON: {cause}", text("method"))))?;
                Ok((json, arrays))
            }
            "state" => serde_json::to_value(State::of_this_process())
                .map(|json| (json, Vec::new()))
                .map_err(|cause| failure(format!("the state cannot be written: {cause}"))),
            other => Err(failure(format!("there is no call `{other}` in this protocol"))),
        }
    }
}

/// Enters the plugin with sound arithmetic, as the program does: what it leaves changed would change its next answer.
fn soundly<T>(entered: &Entered<'_>, work: impl FnOnce() -> T) -> T {
    let (answer, altered) = float::around(work);
    if altered {
        entered.case.warn(entered::altered(entered.plugin));
    }
    answer
}

fn failure(message: String) -> Vec<Failure> {
    vec![Failure { code: codes::FAILURE_BROKEN, message: message.into(), key: Default::default() }]
}

fn lent(array: &voxomics_worker::ReceivedArray) -> Option<Array<'_>> {
    let element = Element::ALL.into_iter().find(|element| element.word() == array.element.word())?;
    Some(Array::from_parts(array.name.as_str().into(), element.code(), &array.dims, array.bytes()))
}

fn sent(array: &voxomics_interface::OwnedArray) -> Option<Sent<'_>> {
    let element = SentElement::from_word(array.element()?.word())?;
    Some(Sent { name: array.name().shown(), element, dims: array.dims().to_vec(), bytes: array.bytes() })
}

/// The program, as a plugin in a worker reaches it.
#[derive(Debug)]
struct Program {
    channel: Arc<Connection>,
    id: u64,
}

impl Program {
    fn refused(reply: &Received) -> io::Error {
        io::Error::other(reply.json.get("refused").and_then(Json::as_str).unwrap_or("it is refused").to_owned())
    }
}

impl Outside for Program {
    fn stop(&self) -> u32 {
        let reply = self.channel.ask(json!({ "id": self.id, "stop": true }));
        // A program that is gone has given up the run.
        let said = reply.ok().and_then(|reply| u32::try_from(reply.json.get("stopped")?.as_u64()?).ok());
        said.unwrap_or(codes::STOP_GIVEN_UP)
    }

    fn progress(&self, fraction: f64) {
        // A program that is gone need not know.
        let _ = self.channel.send(json!({ "id": self.id, "progress": fraction }), Vec::new());
    }

    fn open(&self, path: &Path) -> io::Result<File> {
        let asked = json!({ "id": self.id, "open": path.to_string_lossy() });
        let mut reply = self.channel.ask(asked).map_err(io::Error::other)?;
        match reply.descriptors.pop() {
            Some(file) => Ok(File::from(file)),
            None => Err(Self::refused(&reply)),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<PathBuf>> {
        use std::os::unix::ffi::OsStrExt as _;
        let asked = json!({ "id": self.id, "list": path.to_string_lossy() });
        let reply = self.channel.ask(asked).map_err(io::Error::other)?;
        let names = reply.array("names").ok_or_else(|| Self::refused(&reply))?;
        let names = names.bytes().split(|byte| *byte == 0).filter(|name| !name.is_empty());
        Ok(names.map(|name| std::ffi::OsStr::from_bytes(name).into()).collect())
    }
}
