//! A patient's scan: the body, the lesions in it, the scanner's blur and noise, and the mask.

use crate::{
    anatomy::{self, AIR},
    field::Field,
    frame::Frame,
    lesion::{self, Placed},
    person::{Lesion, Person, Stream, normal, stream},
    scanner::{SCANNERS, VOLTAGES},
};

/// Size of the field of view, mm.
const EXTENT_MM: [f64; 3] = [128.0, 128.0, 78.0];
/// The HU that a scanner writes.
const RANGE_HU: (f32, f32) = (-1024.0, 3071.0);

/// An image and the mask of its lesions, x fastest.
pub(crate) struct Scan {
    pub(crate) frame: Frame,
    /// HU.
    pub(crate) image: Vec<i16>,
    /// 0, or the number of a lesion from 1.
    pub(crate) mask: Vec<u8>,
}

/// Makes a patient's scan. Voxels are `coarseness` times as large as the scanner's (1: as they are).
pub(crate) fn make(seed: u64, person: &Person, coarseness: f64) -> Scan {
    let lesions = person.lesions.iter().enumerate();
    let outlines: Vec<Outline> = lesions
        .map(|(quarter, lesion)| Outline {
            lesion: lesion.clone(),
            placed: Placed::alone(lesion, quarter),
            stream: Stream::Lesion(quarter),
        })
        .collect();
    make_with(seed, person, &outlines, Stream::Noise, coarseness)
}

/// What is drawn of a lesion in a scan.
#[derive(Clone)]
pub(crate) struct Outline {
    /// Its truth.
    pub(crate) lesion: Lesion,
    /// Where it lies.
    pub(crate) placed: Placed,
    /// What its shape and its texture are drawn from.
    pub(crate) stream: Stream,
}

/// Makes a scan of a patient with these lesions, and with noise from a stream.
pub(crate) fn make_with(seed: u64, person: &Person, outlines: &[Outline], noise: Stream, coarseness: f64) -> Scan {
    let (scanner, voltage) = (&SCANNERS[person.scanner], &VOLTAGES[person.voltage]);
    let rng = &mut stream(seed, person.number, Stream::Anatomy);
    let spacing_mm = [scanner.plane_mm, scanner.plane_mm, scanner.slice_mm].map(|mm| mm * coarseness);
    let phase = (0.15 * normal(rng)).exp();
    let dose = (0.10 * normal(rng)).exp();
    let table = (300.0 * normal(rng)).clamp(-900.0, 900.0).round();
    let frame = Frame {
        dims: std::array::from_fn(|axis| (EXTENT_MM[axis] / spacing_mm[axis]).round() as usize),
        spacing_mm,
        origin_mm: [-EXTENT_MM[0] / 2.0, -EXTENT_MM[1] / 2.0, table],
    };
    let contrast = voltage.contrast * phase;
    let organs = anatomy::layout(person.lesions.iter().map(|lesion| lesion.location), rng);
    let mut hu = anatomy::body(&frame, &organs, contrast as f32, rng);
    let mut mask = vec![0; hu.values.len()];
    for Outline { lesion, placed, stream: of } in outlines {
        let rng = &mut stream(seed, person.number, *of);
        lesion::paint(lesion, *placed, &frame, contrast, &mut hu, &mut mask, rng);
    }
    let hu = hu.blurred([scanner.blur, scanner.blur, 0.08]);
    let kernels = [scanner.noise_kernel, scanner.noise_kernel, &[0.2, 1.0, 0.2]];
    let noise = Field::coloured(frame.dims, kernels, &mut stream(seed, person.number, noise));
    let noise_hu = (scanner.noise_hu * voltage.noise * dose) as f32;
    let shift_hu = (scanner.shift_hu + voltage.shift_hu) as f32;
    let seen = |(hu, noise): (&f32, &f32)| {
        // Calibration is right for air and off for everything denser.
        let shift = shift_hu * ((hu - AIR) / 1000.0).clamp(0.0, 1.0);
        (hu + shift + noise_hu * noise).clamp(RANGE_HU.0, RANGE_HU.1).round() as i16
    };
    let image = hu.values.iter().zip(&noise.values).map(seen).collect();
    Scan { frame, image, mask }
}

impl Scan {
    /// Volume of each lesion's mask, mL.
    pub(crate) fn volumes_ml(&self, lesions: usize) -> Vec<f64> {
        let voxel_ml = self.frame.spacing_mm.iter().product::<f64>() / 1000.0;
        let mut counts = vec![0_usize; lesions + 1];
        for &label in &self.mask {
            if let Some(count) = counts.get_mut(usize::from(label)) {
                *count += 1;
            }
        }
        counts.iter().skip(1).map(|&count| count as f64 * voxel_ml).collect()
    }
}
