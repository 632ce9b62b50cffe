#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 computes voxel by voxel (voxelBased=True) of the small image that pyradiomics_maps.rs makes.

    python3.11 -m venv venv && venv/bin/pip install "numpy<2" "setuptools<70" wheel versioneer SimpleITK
    venv/bin/pip install --no-build-isolation pyradiomics==3.0.1
    venv/bin/python tests/oracle/pyradiomics_maps.py > tests/oracle/pyradiomics_maps.csv
    venv/bin/python tests/oracle/pyradiomics_maps.py --check          # against the stored figures

The image is made by the same formulas there and here: no file is needed. Of each map stand the values of some voxels of the
region, and beside them how many voxels have a value, and the mean of those.

Each voxel is a batch of its own (voxelBatch=1). In larger batches, PyRadiomics 3.0.1 gives NaN for JointAverage of a voxel
around which some direction has no pair, and stops at MCC if there is one such voxel; so its own values depend on the batch.
"""
import csv, io, logging, math, pathlib, sys, warnings

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor

logging.getLogger("radiomics").setLevel(logging.CRITICAL)
warnings.simplefilter("ignore")

SPACING = (0.75, 1.25, 2.5)
SHAPE = (8, 9, 10)  # z, y, x

z, y, x = np.indices(SHAPE)
TEXTURE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(float)
BALL = 10 * (x - 4) ** 2 + 13 * (y - 4) ** 2 + 20 * (z - 3) ** 2 < 140
HOLES = (3 * x + 5 * y + 7 * z) % 11 == 0
ALONE = (x == 9) & (y == 8) & (z == 7)
REGION = (BALL & ~HOLES) | ALONE
# Levels that often are those of a neighbour, in whole blocks.
BLOCKS = ((x // 2 + 2 * (y // 2) + 3 * (z // 2)) % 5 * 25 + 3).astype(float)

# The first and last voxels of the region, and some between them.
STRIDE = 11

CASES = {
    "ball": (TEXTURE, REGION, dict(binWidth=25)),
    "blocks": (BLOCKS, REGION, dict(binWidth=25)),
    "radius 2": (TEXTURE, REGION, dict(binWidth=50, kernelRadius=2)),
    "beyond": (TEXTURE, REGION, dict(binWidth=25, maskedKernel=False)),
    "force2D": (TEXTURE, REGION, dict(binWidth=25, force2D=True)),
    "settings": (TEXTURE / 4 + 0.125, REGION, dict(binWidth=3.5, gldm_a=1, voxelArrayShift=100)),
    "bins": (TEXTURE, REGION, dict(binCount=8)),
    "flat": (np.full(SHAPE, 57.0), BALL, dict(binWidth=25)),
    "merged": (TEXTURE, REGION, dict(binWidth=25, weightingNorm="no_weighting")),
}
CLASSES = ["firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]


def as_image(array, kind):
    image = sitk.GetImageFromArray(array.astype(kind))
    image.SetSpacing(SPACING)
    return image


def rows():
    for case, (voxels, region, settings) in CASES.items():
        extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, voxelBatch=1, initValue=-1.0, **settings)
        extractor.disableAllFeatures()
        for name in CLASSES:
            extractor.enableFeatureClassByName(name)
        image, mask = as_image(voxels, np.float32), as_image(region, np.uint8)
        for name, made in extractor.execute(image, mask, voxelBased=True).items():
            # The map has the box of the region and what lies around it.
            start = np.rint(mask.TransformPhysicalPointToContinuousIndex(made.GetOrigin())).astype(int)
            whole = np.full(SHAPE, -1.0)
            size = made.GetSize()
            places = tuple(slice(start[axis], start[axis] + size[axis]) for axis in (2, 1, 0))
            whole[places] = sitk.GetArrayFromImage(made)
            assert (whole[~region] == -1.0).all()
            values = whole[region]
            there = values[~np.isnan(values)]
            some = [repr(float(value)) for value in values[::STRIDE]]
            yield [case, name.replace("original_", ""), str(there.size), repr(math.fsum(there) / max(there.size, 1)), *some]


def check():
    stored = list(csv.reader(pathlib.Path(__file__).with_suffix(".csv").open()))
    made = list(rows())
    assert [row[:2] for row in stored] == [row[:2] for row in made], "other rows"
    furthest = 0.0
    for old, new in zip(stored, made):
        a, b = (np.array([float(cell) for cell in row[2:]]) for row in (old, new))
        assert (np.isnan(a) == np.isnan(b)).all(), old[:2]
        difference = np.nan_to_num(np.abs(a - b) / np.maximum(np.abs(a), 1e-6))
        furthest = max(furthest, float(difference.max()))
        assert difference.max() < 1e-9, (old[:2], difference.max())
    print(f"{len(made)} maps of PyRadiomics as stored, to {furthest:.1e}")


if sys.argv[1:] == ["--check"]:
    check()
else:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows())
    sys.stdout.write(out.getvalue())
