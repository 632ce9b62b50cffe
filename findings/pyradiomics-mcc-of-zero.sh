#!/usr/bin/env bash
# PyRadiomics 3.0.1 (Python 3.11): with `symmetricalGLCM = False`, MCC changes if the grey levels are only renamed.
#
# The maximal correlation coefficient asks how well one voxel's level can be told from its neighbour's. What the levels are called does
# not count, so an image and its negative must have the same value. PyRadiomics takes the second largest eigenvalue of a matrix for each
# direction, and the mean of their square roots over the directions. In a small region, one direction may have no correlation at all:
# its eigenvalue is 0. Computed, it is a little above 0 or a little below it. Of one below 0, the square root is NaN, and the mean leaves
# NaN out. So the sign of a rounding error decides whether a direction counts as 0 or not at all. The singular values of the same matrices,
# which cannot be negative, give one value for both images.
#
# Output seen (region of 2 x 3 x 4 voxels, three levels, 13 directions, one of which has no correlation):
#     PyRadiomics: image 0.571317, negative 0.527370
#     singular values: image 0.527370, negative 0.527370
# The exit code is not 0 if that changes.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
pip=("$scratch/venv/bin/pip" install --quiet --disable-pip-version-check)
"${pip[@]}" "numpy==1.26.4" "setuptools<70" wheel versioneer "SimpleITK==2.5.7" "PyWavelets==1.9.0"
"${pip[@]}" --no-build-isolation "pyradiomics==3.0.1"
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import sys

import numpy as np
import SimpleITK as sitk
from radiomics import glcm, setVerbosity

setVerbosity(60)
image = np.array([[[1, 1, 2, 1], [1, 3, 3, 3], [2, 1, 3, 2]], [[2, 2, 3, 3], [1, 1, 1, 3], [1, 1, 1, 1]]], float)


def family(array):
    mask = sitk.GetImageFromArray(np.ones(array.shape, np.uint8))
    of = glcm.RadiomicsGLCM(sitk.GetImageFromArray(array), mask, binWidth=1, symmetricalGLCM=False)
    of.disableAllFeatures()
    of.enableFeatureByName("MCC")
    return of, float(of.execute()["MCC"])


def exact(of):
    """The mean over the directions of the second singular value of p_ij / sqrt(p_i. p_.j): the same coefficient, without a square root."""
    found = []
    for p in np.moveaxis(of.P_glcm[0], -1, 0):
        scale = np.sqrt(np.outer(p.sum(1), p.sum(0)))
        found.append(np.linalg.svd(np.divide(p, scale, out=np.zeros_like(p), where=scale > 0), compute_uv=False)[1])
    return float(np.mean(found)), min(found)


(plain, value), (negative, turned) = family(image), family(4 - image)
print(f"PyRadiomics: image {value:.6f}, negative {turned:.6f}")
(direct, least), (of_negative, _) = exact(plain), exact(negative)
print(f"singular values: image {direct:.6f}, negative {of_negative:.6f}")
same = lambda a, b: abs(a - b) < 1e-6
sys.exit(0 if same(value, 0.571317) and same(turned, 0.527370) and same(direct, 0.527370) and same(of_negative, direct) and least < 1e-7 else 1)
PYTHON
