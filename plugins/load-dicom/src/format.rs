//! How the pixels of an object are stored.

use dicom_dictionary_std::tags;
use voxomics_sdk::VoxelType;

use crate::codec::Codec;
use crate::error::ReadError;
use crate::frames::{frame_count, size};
use crate::object::Object;

/// What the values of a pixel are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// One value, an intensity.
    Grey,
    /// One value, which stands for a colour of a palette.
    Palette,
    /// Red, green, blue.
    Rgb,
    /// The same, which a JPEG 2000 stream holds as luminance and differences, and its decoder turns back.
    Transformed,
    /// Luminance, and how far blue and red differ from it (ITU-R BT.601, full range).
    Ybr,
}

/// How the pixels of an object are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Format {
    /// Rows and columns.
    pub size: [usize; 2],
    /// What a pixel is.
    pub colour: Colour,
    /// In which order uncompressed colours lie in the file.
    pub order: Order,
    /// Number of frames.
    pub frames: usize,
    /// Bits of a stored value, with those that do not count.
    pub allocated: usize,
    /// Bits that count, the lowest ones.
    pub stored: usize,
    /// Whether values are signed.
    pub signed: bool,
    /// Whether values are floating-point numbers.
    pub float: bool,
    /// Whether numbers have their highest byte first.
    pub big_endian: bool,
}

/// In which order uncompressed values of several channels lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Pixel after pixel.
    Pixels,
    /// Channel after channel.
    Planes,
    /// Pixel pairs: two values of luminance, and one of each difference for both.
    Pairs,
}

impl Format {
    /// What an object says of its pixels.
    ///
    /// # Errors
    /// If they are missing, in colour, or of a kind that the standard does not have.
    pub fn of(object: &Object) -> Result<Self, ReadError> {
        Self::with(object, Self::grey(object)?, Order::Pixels)
    }

    /// The same of a picture, which may have colours.
    ///
    /// # Errors
    /// If they are missing, or of a kind that is not read.
    pub fn picture(object: &Object) -> Result<Self, ReadError> {
        let root = object.root();
        let kind = root.need_text(tags::PHOTOMETRIC_INTERPRETATION)?;
        let is_compressed = !matches!(Codec::of(object.syntax()), Codec::None | Codec::Stored);
        let colour = match kind.as_str() {
            "RGB" => Colour::Rgb,
            "YBR_RCT" | "YBR_ICT" if Codec::of(object.syntax()) == Codec::Jpeg2000 => Colour::Transformed,
            "YBR_FULL" | "YBR_FULL_422" => Colour::Ybr,
            "PALETTE COLOR" => Colour::Palette,
            _ => return Self::of(object),
        };
        let samples = if colour == Colour::Palette { 1 } else { 3 };
        let found = root.need_int(tags::SAMPLES_PER_PIXEL)?;
        if found != samples {
            return Err(root.invalid(tags::SAMPLES_PER_PIXEL, &found.to_string(), &format!("{samples} for {kind}")));
        }
        let planes = root.int(tags::PLANAR_CONFIGURATION)?.unwrap_or(0) == 1;
        let order = match (is_compressed, kind == "YBR_FULL_422", planes && samples == 3) {
            (false, true, _) => Order::Pairs,
            (false, false, true) => Order::Planes,
            _ => Order::Pixels,
        };
        let format = Self::with(object, colour, order)?;
        if format.allocated != 8 && colour != Colour::Palette || format.signed || format.float {
            let found = format.allocated.to_string();
            return Err(root.unsupported(tags::BITS_ALLOCATED, &found, "colours of 8 bits, without a sign"));
        }
        if order == Order::Pairs && format.size[1] % 2 == 1 {
            let found = format.size[1].to_string();
            return Err(root.invalid(tags::COLUMNS, &found, "an even number for YBR_FULL_422"));
        }
        Ok(format)
    }

