//! Bodies that are turned, mirrored and cropped, and maps that are made of neighbourhoods.

use std::collections::BTreeSet;

use voxomics_host::{FamilyInstance, FilterInstance, MapInput};
use voxomics_imaging::{Grid, IndexBox, View, mask::crop};
use voxomics_interface::describe::{Plugin, invariant};

use crate::{
    answer::{Answer, Likeness, Value},
    bench::{Bench, unanswered},
    scene::Scene,
    subject::{Subject, discretised, responses},
    verdict::{Checked, Verdict},
    words::count,
};

/// Two sums of the same numbers in another order differ by less.
const NEARLY: Likeness = Likeness::Nearly(1e-9);

/// Quarter turns about an axis: the axes of the turned body, and which of them is reversed.
type Move = ([usize; 3], [bool; 3]);

const ABOUT_X: Move = ([0, 2, 1], [false, true, false]);
const ABOUT_Y: Move = ([2, 1, 0], [true, false, false]);
const ABOUT_Z: Move = ([1, 0, 2], [true, false, false]);

/// Quarter turns about each axis, or about *z* alone where only that is claimed.
pub fn rotation(bench: &Bench<'_>) -> Checked {
    match claims(bench.of.plugin, invariant::ROTATION) {
        true => unchanged(bench, &[ABOUT_X, ABOUT_Y, ABOUT_Z], "turned"),
        false => unchanged(bench, &[ABOUT_Z], "turned about z"),
    }
}

/// Mirrored along each axis.
pub fn mirroring(bench: &Bench<'_>) -> Checked {
    let along = |axis: usize| ([0, 1, 2], std::array::from_fn(|other| other == axis));
    unchanged(bench, &[along(0), along(1), along(2)], "mirrored")
}

/// Whether a plugin claims an invariance.
pub fn claims(plugin: &Plugin, word: &str) -> bool {
    plugin.invariant.iter().any(|claim| claim == word)
}

fn unchanged(bench: &Bench<'_>, moves: &[Move], what: &str) -> Checked {
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 8)?;
    let plain = bench.answer(&subject, &scene)?;
    for (axes, reversed) in moves {
        let moved = bench.answer(&subject, &scene.turned(*axes, *reversed))?;
        if let Some(difference) = plain.difference(&moved, NEARLY) {
            return Ok(Verdict::failed(format!("as it is, and {what}: {difference}")));
        }
    }
    Ok(Verdict::passed(match plain.0.len() {
        1 => format!("its value is that of the {what} body"),
        values => format!("all {values} values are those of the {what} body"),
    }))
}

/// What is beyond the declared margin changes nothing.
pub fn reach(bench: &Bench<'_>) -> Checked {
    match bench.subject()? {
        Subject::Filter(filter) => of_filter(bench, filter),
        Subject::Family(family, requests) => {
            let margin = family.needs.margin_mm;
            of_region(bench, &Subject::Family(family, requests), margin)
        }
        Subject::Maker(maker) => {
            let margin = maker.margin_mm;
            of_region(bench, &Subject::Maker(maker), margin)
        }
        _ => Ok(Verdict::skipped("it is shown no image")),
    }
}

/// A longer margin makes images that take too long.
const LONGEST: usize = 120;
/// The edge of the image for which a margin is asked: one that reaches so far may depend on the scan.
const ASKED: usize = LONGEST + 11;

/// The margin of a filter along each axis, in voxels; none if it asks for the whole scan.
///
/// # Errors
/// Why it has none, as a verdict.
pub fn margin(bench: &Bench<'_>, filter: &FilterInstance) -> Result<Option<[usize; 3]>, Verdict> {
    let grid = Grid { dims: [ASKED; 3], ..Scene::noise(4, [1; 3]).grid };
    let margin = filter.margin(&grid, &bench.host("margin"));
    let margin = margin.map_err(|error| Verdict::failed(error.to_string()))?;
    Ok((!margin.iter().all(|n| *n >= ASKED)).then_some(margin))
}

