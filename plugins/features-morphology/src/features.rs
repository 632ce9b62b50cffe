//! The features, each once: what describes it and where its value is found.

use std::sync::LazyLock;

use voxomics_imaging::morphology::{Autocorrelation, Value};
use voxomics_sdk::Feature;

use crate::{LEFT_OUT, Measured, reason};

fn explained(value: Value) -> Result<f64, &'static str> {
    value.map_err(reason)
}

fn autocorrelation(measured: &Measured, of: fn(Autocorrelation) -> f64) -> Result<f64, &'static str> {
    explained(measured.autocorrelation.ok_or(LEFT_OUT)?.map(of))
}

/// The morphological features in IBSI's order.
///
/// In the equations V and A are volume and area of the surface mesh of the morphological mask, lambda_1 to lambda_3 the
/// variances of its voxel centres along their principal axes, largest first; X_k are the N intensities of the intensity
/// mask, mu is their mean, X_c are centres of voxels.
pub(crate) static FEATURES: LazyLock<[Feature<Measured>; 29]> = LazyLock::new(|| {
    [
        Feature::new("volume_mesh", "Volume (mesh)")
            .ibsi("RNU0")
            .unit("mm^3")
            .meaning("the region is large")
            .equation("V = |sum over triangles (a, b, c) of the surface mesh of a . (b x c) / 6|")
            .value(|m| Ok(m.shape.surface.volume_mesh)),
        Feature::new("volume_voxel_counting", "Volume (voxel counting)")
            .ibsi("YEKZ")
            .unit("mm^3")
            .meaning("the region is large")
            .equation("number of voxels times the volume of a voxel")
            .value(|m| Ok(m.shape.surface.volume_voxel_counting)),
        Feature::new("surface_area", "Surface area (mesh)")
            .ibsi("C0JK")
            .unit("mm^2")
            .meaning("the surface is large")
            .equation("A = sum over triangles (a, b, c) of |(b - a) x (c - a)| / 2")
            .value(|m| Ok(m.shape.surface.surface_area)),
        Feature::new("surface_to_volume_ratio", "Surface to volume ratio")
            .ibsi("2PR5")
            .unit("1/mm")
            .meaning("the region is small, or unlike a ball")
            .equation("A / V")
            .value(|m| explained(m.shape.surface.surface_to_volume_ratio)),
        Feature::new("compactness_1", "Compactness 1")
            .ibsi("SKGS")
            .meaning("the region is like a ball, which has 1 / (6 pi)")
            .equation("V / (pi^(1/2) A^(3/2))")
            .value(|m| explained(m.shape.surface.compactness_1)),
        Feature::new("compactness_2", "Compactness 2")
            .ibsi("BQWJ")
            .meaning("the region is like a ball, which has 1")
            .equation("36 pi V^2 / A^3")
            .value(|m| explained(m.shape.surface.compactness_2)),
        Feature::new("spherical_disproportion", "Spherical disproportion")
            .ibsi("KRCK")
            .meaning("the region is unlike a ball, which has 1")
            .equation("A / (36 pi V^2)^(1/3)")
            .value(|m| explained(m.shape.surface.spherical_disproportion)),
        Feature::new("sphericity", "Sphericity")
            .ibsi("QCFX")
            .meaning("the region is like a ball, which has 1")
            .equation("(36 pi V^2)^(1/3) / A")
            .value(|m| explained(m.shape.surface.sphericity)),
        Feature::new("asphericity", "Asphericity")
            .ibsi("25C7")
            .meaning("the region is unlike a ball, which has 0")
            .equation("(A^3 / (36 pi V^2))^(1/3) - 1")
            .value(|m| explained(m.shape.surface.asphericity)),
        Feature::new("centre_of_mass_shift", "Centre of mass shift")
            .ibsi("KLMA")
            .unit("mm")
            .meaning("intensities are unevenly spread over the region")
            .equation(
                "|mean of X_c over the morphological mask - sum_k X_k X_c,k / sum_k X_k over the intensity mask|; \
                   undefined if sum_k X_k = 0, or without an intensity",
            )
            .value(|m| explained(m.intensity.centre_of_mass_shift)),
        Feature::new("maximum_3d_diameter", "Maximum 3D diameter")
            .ibsi("L0JK")
            .unit("mm")
            .meaning("the region is long")
            .equation("largest distance between two vertices of the mesh")
            .value(|m| Ok(m.shape.surface.maximum_3d_diameter)),
        Feature::new("major_axis_length", "Major axis length")
            .ibsi("TDIC")
            .unit("mm")
            .meaning("the region is long")
            .equation("4 lambda_1^(1/2); undefined for one voxel")
            .value(|m| explained(m.shape.axes.major_axis_length)),
        Feature::new("minor_axis_length", "Minor axis length")
            .ibsi("P9VJ")
            .unit("mm")
            .meaning("the region is broad")
            .equation("4 lambda_2^(1/2); undefined for one voxel")
            .value(|m| explained(m.shape.axes.minor_axis_length)),
        Feature::new("least_axis_length", "Least axis length")
            .ibsi("7J51")
            .unit("mm")
            .meaning("the region is thick")
            .equation("4 lambda_3^(1/2); undefined for one voxel")
            .value(|m| explained(m.shape.axes.least_axis_length)),
        Feature::new("elongation", "Elongation")
            .ibsi("Q3CK")
            .meaning("the region is as broad as long; 0 for a line")
            .equation("(lambda_2 / lambda_1)^(1/2); undefined for one voxel")
            .value(|m| explained(m.shape.axes.elongation)),
        Feature::new("flatness", "Flatness")
            .ibsi("N17B")
            .meaning("the region is as thick as long; 0 for a plane")
            .equation("(lambda_3 / lambda_1)^(1/2); undefined for one voxel")
            .value(|m| explained(m.shape.axes.flatness)),
        Feature::new("volume_density_axis_aligned_bounding_box", "Volume density (axis-aligned bounding box)")
            .ibsi("PBX1")
            .meaning("the region fills the body around it")
            .equation("V / volume of the box along the image's axes around the mesh")
            .value(|m| explained(m.shape.densities.volume_aabb)),
        Feature::new("area_density_axis_aligned_bounding_box", "Area density (axis-aligned bounding box)")
            .ibsi("R59B")
            .meaning("the surface is large in relation to that of the body around it")
            .equation("A / area of the box along the image's axes around the mesh")
            .value(|m| explained(m.shape.densities.area_aabb)),
        Feature::new("volume_density_oriented_minimum_bounding_box", "Volume density (oriented minimum bounding box)")
            .ibsi("ZH1A")
            .meaning("the region fills the body around it")
            .equation("V / volume of the smallest box of any orientation around the mesh")
            .value(|m| explained(m.shape.densities.volume_ombb)),
        Feature::new("area_density_oriented_minimum_bounding_box", "Area density (oriented minimum bounding box)")
            .ibsi("IQYR")
            .meaning("the surface is large in relation to that of the body around it")
            .equation("A / area of the smallest box of any orientation around the mesh")
            .value(|m| explained(m.shape.densities.area_ombb)),
        Feature::new(
            "volume_density_approximate_enclosing_ellipsoid",
            "Volume density (approximate enclosing ellipsoid)",
        )
        .ibsi("6BDE")
        .meaning("the region fills the body around it")
        .equation("V / volume of the ellipsoid with semi-axes 2 lambda^(1/2); undefined for regions in a plane, whose ellipsoid has no \
                   volume")
        .value(|m| explained(m.shape.densities.volume_aee)),
        Feature::new("area_density_approximate_enclosing_ellipsoid", "Area density (approximate enclosing ellipsoid)")
            .ibsi("RDD2")
            .meaning("the surface is large in relation to that of the body around it")
            .equation(
                "A / area of the ellipsoid with semi-axes 2 lambda^(1/2), by the manual's Legendre series up to \
                   nu = 20, whose limit is not quite the true area; for regions in a plane that of a flat ellipsoid, \
                   undefined for regions on a line, where it has no area",
            )
            .value(|m| explained(m.shape.densities.area_aee)),
        Feature::new(
            "volume_density_minimum_volume_enclosing_ellipsoid",
            "Volume density (minimum volume enclosing ellipsoid)",
        )
        .ibsi("SWZ1")
        .meaning("the region fills the body around it")
        .equation("V / volume of the smallest ellipsoid around the mesh")
        .value(|m| explained(m.shape.densities.volume_mvee)),
        Feature::new(
            "area_density_minimum_volume_enclosing_ellipsoid",
            "Area density (minimum volume enclosing ellipsoid)",
        )
        .ibsi("BRI8")
        .meaning("the surface is large in relation to that of the body around it")
        .equation(
            "A / area of the smallest ellipsoid around the mesh, by the manual's Legendre series up to \
                   nu = 20, whose limit is not quite the true area",
        )
        .value(|m| explained(m.shape.densities.area_mvee)),
        Feature::new("volume_density_convex_hull", "Volume density (convex hull)")
            .ibsi("R3ER")
            .meaning("the region fills the body around it")
            .equation("V / volume of the convex hull of the mesh")
            .value(|m| explained(m.shape.densities.volume_convex_hull)),
        Feature::new("area_density_convex_hull", "Area density (convex hull)")
            .ibsi("7T7F")
            .meaning("the surface is large in relation to that of the body around it")
            .equation("A / area of the convex hull of the mesh")
            .value(|m| explained(m.shape.densities.area_convex_hull)),
        Feature::new("integrated_intensity", "Integrated intensity")
            .ibsi("99N0")
            .unit("intensity mm^3")
            .meaning("the region is large and bright")
            .equation("V times the mean intensity of the intensity mask; undefined without an intensity")
            .value(|m| explained(m.intensity.integrated_intensity)),
        Feature::new("morans_i_index", "Moran’s I index")
            .ibsi("N365")
            .meaning("voxels that are near each other are alike; about 0 without relation, negative if unlike")
            .equation(
                "N / sum w_ij * sum w_ij (X_i - mu) (X_j - mu) / sum_i (X_i - mu)^2 over i != j, w_ij = 1 / \
                   distance; undefined for fewer than two intensities, and if all are the same",
            )
            .value(|m| autocorrelation(m, |found| found.moran_i)),
        Feature::new("gearys_c_measure", "Geary’s C measure")
            .ibsi("NPT7")
            .meaning("voxels that are near each other differ; below 1 if alike")
            .equation(
                "(N - 1) / (2 sum w_ij) * sum w_ij (X_i - X_j)^2 / sum_i (X_i - mu)^2 over i != j, w_ij = 1 / \
                   distance; undefined for fewer than two intensities, and if all are the same",
            )
            .value(|m| autocorrelation(m, |found| found.geary_c)),
    ]
});
