//! Voxels are in memory once, and what the file cannot hold is never asked for.

mod common;
use common::{Folder, Nifti, gz};
use load_nifti::{Fault, FileFault, ReadError, Scan};
use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

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

fn peak(path: &Path, limit: u64) -> (Result<Scan, ReadError>, usize) {
    let before = NOW.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    let outcome = load_nifti::read(path, None, limit);
    (outcome, PEAK.load(Ordering::SeqCst) - before)
}

/// One test, because the count is of the whole process.
#[test]
fn allocations_are_bounded_by_what_is_there() {
    const MEGABYTE: usize = 1 << 20;
    let folder = Folder::new();
    let side = 160;
    let nifti = Nifti { big: true, dim: vec![3, side, side, side], ..Nifti::default() };
    let bytes = nifti.file(&vec![1; 2 * (side * side * side) as usize]);
    for path in [folder.write("a.nii", &bytes), folder.write("a.nii.gz", &gz(&bytes))] {
        let (scan, peak) = peak(&path, 1 << 30);
        let data = scan.unwrap().data.len();
        assert!(peak < data + MEGABYTE, "{peak} bytes for {data}");
    }

    let huge = Nifti { dim: vec![3, 1024, 1024, 1024], ..Nifti::default() };
    let bytes = huge.file(&[0; 100]);
    for path in [folder.write("b.nii", &bytes), folder.write("b.nii.gz", &gz(&bytes))] {
        let (outcome, peak) = peak(&path, u64::MAX);
        assert!(matches!(
            outcome.unwrap_err().fault,
            Fault::File(FileFault::Truncated { promised: 0x8000_0000, found: 100 })
        ));
        assert!(peak < MEGABYTE, "{peak}");
    }

    let bomb = Nifti::default().file(&vec![0; 16 * MEGABYTE]);
    for path in [folder.write("c.nii", &bomb), folder.write("c.nii.gz", &gz(&bomb))] {
        let (outcome, peak) = peak(&path, 1000);
        match outcome.unwrap_err().fault {
            Fault::File(FileFault::TrailingData { promised: 24, extra }) => {
                assert!(extra <= 2 * MEGABYTE as u64, "{extra}")
            }
            other => panic!("{other}"),
        }
        assert!(peak < MEGABYTE, "{peak}");
    }
}
