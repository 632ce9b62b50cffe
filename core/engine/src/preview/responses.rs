//! A picture of what a filter makes of a scan: the slices through its middle, and below them those of each map.

use voxomics_imaging::{Grid, IndexBox, View};

use super::{
    GAP, Picture,
    panel::{Layer, Orientation, PLANES},
    slab::Slab,
    window::Window,
};

/// Pixels along the longest side of a panel.
const PANEL: f64 = 132.0;

/// More maps than these are not shown.
const MOST_MAPS: usize = 8;

/// Blue, light grey and vermilion of Okabe and Ito: below zero, zero, above it.
const SCALE: [[f64; 3]; 3] = [[0.0, 114.0, 178.0], [240.0, 240.0, 240.0], [213.0, 94.0, 0.0]];

/// Axial, coronal and sagittal slice through the middle voxel, side by side: of the image, black at its lowest intensity and white at its
/// highest one; and below it of each map, in colours. Zero is light grey, the largest response above it vermilion, and as far below it blue.
/// Voxels that are no number are magenta.
pub fn responses<'a>(grid: &Grid, image: &'a [f64], maps: impl IntoIterator<Item = &'a [f64]>) -> Picture {
    let orientation = Orientation::of(grid);
    let whole = IndexBox::whole(grid.dims);
    let middle = grid.dims.map(|n| n / 2);
    let slabs = |voxels: &[f64]| {
        let view = View::new(grid.dims, voxels);
        PLANES.each_ref().map(|plane| {
            let part = orientation.part(plane, whole, middle);
            Slab { part, voxels: voxomics_imaging::mask::crop(view, part) }
        })
    };
    let rows: Vec<[Slab; 3]> = std::iter::once(image).chain(maps.into_iter().take(MOST_MAPS)).map(slabs).collect();

    let extent: [f64; 3] = std::array::from_fn(|axis| grid.dims[axis] as f64 * grid.spacing[axis]);
    let scale = PANEL / extent.iter().copied().fold(0.0, f64::max);
    let pixels = extent.map(|mm| ((mm * scale).round() as usize).clamp(1, PANEL as usize));
    let sizes = PLANES.each_ref().map(|plane| orientation.axes(plane).map(|axis| pixels[axis]));
    let width = sizes.iter().map(|[width, _]| width + GAP).sum::<usize>() + GAP;
    let row_height = sizes.iter().map(|[_, height]| *height).max().unwrap_or(1) + GAP;
    let mut picture = Picture::empty(width, rows.len() * row_height + GAP);
    for (number, slabs) in rows.iter().enumerate() {
        let shown = || slabs.iter().flat_map(|slab| &slab.voxels).copied().filter(|x| x.is_finite());
        let (low, high) = shown().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let window = Window::between(low, high);
        let largest = low.abs().max(high.abs());
        let colour = |x: f64| if number == 0 || !x.is_finite() { window.colour(x) } else { diverging(x, largest) };
        let mut left = GAP;
        for ((plane, slab), size) in PLANES.iter().zip(slabs).zip(sizes) {
            let at = [left, GAP + number * row_height];
            let layer = Layer { slab, orientation: &orientation, plane, at, size };
            layer.draw_image(&mut picture, &colour);
            left += size[0] + GAP;
        }
    }
    picture
}

/// The colour of a response.
fn diverging(response: f64, largest: f64) -> [u8; 3] {
    let part = if largest > 0.0 { response / largest } else { 0.0 };
    let end = SCALE[if part < 0.0 { 0 } else { 2 }];
    std::array::from_fn(|channel| (SCALE[1][channel] + (end[channel] - SCALE[1][channel]) * part.abs()).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_grey_and_signs_have_colours() {
        let of = |x| diverging(x, 2.0);
        assert_eq!([of(0.0), of(2.0), of(-2.0)], [[240; 3], [213, 94, 0], [0, 114, 178]]);
        assert_eq!(of(1.0), [227, 167, 120]);
        assert_eq!(diverging(0.0, 0.0), [240; 3]);
    }

    #[test]
    fn each_map_has_a_row_of_three_slices() {
        let grid = Grid::axis_aligned([3, 3, 3], [1.0; 3]);
        let mut impulse = vec![0.0; 27];
        impulse[13] = 1.0;
        let response: Vec<f64> = impulse.iter().map(|x| -x).collect();
        let picture = responses(&grid, &impulse, [&response[..]]);
        assert_eq!((picture.width, picture.height), (3 * 132 + 4 * GAP, 2 * 132 + 3 * GAP));
        let at = |x: usize, y: usize| &picture.rgb[3 * (y * picture.width + x)..][..3];
        for panel in 0..3 {
            let (left, row) = (GAP + panel * (132 + GAP), 132 + 2 * GAP);
            assert_eq!((at(left + 66, GAP + 66), at(left + 1, GAP + 1)), (&[255; 3][..], &[0; 3][..]));
            assert_eq!((at(left + 66, row + 66), at(left + 1, row + 1)), (&[0, 114, 178][..], &[240; 3][..]));
        }
    }
}
