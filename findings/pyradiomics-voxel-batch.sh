#!/usr/bin/env bash
# PyRadiomics 3.0.1 (Python 3.11): with `voxelBased`, two features of a voxel depend on which other voxels are computed with it.
#
# `voxelBatch` is there to save memory: it says how many voxels are computed at a time, and by default all of them are. One
# expects the same maps of any batch. But the matrices of a batch lose only those directions that are empty around every voxel
# of it. If a direction has a pair around one voxel and none around another, the other one's matrix has a sum of 0 there.
# `JointAverage` averages over directions with a plain mean, and is NaN at that voxel. `MCC` asks for the eigenvalues of all
# matrices of the batch at once, meets one that is not finite, and no voxel of the batch has a value: the whole map keeps
# `initValue`. The log says that the feature failed. Batches of one voxel have finite values everywhere. Other features, such as
# `Contrast`, are the same of any batch. The mask is one slice of 6 x 6 voxels with a tail of three.
#
# Output seen:
#     Contrast: of 39 voxels 0 differ between a batch of all and batches of one
#     JointAverage: of 39 voxels 2 differ, 2 are NaN in a batch of all and 0 in batches of one
#     MCC: of 39 voxels 39 differ, 39 keep initValue in a batch of all and 0 in batches of one
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
z, y, x = np.indices((5, 12, 12))
array = ((7 * x + 13 * y * y + 29 * z) % 100).astype(float)
mask = np.zeros(array.shape, np.uint8)
mask[2, 3:9, 2:8] = 1
mask[2, 5, 8:11] = 1
image, region = sitk.GetImageFromArray(array), sitk.GetImageFromArray(mask)
INITIAL = -1.0


def maps(batch):
    settings = dict(binWidth=25, kernelRadius=1, maskedKernel=True, initValue=INITIAL, voxelBatch=batch)
    family = glcm.RadiomicsGLCM(image, region, voxelBased=True, **settings)
    family.disableAllFeatures()
    for name in ("Contrast", "JointAverage", "MCC"):
        family.enableFeatureByName(name)
    return {name: sitk.GetArrayFromImage(found)[mask > 0] for name, found in family.execute().items()}


single, whole = maps(1), maps(-1)


def differ(name):
    return int((~np.isclose(single[name], whole[name], rtol=1e-9, equal_nan=True)).sum())


voxels = int(mask.sum())
nan = [int(np.isnan(found["JointAverage"]).sum()) for found in (whole, single)]
initial = [int((found["MCC"] == INITIAL).sum()) for found in (whole, single)]
print(f"Contrast: of {voxels} voxels {differ('Contrast')} differ between a batch of all and batches of one")
print(f"JointAverage: of {voxels} voxels {differ('JointAverage')} differ, {nan[0]} are NaN in a batch of all and {nan[1]} in batches of one")
print(f"MCC: of {voxels} voxels {differ('MCC')} differ, {initial[0]} keep initValue in a batch of all and {initial[1]} in batches of one")
expected = differ("Contrast") == 0 and nan[0] > 0 and nan[1] == 0 and initial == [voxels, 0]
sys.exit(0 if expected else 1)
PYTHON
