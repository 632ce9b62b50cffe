//! From a header's forms to a grid in patient space.
//!
//! Which form counts and how it is read: `nifti1.h`, "3D image (volume) orientation and location in space". The file's
//! coordinates are RAS (+x right, +y anterior, +z superior), the grid's are LPS: x and y change their sign.

use crate::error::{Fault, Form};
use crate::header::{Header, Version};
use voxomics_reading::geometry::{Crooked, MAX_SPACING, MIN_SPACING, Placement, Steps, length};

const RAS_TO_LPS: [f64; 3] = [-1.0, -1.0, 1.0];

/// How far the components of a stored quaternion may exceed the length 1, squared: rounding to float32.
const QUATERNION_ROUNDING: f64 = 1e-5;
/// Below this square, the quaternion's first component cannot be told from 0 (`nifti1_io.c`, `nifti_quatern_to_mat44`).
const MIN_SQUARE: f64 = 1e-7;
/// Two forms that place every voxel within this part of the smallest spacing say the same.
const SAME_PLACE: f64 = 0.01;
/// Relative difference of two spacings that float32 does not explain.
const SAME_SPACING: f64 = 1e-3;

/// Which spacing counts where the sform has another one than pixdim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// That of the sform.
    Sform,
    /// That of pixdim: the qform if its code is set, else the axes of the sform with the lengths of pixdim.
    Pixdim,
}

/// A grid, and what may make a number wrong although there is only one way to read the header.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The grid, LPS.
    pub placement: Placement,
    /// Sentences for the user.
    pub warnings: Vec<String>,
}

/// Scans of people and animals have voxels between these, mm. Where the unit of a header makes others of its numbers, the unit is
/// wrong: programs write 1 for micrometres or metres and mean millimetres.
const CREDIBLE: [f64; 2] = [0.002, 50.0];

/// Columns of the matrix from indices to mm, RAS.
#[derive(Debug, Clone, Copy)]
struct Affine {
    form: Form,
    axes: [[f64; 3]; 3],
    origin: [f64; 3],
}

/// Places the voxels: by the sform if its code is set, else by the qform if its code is set, else by the spacings alone.
///
/// An sform that folds space flat is as good as none beside a sound qform. One whose spacing is not that of pixdim, which
/// the header states beside it, counts only if `scale` says so. Whatever was assumed is told in `notes`.
///
/// # Errors
/// If the form that counts is not finite, singular, sheared by more than [`MAX_COSINE`](voxomics_reading::geometry::MAX_COSINE)
/// or not credible, or if sform and pixdim have different spacings and `scale` is none.
pub fn place(
    header: &Header,
    dims: [usize; 3],
    scale: Option<Scale>,
    notes: &mut Vec<String>,
) -> Result<Placed, Fault> {
    let unit = millimetres(header.units, notes);
    let qform = (header.qform_code > 0).then(|| qform(header, dims, unit, notes));
    let mut warnings = Vec::new();
    let affine = match (header.sform_code > 0, qform) {
        (true, other) => {
            let affine = sform(header, unit);
            match (check(&affine), other) {
                (Err(Fault::AffineSingular { .. }), Some(Ok(other))) => {
                    warnings.push(format!(
                        "the sform (code {}) is singular: the qform counts, with a spacing of {:?} mm",
                        header.sform_code,
                        other.axes.map(length).map(as_written)
                    ));
                    other
                }
                (sound, other) => {
                    sound?;
                    reconcile(header, affine, other, dims, scale, unit, notes)?
                }
            }
        }
        (false, Some(qform)) => qform?,
        (false, None) => {
            let spacing = spacings(header, dims, unit, Form::Pixdim, notes)?;
            let format = if header.version == Version::Analyze { "an ANALYZE file has" } else { "the header has" };
            notes.push(format!(
                "{format} no orientation: axes taken as right, anterior, superior, the first voxel at 0 (method 1)"
            ));
            Affine { form: Form::Pixdim, axes: diagonal(spacing), origin: [0.0; 3] }
        }
    };
    let placement = affine.steps().place().map_err(|crooked| affine.fault(crooked))?;
    if unit != 1.0 {
        warnings.push(in_other_unit(header.units, unit, dims, placement.spacing)?);
    }
    Ok(Placed { placement: placement.mirrored(RAS_TO_LPS), warnings })
}

