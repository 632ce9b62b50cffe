//! A header that promises billions of pixels is refused before room is made for them.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicUsize, Ordering},
};

use load_picture::{Options, read_image};
use voxomics_sdk::testing::TestFolder as Folder;

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

const MEGABYTE: usize = 1 << 20;

/// Sides that no file here can hold.
const SIDES: [u32; 3] = [40_000, 0x7FFF_FFFF, 0xFFFF_FFFF];

fn png(side: u32, color: png::ColorType) -> Vec<u8> {
    // Width and height stand in the first chunk, before its checksum.
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side.min(0x7FFF_FFFF), side.min(0x7FFF_FFFF));
    encoder.set_color(color);
    let writer = encoder.write_header().expect("a header");
    // Without its pixels.
    std::mem::forget(writer);
    [&bytes[..], &[0, 0, 0, 20], b"IDAT", &[0; 30]].concat()
}

/// A TIFF of these entries: tag, kind, count, value.
fn tiff(entries: &[(u16, u16, u32, u32)]) -> Vec<u8> {
    let mut file = b"II*\0\x08\0\0\0".to_vec();
    file.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        file.extend(tag.to_le_bytes());
        file.extend(kind.to_le_bytes());
        file.extend(count.to_le_bytes());
        file.extend(value.to_le_bytes());
    }
    file.extend([0; 64]);
    file
}

fn tiffs() -> Vec<Vec<u8>> {
    let strips = |width: u32, height: u32, count: u32| {
        tiff(&[
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, count, 8),
            (277, 3, 1, 1),
            (278, 4, 1, height),
            (279, 4, count, 8),
        ])
    };
    let tiles = |width: u32, height: u32| {
        tiff(&[
            (256, 4, 1, 4),
            (257, 4, 1, 4),
            (258, 3, 1, 8),
            (259, 3, 1, 5),
            (262, 3, 1, 1),
            (277, 3, 1, 1),
            (322, 4, 1, width),
            (323, 4, 1, height),
            (324, 4, 1, 8),
            (325, 4, 1, 8),
        ])
    };
    let mut all: Vec<Vec<u8>> = SIDES.iter().map(|side| strips(*side, *side, 1)).collect();
    // As many strips, or as long a text, as there is no room for in the file.
    all.push(strips(4, 4, 0x0010_0000));
    all.push(strips(4, 4, 0xFFFF_FFFF));
    all.push(tiff(&[(256, 4, 1, 4), (257, 4, 1, 4), (262, 3, 1, 1), (270, 2, 0x0800_0000, 8)]));
    all.push(tiff(&[(256, 4, 1, 4), (257, 4, 1, 4), (258, 1, 0x0800_0000, 8), (262, 3, 1, 1)]));
    all.extend(SIDES.map(|side| tiles(side, 16)));
    all.extend(SIDES.map(|side| tiles(16, side)));
    all
}

fn bmp(side: u32, bits: u8) -> Vec<u8> {
    let mut file = b"BM".to_vec();
    [4096, 0, 54, 40, side.min(0x7FFF_FFFF), side.min(0x7FFF_FFFF)]
        .iter()
        .for_each(|number| file.extend(number.to_le_bytes()));
    file.extend([1, 0, bits, 0]);
    file.extend([0; 64]);
    file
}

/// Frame headers: baseline, progressive, lossless; one channel, and three.
fn jpegs() -> Vec<Vec<u8>> {
    let frame = |marker: u8, channels: u8| {
        let mut file = vec![0xFF, 0xD8, 0xFF, marker, 0, 8 + 3 * channels, 8, 0xFF, 0xFF, 0xFF, 0xFF, channels];
        (1..=channels).for_each(|channel| file.extend([channel, 0x44, 0]));
        file.extend([0xFF, 0xDA, 0, 6 + 2 * channels, channels]);
        (1..=channels).for_each(|channel| file.extend([channel, 0]));
        file.extend([if marker == 0xC3 { 1 } else { 0 }, if marker == 0xC0 { 63 } else { 0 }, 0]);
        file.extend([0; 64]);
        file
    };
    [0xC0, 0xC2, 0xC3].into_iter().flat_map(|marker| [frame(marker, 1), frame(marker, 3)]).collect()
}

/// One test, because the count is of the whole process.
#[test]
fn no_room_is_made_for_what_a_file_cannot_hold() {
    let folder = Folder::new();
    let mut files: Vec<(&str, Vec<u8>)> = Vec::new();
    for side in SIDES {
        files.extend([("a.png", png(side, png::ColorType::Grayscale)), ("a.png", png(side, png::ColorType::Rgba))]);
        files.extend([("a.bmp", bmp(side, 8)), ("a.bmp", bmp(side, 24)), ("a.bmp", bmp(side, 32))]);
    }
    files.extend(tiffs().into_iter().map(|bytes| ("a.tif", bytes)));
    files.extend(jpegs().into_iter().map(|bytes| ("a.jpg", bytes)));
    let options = Options { pixel_mm: Some([1.0; 2]), slice_mm: Some(1.0), ..Options::default() };
    for (index, (name, bytes)) in files.iter().enumerate() {
        let path = folder.write(name, bytes);
        // Whatever a person allows, and what the program allows.
        for limit in [u64::MAX, 4 << 30] {
            let before = NOW.load(Ordering::SeqCst);
            PEAK.store(before, Ordering::SeqCst);
            let outcome = read_image(&path, &options, limit);
            let peak = PEAK.load(Ordering::SeqCst) - before;
            let message = outcome.expect_err("a refusal").to_string();
            println!("{index} {name}: {peak} bytes; {message}");
            assert!(peak < 2 * MEGABYTE, "{index} {name}: {peak} bytes; {message}");
        }
    }
}
