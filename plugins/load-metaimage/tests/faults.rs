//! Every way in which a file can be broken, each with its own name.

mod common;
use common::{Folder, LIMIT, Meta, fault, read, twelve, zlib};
use load_metaimage::{Fault, FileFault};

fn refused(meta: &Meta) -> Fault {
    fault(&Folder::new().write("a.mha", &meta.file(&twelve())))
}

#[test]
fn what_is_no_metaimage() {
    let folder = Folder::new();
    assert!(matches!(fault(&folder.path("none.mha")), Fault::File(FileFault::NotFound)));
    assert!(matches!(fault(&folder.write("a.mha", b"")), Fault::File(FileFault::Empty)));
    for bytes in [&b"text"[..], b"NRRD0004\n", &[0; 600], b"key = value\n"] {
        assert!(matches!(fault(&folder.write("a.mha", bytes)), Fault::NotMetaImage { .. }), "{bytes:?}");
    }
    let endless = [b"NDims = 3\nComment = ", &vec![b'x'; 2 << 20][..]].concat();
    assert!(matches!(fault(&folder.write("a.mha", &endless)), Fault::HeaderTooLong { limit: 0x10_0000 }));
    let line = Meta::default().header().replace("DimSize", "no field\nDimSize");
    assert!(matches!(fault(&folder.write("a.mha", line.as_bytes())), Fault::Line { number: 10, .. }));
    let twice = Meta::default().header().replace("DimSize", "NDims = 3\nDimSize");
    assert!(matches!(fault(&folder.write("a.mha", twice.as_bytes())), Fault::Repeated { .. }));
}

#[test]
fn every_cut_is_found() {
    let folder = Folder::new();
    for (compressed, data) in [("False", twelve()), ("True", zlib(&twelve()))] {
        let meta = Meta::default().set("CompressedData", compressed);
        let (bytes, header) = (meta.file(&data), meta.header().len());
        for length in 20..bytes.len() {
            let found = read(&folder.write("a.mha", &bytes[..length])).unwrap_err().fault;
            match found {
                // Cut within the last line, what is left of it may name another file or none.
                _ if length < header => assert!(
                    matches!(
                        found,
                        Fault::HeaderTruncated
                            | Fault::Line { .. }
                            | Fault::DataFileMissing { .. }
                            | Fault::Value { field: "ElementDataFile", .. }
                            | Fault::File(
                                FileFault::Truncated { found: 0, .. } | FileFault::ZlibTruncated { inflated: 0 }
                            )
                    ),
                    "{length}: {found}"
                ),
                Fault::File(FileFault::Truncated { promised: 24, .. }) => assert_eq!(compressed, "False"),
                Fault::File(FileFault::ZlibTruncated { .. }) => assert_eq!(compressed, "True"),
                other => panic!("{compressed}, {length}: {other}"),
            }
        }
    }
}

#[test]
fn damaged_streams_and_wrong_sizes_are_found() {
    let folder = Folder::new();
    let meta = Meta::default().set("CompressedData", "True");
    let mut packed = zlib(&twelve());
    *packed.last_mut().unwrap() ^= 1;
    let checksum = fault(&folder.write("a.mha", &meta.file(&packed)));
    assert!(matches!(checksum, Fault::File(FileFault::ZlibDamaged { inflated: 24 })), "{checksum}");
    let plain = fault(&folder.write("a.mha", &meta.file(&twelve())));
    assert!(matches!(plain, Fault::File(FileFault::ZlibDamaged { .. })), "{plain}");
    match fault(&folder.write("a.mha", &meta.file(&zlib(&twelve()[..20])))) {
        Fault::File(FileFault::Truncated { promised: 24, found: 20 }) => {}
        other => panic!("{other}"),
    }
    match fault(&folder.write("a.mha", &meta.file(&zlib(&vec![0; 16 << 20])))) {
        Fault::File(FileFault::TrailingData { promised: 24, extra }) => assert!(extra <= 2 << 20, "{extra}"),
        other => panic!("{other}"),
    }
    let tail = read(&folder.write("a.mha", &meta.file(&[&zlib(&twelve())[..], b"tail"].concat()))).unwrap();
    assert_eq!(tail.notes, ["bytes after the compressed data are ignored"]);
}