/// A filter is applied to an image that is just as long as its margin asks for, and to a longer one.
fn of_filter(bench: &Bench<'_>, filter: FilterInstance) -> Checked {
    let Some(margin) = margin(bench, &filter)? else { return Ok(Verdict::skipped("it asks for the whole scan")) };
    let subject = Subject::Filter(filter);
    let mut long = Vec::new();
    for (axis, along) in margin.into_iter().enumerate() {
        if along > LONGEST {
            long.push(along);
            continue;
        }
        // Three voxels in the middle, the margin on both sides of them, and three more voxels beyond it.
        let mut dims = [6, 7, 5];
        dims[axis] = 2 * along + 9;
        let whole = Scene::noise(4, dims);
        let (mut start, mut kept) = ([0; 3], dims);
        (start[axis], kept[axis]) = (3, 2 * along + 3);
        let part = whole.cropped(start, kept);
        let middle = |scene: &Scene, from: usize| -> Result<Answer, Verdict> {
            Ok(middle(bench.answer(&subject, scene)?, scene, axis, from))
        };
        if let Some(difference) = middle(&whole, 3 + along)?.difference(&middle(&part, along)?, NEARLY) {
            return Ok(Verdict::failed(format!(
                "its margin along axis {axis} is {along} voxels, and what is beyond changes the response: {difference}"
            )));
        }
    }
    Ok(match long.len() {
        3 => Verdict::skipped(format!("its margin of {} voxels makes images that take too long", long[0])),
        0 => Verdict::passed(format!("what is beyond its margin of {margin:?} voxels changes nothing")),
        _ => Verdict::passed(format!("of its margin of {margin:?} voxels, the short ones were tried, and hold")),
    })
}

/// What a filter answers for a box in which its response is wanted is the cut of its response to the whole image.
pub fn wanted(bench: &Bench<'_>) -> Checked {
    let subject = bench.subject()?;
    let dims = [17, 14, 12];
    let scene = Scene::noise(4, dims);
    let whole = bench.answer(&subject, &scene)?;
    let Subject::Filter(filter) = &subject else { return Ok(Verdict::skipped("it is no filter")) };
    let boxes = [([5, 4, 3], [9, 9, 7]), ([0; 3], [17, 3, 2]), ([16, 13, 11], dims), ([4, 0, 6], [5, 14, 12])];
    let mut answered = 0;
    for (start, end) in boxes {
        let part = IndexBox { start, end };
        let given = responses(filter, &scene, Some(part), &bench.host("wanted")).map_err(unanswered)?;
        let cut = |answer: &Answer| {
            let parts = answer.0.iter().map(|(name, value)| match value {
                Value::Map(map) if map.len() == scene.voxels.len() => {
                    (name.clone(), Value::Map(crop(View::new(dims, map), part)))
                }
                other => (name.clone(), other.clone()),
            });
            Answer(parts.collect())
        };
        let found = cut(&given);
        answered += usize::from(found == given);
        if let Some(difference) = cut(&whole).difference(&found, NEARLY) {
            return Ok(Verdict::failed(format!(
                "of the whole image, and in the box {start:?} to {end:?}: {difference}"
            )));
        }
    }
    Ok(Verdict::passed(match answered {
        0 => "it answers for the whole image, wherever the response is wanted".to_owned(),
        _ => format!("in {} boxes, the response is that to the whole image", boxes.len()),
    }))
}

/// Three layers of maps, from one on.
fn middle(answer: Answer, scene: &Scene, axis: usize, from: usize) -> Answer {
    let is_inside = |at: &usize| (from..from + 3).contains(&scene.index(*at)[axis]);
    let parts = answer.0.into_iter().map(|(name, value)| match value {
        Value::Map(map) => {
            let kept = (0..map.len()).filter(is_inside).map(|at| map[at]).collect();
            (name, Value::Map(kept))
        }
        other => (name, other),
    });
    Answer(parts.collect())
}

