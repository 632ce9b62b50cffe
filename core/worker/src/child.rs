//! A worker as the program sees it: a connection, and how the process ended.

use std::{
    fmt,
    io::{self, Read as _},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::process::ExitStatusExt as _,
    },
    process::{ChildStderr, ExitStatus},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, poll},
    io::ioctl_fionread,
};

use crate::channel::{Broken, Channel};

/// How long an ended connection waits for the process to end as well.
const GRACE: Duration = Duration::from_millis(200);
/// What is kept of what a worker prints.
const MAX_PRINTED: usize = 1 << 16;

/// How a worker ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// It called `exit` in the middle of its work.
    Exit(i32),
    /// A signal ended it.
    Signal(i32),
    /// The time for a call was over.
    Late,
    /// It did not keep to the protocol, and how.
    Protocol(String),
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exit(code) => write!(f, "it ended its process by itself (exit code {code})"),
            Self::Signal(libc::SIGSEGV | libc::SIGBUS) => {
                f.write_str("it touched memory that is not its own, and was ended")
            }
            Self::Signal(libc::SIGABRT) => {
                f.write_str("it aborted, as a program does that finds its memory damaged or used up")
            }
            Self::Signal(libc::SIGILL) => f.write_str("it used an instruction that this processor does not know"),
            Self::Signal(libc::SIGFPE) => f.write_str("it divided a whole number by zero"),
            Self::Signal(libc::SIGKILL) => f.write_str("the system ended it, as it does when memory runs out"),
            Self::Signal(libc::SIGXFSZ) => f.write_str("it wrote a file beyond its limit"),
            Self::Signal(signal) => write!(f, "signal {signal} ended it"),
            Self::Late => f.write_str("it did not answer within the time that a call may take"),
            Self::Protocol(how) => write!(f, "it does not keep to the protocol: {how}"),
        }
    }
}

/// A worker that runs. It ends with this value.
#[derive(Debug)]
pub struct Child {
    /// The connection to it.
    pub channel: Channel,
    process: std::process::Child,
    printed: Option<Arc<Mutex<Printed>>>,
}

/// What a worker prints: what was read of it, and the pipe that brings the rest.
#[derive(Debug)]
struct Printed {
    pipe: ChildStderr,
    kept: Vec<u8>,
}

impl Printed {
    /// Reads what is in the pipe by now.
    fn read_on(&mut self) {
        let mut buffer = [0; 4096];
        while ioctl_fionread(&self.pipe).is_ok_and(|waiting| waiting > 0) {
            let Ok(count @ 1..) = self.pipe.read(&mut buffer) else { return };
            let room = MAX_PRINTED.saturating_sub(self.kept.len()).min(count);
            self.kept.extend_from_slice(&buffer[..room]);
        }
    }
}

impl Child {
    pub(crate) fn new(mut process: std::process::Child, channel: Channel) -> io::Result<Self> {
        let mut printed = None;
        if let Some(pipe) = process.stderr.take() {
            // A pipe that is full would keep the worker from going on.
            let waiting = pipe.as_fd().try_clone_to_owned()?;
            let kept = Arc::new(Mutex::new(Printed { pipe, kept: Vec::new() }));
            printed = Some(Arc::clone(&kept));
            std::thread::Builder::new().name("worker's output".into()).spawn(move || collect(&waiting, &kept))?;
        }
        Ok(Self { channel, process, printed })
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has printed since this was last asked, at most 64 KiB: all of it, up to its last answer.
    pub fn printed(&self) -> String {
        let Some(printed) = &self.printed else { return String::new() };
        let mut printed = printed.lock().unwrap_or_else(PoisonError::into_inner);
        printed.read_on();
        String::from_utf8_lossy(&std::mem::take(&mut printed.kept)).into_owned()
    }

    /// Ends it, and says how it had ended before, or why it must be ended now.
    pub fn end(mut self, broken: Broken) -> End {
        let status = match broken {
            Broken::Late => return End::Late,
            Broken::Protocol(how) => return End::Protocol(how),
            Broken::Closed | Broken::System(_) => self.wait(GRACE),
        };
        match (status, broken) {
            (Some(status), _) => match (status.code(), status.signal()) {
                (Some(code), _) => End::Exit(code),
                (None, Some(signal)) => End::Signal(signal),
                (None, None) => End::Protocol("it ended without a status".into()),
            },
            (None, Broken::System(cause)) => End::Protocol(cause.to_string()),
            (None, _) => End::Protocol("it closed its connection and went on".into()),
        }
    }

    fn wait(&mut self, most: Duration) -> Option<ExitStatus> {
        let end = Instant::now() + most;
        loop {
            match self.process.try_wait() {
                Ok(Some(status)) => return Some(status),
                Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(1)),
                Ok(None) | Err(_) => return None,
            }
        }
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // It cannot be waited for politely: it may be in the middle of anything. Its filter keeps it from having children.
        if self.process.kill().is_ok() {
            // An error means that it was waited for already.
            let _ = self.process.wait();
        }
    }
}

/// Takes what is printed out of the pipe until the worker has ended.
fn collect(pipe: &OwnedFd, printed: &Mutex<Printed>) {
    loop {
        let mut waiting = [PollFd::new(pipe, PollFlags::IN)];
        match poll(&mut waiting, None) {
            Ok(_) if waiting[0].revents().contains(PollFlags::IN) => {
                printed.lock().unwrap_or_else(PoisonError::into_inner).read_on();
            }
            Err(rustix::io::Errno::INTR) => {}
            _ => return,
        }
    }
}
