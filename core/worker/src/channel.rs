//! A connection between the program and a worker: frames in both directions.

use std::{
    fmt, io,
    ops::Range,
    os::fd::{AsFd, BorrowedFd, OwnedFd},
    os::unix::net::UnixStream,
    sync::{
        Arc, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use memmap2::Mmap;
use rustix::{
    event::{PollFd, PollFlags, poll},
    net::{
        RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
        recvmsg, sendmsg,
    },
};
use serde_json::{Map, Value as Json, json};

use crate::{
    array::{Array, Element, length},
    segment, strict,
};

/// Arrays larger than this go through a segment.
const INLINE: usize = 1 << 16;
/// No sound frame is longer.
const MAX_JSON: usize = 64 << 20;
const MAX_PAYLOAD: usize = 64 << 20;
/// No sound frame brings more descriptors.
const MAX_DESCRIPTORS: usize = 16;

/// Why a connection cannot be used any more.
#[derive(Debug)]
pub enum Broken {
    /// The other side has ended.
    Closed,
    /// The time is over.
    Late,
    /// The other side does not keep to the protocol, and how.
    Protocol(String),
    /// The system refuses.
    System(io::Error),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("the connection has ended"),
            Self::Late => f.write_str("the time for the call is over"),
            Self::Protocol(how) => write!(f, "the protocol is not kept: {how}"),
            Self::System(cause) => write!(f, "the system refuses: {cause}"),
        }
    }
}

impl std::error::Error for Broken {}

impl From<io::Error> for Broken {
    fn from(cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => Self::Closed,
            _ => Self::System(cause),
        }
    }
}

impl From<rustix::io::Errno> for Broken {
    fn from(cause: rustix::io::Errno) -> Self {
        io::Error::from(cause).into()
    }
}

fn protocol<T>(how: impl Into<String>) -> Result<T, Broken> {
    Err(Broken::Protocol(how.into()))
}

/// Arrays in a segment that is sent once and used by many frames.
#[derive(Debug)]
pub struct Shared {
    id: u64,
    file: OwnedFd,
    bytes: usize,
    entries: Vec<Json>,
}

impl Shared {
    /// Writes arrays into a segment.
    ///
    /// # Errors
    /// If there is no memory for it.
    pub fn new(arrays: &[Array<'_>]) -> io::Result<Arc<Self>> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self::with_id(NEXT.fetch_add(1, Ordering::Relaxed), arrays).map(Arc::new)
    }

    fn with_id(id: u64, arrays: &[Array<'_>]) -> io::Result<Self> {
        let (mut at, mut parts, mut entries) = (0, Vec::new(), Vec::new());
        for array in arrays {
            at = segment::aligned(at);
            parts.push((at, array.bytes));
            entries.push(entry(array, at, Some(id)));
            at += array.bytes.len();
        }
        let file = segment::write("voxomics", at, &parts)?;
        Ok(Self { id, file, bytes: at, entries })
    }
}

fn entry(array: &Array<'_>, at: usize, segment: Option<u64>) -> Json {
    let mut entry = json!({ "name": array.name, "type": array.element.word(), "dims": array.dims, "at": at });
    if let (Some(id), Some(entry)) = (segment, entry.as_object_mut()) {
        entry.insert("segment".into(), id.into());
    }
    // Dimensions that do not fit are for the receiver to refuse: without its length it would read into the next array.
    if length(array.element, &array.dims) != Some(array.bytes.len())
        && let Some(entry) = entry.as_object_mut()
    {
        entry.insert("bytes".into(), array.bytes.len().into());
    }
    entry
}

/// A frame to be sent.
#[derive(Debug, Default)]
pub struct Frame<'a> {
    /// Its JSON, without arrays and segments.
    pub json: Map<String, Json>,
    /// Arrays of this frame alone.
    pub arrays: Vec<Array<'a>>,
    /// Arrays that other frames use as well.
    pub shared: Vec<Arc<Shared>>,
    /// Descriptors that go with it.
    pub descriptors: Vec<BorrowedFd<'a>>,
}

/// Where the bytes of a received array are.
#[derive(Debug, Clone)]
enum Bytes {
    Payload(Arc<Vec<u64>>),
    Segment(Arc<Mmap>),
}

/// An array that was received.
#[derive(Debug, Clone)]
pub struct ReceivedArray {
    /// Its name.
    pub name: String,
    /// The type of its elements.
    pub element: Element,
    /// Its dimensions, *x* first.
    pub dims: Vec<u64>,
    bytes: Bytes,
    range: Range<usize>,
}

impl ReceivedArray {
    /// Its elements, aligned for their type; the memory that was received, not a copy of it.
    pub fn bytes(&self) -> &[u8] {
        let all = match &self.bytes {
            Bytes::Payload(payload) => bytemuck::cast_slice(payload),
            Bytes::Segment(map) => &map[..],
        };
        &all[self.range.clone()]
    }

