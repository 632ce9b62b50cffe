#!/usr/bin/env bash
# One scan and one tumour, as two NIfTI files of the same voxels at the same places: in the second, the slices are stored from the
# top downwards. Both are resampled to 2 mm with z-rad 26.9.0. Are the features the same?
#
# The direction of the axes tells where each voxel lies, so nothing differs but the order in the file, and one expects the same
# features. z-rad centres the new grid on the old one, but it adds the shift of its first voxel to the origin without turning it by
# the direction. On an axis that runs against the coordinates, the grid moves the wrong way, and ends up 1 mm from its place here. A
# whole slice of it then lies beyond the scan, and is 0. dcm2niix, for one, stores the rows of an axial scan that way. The variance
# is off by 1 %, the maximum by 7 %, and the number of voxels tells nothing.
#
# Output seen (2026-12-01):
#   slices upwards: mean 36.72, variance 1024.2, maximum 132.6, 908 voxels, 3 zeros in the scan
#   slices downwards: mean 36.79, variance 1011.6, maximum 142.1, 908 voxels, 403 zeros in the scan
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile \
    "z-rad==26.9.0" "SimpleITK==2.5.7" "numpy==2.4.6" "scipy==1.17.1" "scikit-image==0.26.0"
"$scratch/venv/bin/python" -W ignore - "$scratch" <<'PYTHON'
import pathlib
import sys

import numpy as np
import SimpleITK
from scipy.ndimage import gaussian_filter
from zrad.image import Image
from zrad.preprocessing import ImageResampler, IntensityMaskBuilder, MaskResampler, RoiData
from zrad.radiomics import Radiomics

folder = pathlib.Path(sys.argv[1])
z, y, x = np.indices((12, 40, 40))
noise = np.random.default_rng(0).normal(0, 1, z.shape)
scan = np.round(gaussian_filter(noise, (0.7, 1.5, 1.5)) * 300 + 40)
tumour = (((z - 6) * 3) ** 2 + (y - 20) ** 2 + (x - 20) ** 2 < 12**2).astype(np.uint8)


def write(array, path, downwards):
    image = SimpleITK.GetImageFromArray(array[::-1] if downwards else array)
    image.SetSpacing((1, 1, 3))
    if downwards:
        image.SetOrigin((0, 0, 3 * (len(array) - 1)))
        image.SetDirection((1, 0, 0, 0, 1, 0, 0, 0, -1))
    SimpleITK.WriteImage(image, str(path))
    return str(path)


def features(name, downwards):
    image = Image.from_nifti(write(scan.astype(np.float32), folder / f"{downwards}.nii.gz", downwards))
    mask = Image.from_nifti_mask(write(tumour, folder / f"{downwards}-mask.nii.gz", downwards), reference=image)
    data = RoiData(image=image, morphological_mask=mask)
    data = MaskResampler(2, "linear").apply(ImageResampler(2, "linear").apply(data))
    voxels, zeros = int(data.morphological_mask.array.sum()), int((data.image.array == 0).sum())
    data = IntensityMaskBuilder().apply(data)
    found = Radiomics().extract_features(roi_data=data, families=["intensity_statistics"])
    values = [float(found[key]) for key in ("stat_mean", "stat_var", "stat_max")]
    print("{}: mean {:.2f}, variance {:.1f}, maximum {:.1f}, {} voxels, {} zeros in the scan".format(name, *values, voxels, zeros))
    return values, zeros


upwards, few = features("slices upwards", False)
downwards, many = features("slices downwards", True)
sys.exit(0 if abs(upwards[2] - downwards[2]) > 5 and many >= few + 390 else 1)
PYTHON
