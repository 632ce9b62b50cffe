//! What scanners write beside the standard: pictures of tiles, b-values in private attributes, places of SPECT, odd files.

mod common;

use common::*;
use dicom_core::{DataElement, PrimitiveValue, Tag, VR};
use dicom_dictionary_std::{tags, uids};
use voxomics_sdk::Loader as _;
use voxomics_sdk::testing::TestHost;

fn private(file: File, tag: Tag, vr: VR, value: impl Into<PrimitiveValue>) -> File {
    file.element(DataElement::new(tag, vr, value.into()))
}

/// A header of Siemens' in its second version.
fn csa(tags: &[(&str, &[&str])]) -> Vec<u8> {
    let mut bytes = [&b"SV10"[..], &[4, 3, 2, 1], &(tags.len() as u32).to_le_bytes(), &77_u32.to_le_bytes()].concat();
    for (name, values) in tags {
        let mut field = name.as_bytes().to_vec();
        field.resize(64, 0);
        bytes.extend(field);
        for number in [values.len() as u32, u32::from_le_bytes(*b"FD\0\0"), 4, 6, 77] {
            bytes.extend(number.to_le_bytes());
        }
        for value in values.iter().chain([&""; 6]).take(6) {
            for number in [value.len() as u32; 4] {
                bytes.extend(number.to_le_bytes());
            }
            bytes.extend(value.as_bytes());
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
    }
    bytes
}

/// A picture of 2 × 2 tiles of 2 rows and 3 columns, of which 3 are slices; each pixel is 100 · tile + 10 · row + column.
fn picture() -> File {
    let pixel = |index: u16| {
        let (row, column) = (index / 6, index % 6);
        let tile = row / 2 * 2 + column / 3;
        if tile == 3 { 0 } else { 100 * tile + 10 * (row % 2) + column % 3 }
    };
    let words: Vec<u16> = (0..24).map(pixel).collect();
    slice(0)
        .text(tags::SOP_CLASS_UID, VR::UI, uids::MR_IMAGE_STORAGE)
        .text(tags::MODALITY, VR::CS, "MR")
        .without(tags::RESCALE_SLOPE)
        .without(tags::RESCALE_INTERCEPT)
        .us(tags::ROWS, 4)
        .us(tags::COLUMNS, 6)
        .text(tags::PIXEL_SPACING, VR::DS, "2\\1")
        .text(tags::IMAGE_POSITION_PATIENT, VR::DS, "-10\\-20\\5")
        .text(tags::SPACING_BETWEEN_SLICES, VR::DS, "4")
        .words(&words)
}

fn tiles() -> Vec<i16> {
    (0..3).flat_map(|tile| [0, 1, 2, 10, 11, 12].map(|pixel| 100 * tile + pixel)).collect()
}

fn mosaic(header: &[u8]) -> File {
    let bytes = PrimitiveValue::U8(header.iter().copied().collect());
    let file = picture().text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC");
    let file = private(file, Tag(0x0029, 0x0010), VR::LO, "SIEMENS CSA HEADER");
    private(file, Tag(0x0029, 0x1010), VR::OB, bytes)
}

#[test]
fn a_mosaic_is_unfolded() {
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    let header = |normal: &[&'static str; 3]| {
        csa(&[("EchoTime", &["1"]), ("NumberOfImagesInMosaic", &["3"]), ("SliceNormalVector", normal)])
    };
    for syntax in
        [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN, uids::DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN]
    {
        mosaic(&header(&["0", "0", "1"])).syntax(syntax).write(&path);
        let loaded = load(&path).unwrap();
        let grid = &loaded.images[0].grid;
        assert_eq!((grid.dims, grid.spacing), ([3, 2, 3], [1.0, 2.0, 4.0]));
        // The stated position is that of a slice of the size of the picture around the same centre.
        assert_eq!(grid.origin, [-10.0 + 1.5, -20.0 + 2.0, 5.0]);
        assert_eq!(values(&loaded), tiles());
    }
    // Slices that go the other way.
    mosaic(&header(&["0", "0", "-1"])).write(&path);
    let loaded = load(&path).unwrap();
    assert_eq!(loaded.images[0].grid.origin[2], 5.0 - 8.0);
    let reversed: Vec<i16> = tiles().chunks(6).rev().flatten().copied().collect();
    assert_eq!(values(&loaded), reversed);
    let told = &survey(folder.root()).series[0];
    assert_eq!((told.dims, told.problem.clone()), (Some([3, 2, 3]), None));
}

#[test]
fn a_mosaic_that_cannot_be_unfolded_is_refused_by_name() {
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    let normal: (&str, &[&str]) = ("SliceNormalVector", &["0", "0", "1"]);
    picture().text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\M\\ND\\MOSAIC").write(&path);
    assert!(error(&path).contains("ImageType (0008,0008) is \"MOSAIC\""), "{}", error(&path));
    for (header, part) in [
        (csa(&[normal]), "NumberOfImagesInMosaic"),
        (csa(&[("NumberOfImagesInMosaic", &["3"])]), "SliceNormalVector"),
        (csa(&[("NumberOfImagesInMosaic", &["-3"]), normal]), "NumberOfImagesInMosaic"),
        (csa(&[("NumberOfImagesInMosaic", &["3"]), ("SliceNormalVector", &["0", "0", "0.5"])]), "length 1"),
        (csa(&[("NumberOfImagesInMosaic", &["3"]), normal])[..90].to_vec(), "NumberOfImagesInMosaic"),
        (csa(&[("NumberOfImagesInMosaic", &["10"]), normal]), "4 × 4 tiles"),
    ] {
        mosaic(&header).write(&path);
        assert!(error(&path).contains(part), "{part}: {}", error(&path));
    }
    mosaic(&csa(&[("NumberOfImagesInMosaic", &["3"]), normal])).without(tags::SPACING_BETWEEN_SLICES).write(&path);
    assert!(error(&path).contains("SpacingBetweenSlices (0018,0088) is missing"));
}

#[test]
fn tiles_of_united_imaging_lie_where_their_sequence_says() {
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    let tiled = |count: &str| {
        let file = picture().text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\M\\VFRAME");
        let file = private(file, Tag(0x0065, 0x0010), VR::LO, "Image Private Header");
        let file = private(file, Tag(0x0065, 0x1050), VR::DS, count);
        let places = ["-10\\-20\\5", "-10\\-20\\9", "-10\\-20\\13"];
        file.items(
            Tag(0x0065, 0x1051),
            places.map(|place| item([(tags::IMAGE_POSITION_PATIENT, VR::DS, place)])).to_vec(),
        )
    };
    tiled("3").write(&path);
    let loaded = load(&path).unwrap();
    let grid = &loaded.images[0].grid;
    assert_eq!((grid.dims, grid.spacing, grid.origin), ([3, 2, 3], [1.0, 2.0, 4.0], [-10.0, -20.0, 5.0]));
    assert_eq!(values(&loaded), tiles());
    tiled("4").write(&path);
    assert!(error(&path).contains("4 positions in the sequence (0065,1051)"), "{}", error(&path));
}

/// As in files without value representations, and in those that were made of them: bytes of which only their beginning says
/// that they are items.
#[test]
fn tiles_of_united_imaging_are_found_in_a_sequence_of_defined_length() {
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    let element = |tag: [u16; 2], text: &str| {
        let mut bytes: Vec<u8> = tag.iter().flat_map(|part| part.to_le_bytes()).collect();
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
        bytes
    };
    let items: Vec<u8> = ["-10\\-20\\5 ", "-10\\-20\\9 ", "-10\\-20\\13"]
        .into_iter()
        .flat_map(|place| {
            let inside = element([0x0020, 0x0032], place);
            [&[0xFE, 0xFF, 0x00, 0xE0][..], &(inside.len() as u32).to_le_bytes(), &inside].concat()
        })
        .collect();
    let tiled = |items: &[u8]| {
        let file = picture().text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\M\\VFRAME");
        let file = private(file, Tag(0x0065, 0x0010), VR::LO, "Image Private Header");
        let file = private(file, Tag(0x0065, 0x1050), VR::DS, "3");
        private(file, Tag(0x0065, 0x1051), VR::UN, PrimitiveValue::U8(items.iter().copied().collect()))
    };
    for syntax in [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN] {
        tiled(&items).syntax(syntax).write(&path);
        let loaded = load(&path).unwrap();
        let grid = &loaded.images[0].grid;
        assert_eq!((grid.dims, grid.spacing, grid.origin), ([3, 2, 3], [1.0, 2.0, 4.0], [-10.0, -20.0, 5.0]));
        assert_eq!(values(&loaded), tiles());
        let cut = &items[..items.len() - 4];
        tiled(cut).syntax(syntax).write(&path);
        assert!(load(&path).is_err());
    }
}

#[test]
fn b_values_in_private_attributes_tell_volumes_apart() {
    type Private = (Tag, &'static str, Tag, VR);
    let makers: [Private; 4] = [
        (Tag(0x0043, 0x0010), "GEMS_PARM_01", Tag(0x0043, 0x1039), VR::IS),
        (Tag(0x0019, 0x0010), "SIEMENS MR HEADER", Tag(0x0019, 0x100C), VR::IS),
        (Tag(0x2001, 0x0010), "Philips Imaging DD 001", Tag(0x2001, 0x1003), VR::FL),
        (Tag(0x0065, 0x0010), "Image Private Header", Tag(0x0065, 0x1009), VR::FD),
    ];
    for (creator, name, tag, vr) in makers {
        for syntax in [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN] {
            let folder = Folder::new();
            for (volume, value) in [50, 800].into_iter().enumerate() {
                for index in 0..2 {
                    let number = match vr {
                        VR::FL => PrimitiveValue::from(value as f32),
                        VR::FD => PrimitiveValue::from(f64::from(value)),
                        // GE writes four numbers, and adds 10⁹ to the first.
                        _ if creator.group() == 0x0043 => {
                            PrimitiveValue::from(format!("{}\\8\\0\\0", 1_000_000_000 + value))
                        }
                        _ => PrimitiveValue::from(value.to_string()),
                    };
                    let file = slice(index).text(tags::SOP_INSTANCE_UID, VR::UI, &format!("1.2.3.{volume}.{index}"));
                    let file = private(file, creator, VR::LO, name);
                    private(file, tag, vr, number).syntax(syntax).write(&folder.path(&format!("{volume}{index}")));
                }
            }
            let told: Vec<String> = survey(folder.root()).series.into_iter().map(|series| series.uid).collect();
            assert_eq!(told, ["1.2.2/DiffusionBValue=50", "1.2.2/DiffusionBValue=800"], "{name}, {syntax}");
            let mut asked = request(folder.root());
            asked.selection.series = Some(told[1].clone());
            let loaded = loader("{}").load(&asked, &TestHost::new().context()).unwrap();
            assert_eq!((loaded.images[0].grid.dims, &loaded.metadata["DiffusionBValue"]), ([4, 3, 2], &800.0.into()));
        }
    }
}

#[test]
fn spect_is_placed_by_its_detector() {
    let folder = Folder::new();
    let path = folder.path("0.dcm");
    let tomogram = |distance: &str| {
        let place = item([
            (tags::IMAGE_POSITION_PATIENT, VR::DS, "-10\\20\\7"),
            (tags::IMAGE_ORIENTATION_PATIENT, VR::DS, "1\\0\\0\\0\\1\\0"),
        ]);
        let mut file = slice(0);
        for tag in [
            tags::IMAGE_POSITION_PATIENT,
            tags::IMAGE_ORIENTATION_PATIENT,
            tags::RESCALE_SLOPE,
            tags::RESCALE_INTERCEPT,
        ] {
            file = file.without(tag);
        }
        let words: Vec<u16> = (0..3).flat_map(|frame| [frame; 12]).collect();
        file.text(tags::SOP_CLASS_UID, VR::UI, uids::NUCLEAR_MEDICINE_IMAGE_STORAGE)
            .text(tags::MODALITY, VR::CS, "NM")
            .text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\RECON TOMO\\EMISSION")
            .text(tags::NUMBER_OF_FRAMES, VR::IS, "3")
            .text(tags::SPACING_BETWEEN_SLICES, VR::DS, distance)
            .items(tags::DETECTOR_INFORMATION_SEQUENCE, vec![place])
            .us(tags::PIXEL_REPRESENTATION, 0)
            .words(&words)
    };
    for (distance, origin, first) in [("2", 7.0, 0), ("-2", 3.0, 2)] {
        tomogram(distance).write(&path);
        let loaded = load(&path).unwrap();
        let grid = &loaded.images[0].grid;
        assert_eq!((grid.dims, grid.spacing[2], grid.origin[2]), ([4, 3, 3], 2.0, origin));
        assert_eq!(values(&loaded)[0], first);
        assert_eq!(loaded.images[0].scaling[0].slope, 1.0);
    }
    let told = &survey(folder.root()).series[0];
    assert_eq!((told.dims, told.modality.as_str()), (Some([4, 3, 3]), "NM"));
    tomogram("2").without(tags::SPACING_BETWEEN_SLICES).write(&path);
    assert!(error(&path).contains("SpacingBetweenSlices (0018,0088) is missing"));
    // What the camera saw from several sides is no volume.
    tomogram("2").text(tags::IMAGE_TYPE, VR::CS, "ORIGINAL\\PRIMARY\\TOMO\\EMISSION").write(&path);
    assert!(load(&path).is_err());
}

#[test]
fn a_file_without_its_meta_information_is_read_as_it_begins() {
    let folder = Folder::new();
    for (index, syntax) in [uids::EXPLICIT_VR_LITTLE_ENDIAN, uids::IMPLICIT_VR_LITTLE_ENDIAN].into_iter().enumerate() {
        let bytes = slice(index).syntax(syntax).to_bytes();
        // The preamble, and then the data set at once.
        let length = u32::from_le_bytes(bytes[140..144].try_into().unwrap()) as usize;
        let bare = [&bytes[..132], &bytes[144 + length..]].concat();
        folder.write(&format!("{index}.dcm"), &bare);
    }
    let loaded = load(folder.root()).unwrap();
    assert_eq!((loaded.images[0].grid.dims, values(&loaded)), ([4, 3, 2], counted(2)));
}
