//! Two sound families that report what they see of the host: where its arrays lie, and on which threads chunks run.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use voxomics_sdk::prelude::*;

/// The family `addresses`.
struct Addresses;

impl FeatureFamily for Addresses {
    fn describe() -> Description {
        let address = |id: &str| Feature::new(id, id).unit("byte").equation("address of the first element");
        Description::new("addresses", "Where the host's arrays lie")
            .features(["image", "morphological_mask", "intensity_mask", "levels"].map(address))
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn needs(&self) -> Needs {
        Needs { levels: true, ..Needs::default() }
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        // Addresses have fewer than 53 bits: exact.
        values.ok("image", region.image().voxels().as_ptr().addr() as f64);
        values.ok("morphological_mask", region.morphological_mask().as_ptr().addr() as f64);
        values.ok("intensity_mask", region.intensity_mask().as_ptr().addr() as f64);
        values.ok("levels", region.levels().as_ptr().addr() as f64);
        Ok(values)
    }
}

const CHUNKS: usize = 12;

/// The family `threads`.
struct Threads;

impl FeatureFamily for Threads {
    fn describe() -> Description {
        Description::new("threads", "On which threads chunks run").features([
            Feature::new("threads", "Threads").equation("number of threads that ran a chunk"),
            Feature::new("of_host", "Chunks on the host's threads").equation("chunks on threads named `host…`"),
            Feature::new("sum", "Sum")
                .equation("sum over chunks, in their order, of a sum that rounding makes order-dependent"),
        ])
    }

    fn configure(_: &Settings) -> Result<Self, Error> {
        Ok(Self)
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let voxels = region.image().voxels();
        let seen = Mutex::new(Vec::new());
        let of_host = AtomicU64::new(0);
        let parts: Vec<AtomicU64> = (0..CHUNKS).map(|_| AtomicU64::new(0)).collect();
        context.for_each(CHUNKS, |chunk| {
            // Long enough that threads without work come and take some.
            std::thread::sleep(std::time::Duration::from_millis(5));
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let thread = std::thread::current().id();
            if !seen.contains(&thread) {
                seen.push(thread);
            }
            of_host.fetch_add(u64::from(thread_name().starts_with("host")), Ordering::Relaxed);
            let part = voxels.iter().map(|x| (x + chunk as f64).sin() / 3.0).sum::<f64>();
            parts[chunk].store(part.to_bits(), Ordering::Relaxed);
        });
        let mut values = Values::new();
        values.ok("threads", seen.into_inner().unwrap_or_else(PoisonError::into_inner).len() as f64);
        values.ok("of_host", of_host.into_inner() as f64);
        values.ok("sum", parts.into_iter().map(|part| f64::from_bits(part.into_inner())).sum());
        Ok(values)
    }
}

/// The name that the operating system knows the thread by: the standard library of a plugin knows none for the threads
/// of another one.
fn thread_name() -> String {
    std::fs::read_to_string("/proc/thread-self/comm").unwrap_or_default()
}

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Addresses, Threads] }
