//! A decoded picture, whatever its format.

use voxomics_sdk::VoxelType;

use crate::error::Fault;

/// Pixels of one page, in their own type, without padding, channels of a pixel beside each other.
#[derive(Debug, Clone)]
pub struct Page {
    /// Pixels along a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// What a pixel is made of.
    pub kind: Kind,
    /// Type of a sample.
    pub sample: VoxelType,
    /// The samples, in this machine's byte order; row after row, from the top left.
    pub samples: Vec<u8>,
}

/// What a pixel is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One grey value.
    Grey,
    /// A grey value and how opaque it is.
    GreyAlpha,
    /// Red, green, blue.
    Rgb,
    /// Red, green, blue and how opaque they are.
    Rgba,
    /// An index into these colours: red, green, blue, and how opaque they are.
    Palette(Vec<[u8; 4]>),
}

/// A file of pictures.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The pages, at least one.
    pub pages: Vec<Page>,
    /// How large a pixel is.
    pub size: PixelSize,
    /// How far apart pages are that are slices, mm, where the file says it.
    pub slice_mm: Option<f64>,
    /// What is unusual, one sentence each.
    pub notes: Vec<String>,
}

impl Picture {
    /// A file with one page.
    pub fn one(page: Page, size: PixelSize) -> Self {
        Self { pages: vec![page], size, slice_mm: None, notes: Vec::new() }
    }
}

/// What a file says of the size of its pixels.
#[derive(Debug, Clone, PartialEq)]
pub enum PixelSize {
    /// Nothing.
    Unstated,
    /// Width and height, mm, and who says so.
    Stated([f64; 2], &'static str),
    /// A density for paper or a screen, dots per inch: it says nothing of the patient.
    Print(f64),
}

/// Densities that programs write for screens and paper, whatever the picture shows.
const PRINT_DPI: [f64; 12] = [72.0, 75.0, 90.0, 96.0, 100.0, 120.0, 144.0, 150.0, 192.0, 200.0, 300.0, 600.0];

impl PixelSize {
    /// By pixels per millimetre along a row and down a column.
    pub fn by_density(per_mm: [f64; 2], source: &'static str) -> Self {
        if !per_mm.iter().all(|density| density.is_finite() && *density > 0.0) {
            return Self::Unstated;
        }
        let dpi = per_mm.map(|density| density * 25.4);
        // PNG rounds 96 dpi to 3780 pixels a metre.
        let is_print = |dpi: f64| PRINT_DPI.iter().any(|print| (dpi - print).abs() < 0.1);
        if dpi.iter().all(|dpi| is_print(*dpi)) {
            return Self::Print((dpi[0] * 10.0).round() / 10.0);
        }
        Self::Stated(per_mm.map(|density| 1.0 / density), source)
    }
}

impl Kind {
    /// Samples of a pixel.
    pub fn channels(&self) -> usize {
        match self {
            Self::Grey | Self::Palette(_) => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

impl Page {
    /// How many pixels there are.
    pub fn pixels(&self) -> usize {
        self.samples.len() / (self.kind.channels() * self.sample.size())
    }

    /// The samples of a pixel as numbers; those of channels that there are not are 0.
    pub fn pixel(&self, index: usize) -> [f64; 4] {
        let channels = self.kind.channels();
        std::array::from_fn(|channel| if channel < channels { self.number(index * channels + channel) } else { 0.0 })
    }

    /// A sample as a number.
    fn number(&self, index: usize) -> f64 {
        fn at<const N: usize>(bytes: &[u8], index: usize) -> [u8; N] {
            bytes.as_chunks::<N>().0[index]
        }
        let bytes = &self.samples;
        match self.sample {
            VoxelType::U8 => f64::from(bytes[index]),
            VoxelType::I8 => f64::from(i8::from_ne_bytes(at(bytes, index))),
            VoxelType::U16 => f64::from(u16::from_ne_bytes(at(bytes, index))),
            VoxelType::I16 => f64::from(i16::from_ne_bytes(at(bytes, index))),
            VoxelType::U32 => f64::from(u32::from_ne_bytes(at(bytes, index))),
            VoxelType::I32 => f64::from(i32::from_ne_bytes(at(bytes, index))),
            VoxelType::U64 => u64::from_ne_bytes(at(bytes, index)) as f64,
            VoxelType::I64 => i64::from_ne_bytes(at(bytes, index)) as f64,
            VoxelType::F32 => f64::from(f32::from_ne_bytes(at(bytes, index))),
            VoxelType::F64 => f64::from_ne_bytes(at(bytes, index)),
        }
    }

    /// The largest sample of the type, which is opaque.
    pub fn opaque(&self) -> f64 {
        match self.sample {
            VoxelType::U8 => 255.0,
            VoxelType::U16 => 65_535.0,
            _ => 1.0,
        }
    }

    /// Whether the samples fill the page.
    ///
    /// # Errors
    /// That they do not: the decoder's fault.
    pub fn checked(self, format: &'static str) -> Result<Self, Fault> {
        let expected = [self.height, self.kind.channels(), self.sample.size()]
            .into_iter()
            .try_fold(self.width, |product: usize, factor| product.checked_mul(factor));
        if expected == Some(self.samples.len()) && !self.samples.is_empty() {
            Ok(self)
        } else {
            let cause = format!("{} bytes for {} × {} pixels", self.samples.len(), self.width, self.height);
            Err(Fault::Damaged { format, cause })
        }
    }
}

/// Samples of 1, 2 or 4 bits, each row of which begins with a byte of its own, as bytes.
///
/// # Errors
/// If they are more than `max_bytes`.
pub fn unpacked(packed: &[u8], bits: usize, [width, height]: [usize; 2], max_bytes: usize) -> Result<Vec<u8>, Fault> {
    let count = width.saturating_mul(height);
    if count > max_bytes {
        return Err(voxomics_reading::Fault::TooLarge { promised: count as u64, limit: max_bytes as u64 }.into());
    }
    let mut samples = Vec::with_capacity(count);
    for row in packed.chunks((width * bits).div_ceil(8).max(1)).take(height) {
        let sample = |x: usize| {
            let shift = 8 - bits - x * bits % 8;
            row.get(x * bits / 8).map(|byte| byte >> shift & ((1 << bits) - 1))
        };
        samples.extend((0..width).map_while(sample));
    }
    Ok(samples)
}
