#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 computes where image and mask are normalised, resampled or cut first.

    venv/bin/python tests/oracle/pyradiomics_before.py > tests/oracle/pyradiomics-before.csv

in the environment of pyradiomics.py. The images are made by the same formulas there and in python/voxomics/tests.
"""
import csv, logging, sys

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor

logging.getLogger("radiomics").setLevel(logging.ERROR)

SPACING, SHAPE = (0.75, 1.25, 2.5), (12, 24, 26)  # x, y, z and z, y, x
z, y, x = np.indices(SHAPE)
TEXTURE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(np.float32)
BALL = 10 * (x - 12) ** 2 + 13 * (y - 11) ** 2 + 40 * (z - 5) ** 2 < 400

SETTINGS = {
    "resampled": dict(binWidth=25, resampledPixelSpacing=[1, 1, 1], interpolator="sitkBSpline"),
    "coarser": dict(binWidth=25, resampledPixelSpacing=[2, 2, 3], interpolator="sitkLinear", padDistance=2),
    "in plane": dict(binWidth=25, resampledPixelSpacing=[1, 1, 0], interpolator="sitkBSpline"),
    "same spacing": dict(binWidth=25, resampledPixelSpacing=list(SPACING), interpolator="sitkBSpline"),
    "normalised and resampled": dict(
        binWidth=5, normalize=True, normalizeScale=100, removeOutliers=1.5, resampledPixelSpacing=[1, 1, 2], interpolator="sitkLinear"
    ),
    "cut": dict(binWidth=25, preCrop=True, padDistance=1),
}

out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["case", "column", "value"])
image, mask = sitk.GetImageFromArray(TEXTURE), sitk.GetImageFromArray(BALL.astype(np.uint8))
image.SetSpacing(SPACING)
mask.SetSpacing(SPACING)
for name, settings in SETTINGS.items():
    extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
    # A filter sees what lies around the region, so it tells where image and mask were cut.
    extractor.enableImageTypes(Original={}, LoG={"sigma": [1.0]} if name != "coarser" else {"sigma": [2.0]})
    for column, value in extractor.execute(image, mask).items():
        if column.startswith(("original_", "log-", "diagnostics_Image-interpolated", "diagnostics_Mask-interpolated")):
            out.writerow([name, column, repr(float(value)) if isinstance(value, (np.ndarray, float)) else value])
