//! The morphological features, put together from what the region measures.

use std::f64::consts::PI;

use super::boxes::{Cuboid, minimum_cuboid};
use super::ellipsoid;
use super::enclosing::minimum_enclosing;
use super::hull::Hull;
use super::mesh::{Mesh, Surface, measure_within};
use super::moments::{Divisor, IntensityMass, Moments};
use super::{Undefined, Value};
use crate::mask::bounding_box;
use crate::{Executor, IndexBox, View};

/// Choices that IBSI 1 leaves open or other software makes differently; the defaults give IBSI's reference values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Options {
    /// Triangles of the mesh.
    pub surface: Surface,
    /// Divisor of the voxel centres' covariance.
    pub divisor: Divisor,
}

/// All features of the morphological mask.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Of the surface mesh.
    pub surface: SurfaceFeatures,
    /// Of the voxel centres' principal axes.
    pub axes: AxisFeatures,
    /// Volume and area relative to bodies around the region.
    pub densities: Densities,
}

/// Features of the surface mesh, with its volume *V* and area *A*. Values in brackets are the digital phantom's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurfaceFeatures {
    /// Volume (mesh), RNU0: `V`, mm³ (556).
    pub volume_mesh: f64,
    /// Volume (voxel counting), YEKZ: number of voxels times a voxel's volume, mm³ (592).
    pub volume_voxel_counting: f64,
    /// Surface area (mesh), C0JK: `A`, mm² (388).
    pub surface_area: f64,
    /// Surface to volume ratio, 2PR5: `A / V`, mm⁻¹ (0.698).
    pub surface_to_volume_ratio: Value,
    /// Compactness 1, SKGS: `V / (√π·A^(3/2))` (0.0411).
    pub compactness_1: Value,
    /// Compactness 2, BQWJ: `36π·V² / A³`, 1 for a ball (0.599).
    pub compactness_2: Value,
    /// Spherical disproportion, KRCK: `A / (36π·V²)^(1/3)` (1.19).
    pub spherical_disproportion: Value,
    /// Sphericity, QCFX: `(36π·V²)^(1/3) / A` (0.843).
    pub sphericity: Value,
    /// Asphericity, 25C7: `(A³ / (36π·V²))^(1/3) − 1` (0.186).
    pub asphericity: Value,
    /// Maximum 3D diameter, L0JK: largest distance between two vertices, mm (13.1).
    pub maximum_3d_diameter: f64,
}

/// Features of the principal axes, with the variances λ along them, largest first.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AxisFeatures {
    /// Major axis length, TDIC: `4·√λ₁`, mm (11.4).
    pub major_axis_length: Value,
    /// Minor axis length, P9VJ: `4·√λ₂`, mm (9.31).
    pub minor_axis_length: Value,
    /// Least axis length, 7J51: `4·√λ₃`, mm (8.54).
    pub least_axis_length: Value,
    /// Elongation, Q3CK: `√(λ₂ / λ₁)`, 0 for a line (0.816).
    pub elongation: Value,
    /// Flatness, N17B: `√(λ₃ / λ₁)`, 0 for a plane (0.749).
    pub flatness: Value,
}

/// The mesh's volume and area, divided by those of bodies around it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Densities {
    /// Volume density (axis-aligned bounding box), PBX1 (0.869).
    pub volume_aabb: Value,
    /// Area density (axis-aligned bounding box), R59B (0.866).
    pub area_aabb: Value,
    /// Volume density (oriented minimum bounding box), ZH1A (0.869); see [`minimum_cuboid`].
    pub volume_ombb: Value,
    /// Area density (oriented minimum bounding box), IQYR (0.866).
    pub area_ombb: Value,
    /// Volume density (approximate enclosing ellipsoid), 6BDE: semi-axes `2·√λ` (1.17).
    pub volume_aee: Value,
    /// Area density (approximate enclosing ellipsoid), RDD2 (1.36); see [`ellipsoid::legendre_area`].
    pub area_aee: Value,
    /// Volume density (minimum volume enclosing ellipsoid), SWZ1; see [`minimum_enclosing`].
    pub volume_mvee: Value,
    /// Area density (minimum volume enclosing ellipsoid), BRI8.
    pub area_mvee: Value,
    /// Volume density (convex hull), R3ER (0.961).
    pub volume_convex_hull: Value,
    /// Area density (convex hull), 7T7F (1.03).
    pub area_convex_hull: Value,
}

/// Features of shape and intensity together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IntensityFeatures {
    /// Centre of mass shift, KLMA: distance between the centre of the morphological mask and the intensity-weighted
    /// centre of the intensity mask, mm (0.672).
    pub centre_of_mass_shift: Value,
    /// Integrated intensity, 99N0: mesh volume times mean intensity of the intensity mask (1.2·10³).
    pub integrated_intensity: Value,
}

