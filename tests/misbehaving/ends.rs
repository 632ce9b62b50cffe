//! A family that ends its process, or never ends, in regions of a given number of voxels.

use voxomics_sdk::prelude::*;

struct Ends {
    how: String,
    voxels: i64,
}

impl FeatureFamily for Ends {
    fn describe() -> Description {
        Description::new("ends", "Ends the process that it runs in")
            .setting(
                Setting::choice("how", "how it ends", &["exit", "abort", "crash", "hang", "never"]).default("never"),
            )
            .setting(Setting::integer("voxels", "in regions of so many voxels", 0, 1 << 40).default(0))
            .feature(Feature::new("count", "Number of voxels"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { how: settings.text("how")?.to_owned(), voxels: settings.integer("voxels")? })
    }

    fn compute(&self, region: &Region, _: &Context) -> Result<Values, Error> {
        let count = region.intensities().count();
        if i64::try_from(count).is_ok_and(|count| count == self.voxels) {
            match self.how.as_str() {
                "exit" => std::process::exit(0),
                "abort" => std::process::abort(),
                // SAFETY: none; this is what a faulty plugin does.
                "crash" => unsafe { std::ptr::dangling_mut::<u64>().wrapping_sub(1).write_volatile(1) },
                "hang" => loop {
                    std::thread::sleep(std::time::Duration::from_secs(60));
                },
                _ => {}
            }
        }
        let mut values = Values::new();
        values.ok("count", count as f64);
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Ends] }
