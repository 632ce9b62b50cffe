//! Every packing, type and place of the voxels.

mod common;
use common::{Folder, Meta, fault, read, twelve, values, zlib};
use load_metaimage::{Fault, recognises};
use voxomics_reading::geometry::Crooked;
use voxomics_sdk::VoxelType;

fn zero_to_eleven() -> Vec<i16> {
    (0..12).collect()
}

#[test]
fn every_packing_gives_the_same_voxels() {
    let folder = Folder::new();
    for (compressed, data) in [("False", twelve()), ("True", zlib(&twelve()))] {
        let meta = Meta::default().set("CompressedData", compressed);
        let local = read(&folder.write("a.mha", &meta.file(&data))).unwrap();
        assert_eq!(values(&local), zero_to_eleven());
        assert!(local.notes.is_empty(), "{:?}", local.notes);
        assert_eq!(local.scan.grid.dims, [2, 3, 2]);

        folder.write("voxels of a scan.raw", &data);
        let detached = meta.clone().set("ElementDataFile", "voxels of a scan.raw").header();
        for header in [detached.replace('\n', "\r\n"), detached.trim_end().into(), detached.replace(" = ", "=")] {
            assert_eq!(values(&read(&folder.write("a.mhd", header.as_bytes())).unwrap()), zero_to_eleven());
        }
        folder.write("behind.raw", &[b"header", &data[..]].concat());
        let behind = meta.set("ElementDataFile", "behind.raw").set("HeaderSize", "6").header();
        assert_eq!(values(&read(&folder.write("a.mhd", behind.as_bytes())).unwrap()), zero_to_eleven());
    }
    let last = Meta::default().set("HeaderSize", "-1").file(&[b"anything", &twelve()[..]].concat());
    assert_eq!(values(&read(&folder.write("a.mha", &last)).unwrap()), zero_to_eleven());
}

#[test]
fn every_type_in_both_byte_orders() {
    use VoxelType::*;
    let folder = Folder::new();
    for (voxel_type, name) in [
        (I8, "MET_CHAR"),
        (U8, "MET_UCHAR"),
        (I16, "MET_SHORT"),
        (U16, "MET_USHORT"),
        (I32, "MET_INT"),
        (U32, "MET_UINT"),
        (I64, "MET_LONG_LONG"),
        (U64, "MET_ULONG_LONG"),
        (F32, "MET_FLOAT"),
        (F64, "MET_DOUBLE"),
    ] {
        let size = voxel_type.size();
        let data: Vec<u8> = (0..12 * size).map(|i| (i * 7 + 1) as u8).collect();
        let swapped: Vec<u8> = data.chunks_exact(size).flat_map(|value| value.iter().rev().copied()).collect();
        for (msb, stored) in [("False", &data), ("True", &swapped)] {
            for field in ["BinaryDataByteOrderMSB", "ElementByteOrderMSB"] {
                let meta = Meta::default().without("BinaryDataByteOrderMSB").set("ElementType", name).set(field, msb);
                let contents = read(&folder.write("a.mha", &meta.file(stored))).unwrap();
                assert_eq!(contents.scan.voxel_type, voxel_type);
                let expected = if cfg!(target_endian = "little") { &data } else { &swapped };
                assert_eq!(&contents.scan.voxels, expected, "{name}, {msb}");
            }
        }
    }
}

#[test]
fn directions_stand_one_after_the_other() {
    let folder = Folder::new();
    let meta = Meta::default().set("ElementSpacing", "2 3 0.5").without("TransformMatrix").without("Offset");
    for (matrix, offset) in [("TransformMatrix", "Offset"), ("Orientation", "Position"), ("Rotation", "Origin")] {
        let meta = meta.clone().set(matrix, "0 -1 0 0.6 0 0.8 -0.8 0 0.6").set(offset, "10 -20.5 0");
        let grid = read(&folder.write("a.mha", &meta.file(&twelve()))).unwrap().scan.grid;
        assert_eq!((grid.spacing, grid.origin), ([2.0, 3.0, 0.5], [10.0, -20.5, 0.0]));
        let expected: [[f64; 3]; 3] = [[0.0, -1.0, 0.0], [0.6, 0.0, 0.8], [-0.8, 0.0, 0.6]];
        for (found, expected) in grid.direction.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((found - expected).abs() < 1e-15, "{:?}", grid.direction);
        }
    }
    let bare = read(&folder.write("a.mha", &meta.file(&twelve()))).unwrap();
    assert!(bare.notes[0].contains("no `TransformMatrix`") && bare.notes[1].contains("no `Offset`"));
    let size = meta.clone().without("ElementSpacing").set("ElementSize", "1 1 4");
    assert_eq!(read(&folder.write("a.mha", &size.file(&twelve()))).unwrap().scan.grid.spacing, [1.0, 1.0, 4.0]);
}

#[test]
fn what_has_no_place_is_refused() {
    let folder = Folder::new();
    let refused = |meta: &Meta| fault(&folder.write("a.mha", &meta.file(&twelve())));
    let meta = Meta::default();
    assert!(matches!(refused(&meta.clone().without("ElementSpacing")), Fault::Missing { field: "ElementSpacing" }));
    for (field, wrong) in [
        ("ElementSpacing", "1 1"),
        ("ElementSpacing", "1 1 x"),
        ("ElementSpacing", "1 -1 1"),
        ("ElementSpacing", "0 1 1"),
        ("Offset", "1 2"),
        ("TransformMatrix", "1 0 0 0 1 0"),
        ("TransformMatrix", "2 0 0 0 1 0 0 0 1"),
        ("TransformMatrix", "0 0 0 0 1 0 0 0 1"),
        ("Position", "0 0 1"),
    ] {
        assert!(matches!(refused(&meta.clone().set(field, wrong)), Fault::Value { .. }), "{field} = {wrong}");
    }
    let sheared = refused(&meta.clone().set("TransformMatrix", "1 0 0 0.6 0.8 0 0 0 1"));
    assert!(matches!(sheared, Fault::Geometry(Crooked::Sheared { axes: [1, 2], .. })));
    let none = refused(&meta.clone().set("ElementSpacing", "nan 1 1"));
    assert!(matches!(none, Fault::Geometry(Crooked::NotFinite(_))));
    assert!(matches!(refused(&meta.set("DistanceUnits", "um")), Fault::Unsupported { field: "DistanceUnits", .. }));
}

