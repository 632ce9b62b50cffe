//! A family that ruins the process that it runs in, or tries to, in regions of a given number of voxels.

use voxomics_sdk::prelude::*;

struct Ends {
    how: String,
    voxels: i64,
}

/// What a plugin may do to its process. The last ones do not end it.
const WAYS: [&str; 14] = [
    "never",
    "exit",
    "_exit",
    "abort",
    "crash",
    "overflow",
    "memory",
    "hang",
    "fork",
    "socket",
    "write",
    "directory",
    "print",
    "rounding",
];

impl FeatureFamily for Ends {
    fn describe() -> Description {
        Description::new("ends", "Ends the process that it runs in")
            .setting(Setting::choice("how", "how it ends", &WAYS).default("never"))
            .setting(Setting::integer("voxels", "in regions of so many voxels", 0, 1 << 40).default(0))
            .setting(Setting::text("path", "what it writes to, or where it goes").default(""))
            .feature(Feature::new("count", "Number of voxels"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let path = settings.text("path")?;
        let how = settings.text("how")?.to_owned();
        if how == "directory" {
            // Whatever the program does with a relative path afterwards starts elsewhere.
            std::env::set_current_dir(path).ok();
        }
        Ok(Self {
            how: if how == "write" { format!("write {path}") } else { how },
            voxels: settings.integer("voxels")?,
        })
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let count = region.intensities().count();
        if i64::try_from(count).is_ok_and(|count| count == self.voxels) {
            self.ruin()?;
        }
        let mut values = Values::new();
        values.ok("count", count as f64);
        Ok(values)
    }
}

impl Ends {
    fn ruin(&self) -> Result<(), Error> {
        let failed = |what: &str| Error::input(format!("{what}: {}", std::io::Error::last_os_error()));
        match self.how.as_str() {
            "exit" => std::process::exit(0),
            // SAFETY: ends the process at once.
            "_exit" => unsafe { libc::_exit(0) },
            "abort" => std::process::abort(),
            // SAFETY: none; this is what a faulty plugin does.
            "crash" => unsafe { std::ptr::dangling_mut::<u64>().wrapping_sub(1).write_volatile(1) },
            "overflow" => drop(std::hint::black_box(deeper(1))),
            "memory" => {
                let mut kept = Vec::new();
                loop {
                    kept.push(std::hint::black_box(vec![1_u8; 16 << 20]));
                }
            }
            "hang" => loop {
                std::thread::sleep(std::time::Duration::from_secs(60));
            },
            // SAFETY: the child does nothing but end.
            "fork" => match unsafe { libc::fork() } {
                -1 => return Err(failed("fork")),
                // SAFETY: ends the process at once.
                0 => unsafe { libc::_exit(0) },
                _ => {}
            },
            "socket" => {
                // SAFETY: a call without pointers.
                if unsafe { libc::socket(libc::AF_INET, libc::SOCK_STREAM, 0) } == -1 {
                    return Err(failed("socket"));
                }
            }
            "rounding" => round_down(),
            "print" => println!("a line that belongs into no table"),
            other => {
                if let Some(path) = other.strip_prefix("write ") {
                    std::fs::write(path, "ruined").map_err(|cause| Error::input(format!("{path}: {cause}")))?;
                }
            }
        }
        Ok(())
    }
}

/// Rounds towards less from now on.
fn round_down() {
    #[cfg(target_arch = "x86_64")]
    {
        let mxcsr = 0x1f80_u32 | 1 << 13;
        // SAFETY: it is read, and holds a state that the processor knows.
        unsafe {
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const mxcsr, options(nostack, preserves_flags, readonly))
        };
    }
}

#[allow(unconditional_recursion)]
fn deeper(depth: u64) -> u64 {
    let page = std::hint::black_box([depth; 512]);
    deeper(page[0] + 1) + page[511]
}

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Ends] }
