//! Regions and images that a clinic has and nobody thinks of.

use voxomics_imaging::Grid;

use super::geometry;
use crate::{
    answer::{Answer, Likeness, Value},
    bench::Bench,
    scene::Scene,
    subject::{Refusal, Subject},
    verdict::{Checked, Verdict},
    words::count,
};

/// What the program says in the place of a reason that a plugin did not give.
const NO_REASON: &str = "the plugin gives no reason";

/// A region of one voxel, in an image of one voxel and in a larger one.
pub fn one_voxel(bench: &Bench<'_>) -> Checked {
    let mut inside = Scene::noise(1, [5, 5, 5]);
    inside.mask.fill(0);
    let middle = inside.at([2, 2, 2]);
    inside.mask[middle] = 1;
    sound(bench, "a region of one voxel", &[Scene::noise(1, [1, 1, 1]), inside])
}

/// A row of voxels along each axis.
pub fn line(bench: &Bench<'_>) -> Checked {
    sound(bench, "a row of voxels", &[[7, 1, 1], [1, 7, 1], [1, 1, 7]].map(|dims| Scene::noise(1, dims)))
}

/// A region of one intensity: 0, and another one.
pub fn flat(bench: &Bench<'_>) -> Checked {
    let scenes = [Scene::lesion(1, 6), Scene::slice(1, 6)];
    let flat = scenes.iter().flat_map(|scene| [0.0, 42.5].map(|level| scene.with_voxels(|_, _| level)));
    sound(bench, "a region of one intensity", &flat.collect::<Vec<_>>())
}

/// As many grey levels as a bin width that was chosen for another modality makes.
pub fn many_levels(bench: &Bench<'_>) -> Checked {
    let scene = Scene { bins: 10_000, ..Scene::noise(1, [23, 22, 21]) };
    sound(bench, "a region of 10,000 grey levels", &[scene])
}

/// Whether each scene has an answer that is one, or a refusal that is one.
fn sound(bench: &Bench<'_>, what: &str, scenes: &[Scene]) -> Checked {
    let subject = bench.subject()?;
    let (mut numbers, mut undefined, mut refusals) = (0, 0, Vec::new());
    for scene in scenes {
        match subject.ask(scene, &bench.host("case")) {
            Ok(answer) => {
                if let Some(name) = without_reason(&answer) {
                    return Ok(Verdict::failed(format!("{what}: it gives no value for `{name}`, and no reason")));
                }
                numbers += answer.0.len() - answer.undefined();
                undefined += answer.undefined();
            }
            Err(refusal) if refusal.broken => return Ok(Verdict::failed(format!("{what}: {}", refusal.message))),
            Err(refusal) => refusals.push(refusal.message),
        }
    }
    Ok(match (numbers + undefined, refusals.first()) {
        (0, Some(refusal)) => Verdict::passed(format!("it refuses {what}: {refusal}")),
        (0, None) => Verdict::failed(format!("{what}: it gives neither a value nor a reason")),
        _ if undefined > 0 => {
            let (numbers, undefined) = (count(numbers, "value"), count(undefined, "reason"));
            Verdict::passed(format!("{what}: {numbers}, and {undefined} for none"))
        }
        _ => Verdict::passed(format!("{what}: {}", count(numbers, "value"))),
    })
}

fn without_reason(answer: &Answer) -> Option<&str> {
    let found = answer.0.iter().find(|(_, value)| *value == Value::Undefined(NO_REASON.into()));
    found.map(|(name, _)| name.as_str())
}

/// A voxel of the region is no number: a value that depends on that voxel cannot be one either. Or it is infinite: then a
/// value may be a number, as a share of voxels above a threshold is.
pub fn not_a_number(bench: &Bench<'_>) -> Checked {
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 7)?;
    let inside: Vec<usize> = scene.inside().collect();
    let Some(at) = inside.get(inside.len() / 2).copied() else {
        return Ok(Verdict::skipped("it answers no region"));
    };
    let with = |value: f64| Scene {
        levels_from: Some(scene.voxels.clone()),
        ..scene.with_voxels(|voxel, x| if voxel == at { value } else { x })
    };
    let plain = bench.answer(&subject, &with(10.0))?;
    let other = bench.answer(&subject, &with(1e4))?;
    // What is known of a whole scan may leave voxels out that are no numbers: then the response there must be none.
    let only = match &subject {
        Subject::Filter(filter) if geometry::margin(bench, filter)?.is_none() => Some(at),
        _ => None,
    };
    let mut refusals = Vec::new();
    for (word, value) in [("NaN", f64::NAN), ("infinity", f64::INFINITY)] {
        match subject.ask(&with(value), &bench.host("case")) {
            Ok(answer) => {
                if let Some(name) = hides(&answer, &plain, &other, only).filter(|_| value.is_nan()) {
                    let message = format!("{name} is a number although it depends on a voxel that is NaN");
                    return Ok(Verdict::failed(message));
                }
            }
            Err(refusal) if refusal.broken => {
                return Ok(Verdict::failed(format!("a voxel is {word}: {}", refusal.message)));
            }
            Err(refusal) => refusals.push(refusal.message),
        }
    }
    Ok(match refusals.first() {
        Some(refusal) => Verdict::passed(format!("it refuses a voxel that is no number: {refusal}")),
        None => Verdict::passed("no value that depends on a NaN is a number"),
    })
}

