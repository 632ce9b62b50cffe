//! A family that sums intensities, and strays from that in the way that a setting says.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use voxomics_sdk::prelude::*;

/// How it strays; the check of the same name finds it, or the one that the test names.
const HOWS: [&str; 28] = [
    "not at all",
    "counts its calls",
    "counts its instances",
    "counts its threads",
    "holds a lock",
    "keeps the first case",
    "keeps a failure",
    "knows left",
    "looks beyond",
    "skips NaN",
    "knows its place",
    "fears one voxel",
    "fears thin regions",
    "divides by the variance",
    "has 256 levels",
    "gives no reason",
    "sets the environment",
    "sets the locale",
    "leaves a thread",
    "leaves a file",
    "leaves a file open",
    "prints",
    "keeps memory",
    "compares all pairs",
    "is stubborn",
    "miscalls the end",
    "mutters",
    "aborts at an empty region",
];

/// The family `strays`.
pub struct Strays {
    how: String,
    number: u64,
    calls: AtomicU64,
    first: OnceLock<f64>,
    lock: Mutex<()>,
    has_failed: AtomicBool,
}

impl FeatureFamily for Strays {
    fn describe() -> Description {
        let sum = Feature::new("sum", "Sum of the intensities").unit("intensity").meaning("the region is bright");
        Description::new("strays", "A sum of intensities, and one thing done badly")
            .setting(Setting::choice("how", "what is done badly", &HOWS).default("not at all"))
            .feature(sum.equation("sum of X"))
            .invariant(&[Invariance::Rotation, Invariance::Mirroring])
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        static INSTANCES: AtomicU64 = AtomicU64::new(0);
        Ok(Self {
            how: settings.text("how")?.into(),
            number: INSTANCES.fetch_add(1, Ordering::Relaxed),
            calls: AtomicU64::new(0),
            first: OnceLock::new(),
            lock: Mutex::new(()),
            has_failed: AtomicBool::new(false),
        })
    }

    fn needs(&self) -> Needs {
        Needs { levels: self.how == "has 256 levels", ..Needs::default() }
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let inside: Vec<f64> = region.intensities().filter(|x| self.how != "skips NaN" || x.is_finite()).collect();
        if inside.is_empty() || inside.iter().any(|x| !x.is_finite()) {
            self.has_failed.store(true, Ordering::Relaxed);
            return match self.how.as_str() {
                "mutters" => Err(Error::input("no")),
                "aborts at an empty region" => std::process::abort(),
                _ => Err(Error::input("the region has no voxel, or an intensity that is not finite")),
            };
        }
        let mut values = Values::new();
        if inside.len() == 1 && self.how == "gives no reason" {
            values.undefined("sum", "");
            return Ok(values);
        }
        self.leave();
        let strayed = self.strayed(region, context, &inside)?;
        values.ok("sum", inside.iter().sum::<f64>() + strayed);
        Ok(values)
    }
}

impl Strays {
    /// What is added to the sum.
    fn strayed(&self, region: &Region, context: &Context, inside: &[f64]) -> Result<f64, Error> {
        Ok(match self.how.as_str() {
            "counts its calls" => self.calls.fetch_add(1, Ordering::Relaxed) as f64,
            "counts its instances" => self.number as f64,
            "counts its threads" => threads(context) as f64,
            "holds a lock" => {
                let held = self.lock.lock().expect("nobody panics");
                let seen = threads(context);
                drop(held);
                (seen as f64).min(0.0)
            }
            "keeps the first case" => *self.first.get_or_init(|| inside[0]),
            "keeps a failure" => f64::from(u8::from(self.has_failed.load(Ordering::Relaxed))),
            "knows left" => region.intensity_mask().iter().position(|inside| *inside != 0).unwrap_or(0) as f64,
            "looks beyond" => region.image().voxels()[0],
            "knows its place" => region.grid().origin[0],
            "fears one voxel" => {
                assert!(inside.len() > 1, "there is no neighbour");
                0.0
            }
            "fears thin regions" => {
                assert!(region.dims().iter().all(|n| *n > 1), "{:?} is too thin", region.dims());
                0.0
            }
            "divides by the variance" => {
                let mean = inside.iter().sum::<f64>() / inside.len() as f64;
                1.0 / inside.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
            }
            "has 256 levels" => {
                let mut histogram = [0.0; 256];
                region.levels().iter().for_each(|level| histogram[usize::from(*level)] += 1.0);
                histogram[1]
            }
            "compares all pairs" => {
                let pairs = inside.iter().flat_map(|a| inside.iter().map(move |b| (a - b).abs().sqrt()));
                pairs.sum::<f64>() * 1e-9
            }
            "is stubborn" if context.check_cancelled().is_err() => {
                thread::sleep(Duration::from_millis(2200));
                0.0
            }
            "miscalls the end" if context.check_cancelled().is_err() => {
                return Err(Error::input("something else went wrong"));
            }
            _ => 0.0,
        })
    }

    /// Leaves something behind.
    fn leave(&self) {
        match self.how.as_str() {
            // SAFETY: none; this is what a faulty plugin does.
            "sets the environment" => unsafe { std::env::set_var("OMP_NUM_THREADS", "3") },
            // SAFETY: the text ends with a zero; that others read the locale is the fault.
            "sets the locale" => drop(unsafe { libc::setlocale(libc::LC_ALL, c"C.UTF-8".as_ptr()) }),
            "leaves a thread" => drop(thread::spawn(|| thread::sleep(Duration::from_secs(60)))),
            "leaves a file" => fs::write(std::env::temp_dir().join("strays.tmp"), "left").expect("a file"),
            "leaves a file open" => std::mem::forget(File::open("/dev/null").expect("a file")),
            "prints" => println!("a line that belongs into no table"),
            "keeps memory" => std::mem::forget(std::hint::black_box(vec![1_u8; 1 << 20])),
            _ => {}
        }
    }
}

/// On how many threads chunks run.
fn threads(context: &Context) -> usize {
    let seen = Mutex::new(BTreeSet::new());
    context.for_each(64, |_| {
        // Long enough for another thread to take the next one.
        thread::sleep(Duration::from_micros(200));
        seen.lock().expect("nobody panics").insert(format!("{:?}", thread::current().id()));
    });
    seen.into_inner().expect("nobody panics").len()
}
