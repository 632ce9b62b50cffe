#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 makes of a small image: responses of its image types at some voxels.

    python -m venv venv && venv/bin/pip install "numpy<2" "setuptools<70" wheel versioneer SimpleITK scikit-image
    venv/bin/pip install --no-build-isolation pyradiomics==3.0.1
    venv/bin/python core/imaging/tests/oracle/pyradiomics_images.py > core/imaging/tests/oracle/pyradiomics_images.csv

pyradiomics_images.rs makes the same image by the same formula.
"""
import logging

import numpy as np
import SimpleITK as sitk
from radiomics import imageoperations as ops

logging.getLogger("radiomics").setLevel(logging.ERROR)
SPACING = (0.75, 1.25, 2.5)
SHAPE = (8, 9, 11)  # z, y, x: even and odd
STEP = 23

z, y, x = np.indices(SHAPE)
image = sitk.GetImageFromArray(((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(np.int16))
image.SetSpacing(SPACING)
mask = sitk.GetImageFromArray(np.ones(SHAPE, np.uint8))
mask.SetSpacing(SPACING)


def show(name, response):
    for at, value in list(enumerate(sitk.GetArrayFromImage(response).ravel()))[::STEP]:
        print(f"{name},{at},{float(value)!r}")


print("image,voxel,value")
for label, of in (("whole", image), ("normalised", ops.normalizeImage(image, normalizeScale=100, removeOutliers=2))):
    if label == "normalised":
        show(label, of)
    for sigma in (1.0, 2.0, 3.5):
        for response, name, _ in ops.getLoGImage(of, mask, sigma=[sigma]):
            show(f"{label} {name}", response)
for kind in ("Square", "SquareRoot", "Logarithm", "Exponential"):
    for response, name, _ in getattr(ops, f"get{kind}Image")(image, mask):
        show(name, response)
for use in (True, False):
    for response, name, _ in ops.getGradientImage(image, mask, gradientUseSpacing=use):
        show(f"{name} {use}", response)
for wavelet, start, level in (("coif1", 0, 1), ("db3", 1, 2)):
    for response, name, _ in ops.getWaveletImage(image, mask, wavelet=wavelet, start_level=start, level=level):
        show(f"{wavelet} {name}", response)
for label, wavelet, start, level, dimension in (
    ("force2D", "coif1", 0, 1, 0),
    ("force2D levels", "db3", 1, 2, 0),
    ("force2D 1", "coif1", 0, 2, 1),
    ("force2D 2", "coif1", 0, 1, 2),
):
    settings = dict(wavelet=wavelet, start_level=start, level=level, force2D=True, force2Ddimension=dimension)
    for response, name, _ in ops.getWaveletImage(image, mask, **settings):
        show(f"{label} {name}", response)
for method, samples, radius in (("uniform", 9, 1), ("default", 8, 2), ("ror", 6, 1.5)):
    for response, name, _ in ops.getLBP2DImage(image, mask, lbp2DMethod=method, lbp2DSamples=samples, lbp2DRadius=radius):
        show(f"{name} {method}", response)
