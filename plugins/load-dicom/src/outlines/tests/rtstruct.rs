use dicom_core::{PrimitiveValue, VR};
use dicom_dictionary_std::{tags, uids};
use dicom_object::InMemDicomObject;
use serde_json::json;
use voxomics_imaging::Grid;
use voxomics_sdk::Selection;

use crate::outlines::testing::{Answer, Random, Written, decimals, grids, load, load_with, object, whole, with, write};

/// A contour: its kind, and its points, mm.
pub type Contour = (&'static str, Vec<[f64; 3]>);

pub fn contour((kind, points): Contour) -> InMemDicomObject {
    object([
        (tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, PrimitiveValue::from(kind)),
        (tags::NUMBER_OF_CONTOUR_POINTS, VR::IS, points.len().to_string().into()),
        (tags::CONTOUR_DATA, VR::DS, decimals(points.into_iter().flatten())),
    ])
}

pub fn structures(regions: Vec<(i32, &str, Vec<InMemDicomObject>)>, series: Option<&str>) -> Written {
    let class = (tags::SOP_CLASS_UID, VR::UI, uids::RT_STRUCTURE_SET_STORAGE.into());
    let listed = regions.iter().map(|(number, name, _)| {
        object([(tags::ROI_NUMBER, VR::IS, number.to_string().into()), (tags::ROI_NAME, VR::LO, (*name).into())])
    });
    let mut file = with(object([class]), tags::STRUCTURE_SET_ROI_SEQUENCE, listed.collect());
    if let Some(uid) = series {
        let series = object([(tags::SERIES_INSTANCE_UID, VR::UI, uid.into())]);
        let study = with(object([]), tags::RT_REFERENCED_SERIES_SEQUENCE, vec![series]);
        let frame = with(object([]), tags::RT_REFERENCED_STUDY_SEQUENCE, vec![study]);
        file = with(file, tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, vec![frame]);
    }
    let drawn = regions.into_iter().map(|(number, _, contours)| {
        let item = object([(tags::REFERENCED_ROI_NUMBER, VR::IS, number.to_string().into())]);
        if contours.is_empty() { item } else { with(item, tags::CONTOUR_SEQUENCE, contours) }
    });
    write(with(file, tags::ROI_CONTOUR_SEQUENCE, drawn.collect()), uids::IMPLICIT_VR_LITTLE_ENDIAN)
}

pub fn drawn(contours: Vec<Contour>, grid: &Grid) -> Answer {
    let file = structures(vec![(1, "GTV", contours.into_iter().map(contour).collect())], None);
    load(&file.0, Some(grid), &["GTV"])
}

/// A polygon on a slice, from continuous indices.
pub fn polygon(grid: &Grid, height: f64, vertices: &[[f64; 2]]) -> Contour {
    ("CLOSED_PLANAR", vertices.iter().map(|[x, y]| grid.point([*x, *y, height])).collect())
}

pub fn square(grid: &Grid, height: f64, lower: f64, upper: f64) -> Contour {
    polygon(grid, height, &[[lower, lower], [upper, lower], [upper, upper], [lower, upper]])
}

/// Inside by the even-odd rule, in millimetres along the axes of the slice.
fn inside(contours: &[&Vec<[f64; 3]>], grid: &Grid, voxel: [usize; 3]) -> bool {
    let centre = grid.point(voxel.map(|i| i as f64));
    let in_plane = |point: &[f64; 3]| {
        [0, 1, 2].map(|axis| (0..3).map(|i| (point[i] - centre[i]) * grid.direction[axis][i]).sum::<f64>())
    };
    let mut crossings = 0;
    for contour in contours {
        let points: Vec<[f64; 3]> = contour.iter().map(in_plane).collect();
        for (i, a) in points.iter().enumerate() {
            let b = points[(i + 1) % points.len()];
            let crosses = (a[1] > 0.0) != (b[1] > 0.0);
            crossings += usize::from(crosses && a[0] + (0.0 - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) < 0.0);
        }
        assert!(points.iter().all(|point| point[2].abs() < 1e-6), "contours of this slice");
    }
    crossings % 2 == 1
}

#[test]
fn random_outlines_agree_with_the_definition_on_every_kind_of_grid() {
    let mut random = Random::new(17);
    for grid in grids([14, 11, 6]) {
        let contours: Vec<(usize, Contour)> = (0..9)
            .map(|_| {
                let slice = 1 + random.below(4);
                let mut at = |n: usize| random.below(n * 1000) as f64 / 1000.0 - 1.0 + 1.7e-4;
                let vertices: Vec<[f64; 2]> = (0..9).map(|_| [at(15), at(12)]).collect();
                (slice, polygon(&grid, slice as f64, &vertices))
            })
            .collect();
        let mask = drawn(contours.iter().map(|(_, contour)| contour.clone()).collect(), &grid).mask(&grid);
        for (i, voxel) in mask.iter().enumerate() {
            let at = [i % 14, i / 14 % 11, i / 14 / 11];
            let own: Vec<&Vec<[f64; 3]>> =
                contours.iter().filter(|(slice, _)| *slice == at[2]).map(|(_, (_, points))| points).collect();
            assert_eq!(*voxel == 1, inside(&own, &grid, at), "voxel {at:?} of {grid:?}");
        }
        assert!(mask.iter().filter(|voxel| **voxel == 1).count() > 50);
    }
}

#[test]
fn regions_overlap_and_are_chosen_by_name_and_number() {
    let [grid, ..] = grids([12, 12, 3]);
    let regions = || {
        vec![
            (7, "GTV-1", vec![contour(square(&grid, 1.0, 1.5, 5.5)), contour(square(&grid, 1.0, 2.5, 4.5))]),
            (0, "PTV", vec![contour(square(&grid, 1.0, 0.5, 8.5)), contour(square(&grid, 2.0, 0.5, 8.5))]),
            (300, "Isocentre", vec![contour(("POINT", vec![[0.0; 3]]))]),
            (4, "Empty", vec![]),
        ]
    };
    let file = structures(regions(), None);
    let answer = load(&file.0, Some(&grid), &[]);
    let counts = |answer: &Answer| -> Vec<(String, f64, usize)> {
        let segmentations = answer.loaded().segmentations.iter();
        segmentations
            .map(|one| {
                let [region] = one.regions.as_slice() else { panic!("one name") };
                let [scaling] = one.labels.scaling.as_slice() else { panic!("one scaling") };
                assert_eq!((scaling.slope, scaling.intercept), (region.label, 0.0));
                (region.name.clone(), region.label, whole(one, &grid).iter().map(|v| usize::from(*v)).sum())
            })
            .collect()
    };
    assert_eq!(counts(&answer), [("GTV-1".into(), 7.0, 16 - 4), ("PTV".into(), 301.0, 128)]);
    assert!(answer.warnings().contains("its label is 301"), "{}", answer.warnings());
    let listed = json!([
        { "number": 7, "name": "GTV-1" },
        { "number": 0, "name": "PTV" },
        { "number": 300, "name": "Isocentre" },
        { "number": 4, "name": "Empty" }
    ]);
    assert_eq!(answer.loaded().metadata["regions"], listed);
    assert_eq!(counts(&load(&file.0, Some(&grid), &["#7"])), [("GTV-1".into(), 7.0, 12)]);
    assert_eq!(counts(&load(&file.0, Some(&grid), &["?TV-*", "nobody"])), [("GTV-1".into(), 7.0, 12)]);
    let none = load(&file.0, Some(&grid), &["Liver"]).error();
    assert!(
        none.contains("`Liver`") && none.contains("`#7 GTV-1`, `#0 PTV`") && none.contains("`#4 Empty` (nothing"),
        "{none}"
    );
    assert!(load(&file.0, Some(&grid), &["Empty"]).error().contains("`Empty` has no contours"));
    assert!(load(&file.0, Some(&grid), &["Isocentre"]).error().contains("has 1 contour, but it is not closed"));
    assert!(load(&file.0, Some(&grid), &["E*", "#7"]).warnings().contains("`Empty` has no contours"));
    assert!(load(&file.0, None, &["#7"]).error().contains("the image that it was drawn on is needed"));
    let same = structures(vec![(1, "A", vec![contour(square(&grid, 1.0, 0.5, 3.5))]), (1, "B", vec![])], None);
    assert!(load(&same.0, Some(&grid), &["A"]).error().contains("`A` and `B` both have the number 1"));
    let twins = vec![
        (1, "A", vec![contour(square(&grid, 1.0, 0.5, 3.5))]),
        (2, "A", vec![contour(square(&grid, 1.0, 0.5, 2.5))]),
    ];
    assert_eq!(
        counts(&load(&structures(twins, None).0, Some(&grid), &["A"])),
        [("A".into(), 1.0, 9), ("A".into(), 2.0, 4)]
    );
}

#[test]
fn contours_off_the_slices_are_told_of_or_refused() {
    for grid in grids([12, 12, 5]) {
        let near = drawn(vec![square(&grid, 1.015, 1.5, 4.5), square(&grid, 2.0, 1.5, 4.5)], &grid);
        assert_eq!((near.mask(&grid).iter().filter(|v| **v == 1).count(), near.warnings().as_str()), (18, ""));
        let between = drawn(vec![square(&grid, 1.3, 1.5, 4.5), square(&grid, 2.3, 1.5, 4.5)], &grid);
        assert!(
            between.warnings().contains("2 of 2 contours lie between the image's slices, up to 0.900 mm"),
            "{}",
            between.warnings()
        );
        let mixed = drawn(
            vec![square(&grid, 2.0, 1.5, 8.5), square(&grid, 2.5, 1.5, 4.5), square(&grid, 3.0, 1.5, 8.5)],
            &grid,
        );
        assert!(
            mixed.error().contains("1.500 mm apart that fall onto the same slice") && mixed.error().contains("index 3"),
            "{}",
            mixed.error()
        );
        let tilted = |rise: f64| {
            let mut tilted = square(&grid, 2.0, 1.5, 9.5);
            let top = grid.point([0.0, 0.0, rise / grid.spacing[2]]);
            for point in &mut tilted.1[2..] {
                (0..3).for_each(|axis| point[axis] += top[axis] - grid.origin[axis]);
            }
            drawn(vec![tilted], &grid)
        };
        // 8 voxels of 1.1 mm: a rise of 0.88 mm is a tenth.
        assert!(tilted(0.88).error().contains("an angle of 5.71° to the slices"), "{}", tilted(0.88).error());
        assert_eq!(tilted(0.05).mask(&grid).iter().filter(|v| **v == 1).count(), 64);
        let mut saddle = square(&grid, 2.0, 1.5, 9.5);
        saddle.1[1] = grid.point([9.5, 1.5, 2.4]);
        saddle.1[3] = grid.point([1.5, 9.5, 2.4]);
        assert!(drawn(vec![saddle], &grid).error().contains("is not flat"));
        let gaps = drawn(
            vec![square(&grid, 0.0, 1.5, 4.5), square(&grid, 2.0, 1.5, 4.5), square(&grid, 4.0, 1.5, 4.5)],
            &grid,
        );
        assert!(gaps.warnings().contains("2 of the 5 slices"), "{}", gaps.warnings());
        let twice = drawn(vec![square(&grid, 1.0, 1.5, 4.5), square(&grid, 1.0, 1.5, 4.5)], &grid);
        assert!(twice.warnings().contains("1 of 2 contours are there twice"));
        assert_eq!(twice.mask(&grid).iter().filter(|v| **v == 1).count(), 9);
    }
}

#[test]
fn contours_beyond_the_image_are_told_of_or_refused() {
    let [grid, ..] = grids([12, 12, 3]);
    let partly =
        drawn(vec![square(&grid, -1.0, 1.5, 4.5), square(&grid, 0.0, -5.5, 4.5), square(&grid, 3.0, 1.5, 4.5)], &grid);
    assert!(
        partly.warnings().contains("2 of 3 contours are beyond the image's first or last slice, and 1 reach"),
        "{}",
        partly.warnings()
    );
    assert_eq!(partly.mask(&grid).iter().filter(|v| **v == 1).count(), 25);
    for contours in [vec![square(&grid, 7.0, 1.5, 4.5)], vec![square(&grid, 1.0, 30.5, 34.5)]] {
        let error = drawn(contours, &grid).error();
        assert!(
            error.contains("no voxel inside the image") && error.contains("the image fills [-121.0, -110.2] × "),
            "{error}"
        );
    }
    let tiny = drawn(vec![square(&grid, 1.0, 1.1, 1.9)], &grid).error();
    assert!(tiny.contains("is empty: its 1 contours enclose no voxel's centre"), "{tiny}");
}

/// On an oblique grid, points that were rounded to 0.1 mm lie up to 0.09 mm off their plane.
#[test]
fn rounded_contours_stay_on_their_slices() {
    for grid in grids([14, 14, 5]) {
        let outlines = |round: f64| {
            let slice = |z: f64| {
                let (kind, points) = polygon(&grid, z, &[[1.3, 2.2], [9.4, 1.4], [11.3, 8.3], [4.3, 11.4]]);
                (kind, points.into_iter().map(|point| point.map(|mm| (mm / round).round() * round)).collect())
            };
            drawn(vec![slice(1.0), slice(2.0), slice(3.0)], &grid)
        };
        let [exact, rounded] = [1e-6, 0.1].map(outlines);
        assert_eq!(rounded.mask(&grid), exact.mask(&grid));
        let warnings = rounded.warnings();
        assert!(warnings.is_empty() || warnings.contains("lie between the image's slices, up to 0.0"), "{warnings}");
    }
}

#[test]
fn a_contour_of_no_known_kind_is_refused_and_one_that_is_open_told_of() {
    let [grid, ..] = grids([12, 12, 4]);
    let of_kind = |kind: &'static str| {
        let (_, points) = square(&grid, 2.0, 1.5, 4.5);
        drawn(vec![square(&grid, 1.0, 1.5, 4.5), (kind, points)], &grid)
    };
    for kind in ["CLOSED PLANAR", "CLOSED_PLANAP", "closed_planar", "OPEN", ""] {
        let error = of_kind(kind).error();
        let named = format!("number 2, whose ContourGeometricType is \"{kind}\", expected one of CLOSED_PLANAR");
        assert!(error.contains("`GTV`") && error.contains(&named), "{error}");
    }
    for (kind, voxels, warnings) in [
        ("CLOSED_PLANAR", 18, None),
        ("CLOSEDPLANAR_XOR", 18, None),
        ("OPEN_PLANAR", 9, Some("1 of 2 contours are open")),
        ("OPEN_NONPLANAR", 9, Some("1 of 2 contours are open")),
    ] {
        let answer = of_kind(kind);
        assert_eq!(answer.mask(&grid).iter().filter(|v| **v == 1).count(), voxels, "{kind}");
        let told = answer.warnings();
        assert!(warnings.map_or(told.is_empty(), |words| told.contains(words)), "{kind}: {told}");
    }
    let point = drawn(vec![square(&grid, 1.0, 1.5, 4.5), ("POINT", vec![grid.point([2.0; 3])])], &grid);
    assert_eq!((point.mask(&grid).iter().filter(|v| **v == 1).count(), point.warnings().as_str()), (9, ""));
}

