//! Every way in which a file can be broken, each with its own name.

mod common;
use common::{Folder, LIMIT, Nrrd, fault, gz, read, twelve};
use load_nrrd::{Fault, FileFault};

fn refused(nrrd: &Nrrd) -> Fault {
    fault(&Folder::new().write("a.nrrd", &nrrd.file(&twelve())))
}

#[test]
fn what_is_no_nrrd() {
    let folder = Folder::new();
    assert!(matches!(fault(&folder.path("none.nrrd")), Fault::File(FileFault::NotFound)));
    assert!(matches!(fault(&folder.write("a.nrrd", b"")), Fault::File(FileFault::Empty)));
    std::fs::create_dir(folder.path("folder.nrrd")).unwrap();
    assert!(matches!(fault(&folder.path("folder.nrrd")), Fault::File(FileFault::Directory)));
    for bytes in [&b"text"[..], b"NRRD", b"NRRD00.01\n", b"NRRDabcd\n\n", &[0; 600], b"\n"] {
        assert!(matches!(fault(&folder.write("a.nrrd", bytes)), Fault::NotNrrd { .. }), "{bytes:?}");
    }
    assert!(matches!(fault(&folder.write("a.nrrd", b"NRRD0006\n\n")), Fault::Version { found } if found == "0006"));
    let endless = [b"NRRD0004\n#", &vec![b'x'; 5 << 20][..]].concat();
    assert!(matches!(fault(&folder.write("a.nrrd", &endless)), Fault::HeaderTooLong { limit: 0x40_0000 }));
}

#[test]
fn every_cut_is_found() {
    let folder = Folder::new();
    for (encoding, data) in [("raw", twelve()), ("gzip", gz(&twelve())), ("ascii", b"0 1 2 3 4 5 6 7 8 9 10 11".into())]
    {
        let nrrd = Nrrd::default().set("encoding", encoding);
        let (bytes, header) = (nrrd.file(&data), nrrd.header().len());
        for length in 9..bytes.len() - usize::from(encoding == "ascii") {
            let found = read(&folder.write("a.nrrd", &bytes[..length])).unwrap_err().fault;
            match found {
                _ if length <= header => {
                    // Cut within a line, what is left of it may be no field.
                    let of_header =
                        matches!(found, Fault::HeaderTruncated | Fault::Line { .. } | Fault::UnknownField { .. });
                    assert!(of_header, "{length}: {found}");
                }
                // Without one byte of data, there is nothing to inflate.
                Fault::File(FileFault::Truncated { promised: 24, .. }) => {
                    assert!(encoding != "gzip" || length == header + 1)
                }
                Fault::File(FileFault::GzipTruncated { .. }) => assert_eq!(encoding, "gzip"),
                Fault::File(FileFault::GzipDamaged { .. }) => assert_eq!((encoding, length), ("gzip", header + 2)),
                other => panic!("{encoding}, {length}: {other}"),
            }
        }
    }
}

#[test]
fn damaged_gzip_data_are_found() {
    let folder = Folder::new();
    let nrrd = Nrrd::default().set("encoding", "gzip");
    let packed = gz(&twelve());
    for (at, expected) in [(8, "checksum"), (4, "length")] {
        let mut packed = packed.clone();
        let at = packed.len() - at;
        packed[at] ^= 1;
        match fault(&folder.write("a.nrrd", &nrrd.file(&packed))) {
            Fault::File(FileFault::GzipChecksum { member: 1, .. }) => assert_eq!(expected, "checksum"),
            Fault::File(FileFault::GzipLength { member: 1, found: 24, .. }) => assert_eq!(expected, "length"),
            other => panic!("{other}"),
        }
    }
    let plain = fault(&folder.write("a.nrrd", &nrrd.file(&twelve())));
    assert!(matches!(plain, Fault::File(FileFault::GzipDamaged { .. })));
    match fault(&folder.write("a.nrrd", &nrrd.file(&gz(&twelve()[..20])))) {
        Fault::File(FileFault::Truncated { promised: 24, found: 20 }) => {}
        other => panic!("{other}"),
    }
}

#[test]
fn limits_hold_before_anything_is_allocated() {
    let folder = Folder::new();
    let path = folder.write("a.nrrd", &Nrrd::default().file(&twelve()));
    match load_nrrd::read(&path, 23).unwrap_err().fault {
        Fault::File(FileFault::TooLarge { promised: 24, limit: 23 }) => {}
        other => panic!("{other}"),
    }
    let huge = Nrrd::default().set("sizes", "4294967295 4294967295 4294967295");
    assert!(matches!(refused(&huge), Fault::File(FileFault::SizeOverflow { .. })));
    let large = Nrrd::default().set("sizes", "1000000 1000000 2");
    for encoding in ["raw", "gzip", "ascii"] {
        let data = if encoding == "gzip" { gz(&twelve()) } else { b"1 2 3 4".to_vec() };
        let path = folder.write("a.nrrd", &large.clone().set("encoding", encoding).file(&data));
        match load_nrrd::read(&path, u64::MAX).unwrap_err().fault {
            Fault::File(FileFault::Truncated { promised: 4_000_000_000_000, .. }) => {}
            other => panic!("{encoding}: {other}"),
        }
        assert!(matches!(load_nrrd::read(&path, LIMIT).unwrap_err().fault, Fault::File(FileFault::TooLarge { .. })));
    }
    let bomb = Nrrd::default().set("encoding", "gzip").file(&gz(&vec![0; 16 << 20]));
    match fault(&folder.write("a.nrrd", &bomb)) {
        Fault::File(FileFault::TrailingData { promised: 24, extra }) => assert!(extra <= 2 << 20, "{extra}"),
        other => panic!("{other}"),
    }
}

