#!/usr/bin/env bash
# One NIfTI-1 file whose sform has steps of 0.8 mm and whose pixdim and qform say 0.6 mm: how large is a voxel?
#
# nibabel 5.3.2 answers either, by which of two functions is asked, and says nothing. SimpleITK 2.5.0 takes pixdim for the
# spacing and warns ("unexpected scales in sform"). So two sound programs differ by the factor 2.4 in the volume of a lesion.
#
# Seen (2026-11-29):
#   nibabel, header.get_zooms(): 0.6000 mm
#   nibabel, voxel_sizes(affine): 0.8000 mm
#   SimpleITK, GetSpacing(): 0.6000 mm
#
# Exits with 1 if one of them answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "nibabel==5.3.2" "SimpleITK==2.5.0" "numpy<3"
"$scratch/venv/bin/python" - "$scratch/a.nii" <<'PYTHON'
import sys

import nibabel
import numpy
import SimpleITK

path = sys.argv[1]
image = nibabel.Nifti1Image(numpy.zeros((4, 4, 4), "int16"), None)
image.header.set_zooms((0.6, 0.6, 0.6))
image.header.set_qform(numpy.diag([0.6, 0.6, 0.6, 1.0]), code=1)
image.header.set_sform(numpy.diag([0.8, 0.8, 0.8, 1.0]), code=1)
nibabel.save(nibabel.Nifti1Image(image.dataobj, image.header.get_sform(), image.header), path)
# Saving with an affine writes pixdim anew: state both as they are meant, byte by byte.
data = bytearray(open(path, "rb").read())
data[80:92] = numpy.array([0.6, 0.6, 0.6], "<f4").tobytes()
data[252:256] = numpy.array([1, 1], "<i2").tobytes()
open(path, "wb").write(data)

read = nibabel.load(path)
found = {
    "nibabel, header.get_zooms()": float(read.header.get_zooms()[0]),
    "nibabel, voxel_sizes(affine)": float(nibabel.affines.voxel_sizes(read.affine)[0]),
    "SimpleITK, GetSpacing()": float(SimpleITK.ReadImage(path).GetSpacing()[0]),
}
for question, mm in found.items():
    print(f"{question}: {mm:.4f} mm")
sys.exit([round(mm, 4) for mm in found.values()] != [0.6, 0.8, 0.6])
PYTHON