    /// Whether the bytes are mapped from the other process's memory file.
    pub fn is_mapped(&self) -> bool {
        matches!(self.bytes, Bytes::Segment(_))
    }
}

/// A frame that was received.
#[derive(Debug)]
pub struct Received {
    /// Its JSON.
    pub json: Map<String, Json>,
    /// Its arrays.
    pub arrays: Vec<ReceivedArray>,
    /// Descriptors that are no segments.
    pub descriptors: Vec<OwnedFd>,
}

impl Received {
    /// An array by its name.
    pub fn array(&self, name: &str) -> Option<&ReceivedArray> {
        self.arrays.iter().find(|array| array.name == name)
    }
}

/// A connection: one side of a pair of Unix sockets.
#[derive(Debug)]
pub struct Channel {
    socket: UnixStream,
    /// Segments of the other side.
    segments: Vec<(u64, Arc<Mmap>)>,
    /// Segments of ours that the other side has.
    sent: Vec<(u64, Weak<Shared>)>,
}

impl Channel {
    /// A connection over one side of a pair.
    ///
    /// # Errors
    /// If the socket cannot be made non-blocking.
    pub fn new(socket: UnixStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        Ok(Self { socket, segments: Vec::new(), sent: Vec::new() })
    }

    /// Sends a frame; arrays above 64 KiB go through a sealed memory file.
    ///
    /// # Errors
    /// If the other side has ended, or does not read until `deadline`.
    pub fn send(&mut self, frame: Frame<'_>, deadline: Option<Instant>) -> Result<(), Broken> {
        let Frame { mut json, arrays, shared, descriptors } = frame;
        let (small, large): (Vec<_>, Vec<_>) = arrays.into_iter().partition(|array| array.bytes.len() <= INLINE);
        let (mut payload, mut entries, mut announced) = (Vec::new(), Vec::new(), Vec::new());
        for array in &small {
            payload.resize(segment::aligned(payload.len()), 0);
            entries.push(entry(array, payload.len(), None));
            payload.extend_from_slice(array.bytes);
        }
        let own = if large.is_empty() { None } else { Some(Shared::with_id(0, &large)?) };
        let mut files: Vec<BorrowedFd<'_>> = Vec::new();
        for segment in own.iter().chain(shared.iter().map(|shared| &**shared)) {
            entries.extend(segment.entries.iter().cloned());
            if segment.id == 0 || self.sent.iter().all(|(id, _)| *id != segment.id) {
                announced.push(json!({ "id": segment.id, "bytes": segment.bytes }));
                files.push(segment.file.as_fd());
            }
        }
        let forgotten: Vec<u64> = self.forgotten();
        for (key, list) in
            [("arrays", Json::from(entries)), ("segments", announced.into()), ("forget", forgotten.into())]
        {
            if list.as_array().is_some_and(|list| !list.is_empty()) {
                json.insert(key.into(), list);
            }
        }
        let text = serde_json::to_vec(&json).map_err(|cause| Broken::Protocol(cause.to_string()))?;
        if text.len() > MAX_JSON || payload.len() > MAX_PAYLOAD {
            return protocol(format!("a frame of {} and {} bytes is too long", text.len(), payload.len()));
        }
        let mut whole = Vec::with_capacity(8 + text.len() + payload.len());
        whole.extend_from_slice(&(text.len() as u32).to_le_bytes());
        whole.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        whole.extend_from_slice(&text);
        whole.extend_from_slice(&payload);
        files.extend(descriptors);
        self.write(&whole, &files, deadline)?;
        for segment in shared {
            if self.sent.iter().all(|(id, _)| *id != segment.id) {
                self.sent.push((segment.id, Arc::downgrade(&segment)));
            }
        }
        Ok(())
    }

