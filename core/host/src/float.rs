//! The processor's floating-point state: saved before a plugin is entered, put back afterwards.
//!
//! A plugin that leaves another rounding mode behind, or has small numbers flushed to zero, would change every number that is
//! computed on the same thread after it. It costs some ten nanoseconds a crossing to find out.

/// Does something of a plugin's, with arithmetic that rounds to nearest and keeps subnormal numbers. The state that was there
/// before is there again afterwards; the second answer is whether the plugin had left another one.
pub fn around<T>(work: impl FnOnce() -> T) -> (T, bool) {
    let before = state::get();
    let sound = before.sound();
    if before != sound {
        state::set(sound);
    }
    let answer = work();
    let after = state::get();
    if after != before {
        state::set(before);
    }
    (answer, after != sound)
}

/// Whether arithmetic rounds to nearest and keeps subnormal numbers, on this thread.
#[cfg(target_os = "linux")]
pub fn is_sound() -> bool {
    let found = state::get();
    found == found.sound()
}

#[cfg(target_arch = "x86_64")]
mod state {
    use std::arch::asm;

    /// Flags that arithmetic raises; no part of how it is done.
    const RAISED: u32 = 0x3f;
    /// Denormals are zero, rounding, flush to zero.
    const MODES: u32 = 1 << 6 | 3 << 13 | 1 << 15;
    const X87_ROUNDING: u16 = 3 << 10;

    #[derive(Clone, Copy, PartialEq, Eq)]
    pub struct State {
        mxcsr: u32,
        x87: u16,
    }

    impl State {
        pub fn sound(self) -> Self {
            Self { mxcsr: self.mxcsr & !MODES, x87: self.x87 & !X87_ROUNDING }
        }
    }

    pub fn get() -> State {
        let (mut mxcsr, mut x87) = (0_u32, 0_u16);
        // SAFETY: each instruction writes a control word to where the pointer points, and changes nothing else.
        unsafe {
            asm!("stmxcsr [{}]", "fnstcw [{}]", in(reg) &raw mut mxcsr, in(reg) &raw mut x87,
                options(nostack, preserves_flags));
        }
        State { mxcsr: mxcsr & !RAISED, x87 }
    }

    pub fn set(state: State) {
        // SAFETY: each instruction reads a control word that was read from the processor, in which no exception is unmasked
        // that was not before.
        unsafe {
            asm!("ldmxcsr [{}]", "fldcw [{}]", in(reg) &raw const state.mxcsr, in(reg) &raw const state.x87,
                options(nostack, preserves_flags, readonly));
        }
    }
}

#[cfg(target_arch = "aarch64")]
mod state {
    use std::arch::asm;

    /// Flush to zero (both widths), rounding, default NaN.
    const MODES: u64 = 1 << 19 | 3 << 22 | 1 << 24 | 1 << 25;

    #[derive(Clone, Copy, PartialEq, Eq)]
    pub struct State(u64);

    impl State {
        pub fn sound(self) -> Self {
            Self(self.0 & !MODES)
        }
    }

    pub fn get() -> State {
        let fpcr;
        // SAFETY: reads a control register.
        unsafe { asm!("mrs {}, fpcr", out(reg) fpcr, options(nomem, nostack, preserves_flags)) };
        State(fpcr)
    }

    pub fn set(State(fpcr): State) {
        // SAFETY: writes a control register with what was read from it, but for modes of rounding.
        unsafe { asm!("msr fpcr, {}", in(reg) fpcr, options(nomem, nostack, preserves_flags)) };
    }
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
mod state {
    #[derive(Clone, Copy, PartialEq, Eq)]
    pub struct State;

    impl State {
        pub fn sound(self) -> Self {
            self
        }
    }

    pub fn get() -> State {
        State
    }

    pub fn set(_: State) {}
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use std::{arch::asm, hint::black_box};

    use super::*;

    /// Rounds upwards and flushes small results to zero.
    fn spoil() {
        let mxcsr = 0x1f80_u32 | 1 << 14 | 1 << 15;
        // SAFETY: rounding and flushing change; `around` puts them back.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const mxcsr, options(nostack, preserves_flags, readonly)) };
    }

    // As a plugin is: code that the compiler cannot move across what sets the state.
    #[inline(never)]
    fn third() -> u64 {
        black_box(black_box(1.0_f64) / black_box(3.0)).to_bits()
    }

    #[inline(never)]
    fn small() -> f64 {
        black_box(black_box(f64::MIN_POSITIVE) * black_box(0.25))
    }

    #[test]
    fn what_a_plugin_leaves_behind_is_put_back_and_told() {
        let (own, own_small) = (third(), small());
        let (inside, altered) = around(|| {
            spoil();
            (third(), small())
        });
        assert!(altered && inside.0 != own && inside.1 == 0.0 && own_small > 0.0);
        assert_eq!((third(), small()), (own, own_small));
        assert_eq!(around(third), (own, false));
    }

    #[test]
    fn a_plugin_finds_a_sound_state_and_the_caller_its_own() {
        let sound = third();
        let ((inside, outside), _) = around(|| {
            spoil();
            (around(third), third())
        });
        assert_eq!(inside, (sound, false));
        assert_ne!(outside, sound, "who called still has what it had");
    }
}
