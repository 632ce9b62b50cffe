//! Pictures: images in two dimensions that have no place in the patient. Ultrasound, radiographs, mammograms, captures.
//!
//! Each frame is a picture of its own, as there is nothing that makes a volume of them; of several, one is chosen as a volume
//! of a series is. Millimetres and colours follow the rules of the loader for pictures, and its words.

mod colour;
mod options;
mod spacing;

use std::path::Path;

use dicom_dictionary_std::tags;
use voxomics_reading::{self as reading, Fault as FileFault, geometry::Placement};
use voxomics_sdk::{Context, Grid, Loaded, Scan};

pub use colour::{CHANNELS, Channel};
pub use options::Options;
pub use spacing::is_capture;

use crate::error::ReadError;
use crate::format::Colour;
use crate::frames::{self, Frame};
use crate::geometry::{Plane, Stack};
use crate::metadata;
use crate::names;
use crate::object::Object;
use crate::pixels::{self, Layout};
use crate::series::Series;
use crate::unit;
use crate::volume;
use crate::volumes::Planned;

/// With which the UIDs of the classes of stored objects begin.
const STORAGE: &str = "1.2.840.10008.5.1.4.1.1.";
/// CR, DX, MG and intra-oral radiographs, for presentation and for processing; ultrasound, also of retired classes; captures;
/// photographs through endoscopes and microscopes, of the skin, of the eye (DICOM PS3.4, table B.5-1).
const CLASSES: [&str; 22] = [
    "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "3", "3.1", "6", "6.1", "7", "7.1", "7.2", "7.3", "7.4",
    "77.1.1", "77.1.2", "77.1.3", "77.1.4", "77.1.5.1", "77.1.5.2",
];
/// The thickness of a picture where nothing says it, mm.
const THICKNESS: f64 = 1.0;

/// A frame of an object.
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    object: &'a Object,
    /// Which frame, from 0.
    frame: usize,
    /// What chooses it: the UID of the series and, if that has several, what tells it from the others.
    pub name: String,
}

/// What a picture is, without its pixels.
#[derive(Debug)]
pub struct Described {
    /// Number of voxels.
    pub dims: [u64; 3],
    /// Distance of voxel centres, mm.
    pub spacing: [f64; 3],
}

/// Whether an object is a picture: of such a class, and without a place in the patient.
pub fn is_picture(object: &Object) -> bool {
    let class = object.sop_class();
    let root = object.root();
    let is_placed = [
        tags::IMAGE_POSITION_PATIENT,
        tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE,
        tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE,
    ]
    .into_iter()
    .any(|tag| root.has(tag));
    !is_placed && class.strip_prefix(STORAGE).is_some_and(|class| CLASSES.contains(&class))
}

/// Whether a series has nothing but pictures.
pub fn is_flat(series: &Series<'_>) -> bool {
    !series.objects.is_empty() && series.objects.iter().all(|object| is_picture(object))
}

/// The pictures of a series, by the numbers of their objects and frames.
///
/// # Errors
/// If an object does not say how many frames it has.
pub fn pictures<'a>(series: &Series<'a>) -> Result<Vec<Picture<'a>>, ReadError> {
    let mut objects = series.objects.clone();
    let number = |object: &Object| object.root().int(tags::INSTANCE_NUMBER).ok().flatten();
    objects.sort_by_key(|object| (number(object), object.path().to_path_buf()));
    let mut numbers: Vec<i64> = objects.iter().filter_map(|object| number(object)).collect();
    numbers.dedup();
    let is_numbered = numbers.len() == objects.len();
    let mut pictures = Vec::new();
    for object in &objects {
        let mut words = Vec::new();
        if objects.len() > 1 {
            words.push(match number(object).filter(|_| is_numbered) {
                Some(number) => format!("InstanceNumber={number}"),
                None => format!("SOPInstanceUID={}", object.root().need_text(tags::SOP_INSTANCE_UID)?),
            });
        }
        let count = frames::frame_count(object.root())?;
        for frame in 0..count {
            let own = (count > 1).then(|| format!("Frame={}", frame + 1));
            let words: Vec<&str> = words.iter().chain(&own).map(String::as_str).collect();
            let name =
                if words.is_empty() { series.uid.clone() } else { format!("{}/{}", series.uid, words.join(",")) };
            pictures.push(Picture { object, frame, name });
        }
    }
    Ok(pictures)
}

/// The picture of a series that is wanted; `path` is where the series was found.
///
/// # Errors
/// If there are several and none is named, or if there is none of that name.
pub fn choose<'a>(path: &Path, series: &Series<'a>, wanted: Option<&str>) -> Result<Picture<'a>, ReadError> {
    let mut pictures = pictures(series)?;
    let names: Vec<String> = pictures.iter().map(|picture| picture.name.clone()).collect();
    let place = match (wanted.filter(|wanted| *wanted != series.uid), names.len()) {
        (None, 1) => Some(0),
        (None, count) => {
            let message = format!(
                "the series {} has {count} pictures, expected one; name one of: {}",
                series.uid,
                names::list(&names)
            );
            return Err(ReadError::unfit(path, message));
        }
        (Some(wanted), _) => names.iter().position(|name| name == wanted),
    };
    match place {
        Some(place) => Ok(pictures.swap_remove(place)),
        None => {
            let wanted = wanted.unwrap_or_default();
            let message = format!("there is no picture {wanted}, expected one of: {}", names::list(&names));
            Err(ReadError::unfit(path, message))
        }
    }
}

