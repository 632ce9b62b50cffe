//! A family that leaves the processor's floating-point state changed: it rounds upwards, and flushes small numbers to zero.

use voxomics_sdk::prelude::*;

/// Leaves the state changed, where there is one that is known here.
fn spoil() {
    #[cfg(target_arch = "x86_64")]
    {
        let mxcsr = 0x1f80_u32 | 1 << 14 | 1 << 15;
        // SAFETY: a control word with all exceptions masked; that it stays is the fault.
        unsafe {
            std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const mxcsr, options(nostack, preserves_flags, readonly))
        };
    }
}

/// With the environment's wish, an initialiser does it as well.
#[cfg(target_os = "linux")]
extern "C" fn initialise() {
    if std::env::var_os("VOXOMICS_TEST_SPOIL").is_some() {
        spoil();
    }
}

// SAFETY: the section holds pointers to functions without arguments, which the loader calls in turn.
#[cfg(target_os = "linux")]
#[used]
#[unsafe(link_section = ".init_array")]
static INITIALISE: extern "C" fn() = initialise;

/// The family `rounds`.
struct Rounds {
    place: String,
}

impl FeatureFamily for Rounds {
    fn describe() -> Description {
        let places = ["nowhere", "configure", "compute", "chunk"];
        Description::new("rounds", "Leaves another rounding mode behind")
            .setting(Setting::choice("in", "where it does so", &places).default("compute"))
            .feature(Feature::new("third", "Third").equation("1 / 3, in the bits of its last place: 0 or 1"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        let place = settings.text("in")?.to_owned();
        if place == "configure" {
            spoil();
        }
        Ok(Self { place })
    }

    fn compute(&self, _: &Region, context: &Context) -> Result<Values, Error> {
        // What it finds, before it changes anything.
        let third = std::hint::black_box(1.0_f64) / std::hint::black_box(3.0);
        match self.place.as_str() {
            "compute" => spoil(),
            "chunk" => context.for_each(8, |_| spoil()),
            _ => {}
        }
        let mut values = Values::new();
        values.ok("third", (third.to_bits() & 1) as f64);
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests", families: [Rounds] }
