#!/usr/bin/env python3
"""The images that PyRadiomics 3.0.1 makes of an image (imageoperations.get…Image): some voxels of each.

    venv/bin/python tests/oracle/pyradiomics_filters.py > tests/oracle/pyradiomics_filters.csv
    venv/bin/python tests/oracle/pyradiomics_filters.py --check          # against the stored figures

in the environment of pyradiomics_maps.py. The image is of 64-bit floats: PyRadiomics makes wavelets of single precision of a 32-bit one.
"""
import csv, math, pathlib, sys

import numpy as np
import SimpleITK as sitk

SPACING, SHAPE = (0.75, 1.25, 2.5), (8, 9, 10)  # x, y, z and z, y, x
z, y, x = np.indices(SHAPE)
TEXTURE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(float)
IMAGE, MASK = (sitk.GetImageFromArray(array) for array in (TEXTURE, (TEXTURE > 0).astype(np.uint8)))
for image in (IMAGE, MASK):
    image.SetSpacing(SPACING)
STRIDE = 53
TYPES = {
    "LoG": [{"sigma": [1.0, 2.5]}], "Wavelet": [{}, {"level": 2, "wavelet": "haar"}, {"start_level": 1}], "Square": [{}], "SquareRoot": [{}],
    "Logarithm": [{}], "Exponential": [{}], "Gradient": [{}, {"gradientUseSpacing": False}], "Original": [{}],
}


def rows(imageoperations):
    for image_type, all_settings in TYPES.items():
        for number, settings in enumerate(all_settings):
            for image, name, kwargs in getattr(imageoperations, f"get{image_type}Image")(IMAGE, MASK, **settings):
                assert kwargs == settings and image.GetSize() == IMAGE.GetSize()
                voxels = sitk.GetArrayFromImage(image).astype(float)
                yield [f"{image_type} {number}", name, float(np.abs(voxels).max()), *voxels.ravel()[::STRIDE].tolist()]


def main():
    from radiomics import imageoperations

    made = [[cell if isinstance(cell, str) else repr(cell) for cell in row] for row in rows(imageoperations)]
    if "--check" not in sys.argv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(made)
        return
    with open(pathlib.Path(__file__).with_suffix(".csv"), newline="") as file:
        stored = list(csv.reader(file))
    assert [row[:2] for row in made] == [row[:2] for row in stored], "other images than those stored"
    for row, expected in zip(made, stored):
        assert all(math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(row[2:], expected[2:])), row[:2]
    print(f"{len(stored)} images as stored")


if __name__ == "__main__":
    main()
