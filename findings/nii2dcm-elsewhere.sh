#!/usr/bin/env bash
# A brain MR in NIfTI is turned into DICOM with nii2dcm 0.1.6, to send it to an archive or a planning system. Where is the lesion?
#
# A voxel has a place in millimetres in either format, and one expects it to be the same place. NIfTI counts to the right and to the
# front, DICOM to the left and to the back, so the first two coordinates change their signs. nii2dcm turns the directions of rows
# and columns, but not the position of the first voxel. It also counts slices from 0 with a formula that counts from 1: the whole
# scan lies one slice too low. With the origin of an ordinary brain scan, the lesion is 180 mm too far to the right, 252 mm too far
# to the front, and 3 mm too low. The scan looks as it should on its own. An outline or another scan of the same patient does not
# fit to it.
#
# Output seen (2026-12-01): where SimpleITK finds the brightest voxel
#   NIfTI: 84, 117, -63 mm
#   DICOM by nii2dcm: -96, -135, -66 mm
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile \
    "nii2dcm==0.1.6" "nibabel==5.0.0" "pydicom==2.3.0" "SimpleITK==2.5.7" "numpy<2"
"$scratch/venv/bin/python" -W ignore - "$scratch" <<'PYTHON'
import pathlib
import subprocess
import sys

import nibabel
import numpy as np
import SimpleITK

scratch = pathlib.Path(sys.argv[1])
(scratch / "dicom").mkdir()
affine = np.diag([1.0, 1.0, 3.0, 1.0])
affine[:3, 3] = -90, -126, -72
brain = np.full((20, 24, 12), 100, np.int16)
brain[6, 9, 3] = 3000
image = nibabel.Nifti1Image(brain, affine)
image.header.set_qform(affine, code=1)
image.header.set_sform(affine, code=1)
nibabel.save(image, scratch / "brain.nii.gz")
command = [scratch / "venv" / "bin" / "nii2dcm", scratch / "brain.nii.gz", scratch / "dicom", "--dicom_type", "MR"]
subprocess.run(command, check=True, capture_output=True)


def brightest(name, scan):
    array = SimpleITK.GetArrayFromImage(scan)
    index = [int(i) for i in np.unravel_index(array.argmax(), array.shape)[::-1]]
    place = [round(mm) for mm in scan.TransformIndexToPhysicalPoint(index)]
    print(f"{name}: {place[0]}, {place[1]}, {place[2]} mm")
    return place


nifti = brightest("NIfTI", SimpleITK.ReadImage(str(scratch / "brain.nii.gz")))
reader = SimpleITK.ImageSeriesReader()
reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(scratch / "dicom")))
dicom = brightest("DICOM by nii2dcm", reader.Execute())
sys.exit(0 if nifti == [84, 117, -63] and dicom == [-96, -135, -66] else 1)
PYTHON