    /// The segments that nobody here uses any more.
    fn forgotten(&mut self) -> Vec<u64> {
        let gone = self.sent.extract_if(.., |(_, shared)| shared.strong_count() == 0);
        gone.map(|(id, _)| id).collect()
    }

    fn write(&self, bytes: &[u8], files: &[BorrowedFd<'_>], deadline: Option<Instant>) -> Result<(), Broken> {
        let mut sent = 0;
        while sent < bytes.len() {
            let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
            let mut ancillary = SendAncillaryBuffer::new(&mut space);
            // Descriptors go with the first byte.
            if sent == 0 && !files.is_empty() && !ancillary.push(SendAncillaryMessage::ScmRights(files)) {
                return protocol(format!("{} descriptors in one frame", files.len()));
            }
            match sendmsg(&self.socket, &[io::IoSlice::new(&bytes[sent..])], &mut ancillary, SendFlags::NOSIGNAL) {
                Ok(count) => sent += count,
                Err(rustix::io::Errno::AGAIN) => self.wait(PollFlags::OUT, deadline)?,
                Err(rustix::io::Errno::INTR) => {}
                Err(cause) => return Err(cause.into()),
            }
        }
        Ok(())
    }

    /// Whether a frame has begun to arrive until `deadline`, or the other side has ended.
    ///
    /// # Errors
    /// If the system refuses to wait.
    pub fn ready(&self, deadline: Instant) -> Result<bool, Broken> {
        match self.wait(PollFlags::IN, Some(deadline)) {
            Ok(()) => Ok(true),
            Err(Broken::Late) => Ok(false),
            Err(broken) => Err(broken),
        }
    }

    /// Waits for a frame.
    ///
    /// # Errors
    /// If the other side has ended, sends nothing until `deadline`, or does not keep to the protocol.
    pub fn receive(&mut self, deadline: Option<Instant>) -> Result<Received, Broken> {
        let mut files = Vec::new();
        let mut head = [0; 8];
        self.read(&mut head, &mut files, deadline)?;
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (text, payload) = (number(0), number(4));
        if text > MAX_JSON || payload > MAX_PAYLOAD {
            return protocol(format!("a frame of {text} and {payload} bytes is announced"));
        }
        let mut json = vec![0; text];
        self.read(&mut json, &mut files, deadline)?;
        // Elements of eight bytes are read from it in place.
        let mut words = vec![0_u64; payload.div_ceil(8)];
        self.read(&mut bytemuck::cast_slice_mut(&mut words)[..payload], &mut files, deadline)?;
        let json =
            strict::read(&json).map_err(|cause| Broken::Protocol(format!("a frame is not sound JSON: {cause}")))?;
        let Json::Object(mut json) = json else { return protocol("a frame is no JSON object") };
        self.take_segments(&mut json, &mut files)?;
        let arrays = self.take_arrays(&mut json, &Arc::new(words), payload)?;
        for id in json.remove("forget").as_ref().and_then(Json::as_array).into_iter().flatten() {
            self.segments.retain(|(known, _)| Some(*known) != id.as_u64());
        }
        self.segments.retain(|(id, _)| *id != 0);
        Ok(Received { json, arrays, descriptors: files })
    }

    fn take_segments(&mut self, json: &mut Map<String, Json>, files: &mut Vec<OwnedFd>) -> Result<(), Broken> {
        for told in json.remove("segments").as_ref().and_then(Json::as_array).into_iter().flatten() {
            let (Some(id), Some(bytes)) = (told["id"].as_u64(), told["bytes"].as_u64()) else {
                return protocol("a segment without id and bytes");
            };
            if files.is_empty() {
                return protocol("a segment is announced, and no descriptor came with the frame");
            }
            let file = files.remove(0);
            let bytes = usize::try_from(bytes).or_else(|_| protocol("a segment beyond memory"))?;
            let map = segment::map(file.as_fd(), bytes).or_else(|cause| protocol(cause.to_string()))?;
            self.segments.retain(|(known, _)| *known != id);
            self.segments.push((id, map));
        }
        Ok(())
    }

    fn take_arrays(
        &self,
        json: &mut Map<String, Json>,
        payload: &Arc<Vec<u64>>,
        payload_bytes: usize,
    ) -> Result<Vec<ReceivedArray>, Broken> {
        let mut arrays: Vec<ReceivedArray> = Vec::new();
        for told in json.remove("arrays").as_ref().and_then(Json::as_array).into_iter().flatten() {
            let name = told["name"].as_str().unwrap_or_default().to_owned();
            let word = told["type"].as_str().unwrap_or_default();
            let Some(element) = Element::from_word(word) else {
                return protocol(format!("the array `{name}` has elements of the unknown type `{word}`"));
            };
            let dims = told["dims"].as_array().map(|dims| dims.iter().map(Json::as_u64).collect::<Option<Vec<u64>>>());
            let (Some(Some(dims)), Some(at)) = (dims, told["at"].as_u64()) else {
                return protocol(format!("the array `{name}` has no dimensions or no place"));
            };
            let (bytes, all) = match told.get("segment") {
                None => (Bytes::Payload(payload.clone()), payload_bytes),
                Some(id) => match self.segments.iter().find(|(known, _)| Some(*known) == id.as_u64()) {
                    Some((_, map)) => (Bytes::Segment(map.clone()), map.len()),
                    None => return protocol(format!("the array `{name}` is in the segment {id}, which is not here")),
                },
            };
            let bytes_of_it = match told.get("bytes") {
                Some(stated) => stated.as_u64().and_then(|bytes| usize::try_from(bytes).ok()),
                None => length(element, &dims),
            };
            let range = usize::try_from(at).ok().and_then(|at| Some(at..at.checked_add(bytes_of_it?)?));
            let range = range.filter(|range| range.end <= all && range.start.is_multiple_of(segment::ALIGN));
            let Some(range) = range else {
                return protocol(format!("the array `{name}` does not lie in its {all} bytes"));
            };
            if arrays.iter().any(|other| other.name == name) {
                return protocol(format!("the array `{name}` is there twice"));
            }
            arrays.push(ReceivedArray { name, element, dims, bytes, range });
        }
        Ok(arrays)
    }

    fn read(&self, buffer: &mut [u8], files: &mut Vec<OwnedFd>, deadline: Option<Instant>) -> Result<(), Broken> {
        let mut have = 0;
        while have < buffer.len() {
            let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
            let mut ancillary = RecvAncillaryBuffer::new(&mut space);
            let mut part = [io::IoSliceMut::new(&mut buffer[have..])];
            match recvmsg(&self.socket, &mut part, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
                Ok(message) if message.bytes == 0 => return Err(Broken::Closed),
                Ok(message) => have += message.bytes,
                Err(rustix::io::Errno::AGAIN) => self.wait(PollFlags::IN, deadline)?,
                Err(rustix::io::Errno::INTR) => {}
                Err(cause) => return Err(cause.into()),
            }
            for message in ancillary.drain() {
                if let RecvAncillaryMessage::ScmRights(received) = message {
                    files.extend(received);
                }
            }
            if files.len() > MAX_DESCRIPTORS {
                return protocol("more descriptors than a frame may bring");
            }
        }
        Ok(())
    }

    fn wait(&self, what: PollFlags, deadline: Option<Instant>) -> Result<(), Broken> {
        let timeout = match deadline {
            None => None,
            Some(deadline) => {
                let left = deadline.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    return Err(Broken::Late);
                }
                Some(rustix::event::Timespec {
                    tv_sec: i64::try_from(left.as_secs()).unwrap_or(i64::MAX),
                    tv_nsec: left.subsec_nanos().into(),
                })
            }
        };
        match poll(&mut [PollFd::new(&self.socket, what)], timeout.as_ref()) {
            Ok(0) => Err(Broken::Late),
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(cause) => Err(cause.into()),
        }
    }
}

#[cfg(test)]
mod tests;
