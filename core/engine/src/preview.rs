//! A picture of regions on their scan: three slices through the first one, for the eye that is to find what no check can.
//!
//! Only the voxels of the three slices are fetched, and of these but the surroundings of the regions.

mod files;
mod lettering;
mod missed;
mod panel;
mod responses;
mod slab;
mod window;

use serde_json::Value as Json;
use voxomics_imaging::{Grid, IndexBox, lengths};

use crate::{
    plan::Plan,
    stages::{Fault, found::Found, space::Space},
};
pub use files::{Pictures, file_stems, write, write_without};
use lettering::{LETTER, LINE};
use missed::Absent;
pub use missed::Missed;
use panel::{Layer, Orientation, PLANES, Plane};
pub use responses::responses;
use slab::Slab;
use window::Window;

const STAGE: &str = "preview";

/// Pixels along the longest side of what is shown.
const PANEL: f64 = 420.0;

/// Pixels between and around the panels.
const GAP: usize = 6;

/// What lies between the panels.
const BACKGROUND: [u8; 3] = [48; 3];

/// The colours of regions: Okabe and Ito's, which colour-blind readers tell apart.
const COLOURS: [[u8; 3]; 5] =
    [[0xE6, 0x9F, 0x00], [0x56, 0xB4, 0xE9], [0x00, 0x9E, 0x73], [0xF0, 0xE4, 0x42], [0xD5, 0x5E, 0x00]];

/// Further from the region than this, its surroundings do not decide on the window, mm.
const SURROUNDINGS_MM: f64 = 15.0;

/// How much of its colour a region is filled with.
const TINT: f64 = 0.22;

/// What is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Options<'a> {
    /// What the picture is called, above it.
    pub title: &'a str,
    /// The component of which a picture is made, where each is a region of its own; none for regions that are whole.
    pub component: Option<usize>,
    /// How much is shown around the regions, mm; cut at the scan's edges.
    pub context_mm: f64,
    /// What was looked for and is not there.
    pub missed: Missed<'a>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { title: "", component: None, context_mm: 40.0, missed: Missed::default() }
    }
}

/// A picture, row after row from the top, three bytes a pixel: red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// 3 · width · height bytes.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// The bytes of a PNG file.
    ///
    /// # Errors
    /// If the picture has no pixels.
    pub fn png(&self) -> Result<Vec<u8>, String> {
        let side = |n: usize| u32::try_from(n).map_err(|_| format!("{n} pixels are too many for a PNG"));
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, side(self.width)?, side(self.height)?);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&self.rgb)?;
            writer.finish()
        });
        written.map_err(|cause| format!("the picture cannot be written as PNG: {cause}"))?;
        Ok(bytes)
    }

    fn empty(width: usize, height: usize) -> Self {
        Self { width, height, rgb: BACKGROUND.repeat(width * height) }
    }

    /// Lays a breath of a colour over a pixel, unless it says that there is no number.
    fn tint(&mut self, x: usize, y: usize, colour: [u8; 3]) {
        if x < self.width && y < self.height {
            let pixel = &mut self.rgb[3 * (y * self.width + x)..][..3];
            if *pixel == window::NOT_A_NUMBER {
                return;
            }
            for (value, over) in pixel.iter_mut().zip(colour) {
                *value = (f64::from(*value) * (1.0 - TINT) + f64::from(over) * TINT).round() as u8;
            }
        }
    }

    /// Draws a cross into a square, on dark ground.
    fn cross(&mut self, [left, top]: [usize; 2], side: usize, colour: [u8; 3]) {
        /// Pixels across a stroke.
        const THICK: usize = 3;
        self.rectangle([left, top], [side, side], [0; 3]);
        for along in 2..side.saturating_sub(1 + THICK) {
            for across in 0..THICK {
                self.set(left + along + across, top + along + 1, colour);
                self.set(left + side - 1 - along - across, top + along + 1, colour);
            }
        }
    }

    fn set(&mut self, x: usize, y: usize, colour: [u8; 3]) {
        if x < self.width && y < self.height {
            self.rgb[3 * (y * self.width + x)..][..3].copy_from_slice(&colour);
        }
    }
}

