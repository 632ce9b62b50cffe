//! The features: their descriptions and their values.

use voxomics_sdk::{Feature, Values};

use crate::parts::Parts;

/// The most parts that features are described for.
pub const MOST: usize = 8;

const NO_PART: &str = "no voxel of the region belongs to a part";
const NO_PAIR: &str = "no two voxels of the parts are neighbours";

/// The parts, from 1 on, between which there can be contact.
fn pairs(number: usize) -> impl Iterator<Item = [usize; 2]> {
    (1..=number).flat_map(move |one| (one + 1..=number).map(move |other| [one, other]))
}

/// Every feature that can be had.
pub fn all() -> Vec<Feature> {
    let fraction = |part: usize| {
        Feature::new(&format!("fraction_{part}"), &format!("Volume fraction of part {part}"))
            .meaning("much of the region is this part")
            .equation("voxels of the part / voxels of all parts, in the region; 0 for a part that is absent")
    };
    let contact = |[one, other]: [usize; 2]| {
        Feature::new(&format!("contact_{one}_{other}"), &format!("Contact between part {one} and part {other}"))
            .meaning("the two parts share a large surface")
            .equation(
                "pairs of voxels with a common face, one in each of the two parts / all pairs of voxels with a common face that \
                 belong to parts, be it the same one; undefined without a pair",
            )
    };
    let mut all = vec![
        Feature::new("present", "Number of parts that are present")
            .meaning("many parts are present")
            .equation("number of parts with a voxel in the region"),
        Feature::new("fraction_entropy", "Entropy of the volume fractions")
            .unit("bit")
            .meaning("the parts are of equal size")
            .equation("- sum f_i log2 f_i over the parts that are present; undefined without a part"),
        Feature::new("contact_between", "Contact between different parts")
            .meaning("the parts are scattered among each other")
            .equation(
                "pairs of voxels with a common face in two different parts / all such pairs of voxels that belong to parts; \
                 undefined without a pair",
            ),
    ];
    all.extend((1..=MOST).map(fraction));
    all.extend(pairs(MOST).map(contact));
    all
}

/// The ids of those of so many parts.
pub fn of(number: usize) -> Vec<String> {
    let general = ["present", "fraction_entropy", "contact_between"].map(str::to_owned);
    let fractions = (1..=number).map(|part| format!("fraction_{part}"));
    general.into_iter().chain(fractions).chain(pairs(number).map(|[a, b]| format!("contact_{a}_{b}"))).collect()
}

/// The values of every feature.
pub fn values(parts: &Parts) -> Values {
    let share = |count: u64, of: u64, none: &'static str| match of {
        0 => Err(none),
        of => Ok(count as f64 / of as f64),
    };
    let (voxels, faces) = (parts.voxels.iter().sum::<u64>(), parts.faces.values().sum::<u64>());
    let fractions: Vec<f64> = parts.voxels.iter().map(|count| *count as f64 / voxels as f64).collect();
    let entropy = || {
        // An entropy of one part is 0 and not −0.
        let terms = fractions.iter().filter(|fraction| **fraction > 0.0).map(|fraction| fraction * fraction.log2());
        0.0 - terms.sum::<f64>()
    };
    let between = parts.faces.iter().filter(|([one, other], _)| one != other).map(|(_, count)| count).sum();
    let mut values = Values::new();
    values.ok("present", parts.voxels.iter().filter(|count| **count > 0).count() as f64);
    values.set("fraction_entropy", if voxels == 0 { Err(NO_PART) } else { Ok(entropy()) });
    values.set("contact_between", share(between, faces, NO_PAIR));
    let number = parts.voxels.len();
    for part in 1..=MOST {
        let id = format!("fraction_{part}");
        match parts.voxels.get(part - 1) {
            Some(count) => values.set(&id, share(*count, voxels, NO_PART)),
            None => values.undefined(&id, &format!("there are {number} parts")),
        }
    }
    for [one, other] in pairs(MOST) {
        let id = format!("contact_{one}_{other}");
        match other <= number {
            true => {
                let count = parts.faces.get(&[one - 1, other - 1]).copied().unwrap_or(0);
                values.set(&id, share(count, faces, NO_PAIR));
            }
            false => values.undefined(&id, &format!("there are {number} parts")),
        }
    }
    values
}