#[test]
fn limits_hold_before_anything_is_allocated() {
    let folder = Folder::new();
    let path = folder.write("a.mha", &Meta::default().file(&twelve()));
    let error = load_metaimage::read(&path, 23).unwrap_err();
    assert!(matches!(error.fault, Fault::File(FileFault::TooLarge { promised: 24, limit: 23 })));
    let huge = Meta::default().set("DimSize", "4294967295 4294967295 4294967295");
    assert!(matches!(refused(&huge), Fault::File(FileFault::SizeOverflow { .. })));
    let large = Meta::default().set("DimSize", "1000000 1000000 2");
    for (compressed, data) in [("False", twelve()), ("True", zlib(&twelve()))] {
        let path = folder.write("a.mha", &large.clone().set("CompressedData", compressed).file(&data));
        match load_metaimage::read(&path, u64::MAX).unwrap_err().fault {
            Fault::File(FileFault::Truncated { promised: 4_000_000_000_000, found: 24 }) => {}
            other => panic!("{other}"),
        }
        assert!(matches!(
            load_metaimage::read(&path, LIMIT).unwrap_err().fault,
            Fault::File(FileFault::TooLarge { .. })
        ));
    }
}

#[test]
fn fields_must_be_there() {
    for field in ["NDims", "DimSize", "ElementType", "BinaryDataByteOrderMSB"] {
        match refused(&Meta::default().without(field)) {
            Fault::Missing { field: missing } => assert_eq!(missing, field),
            other => panic!("{field}: {other}"),
        }
    }
    assert!(matches!(
        refused(&Meta::default().without("ElementDataFile")),
        Fault::Line { .. } | Fault::HeaderTruncated
    ));
}

#[test]
fn values_must_be_what_the_format_says() {
    for (field, wrong) in [
        ("NDims", "x"),
        ("NDims", "2"),
        ("DimSize", "2 3"),
        ("DimSize", "2 3 0"),
        ("BinaryData", "maybe"),
        ("ElementByteOrderMSB", "True"),
        ("HeaderSize", "-2"),
        ("HeaderSize", "5"),
        ("HeaderSize", "x"),
    ] {
        assert!(matches!(refused(&Meta::default().set(field, wrong)), Fault::Value { .. }), "{field} = {wrong}");
    }
    let compressed = Meta::default().set("CompressedData", "True").set("HeaderSize", "-1");
    assert!(matches!(refused(&compressed), Fault::Value { field: "HeaderSize", .. }));
    let four = Meta::default().set("NDims", "4").set("DimSize", "2 3 1 2");
    assert!(matches!(refused(&four), Fault::NotOneVolume { sizes } if sizes == [2, 3, 1, 2]));
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (field, value) in [
        ("ObjectType", "Mesh"),
        ("ElementNumberOfChannels", "3"),
        ("BinaryData", "False"),
        ("ElementType", "MET_LONG"),
        ("ElementType", "MET_FLOAT_ARRAY"),
        ("ElementToIntensityFunctionSlope", "2"),
        ("ElementDataFile", "LIST"),
        ("ElementDataFile", "slice%03d.raw 1 10 1"),
    ] {
        match refused(&Meta::default().set(field, value)) {
            Fault::Unsupported { field: named, found, .. } => assert_eq!((named, found.as_str()), (field, value)),
            other => panic!("{field} = {value}: {other}"),
        }
    }
}

#[test]
fn the_data_file_at_fault_is_named() {
    let folder = Folder::new();
    let path = folder.write("a.mhd", Meta::default().set("ElementDataFile", "a.raw").header().as_bytes());
    assert!(matches!(fault(&path), Fault::DataFileMissing { wanted } if wanted == folder.path("a.raw")));
    folder.write("a.raw", &twelve()[..20]);
    let error = read(&path).unwrap_err();
    assert_eq!(error.path, folder.path("a.raw"));
    assert!(matches!(error.fault, Fault::File(FileFault::Truncated { promised: 24, found: 20 })));
}