    fn grey(object: &Object) -> Result<Colour, ReadError> {
        let root = object.root();
        let samples = root.need_int(tags::SAMPLES_PER_PIXEL)?;
        let colours = root.need_text(tags::PHOTOMETRIC_INTERPRETATION)?;
        // Where values are the numbers of segments, a palette only says how to show them.
        let is_palette =
            colours == "PALETTE COLOR" && root.text(tags::SEGMENTATION_TYPE).as_deref() == Some("LABELMAP");
        if samples != 1 || !(is_palette || matches!(colours.as_str(), "MONOCHROME1" | "MONOCHROME2")) {
            let found = format!("{colours} with {samples} samples");
            let supported = "MONOCHROME2 or MONOCHROME1 with one: colours are no intensities";
            return Err(root.unsupported(tags::PHOTOMETRIC_INTERPRETATION, &found, supported));
        }
        Ok(Colour::Grey)
    }

    fn with(object: &Object, colour: Colour, order: Order) -> Result<Self, ReadError> {
        let root = object.root();
        let allocated = root.need_int(tags::BITS_ALLOCATED)?;
        let (size, frames) = (size(root)?, frame_count(root)?);
        let element = object.pixels().ok_or_else(|| root.missing(tags::PIXEL_DATA))?;
        let big_endian = object.encoding().big_endian;
        let float = element.tag != tags::PIXEL_DATA;
        let known = if float { [32, 64].contains(&allocated) } else { [1, 8, 16, 32].contains(&allocated) };
        if !known {
            return Err(root.unsupported(tags::BITS_ALLOCATED, &allocated.to_string(), "8, 16 or 32"));
        }
        let allocated = allocated as usize;
        if float {
            let (stored, signed) = (allocated, true);
            return Ok(Self { size, colour, order, frames, allocated, stored, signed, float, big_endian });
        }
        let stored = root.need_int_in(tags::BITS_STORED, 1, allocated as i64)?;
        let high = root.int(tags::HIGH_BIT)?.unwrap_or(stored - 1);
        if high != stored - 1 {
            return Err(root.unsupported(
                tags::HIGH_BIT,
                &high.to_string(),
                &format!("{}, the lowest bits", stored - 1),
            ));
        }
        let signed = root.need_int_in(tags::PIXEL_REPRESENTATION, 0, 1)? == 1;
        let stored = stored as usize;
        Ok(Self { size, colour, order, frames, allocated, stored, signed, float, big_endian })
    }

    /// Values of a pixel.
    pub fn samples(&self) -> usize {
        if matches!(self.colour, Colour::Rgb | Colour::Transformed | Colour::Ybr) { 3 } else { 1 }
    }

    /// Pixels of a frame.
    pub fn frame_pixels(&self) -> usize {
        self.size[0] * self.size[1]
    }

    /// Bytes of a frame; of bits, those of all frames lie side by side without a gap.
    pub fn frame_bytes(&self) -> usize {
        self.frame_pixels() * self.samples() * self.allocated / 8
    }

    /// Values of a frame as they lie in the file, uncompressed.
    pub fn native_values(&self) -> usize {
        self.frame_pixels() * if self.order == Order::Pairs { 2 } else { self.samples() }
    }

    /// Bytes of all frames, uncompressed.
    pub fn all_bytes(&self) -> u64 {
        (self.native_values() as u64 * self.allocated as u64).saturating_mul(self.frames as u64).div_ceil(8)
    }

    /// The type of a voxel; `None` for bits.
    pub fn voxel_type(&self) -> Option<VoxelType> {
        Some(match (self.float, self.allocated, self.signed) {
            (false, 8, false) => VoxelType::U8,
            (false, 8, true) => VoxelType::I8,
            (false, 16, false) => VoxelType::U16,
            (false, 16, true) => VoxelType::I16,
            (false, 32, false) => VoxelType::U32,
            (false, 32, true) => VoxelType::I32,
            (true, 32, _) => VoxelType::F32,
            (true, 64, _) => VoxelType::F64,
            _ => return None,
        })
    }
}
