//! Which outlines of a patient are one lesion, where the list of cases does not know: by overlap, and by the distance of their centres.

use std::{collections::HashMap, path::Path};

use voxomics_imaging::{
    View,
    matching::{self, Affine, Body, Links},
};

use super::{
    days::between,
    timeline::{Fate, Origin, State},
};
use crate::{
    cases::Case,
    experiment::course::{Frame, Match},
    host::CaseHost,
    plan::Plan,
    stages::{Fault, delineate, found::Found, load},
};

/// The outlines of a region in a case.
#[derive(Debug, Clone)]
pub struct OfCase {
    /// The frame of reference in which the scan lies, if its file tells (`FrameOfReferenceUID` of DICOM).
    pub frame: Option<String>,
    /// The outlines, each with the number of its component.
    pub bodies: Vec<(Option<usize>, Body)>,
}

/// Under which name a loader tells the frame of reference.
const FRAME: &str = "FrameOfReferenceUID";

/// The outlines of a region in a case.
///
/// # Errors
/// Why they cannot be had.
pub fn outlines(plan: &Plan, case: &Case, host: &CaseHost) -> Result<OfCase, String> {
    let course = plan.course.as_ref().ok_or("there is no [course]")?;
    let stated = course.stated.matching.as_ref().ok_or("there is no [course.match]")?;
    let into = into_frame(stated, case)?;
    let scan = plan.scans().first().copied().flatten();
    let fail = |fault: Fault| format!("{}: {}", fault.stage, fault.message);
    let (image, masks) = load::case(plan, scan, case, host).map_err(fail)?;
    let delineated = delineate::case(plan, scan, case, &image, masks, host).map_err(fail)?;
    let body = |found: &Found| {
        let grid = delineated.space.grid.crop(found.part);
        let body = Body::new(&grid, View::new(grid.dims, &found.mask), into);
        body.map(|body| (found.component, body)).ok_or_else(|| "the outline has no voxel".to_owned())
    };
    let bodies = delineated.seen().into_iter().filter(|found| found.region == course.region).map(body);
    let bodies = bodies.collect::<Result<_, String>>()?;
    let frame = image.metadata.get(FRAME).and_then(|uid| uid.as_str()).filter(|uid| !uid.trim().is_empty());
    Ok(OfCase { frame: frame.map(str::to_owned), bodies })
}

/// What carries the points of a case into the frame in which the lesions of its patient are compared.
fn into_frame(stated: &Match, case: &Case) -> Result<Affine, String> {
    match &stated.frame {
        Frame::Same | Frame::Scan => Ok(Affine::IDENTITY),
        Frame::Transform { column, folder } => {
            let cell = case.covariate(&column.value).map(str::trim).filter(|cell| !cell.is_empty());
            let name = cell.ok_or_else(|| format!("the list of cases has no `{}` for it", column.value))?;
            transform(&folder.join(name))
        }
    }
}

/// Reads a transform: four rows of four numbers, which carry a point (x, y, z, 1) in mm, LPS.
///
/// # Errors
/// What is wrong with the file.
pub fn transform(path: &Path) -> Result<Affine, String> {
    let fail = |what: String| format!("the transform {}: {what}", path.display());
    let text = std::fs::read_to_string(path).map_err(|cause| fail(format!("it cannot be read: {cause}")))?;
    let numbers: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse::<f64>).collect();
    let numbers = numbers.map_err(|_| fail("it holds something else than numbers".into()))?;
    let [a, b, c, d, e, f, g, h, i, j, k, l, 0.0, 0.0, 0.0, 1.0] = numbers[..] else {
        let expected = "expected 16 numbers, row after row, of which the last four are 0 0 0 1";
        return Err(fail(format!("{expected}; it has {}", numbers.len())));
    };
    let affine = Affine([[a, b, c, d], [e, f, g, h], [i, j, k, l]]);
    match affine.inverse() {
        Some(_) if numbers.iter().all(|number| number.is_finite()) => Ok(affine),
        _ => Err(fail("it flattens space".into())),
    }
}