#[test]
fn outlines_of_another_series_are_refused() {
    let [grid, ..] = grids([12, 12, 3]);
    let file = structures(vec![(1, "A", vec![contour(square(&grid, 1.0, 0.5, 3.5))])], Some("1.2.3.4"));
    let of = |uid: &str| {
        load_with(&file.0, Some(&grid), Selection { series: Some(uid.into()), regions: Vec::new() }, 1 << 30)
    };
    assert_eq!(of("1.2.3.4").mask(&grid).iter().filter(|v| **v == 1).count(), 9);
    let error = of("1.2.3.5").error();
    assert!(error.contains("drawn on the series 1.2.3.4, but the image is the series 1.2.3.5"), "{error}");
}

#[test]
fn a_region_of_another_frame_of_reference_is_not_drawn() {
    let grid = grids([9, 9, 3])[0];
    let square = |lower, upper| vec![contour(square(&grid, 1.0, lower, upper))];
    let region = |number: &str, frame: &str| {
        object([
            (tags::ROI_NUMBER, VR::IS, number.into()),
            (tags::ROI_NAME, VR::LO, format!("GTV\\{number}").into()),
            (tags::REFERENCED_FRAME_OF_REFERENCE_UID, VR::UI, frame.into()),
        ])
    };
    let frame = |frame: &str, series: &str| {
        let series = object([(tags::SERIES_INSTANCE_UID, VR::UI, series.into())]);
        let study = with(object([]), tags::RT_REFERENCED_SERIES_SEQUENCE, vec![series]);
        let on_frame = object([(tags::FRAME_OF_REFERENCE_UID, VR::UI, frame.into())]);
        with(on_frame, tags::RT_REFERENCED_STUDY_SEQUENCE, vec![study])
    };
    let drawn = |number: &str, contours| {
        with(object([(tags::REFERENCED_ROI_NUMBER, VR::IS, number.into())]), tags::CONTOUR_SEQUENCE, contours)
    };
    let file = object([(tags::SOP_CLASS_UID, VR::UI, uids::RT_STRUCTURE_SET_STORAGE.into())]);
    let regions = vec![region("1", "1.2.9"), region("2", "1.2.10")];
    let file = with(file, tags::STRUCTURE_SET_ROI_SEQUENCE, regions);
    let frames = vec![frame("1.2.9", "1.2.2"), frame("1.2.10", "1.2.3")];
    let file = with(file, tags::REFERENCED_FRAME_OF_REFERENCE_SEQUENCE, frames);
    let contours = vec![drawn("1", square(1.2, 4.7)), drawn("2", square(2.2, 6.7))];
    let file = write(with(file, tags::ROI_CONTOUR_SEQUENCE, contours), uids::IMPLICIT_VR_LITTLE_ENDIAN);
    let load = |regions: &[&str]| {
        let regions = regions.iter().map(|region| (*region).to_owned()).collect();
        load_with(&file.0, Some(&grid), Selection { series: Some("1.2.2".into()), regions }, 1 << 20)
    };
    for regions in [&[][..], &["GTV\\1"]] {
        let answer = load(regions);
        let names: Vec<&str> = answer.loaded().segmentations.iter().map(|one| one.labels.name.as_str()).collect();
        assert_eq!(names, ["GTV\\1"]);
    }
    for regions in [&["GTV\\2"][..], &["GTV*"]] {
        assert!(load(regions).error().contains("`GTV\\2` was drawn in the frame of reference of the series 1.2.3"));
    }
}

