#!/usr/bin/env python3
"""What MIRP 2.7.0 gives for a small scan that is turned, shifted, and whose region grows and shrinks, and how much noise it finds.

    python -m venv venv && venv/bin/pip install mirp==2.7.0
    venv/bin/python tests/oracle/mirp_perturbed.py > tests/oracle/mirp_perturbed.csv

tests/properties/perturbed.rs makes the same scan by the same formula. MIRP keeps intensities in single precision here. It draws the
voxels of the last layer of a growing region at random: of these only the number of voxels is compared.
"""
import csv
import logging
import pathlib
import sys
import tempfile

import itk
import numpy as np
from mirp import extract_features

logging.disable(logging.CRITICAL)
SHAPE = (14, 22, 24)  # z, y, x
SPACING = (2.0, 1.25, 1.0)

z, y, x = np.indices(SHAPE)
IMAGE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(np.float32)
R = ((x - 12) * 1.0) ** 2 / 49 + ((y - 10) * 1.25) ** 2 / 36 + ((z - 6) * 2.0) ** 2 / 64
MASK = R <= 1.0

# As files: of arrays, MIRP takes every voxel for one of 1 mm.
FOLDER = pathlib.Path(tempfile.mkdtemp())
for name, voxels in [("image", IMAGE), ("mask", MASK.astype(np.uint8))]:
    volume = itk.GetImageFromArray(voxels)
    volume.SetSpacing(SPACING[::-1])
    itk.imwrite(volume, str(FOLDER / f"{name}.nrrd"))


def features(**perturbation):
    found = extract_features(
        image=str(FOLDER / "image.nrrd"),
        mask=str(FOLDER / "mask.nrrd"),
        new_spacing=1.0,
        spline_order=1,
        roi_spline_order=1,
        anti_aliasing=False,
        base_feature_families=["statistics", "morphological"],
        **perturbation,
    )
    return found if isinstance(found, list) else [found]


out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["rotation_deg", "translation_x", "translation_y", "translation_z", "volume_change", "feature", "value"])
kept = {
    "stat_mean": "statistics.mean",
    "stat_var": "statistics.variance",
    "stat_median": "statistics.median",
    "stat_p10": "statistics.percentile_10",
    "stat_energy": "statistics.energy",
    "morph_volume": "morphology.volume_mesh",
    "morph_vol_approx": "morphology.volume_voxel_counting",
    "morph_area_mesh": "morphology.surface_area",
    "morph_diam": "morphology.maximum_3d_diameter",
    "morph_pca_flatness": "morphology.flatness",
    "morph_com": "morphology.centre_of_mass_shift",
}
for angle in [0.0, -20.0, 35.0, 90.0]:
    for frame in features(perturbation_rotation_angles=[angle], perturbation_translation_fraction=[0.25, 0.75]):
        for _, row in frame.iterrows():
            tz, ty, tx = row["image_translation_z"], row["image_translation_y"], row["image_translation_x"]
            for name, ours in kept.items():
                out.writerow([angle, tx, ty, tz, 0.0, ours, repr(float(row[name]))])
for change in [-0.6, -0.25, 0.1, 0.3, 1.5]:
    for frame in features(perturbation_roi_adapt_type="fraction", perturbation_roi_adapt_size=[change]):
        for _, row in frame.iterrows():
            out.writerow([0.0, 0.0, 0.0, 0.0, change, "morphology.volume_voxel_counting", repr(float(row["morph_vol_approx"]))])
for frame in features(perturbation_noise_repetitions=1):
    out.writerow([0.0, 0.0, 0.0, 0.0, 0.0, "noise_sd", repr(float(frame["image_noise_level"].iloc[0]))])
