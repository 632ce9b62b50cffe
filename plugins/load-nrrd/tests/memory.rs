//! Voxels are in memory once, and what the file cannot hold is never asked for.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{Folder, Nrrd, gz};
use load_nrrd::{Contents, Fault, FileFault, ReadError};

struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::SeqCst) + layout.size();
        PEAK.fetch_max(now, Ordering::SeqCst);
        // SAFETY: the caller's promise about the layout is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::SeqCst);
        // SAFETY: the caller's promise about pointer and layout is passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn peak(path: &Path) -> (Result<Contents, ReadError>, usize) {
    let before = NOW.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    let outcome = load_nrrd::read(path, u64::MAX);
    (outcome, PEAK.load(Ordering::SeqCst) - before)
}

/// One test, because the count is of the whole process.
#[test]
fn allocations_are_bounded_by_what_is_there() {
    const MEGABYTE: usize = 1 << 20;
    let folder = Folder::new();
    let values = 160 * 160 * 160;
    let nrrd = Nrrd::default().set("sizes", "160 160 160").set("endian", "big");
    for (encoding, data) in
        [("raw", vec![1; 2 * values]), ("gzip", gz(&vec![1; 2 * values])), ("ascii", b"257 ".repeat(values))]
    {
        let path = folder.write("a.nrrd", &nrrd.clone().set("encoding", encoding).file(&data));
        let (contents, peak) = peak(&path);
        let voxels = contents.unwrap().scan.voxels;
        assert!(voxels == vec![1; 2 * values], "{encoding}");
        assert!(peak < voxels.len() + MEGABYTE, "{encoding}: {peak} bytes");
    }

    let huge = Nrrd::default().set("sizes", "1024 1024 1024");
    for (encoding, data) in [("raw", vec![0; 100]), ("gzip", gz(&[0; 100])), ("ascii", b"0 ".repeat(50))] {
        let (outcome, peak) = peak(&folder.write("b.nrrd", &huge.clone().set("encoding", encoding).file(&data)));
        match outcome.unwrap_err().fault {
            Fault::File(FileFault::Truncated { promised: 0x8000_0000, found: 100 }) => {}
            other => panic!("{encoding}: {other}"),
        }
        assert!(peak < MEGABYTE, "{encoding}: {peak} bytes");
    }
}
