"""A DICOM folder, and datasets of pydicom, in `extract`: the same numbers as the arrays that they were made of."""

from __future__ import annotations

import random

import numpy as np
import pytest
import scene
import voxomics

pydicom = pytest.importorskip("pydicom")
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset  # noqa: E402
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, RTStructureSetStorage, generate_uid  # noqa: E402

SPACING, ORIGIN = (0.75, 0.75, 2.5), (-12.5, 30.25, -7.0)
EXPERIMENT = {
    "discretisation": {"method": "fixed bin number", "bins": 16}, "features": {"statistics": {}, "glcm": {}, "morphology": {"only": ["volume_voxel_counting"]}},
}


def new(kind, **elements):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = kind, generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    made.SOPClassUID, made.SOPInstanceUID = kind, meta.MediaStorageSOPInstanceUID
    made.PatientID = made.PatientName = "P1"
    for key, value in elements.items():
        setattr(made, key, value)
    return made


@pytest.fixture(scope="module")
def series(tmp_path_factory):
    """A folder with a CT of twelve slices, its voxels as an array, and outlines that cut voxels nowhere."""
    folder = tmp_path_factory.mktemp("dicom")
    image, _ = scene.scan(size=(12, 40, 40))
    study, uid, frame = generate_uid(), generate_uid(), generate_uid()
    mask = np.zeros(image.shape, "uint8")
    mask[4:9, 10:25, 12:30] = 1
    outlines = []
    for k, voxels in enumerate(image):
        slice_ = new(
            CTImageStorage, StudyInstanceUID=study, Modality="CT", SeriesInstanceUID=uid, FrameOfReferenceUID=frame, InstanceNumber=k + 1,
            ImagePositionPatient=[*ORIGIN[:2], ORIGIN[2] + SPACING[2] * k], ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=list(SPACING[:2]), SliceThickness=SPACING[2], Rows=40, Columns=40, SamplesPerPixel=1,
            PhotometricInterpretation="MONOCHROME2", BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=1, RescaleSlope=1,
            RescaleIntercept=0, RescaleType="HU", KVP=120, PixelData=voxels.astype("<i2").tobytes(),
        )
        slice_.save_as(folder / f"ct{k:02}.dcm", enforce_file_format=True)
        if 4 <= k < 9:
            outlines.append(_outline(slice_, ORIGIN[2] + SPACING[2] * k))
    structures = new(
        RTStructureSetStorage, StudyInstanceUID=study, Modality="RTSTRUCT", SeriesInstanceUID=generate_uid(), StructureSetLabel="outlines",
        **_structures(study, uid, frame, outlines),
    )
    structures.save_as(folder.parent / "outlines.dcm", enforce_file_format=True)
    return folder, folder.parent / "outlines.dcm", image, mask


def _outline(of_slice, z):
    """A rectangle half a voxel around the voxels of the mask."""
    corners = [(11.5, 9.5), (29.5, 9.5), (29.5, 24.5), (11.5, 24.5)]
    contour, image = Dataset(), Dataset()
    contour.ContourGeometricType, contour.NumberOfContourPoints = "CLOSED_PLANAR", 4
    contour.ContourData = [f"{value:.4f}" for x, y in corners for value in (ORIGIN[0] + 0.75 * x, ORIGIN[1] + 0.75 * y, z)]
    image.ReferencedSOPClassUID, image.ReferencedSOPInstanceUID = CTImageStorage, of_slice.SOPInstanceUID
    contour.ContourImageSequence = [image]
    return contour


def _structures(study, uid, frame, outlines):
    roi, drawn, of_series, of_study, of_frame = (Dataset() for _ in range(5))
    roi.ROINumber, roi.ROIName, roi.ReferencedFrameOfReferenceUID, roi.ROIGenerationAlgorithm = 1, "GTV", frame, "MANUAL"
    drawn.ReferencedROINumber, drawn.ContourSequence = 1, outlines
    of_series.SeriesInstanceUID = uid
    of_study.ReferencedSOPClassUID, of_study.ReferencedSOPInstanceUID = "1.2.840.10008.3.1.2.3.1", study
    of_study.RTReferencedSeriesSequence = [of_series]
    of_frame.FrameOfReferenceUID, of_frame.RTReferencedStudySequence = frame, [of_study]
    return {"StructureSetROISequence": [roi], "ROIContourSequence": [drawn], "ReferencedFrameOfReferenceSequence": [of_frame]}


def bits(found):
    return {name: repr(float(value)) for name, value in found.items()}


@pytest.fixture(scope="module")
def expected(series):
    *_, image, mask = series
    return bits(voxomics.extract(image, mask, EXPERIMENT, spacing=SPACING, origin=ORIGIN, modality="CT", axes="zyx"))


def test_a_folder_is_the_array_that_it_was_made_of(series, expected, tmp_path):
    folder, outlines, image, mask = series
    drawn = scene.write_nrrd(tmp_path / "mask.nrrd", mask, SPACING, ORIGIN, (1, 0, 0, 0, 1, 0, 0, 0, 1))
    for taken, by in [(folder, drawn), (str(folder), str(drawn)), (folder, outlines)]:
        found = voxomics.extract(taken, by, EXPERIMENT, region="GTV" if by == outlines else None)
        assert bits(found) == expected
    assert found.attributes["Modality"] == "CT" and len(expected) > 30


def test_datasets_are_the_folder_in_any_order(series, expected):
    folder, outlines, *_ = series
    datasets = [pydicom.dcmread(path) for path in folder.glob("*.dcm")]
    random.Random(3).shuffle(datasets)
    before = [dataset.to_json() for dataset in datasets]
    drawn = pydicom.dcmread(outlines)
    for image, mask in [(datasets, drawn), (tuple(datasets), [drawn]), (folder, drawn), (datasets, outlines)]:
        assert bits(voxomics.extract(image, mask, EXPERIMENT, region="GTV")) == expected
    assert [dataset.to_json() for dataset in datasets] == before
    region = voxomics.regions(datasets, drawn, EXPERIMENT, region="GTV")["tumour"]
    assert np.count_nonzero(region.array) == 5 * 15 * 18


def test_datasets_that_cannot_be_meant_are_refused(series):
    folder, outlines, *_ = series
    datasets = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    with pytest.raises(voxomics.InputError, match="the image is of the type list"):
        voxomics.extract([*datasets, 7], outlines, EXPERIMENT, region="GTV")
    # A slice that is missing is what it is in a folder.
    with pytest.raises(voxomics.CaseError, match="slice"):
        voxomics.extract(datasets[:5] + datasets[6:], outlines, EXPERIMENT, region="GTV")
    bare = Dataset()
    bare.update({element.tag: element for element in datasets[3]})
    with pytest.raises(voxomics.InputError, match="dataset 4 of the image .* cannot be written") as raised:
        voxomics.extract([*datasets[:3], bare], outlines, EXPERIMENT, region="GTV")
    assert raised.value.key == "image"