#[test]
fn one_volume_of_four_dimensions_is_one_volume() {
    let folder = Folder::new();
    let plain = Meta::default().set("TransformMatrix", "0 1 0 -1 0 0 0 0 1").set("Offset", "1 2 3");
    let four = plain
        .clone()
        .set("NDims", "4")
        .set("DimSize", "2 3 2 1")
        .set("ElementSpacing", "0.5 0.75 2 1")
        .set("Offset", "1 2 3 0")
        .set("TransformMatrix", "0 1 0 0 -1 0 0 0 0 0 1 0 0 0 0 1");
    let [three, four_read] = [&plain.set("ElementSpacing", "0.5 0.75 2"), &four]
        .map(|meta| read(&folder.write("a.mha", &meta.file(&twelve()))).unwrap_or_else(|error| panic!("{error}")));
    assert_eq!(three.scan.grid, four_read.scan.grid);
    assert_eq!(three.scan.voxels, four_read.scan.voxels);
    for (field, wrong) in [
        ("ElementSpacing", "0.5 0.75 2"),
        ("Offset", "1 2 3"),
        ("TransformMatrix", "0 1 0 -1 0 0 0 0 1"),
        ("TransformMatrix", "0 1 0 0.5 -1 0 0 0 0 0 1 0 0 0 0 1"),
    ] {
        let fault = fault(&folder.write("a.mha", &four.clone().set(field, wrong).file(&twelve())));
        assert!(matches!(fault, Fault::Value { .. }), "{field}: {fault}");
    }
}

/// As SimpleITK 2.5 writes a picture of two dimensions.
#[test]
fn a_plane_is_one_slice() {
    let folder = Folder::new();
    let plane = Meta::default()
        .set("NDims", "2")
        .set("DimSize", "3 4")
        .set("ElementSpacing", "0.7 0.8")
        .set("Offset", "3 -4")
        .set("TransformMatrix", "0 -1 1 0");
    let contents = read(&folder.write("a.mha", &plane.file(&twelve()))).unwrap();
    let grid = contents.scan.grid;
    assert_eq!((grid.dims, grid.spacing, grid.origin), ([3, 4, 1], [0.7, 0.8, 1.0], [3.0, -4.0, 0.0]));
    assert_eq!(grid.direction, [[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]);
    assert_eq!(values(&contents), zero_to_eleven());
    assert!(contents.notes.iter().any(|note| note.contains("1 mm thick")), "{:?}", contents.notes);
    for (field, wrong) in [("ElementSpacing", "0.7 0.8 1"), ("Offset", "3"), ("TransformMatrix", "1 0 0 0 1 0 0 0 1")] {
        let fault = fault(&folder.write("a.mha", &plane.clone().set(field, wrong).file(&twelve())));
        assert!(matches!(fault, Fault::Value { .. }), "{field}: {fault}");
    }
    let line = fault(&folder.write("a.mha", &plane.set("NDims", "1").set("DimSize", "12").file(&twelve())));
    assert!(matches!(line, Fault::NotOneVolume { .. }), "{line}");
}

#[test]
fn two_names_of_one_thing_must_agree_as_numbers() {
    let folder = Folder::new();
    let meta = Meta::default().set("Offset", "1 2 3").set("TransformMatrix", "1 0 0 0 1 0 0 0 1");
    let write = |meta: Meta| folder.write("a.mha", &meta.file(&twelve()));
    let same = meta.clone().set("Position", "1.0 2.0 3.000").set("Rotation", "1.0 0 0 0 1.0 0 0 0 1.0");
    assert_eq!(read(&write(same)).unwrap().scan.grid.origin, [1.0, 2.0, 3.0]);
    for (field, other) in [
        ("Position", "1 2 3.5"),
        ("Origin", "-1 -2 3"),
        ("Orientation", "-1 0 0 0 -1 0 0 0 1"),
        ("Rotation", "-1 0 0 0 -1 0 0 0 1"),
    ] {
        let fault = fault(&write(meta.clone().set(field, other)));
        assert!(matches!(&fault, Fault::Value { field: named, .. } if *named == field), "{fault}");
        assert!(fault.to_string().contains("delete the one that is wrong"), "{fault}");
    }
    // The extent of a voxel may be another than the distance of two.
    let gaps = read(&write(meta.set("ElementSize", "1 1 0.8"))).unwrap();
    assert!(gaps.scan.grid.spacing == [1.0; 3] && gaps.notes.iter().any(|note| note.contains("`ElementSize`")));
}

#[test]
fn it_is_known_by_its_first_line() {
    for head in ["ObjectType = Image\n", "NDims = 3", "Comment=a", "NDims=3\r\n"] {
        assert!(recognises(head.as_bytes()), "{head}");
    }
    for head in ["", "NRRD0004\n", "ObjectType", "Other = 3", "= 3"] {
        assert!(!recognises(head.as_bytes()), "{head}");
    }
}