/// An outline that is to be matched.
#[derive(Debug, Clone)]
pub struct Outlined {
    /// The case.
    pub case: String,
    /// Number of the component, where each is a lesion.
    pub component: Option<usize>,
    /// The day.
    pub day: f64,
    /// The frame of reference that its scan tells.
    pub frame: Option<String>,
    /// Its voxels, or why they cannot be had.
    pub body: Result<Body, String>,
}

impl Outlined {
    /// Those of a case; one that says why there are none, if there are none.
    pub fn each(case: &str, day: f64, outlines: Result<OfCase, String>) -> Vec<Self> {
        let one = |component: Option<usize>, frame: Option<String>, body: Result<Body, String>| Self {
            case: case.to_owned(),
            component,
            day,
            frame,
            body,
        };
        match outlines {
            Err(why) => vec![one(None, None, Err(why))],
            Ok(of) if of.bodies.is_empty() => vec![one(None, of.frame, Err("the region has no outline".into()))],
            Ok(OfCase { frame, bodies }) => {
                bodies.into_iter().map(|(component, body)| one(component, frame.clone(), Ok(body))).collect()
            }
        }
    }
}

/// The lesions of a patient, by case and component, and what became of them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matched {
    /// The lesion that an outline is, and what it came of, if it came of others.
    pub names: HashMap<(String, Option<usize>), (String, Option<Origin>)>,
    /// Lesions that were there before and have no outline of their own any more.
    pub fates: Vec<Fate>,
    /// Cases that cannot be matched, and why not.
    pub lost: Vec<(String, String)>,
}

/// A lesion of the last time point.
struct Known {
    name: String,
    body: Body,
}

/// Names the lesions of a patient: 1, 2, … in the order in which they are first seen. A time point of which one outline cannot be had is
/// left out: nobody could tell whether a lesion has gone or was not read.
pub fn name(stated: &Match, same_visit_days: f64, outlined: Vec<Outlined>) -> Matched {
    let mut matched = Matched::default();
    let mut known: Option<Vec<Known>> = None;
    let mut count = 0;
    // The frame of reference, and the case that tells it.
    let mut frame: Option<(String, String)> = None;
    for mut visit in by_visit(same_visit_days, outlined) {
        let told = refuse_other_frames(&stated.frame, frame.clone(), &mut visit);
        refuse_twice(stated, &mut visit);
        let failed = visit.iter().find_map(|one| Some((one.case.clone(), one.body.as_ref().err()?.clone())));
        if let Some((case, why)) = failed {
            let mut lost: Vec<String> = visit.into_iter().map(|one| one.case).collect();
            lost.dedup();
            let reason = |of: &String| match *of == case {
                true => format!("it cannot be matched: {why}"),
                false => format!("its time point cannot be matched: {case}: {why}"),
            };
            matched.lost.extend(lost.into_iter().map(|of| (of.clone(), reason(&of))));
            continue;
        }
        frame = told;
        let day = visit.iter().map(|one| one.day).fold(f64::INFINITY, f64::min);
        let mut came: Vec<(String, Option<Origin>)> = vec![(String::new(), None); visit.len()];
        if let Some(known) = &known {
            let before: Vec<&Body> = known.iter().map(|known| &known.body).collect();
            let after: Vec<&Body> = visit.iter().filter_map(|one| one.body.as_ref().ok()).collect();
            let links = matching::link(&before, &after, stated.overlap, stated.limit_mm);
            inherit(known, &links, &mut came);
            matched.fates.extend(fates(known, &links, day));
        }
        let mut here = Vec::new();
        for (one, (mut name, origin)) in visit.into_iter().zip(came) {
            let Ok(body) = one.body else { continue };
            if name.is_empty() {
                count += 1;
                name = count.to_string();
            }
            here.push(Known { name: name.clone(), body });
            matched.names.insert((one.case, one.component), (name, origin));
        }
        known = Some(here);
    }
    matched
}

