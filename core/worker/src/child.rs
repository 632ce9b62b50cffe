//! A worker as the program sees it: a connection, and how the process ended.

use std::{
    fmt,
    io::{self, Read as _},
    os::unix::process::ExitStatusExt as _,
    process::{ChildStderr, ExitStatus},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
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
    printed: Arc<Mutex<Vec<u8>>>,
}

impl Child {
    pub(crate) fn new(mut process: std::process::Child, channel: Channel) -> io::Result<Self> {
        let printed = Arc::default();
        if let Some(pipe) = process.stderr.take() {
            let kept = Arc::clone(&printed);
            std::thread::Builder::new().name("worker's output".into()).spawn(move || collect(pipe, &kept))?;
        }
        Ok(Self { channel, process, printed })
    }

    /// The id of its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// What it has printed since this was last asked, at most 64 KiB.
    pub fn printed(&self) -> String {
        let bytes = std::mem::take(&mut *self.printed.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&bytes).into_owned()
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

fn collect(mut pipe: ChildStderr, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_PRINTED.saturating_sub(kept.len()).min(count);
        kept.extend_from_slice(&buffer[..room]);
    }
}
