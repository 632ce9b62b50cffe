//! Volumes that are stored as one picture of tiles: Siemens' MOSAIC, and VFRAME of United Imaging.
//!
//! Of Siemens, the number of tiles and the direction of slices stand in the private header (`csa`); the position that the file
//! states is that of a slice as large as the whole picture, around the same centre (NiBabel, "Siemens mosaic format"). Of
//! United Imaging, there are a number of tiles, (0065,1050), and a sequence with the position of each, (0065,1051).

use dicom_core::Tag;
use dicom_dictionary_std::tags;

use crate::csa;
use crate::error::ReadError;
use crate::geometry::Plane;
use crate::object::{Item, Object};

/// No volume has more slices in a picture.
const MOST: i64 = 4096;
const SIEMENS: &str = "SIEMENS CSA HEADER";
const UNITED: &str = "Image Private Header";

/// A picture of tiles.
#[derive(Debug, Clone, PartialEq)]
pub struct Mosaic {
    /// How many tiles are slices; the rest of the picture is empty.
    pub count: usize,
    /// How many lie side by side, and one below the other.
    pub grid: [usize; 2],
    /// Where the slices are.
    lies: Lies,
}

#[derive(Debug, Clone, PartialEq)]
enum Lies {
    /// In this direction from each other, so many mm apart, the first one around the centre of the picture.
    Along([f64; 3], f64),
    /// At these positions.
    At(Vec<[f64; 3]>),
}

impl Mosaic {
    /// That of an object; nothing if it is none.
    ///
    /// # Errors
    /// If what is needed to unfold it is missing or cannot be.
    pub fn of(object: &Object) -> Result<Option<Self>, ReadError> {
        let root = object.root();
        let words = root.texts(tags::IMAGE_TYPE);
        let has = |wanted: &str| words.iter().any(|word| word == wanted);
        if root.has(tags::NUMBER_OF_FRAMES) && root.int(tags::NUMBER_OF_FRAMES)? != Some(1) {
            return Ok(None);
        }
        match (has("MOSAIC"), has("VFRAME")) {
            (true, _) => siemens(root).map(Some),
            (false, true) => united(root).map(Some),
            (false, false) => Ok(None),
        }
    }

    /// Rows and columns of a tile of a picture.
    ///
    /// # Errors
    /// If the picture cannot be cut so.
    pub fn tile(&self, object: &Object, [rows, columns]: [usize; 2]) -> Result<[usize; 2], ReadError> {
        let [across, down] = self.grid;
        if rows % down == 0 && columns % across == 0 {
            return Ok([rows / down, columns / across]);
        }
        let found = format!("{rows} rows and {columns} columns");
        let expected = format!("{down} × {across} tiles of one size for {} slices", self.count);
        Err(object.root().invalid(tags::ROWS, &found, &expected))
    }

    /// The planes of its slices, of that of the whole picture.
    ///
    /// # Errors
    /// If the picture cannot be cut so.
    pub fn planes(&self, object: &Object, whole: &Plane) -> Result<Vec<Plane>, ReadError> {
        let size = self.tile(object, whole.size)?;
        let plane = |position| Plane { position, size, ..whole.clone() };
        Ok(match &self.lies {
            Lies::At(positions) => positions.iter().map(|position| plane(*position)).collect(),
            Lies::Along(normal, distance) => {
                let [a, b, c, d, e, f] = whole.orientation;
                let (along_row, along_column) = ([a, b, c], [d, e, f]);
                let [between_rows, between_columns] = whole.spacing;
                let right = (whole.size[1] - size[1]) as f64 / 2.0 * between_columns;
                let down = (whole.size[0] - size[0]) as f64 / 2.0 * between_rows;
                let first: [f64; 3] =
                    std::array::from_fn(|i| whole.position[i] + right * along_row[i] + down * along_column[i]);
                let at = |slice: usize| std::array::from_fn(|i| first[i] + slice as f64 * distance * normal[i]);
                (0..self.count).map(|slice| plane(at(slice))).collect()
            }
        })
    }