/// Refuses outlines whose scans lie in another frame of reference than those before, or among each other: places in one mean nothing in
/// the other. Gives the frame, and the case that tells it.
fn refuse_other_frames(
    stated: &Frame,
    mut frame: Option<(String, String)>,
    visit: &mut [Outlined],
) -> Option<(String, String)> {
    if matches!(stated, Frame::Transform { .. }) {
        return frame;
    }
    for one in visit.iter_mut().filter(|one| one.body.is_ok()) {
        match (&one.frame, &frame) {
            (None, _) if *stated == Frame::Scan => {
                one.body = Err(format!(
                    "its scan does not tell in which frame of reference it lies ({FRAME}): name a transform for each scan, or \
                     frame = \"same\" if the scans are registered"
                ));
            }
            (Some(own), Some((known, case))) if own != known => {
                one.body = Err(format!(
                    "its frame of reference ({FRAME}) is another one than that of {case}: name a transform for each scan; if they \
                     are registered all the same, it has the rows of 1 and 0"
                ));
            }
            (Some(own), None) => frame = Some((own.clone(), one.case.clone())),
            _ => {}
        }
    }
    frame
}

/// Refuses outlines of one time point that overlap those of another case: one lesion that was outlined twice would be counted twice.
fn refuse_twice(stated: &Match, visit: &mut [Outlined]) {
    for at in 1..visit.len() {
        let twice = visit[..at].iter().find_map(|before| match (&before.body, &visit[at].body) {
            (Ok(one), Ok(other)) if before.case != visit[at].case && one.shares(other, stated.overlap) => {
                Some(before.case.clone())
            }
            _ => None,
        });
        if let Some(other) = twice {
            visit[at].body = Err(format!(
                "its outline overlaps one of {other}, which is of the same time point: one lesion would count twice; keep one scan of \
                 each time point"
            ));
        }
    }
}

/// What was outlined at each time point, in their order.
fn by_visit(same_visit_days: f64, mut outlined: Vec<Outlined>) -> Vec<Vec<Outlined>> {
    outlined.sort_by(|a, b| a.day.total_cmp(&b.day));
    let mut visits: Vec<(f64, Vec<Outlined>)> = Vec::new();
    for one in outlined {
        match visits.last_mut().filter(|(begin, _)| between(*begin, one.day) <= same_visit_days) {
            Some((_, visit)) => visit.push(one),
            None => visits.push((one.day, vec![one])),
        }
    }
    visits.into_iter().map(|(_, visit)| visit).collect()
}

/// Names that lesions have from those before, or what they came of.
fn inherit(known: &[Known], links: &Links, came: &mut [(String, Option<Origin>)]) {
    for (from, to) in &links.same {
        came[*to].0.clone_from(&known[*from].name);
    }
    let split = links.split.iter().map(|(from, to)| (vec![*from], to.clone(), State::Split));
    let merged = links.merged.iter().map(|(from, to)| (from.clone(), vec![*to], State::Merged));
    let mixed = links.mixed.iter().map(|(from, to)| (from.clone(), to.clone(), State::Mixed));
    for (from, to, state) in split.chain(merged).chain(mixed) {
        let of: Vec<String> = from.iter().map(|at| known[*at].name.clone()).collect();
        to.iter().for_each(|at| came[*at].1 = Some(Origin { of: of.clone(), state }));
    }
}

/// What became of those that have no outline of their own any more.
fn fates(known: &[Known], links: &Links, day: f64) -> Vec<Fate> {
    let split = links.split.iter().map(|(from, _)| (*from, State::Split));
    let merged = links.merged.iter().flat_map(|(from, _)| from.iter().map(|from| (*from, State::Merged)));
    let mixed = links.mixed.iter().flat_map(|(from, _)| from.iter().map(|from| (*from, State::Mixed)));
    let gone = links.gone.iter().map(|from| (*from, State::Gone));
    let all = split.chain(merged).chain(mixed).chain(gone);
    all.map(|(from, state)| Fate { lesion: known[from].name.clone(), day, state }).collect()
}

