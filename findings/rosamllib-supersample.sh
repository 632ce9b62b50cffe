#!/usr/bin/env bash
# rosamllib 0.6.3 draws a contour that is exactly the outline of 4 x 4 voxels. How many voxels are it, and does `supersample` help?
#
# `supersample` draws on a finer grid within the slice, and gives the share of each voxel that is inside. One expects that it comes
# closer to the truth, and here the truth is plain: 16 voxels are inside wholly, all others not at all. Without it there are 16.
# With a factor of 2 there are 24, with 4 there are 22, and with 10 there are 21. The points of the contour are multiplied by the
# factor, and so the centre of a voxel becomes that of the first of its fine voxels, not of their middle. Everything is drawn up to
# half a voxel too near to the first row and column. The voxels there are half inside, which is enough.
#
# Output seen (2026-12-01): voxels inside; shares along a row through the middle, of which the third to the sixth should be 1
#   supersample 1: 16; 0.0 0.0 1.0 1.0 1.0 1.0 0.0
#   supersample 2: 24; 0.0 0.5 1.0 1.0 1.0 1.0 0.0
#   supersample 4: 22; 0.0 0.5 1.0 1.0 1.0 0.8 0.0
#   supersample 10: 21; 0.0 0.5 1.0 1.0 1.0 0.6 0.0
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
# It imports IPython, but does not ask for it.
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile \
    "rosamllib==0.6.3" "rt-utils==1.2.7" "vtk==9.7.2" "pydicom==3.0.2" "opencv-python==5.0.0.93" "numpy==2.4.6" ipython
"$scratch/venv/bin/python" -W ignore - "$scratch" <<'PYTHON'
import contextlib
import io
import pathlib
import sys

import numpy as np
import SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from rosamllib.readers import DICOMImageReader, RTStructReader
from rt_utils import RTStructBuilder

folder = pathlib.Path(sys.argv[1]) / "ct"
folder.mkdir()
study, series, frame = generate_uid(), generate_uid(), generate_uid()
for k in range(5):
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = CTImageStorage
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, series, frame
    one.StudyDate, one.StudyTime, one.StudyID, one.Modality, one.PatientID = "20200101", "120000", "1", "CT", "1"
    one.SeriesNumber, one.InstanceNumber = 1, k + 1
    one.ImagePositionPatient, one.ImageOrientationPatient = [0, 0, 3 * k], [1, 0, 0, 0, 1, 0]
    one.PixelSpacing, one.SliceThickness, one.Rows, one.Columns = [1, 1], 3, 20, 20
    one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 1
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.RescaleSlope, one.RescaleIntercept = 15, 1, 0
    one.PixelData = np.zeros((20, 20), np.int16).tobytes()
    one.save_as(folder / f"{k}.dcm", enforce_file_format=True)
# The file is made with rt-utils; its contour is replaced by the outline of the voxels 4 to 7, whose edges lie at 3.5 and 7.5 mm.
mask = np.zeros((20, 20, 5), bool)
mask[4:8, 4:8, 2] = True
file = RTStructBuilder.create_new(dicom_series_path=str(folder))
file.add_roi(mask=mask, name="region")
contour = file.ds.ROIContourSequence[0].ContourSequence[0]
corners = [(3.5, 3.5), (7.5, 3.5), (7.5, 7.5), (3.5, 7.5)]
contour.ContourData = [float(number) for x, y in corners for number in (x, y, 6.0)]
contour.NumberOfContourPoints = len(corners)
with contextlib.redirect_stdout(io.StringIO()):
    file.save(str(folder.parent / "rs.dcm"))

structures = RTStructReader(str(folder.parent / "rs.dcm")).read()
structures.set_referenced_image(DICOMImageReader(str(folder)).read())
found = {}
for factor in (1, 2, 4, 10):
    inside = SimpleITK.GetArrayFromImage(structures.get_structure_mask("region", supersample=factor))
    share = SimpleITK.GetArrayFromImage(
        structures.get_structure_mask("region", supersample=factor, representation="fractional")
    )
    found[factor] = int(inside.sum())
    print(f"supersample {factor}: {found[factor]};", *(f"{part:.1f}" for part in share[2, 5, 2:9]))
sys.exit(0 if found == {1: 16, 2: 24, 4: 22, 10: 21} else 1)
PYTHON
