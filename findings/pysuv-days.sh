#!/usr/bin/env bash
# A PET with zirconium-89 (half-life 78.4 h), four days and half an hour after the injection. What is the SUV?
#
# An antibody that is labelled with zirconium-89 is imaged days after it was given. The file says so:
# RadiopharmaceuticalStartDateTime has the day. One expects that the dose decays for 96.5 hours. pysuv 0.1.0 reads
# RadiopharmaceuticalStartTime and SeriesTime alone, and takes the injection to be half an hour ago. Each SUV is too low by the
# factor 2.34, for an uptake of any number of days by another one, without a warning. Where the times of the file lie the other way
# round, it adds a day, and one day is all that it can add.
#
# Output seen (2026-12-01):
#   by the dates: 96.5 h after the injection, SUV 4.69
#   pysuv: 0.5 h after the injection, SUV 2.01
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile "pysuv==0.1.0" "pydicom==3.0.2" "numpy==2.4.6"
"$scratch/venv/bin/python" - "$scratch/pet.dcm" <<'PYTHON'
import sys
from datetime import datetime

import numpy as np
import pysuv
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, PositronEmissionTomographyImageStorage, generate_uid

HALF_LIFE, DOSE, WEIGHT, ACTIVITY = 282240.0, 37e6, 74.0, 1000.0
one = Dataset()
one.file_meta = FileMetaDataset()
one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = PositronEmissionTomographyImageStorage
one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
one.StudyInstanceUID, one.SeriesInstanceUID, one.Modality, one.Manufacturer = generate_uid(), generate_uid(), "PT", "SIEMENS"
one.StudyDate = one.SeriesDate = one.AcquisitionDate = "20200105"
one.StudyTime = one.SeriesTime = one.AcquisitionTime = "103000"
one.PatientID, one.PatientWeight, one.PatientSize, one.PatientSex = "1", WEIGHT, 1.7, "F"
one.Units, one.DecayCorrection, one.CorrectedImage = "BQML", "START", ["DECY", "ATTN", "SCAT", "NORM"]
one.ImageType, one.FrameReferenceTime, one.ActualFrameDuration = ["ORIGINAL", "PRIMARY"], 0, 600000
tracer = Dataset()
tracer.RadiopharmaceuticalStartDateTime, tracer.RadiopharmaceuticalStartTime = "20200101100000", "100000"
tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife = DOSE, HALF_LIFE
one.RadiopharmaceuticalInformationSequence = Sequence([tracer])
one.ImagePositionPatient, one.ImageOrientationPatient, one.PixelSpacing = [0, 0, 0], [1, 0, 0, 0, 1, 0], [4, 4]
one.SliceThickness, one.Rows, one.Columns, one.SamplesPerPixel = 3, 4, 4, 1
one.PhotometricInterpretation, one.PixelRepresentation, one.BitsAllocated, one.BitsStored = "MONOCHROME2", 0, 16, 16
one.HighBit, one.RescaleSlope, one.RescaleIntercept = 15, 1, 0
one.PixelData = np.full((4, 4), ACTIVITY, np.uint16).tobytes()
one.save_as(sys.argv[1], enforce_file_format=True)

uptake = (datetime(2020, 1, 5, 10, 30) - datetime(2020, 1, 1, 10)).total_seconds()
meant = ACTIVITY * 1000 * WEIGHT / (DOSE * 2 ** (-uptake / HALF_LIFE))
found = float(pysuv.compute_suv(sys.argv[1]).max())
taken = pysuv.get_suv_parameters(sys.argv[1]).elapsed_time_min / 60
print(f"by the dates: {uptake / 3600:.1f} h after the injection, SUV {meant:.2f}")
print(f"pysuv: {taken:.1f} h after the injection, SUV {found:.2f}")
sys.exit(0 if abs(taken - 0.5) < 1e-9 and abs(meant / found - 2 ** (345600 / HALF_LIFE)) < 1e-9 else 1)
PYTHON