#[cfg(test)]
mod tests {
    use voxomics_imaging::Grid;

    use super::*;
    use crate::experiment::Placed;

    fn stated() -> Match {
        Match { overlap: 0.1, limit_mm: 6.0, frame: Frame::Same }
    }

    /// A bar along x of 3 × 3 voxels of 1 mm.
    fn bar(case: &str, component: usize, day: f64, from: usize, to: usize) -> Outlined {
        let grid = Grid::axis_aligned([60, 3, 3], [1.0; 3]);
        let mask: Vec<u8> = (0..grid.len()).map(|place| u8::from((from..to).contains(&(place % 60)))).collect();
        let body = Body::new(&grid, View::new(grid.dims, &mask), Affine::IDENTITY).ok_or_else(|| "empty".to_owned());
        Outlined { case: case.into(), component: Some(component), day, frame: None, body }
    }

    fn named(matched: &Matched, case: &str, component: usize) -> String {
        let (name, origin) = &matched.names[&(case.to_owned(), Some(component))];
        origin.as_ref().map_or_else(|| name.clone(), |origin| format!("{name}<{}", origin.of.join("+")))
    }

    #[test]
    fn lesions_keep_their_names_and_tell_what_they_came_of() {
        let outlined = vec![
            bar("b", 1, 30.0, 2, 6),
            bar("b", 2, 30.0, 21, 24),
            bar("b", 3, 30.0, 27, 30),
            bar("b", 4, 30.0, 50, 54),
            bar("a", 1, 0.0, 20, 30),
            bar("a", 2, 0.0, 1, 5),
            bar("a", 3, 0.0, 36, 38),
            bar("c", 1, 60.0, 20, 31),
            bar("c", 2, 60.0, 52, 59),
        ];
        let matched = name(&stated(), 0.0, outlined);
        let names = |case: &str, count: usize| (1..=count).map(|at| named(&matched, case, at)).collect::<Vec<_>>();
        assert_eq!(names("a", 3), ["1", "2", "3"]);
        assert_eq!(names("b", 4), ["2", "4<1", "5<1", "6"]);
        assert_eq!(names("c", 2), ["7<4+5", "6"]);
        let mut fates: Vec<String> =
            matched.fates.iter().map(|fate| format!("{} {} {}", fate.lesion, fate.state.word(), fate.day)).collect();
        fates.sort();
        assert_eq!(fates, ["1 split 30", "2 gone 60", "3 gone 30", "4 merged 60", "5 merged 60"]);
    }

    #[test]
    fn a_time_point_that_cannot_be_read_is_left_out_and_nothing_is_gone_for_it() {
        let damaged = |case: &str, day: f64| Outlined { body: Err("load: damaged".into()), ..bar(case, 1, day, 0, 1) };
        let outlined = vec![
            bar("a", 1, 0.0, 1, 5),
            bar("a", 2, 0.0, 20, 25),
            bar("b", 1, 30.0, 1, 5),
            damaged("c", 30.0),
            bar("d", 1, 60.0, 1, 6),
            bar("d", 2, 60.0, 20, 26),
        ];
        let matched = name(&stated(), 0.0, outlined);
        assert_eq!((named(&matched, "d", 1), named(&matched, "d", 2)), ("1".into(), "2".into()));
        assert!(matched.fates.is_empty(), "{:?}", matched.fates);
        let expected =
            [("b", "its time point cannot be matched: c: load: damaged"), ("c", "it cannot be matched: load: damaged")];
        assert_eq!(matched.lost, expected.map(|(case, why)| (case.to_owned(), why.to_owned())));
    }

