"""What the exporters write, read by other people's programs: pydicom, highdicom, dcmqi, dciodvfy and fhir.resources.

    pip install -r requirements.txt && python exports.py target/release/voxomics

Makes a CT and a mask, runs the program with its exporters over them, and compares: the voxels of the segmentations with the masks that
the program writes as NIfTI, every measurement with its row of features_long.csv. Exit code 1 if one differs.
"""

import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import highdicom
import nibabel
import numpy as np
import pydicom
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from fhir.resources.R4B.bundle import Bundle

MODEL = """
[model]
name = "line"
link = "logistic"
intercept = 0.25
[[input]]
name = "tumour:statistics.mean"
coefficient = 0.01
"""

DIMS = (20, 18, 14)  # x, y, z
SPACING = (1.5, 1.25, 2.5)
ORIGIN = (-20.0, 12.5, -300.0)

EXPERIMENT = """
[plugins]
use = ["load-nifti", "load-dicom", "features-statistics", "features-glcm", "features-morphology", "features-histogram", "predict-linear", "export-dicom", "export-fhir"]
[regions.tumour]
[regions.ring]
ring_of = "tumour"
outward_mm = 4
[interpolation]
spacing_mm = [1, 1, 2]
[discretisation]
method = "fixed bin number"
bins = 16
[features.statistics]
[features.glcm]
[features.morphology]
[features.histogram]
[predict.line]
plugin = "predict-linear"
model = "line.toml"
[export.binary]
plugin = "dicom"
[export.labels]
plugin = "dicom"
segmentation = "labelmap"
[export.fhir]
plugin = "fhir"
"""


def make(folder):
    """A CT of blurred noise, oblique by nothing, and a mask as NIfTI on its grid."""
    noise = np.random.default_rng(1).normal(0, 60, DIMS[::-1])
    z, y, x = np.indices(DIMS[::-1])
    inside = ((x - 9) / 5) ** 2 + ((y - 8) / 4.5) ** 2 + ((z - 6) / 4) ** 2 <= 1
    voxels = np.round(noise + 80 * inside).astype(np.int16)
    study, series, frame = (generate_uid() for _ in range(3))
    (folder / "ct").mkdir()
    for k in range(DIMS[2]):
        slice_ = pydicom.Dataset()
        slice_.SOPClassUID, slice_.SOPInstanceUID = CTImageStorage, generate_uid()
        slice_.StudyInstanceUID, slice_.SeriesInstanceUID, slice_.FrameOfReferenceUID = study, series, frame
        slice_.Modality, slice_.PatientID, slice_.PatientSex = "CT", "phantom", "O"
        slice_.PatientName, slice_.StudyDate = "phantom", "20260110"
        slice_.Rows, slice_.Columns = DIMS[1], DIMS[0]
        slice_.PixelSpacing = [SPACING[1], SPACING[0]]
        slice_.SliceThickness = SPACING[2]
        slice_.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
        slice_.ImagePositionPatient = [ORIGIN[0], ORIGIN[1], ORIGIN[2] + k * SPACING[2]]
        slice_.SamplesPerPixel, slice_.PhotometricInterpretation = 1, "MONOCHROME2"
        slice_.BitsAllocated, slice_.BitsStored, slice_.HighBit, slice_.PixelRepresentation = 16, 16, 15, 1
        slice_.RescaleSlope, slice_.RescaleIntercept = 1, 0
        slice_.PixelData = voxels[k].tobytes()
        slice_.file_meta = pydicom.dataset.FileMetaDataset()
        slice_.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        slice_.save_as(folder / "ct" / f"{k:02}.dcm", enforce_file_format=True)
    affine = np.diag([-SPACING[0], -SPACING[1], SPACING[2], 1.0])
    affine[:3, 3] = [-ORIGIN[0], -ORIGIN[1], ORIGIN[2]]
    nibabel.save(nibabel.Nifti1Image(inside.T.astype(np.uint8), affine), folder / "mask.nii")
    (folder / "cases.csv").write_text("case,image,mask\na,ct,mask.nii\n")
    (folder / "experiment.toml").write_text(EXPERIMENT)
    (folder / "line.toml").write_text(MODEL)


