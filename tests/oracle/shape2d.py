"""PyRadiomics' shape2D of twenty made regions, as tests/oracle/shape2d.csv has it.

    python3.11 -m venv env && env/bin/pip install "numpy<2" "setuptools<70" wheel versioneer scipy SimpleITK
    env/bin/pip install --no-build-isolation pyradiomics==3.0.1
    env/bin/python tests/oracle/shape2d.py > tests/oracle/shape2d.csv

A region is a row: its size, its spacing, its pixels as 0 and 1 row after row, and the features by PyRadiomics' names.
"""

import logging
import random

import numpy
import SimpleITK
from radiomics.shape2D import RadiomicsShape2D

logging.getLogger("radiomics").setLevel(logging.ERROR)

FEATURES = [
    "MeshSurface",
    "PixelSurface",
    "Perimeter",
    "PerimeterSurfaceRatio",
    "Sphericity",
    "SphericalDisproportion",
    "MaximumDiameter",
    "MajorAxisLength",
    "MinorAxisLength",
    "Elongation",
]


def regions():
    """Twenty masks with their spacings (x, y)."""
    y, x = numpy.mgrid[:24, :30]
    disc = (x - 14.3) ** 2 + (y - 11.8) ** 2
    yield disc < 81, (1.0, 1.0)
    yield disc < 81, (0.5, 0.8)
    yield (disc < 81) & (disc > 25), (0.7, 0.7)
    yield (disc < 100) & (x > 12), (1.2, 0.9)
    yield numpy.ones((7, 11), bool), (0.33, 0.47)
    yield numpy.ones((1, 9), bool), (0.5, 0.5)
    yield numpy.ones((9, 1), bool), (0.5, 2.0)
    yield numpy.eye(8, dtype=bool), (1.0, 1.5)
    yield numpy.eye(9, dtype=bool)[::-1], (0.3, 0.3)
    yield (x + y) % 2 == 0, (1.0, 0.6)
    yield numpy.abs(x - 12) + 2 * numpy.abs(y - 10) < 15, (0.9, 0.4)
    yield (x > 3) & (x < 9) | (y > 15) & (y < 19), (0.8, 0.8)
    yield numpy.array([[1, 1], [1, 0]], bool), (2.0, 3.0)
    generator = random.Random(7)
    for share in [0.1, 0.3, 0.5, 0.7, 0.9]:
        yield numpy.array([[generator.random() < share for _ in range(13)] for _ in range(10)]), (0.61, 0.83)
    for turns in [0.35, 1.1]:
        u = numpy.cos(turns) * (x - 15) + numpy.sin(turns) * (y - 12)
        v = -numpy.sin(turns) * (x - 15) + numpy.cos(turns) * (y - 12)
        yield (u / 10) ** 2 + (v / 4) ** 2 < 1, (0.45, 0.45)


print(",".join(["width", "height", "spacing_x", "spacing_y", "mask", *FEATURES]))
for mask, spacing in regions():
    image = SimpleITK.GetImageFromArray(mask[None].astype("uint8"))
    image.SetSpacing((*spacing, 1.0))
    family = RadiomicsShape2D(image, image, label=1, force2D=True, force2Ddimension=0)
    family.enableAllFeatures()
    values = family.execute()
    # Switched off by default, for it is the reciprocal of another one.
    values["SphericalDisproportion"] = family.getSphericalDisproportionFeatureValue()
    pixels = "".join("1" if pixel else "0" for pixel in mask.ravel())
    numbers = [repr(float(values[name])) for name in FEATURES]
    print(",".join([str(mask.shape[1]), str(mask.shape[0]), *map(repr, spacing), pixels, *numbers]))
