#!/usr/bin/env bash
# rt-utils 1.2.7 with pydicom 3.0.2 and opencv-python 5.0.0.93: a region of an image that is not square does not come back.
#
# A mask of the image's shape (48 rows, 64 columns) is given to `add_roi`, and is asked for again with `get_roi_mask_by_name`.
# What comes back has 64 rows and 48 columns, and the voxels in columns from 48 on are gone, without a word:
#
#   written (48, 64, 3) 60 voxels, read (64, 48, 3) 36 voxels
#
# The RTSTRUCT itself is sound: its contours have the points of all voxels. Whoever checks a region by a round trip through the
# library, or makes masks with it, must know. The script ends with 1 if this changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/env"
"$folder/env/bin/pip" install --quiet rt-utils==1.2.7 pydicom==3.0.2 opencv-python==5.0.0.93
"$folder/env/bin/python" - "$folder" <<'PYTHON'
import pathlib, sys
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid
from rt_utils import RTStructBuilder

folder = pathlib.Path(sys.argv[1]) / "ct"
folder.mkdir()
study, series, frame = generate_uid(), generate_uid(), generate_uid()
rows, columns, slices = 48, 64, 3
for z in range(slices):
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = CTImageStorage
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, series, frame
    one.StudyDate, one.StudyTime, one.StudyID, one.Modality, one.PatientID = "20200101", "120000", "1", "CT", "1"
    one.ImagePositionPatient, one.ImageOrientationPatient = [0, 0, 3 * z], [1, 0, 0, 0, 1, 0]
    one.PixelSpacing, one.SliceThickness, one.Rows, one.Columns = [1, 1], 3, rows, columns
    one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 1
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.RescaleSlope, one.RescaleIntercept = 15, 1, 0
    one.PixelData = np.zeros((rows, columns), np.int16).tobytes()
    one.save_as(folder / f"{z}.dcm", enforce_file_format=True)
mask = np.zeros((rows, columns, slices), bool)
mask[20:26, 42:52, 1] = True
structures = RTStructBuilder.create_new(dicom_series_path=str(folder))
structures.add_roi(mask=mask, name="region")
found = structures.get_roi_mask_by_name("region")
print(f"written {mask.shape} {mask.sum()} voxels, read {found.shape} {found.sum()} voxels")
points = np.array(structures.ds.ROIContourSequence[0].ContourSequence[0].ContourData, float).reshape(-1, 3)
assert points[:, 0].min() == 42 and points[:, 0].max() == 51, "the contour is another"
sys.exit(0 if found.shape == (columns, rows, slices) and found.sum() == 36 else 1)
PYTHON