/// That a spacing was stated in another unit than mm, which not every program reads.
fn in_other_unit(code: i32, unit: f64, dims: [usize; 3], spacing: [f64; 3]) -> Result<String, Fault> {
    let [least, most] = CREDIBLE;
    if (0..3).any(|axis| dims[axis] > 1 && !(least..=most).contains(&spacing[axis])) {
        return Err(Fault::Unit { code, spacing: spacing.map(as_written) });
    }
    let name = if unit > 1.0 { "metres" } else { "micrometres" };
    Ok(format!(
        "the header's lengths are in {name} (xyzt_units): the voxels have {:?} mm. Programs that leave the unit out of account \
         read {:?} mm",
        spacing.map(as_written),
        spacing.map(|mm| as_written(mm / unit))
    ))
}

/// The form that counts of a sound sform and what the header states beside it.
fn reconcile(
    header: &Header,
    sform: Affine,
    qform: Option<Result<Affine, Fault>>,
    dims: [usize; 3],
    scale: Option<Scale>,
    unit: f64,
    notes: &mut Vec<String>,
) -> Result<Affine, Fault> {
    if let Some(stored) = other_spacing(header, dims, unit, &sform, notes) {
        let spacing = sform.axes.map(length);
        match (scale, qform) {
            (None, _) => {
                let [sform, pixdim] = [spacing, stored].map(|spacing| spacing.map(as_written));
                return Err(Fault::SpacingContradiction { sform, pixdim });
            }
            (Some(Scale::Sform), _) => {
                notes.push(format!(
                    "pixdim says a spacing of {stored:?} mm, the sform {spacing:?} mm: the sform counts"
                ));
                return Ok(sform);
            }
            (Some(Scale::Pixdim), Some(qform)) => {
                notes.push(format!(
                    "the sform says a spacing of {spacing:?} mm, pixdim {stored:?} mm: the qform counts"
                ));
                return qform;
            }
            (Some(Scale::Pixdim), None) => {
                notes.push(format!("the sform says a spacing of {spacing:?} mm, pixdim {stored:?} mm: pixdim counts"));
                let axes = std::array::from_fn(|axis| sform.axes[axis].map(|x| x / spacing[axis] * stored[axis]));
                let affine = Affine { axes, ..sform };
                return check(&affine).map(|()| affine);
            }
        }
    }
    match qform {
        Some(Ok(qform)) => compare(&sform, &qform, dims, notes),
        Some(Err(fault)) => notes.push(format!("the qform is ignored, the sform counts: {fault}")),
        None => {}
    }
    Ok(sform)
}

/// Millimetres in the header's unit of length.
fn millimetres(units: i32, notes: &mut Vec<String>) -> f64 {
    match units & 7 {
        0 | 2 => 1.0,
        1 => {
            notes.push("the header's lengths are metres: multiplied by 1000".into());
            1e3
        }
        3 => {
            notes.push("the header's lengths are micrometres: divided by 1000".into());
            1e-3
        }
        code => {
            notes.push(format!("the header's unit of length has the unknown code {code}: taken as mm"));
            1.0
        }
    }
}

fn sform(header: &Header, unit: f64) -> Affine {
    let column = |axis: usize| header.rows.map(|row| row[axis] * unit);
    Affine { form: Form::Sform, axes: [column(0), column(1), column(2)], origin: column(3) }
}

fn qform(header: &Header, dims: [usize; 3], unit: f64, notes: &mut Vec<String>) -> Result<Affine, Fault> {
    let spacing = spacings(header, dims, unit, Form::Qform, notes)?;
    let sign = header.pixdim[0];
    if ![-1.0, 0.0, 1.0].contains(&sign) {
        notes.push(format!("pixdim[0] (qfac) is {sign}, expected 1 or -1: only its sign is used"));
    }
    let mut axes = rotation(header.quaternion)?;
    if sign < 0.0 {
        axes[2] = axes[2].map(|x| -x);
    }
    for axis in 0..3 {
        axes[axis] = axes[axis].map(|x| x * spacing[axis]);
    }
    let affine = Affine { form: Form::Qform, axes, origin: header.offset.map(|x| x * unit) };
    check(&affine).map(|()| affine)
}

/// The columns of the rotation matrix of a unit quaternion whose first component is left out, being the root of what
/// the others leave of 1.
fn rotation(stored: [f64; 3]) -> Result<[[f64; 3]; 3], Fault> {
    let square = dot(stored, stored);
    if square.is_nan() || square > 1.0 + QUATERNION_ROUNDING {
        return Err(Fault::Quaternion { found: stored });
    }
    let rest = 1.0 - square;
    let (a, [b, c, d]) =
        if rest < MIN_SQUARE { (0.0, stored.map(|x| x / square.sqrt())) } else { (rest.sqrt(), stored) };
    Ok([
        [a * a + b * b - c * c - d * d, 2.0 * (b * c + a * d), 2.0 * (b * d - a * c)],
        [2.0 * (b * c - a * d), a * a + c * c - b * b - d * d, 2.0 * (c * d + a * b)],
        [2.0 * (b * d + a * c), 2.0 * (c * d - a * b), a * a + d * d - b * b - c * c],
    ])
}