/// Measures the shape of a morphological mask (any value but 0 is inside); `spacing` in mm.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     morphology::{Options, shape},
/// };
///
/// // Two voxels of 2 mm.
/// let found = shape(View::new([2, 1, 1], &[1, 1]), [2.0; 3], Options::default(), &Serial).unwrap();
/// assert_eq!(found.surface.volume_voxel_counting, 16.0);
/// // The mesh ends half a voxel beyond the outermost centres.
/// assert!((found.surface.maximum_3d_diameter - 4.0).abs() < 1e-12);
/// ```
///
/// # Errors
/// [`Undefined::EmptyMask`]; features that a region does not have say why on their own.
pub fn shape(mask: View<u8>, spacing: [f64; 3], options: Options, executor: &dyn Executor) -> Result<Shape, Undefined> {
    Body::new(mask, spacing, options.surface, executor)?.shape(options.divisor, executor)
}

/// Measures the intensities of an intensity mask about the centre of a morphological mask; `spacing` in mm.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     morphology::{Surface, intensities},
/// };
///
/// // The centre is at 0.5 mm, and that of the intensities at 0.75 mm.
/// let (image, mask) = (View::new([2, 1, 1], &[1.0, 3.0]), View::new([2, 1, 1], &[1, 1]));
/// let found = intensities(image, mask, mask, [1.0; 3], Surface::Closed, &Serial).unwrap();
/// assert!((found.centre_of_mass_shift.unwrap() - 0.25).abs() < 1e-12);
/// ```
///
/// # Errors
/// [`Undefined::EmptyMask`] if the morphological mask is empty.
///
/// # Panics
/// If image and masks differ in size.
pub fn intensities(
    image: View<f64>,
    intensity_mask: View<u8>,
    morphological_mask: View<u8>,
    spacing: [f64; 3],
    surface: Surface,
    executor: &dyn Executor,
) -> Result<IntensityFeatures, Undefined> {
    assert_eq!(intensity_mask.dims(), morphological_mask.dims(), "both masks have the same voxels");
    Ok(Body::new(morphological_mask, spacing, surface, executor)?.intensities(image, intensity_mask, executor))
}

/// Measures both the shape of a morphological mask and the intensities of an intensity mask about its centre, as
/// [`shape`] and [`intensities`] do, but what both need only once.
///
/// ```
/// use voxomics_imaging::{
///     Serial, View,
///     morphology::{Options, measure, shape},
/// };
///
/// let (image, mask) = (View::new([2, 1, 1], &[1.0, 3.0]), View::new([2, 1, 1], &[1, 1]));
/// let (of_shape, _) = measure(image, mask, mask, [1.0; 3], Options::default(), &Serial).unwrap();
/// assert_eq!(Ok(of_shape), shape(mask, [1.0; 3], Options::default(), &Serial));
/// ```
///
/// # Errors
/// [`Undefined::EmptyMask`] if the morphological mask is empty.
///
/// # Panics
/// If image and masks differ in size.
pub fn measure(
    image: View<f64>,
    intensity_mask: View<u8>,
    morphological_mask: View<u8>,
    spacing: [f64; 3],
    options: Options,
    executor: &dyn Executor,
) -> Result<(Shape, IntensityFeatures), Undefined> {
    assert_eq!(intensity_mask.dims(), morphological_mask.dims(), "both masks have the same voxels");
    let body = Body::new(morphological_mask, spacing, options.surface, executor)?;
    Ok((body.shape(options.divisor, executor)?, body.intensities(image, intensity_mask, executor)))
}

/// A morphological mask, and what both its shape and its intensities need of it.
struct Body<'a> {
    mask: View<'a, u8>,
    bounds: IndexBox,
    spacing: [f64; 3],
    mesh: Mesh,
    moments: Moments,
}

impl<'a> Body<'a> {
    fn new(
        mask: View<'a, u8>,
        spacing: [f64; 3],
        surface: Surface,
        executor: &dyn Executor,
    ) -> Result<Self, Undefined> {
        let bounds = bounding_box(mask).ok_or(Undefined::EmptyMask)?;
        let mesh = measure_within(mask, bounds, spacing, surface, executor);
        Ok(Self { mask, bounds, spacing, mesh, moments: Moments::of_mask(mask, bounds, executor) })
    }

    fn shape(&self, divisor: Divisor, executor: &dyn Executor) -> Result<Shape, Undefined> {
        let Self { mask, bounds, spacing, mesh, ref moments } = *self;
        // Six vertices around any voxel span a solid, so there always is a hull.
        let hull = Hull::within(mask, bounds, executor).ok_or(Undefined::FlatRegion)?;
        let variances = variances(moments, spacing, divisor);
        let vertices = hull.vertices(spacing);
        Ok(Shape {
            surface: surface(mesh, moments.count, spacing, hull.diameter(spacing, executor)),
            axes: axes(variances),
            densities: densities(Bodies {
                mesh,
                aabb: Cuboid::along_axes(bounds, spacing),
                ombb: minimum_cuboid(&hull, spacing, executor),
                aee: variances.map(|v| v.map(|v| 2.0 * v.sqrt())),
                mvee: minimum_enclosing(&vertices).ok_or(Undefined::NotConverged),
                hull: (hull.volume(spacing), hull.area(spacing)),
            }),
        })
    }

