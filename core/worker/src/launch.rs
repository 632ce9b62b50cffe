//! Starting a worker: the program is started again as a launcher, which restricts itself and then becomes the worker.
//!
//! Nothing is restricted between fork and exec: that would cost time per gigabyte of the program, and allocates where it must not.

use std::{
    ffi::OsString,
    io,
    os::{fd::OwnedFd, unix::net::UnixStream, unix::process::CommandExt as _},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{OnceLock, mpsc},
};

use serde::{Deserialize, Serialize};
use serde_json::json;

pub use crate::confine::Rights;
use crate::{
    channel::{Channel, Frame},
    child::Child,
    confine,
};

/// What the launcher is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Orders {
    /// The program that is started as the launcher.
    pub launcher: PathBuf,
    /// The process that starts it.
    pub parent: u32,
    /// The program that the launcher becomes.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// All of its environment.
    pub environment: Vec<(OsString, OsString)>,
    /// Its working directory: a scratch folder of its own.
    pub folder: PathBuf,
    /// What it may do; none for a worker that is not restricted.
    pub rights: Option<Rights>,
}

/// The words after the program's name that start a launcher; the orders follow, as JSON.
pub const LAUNCHER: [&str; 2] = ["worker", "launch"];

/// The launcher: restricts this process as ordered, tells what is in force, and becomes the worker. Returns only what kept it
/// from that.
pub fn launcher(orders: &str) -> io::Error {
    let prepared = || -> io::Result<Command> {
        let orders: Orders = serde_json::from_str(orders)?;
        confine::die_with(orders.parent)?;
        std::env::set_current_dir(&orders.folder)?;
        let found = orders.rights.as_ref().map(confine::confine);
        let socket = UnixStream::from(rustix::io::dup(rustix::stdio::stdin())?);
        let told = json!({ "confined": found }).as_object().cloned().unwrap_or_default();
        let frame = Frame { json: told, ..Frame::default() };
        Channel::new(socket)?.send(frame, None).map_err(io::Error::other)?;
        // The worker reads and writes it by waiting.
        rustix::io::ioctl_fionbio(rustix::stdio::stdin(), false)?;
        let mut command = Command::new(&orders.program);
        command.args(&orders.arguments).env_clear().envs(orders.environment);
        Ok(command)
    };
    match prepared() {
        Ok(mut command) => command.exec(),
        Err(cause) => cause,
    }
}

/// Starts a worker, from the one thread that starts all of them: the kernel ends a worker with the thread that started it.
///
/// # Errors
/// If the launcher cannot be started.
pub fn start(orders: &Orders) -> io::Result<Child> {
    type Request = (Orders, mpsc::Sender<io::Result<Child>>);
    static STARTER: OnceLock<mpsc::Sender<Request>> = OnceLock::new();
    let starter = STARTER.get_or_init(|| {
        let (sender, requests) = mpsc::channel::<Request>();
        std::thread::spawn(move || {
            for (orders, answer) in requests {
                // Whoever asked may be gone; the worker then ends with the value.
                let _ = answer.send(spawn(&orders));
            }
        });
        sender
    });
    let (answer, started) = mpsc::channel();
    let gone = |_| io::Error::other("the thread that starts workers has ended");
    starter.send((orders.clone(), answer)).map_err(|_| gone(mpsc::RecvError))?;
    started.recv().map_err(gone)?
}

fn spawn(orders: &Orders) -> io::Result<Child> {
    let (ours, theirs) = UnixStream::pair()?;
    let process = Command::new(&orders.launcher)
        .args(LAUNCHER)
        .arg(serde_json::to_string(orders)?)
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    Child::new(process, Channel::new(ours)?)
}
