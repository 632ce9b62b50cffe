#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 makes of small images by `resampleImage`, which asks SimpleITK.

    venv/bin/python core/imaging/tests/oracle/simpleitk.py > core/imaging/tests/oracle/simpleitk.csv

in the environment of pyradiomics_images.py. simpleitk.rs makes the same images by the same formula. A row is a case: the new size
and origin, how many voxels the new mask has, and every 7th voxel of the new image.
"""
import logging

import numpy as np
import SimpleITK as sitk
from radiomics import imageoperations as ops

logging.getLogger("radiomics").setLevel(logging.CRITICAL)

# Name: size (x, y, z), spacing, origin, signs of the axes, first and last index of the region, type, settings.
BSPLINE, LINEAR, NEAREST = "sitkBSpline", "sitkLinear", "sitkNearestNeighbor"
CASES = {
    "thirds": ((24, 22, 20), (1.0, 1.0, 1.5), (0.0, 0.0, 0.0), (1, 1, 1), ((6, 7, 5), (15, 13, 12)), np.int16, [3, 0.5, 0.5], BSPLINE, 1),
    "clinical": ((33, 27, 9), (0.9766, 0.9766, 3.27), (-250.12, -131.7, 44.3), (1, 1, 1), ((9, 8, 2), (20, 19, 6)), np.int16, [1, 1, 1], BSPLINE, 5),
    "flipped": ((21, 30, 26), (0.7, 0.7, 2.5), (88.8, 120.3, -17.0), (-1, -1, 1), ((0, 9, 3), (11, 29, 22)), np.int16, [1.4, 1.4, 0], BSPLINE, 2),
    "small type": ((18, 17, 16), (2.0, 2.0, 2.0), (1.0, 2.0, 3.0), (1, -1, -1), ((3, 3, 3), (12, 13, 11)), np.uint8, [1.3, 1.3, 1.3], BSPLINE, 0),
    "double": ((19, 18, 40), (1.1, 1.2, 1.3), (0.0, 0.0, 0.0), (1, 1, 1), ((4, 4, 10), (13, 12, 30)), np.float64, [2, 2, 2], BSPLINE, 10),
    "single": ((19, 18, 40), (1.1, 1.2, 1.3), (0.0, 0.0, 0.0), (1, 1, 1), ((4, 4, 10), (13, 12, 30)), np.float32, [2, 2, 2], BSPLINE, 3),
    "slice": ((20, 21, 7), (0.8, 0.8, 6.0), (5.0, 6.0, 7.0), (1, 1, 1), ((5, 6, 3), (14, 15, 3)), np.int16, [1, 1, 1], BSPLINE, 4),
    "linear": ((23, 22, 12), (0.75, 1.25, 2.5), (-31.5, 12.25, 7.0), (1, 1, 1), ((0, 0, 0), (22, 21, 11)), np.int16, [1, 1, 1], LINEAR, 5),
    "linear double": ((23, 22, 12), (0.8, 0.8, 2.4), (9.1, 8.2, 7.3), (-1, -1, 1), ((4, 3, 2), (20, 17, 9)), np.float64, [1.6, 0.3, 1.2], LINEAR, 1),
    "nearest": ((23, 22, 12), (0.7, 0.9, 3.1), (0.1, 0.2, 0.3), (1, 1, 1), ((4, 3, 2), (20, 17, 9)), np.int16, [1.4, 1.8, 1], NEAREST, 3),
}

print("case,nx,ny,nz,ox,oy,oz,mask,voxels")
for name, (size, spacing, origin, signs, (first, last), kind, asked, interpolator, pad) in CASES.items():
    z, y, x = np.indices(size[::-1])
    texture = (7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401
    image = sitk.GetImageFromArray((texture % 256 if kind is np.uint8 else texture - 200).astype(kind))
    region = (x >= first[0]) & (x <= last[0]) & (y >= first[1]) & (y <= last[1]) & (z >= first[2]) & (z <= last[2])
    mask = sitk.GetImageFromArray((region & ((x + y + z) % 3 != 0) | region & (x == first[0]) | region & (x == last[0])).astype(np.uint8))
    for scan in (image, mask):
        scan.SetSpacing(spacing)
        scan.SetOrigin(origin)
        scan.SetDirection(np.diag(signs).astype(float).ravel())
    made, cut = ops.resampleImage(image, mask, resampledPixelSpacing=asked, interpolator=interpolator, padDistance=pad, label=1)
    voxels = sitk.GetArrayFromImage(made).ravel()[::7]
    cells = [*made.GetSize(), *made.GetOrigin(), int((sitk.GetArrayFromImage(cut) == 1).sum())]
    print(f"{name},{','.join(map(repr, cells))},{' '.join(repr(float(voxel)) for voxel in voxels)}")