/// Axial, coronal and sagittal slice, side by side, through the middle of the first region: the slices of the grid of the
/// features that are nearest to these planes, seen as radiologists see them (the patient's right on the left, anterior
/// on top or left), in pixels that are square in mm.
///
/// The first region has a solid outline in orange, the others dashed ones in blue, green, … and all a breath of their colour
/// within. Voxels that are no number are magenta. Above stands the title, below each slice where it lies, and at the bottom
/// which region has which colour.
///
/// Where a region failed, each slice has a red frame and a cross in its corner, and the reason stands below. Without any region the
/// whole scan is shown, through its middle.
///
/// # Errors
/// If the memory does not suffice.
pub fn render(
    space: &Space<'_>,
    found: &[Found],
    plan: &Plan,
    metadata: &serde_json::Map<String, Json>,
    options: &Options<'_>,
) -> Result<Picture, Fault> {
    let shown: Vec<&Found> = in_order(found, plan, options.component);
    let grid = &space.grid;
    let margin = |mm: f64| grid.spacing.map(|spacing| lengths::covering(mm, spacing));
    let held = shown.iter().map(|region| region.part).reduce(|all, part| all.union(&part));
    let part = held.map_or(IndexBox::whole(grid.dims), |held| held.grown(margin(options.context_mm), grid.dims));
    let orientation = Orientation::of(grid);
    let first = shown.first().copied();
    let middle = first.map_or(grid.dims.map(|n| n / 2), middle);
    let slabs: Vec<Slab> = PLANES
        .iter()
        .map(|plane| Slab::fetch(space, orientation.part(plane, part, middle)))
        .collect::<Result<_, Fault>>()?;
    let surroundings = first.map_or(part, |first| first.part.grown(margin(SURROUNDINGS_MM), grid.dims));
    let window = Window::choose(metadata.get("Modality").and_then(Json::as_str), &slabs, first, surroundings);

    let extent: [f64; 3] = std::array::from_fn(|axis| part.dims()[axis] as f64 * grid.spacing[axis]);
    let scale = PANEL / extent.iter().copied().fold(0.0, f64::max);
    let pixels = extent.map(|mm| ((mm * scale).round() as usize).clamp(1, PANEL as usize));
    let sizes = PLANES.map(|plane| orientation.axes(&plane).map(|axis| pixels[axis]));
    let places = PLANES.map(|plane| position(grid, &orientation, &plane, middle));
    // A narrow panel has room for the words below it.
    let rooms: [usize; 3] =
        std::array::from_fn(|at| places[at].iter().map(|words| lettering::width(words)).fold(sizes[at][0], usize::max));
    let width = rooms.iter().map(|room| room + GAP).sum::<usize>() + GAP;
    let panels = sizes.iter().map(|[_, height]| *height).max().unwrap_or(1);
    let top = LINE + GAP;
    let absent = options.missed.absent(&shown, plan, options.component);
    let has_failed = absent.iter().any(|region| region.failed);
    let legend = legend(&shown, plan, options.component);
    let mut lines: Vec<Line<'_>> = wrapped(&legend, width - 2 * GAP).into_iter().map(Line::Shown).collect();
    lines.extend(absent.iter().flat_map(|region| told(region, width - 2 * GAP)));
    let height = top + panels + GAP + 2 * LINE + LINE * lines.len() + GAP;
    let mut picture = Picture::empty(width, height);
    picture.write([GAP, GAP / 2 + 2], &lettering::fit(options.title, width - 2 * GAP), WORDS);
    let mut left = GAP;
    for (at, ((plane, slab), size)) in PLANES.iter().zip(&slabs).zip(sizes).enumerate() {
        let layer = Layer { slab, orientation: &orientation, plane, at: [left, top], size };
        layer.draw_image(&mut picture, &|intensity| window.colour(intensity));
        for (number, region) in shown.iter().enumerate() {
            layer.draw_region(&mut picture, region, COLOURS[number % COLOURS.len()], number == 0);
        }
        layer.draw_letters(&mut picture);
        layer.draw_scale_bar(&mut picture, scale);
        if has_failed {
            layer.draw_failure(&mut picture, FAILED);
        }
        for (line, words) in places[at].iter().enumerate() {
            picture.write([left, top + panels + GAP + line * LINE], words, WORDS);
        }
        left += rooms[at] + GAP;
    }
    for (line, entries) in lines.iter().enumerate() {
        let mut left = GAP;
        let y = top + panels + GAP + (line + 2) * LINE;
        match entries {
            Line::Shown(entries) => {
                for Entry { colour, words } in entries {
                    picture.rectangle([left, y + 2], [SWATCH, LETTER - 4], *colour);
                    picture.write([left + SWATCH + 6, y], &lettering::fit(words, width - SWATCH - 3 * GAP), WORDS);
                    left += entry_width(words);
                }
            }
            Line::Absent { words, marked } => {
                if *marked {
                    picture.cross([left + (SWATCH - LETTER) / 2, y], LETTER, FAILED);
                }
                picture.write([left + SWATCH + 6, y], words, WORDS);
            }
        }
    }
    Ok(picture)
}

