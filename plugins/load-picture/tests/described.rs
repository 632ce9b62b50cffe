//! TIFFs whose description says what their pages are, as ImageJ 1.54 and tifffile 2026.3 write it.

mod common;

use common::{half_mm, image, tiff, values};
use load_picture::{Fault, Options};

const THREE: [[u16; 6]; 3] = [[1; 6], [2; 6], [3; 6]];

fn with_slices() -> Options {
    Options { slice_mm: Some(3.0), ..half_mm() }
}

fn ome(size: &str) -> String {
    let namespace = "http://www.openmicroscopy.org/Schemas/OME/2016-06";
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><OME xmlns=\"{namespace}\"><Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" \
         DimensionOrder=\"XYCZT\" Type=\"uint16\" SizeX=\"3\" SizeY=\"2\" {size}><Channel ID=\"Channel:0:0\" \
         SamplesPerPixel=\"1\"/><TiffData/></Pixels></Image></OME>"
    )
}

#[test]
fn slices_are_as_far_apart_as_the_description_says() {
    let bare = Options::default();
    let image_j = "ImageJ=1.54\nimages=3\nslices=3\nunit=mm\nspacing=2.5\nloop=false\n".to_owned();
    let in_xml = ome(
        "SizeZ=\"3\" SizeC=\"1\" SizeT=\"1\" PhysicalSizeX=\"500\" PhysicalSizeY=\"0.5\" PhysicalSizeYUnit=\"mm\" \
         PhysicalSizeZ=\"2500.0\"",
    );
    for description in [image_j, in_xml] {
        let file = tiff(&THREE, Some([20, 20]), Some(&description));
        let (scan, notes) = image("a.tif", &file, &bare).expect("a volume");
        assert_eq!((scan.grid.dims, values(&scan)), ([3, 2, 3], THREE.concat().into_iter().map(f64::from).collect()));
        let far =
            scan.grid.spacing.iter().zip([0.5, 0.5, 2.5]).map(|(found, mm)| (found - mm).abs()).fold(0.0, f64::max);
        assert!(far < 1e-12 && notes.iter().any(|note| note.contains("slices every 2.5 mm")), "{notes:?}");
        let (scan, notes) = image("a.tif", &file, &with_slices()).expect("a volume");
        assert_eq!(scan.grid.spacing, [0.5, 0.25, 3.0]);
        assert_eq!(notes.iter().filter(|note| note.contains("the setting counts")).count(), 2, "{notes:?}");
        let (scan, _) = image("a.tif", &file, &Options { page: Some(2), ..bare }).expect("a page");
        assert_eq!((scan.grid.dims, values(&scan)), ([3, 2, 1], vec![2.0; 6]));
    }
}

#[test]
fn channels_and_times_are_no_slices() {
    let one_of = Options { page: Some(3), ..half_mm() };
    for description in [
        "ImageJ=1.54\nimages=3\nchannels=3\nhyperstack=true\nmode=composite\n".to_owned(),
        "ImageJ=1.54\nimages=3\nframes=3\nhyperstack=true\n".to_owned(),
        "ImageJ=1.54\nchannels=3\nslices=1\n".to_owned(),
        ome("SizeZ=\"1\" SizeC=\"3\" SizeT=\"1\""),
        ome("SizeC=\"1\" SizeT=\"3\" SizeZ=\"1\""),
    ] {
        let file = tiff(&THREE, None, Some(&description));
        let refused = image("a.tif", &file, &with_slices()).map(|_| ());
        assert!(
            matches!(&refused, Err(Fault::Unsupported { found, .. }) if found.contains("channels or times")),
            "{description}: {refused:?}"
        );
        assert_eq!(image("a.tif", &file, &one_of).map(|(scan, _)| values(&scan)).ok(), Some(vec![3.0; 6]));
    }
    // What says nothing of channels is a stack.
    for description in ["ImageJ=1.54\nimages=3\nslices=3\n", "ImageJ=1.54\nimages=3\n", "ImageJ=1.54\n", "a knee"] {
        assert!(image("a.tif", &tiff(&THREE, None, Some(description)), &with_slices()).is_ok(), "{description}");
    }
    let of_others = tiff(&THREE[..1], None, Some(&ome("SizeZ=\"9\" SizeC=\"1\" SizeT=\"1\"")));
    assert!(image("a.tif", &of_others, &half_mm()).is_ok(), "the other planes lie in other files");
}

/// ImageJ lists the first page alone of a file above 4 GB.
#[test]
fn pages_that_no_directory_lists_are_missed() {
    let file = tiff(&THREE[..1], None, Some("ImageJ=1.54\nimages=3\nslices=3\n"));
    let refused = image("a.tif", &file, &with_slices()).map(|_| ());
    assert!(
        matches!(&refused, Err(Fault::Unsupported { found, .. }) if found.contains("lists 1 page, and ImageJ's")),
        "{refused:?}"
    );
    assert!(image("a.tif", &file, &Options { page: Some(1), ..half_mm() }).is_ok());
}