#[test]
fn fields_must_be_there_once_and_known() {
    for field in ["type", "dimension", "sizes", "encoding", "endian"] {
        match refused(&Nrrd::default().without(field)) {
            Fault::Missing { field: missing } => assert_eq!(missing, field),
            other => panic!("{field}: {other}"),
        }
    }
    let typo = Nrrd::default().without("space origin").set("space orgin", "(1,2,3)");
    assert!(matches!(refused(&typo), Fault::UnknownField { number: 11, found } if found == "space orgin"));
    let folder = Folder::new();
    let with_line = |line: &str| {
        let bytes = [Nrrd::default().header().as_bytes(), line.as_bytes(), b"\n\n", &twelve()].concat();
        fault(&folder.write("a.nrrd", &bytes))
    };
    assert!(matches!(with_line("sizes: 1 1 1"), Fault::Repeated { field: "sizes" }));
    assert!(matches!(with_line("no field"), Fault::Line { number: 12, .. }));
}

#[test]
fn values_must_be_what_the_format_says() {
    for (field, wrong) in [
        ("dimension", ["0", "17", "three", "-3"]),
        ("sizes", ["2 3", "2 3 0", "2 3 -2", "2 3 2 1"]),
        ("endian", ["middle", "", "1", "le"]),
        ("kinds", ["domain", "domain domain", "a b c d", "domain domain domain domain"]),
        ("line skip", ["-1", "x", "1.5", "1000"]),
        ("byte skip", ["-2", "x", "1.5", "1000"]),
        ("spacings", ["1 1", "1 1 1 1", "1 1 x", "(1,1,1)"]),
    ] {
        for wrong in wrong {
            match refused(&Nrrd::default().set(field, wrong)) {
                Fault::Value { field: found, .. } => assert_eq!(found, field, "{wrong}"),
                other => panic!("{field}: {wrong}: {other}"),
            }
        }
    }
    let skip = Nrrd::default().set("encoding", "gzip").set("byte skip", "-1");
    assert!(matches!(refused(&skip), Fault::Value { .. }));
}

#[test]
fn what_is_not_read_is_refused_by_name() {
    for (field, values) in [
        ("encoding", &["bzip2", "bz2", "hex", "zrl"][..]),
        ("type", &["block", "char", "float32", "complex"][..]),
        ("data file", &["LIST", "LIST 2", "slice%03d.raw 1 10 1", "s%d.raw 1 9 1 2", "SKIPLIST 2"][..]),
    ] {
        for value in values {
            match refused(&Nrrd::default().set(field, value)) {
                Fault::Unsupported { field: named, found, .. } => assert_eq!((named, found.as_str()), (field, *value)),
                other => panic!("{field}: {value}: {other}"),
            }
        }
    }
    let percent = Nrrd::default().set("data file", "50% done.raw");
    assert!(matches!(refused(&percent), Fault::DataFileMissing { wanted } if wanted.ends_with("50% done.raw")));
}

#[test]
fn series_layers_and_colours_are_refused_with_their_sizes() {
    let four = Nrrd::default().set("dimension", "4").set("sizes", "2 2 3 2").set("kinds", "list domain domain domain");
    let four = four.set("space directions", "none (1,0,0) (0,1,0) (0,0,1)");
    match refused(&four) {
        error @ Fault::NotOneVolume { .. } => {
            let text = error.to_string();
            assert!(text.contains("[2, 2, 3, 2]") && text.contains("list domain"), "{text}");
        }
        other => panic!("{other}"),
    }
    let colour = Nrrd::default().set("kinds", "RGB-color domain domain");
    assert!(matches!(refused(&colour), Fault::NotOneVolume { .. }));
    let line = Nrrd::default().set("dimension", "1").set("sizes", "12").set("kinds", "domain");
    let line = line.without("space directions").set("spacings", "1");
    assert!(matches!(refused(&line), Fault::NotOneVolume { .. }));
    let unnamed = Nrrd::default().set("dimension", "4").set("sizes", "2 3 1 2").without("kinds");
    let unnamed = unnamed.without("space directions").set("spacings", "1 1 1 1");
    assert!(matches!(refused(&unnamed), Fault::NotOneVolume { .. }));
}

