#!/usr/bin/env bash
# A PET series of four slices. As is usual for PET, each slice has its own RescaleSlope. The first one is empty and has the slope 1.
#
# One expects that each slice is rescaled by its own slope, and it is. But `ImageSeriesReader` of SimpleITK 2.5.7 takes the type of
# all voxels from the first slice alone. Stored whole numbers times 1 are whole numbers of 16 bits, and so the other slices are made
# whole numbers of 16 bits, too, after they were rescaled. SUV 2.75 becomes 2. An activity above 32767 Bq/ml wraps around: 50002
# Bq/ml become -15534. Nothing is said. If the first slice has the slope 0.5, all numbers are right. The remedy is one line,
# `reader.SetOutputPixelType(SimpleITK.sitkFloat64)`, if one knows. Truncation was reported for an older version (SimpleITK 1636).
#
# Output seen (2026-12-01), on x86-64:
#   SUV, meant: 0.00, 2.75, 8.00, 7.50; read: 0.00, 2.00, 8.00, 7.00 (16-bit signed integer)
#   Bq/ml, meant: 0.0, 5000.5, 50002.5, 110005.5; read: 0.0, 5000.0, -15534.0, -21067.0 (16-bit signed integer)
#   Bq/ml, first slope 0.5: read: 0.0, 5000.5, 50002.5, 110005.5 (64-bit float)
#   Bq/ml, with SetOutputPixelType: read: 0.0, 5000.5, 50002.5, 110005.5 (64-bit float)
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile "SimpleITK==2.5.7" "pydicom==3.0.2" "numpy==2.4.6"
"$scratch/venv/bin/python" - "$scratch" <<'PYTHON'
import pathlib
import sys

import numpy as np
import SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid


def read(stored, slopes, output=None):
    folder = pathlib.Path(sys.argv[1]) / generate_uid()
    folder.mkdir()
    study, series, frame = generate_uid(), generate_uid(), generate_uid()
    for k, (number, slope) in enumerate(zip(stored, slopes)):
        one = Dataset()
        one.file_meta = FileMetaDataset()
        one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
        one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, series, frame
        one.StudyDate, one.StudyTime, one.Modality, one.PatientID = "20200101", "120000", "PT", "1"
        one.SeriesNumber, one.InstanceNumber = 1, k + 1
        one.ImagePositionPatient, one.ImageOrientationPatient = [0, 0, 3 * k], [1, 0, 0, 0, 1, 0]
        one.PixelSpacing, one.SliceThickness, one.Rows, one.Columns = [4, 4], 3, 8, 8
        one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 1
        one.BitsAllocated = one.BitsStored = 16
        one.HighBit, one.RescaleSlope, one.RescaleIntercept = 15, slope, 0
        one.PixelData = np.full((8, 8), number, np.int16).tobytes()
        one.save_as(folder / f"{k}.dcm", enforce_file_format=True)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    if output is not None:
        reader.SetOutputPixelType(output)
    image = reader.Execute()
    values = SimpleITK.GetArrayFromImage(image)[:, 0, 0].astype(float)
    return values, image.GetPixelIDTypeAsString(), np.array(stored) * np.array(slopes)


def show(values, digits):
    return ", ".join(f"{value:.{digits}f}" for value in values)


suv, kind, meant_suv = read([0, 11000, 32000, 15000], [1, 0.00025, 0.00025, 0.0005])
print(f"SUV, meant: {show(meant_suv, 2)}; read: {show(suv, 2)} ({kind})")
stored, slopes = [0, 10001, 20001, 20001], [0.5, 2.5, 5.5]
activity, kind, meant = read(stored, [1, *slopes])
print(f"Bq/ml, meant: {show(meant, 1)}; read: {show(activity, 1)} ({kind})")
half, kind, _ = read(stored, [0.5, *slopes])
print(f"Bq/ml, first slope 0.5: read: {show(half, 1)} ({kind})")
asked, kind, _ = read(stored, [1, *slopes], SimpleITK.sitkFloat64)
print(f"Bq/ml, with SetOutputPixelType: read: {show(asked, 1)} ({kind})")
wrong = list(suv) == [0, 2, 8, 7] and activity[1] == 5000 and (np.abs(activity - meant)[2:] > 1000).all()
right = np.allclose(half, meant, rtol=1e-12) and np.allclose(asked, meant, rtol=1e-12)
sys.exit(0 if wrong and right else 1)
PYTHON