#[test]
fn contours_that_overlap_in_part_are_told_of() {
    let grid = grids([12, 12, 3])[0];
    let warnings = |contours| drawn(contours, &grid).warnings();
    let pair = warnings(vec![square(&grid, 1.0, 1.2, 5.7), square(&grid, 1.0, 3.2, 8.7)]);
    assert!(pair.contains("1 pair of contours"), "{pair}");
    let nested = vec![square(&grid, 1.0, 1.2, 8.7), square(&grid, 1.0, 3.2, 5.7), square(&grid, 1.0, 9.2, 10.7)];
    assert_eq!(warnings(nested), "", "a hole and an island");
    assert_eq!(warnings(vec![square(&grid, 0.0, 1.2, 5.7), square(&grid, 1.0, 3.2, 8.7)]), "", "other slices");
}

#[test]
fn hostile_outlines_are_refused() {
    let [grid, ..] = grids([12, 12, 3]);
    let with_data = |count: &str, data: PrimitiveValue| {
        let item = object([
            (tags::CONTOUR_GEOMETRIC_TYPE, VR::CS, PrimitiveValue::from("CLOSED_PLANAR")),
            (tags::NUMBER_OF_CONTOUR_POINTS, VR::IS, count.into()),
            (tags::CONTOUR_DATA, VR::DS, data),
        ]);
        let file = structures(vec![(1, "A", vec![item])], None);
        load(&file.0, Some(&grid), &[]).error()
    };
    let far = with_data("3", "0\\0\\0\\1e300\\0\\0\\0\\1\\0".into());
    assert!(far.contains("further away than any image"), "{far}");
    assert!(with_data("3", "0\\0\\nan\\1\\0\\0\\0\\1\\0".into()).contains("ContourData"));
    assert!(with_data("3", "0\\0\\0\\1\\0\\0\\0\\1".into()).contains("of 8 coordinates, expected 3 points"));
    assert!(with_data("4", "0\\0\\0\\1\\0\\0\\0\\1\\0".into()).contains("of 9 coordinates, expected 4 points"));
    let file = structures(vec![(1, "A", vec![contour(square(&grid, 1.0, 0.5, 3.5))])], None);
    let small = load_with(&file.0, Some(&grid), Selection::default(), 8);
    assert!(small.error().contains("need 9 bytes or more, the limit is 8"), "{}", small.error());
}
