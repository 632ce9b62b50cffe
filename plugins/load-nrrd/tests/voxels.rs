//! Every encoding, type and place of the voxels.

mod common;
use common::{Folder, Nrrd, fault, gz, read, twelve, values};
use load_nrrd::{Fault, FileFault, recognises};
use voxomics_sdk::VoxelType;

const TEXT: &[u8] = b"0 1 2\n3,4, 5 +6\t7\r\n8 9 10 11\n";

fn zero_to_eleven() -> Vec<i16> {
    (0..12).collect()
}

#[test]
fn every_encoding_gives_the_same_voxels() {
    let folder = Folder::new();
    for (encoding, data) in [
        ("raw", twelve()),
        ("gzip", gz(&twelve())),
        ("gz", gz(&twelve())),
        ("GZIP", gz(&twelve())),
        ("ascii", TEXT.into()),
        ("text", TEXT.into()),
    ] {
        let nrrd = Nrrd::default().set("encoding", encoding);
        let attached = read(&folder.write("a.nrrd", &nrrd.file(&data))).unwrap();
        assert_eq!(values(&attached), zero_to_eleven(), "{encoding}");
        assert!(attached.notes.is_empty(), "{:?}", attached.notes);
        assert_eq!(attached.scan.grid.dims, [2, 3, 2]);

        folder.write("voxels of a scan.bin", &data);
        for field in ["data file", "datafile"] {
            let nrrd = nrrd.clone().set(field, "voxels of a scan.bin");
            for header in [nrrd.header(), nrrd.header() + "\n", nrrd.header().replace('\n', "\r\n")] {
                let detached = read(&folder.write("a.nhdr", header.as_bytes())).unwrap();
                assert_eq!(values(&detached), zero_to_eleven(), "{encoding}");
            }
        }
    }
}

#[test]
fn lines_may_end_as_on_windows() {
    let folder = Folder::new();
    let header = Nrrd::default().header().replace('\n', "\r\n") + "\r\n";
    let contents = read(&folder.write("a.nrrd", &[header.as_bytes(), &twelve()].concat())).unwrap();
    assert_eq!(values(&contents), zero_to_eleven());
}

#[test]
fn every_spelling_of_every_type_in_both_byte_orders() {
    use VoxelType::*;
    let folder = Folder::new();
    let spellings = [
        (I8, "signed char, int8, int8_t"),
        (U8, "uchar, unsigned char, uint8, uint8_t"),
        (I16, "short, short int, signed short, signed short int, int16, int16_t"),
        (U16, "ushort, unsigned short, unsigned short int, uint16, uint16_t"),
        (I32, "int, signed int, int32, int32_t"),
        (U32, "uint, unsigned int, uint32, uint32_t"),
        (I64, "longlong, long long, long long int, signed long long, signed long long int, int64, int64_t"),
        (U64, "ulonglong, unsigned long long, unsigned long long int, uint64, uint64_t"),
        (F32, "float"),
        (F64, "double"),
    ];
    for (voxel_type, names) in spellings {
        let size = voxel_type.size();
        let data: Vec<u8> = (0..12 * size).map(|i| (i * 7 + 1) as u8).collect();
        let swapped: Vec<u8> = data.chunks_exact(size).flat_map(|value| value.iter().rev().copied()).collect();
        for name in names.split(", ") {
            for (endian, stored) in [("little", &data), ("big", &swapped)] {
                let nrrd = Nrrd::default().set("type", name).set("endian", endian);
                let contents = read(&folder.write("a.nrrd", &nrrd.file(stored))).unwrap();
                assert_eq!(contents.scan.voxel_type, voxel_type, "{name}");
                let expected = if cfg!(target_endian = "little") { &data } else { &swapped };
                assert_eq!(&contents.scan.voxels, expected, "{name}, {endian}");
            }
        }
    }
    let single = Nrrd::default().set("type", "uchar").without("endian");
    assert!(read(&folder.write("a.nrrd", &single.file(&[0; 12]))).is_ok(), "one byte has no order");
}