/// The stored spacings, mm; a single slice without one is 1 mm thick.
fn spacings(
    header: &Header,
    dims: [usize; 3],
    unit: f64,
    form: Form,
    notes: &mut Vec<String>,
) -> Result<[f64; 3], Fault> {
    let mut spacing: [f64; 3] = std::array::from_fn(|axis| header.pixdim[axis + 1] * unit);
    if dims[2] == 1 && spacing[2] == 0.0 {
        spacing[2] = 1.0;
        notes.push("the only slice has no thickness in the header: taken as 1 mm".into());
    }
    if spacing.iter().all(|mm| (MIN_SPACING..=MAX_SPACING).contains(mm)) {
        Ok(spacing)
    } else {
        Err(Fault::Spacing { form, spacing })
    }
}

fn check(affine: &Affine) -> Result<(), Fault> {
    affine.steps().check().map_err(|crooked| affine.fault(crooked))
}

impl Affine {
    fn steps(&self) -> Steps {
        Steps { axes: self.axes, origin: self.origin }
    }

    fn fault(&self, crooked: Crooked) -> Fault {
        let Self { form, axes: [x, y, z], origin } = *self;
        let affine = Box::new([x, y, z, origin]);
        match crooked {
            Crooked::NotFinite(_) => Fault::AffineNotFinite { form, affine },
            Crooked::Singular(_) => Fault::AffineSingular { form, affine },
            Crooked::Sheared { axes, cosine, .. } => Fault::AffineSheared { form, affine, axes, cosine },
            Crooked::Spacing(spacing) => Fault::Spacing { form, spacing },
            Crooked::Origin(origin) => Fault::Origin { form, origin },
        }
    }
}

/// Notes by how far the two forms place the same voxel apart, if that is more than rounding.
fn compare(sform: &Affine, qform: &Affine, dims: [usize; 3], notes: &mut Vec<String>) {
    let mut largest = 0.0_f64;
    for corner in 0..8 {
        let mut apart: [f64; 3] = std::array::from_fn(|i| sform.origin[i] - qform.origin[i]);
        for axis in (0..3).filter(|axis| corner >> axis & 1 == 1) {
            let steps = (dims[axis] - 1) as f64;
            for i in 0..3 {
                apart[i] += steps * (sform.axes[axis][i] - qform.axes[axis][i]);
            }
        }
        largest = largest.max(length(apart));
    }
    let finest = sform.axes.map(length).into_iter().fold(f64::INFINITY, f64::min);
    if largest > SAME_PLACE * finest {
        notes.push(format!("sform and qform differ by up to {largest:.4} mm: the sform counts"));
    }
}

/// The spacing of pixdim, mm, if it is another than that of the sform. An axis for which it states none has that of the
/// sform.
fn other_spacing(
    header: &Header,
    dims: [usize; 3],
    unit: f64,
    sform: &Affine,
    notes: &mut Vec<String>,
) -> Option<[f64; 3]> {
    let spacing = sform.axes.map(length);
    let stored: [f64; 3] = std::array::from_fn(|axis| header.pixdim[axis + 1].abs() * unit);
    let is_stated = |axis: usize| stored[axis] != 0.0 && stored[axis].is_finite();
    if (0..3).any(|axis| dims[axis] > 1 && !is_stated(axis)) {
        notes.push("pixdim states no spacing for some axis: that of the sform counts".into());
    }
    let differs = |axis: usize| ((stored[axis] - spacing[axis]) / spacing[axis]).abs() > SAME_SPACING;
    (0..3)
        .any(|axis| is_stated(axis) && differs(axis))
        .then(|| std::array::from_fn(|axis| if is_stated(axis) { stored[axis] } else { spacing[axis] }))
}

/// A length as its writer has meant it: headers hold single precision, which six digits tell.
fn as_written(mm: f64) -> f64 {
    format!("{mm:.5e}").parse().unwrap_or(mm)
}

fn diagonal(spacing: [f64; 3]) -> [[f64; 3]; 3] {
    std::array::from_fn(|axis| std::array::from_fn(|i| if i == axis { spacing[axis] } else { 0.0 }))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}