/// A region is shown in the box that its margin asks for, and in a larger one with something else around it.
fn of_region(bench: &Bench<'_>, subject: &Subject, margin_mm: f64) -> Checked {
    let scene = bench.scene(subject, 7)?;
    let frame = scene.grid.spacing.map(|spacing| (margin_mm / spacing).ceil() as usize);
    if frame.iter().any(|n| *n > LONGEST / 4) {
        return Ok(Verdict::skipped(format!("its margin of {margin_mm} mm makes images that take too long")));
    }
    let near = scene.framed(frame);
    let far = near.framed([2, 1, 3]);
    let (first, second) = (bench.answer(subject, &near)?, bench.answer(subject, &far)?);
    let back = |(name, value): (String, Value)| match value {
        Value::Map(map) => {
            let wide = Scene { voxels: map, ..far.clone() };
            (name, Value::Map(wide.cropped([2, 1, 3], near.grid.dims).voxels))
        }
        other => (name, other),
    };
    let second = Answer(second.0.into_iter().map(back).collect());
    Ok(match first.difference(&second, NEARLY) {
        Some(difference) => Verdict::failed(format!(
            "its margin is {margin_mm} mm, and what is beyond changes its answer: {difference}"
        )),
        None => Verdict::passed(format!("what is beyond its margin of {margin_mm} mm changes nothing")),
    })
}

/// Each voxel of a map has the value of the region that is its neighbourhood.
pub fn maps(bench: &Bench<'_>) -> Checked {
    let subject = bench.subject()?;
    let Subject::Family(family, _) = &subject else { return Ok(Verdict::skipped("it is no family")) };
    let mut scene = Scene::lesion(5, 6);
    if family.needs.levels || !family.needs.matrices.is_empty() {
        // Levels are made once, of the whole region.
        let found = discretised(&scene).map_err(|refusal| Verdict::failed(refusal.message))?;
        scene.levels = Some((found.levels, found.n_levels));
    }
    let ids: Vec<&str> = family.features().iter().map(String::as_str).collect();
    let maps = mapped(family, &scene, &ids, bench)?;
    let voxels: Vec<usize> = scene.inside().step_by(scene.count().div_ceil(8).max(1)).collect();
    for at in &voxels {
        let index = scene.index(*at);
        let start = index.map(|i| i.saturating_sub(1));
        let dims = std::array::from_fn(|axis| (index[axis] + 2).min(scene.grid.dims[axis]) - start[axis]);
        let answer = bench.answer(&subject, &scene.cropped(start, dims))?;
        // Features of texture of a neighbourhood of one level may be conventions that look at the whole region.
        let levels: BTreeSet<u16> = scene.levels.iter().flat_map(|(all, _)| near(&scene, all, start, dims)).collect();
        if levels.len() == 1 {
            continue;
        }
        for (id, map) in ids.iter().zip(&maps) {
            let number = |x: f64| Answer(vec![((*id).to_owned(), Value::Number(x))]);
            let expected = match answer.part(id) {
                Some(Value::Number(x)) => *x,
                _ => f64::NAN,
            };
            if let Some(difference) = number(expected).difference(&number(map[*at]), NEARLY) {
                return Ok(Verdict::failed(format!("as a neighbourhood, and in the map at voxel {at}: {difference}")));
            }
        }
    }
    let (voxels, maps) = (count(voxels.len(), "voxel"), count(ids.len(), "map"));
    Ok(Verdict::passed(format!("in {maps}, {voxels} looked at: each has the value of its neighbourhood")))
}

/// The levels of the region in a box.
fn near(scene: &Scene, levels: &[u16], start: [usize; 3], dims: [usize; 3]) -> Vec<u16> {
    let is_near = |at: &usize| {
        let index = scene.index(*at);
        (0..3).all(|axis| (start[axis]..start[axis] + dims[axis]).contains(&index[axis]))
    };
    (0..levels.len()).filter(is_near).map(|at| levels[at]).filter(|level| *level != 0).collect()
}

fn mapped(family: &FamilyInstance, scene: &Scene, ids: &[&str], bench: &Bench<'_>) -> Result<Vec<Vec<f64>>, Verdict> {
    let (levels, level_count) = scene.levels.as_ref().map_or((&[][..], 0), |(levels, count)| (levels, *count));
    let distinct: BTreeSet<u16> = levels.iter().copied().filter(|level| *level != 0).collect();
    let input = MapInput {
        grid: &scene.grid,
        image: &scene.voxels,
        mask: &scene.mask,
        wanted: &scene.mask,
        levels,
        level_count,
        distinct_levels: distinct.len() as u32,
        unit: "HU",
    };
    let maps = family.map_block(&input, ids, [1; 3], &bench.host("map"));
    let maps = maps.map_err(|error| Verdict::failed(error.to_string()))?;
    Ok(maps.iter().map(|map| map.to_vec()).collect())
}