def same(what, ours, theirs):
    if ours != theirs:
        sys.exit(f"{what}: {ours} here, {theirs} there")


def placed(path):
    """Voxels of a NIfTI that are inside, as a set of points of the patient (LPS, mm, to 1e-3)."""
    image = nibabel.load(path)
    index = np.argwhere(np.asarray(image.dataobj) > 0)
    ras = nibabel.affines.apply_affine(image.affine, index)
    return {tuple(np.round(point, 3) + 0.0) for point in ras * [-1, -1, 1]}


def segmentations(exports, written, scratch):
    """Every segment has the voxels of the mask, at its place: by highdicom and by dcmqi."""
    count = 0
    for kind in ["binary", "labels"]:
        path = exports / kind / "a" / "regions.dcm"
        seg = highdicom.seg.segread(path)
        names = [segment.SegmentLabel for segment in seg.SegmentSequence if segment.SegmentNumber]
        same(f"{kind}: segments", ["tumour", "ring"], names)
        for number, name in enumerate(names, 1):
            volume = seg.get_volume(segment_numbers=[number], combine_segments=False)
            inside = np.argwhere(volume.array[..., 0] > 0)
            points = volume.map_indices_to_reference(inside.astype(float))
            found = {tuple(np.round(point, 3) + 0.0) for point in points}
            same(f"{kind}, {name}: voxels by highdicom", placed(written / f"mask.{name}.nii.gz"), found)
            count += 1
        if kind == "binary":
            out = scratch / "dcmqi"
            out.mkdir()
            run("segimage2itkimage", "--inputDICOM", path, "--outputDirectory", out, "-t", "nii")
            for number, name in enumerate(names, 1):
                same(f"{name}: voxels by dcmqi", placed(written / f"mask.{name}.nii.gz"), placed(out / f"{number}.nii.gz"))
                count += 1
    return count


