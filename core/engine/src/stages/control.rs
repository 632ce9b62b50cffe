//! Control: intensities that are put elsewhere, or are others, on the scan's own grid.
//!
//! Only the boxes that somebody looks at are made: the new intensity of a voxel follows from the seed and its place.

use rayon::prelude::*;
use voxomics_imaging::{IndexBox, noise::hash, permutation::Permutation};

use super::{Fault, boxed::Selected, changed::seed, select::Drawn};
use crate::{
    results::perturbation::{Control, Kind, Place},
    scan::Scan,
};

/// What makes the numbers of one stream others than those of another.
const UNIFORM: u64 = 0x756e_6966_6f72_6d00;

/// A negative control of one scan.
pub struct Controlled {
    kind: Kind,
    /// The voxels that lend and take intensities, in sets of their own.
    sets: Vec<Set>,
    /// Whether intensities are whole numbers.
    whole: bool,
    single: bool,
}

/// Voxels among which intensities are shuffled or drawn.
struct Set {
    of: Of,
    seed: u64,
    /// The least and the largest intensity.
    range: [f64; 2],
}

/// Which voxels of a scan, by their number, *x* fastest.
enum Of {
    /// These, rising.
    Listed(Vec<u64>),
    /// All of so many but these, rising.
    AllBut(u64, Vec<u64>),
}

impl Of {
    fn holds(&self, voxel: u64) -> bool {
        match self {
            Self::Listed(voxels) => {
                let within = voxels.first() <= Some(&voxel) && Some(&voxel) <= voxels.last();
                within && voxels.binary_search(&voxel).is_ok()
            }
            Self::AllBut(_, voxels) => voxels.binary_search(&voxel).is_err(),
        }
    }

    fn count(&self) -> u64 {
        match self {
            Self::Listed(voxels) => voxels.len() as u64,
            Self::AllBut(all, voxels) => all - voxels.len() as u64,
        }
    }
}

impl Controlled {
    /// A control of a scan with what is drawn on it. `regions` are the places in `drawn`, with their names, that count as the region;
    /// `seeded` is what the seed follows from.
    ///
    /// # Errors
    /// If a region is not there: nobody could tell what lies outside of it.
    pub fn new(
        control: Control,
        scan: &Scan,
        drawn: &[Drawn],
        regions: &[(usize, &str)],
        seeded: &str,
    ) -> Result<Self, Fault> {
        let dims = scan.grid.dims;
        let count = dims.iter().map(|n| *n as u64).product();
        let mut taken: Vec<u64> = Vec::new();
        let mut sets = Vec::new();
        let each = |drawn: &[Drawn], index: usize, name: &str| match &drawn[index] {
            Drawn::One(selected) => Ok(vec![voxels(selected, dims)]),
            Drawn::Each(each) => Ok(each.iter().map(|selected| voxels(selected, dims)).collect()),
            // A region that is not there has no features either; but what lies outside of it is not known.
            Drawn::Fault(_) if control.place == Place::Region => Ok(Vec::new()),
            Drawn::Fault(fault) => Err(fault.clone()),
            Drawn::Derived => Err(Fault::new("regions", "it is not drawn").of_region(name)),
        };
        if control.place != Place::Scan {
            for (index, name) in regions {
                let before = sets.len();
                for (component, mut own) in each(drawn, *index, name)?.into_iter().enumerate() {
                    // What lies in two regions belongs to the first.
                    own.retain(|voxel| taken.binary_search(voxel).is_err());
                    sets.push((Of::Listed(own), format!("{seeded} {} {name} {component}", control.name())));
                }
                for (of, _) in &sets[before..] {
                    if let Of::Listed(voxels) = of {
                        taken.extend(voxels);
                    }
                }
                taken.sort_unstable();
            }
        }
        if control.place != Place::Region {
            sets = vec![(Of::AllBut(count, taken), format!("{seeded} {}", control.name()))];
        }
        let set = |(of, seeded): (Of, String)| {
            let range = range(scan, &of);
            Set { of, seed: seed(&seeded), range }
        };
        let sets = sets.into_iter().filter(|(of, _)| of.count() > 0).map(set).collect();
        Ok(Self { kind: control.kind, sets, whole: scan.whole_range().is_some(), single: scan.is_single() })
    }

