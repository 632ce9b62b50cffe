#!/usr/bin/env python3
"""Writes pyradiomics.csv: what PyRadiomics 3.0.1 computes of the small images that pyradiomics.rs makes.

    python -m venv venv && venv/bin/pip install "numpy<2" "setuptools<70" wheel versioneer SimpleITK
    venv/bin/pip install --no-build-isolation pyradiomics==3.0.1
    venv/bin/python tests/oracle/pyradiomics.py > tests/oracle/pyradiomics.csv

The images are made by the same formulas there and here: no file is needed.
"""
import logging, sys

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor

logging.getLogger("radiomics").setLevel(logging.ERROR)

SPACING = (0.75, 1.25, 2.5)
SHAPE = (8, 9, 10)  # z, y, x

z, y, x = np.indices(SHAPE)
# Whole numbers of about -200 to 200, and quarters of them for a PET-like range.
TEXTURE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(float)
BALL = 10 * (x - 4) ** 2 + 13 * (y - 4) ** 2 + 20 * (z - 3) ** 2 < 140
HOLES = (3 * x + 5 * y + 7 * z) % 11 == 0
ALONE = (x == 9) & (y == 8) & (z == 7)
REGION = (BALL & ~HOLES) | ALONE

ALL = dict(binWidth=25)
CASES = {
    # A region with holes, touching edges only here and there, and a voxel far away.
    "ball": (TEXTURE, REGION, ALL),
    # One slice: nine directions have no neighbours.
    "slice": (TEXTURE, REGION & (z == 3), ALL),
    # One grey level.
    "flat": (np.full(SHAPE, 57.0), BALL, ALL),
    # Fractions of a unit, and settings off their defaults.
    "settings": (
        TEXTURE / 4 + 0.125,
        REGION,
        dict(binWidth=3.5, gldm_a=1, voxelArrayShift=100),
    ),
    # All neighbours within two voxels, for the classes where that has an equivalent.
    "distances": (TEXTURE, REGION, dict(binWidth=25, distances=[1, 2])),
    "bins": (TEXTURE, REGION, dict(binCount=16)),
    "force2D": (TEXTURE, REGION, dict(binWidth=25, force2D=True)),
    "merged": (TEXTURE, REGION, dict(binWidth=25, weightingNorm="no_weighting")),
    "merged slice": (TEXTURE, REGION & (z == 3), dict(binWidth=25, weightingNorm="no_weighting")),
}


def itk(array):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(SPACING)
    return image


print("case,column,value")
for case, (image, region, settings) in CASES.items():
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, label=1, **settings)
    if "distances" in settings:
        extractor.disableAllFeatures()
        extractor.enableFeaturesByName(gldm=[], ngtdm=[])
    result = extractor.execute(itk(image), itk(region.astype(np.uint8)))
    for column, value in result.items():
        print(f"{case},{column},{float(value)!r}")
    print(case, len(result), int(region.sum()), file=sys.stderr)