    fn intensities(&self, image: View<f64>, mask: View<u8>, executor: &dyn Executor) -> IntensityFeatures {
        let (spacing, centre) = (self.spacing, self.moments.centre());
        let mass = IntensityMass::measure(image, mask, self.bounds, centre, executor);
        let problem = if mass.count == 0 {
            Some(Undefined::EmptyMask)
        } else if !mass.sum.is_finite() {
            Some(Undefined::NotFinite)
        } else {
            None
        };
        let shift = || {
            let offset: [f64; 3] = std::array::from_fn(|i| mass.moment[i] / mass.sum * spacing[i]);
            offset.iter().map(|o| o * o).sum::<f64>().sqrt()
        };
        IntensityFeatures {
            centre_of_mass_shift: match problem {
                Some(problem) => Err(problem),
                None if mass.sum == 0.0 => Err(Undefined::ZeroIntensity),
                None => finite(shift()),
            },
            integrated_intensity: problem
                .map_or_else(|| finite(self.mesh.volume * (mass.sum / mass.count as f64)), Err),
        }
    }
}

fn finite(value: f64) -> Value {
    if value.is_finite() { Ok(value) } else { Err(Undefined::NotFinite) }
}

fn ratio(value: f64, reference: f64) -> Value {
    if reference > 0.0 { finite(value / reference) } else { Err(Undefined::FlatRegion) }
}

fn surface(mesh: Mesh, voxels: u64, spacing: [f64; 3], diameter: f64) -> SurfaceFeatures {
    let (volume, area) = (mesh.volume, mesh.area);
    // The area of a ball of the same volume.
    let ball = (36.0 * PI * volume * volume).cbrt();
    SurfaceFeatures {
        volume_mesh: volume,
        volume_voxel_counting: voxels as f64 * spacing.iter().product::<f64>(),
        surface_area: area,
        surface_to_volume_ratio: ratio(area, volume),
        compactness_1: ratio(volume, PI.sqrt() * area.powf(1.5)),
        compactness_2: ratio(36.0 * PI * volume * volume, area.powi(3)),
        spherical_disproportion: ratio(area, ball),
        sphericity: ratio(ball, area),
        asphericity: ratio(area, ball).map(|disproportion| disproportion - 1.0),
        maximum_3d_diameter: diameter,
    }
}

fn variances(moments: &Moments, spacing: [f64; 3], divisor: Divisor) -> Result<[f64; 3], Undefined> {
    if moments.count < 2 && divisor == Divisor::CountLessOne {
        return Err(Undefined::TooFewVoxels);
    }
    Ok(moments.principal_variances(spacing, divisor))
}

fn axes(variances: Result<[f64; 3], Undefined>) -> AxisFeatures {
    let length = |i: usize| variances.map(|v| 4.0 * v[i].sqrt());
    let relative = |i: usize| {
        let v = variances?;
        // Only a single voxel has no largest variance.
        if v[0] > 0.0 { Ok((v[i] / v[0]).sqrt()) } else { Err(Undefined::TooFewVoxels) }
    };
    AxisFeatures {
        major_axis_length: length(0),
        minor_axis_length: length(1),
        least_axis_length: length(2),
        elongation: relative(1),
        flatness: relative(2),
    }
}

/// The mesh and the bodies it is compared to.
struct Bodies {
    mesh: Mesh,
    aabb: Cuboid,
    ombb: Cuboid,
    aee: Result<[f64; 3], Undefined>,
    mvee: Result<[f64; 3], Undefined>,
    hull: (f64, f64),
}

fn densities(bodies: Bodies) -> Densities {
    let volume = |reference: f64| ratio(bodies.mesh.volume, reference);
    let area = |reference: f64| ratio(bodies.mesh.area, reference);
    Densities {
        volume_aabb: volume(bodies.aabb.volume()),
        area_aabb: area(bodies.aabb.area()),
        volume_ombb: volume(bodies.ombb.volume()),
        area_ombb: area(bodies.ombb.area()),
        volume_aee: bodies.aee.and_then(|axes| volume(ellipsoid::volume(axes))),
        area_aee: bodies.aee.and_then(|axes| area(ellipsoid::legendre_area(axes))),
        volume_mvee: bodies.mvee.and_then(|axes| volume(ellipsoid::volume(axes))),
        area_mvee: bodies.mvee.and_then(|axes| area(ellipsoid::legendre_area(axes))),
        volume_convex_hull: volume(bodies.hull.0),
        area_convex_hull: area(bodies.hull.1),
    }
}
