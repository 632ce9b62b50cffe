#!/usr/bin/env bash
# PyRadiomics 3.0.1 (Python 3.11, PyWavelets 1.9.0): the second level of image type `Wavelet` is no level of a stationary
# wavelet transform.
#
# A stationary (undecimated) transform puts zeros between the filters' weights from one level to the next, so that each
# level looks at structures twice as large; pywt.swtn(level=2) does. PyRadiomics calls pywt.swtn(level=1) once per level, on
# the low-pass image of the level before: the same filters again, without zeros. Its `wavelet2-HHH` so is a detail of the
# same size as `wavelet-HHH`, and differs from the stationary transform by as much as the response itself. The order of
# the letters is x, y, z all the same, and the first level agrees.
#
# Output seen:
#     level 1: largest difference from pywt.swtn 0
#     level 2: largest difference from pywt.swtn(level=2) 504.1, of a response up to 484.2
#     level 2: largest difference from two transforms of one level 0
# The exit code is not 0 if that changes.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
pip=("$scratch/venv/bin/pip" install --quiet --disable-pip-version-check)
"${pip[@]}" "numpy==1.26.4" "setuptools<70" wheel versioneer "SimpleITK==2.5.7" "PyWavelets==1.9.0"
"${pip[@]}" --no-build-isolation "pyradiomics==3.0.1"
"$scratch/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import pywt
import SimpleITK as sitk
from radiomics import imageoperations

z, y, x = np.indices((16, 16, 16))
array = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y) % 401 - 200).astype(float)
image, mask = sitk.GetImageFromArray(array), sitk.GetImageFromArray(np.ones(array.shape, np.uint8))
found = {
    name: sitk.GetArrayFromImage(response)
    for response, name, _ in imageoperations.getWaveletImage(image, mask, wavelet="coif1", level=2)
}
axes = (2, 1, 0)
once = pywt.swtn(array, "coif1", level=1, axes=axes)[0]
stationary = pywt.swtn(array, "coif1", level=2, axes=axes)[0]
twice = pywt.swtn(once["aaa"], "coif1", level=1, axes=axes)[0]


def differ(a, b):
    return float(np.abs(a - b).max())


first = differ(found["wavelet-HHH"], once["ddd"])
second = differ(found["wavelet2-HHH"], stationary["ddd"])
again = differ(found["wavelet2-HHH"], twice["ddd"])
largest = float(np.abs(stationary["ddd"]).max())
print(f"level 1: largest difference from pywt.swtn {first:.4g}")
print(f"level 2: largest difference from pywt.swtn(level=2) {second:.4g}, of a response up to {largest:.4g}")
print(f"level 2: largest difference from two transforms of one level {again:.4g}")
sys.exit(0 if first < 1e-9 and again < 1e-9 and second > 0.1 * largest else 1)
PYTHON