#[test]
fn text_in_every_type_to_the_last_digit() {
    let folder = Folder::new();
    let read_as = |name: &str, text: &str| {
        let nrrd = Nrrd::default().set("type", name).set("sizes", "2 1 1").set("encoding", "ascii").without("endian");
        read(&folder.write("a.nrrd", &nrrd.file(text.as_bytes()))).unwrap().scan.voxels
    };
    let both = |a: &[u8], b: &[u8]| [a, b].concat();
    assert_eq!(read_as("int8", "-128 127"), both(&i8::MIN.to_ne_bytes(), &i8::MAX.to_ne_bytes()));
    assert_eq!(read_as("uint64", "0 18446744073709551615"), both(&u64::MIN.to_ne_bytes(), &u64::MAX.to_ne_bytes()));
    assert_eq!(
        read_as("int64", "-9223372036854775808 9223372036854775807"),
        both(&i64::MIN.to_ne_bytes(), &i64::MAX.to_ne_bytes())
    );
    assert_eq!(read_as("float", "0.1 -1e-3"), both(&0.1_f32.to_ne_bytes(), &(-1e-3_f32).to_ne_bytes()));
    assert_eq!(read_as("double", "0.1 inf"), both(&0.1_f64.to_ne_bytes(), &f64::INFINITY.to_ne_bytes()));
}

#[test]
fn long_texts_are_read_in_portions() {
    let folder = Folder::new();
    let count = 40_000_i32;
    let text: String = (0..count).map(|i| format!("{} ", i * 50_021)).collect();
    let nrrd = Nrrd::default().set("type", "int").set("sizes", "200 200 1").set("encoding", "ascii");
    let contents = read(&folder.write("a.nrrd", &nrrd.file(text.as_bytes()))).unwrap();
    let expected: Vec<u8> = (0..count).flat_map(|i| (i * 50_021).to_ne_bytes()).collect();
    assert!(contents.scan.voxels == expected);
}

#[test]
fn lines_and_bytes_are_skipped() {
    let folder = Folder::new();
    let with = |nrrd: &Nrrd, data: &[u8]| values(&read(&folder.write("a.nrrd", &nrrd.file(data))).unwrap());
    let raw = Nrrd::default();
    let lines = [b"one\ntwo\n", &twelve()[..]].concat();
    assert_eq!(with(&raw.clone().set("line skip", "2"), &lines), zero_to_eleven());
    let both = [b"one\nxyz", &twelve()[..]].concat();
    assert_eq!(with(&raw.clone().set("lineskip", "1").set("byteskip", "3"), &both), zero_to_eleven());
    let before = [&[9; 1000], &twelve()[..]].concat();
    assert_eq!(with(&raw.clone().set("byte skip", "-1"), &before), zero_to_eleven());

    let gzip = raw.set("encoding", "gzip");
    let packed = [b"one\n", &gz(&both[4..])[..]].concat();
    assert_eq!(with(&gzip.set("line skip", "1").set("byte skip", "3"), &packed), zero_to_eleven());

    let detached = Nrrd::default().set("data file", "./sub/a.img").set("byte skip", "-1");
    std::fs::create_dir(folder.path("sub")).unwrap();
    folder.write("sub/a.img", &before);
    let contents = read(&folder.write("a.nhdr", detached.header().as_bytes())).unwrap();
    assert_eq!(values(&contents), zero_to_eleven());
}

#[test]
fn a_further_axis_of_one_is_dropped_wherever_it_is() {
    let folder = Folder::new();
    let directions = "(1,0,0) (0,2,0) (0,0,3)";
    for (sizes, kinds, directions) in [
        ("1 2 3 2", "list domain domain domain", format!("none {directions}")),
        ("2 3 2 1", "domain domain domain list", format!("{directions} none")),
        ("2 3 2 1", "??? ??? ??? ???", format!("{directions} (nan,nan,nan)")),
    ] {
        let nrrd = Nrrd::default().set("dimension", "4").set("sizes", sizes).set("kinds", kinds);
        let contents =
            read(&folder.write("a.nrrd", &nrrd.set("space directions", &directions).file(&twelve()))).unwrap();
        assert_eq!(values(&contents), zero_to_eleven());
        assert_eq!((contents.scan.grid.dims, contents.scan.grid.spacing), ([2, 3, 2], [1.0, 2.0, 3.0]));
    }
}

#[test]
fn what_follows_the_voxels_is_noted() {
    let folder = Folder::new();
    let followed = |tail: &[u8]| folder.write("a.nrrd", &Nrrd::default().file(&[&twelve()[..], tail].concat()));
    let contents = read(&followed(b"\n")).unwrap();
    assert_eq!(contents.notes, ["1 bytes of padding after the voxels are ignored"]);
    assert!(matches!(fault(&followed(b"tail")), Fault::File(FileFault::TrailingData { promised: 24, extra: 4 })));
    let gzip = Nrrd::default().set("encoding", "gzip");
    let contents = read(&folder.write("a.nrrd", &gzip.file(&[&gz(&twelve())[..], b"tail"].concat()))).unwrap();
    assert_eq!(contents.notes, ["bytes after the compressed data are ignored"]);
    let ascii = Nrrd::default().set("encoding", "ascii");
    let more = folder.write("a.nrrd", &ascii.file(&[TEXT, b"12 13"].concat()));
    assert!(matches!(fault(&more), Fault::File(FileFault::TrailingData { promised: 24, extra: 4 })));
}