    /// Changes the intensities of a scan in a box.
    pub fn change(&self, scan: &Scan, voxels: &mut [f64], part: IndexBox) {
        let dims = scan.grid.dims;
        let [nx, ny, _] = part.dims();
        voxels.par_chunks_exact_mut(nx.max(1)).enumerate().for_each(|(row, of_row)| {
            let (y, z) = (part.start[1] + row % ny, part.start[2] + row / ny);
            let first = ((z * dims[1] + y) * dims[0] + part.start[0]) as u64;
            for (voxel, intensity) in (first..).zip(of_row) {
                if let Some(set) = self.sets.iter().find(|set| set.of.holds(voxel)) {
                    *intensity = self.value(set, scan, voxel, *intensity);
                }
            }
        });
    }

    fn value(&self, set: &Set, scan: &Scan, voxel: u64, own: f64) -> f64 {
        let [least, largest] = set.range;
        let stored = |value: f64| if self.single { f64::from(value as f32) } else { value };
        match self.kind {
            Kind::Shuffled => scan.voxel(set.shuffled(voxel)),
            Kind::Sampled => scan.voxel(set.sampled(voxel)),
            Kind::Inverted => stored(largest - (own - least)),
            Kind::Uniform => {
                let share = (hash(set.seed ^ UNIFORM, voxel) >> 11) as f64 / (1_u64 << 53) as f64;
                match self.whole {
                    true => least + (share * (largest - least + 1.0)).floor(),
                    false => stored(least + share * (largest - least)),
                }
            }
        }
    }
}

impl Set {
    /// The voxel whose intensity goes to a voxel; each goes to one.
    fn shuffled(&self, voxel: u64) -> u64 {
        match &self.of {
            Of::Listed(voxels) => {
                let place = voxels.binary_search(&voxel).unwrap_or_default() as u64;
                voxels[Permutation::new(voxels.len() as u64, self.seed).of(place) as usize]
            }
            Of::AllBut(all, _) => Permutation::new(*all, self.seed).among(voxel, &|other| self.of.holds(other)),
        }
    }

    /// A voxel of the set, each as likely as any other.
    fn sampled(&self, voxel: u64) -> u64 {
        let drawn = |stream: u64, below: u64| {
            let bits = hash(self.seed.wrapping_add(stream), voxel);
            ((u128::from(bits) * u128::from(below)) >> 64) as u64
        };
        match &self.of {
            Of::Listed(voxels) => voxels[drawn(0, voxels.len() as u64) as usize],
            // Of all voxels until one of the set: the region may be nearly the whole scan, but it is not all of it.
            Of::AllBut(all, _) => {
                (0..).map(|stream| drawn(stream, *all)).find(|other| self.of.holds(*other)).unwrap_or(voxel)
            }
        }
    }
}

/// The voxels of a region by their number in a scan, rising.
fn voxels(selected: &Selected, dims: [usize; 3]) -> Vec<u64> {
    let Selected { part, mask } = selected;
    let [nx, ny, _] = part.dims();
    let number = |at: usize| {
        let [x, y, z] = [part.start[0] + at % nx, part.start[1] + at / nx % ny, part.start[2] + at / (nx * ny)];
        ((z * dims[1] + y) * dims[0] + x) as u64
    };
    mask.iter().enumerate().filter(|(_, inside)| **inside != 0).map(|(at, _)| number(at)).collect()
}

/// The least and the largest intensity of some voxels; what is not a number does not count.
fn range(scan: &Scan, of: &Of) -> [f64; 2] {
    let join = |[least, largest]: [f64; 2], value: f64| [least.min(value), largest.max(value)];
    let nothing = [f64::INFINITY, f64::NEG_INFINITY];
    match of {
        Of::Listed(voxels) => voxels.iter().map(|voxel| scan.voxel(*voxel)).fold(nothing, join),
        Of::AllBut(..) => {
            let [nx, ny, nz] = scan.grid.dims;
            (0..nz).fold(nothing, |sofar, z| {
                let slice = scan.crop(IndexBox { start: [0, 0, z], end: [nx, ny, z + 1] });
                let first = (z * ny * nx) as u64;
                let inside = (first..).zip(slice).filter(|(voxel, _)| of.holds(*voxel));
                inside.map(|(_, value)| value).fold(sofar, join)
            })
        }
    }
}

#[cfg(test)]
mod tests;
