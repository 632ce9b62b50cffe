use dicom_core::value::PixelFragmentSequence;
use dicom_core::{DataElement, PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use serde_json::json;
use voxomics_imaging::{Grid, IndexBox, View, mask};
use voxomics_sdk::Selection;

use crate::outlines::testing::{Answer, Random, Written, decimals, grids, load, load_with, object, whole, with, write};

pub const DIMS: [usize; 3] = [7, 5, 4];

/// A frame: the number of its segment, its place, its pixels.
#[derive(Clone)]
pub struct Frame {
    segment: u16,
    position: [f64; 3],
    pub pixels: Vec<u16>,
}

/// A segmentation that is to be written.
#[derive(Clone)]
pub struct Seg {
    pub kind: &'static str,
    bits: u16,
    size: [usize; 2],
    orientation: [f64; 6],
    spacing: [f64; 2],
    between: Option<f64>,
    thickness: Option<f64>,
    segments: Vec<(u16, &'static str)>,
    pub frames: Vec<Frame>,
}

impl Seg {
    /// Frames of a grid along two of its axes, each perhaps against its direction; frames without a voxel are left out.
    fn of(grid: &Grid, [x, y]: [(usize, bool); 2], segments: &[(u16, &'static str, &[u16])]) -> Self {
        let z = 3 - x.0 - y.0;
        let turned = |(axis, is_turned): (usize, bool)| grid.direction[axis].map(|d| if is_turned { -d } else { d });
        let ([a, b, c], [d, e, f]) = (turned(x), turned(y));
        let at = |(axis, is_turned): (usize, bool), i: usize| if is_turned { grid.dims[axis] - 1 - i } else { i };
        let mut frames = Vec::new();
        for (segment, _, field) in segments {
            for slice in (0..grid.dims[z]).rev() {
                let index = |i: usize, j: usize| {
                    let mut index = [slice; 3];
                    (index[x.0], index[y.0]) = (at(x, i), at(y, j));
                    index
                };
                let value = |[x, y, z]: [usize; 3]| field[(z * grid.dims[1] + y) * grid.dims[0] + x];
                let [rows, columns] = [grid.dims[y.0], grid.dims[x.0]];
                let pixels: Vec<u16> =
                    (0..rows * columns).map(|pixel| value(index(pixel % columns, pixel / columns))).collect();
                if pixels.iter().any(|value| *value != 0) {
                    let position = grid.point(index(0, 0).map(|i| i as f64));
                    frames.push(Frame { segment: *segment, position, pixels });
                }
            }
        }
        Self {
            kind: "BINARY",
            bits: 1,
            size: [grid.dims[y.0], grid.dims[x.0]],
            orientation: [a, b, c, d, e, f],
            spacing: [grid.spacing[y.0], grid.spacing[x.0]],
            between: Some(grid.spacing[z]),
            thickness: None,
            segments: segments.iter().map(|(number, name, _)| (*number, *name)).collect(),
            frames,
        }
    }

    pub fn axial(grid: &Grid, segments: &[(u16, &'static str, &[u16])]) -> Self {
        Self::of(grid, [(0, false), (1, false)], segments)
    }

    fn bytes(&self) -> Vec<u8> {
        let values = || self.frames.iter().flat_map(|frame| &frame.pixels);
        match self.bits {
            1 => {
                let bits: Vec<u16> = values().copied().collect();
                let byte = |bits: &[u16]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit != 0));
                bits.chunks(8).map(byte).collect()
            }
            8 => values().map(|value| *value as u8).collect(),
            _ => values().flat_map(|value| value.to_le_bytes()).collect(),
        }
    }

    pub fn object(&self) -> dicom_object::InMemDicomObject {
        let short = |value: usize| PrimitiveValue::from(value as u16);
        let class =
            if self.kind == "LABELMAP" { uids::LABEL_MAP_SEGMENTATION_STORAGE } else { uids::SEGMENTATION_STORAGE };
        let colours = if self.kind == "LABELMAP" && self.bits == 8 { "PALETTE COLOR" } else { "MONOCHROME2" };
        let file = object([
            (tags::SOP_CLASS_UID, VR::UI, class.into()),
            (tags::MODALITY, VR::CS, "SEG".into()),
            (tags::SEGMENTATION_TYPE, VR::CS, self.kind.into()),
            (tags::MAXIMUM_FRACTIONAL_VALUE, VR::US, short(200)),
            (tags::SAMPLES_PER_PIXEL, VR::US, short(1)),
            (tags::PHOTOMETRIC_INTERPRETATION, VR::CS, colours.into()),
            (tags::ROWS, VR::US, short(self.size[0])),
            (tags::COLUMNS, VR::US, short(self.size[1])),
            (tags::NUMBER_OF_FRAMES, VR::IS, self.frames.len().to_string().into()),
            (tags::BITS_ALLOCATED, VR::US, self.bits.into()),
            (tags::BITS_STORED, VR::US, self.bits.into()),
            (tags::HIGH_BIT, VR::US, (self.bits - 1).into()),
            (tags::PIXEL_REPRESENTATION, VR::US, short(0)),
        ]);
        let segment = |(number, name): &(u16, &'static str)| {
            object([(tags::SEGMENT_NUMBER, VR::US, (*number).into()), (tags::SEGMENT_LABEL, VR::LO, (*name).into())])
        };
        let mut measures = object([(tags::PIXEL_SPACING, VR::DS, decimals(self.spacing))]);
        let distances = [(tags::SPACING_BETWEEN_SLICES, self.between), (tags::SLICE_THICKNESS, self.thickness)];
        for (tag, mm) in distances.into_iter().filter_map(|(tag, mm)| Some((tag, mm?))) {
            measures.put(DataElement::new(tag, VR::DS, decimals([mm])));
        }
        let orientation = object([(tags::IMAGE_ORIENTATION_PATIENT, VR::DS, decimals(self.orientation))]);
        let shared = with(object([]), tags::PIXEL_MEASURES_SEQUENCE, vec![measures]);
        let shared = with(shared, tags::PLANE_ORIENTATION_SEQUENCE, vec![orientation]);
        let groups = self.frames.iter().map(|frame| {
            let position = object([(tags::IMAGE_POSITION_PATIENT, VR::DS, decimals(frame.position))]);
            let number = object([(tags::REFERENCED_SEGMENT_NUMBER, VR::US, frame.segment.into())]);
            let group = with(object([]), tags::PLANE_POSITION_SEQUENCE, vec![position]);
            with(group, tags::SEGMENT_IDENTIFICATION_SEQUENCE, vec![number])
        });
        let file = with(file, tags::SEGMENT_SEQUENCE, self.segments.iter().map(segment).collect());
        let file = with(file, tags::SHARED_FUNCTIONAL_GROUPS_SEQUENCE, vec![shared]);
        with(file, tags::PER_FRAME_FUNCTIONAL_GROUPS_SEQUENCE, groups.collect())
    }

    fn written_as(&self, syntax: &str) -> Written {
        let mut file = self.object();
        let vr = if self.bits == 16 { VR::OW } else { VR::OB };
        if syntax == uids::RLE_LOSSLESS {
            let frames = self.frames.iter().map(|frame| run_lengths(&frame.pixels));
            let fragments = PixelFragmentSequence::new(Vec::new(), frames.collect::<Vec<_>>());
            file.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
        } else {
            file.put(DataElement::new(tags::PIXEL_DATA, vr, PrimitiveValue::from(self.bytes())));
        }
        write(file, syntax)
    }

    fn load(&self, reference: Option<&Grid>, regions: &[&str]) -> Answer {
        load(&self.written_as(uids::EXPLICIT_VR_LITTLE_ENDIAN).0, reference, regions)
    }
}

/// A frame of bytes in run-length encoding, literally (DICOM PS3.5, annex G).
fn run_lengths(pixels: &[u16]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    (bytes[0], bytes[4]) = (1, 64);
    for chunk in pixels.chunks(128) {
        bytes.push(chunk.len() as u8 - 1);
        bytes.extend(chunk.iter().map(|value| *value as u8));
    }
    if bytes.len() % 2 == 1 {
        bytes.push(0x80);
    }
    bytes
}

/// Random voxels; none in the slice of this index along the last axis.
pub fn field(random: &mut Random, without: usize) -> Vec<u16> {
    let slice = DIMS[0] * DIMS[1];
    (0..slice * DIMS[2]).map(|i| u16::from(random.below(4) == 0 && i / slice != without)).collect()
}

pub fn bytes(field: &[u16]) -> Vec<u8> {
    field.iter().map(|value| u8::from(*value != 0)).collect()
}

#[test]
fn frames_in_any_orientation_are_boxes_of_the_image() {
    let mut random = Random::new(31);
    for grid in grids(DIMS) {
        for (x, y) in [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1)] {
            for turns in [[false, false], [true, false], [false, true], [true, true]] {
                let fields = [field(&mut random, 1), field(&mut random, 2)];
                let segments = [(1, "A", fields[0].as_slice()), (9, "B", fields[1].as_slice())];
                let seg = Seg::of(&grid, [(x, turns[0]), (y, turns[1])], &segments);
                let answer = seg.load(Some(&grid), &[]);
                let found = &answer.loaded().segmentations;
                assert_eq!((found.len(), answer.warnings().as_str()), (2, ""));
                for ((segmentation, expected), (number, name)) in
                    found.iter().zip(&fields).zip([(1.0, "A"), (9.0, "B")])
                {
                    let expected = bytes(expected);
                    assert_eq!(whole(segmentation, &grid), expected, "axes {x}, {y}, turns {turns:?}, {grid:?}");
                    let tight = mask::bounding_box(View::new(DIMS, &expected)).expect("voxels");
                    assert_eq!(segmentation.reference_offset, Some(tight.start.map(|i| i as u64)));
                    assert_eq!(segmentation.labels.grid.dims, tight.dims().map(|n| n as u64));
                    assert_eq!((segmentation.regions[0].label, segmentation.regions[0].name.as_str()), (number, name));
                    assert_eq!(segmentation.labels.scaling[0].slope, number);
                }
            }
        }
    }
}

#[test]
fn frames_of_another_grid_stay_on_it() {
    let mut random = Random::new(32);
    let [_, _, grid, _] = grids(DIMS);
    let field = field(&mut random, 9);
    let seg = Seg::of(&grid, [(1, true), (2, false)], &[(3, "A", &field)]);
    let shifted = Grid { origin: grid.point([0.5, 0.0, 0.0]), ..grid };
    let finer = Grid { spacing: grid.spacing.map(|mm| mm / 2.0), ..grid };
    for reference in [None, Some(&shifted), Some(&finer)] {
        let answer = seg.load(reference, &["A"]);
        let [one] = answer.loaded().segmentations.as_slice() else { panic!("one region") };
        assert_eq!(one.reference_offset, None);
        let own = one.labels.grid;
        let own = Grid {
            dims: own.dims.map(|n| n as usize),
            spacing: own.spacing,
            origin: own.origin,
            direction: own.direction,
        };
        assert_eq!(own.len(), grid.len());
        for (i, voxel) in one.labels.voxels.iter().enumerate() {
            let at = [i % own.dims[0], i / own.dims[0] % own.dims[1], i / own.dims[0] / own.dims[1]];
            let [x, y, z] = grid.index(own.point(at.map(|i| i as f64))).map(|i| i.round() as usize);
            assert_eq!(u16::from(*voxel), field[(z * DIMS[1] + y) * DIMS[0] + x], "{at:?}");
        }
    }
}

#[test]
fn what_is_beyond_the_image_is_told_of_or_refused() {
    let [grid, ..] = grids(DIMS);
    let mut random = Random::new(33);
    let field = field(&mut random, 9);
    let seg = Seg::axial(&grid, &[(1, "A", &field)]);
    let part = IndexBox { start: [2, 1, 1], end: [6, 5, 3] };
    let answer = seg.load(Some(&grid.crop(part)), &[]);
    assert!(answer.warnings().contains("reaches beyond the image"), "{}", answer.warnings());
    assert_eq!(answer.mask(&grid.crop(part)), mask::crop(View::new(DIMS, &bytes(&field)), part));
    let apart = Grid { origin: grid.point([0.0, 0.0, 10.0]), ..grid };
    let error = seg.load(Some(&apart), &[]).error();
    assert!(error.contains("`A` is not inside the image") && error.contains("the image fills"), "{error}");
}

#[test]
fn fractions_count_from_the_threshold_on() {
    let [grid, ..] = grids(DIMS);
    let mut random = Random::new(34);
    let field: Vec<u16> = (0..grid.len()).map(|_| [0, 1, 99, 100, 101, 200][random.below(6)]).collect();
    let seg = Seg { kind: "FRACTIONAL", bits: 8, ..Seg::axial(&grid, &[(1, "A", &field)]) };
    let expected: Vec<u8> = field.iter().map(|value| u8::from(*value >= 100)).collect();
    for syntax in [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN, uids::RLE_LOSSLESS] {
        let answer = load(&seg.written_as(syntax).0, Some(&grid), &["A"]);
        assert_eq!(answer.mask(&grid), expected, "{syntax}");
        let told = answer.warnings();
        assert!(
            told.contains("from a fraction of 0.5 on (stored 100 of 200)") && told.contains("fractional_threshold")
        );
    }
    let mut wrong = seg.clone();
    wrong.frames[0].pixels[0] = 201;
    assert!(wrong.load(Some(&grid), &[]).error().contains("a stored fraction is 201, expected 200"));
}

#[test]
fn a_label_map_has_its_segments() {
    let [grid, ..] = grids(DIMS);
    let mut random = Random::new(35);
    for (bits, numbers) in [(8, [0, 1, 2, 200]), (16, [0, 1, 300, 40_000])] {
        let field: Vec<u16> = (0..grid.len()).map(|_| numbers[random.below(4)]).collect();
        let mut seg = Seg { kind: "LABELMAP", bits, ..Seg::axial(&grid, &[(1, "map", &field)]) };
        seg.segments = numbers.into_iter().zip(["Background", "A", "B", "C"]).collect();
        let answer = seg.load(Some(&grid), &[]);
        assert_eq!(answer.loaded().segmentations.len(), 3);
        for (segmentation, number) in answer.loaded().segmentations.iter().zip(&numbers[1..]) {
            let expected: Vec<u8> = field.iter().map(|value| u8::from(value == number)).collect();
            assert_eq!(whole(segmentation, &grid), expected, "segment {number}");
        }
        assert_eq!(answer.loaded().metadata["regions"][0], json!({ "number": 1, "name": "A" }));
        assert!(!answer.loaded().metadata["regions"].to_string().contains("Background"));
        assert!(seg.load(Some(&grid), &["#0"]).error().contains("only the background"));
        let other = seg.load(Some(&grid), &["D"]).error();
        assert!(other.contains("no region is `D`") && other.contains("`#1 A`"), "{other}");
    }
}

#[test]
fn slices_that_are_left_out_do_not_make_others_thicker() {
    let [grid, ..] = grids(DIMS);
    let mut sparse = vec![0; grid.len()];
    (sparse[3], sparse[2 * 35 + 4]) = (1, 1);
    let mut seg = Seg { between: None, ..Seg::axial(&grid, &[(1, "A", &sparse)]) };
    let answer = seg.load(Some(&grid), &[]);
    assert_eq!(answer.mask(&grid), bytes(&sparse));
    assert!(answer.warnings().contains("taken as single slices of the image, 3.000 mm apart"), "{}", answer.warnings());
    // Frames that say that they are as thick as they are apart are no slices of this image.
    seg.thickness = Some(6.0);
    let answer = seg.load(Some(&grid), &[]);
    let [one] = answer.loaded().segmentations.as_slice() else { panic!("one region") };
    assert_eq!((one.reference_offset, one.labels.grid.dims[2], one.labels.grid.spacing[2]), (None, 2, 6.0));
    // One frame is a slice of the image if it lies on one.
    (seg.thickness, seg.frames) = (Some(5.0), seg.frames[..1].to_vec());
    assert_eq!(seg.load(Some(&grid), &[]).mask(&grid).iter().sum::<u8>(), 1);
    assert_eq!(seg.load(None, &[]).loaded().segmentations[0].labels.grid.spacing[2], 5.0);
    seg.thickness = None;
    assert!(seg.load(None, &[]).error().contains("how thick it is, is not known"));
}

#[test]
fn damaged_and_hostile_segmentations_are_refused() {
    let [grid, ..] = grids(DIMS);
    let mut random = Random::new(36);
    let field = field(&mut random, 9);
    let seg = Seg::axial(&grid, &[(1, "A", &field)]);
    let changed = |change: &dyn Fn(&mut Seg)| {
        let mut seg = seg.clone();
        change(&mut seg);
        seg.load(Some(&grid), &[]).error()
    };
    let twice = changed(&|seg| seg.frames[1].position = seg.frames[0].position);
    assert!(twice.contains("its frame 2 shows the same segment at the same place"), "{twice}");
    let uneven = changed(&|seg| seg.frames[1].position[2] += 1.0);
    assert!(uneven.contains("not evenly spaced"), "{uneven}");
    let aside = changed(&|seg| seg.frames[1].position[0] += 1.0);
    assert!(aside.contains("its frame 2 lies 1.000 and 0.000 mm beside frame 1"), "{aside}");
    let far = changed(&|seg| seg.frames[1].position[2] = 1e300);
    assert!(far.contains("not evenly spaced") || far.contains("beside frame 1"), "{far}");
    assert!(changed(&|seg| seg.orientation = [0.0; 6]).contains("no two directions"));
    assert!(changed(&|seg| seg.kind = "WHATEVER").contains("expected BINARY, FRACTIONAL or LABELMAP"));
    assert!(changed(&|seg| seg.kind = "FRACTIONAL").contains("BitsAllocated"));
    let short = changed(&|seg| seg.frames[3].pixels.truncate(9));
    assert!(short.contains("truncated"), "{short}");
    assert!(changed(&|seg| seg.segments.clear()).contains("lists no region"));
    let unlisted = changed(&|seg| seg.segments = vec![(2, "B")]);
    assert!(unlisted.contains("its frame 1 shows the segment 1") && unlisted.contains("`#2 B`"), "{unlisted}");
    let third = changed(&|seg| seg.frames[2].segment = 77);
    assert!(third.contains("its frame 3 shows the segment 77 (ReferencedSegmentNumber)"), "{third}");
    assert!(seg.load(Some(&grid), &["Liver"]).error().contains("no region is `Liver`; it has `#1 A`"));
    let file = seg.written_as(uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let small = load_with(&file.0, None, Selection::default(), 100).error();
    assert!(small.contains("need 140 bytes or more, the limit is 100"), "{small}");
}

#[test]
fn a_label_that_is_not_listed_is_refused() {
    let [grid, ..] = grids(DIMS);
    let labels: Vec<u16> = (0..grid.len()).map(|i| [0, 1, 3][i % 3]).collect();
    for bits in [8, 16] {
        let mut seg = Seg::axial(&grid, &[(1, "A", &labels)]);
        (seg.kind, seg.bits, seg.segments) = ("LABELMAP", bits, vec![(1, "A"), (3, "C")]);
        assert_eq!(seg.load(Some(&grid), &[]).loaded().segmentations.len(), 2);
        seg.frames[1].pixels[9] = 200;
        let error = seg.load(Some(&grid), &["A"]).error();
        assert!(error.contains("its frame 2 has voxels of the segment 200") && error.contains("`#3 C`"), "{error}");
        let mut file = seg.object();
        file.put(DataElement::new(tags::PIXEL_PADDING_VALUE, VR::US, PrimitiveValue::from(200_u16)));
        let vr = if bits == 16 { VR::OW } else { VR::OB };
        file.put(DataElement::new(tags::PIXEL_DATA, vr, PrimitiveValue::from(seg.bytes())));
        let file = write(file, uids::EXPLICIT_VR_LITTLE_ENDIAN);
        assert_eq!(load(&file.0, Some(&grid), &["A"]).loaded().segmentations.len(), 1, "padding is no segment");
    }
}

#[test]
fn segmentations_of_another_series_are_refused() {
    let [grid, ..] = grids(DIMS);
    let mut random = Random::new(37);
    let seg = Seg::axial(&grid, &[(1, "A", &field(&mut random, 9))]);
    let series = object([(tags::SERIES_INSTANCE_UID, VR::UI, "1.2.3.4".into())]);
    let mut file = with(seg.object(), tags::REFERENCED_SERIES_SEQUENCE, vec![series]);
    file.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(seg.bytes())));
    let file = write(file, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    let of = |uid: &str| {
        load_with(&file.0, Some(&grid), Selection { series: Some(uid.into()), ..Selection::default() }, 1 << 30)
    };
    assert_eq!(of("1.2.3.4").loaded().segmentations.len(), 1);
    assert!(of("1.2.3.5").error().contains("drawn on the series 1.2.3.4, but the image is the series 1.2.3.5"));
}

#[test]
fn a_part_of_a_segmentation_is_refused() {
    let [grid, ..] = grids(DIMS);
    let seg = Seg::axial(&grid, &[(1, "A", &field(&mut Random::new(38), 9))]);
    let mut file = seg.object();
    file.put(DataElement::new(tags::IN_CONCATENATION_TOTAL_NUMBER, VR::US, PrimitiveValue::from(2_u16)));
    file.put(DataElement::new(tags::PIXEL_DATA, VR::OB, PrimitiveValue::from(seg.bytes())));
    let file = write(file, uids::EXPLICIT_VR_LITTLE_ENDIAN);
    assert!(load(&file.0, Some(&grid), &[]).error().contains("InConcatenationTotalNumber"));
}

#[test]
fn bits_in_jpeg_2000_are_bits() {
    // Of 1 bit, 7 columns, 5 rows, 1 where x·y + x is a multiple of 3; written by OpenJPEG 2.5.4.
    const STREAM: &str = "ff4fff510029000000000007000000050000000000000000000000070000000500000000000000000001000101ff52000c00\
        000001000004040001ff5c00044008ff640025000143726561746564206279204f70656e4a5045472076657273696f6e20322e352e34ff90000a000000\
        0000180001ff93d50017052c2a1b8f20bfffd9";
    let digits: Vec<u8> = STREAM.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    let stream: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let [grid, ..] = grids(DIMS);
    let pattern: Vec<u16> = (0..35).map(|i| u16::from((i % 7 * (i / 7) + i % 7) % 3 == 0)).collect();
    let field = [&[0; 35][..], &pattern, &pattern, &[0; 35]].concat();
    let mut file = Seg::axial(&grid, &[(1, "A", &field)]).object();
    // The frames lie in bits 0 to 34 and 35 to 69.
    let fragments = PixelFragmentSequence::new(Vec::new(), vec![stream.clone(), stream]);
    file.put(DataElement::new(tags::PIXEL_DATA, VR::OB, fragments));
    let file = write(file, uids::JPEG2000_LOSSLESS);
    assert_eq!(load(&file.0, Some(&grid), &[]).mask(&grid), bytes(&field));
}