    #[test]
    fn a_lesion_that_is_outlined_twice_at_one_time_point_is_not_counted_twice() {
        let outlined = vec![
            bar("a", 1, 0.0, 1, 5),
            bar("a", 2, 0.0, 20, 25),
            bar("b", 1, 0.0, 2, 6),
            bar("b", 2, 0.0, 40, 45),
            bar("c", 1, 30.0, 1, 5),
        ];
        let matched = name(&stated(), 0.0, outlined);
        let lost: Vec<&str> = matched.lost.iter().map(|(case, _)| case.as_str()).collect();
        assert_eq!(lost, ["a", "b"]);
        assert!(matched.lost[1].1.contains("overlaps one of a, which is of the same time point"), "{:?}", matched.lost);
        assert_eq!((named(&matched, "c", 1), matched.fates.len()), ("1".into(), 0));
        // Outlines of one time point that lie apart may be of several cases.
        let apart = vec![bar("a", 1, 0.0, 1, 5), bar("b", 1, 0.0, 20, 25), bar("c", 1, 30.0, 20, 25)];
        let matched = name(&stated(), 0.0, apart);
        assert_eq!((matched.lost.len(), named(&matched, "c", 1)), (0, "2".into()));
    }

    #[test]
    fn scans_in_other_frames_are_refused_and_what_is_not_known_is_not_guessed() {
        let bar = |case: &str, day: f64, frame: Option<&str>| {
            // Two of one time point lie apart.
            let from = if case == "f" { 20 } else { 1 };
            Outlined { frame: frame.map(str::to_owned), ..bar(case, 1, day, from, from + 4) }
        };
        let outlined = || {
            vec![
                bar("a", 0.0, Some("1.2")),
                bar("b", 30.0, Some("1.3")),
                bar("c", 60.0, None),
                bar("d", 90.0, Some("1.2")),
                bar("e", 120.0, Some("1.2")),
                bar("f", 120.0, Some("1.3")),
            ]
        };
        let lost = |frame: Frame| -> Vec<(String, String)> { name(&Match { frame, ..stated() }, 0.0, outlined()).lost };
        let cases = |lost: &[(String, String)]| lost.iter().map(|(case, _)| case.clone()).collect::<Vec<_>>();
        let same = lost(Frame::Same);
        assert_eq!(cases(&same), ["b", "e", "f"]);
        assert!(same[0].1.contains("(FrameOfReferenceUID) is another one than that of a"), "{same:?}");
        assert!(same[1].1.contains("its time point cannot be matched: f: its frame of reference"), "{same:?}");
        let by_scan = lost(Frame::Scan);
        assert_eq!(cases(&by_scan), ["b", "c", "e", "f"]);
        assert!(by_scan[1].1.contains("does not tell in which frame of reference it lies"), "{by_scan:?}");
        let column = Placed { value: "t".into(), origin: crate::experiment::Origin::Set("t".into()) };
        assert!(lost(Frame::Transform { column, folder: "/".into() }).is_empty());
    }

    #[test]
    fn a_transform_is_sixteen_numbers() {
        let folder = tempfile::tempdir().expect("a folder");
        let read = |text: &str| {
            let path = folder.path().join("t.txt");
            std::fs::write(&path, text).expect("a file");
            transform(&path)
        };
        let rows = [[1.0, 0.0, 0.0, 5.0], [0.0, 1.0, 0.0, -2.0], [0.0, 0.0, 1.0, 0.5]];
        assert_eq!(read("1 0 0 5\n0 1 0 -2\n0 0 1 0.5\n0 0 0 1\n"), Ok(Affine(rows)));
        for (text, why) in [
            ("1 0 0 5", "expected 16 numbers"),
            ("1 0 0 5\n0 1 0 -2\n0 0 1 0.5\n0 0 0 2\n", "the last four are 0 0 0 1"),
            ("#Insight Transform File V1.0", "something else than numbers"),
            ("1 0 0 5\n0 1 0 -2\n0 0 0 0.5\n0 0 0 1\n", "flattens space"),
        ] {
            assert!(read(text).expect_err(why).contains(why));
        }
        assert!(transform(&folder.path().join("none")).expect_err("no file").contains("cannot be read"));
    }
}