/// A line below the slices: regions with their colours, or what is said of one that is not there.
enum Line<'a> {
    Shown(Vec<&'a Entry>),
    Absent { words: String, marked: bool },
}

/// Most lines about a region that is not there: what follows stands in the table of failures.
const MOST_LINES: usize = 3;

/// What is said of a region that is not there, in lines of a width, the first with a cross if it failed.
fn told<'a>(region: &Absent, room: usize) -> Vec<Line<'a>> {
    let lines = lettering::wrapped(&region.words, room - SWATCH - 6, MOST_LINES);
    lines.into_iter().enumerate().map(|(at, words)| Line::Absent { words, marked: region.failed && at == 0 }).collect()
}

/// Pixels along the sample of a colour.
const SWATCH: usize = 20;

/// The colour of words, and of the mark that a region failed.
const WORDS: [u8; 3] = [235; 3];
const FAILED: [u8; 3] = [230, 50, 50];

/// A region in the legend.
struct Entry {
    colour: [u8; 3],
    words: String,
}

/// What colour each region has.
fn legend(shown: &[&Found], plan: &Plan, component: Option<usize>) -> Vec<Entry> {
    let name = |region: usize| plan.regions.get(region).map_or("region", |region| region.name.as_str());
    let entry = |(number, found): (usize, &&Found)| {
        let part = found.component.filter(|_| found.component == component);
        let part = part.map(|number| format!(" {number}")).unwrap_or_default();
        Entry { colour: COLOURS[number % COLOURS.len()], words: format!("{}{part}", name(found.region)) }
    };
    shown.iter().enumerate().map(entry).collect()
}

fn entry_width(words: &str) -> usize {
    SWATCH + 6 + lettering::width(words) + 24
}

/// Entries in lines of a width.
fn wrapped(entries: &[Entry], room: usize) -> Vec<Vec<&Entry>> {
    let mut lines: Vec<Vec<&Entry>> = Vec::new();
    let mut free = 0;
    for entry in entries {
        let width = entry_width(&entry.words);
        match lines.last_mut().filter(|_| width <= free) {
            Some(line) => line.push(entry),
            None => {
                lines.push(vec![entry]);
                free = room;
            }
        }
        free = free.saturating_sub(width);
    }
    lines
}

/// Where a slice lies: its number from 1, and its place along the patient's axis that it is across (DICOM's x to the left, y to the
/// back, z to the head).
fn position(grid: &Grid, orientation: &Orientation, plane: &Plane, middle: [usize; 3]) -> [String; 2] {
    let (axis, patient) = orientation.across(plane);
    let point = grid.point(middle.map(|index| index as f64))[patient];
    let letter = ["x", "y", "z"][patient];
    [format!("{} {} of {}", plane.name, middle[axis] + 1, grid.dims[axis]), format!("{letter} {point:.1} mm")]
}

