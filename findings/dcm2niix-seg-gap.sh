#!/usr/bin/env bash
# Two lesions, one in the slice at 3 mm and one in those at 12 and 15 mm, are written as a DICOM segmentation and turned into NIfTI.
# Where are they?
#
# highdicom 0.28.2 leaves empty frames out by default, as DICOM allows: each frame has its own position. The slices at 6 and 9 mm
# are not in the file. dcm2niix 1.0.20260724 counts the frames that are there, and stacks them 3 mm apart from the first one on. It
# says nothing about the gap. The number of voxels and the volume stay the same, so that a check of them finds nothing. But the
# second lesion lies 6 mm lower, on other tissue of the scan, and both touch: two lesions are one. dcmqi 1.5.7 fills the gap.
#
# Output seen (2026-12-01):
#   written: slices at 3, 12, 15 mm
#   dcm2niix: slices at 3, 6, 9 mm, 60 of 60 voxels
#   dcmqi: slices at 3, 12, 15 mm, 60 of 60 voxels
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile \
    "highdicom==0.28.2" "pydicom==3.0.2" "dcm2niix==1.0.20260724" "dcmqi==1.5.7" "nibabel==5.4.2" "numpy==2.4.6"
"$scratch/venv/bin/python" -W ignore - "$scratch" <<'PYTHON'
import pathlib
import subprocess
import sys

import highdicom
import nibabel
import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sr.codedict import codes
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

scratch = pathlib.Path(sys.argv[1])
programs = scratch / "venv" / "bin"
study, series, frame = generate_uid(), generate_uid(), generate_uid()
scan = []
for k in range(6):
    one = Dataset()
    one.file_meta = FileMetaDataset()
    one.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    one.SOPClassUID = one.file_meta.MediaStorageSOPClassUID = CTImageStorage
    one.SOPInstanceUID = one.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    one.StudyInstanceUID, one.SeriesInstanceUID, one.FrameOfReferenceUID = study, series, frame
    one.StudyDate, one.StudyTime, one.StudyID, one.AccessionNumber, one.Modality = "20200101", "120000", "1", "", "CT"
    one.PatientID, one.PatientName, one.PatientBirthDate, one.PatientSex = "1", "A", "", ""
    one.ReferringPhysicianName, one.Manufacturer, one.PositionReferenceIndicator = "", "M", ""
    one.SeriesNumber, one.InstanceNumber = 1, k + 1
    one.ImagePositionPatient, one.ImageOrientationPatient = [0, 0, 3 * k], [1, 0, 0, 0, 1, 0]
    one.PixelSpacing, one.SliceThickness, one.Rows, one.Columns = [1, 1], 3, 20, 30
    one.SamplesPerPixel, one.PhotometricInterpretation, one.PixelRepresentation = 1, "MONOCHROME2", 1
    one.BitsAllocated = one.BitsStored = 16
    one.HighBit, one.RescaleSlope, one.RescaleIntercept = 15, 1, 0
    one.PixelData = np.zeros((20, 30), np.int16).tobytes()
    scan.append(one)
mask = np.zeros((6, 20, 30), np.uint8)
mask[[1, 4, 5], 4:8, 5:10] = 1
segment = highdicom.seg.SegmentDescription(
    segment_number=1,
    segment_label="lesions",
    segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
    segmented_property_type=codes.SCT.Lesion,
    algorithm_type="MANUAL",
)
written = highdicom.seg.Segmentation(
    source_images=scan,
    pixel_array=mask,
    segmentation_type="LABELMAP",
    segment_descriptions=[segment],
    series_instance_uid=generate_uid(),
    series_number=2,
    sop_instance_uid=generate_uid(),
    instance_number=1,
    manufacturer="M",
    manufacturer_model_name="M",
    software_versions="1",
    device_serial_number="1",
)
for folder in ("seg", "dcm2niix", "dcmqi"):
    (scratch / folder).mkdir()
written.save_as(scratch / "seg" / "seg.dcm")


def heights(name):
    (path,) = (scratch / name).glob("*.nii*")
    image = nibabel.load(path)
    data = np.asarray(image.dataobj) > 0
    places = nibabel.affines.apply_affine(image.affine, np.argwhere(data))
    return sorted({int(round(z)) for z in places[:, 2]}), int(data.sum())


def show(heights):
    return ", ".join(str(z) for z in heights)


print(f"written: slices at {show(3 * k for k in range(6) if mask[k].any())} mm")
told = subprocess.run(
    [programs / "dcm2niix", "-o", scratch / "dcm2niix", scratch / "seg"], check=True, capture_output=True, text=True
)
dcmqi = [programs / "segimage2itkimage", "--outputType", "nifti", "--outputDirectory", scratch / "dcmqi"]
subprocess.run([*dcmqi, "--inputDICOM", scratch / "seg" / "seg.dcm"], check=True, capture_output=True)
found = {name: heights(name) for name in ("dcm2niix", "dcmqi")}
for name, (places, voxels) in found.items():
    print(f"{name}: slices at {show(places)} mm, {voxels} of {mask.sum()} voxels")
silent = not any(word in told.stdout.lower() for word in ("gap", "missing", "distance", "spacing", "equidistant"))
expected = {"dcm2niix": ([3, 6, 9], 60), "dcmqi": ([3, 12, 15], 60)}
sys.exit(0 if found == expected and silent else 1)
PYTHON