#[test]
fn a_list_of_data_files_is_refused_as_what_it_is() {
    let list = Nrrd::default().set("data file", "LIST").header() + "slice-1.raw\nslice 2: the second.raw\n";
    let fault = fault(&Folder::new().write("a.nhdr", list.as_bytes()));
    assert!(matches!(&fault, Fault::Unsupported { field: "data file", found, .. } if found == "LIST"), "{fault}");
    assert!(fault.to_string().contains("expected one file; convert"), "{fault}");
}

#[test]
fn the_ends_of_the_axes_must_say_the_same_as_the_spacing() {
    let bare = Nrrd::default().without("space directions").set("spacings", "0.5 1 2");
    let folder = Folder::new();
    let write = |nrrd: &Nrrd| folder.write("a.nrrd", &nrrd.file(&twelve()));
    for (mins, maxs) in [("0 0 0", "1 3 4"), ("0 0 0", "0.5 2 2"), ("nan nan nan", "nan nan nan"), ("1 3 4", "0 0 0")] {
        assert!(read(&write(&bare.clone().set("axis mins", mins).set("axis maxs", maxs))).is_ok(), "{mins} {maxs}");
    }
    let other = bare.set("axis mins", "0 0 0").set("axis maxs", "1 3 3");
    match fault(&write(&other)) {
        fault @ Fault::AxisContradiction { axis: 2, spacing: 2.0, by_ends: [1.5, 3.0] } => {
            assert!(fault.to_string().contains("delete what is wrong"), "{fault}");
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_data_file_at_fault_is_named() {
    let folder = Folder::new();
    let path = folder.write("a.nhdr", Nrrd::default().set("data file", "a.raw").header().as_bytes());
    assert!(matches!(fault(&path), Fault::DataFileMissing { wanted } if wanted == folder.path("a.raw")));
    folder.write("a.raw", &twelve()[..20]);
    let error = read(&path).unwrap_err();
    assert_eq!(error.path, folder.path("a.raw"));
    assert!(matches!(error.fault, Fault::File(FileFault::Truncated { promised: 24, found: 20 })));
}

#[test]
fn texts_that_are_no_numbers_of_the_type() {
    let folder = Folder::new();
    let ascii = Nrrd::default().set("encoding", "ascii");
    for (word, name) in [("40000", "short"), ("1.5", "short"), ("x", "double"), ("-1", "uchar"), ("256", "uint8")] {
        let text = format!("0 1 {word} 3 4 5 6 7 8 9 10 11");
        match fault(&folder.write("a.nrrd", &ascii.clone().set("type", name).file(text.as_bytes()))) {
            Fault::Number { index: 2, found, .. } => assert_eq!(found, word),
            other => panic!("{other}"),
        }
    }
    let endless = "1".repeat(200_000);
    assert!(matches!(fault(&folder.write("a.nrrd", &ascii.file(endless.as_bytes()))), Fault::Number { index: 0, .. }));
}

#[test]
fn layers_that_are_not_there_are_refused() {
    let layered = |layers: &[&str]| {
        let four =
            Nrrd::default().set("dimension", "4").set("sizes", "2 2 3 1").set("kinds", "list domain domain domain");
        let four = four.set("space directions", "none (1,0,0) (0,1,0) (0,0,1)");
        layers.iter().enumerate().fold(four, |nrrd, (number, layer)| {
            let key = |what: &str| format!("Segment{number}_{what}:=");
            let nrrd = nrrd.set(&key("Name"), &format!("s{number}")).set(&key("LabelValue"), "1");
            if layer.is_empty() { nrrd } else { nrrd.set(&key("Layer"), layer) }
        })
    };
    let folder = Folder::new();
    let read = |nrrd: &Nrrd| load_nrrd::read_layers(&folder.write("a.seg.nrrd", &nrrd.file(&twelve())), common::LIMIT);
    assert!(read(&layered(&["0", "1"])).is_ok());
    for layers in [&["0", "2"][..], &["0", "1", ""], &["0", "x"], &["0", "1", "1"]] {
        assert!(matches!(read(&layered(layers)).unwrap_err().fault, Fault::Value { .. }), "{layers:?}");
    }
    // Without a segment for each layer, and as an image, it is a series.
    assert!(matches!(read(&layered(&["0"])).unwrap_err().fault, Fault::NotOneVolume { .. }));
    assert!(matches!(refused(&layered(&["0", "1"])), Fault::NotOneVolume { .. }));
}

#[test]
fn segments_that_could_be_mistaken_are_refused() {
    let two = Nrrd::default().set("Segment0_Name:=", "a").set("Segment1_Name:=", "b");
    for (key, value) in [("Segment0_LabelValue:=", "1"), ("Segment1_LabelValue:=", "x"), ("Segment1_Layer:=", "1")] {
        assert!(matches!(refused(&two.clone().set(key, value)), Fault::Value { .. }), "{key}");
    }
    let same = two.set("Segment0_LabelValue:=", "1").set("Segment1_LabelValue:=", "1");
    assert!(refused(&same).to_string().contains("another label than that of \"a\""));
}