/// The regions of a component, and those that are whole; first those of the component, each kind in the order of the
/// plan.
fn in_order<'a>(found: &'a [Found], plan: &Plan, component: Option<usize>) -> Vec<&'a Found> {
    let mut shown: Vec<&Found> =
        found.iter().filter(|found| found.component == component || found.component.is_none()).collect();
    // Regions that are made of others come after them in the plan.
    shown.sort_by_key(|found| (found.component != component, found.region.min(plan.regions.len())));
    shown
}

/// The voxel nearest to the centre of a region, along each axis for itself, in whose slice the region has voxels.
fn middle(found: &Found) -> [usize; 3] {
    let dims = found.part.dims();
    let mut voxels = dims.map(|n| vec![0_usize; n]);
    for (at, _) in found.mask.iter().enumerate().filter(|(_, inside)| **inside != 0) {
        let index = [at % dims[0], at / dims[0] % dims[1], at / (dims[0] * dims[1])];
        for axis in 0..3 {
            voxels[axis][index[axis]] += 1;
        }
    }
    std::array::from_fn(|axis| {
        let slices = || voxels[axis].iter().enumerate().filter(|(_, n)| **n > 0);
        let (sum, count) = slices().fold((0, 0), |(sum, count), (i, n)| (sum + i * n, count + n));
        // Twice the distance to the mean, in whole numbers.
        let distance = |i: usize| (2 * i * count).abs_diff(2 * sum);
        let nearest = slices().map(|(i, _)| i).min_by_key(|i| distance(*i));
        found.part.start[axis] + nearest.unwrap_or(dims[axis] / 2)
    })
}

/// Whether a voxel of the grid belongs to a region.
fn is_inside(found: &Found, index: [usize; 3]) -> bool {
    let IndexBox { start, end } = found.part;
    if (0..3).any(|axis| index[axis] < start[axis] || index[axis] >= end[axis]) {
        return false;
    }
    let [nx, ny, _] = found.part.dims();
    let [x, y, z]: [usize; 3] = std::array::from_fn(|axis| index[axis] - start[axis]);
    found.mask[(z * ny + y) * nx + x] != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_lies_in_slices_that_have_voxels() {
        // Two ends of a row: their centre is in between, where there is nothing.
        let part = IndexBox { start: [10, 20, 30], end: [15, 21, 31] };
        let found = Found { region: 0, component: None, part, mask: vec![1, 0, 0, 0, 1] };
        assert_eq!(middle(&found), [10, 20, 30]);
        let found = Found { mask: vec![0, 1, 1, 1, 0], ..found };
        assert_eq!(middle(&found), [12, 20, 30]);
    }

    #[test]
    fn a_tint_leaves_what_lies_below_to_be_seen() {
        let mut picture = Picture::empty(2, 1);
        picture.set(0, 0, [100, 100, 100]);
        picture.set(1, 0, window::NOT_A_NUMBER);
        (0..2).for_each(|x| picture.tint(x, 0, [200, 100, 0]));
        assert_eq!(picture.rgb, [122, 100, 78, 255, 0, 255]);
    }

    #[test]
    fn a_legend_breaks_where_its_line_is_full() {
        let entry = |words: &str| Entry { colour: WORDS, words: words.into() };
        let entries = ["tumour", "ring", "liver"].map(entry);
        let room = entry_width("tumour") + entry_width("ring");
        let lines = |room| wrapped(&entries, room).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!((lines(room), lines(10_000), lines(1)), (vec![2, 1], vec![3], vec![1, 1, 1]));
    }

    #[test]
    fn a_picture_reads_back() {
        let mut picture = Picture::empty(3, 2);
        picture.set(2, 1, [1, 2, 3]);
        picture.set(3, 1, [9; 3]);
        let png = picture.png().expect("a picture");
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a header");
        let mut rgb = vec![0; picture.rgb.len()];
        let info = reader.next_frame(&mut rgb).expect("pixels");
        assert_eq!((info.width, info.height, &rgb), (3, 2, &picture.rgb));
        assert!(Picture::empty(0, 0).png().is_err());
    }
}