    /// Copies a tile out of a picture; `pixel` is the number of bytes of one.
    pub fn cut(&self, tile: usize, [rows, columns]: [usize; 2], pixel: usize, picture: &[u8], slot: &mut [u8]) {
        let [across, _] = self.grid;
        let (line, whole) = (columns * pixel, columns * pixel * across);
        let start = tile / across * rows * whole + tile % across * line;
        for (row, place) in slot.chunks_exact_mut(line.max(1)).enumerate() {
            if let Some(pixels) = picture.get(start + row * whole..start + row * whole + line) {
                place.copy_from_slice(pixels);
            }
        }
    }
}

fn siemens(root: Item<'_>) -> Result<Mosaic, ReadError> {
    let refused = |lacking: &str| {
        let supported = format!(
            "a slice, or tiles with {lacking} in Siemens' private header, (0029,1010), which this file has not; convert the original \
             files, for example with dcm2niix"
        );
        root.unsupported(tags::IMAGE_TYPE, "MOSAIC", &supported)
    };
    let header = root.private(0x0029, SIEMENS, 0x10, true).and_then(|tag| root.bytes(tag));
    let Some(header) = header else { return Err(refused("NumberOfImagesInMosaic and SliceNormalVector")) };
    let count = csa::values(header, "NumberOfImagesInMosaic").and_then(|texts| texts.first()?.parse::<i64>().ok());
    let Some(count) = count.filter(|count| (1..=MOST).contains(count)) else {
        return Err(refused("NumberOfImagesInMosaic"));
    };
    let normal = csa::values(header, "SliceNormalVector").and_then(|texts| {
        let numbers: Vec<f64> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        <[f64; 3]>::try_from(numbers).ok().filter(|normal| normal.iter().all(|x| x.is_finite()))
    });
    let Some(normal) = normal else { return Err(refused("SliceNormalVector")) };
    let length = normal.iter().map(|x| x * x).sum::<f64>().sqrt();
    if (length - 1.0).abs() > 1e-3 {
        return Err(refused("a SliceNormalVector of length 1"));
    }
    let distance = root.need_float(tags::SPACING_BETWEEN_SLICES)?;
    if distance <= 0.0 {
        return Err(root.invalid(tags::SPACING_BETWEEN_SLICES, &distance.to_string(), "a number above 0, mm"));
    }
    let side = (1..).find(|side| side * side >= count as usize).unwrap_or(1);
    Ok(Mosaic { count: count as usize, grid: [side; 2], lies: Lies::Along(normal.map(|x| x / length), distance) })
}

fn united(root: Item<'_>) -> Result<Mosaic, ReadError> {
    let refused = |lacking: &str| {
        let supported = format!(
            "a slice, or tiles with {lacking} of United Imaging, which this file has not; convert the original files, for example with \
             dcm2niix"
        );
        root.unsupported(tags::IMAGE_TYPE, "VFRAME", &supported)
    };
    let number = |tag: Tag| root.float(tag).ok().flatten().or_else(|| root.text(tag)?.parse().ok());
    let count = root.private(0x0065, UNITED, 0x50, true).and_then(number);
    let Some(count) = count.filter(|count| count.fract() == 0.0 && (1.0..=MOST as f64).contains(count)) else {
        return Err(refused("their number, (0065,1050),"));
    };
    let count = count as usize;
    let items = root.private(0x0065, UNITED, 0x51, true).map(|tag| root.items(tag)).unwrap_or_default();
    if items.len() != count {
        return Err(refused(&format!("{count} positions in the sequence (0065,1051)")));
    }
    let positions =
        items.iter().map(|item| item.need_floats(tags::IMAGE_POSITION_PATIENT)).collect::<Result<_, _>>()?;
    let across = (1..).find(|side| side * side >= count).unwrap_or(1);
    Ok(Mosaic { count, grid: [across, count.div_ceil(across)], lies: Lies::At(positions) })
}
