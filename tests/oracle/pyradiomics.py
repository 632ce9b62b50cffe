#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 computes of the small images that pyradiomics.rs makes.

    python -m venv venv && venv/bin/pip install "numpy<2" "setuptools<70" wheel versioneer SimpleITK
    venv/bin/pip install --no-build-isolation pyradiomics==3.0.1
    venv/bin/python tests/oracle/pyradiomics.py > tests/oracle/pyradiomics.csv
    venv/bin/python tests/oracle/pyradiomics.py bins > tests/oracle/pyradiomics-bins.csv

With Python 3.11: PyRadiomics 3.0.1 has no wheels for later ones, and with numpy 2 its bin edges would be other ones.
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
# Images are stored in single precision unless said: the type decides about the edges of a number of bins.
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
    # Intensities on the edges of bins; in single precision, of which the edges are made.
    "tenths": (np.floor(TEXTURE / 2) / 10, REGION, dict(binWidth=0.1)),
    "tenths counted": (np.floor(TEXTURE / 2) / 10, REGION, dict(binCount=30)),
    "flat counted": (np.full(SHAPE, 57.0), BALL, dict(binCount=32)),
    "force2D": (TEXTURE, REGION, dict(binWidth=25, force2D=True)),
    "merged": (TEXTURE, REGION, dict(binWidth=25, weightingNorm="no_weighting")),
    "merged slice": (TEXTURE, REGION & (z == 3), dict(binWidth=25, weightingNorm="no_weighting")),
}


# Bins: what lies on an edge or off it is decided by the last bit.
HALVES = np.floor(TEXTURE / 2)
IMAGES = {
    "whole": (TEXTURE.astype(np.int16), [0.7, 2.2, 3.3, 5, 7.3, 12.8, 25]),
    "tenths": (HALVES / 10, [0.05, 0.1, 0.3, 0.7, 2.2, 3.3, 5]),
    "single": ((HALVES / 10).astype(np.float32), [0.05, 0.1, 0.3, 0.7, 2.2, 3.3, 5]),
    "hundredths": (TEXTURE / 100, [0.05, 0.1, 0.3, 0.7, 2.2]),
    "flat": (np.full(SHAPE, 57, np.int16), [0.3, 7.3, 25]),
    "flat tenth": (np.full(SHAPE, 0.1), [0.05, 0.1, 25]),
    "flat single": (np.full(SHAPE, 0.1, np.float32), [0.1, 25]),
}
COUNTS = [1, 7, 16, 30, 32, 64, 100]
# Two of the histogram; one of each matrix, which see the levels themselves or which are neighbours.
OF_LEVELS = {
    "firstorder": ["Entropy", "Uniformity"],
    "glcm": ["Autocorrelation", "JointEntropy"],
    "glszm": ["GrayLevelVariance"],
    "ngtdm": ["Complexity"],
}


def itk(array):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(SPACING)
    return image


def extract(image, region, classes, settings):
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, label=1, **settings)
    if classes:
        extractor.disableAllFeatures()
        extractor.enableFeaturesByName(**classes)
    result = extractor.execute(itk(image), itk(region.astype(np.uint8)))
    return {column: float(value) for column, value in result.items()}


def cases():
    print("case,column,value")
    for case, (image, region, settings) in CASES.items():
        classes = dict(gldm=[], ngtdm=[]) if "distances" in settings else {}
        result = extract(image.astype(np.float32), region, classes, settings)
        for column, value in result.items():
            print(f"{case},{column},{value!r}")
        print(case, len(result), int(region.sum()), file=sys.stderr)


def bins():
    print("image,rule,setting," + ",".join(f"{c}_{f}" for c, names in OF_LEVELS.items() for f in names))
    for name, (image, widths) in IMAGES.items():
        for rule, setting in [("width", w) for w in widths] + [("count", n) for n in COUNTS]:
            result = extract(image, REGION, OF_LEVELS, {"width": dict(binWidth=setting), "count": dict(binCount=setting)}[rule])
            values = (result[f"original_{c}_{f}"] for c, names in OF_LEVELS.items() for f in names)
            print(f"{name},{rule},{setting}," + ",".join(map(repr, values)))


bins() if sys.argv[1:] == ["bins"] else cases()
