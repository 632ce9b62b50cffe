//! Workers that do what a bad plugin does: what each is kept from, and how its end is told.

fn main() {
    #[cfg(target_os = "linux")]
    linux::main();
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        env, fs,
        os::{fd::AsFd as _, unix::net::UnixStream},
        path::Path,
        time::{Duration, Instant},
    };

    use serde_json::{Map, Value as Json, json};
    use voxomics_worker::{
        Broken, Channel, Child, End, Frame,
        launch::{LAUNCHER, Orders, Rights, launcher, start},
    };

    pub fn main() {
        let arguments: Vec<String> = env::args().skip(1).collect();
        match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [a, b, orders] if [a, b] == LAUNCHER => panic!("{}", launcher(orders)),
            ["worker", "serve"] => serve(),
            _ => tests(),
        }
    }

    /// The worker: does what each frame asks for, and answers with what came of it.
    fn serve() {
        let socket = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned().expect("a socket"));
        let mut channel = Channel::new(socket).expect("a channel");
        while let Ok(frame) = channel.receive(None) {
            let text = |key: &str| frame.json.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let came = match text("do").as_str() {
                "exit" => std::process::exit(0),
                "abort" => std::process::abort(),
                "hang" => loop {
                    std::thread::sleep(Duration::from_secs(60));
                },
                "crash" => {
                    // SAFETY: none; this is what a faulty plugin does.
                    unsafe { std::ptr::dangling_mut::<u64>().wrapping_sub(1).write_volatile(1) };
                    "went on".into()
                }
                "read" => told(fs::read(text("path"))),
                "write" => told(fs::write(text("path"), "x")),
                "connect" => told(std::net::TcpStream::connect("127.0.0.1:9")),
                "fork" => told(std::process::Command::new("/bin/true").status()),
                "thread" => told(std::thread::spawn(|| 7).join().map_err(|_| "it panicked")),
                "allocate" => {
                    let mut all: Vec<u8> = Vec::new();
                    told(all.try_reserve_exact(1 << 30).map(|()| all.resize(1 << 30, 1)))
                }
                "print" => {
                    eprintln!("hello from the worker");
                    "done".into()
                }
                "silence" => "done".into(),
                other => panic!("nobody does `{other}`"),
            };
            channel.send(Frame { json: object(json!({ "came": came })), ..Frame::default() }, None).expect("sent");
        }
    }

    fn told<T, E: std::fmt::Display>(result: Result<T, E>) -> String {
        result.map_or_else(|error| error.to_string(), |_| "done".into())
    }

    fn object(json: Json) -> Map<String, Json> {
        json.as_object().expect("an object").clone()
    }

    fn ask(child: &mut Child, question: Json, seconds: u64) -> Result<String, Broken> {
        child.channel.send(Frame { json: object(question), ..Frame::default() }, None)?;
        let answer = child.channel.receive(Some(Instant::now() + Duration::from_secs(seconds)))?;
        Ok(answer.json["came"].as_str().expect("an answer").to_owned())
    }

    fn worker(folder: &Path, restricted: bool) -> (Child, Json) {
        let own = env::current_exe().expect("a program");
        let system = ["/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache"].map(Into::into);
        let rights = Rights {
            read: [vec![own.clone()], system.to_vec()].concat(),
            write: vec![folder.to_owned()],
            memory_bytes: 256 << 20,
            file_bytes: 64 << 20,
        };
        let orders = Orders {
            launcher: own.clone(),
            parent: std::process::id(),
            program: own,
            arguments: vec!["worker".into(), "serve".into()],
            environment: Vec::new(),
            folder: folder.to_owned(),
            rights: restricted.then_some(rights),
        };
        let mut child = start(&orders).expect("a worker");
        let confined = child.channel.receive(Some(Instant::now() + Duration::from_secs(20))).expect("a first frame");
        (child, confined.json["confined"].clone())
    }

    fn tests() {
        let folder = tempfile::tempdir().expect("a folder");
        for (what, test) in [
            ("what a bad plugin does ends with its worker, and is told", ends as fn(&Path)),
            ("a restricted worker reaches nothing but its own folder", kept_from),
            ("an unrestricted worker says that it is one", unrestricted),
            ("what a worker prints is kept apart", prints),
            ("a worker ends with its value", ends_with_its_value),
        ] {
            test(folder.path());
            println!("test {what} ... ok");
        }
        println!("5 passed, 0 failed");
    }

    fn ends(folder: &Path) {
        for (does, seconds, end) in [
            ("exit", 20, End::Exit(0)),
            ("abort", 20, End::Signal(6)),
            ("crash", 20, End::Signal(11)),
            ("hang", 0, End::Late),
        ] {
            let (mut child, _) = worker(folder, true);
            assert_eq!(ask(&mut child, json!({ "do": "silence" }), 20).expect("an answer"), "done");
            let broken = ask(&mut child, json!({ "do": does }), seconds).expect_err(does);
            assert_eq!(child.end(broken), end, "{does}");
        }
    }

    fn kept_from(folder: &Path) {
        let outside = tempfile::NamedTempFile::new().expect("a file");
        let (mut child, confined) = worker(folder, true);
        let enforced = confined["files"] == "full" || confined["files"] == "partial";
        let mut came = |question: Json| ask(&mut child, question, 60).expect("an answer");
        assert_eq!(came(json!({ "do": "write", "path": folder.join("own") })), "done");
        assert_eq!(came(json!({ "do": "thread" })), "done");
        if enforced {
            for does in ["read", "write"] {
                let answer = came(json!({ "do": does, "path": outside.path() }));
                assert!(answer.contains("denied"), "{does}: {answer}");
            }
        } else {
            println!("left out: this kernel enforces nothing for files: {confined}");
        }
        if confined["calls"] == true {
            for does in ["connect", "fork"] {
                let answer = came(json!({ "do": does }));
                assert!(answer.contains("not permitted"), "{does}: {answer}");
            }
        } else {
            println!("left out: this kernel filters no system calls: {confined}");
        }
        let answer = came(json!({ "do": "allocate" }));
        assert!(answer.contains("memory"), "{answer}");
    }

    fn unrestricted(folder: &Path) {
        let (mut child, confined) = worker(folder, false);
        assert_eq!(confined, Json::Null);
        let outside = tempfile::NamedTempFile::new().expect("a file");
        assert_eq!(ask(&mut child, json!({ "do": "read", "path": outside.path() }), 20).expect("an answer"), "done");
    }

    fn prints(folder: &Path) {
        let (mut child, _) = worker(folder, true);
        ask(&mut child, json!({ "do": "print" }), 20).expect("an answer");
        let end = Instant::now() + Duration::from_secs(20);
        let mut printed = String::new();
        while printed.is_empty() && Instant::now() < end {
            printed = child.printed();
            std::thread::sleep(Duration::from_millis(1));
        }
        assert_eq!(printed, "hello from the worker\n");
    }

    fn ends_with_its_value(folder: &Path) {
        let (child, _) = worker(folder, true);
        let process = format!("/proc/{}", child.id());
        assert!(Path::new(&process).exists());
        drop(child);
        assert!(!Path::new(&process).exists());
    }
}