def run(program, *arguments):
    """What a program of the environment, or of the system, prints; it must succeed."""
    beside = pathlib.Path(sys.executable).parent / program
    command = [str(beside) if beside.exists() else shutil.which(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{program}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def text_of(item, meaning):
    """The text or UID of the content item of that name."""
    found = [
        content
        for content in item.ContentSequence
        if content.ConceptNameCodeSequence[0].CodeMeaning == meaning
    ]
    return found[0].get("TextValue") or found[0].get("UID")


def without_case(identifier):
    """A tracking identifier names the case behind what it is of: a scan may have several."""
    return identifier.rsplit(" (", 1)[0]


def measurements(path, rows):
    """Every measurement of the report, by highdicom and pydicom, is a row of the table, and the reverse."""
    groups = highdicom.sr.srread(path).content.get_volumetric_roi_measurement_groups()
    count = 0
    same("groups", 2, len(groups))
    for group in groups:
        region = without_case(group.tracking_identifier)
        seen = {}
        for item in group[0].ContentSequence:
            if item.ValueType != "NUM":
                continue
            name = text_of(item, "Algorithm Parameters")
            concept = item.ConceptNameCodeSequence[0]
            value = None
            if item.MeasuredValueSequence:
                measured = item.MeasuredValueSequence[0]
                value = measured.FloatingPointValue
                if abs(float(measured.NumericValue) - value) > 1e-8 * abs(value):
                    sys.exit(f"{region}, {name}: {measured.NumericValue} and {value}")
            elif not item.NumericValueQualifierCodeSequence:
                sys.exit(f"{region}, {name}: neither a value nor a reason")
            code = concept.CodeValue if "CodeValue" in concept else concept.LongCodeValue
            seen[name] = (value, code if concept.CodingSchemeDesignator == "IBSI" else "")
        same(f"{region}: measurements", rows[region], seen)
        same(f"{region}: by highdicom", sum(value is not None for value, _ in seen.values()), len(group.get_measurements()))
        count += len(seen)
    return count


def score(path):
    """The score of the report, whose group has no region."""
    found = []
    for content in pydicom.dcmread(path).ContentSequence[-1].ContentSequence:
        if content.ContentTemplateSequence[0].TemplateIdentifier == "1501":
            number = [item for item in content.ContentSequence if item.ValueType == "NUM"]
            same("the report says what it is not", "Not a medical device.", text_of(content, "Comment"))
            found += [(without_case(text_of(content, "Tracking Identifier")), item.MeasuredValueSequence[0].FloatingPointValue) for item in number]
    return found


def observations(path, rows):
    """The bundle is one of FHIR R4, and its values are those of the table."""
    bundle = Bundle.model_validate(json.loads(path.read_text()))
    count = 0
    for entry in bundle.entry:
        resource = entry.resource
        if resource.code.text.startswith("Score"):
            continue
        region = resource.code.text.rsplit(" ", 1)[1]
        for component in resource.component:
            quantity = component.valueQuantity
            value, code = rows[region][component.code.text]
            same(component.code.text, value, None if quantity is None else float(quantity.value))
            same(component.code.text, code, component.code.coding[0].code if component.code.coding else "")
            count += 1
    return count


def main(program):
    program = pathlib.Path(program).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        make(scratch)
        command = [program, "run", scratch / "experiment.toml", "--cases", scratch / "cases.csv", "--out", scratch / "out"]
        run(*command, "--write", "masks", "--quiet")
        with open(scratch / "out" / "features_long.csv", newline="") as file:
            rows = {}
            for row in csv.DictReader(file):
                parts = [row["image"], row["family"], row["aggregation"], row["feature"]]
                value = float(row["value"]) if row["status"] == "ok" else None
                rows.setdefault(row["region"], []).append((parts, value, row["ibsi_code"]))
        with open(scratch / "out" / "features.csv", newline="") as file:
            columns = [name for name in csv.DictReader(file).fieldnames if "." in name]
        rows = {
            region: {column: (value, code) for column, (_, value, code) in zip(columns, of_region, strict=True)}
            for region, of_region in rows.items()
        }
        exports, written = scratch / "out" / "export", scratch / "out" / "written" / "a"
        segments = segmentations(exports, written, scratch)
        measured = measurements(exports / "binary" / "a" / "measurements.dcm", rows)
        observed = observations(exports / "fhir" / "a" / "observations.json", rows)
        with open(scratch / "out" / "scores.csv", newline="") as file:
            scores = [(row["model"], float(row["value"])) for row in csv.DictReader(file)]
        same("scores", scores, score(exports / "binary" / "a" / "measurements.dcm"))
        told = tid1500(exports / "binary" / "a" / "measurements.dcm", scratch)
        same("measurements by dcmqi", {name: sum(v is not None for v, _ in of.values()) for name, of in rows.items()}, told)
        checked = 0
        if shutil.which("dciodvfy"):
            # Debian's release of 2022 does not know the class of label maps, nor that it is one of segmentations.
            for name in ["regions.dcm", "measurements.dcm"]:
                valid(exports / "binary" / "a" / name)
                checked += 1
        print(f"{segments} segments, {measured} measurements, {observed} observations as the tables have them; dciodvfy: {checked} objects valid")


def tid1500(path, scratch):
    """How many measurements dcmqi's reader finds in each region."""
    out = scratch / "tid1500.json"
    run("tid1500reader", "--inputDICOM", path, "--outputMetadata", out)
    groups = json.loads(out.read_text())["Measurements"]
    return {without_case(group["TrackingIdentifier"]): len(group["measurementItems"]) for group in groups if "ReferencedSegment" in group}


def valid(path):
    done = subprocess.run(["dciodvfy", path], capture_output=True, text=True)
    wrong = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("Error")]
    if wrong:
        sys.exit(f"dciodvfy, {path}:\n" + "\n".join(wrong))


main(sys.argv[1])