#[test]
fn segments_have_names() {
    let folder = Folder::new();
    let nrrd = Nrrd::default()
        .set("Segment0_Name:=", "tumour: left")
        .set("Segment0_LabelValue:=", "2")
        .set("Segment0_Layer:=", "0")
        .set("Segment0_Color:=", "0.5 0.2 0.1")
        .set("Segment1_Name:=", "lymph\\nnode")
        .set("Segment1_LabelValue:=", "7")
        .set("Segmentation_ReferenceImageExtentOffset:=", "0 0 0");
    let contents = read(&folder.write("a.seg.nrrd", &nrrd.file(&twelve()))).unwrap();
    let regions: Vec<_> = contents.regions.iter().map(|region| (region.name.as_str(), region.label)).collect();
    assert_eq!(regions, [("tumour: left", 2.0), ("lymph\nnode", 7.0)]);

    let single = Nrrd::default().set("Segment0_Name:=", "liver");
    let contents = read(&folder.write("a.seg.nrrd", &single.file(&twelve()))).unwrap();
    assert_eq!((contents.regions[0].name.as_str(), contents.regions[0].label), ("liver", 1.0));
    assert!(contents.notes[0].contains("taken as 1"));
}

#[test]
fn layers_are_read_apart_wherever_their_axis_is() {
    let folder = Folder::new();
    // Voxel n of layer l is 100 l + n.
    let [layer_first, layer_last]: [Vec<u8>; 2] = [
        (0..12_i16).flat_map(|n| [n, 100 + n]).flat_map(i16::to_le_bytes).collect(),
        (0..2_i16).flat_map(|l| (0..12).map(move |n| 100 * l + n)).flat_map(i16::to_le_bytes).collect(),
    ];
    for (sizes, kinds, directions, data) in [
        ("2 2 3 2", "list domain domain domain", "none (1,0,0) (0,1,0) (0,0,1)", layer_first),
        ("2 3 2 2", "domain domain domain list", "(1,0,0) (0,1,0) (0,0,1) none", layer_last),
    ] {
        let nrrd = Nrrd::default().set("dimension", "4").set("sizes", sizes).set("kinds", kinds);
        let nrrd = nrrd.set("space directions", directions);
        let nrrd = nrrd.set("Segment0_Name:=", "liver").set("Segment0_LabelValue:=", "1").set("Segment0_Layer:=", "0");
        let nrrd = nrrd.set("Segment1_Name:=", "tumour").set("Segment1_LabelValue:=", "1").set("Segment1_Layer:=", "1");
        for (encoding, data) in [("raw", data.clone()), ("gzip", gz(&data))] {
            let path = folder.write("a.seg.nrrd", &nrrd.clone().set("encoding", encoding).file(&data));
            let layers = load_nrrd::read_layers(&path, common::LIMIT).unwrap().layers;
            let voxels: Vec<Vec<i16>> = layers
                .iter()
                .map(|(scan, _)| scan.voxels.as_chunks().0.iter().map(|bytes| i16::from_ne_bytes(*bytes)).collect())
                .collect();
            assert_eq!(voxels, [(0..12).collect::<Vec<i16>>(), (100..112).collect()], "{sizes} {encoding}");
            let names: Vec<&str> = layers.iter().map(|(_, regions)| regions[0].name.as_str()).collect();
            assert_eq!((names, layers[1].1[0].label), (vec!["liver", "tumour"], 1.0));
            assert_eq!(layers[1].0.grid.dims, [2, 3, 2]);
        }
        // The limit is one of all layers.
        let path = folder.write("b.seg.nrrd", &nrrd.file(&data));
        assert!(load_nrrd::read_layers(&path, 48).is_ok() && load_nrrd::read_layers(&path, 47).is_err());
    }
}

#[test]
fn it_is_known_by_its_first_eight_bytes() {
    for head in ["NRRD0001\n", "NRRD0004", "NRRD0005\r\n", "NRRD0009"] {
        assert!(recognises(head.as_bytes()), "{head}");
    }
    for head in ["", "NRRD", "NRRD000", "NRRDabcd", "nrrd0004", " NRRD0004"] {
        assert!(!recognises(head.as_bytes()), "{head}");
    }
}