/// A picture, how it is stored, and where its voxels are.
struct Plan<'a> {
    layout: Layout,
    stack: Stack,
    frame: Frame,
    object: &'a Object,
    notes: Vec<String>,
}

impl<'a> Picture<'a> {
    /// What the picture is, without its pixels.
    ///
    /// # Errors
    /// If it cannot be read, or if nothing says how large a pixel is.
    pub fn describe(&self, options: &Options) -> Result<Described, ReadError> {
        let plan = self.plan(options)?;
        pixels::padding(self.object.root(), &plan.layout.format)?;
        let grid = plan.grid();
        // Pixels alone tell whether colours are grey values.
        Ok(Described { dims: grid.dims, spacing: grid.spacing })
    }

    /// Its object.
    pub fn object(&self) -> &'a Object {
        self.object
    }

    /// Reads the picture.
    ///
    /// # Errors
    /// If it is more than `max_bytes`, damaged, in colours of which none is asked for, or if nothing says how large a pixel is.
    pub fn load(&self, options: &Options, path: &Path, max_bytes: u64, context: &Context) -> Result<Loaded, ReadError> {
        let mut plan = self.plan(options)?;
        let mut notes = std::mem::take(&mut plan.notes);
        let mut warnings = Vec::new();
        let (mut metadata, _) = metadata::metadata(&[self.object], &[]);
        let scan = match plan.layout.format.colour {
            Colour::Grey => {
                let mut planned = plan.planned();
                metadata.extend(unit::of(&planned).map(|unit| (unit::KEY.to_owned(), unit.into())));
                let scan = volume::read(&mut planned, max_bytes, context)?;
                notes.extend(planned.notes);
                warnings = planned.warnings;
                scan
            }
            _ => plan.coloured(options.channel, max_bytes, &mut notes)?,
        };
        for note in &notes {
            context.info(&format!("{}: {note}", path.display()));
        }
        for warning in &warnings {
            context.warning(&format!("{}: {warning}", path.display()));
        }
        Ok(Loaded { images: vec![scan], metadata, ..Loaded::default() })
    }

    fn plan(&self, options: &Options) -> Result<Plan<'a>, ReadError> {
        let (object, root) = (self.object, self.object.root());
        let layout = Layout::picture(object)?;
        let mut notes = layout.notes.clone();
        let is_grey = layout.format.colour == Colour::Grey;
        if let Some(channel) = options.channel.filter(|_| is_grey) {
            return Err(colour::no_colours(object, channel));
        }
        let spacing::Size { mm: [width, height], notes: of_size } = spacing::size(object, options)?;
        notes.extend(of_size);
        let thickness = options.slice_mm.unwrap_or(THICKNESS);
        if options.slice_mm.is_none() {
            notes.push("the only slice taken as 1 mm thick".into());
        }
        notes.push(
            "a picture has no place in the patient: axes taken as left, posterior, superior, the first pixel at 0"
                .into(),
        );
        let note = |is: bool, what: &str| is.then(|| what.to_owned());
        let says = |tag, word: &str| root.text(tag).as_deref() == Some(word);
        notes.extend(note(
            says(tags::PHOTOMETRIC_INTERPRETATION, "MONOCHROME1"),
            "MONOCHROME1 only says how to show the values, they are kept as they are",
        ));
        notes.extend(note(says(tags::LOSSY_IMAGE_COMPRESSION, "01"), "the values have been through lossy compression"));
        let (scaling, unit) = frames::of_picture(root)?;
        let plane = Plane {
            position: [0.0; 3],
            orientation: [1.0, 0.0, 0.0, 0.0, 1.0, 0.0],
            spacing: [height, width],
            size: layout.format.size,
        };
        let frame = Frame { object: 0, index: self.frame, plane, scaling, unit, covers: None };
        let direction = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
        let placement = Placement { spacing: [width, height, thickness], origin: [0.0; 3], direction };
        Ok(Plan { layout, stack: Stack { order: vec![0], placement }, frame, object, notes })
    }
}

impl<'a> Plan<'a> {
    fn grid(&self) -> Grid {
        let [rows, columns] = self.layout.format.size;
        let Placement { spacing, origin, direction } = self.stack.placement.clone();
        Grid { dims: [columns, rows, 1].map(|n| n as u64), spacing, origin, direction }
    }

    /// As a volume of one slice.
    fn planned(self) -> Planned<'a> {
        let Self { layout, stack, frame, object, .. } = self;
        Planned {
            objects: vec![object],
            frames: vec![frame],
            layouts: vec![layout],
            stack,
            values: Vec::new(),
            notes: Vec::new(),
            warnings: Vec::new(),
        }
    }

    fn coloured(&self, channel: Option<Channel>, max_bytes: u64, notes: &mut Vec<String>) -> Result<Scan, ReadError> {
        let Self { layout, frame, object, .. } = self;
        let fail = ReadError::at::<FileFault>(object.path());
        let grid = self.grid();
        let format = &layout.format;
        let dims = grid.dims.map(|n| n as usize);
        // The colours, and then the numbers that are made of them.
        for bytes in [format.samples() * format.allocated / 8, colour::voxel_size(format, channel)] {
            reading::voxel_bytes(dims, bytes, max_bytes).map_err(&fail)?;
        }
        let mut pixels = vec![0; format.frame_bytes()];
        layout.read(object, frame.index, &mut pixels)?;
        let values = colour::intensities(object, format, &pixels, channel)?;
        notes.extend(values.note);
        Ok(Scan::new(grid, values.sample, values.bytes))
    }
}