/// The first value that is a number although it depends on the voxel: it changes with what the voxel holds. Of maps, only one
/// place may be meant.
fn hides(answer: &Answer, plain: &Answer, other: &Answer, only: Option<usize>) -> Option<String> {
    answer.0.iter().find_map(|(name, value)| match (value, plain.part(name)?, other.part(name)?) {
        (Value::Number(_), Value::Number(a), Value::Number(b)) if a != b => Some(format!("`{name}`")),
        (Value::Map(map), Value::Map(a), Value::Map(b)) if a.len() == map.len() && b.len() == map.len() => {
            let is_meant = |at: &usize| only.is_none_or(|only| only == *at);
            let at = (0..map.len()).filter(is_meant).find(|at| a[*at] != b[*at] && map[*at].is_finite())?;
            Some(format!("`{name}` at voxel {at}"))
        }
        _ => None,
    })
}

/// A spacing below 0 along one axis, as some files have it.
pub fn negative_spacing(bench: &Bench<'_>) -> Checked {
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 7)?;
    let mut refusals = Vec::new();
    for axis in 0..3 {
        let (mut negative, mut mirrored) = (scene.clone(), scene.clone());
        negative.grid.spacing[axis] = -negative.grid.spacing[axis];
        mirrored.grid.direction[axis] = mirrored.grid.direction[axis].map(|x| -x);
        match subject.ask(&negative, &bench.host("case")) {
            Ok(answer) => {
                let expected = bench.answer(&subject, &mirrored)?;
                if let Some(difference) = expected.difference(&answer, Likeness::Nearly(1e-9)) {
                    let message = format!("with the mirrored axis, and with a spacing below 0: {difference}");
                    return Ok(Verdict::failed(message));
                }
            }
            Err(refusal) if refusal.broken => return Ok(Verdict::failed(refusal.message)),
            Err(refusal) => refusals.push(refusal.message),
        }
    }
    Ok(match refusals.first() {
        Some(refusal) => Verdict::passed(format!("it refuses a spacing below 0: {refusal}")),
        None => Verdict::passed("a spacing below 0 means the mirrored axis"),
    })
}

/// The same voxels, turned and moved in the room.
pub fn oblique(bench: &Bench<'_>) -> Checked {
    let subject = bench.subject()?;
    let scene = bench.scene(&subject, 7)?;
    let plain = bench.answer(&subject, &scene)?;
    let moved = Scene { grid: Grid { origin: [812.5, -430.0, 1500.25], direction: turned(), ..scene.grid }, ..scene };
    Ok(match asked(&subject, &moved, bench) {
        Ok(answer) => match plain.difference(&answer, Likeness::Nearly(1e-9)) {
            Some(difference) => Verdict::failed(format!("straight, and on an oblique grid: {difference}")),
            None => Verdict::passed("it gives the same values on an oblique grid"),
        },
        Err(refusal) => Verdict::failed(format!("an oblique grid: {}", refusal.message)),
    })
}

fn asked(subject: &Subject, scene: &Scene, bench: &Bench<'_>) -> Result<Answer, Refusal> {
    subject.ask(scene, &bench.host("case"))
}

/// Axes that are turned about two of the patient's: by 30° and by 40°.
fn turned() -> [[f64; 3]; 3] {
    let ((s, c), (t, d)) = (30_f64.to_radians().sin_cos(), 40_f64.to_radians().sin_cos());
    [[c, s, 0.0], [-s * d, c * d, t], [s * t, -c * t, d]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oblique_axes_are_unit_vectors_at_right_angles() {
        let axes = turned();
        for i in 0..3 {
            for j in 0..3 {
                let dot: f64 = (0..3).map(|k| axes[i][k] * axes[j][k]).sum();
                assert!((dot - f64::from(u8::from(i == j))).abs() < 1e-12, "{i} {j} {dot}");
            }
        }
    }

    #[test]
    fn a_number_that_hides_a_voxel_is_found() {
        let answer = |x: Value| Answer(vec![("mean".into(), x)]);
        let (plain, other) = (answer(Value::Number(1.0)), answer(Value::Number(2.0)));
        assert_eq!(hides(&plain, &plain, &other, None), Some("`mean`".into()));
        assert_eq!(hides(&plain, &plain, &plain, None), None, "it does not depend on the voxel");
        assert_eq!(hides(&answer(Value::Undefined("NaN".into())), &plain, &other, None), None);
        let map = |x: f64| answer(Value::Map(vec![x, f64::NAN]));
        assert_eq!(hides(&map(0.0), &map(1.0), &map(2.0), None), Some("`mean` at voxel 0".into()));
        assert_eq!(hides(&map(0.0), &map(1.0), &map(2.0), Some(1)), None, "another voxel is meant");
    }
}
