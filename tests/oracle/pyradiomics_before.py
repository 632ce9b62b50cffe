#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 computes where image and mask are normalised, resampled, cut or re-segmented first.

    venv/bin/python tests/oracle/pyradiomics_before.py FOLDER > tests/oracle/pyradiomics-before.csv
    venv/bin/python tests/oracle/pyradiomics_before.py FOLDER --check          # against the stored figures, to 1e-9

in the environment of pyradiomics_maps.py. The images are made by the same formulas there and in python/voxomics/tests; FOLDER has
PyRadiomics' test case brain1 as brain1_image.nrrd and brain1_label.nrrd.
"""
import csv, logging, math, os, pathlib, sys

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
    "relative": dict(binWidth=25, resegmentRange=[0.1, 0.8], resegmentMode="relative"),
    "relative, shape too": dict(binWidth=25, resegmentRange=[0.1], resegmentMode="relative", resegmentShape=True),
    "sigma": dict(binWidth=25, resegmentRange=[-1, 1.5], resegmentMode="sigma"),
    "absolute, shape too": dict(binWidth=25, resegmentRange=[-50, 120], resegmentShape=True),
    "normalised, resampled, relative": dict(
        binWidth=5, normalize=True, normalizeScale=100, resampledPixelSpacing=[1, 1, 2], interpolator="sitkLinear", resegmentRange=[0.2],
        resegmentMode="relative",
    ),
}
#: Of brain1: a tumour whose box becomes smaller, so that PyRadiomics cuts what shape is computed of.
BRAIN = {
    "brain1 relative": dict(binWidth=25, resegmentRange=[0.6], resegmentMode="relative"),
    "brain1 relative, shape too": dict(binWidth=25, resegmentRange=[0.6, 0.95], resegmentMode="relative", resegmentShape=True),
    "brain1 sigma": dict(binWidth=25, resegmentRange=[-1, 1], resegmentMode="sigma"),
}
TOLD = ("original_", "log-", "diagnostics_Image-interpolated", "diagnostics_Mask-interpolated", "diagnostics_Mask-resegmented")



def values_of(image, mask, settings, sigma):
    extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
    # A filter sees what lies around the region, so it tells where image and mask were cut.
    extractor.enableImageTypes(Original={}, LoG={"sigma": [sigma]})
    for column, value in extractor.execute(image, mask).items():
        if column.startswith(TOLD):
            yield column, repr(float(value)) if isinstance(value, (np.ndarray, float)) else str(value)


def rows(folder):
    image, mask = sitk.GetImageFromArray(TEXTURE), sitk.GetImageFromArray(BALL.astype(np.uint8))
    image.SetSpacing(SPACING)
    mask.SetSpacing(SPACING)
    for name, settings in SETTINGS.items():
        for column, value in values_of(image, mask, settings, 1.0 if name != "coarser" else 2.0):
            yield [name, column, value]
    brain = [os.path.join(folder, f"brain1_{role}.nrrd") for role in ("image", "label")]
    for name, settings in BRAIN.items():
        for column, value in values_of(*brain, settings, 1.0):
            yield [name, column, value]


def close(found, expected):
    if found == expected:
        return True
    numbers = [[float(x) for x in text.strip("()").split(",") if x] for text in (found, expected)]
    return len(numbers[0]) == len(numbers[1]) and all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (a != a and b != b) for a, b in zip(*numbers)
    )


def main():
    made = [["case", "column", "value"], *rows(sys.argv[1])]
    if "--check" not in sys.argv:
        csv.writer(sys.stdout, lineterminator="\n").writerows(made)
        return
    with open(pathlib.Path(__file__).with_name("pyradiomics-before.csv"), newline="") as file:
        stored = list(csv.reader(file))
    assert [row[:2] for row in made] == [row[:2] for row in stored], "other rows than those stored"
    for row, expected in zip(made[1:], stored[1:]):
        assert close(row[2], expected[2]), (row, expected)
    print(f"{len(stored) - 1} values as stored")


if __name__ == "__main__":
    main()
