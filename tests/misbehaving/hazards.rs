//! A family that does what is unwise and allowed, over another allocator than the program's.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::RefCell,
    sync::Mutex,
};

use voxomics_sdk::prelude::*;

/// An allocator that puts its own mark before each piece of memory, and ends the process if it is given back one without.
struct Marked;

const MARK: u64 = 0x766f_786f_6d69_6373;

// SAFETY: each piece is as large as asked for behind a head of one alignment, in which the mark stands.
unsafe impl GlobalAlloc for Marked {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let head = layout.align().max(16);
        let Ok(whole) = Layout::from_size_align(layout.size() + head, head) else { return std::ptr::null_mut() };
        // SAFETY: its size is above 0.
        let start = unsafe { System.alloc(whole) };
        if start.is_null() {
            return start;
        }
        // SAFETY: the head has at least 16 bytes.
        unsafe {
            start.cast::<u64>().write(MARK);
            start.add(head)
        }
    }

    unsafe fn dealloc(&self, piece: *mut u8, layout: Layout) {
        let head = layout.align().max(16);
        // SAFETY: a piece of this allocator has its head before it; for any other this reads memory of the same process.
        unsafe {
            let start = piece.sub(head);
            if start.cast::<u64>().read_unaligned() != MARK {
                std::process::abort();
            }
            System.dealloc(start, Layout::from_size_align_unchecked(layout.size() + head, head));
        }
    }
}

#[global_allocator]
static ALLOCATOR: Marked = Marked;

thread_local! {
    static ENTERED: RefCell<u32> = const { RefCell::new(0) };
}

/// The family `hazards`.
struct Hazards {
    what: String,
    lock: Mutex<f64>,
}

const WHATS: [&str; 5] = ["nothing", "lock", "borrow", "frame", "thread"];

impl FeatureFamily for Hazards {
    fn describe() -> Description {
        Description::new("hazards", "What is unwise and allowed")
            .setting(Setting::choice("what", "what it does", &WHATS).default("nothing"))
            .feature(Feature::new("sum", "Sum of the intensities"))
            .feature(Feature::new("threads", "Threads that have run chunks"))
    }

    fn configure(settings: &Settings) -> Result<Self, Error> {
        Ok(Self { what: settings.text("what")?.into(), lock: Mutex::new(0.0) })
    }

    fn compute(&self, region: &Region, context: &Context) -> Result<Values, Error> {
        let mut values = Values::new();
        let voxels: Vec<f64> = region.intensities().collect();
        let seen = Mutex::new(std::collections::BTreeSet::new());
        let chunk = |at: usize| {
            // Long enough for another thread to take the next one.
            std::thread::sleep(std::time::Duration::from_micros(50));
            seen.lock().expect("nobody panics").insert(format!("{:?}", std::thread::current().id()));
            if self.what == "frame" {
                let frame = [voxels[at]; 150_000];
                assert_eq!(std::hint::black_box(&frame)[at % frame.len()].to_bits(), voxels[at].to_bits());
            }
        };
        let count = voxels.len().min(40);
        match self.what.as_str() {
            // Held over all chunks: another region of the same instance waits for it.
            "lock" => {
                let mut sum = self.lock.lock().expect("nobody panics");
                context.for_each(count, chunk);
                *sum += 1.0;
            }
            "borrow" => ENTERED.with(|entered| {
                let mut entered = entered.borrow_mut();
                context.for_each(count, chunk);
                *entered += 1;
            }),
            "thread" => std::thread::scope(|scope| {
                scope.spawn(|| context.for_each(count, chunk));
            }),
            _ => context.for_each(count, chunk),
        }
        values.ok("sum", voxels.iter().sum());
        values.ok("threads", seen.into_inner().expect("nobody panics").len() as f64);
        Ok(values)
    }
}

voxomics_sdk::export_plugin! { vendor: "The tests \u{1b}[2J\nof escapes", families: [Hazards] }
