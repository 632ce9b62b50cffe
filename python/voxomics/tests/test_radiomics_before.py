"""What comes before PyRadiomics' features (normalised, resampled, cut), and its command line, against PyRadiomics 3.0.1."""

from __future__ import annotations

import ast
import csv
import json
import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
import scene
import voxomics

sitk = pytest.importorskip("SimpleITK")

from voxomics.radiomics import featureextractor, imageoperations  # noqa: E402

# As in tests/oracle/pyradiomics_before.py.
SPACING, SHAPE = (0.75, 1.25, 2.5), (12, 24, 26)
z, y, x = np.indices(SHAPE)
TEXTURE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(np.float32)
BALL = 10 * (x - 12) ** 2 + 13 * (y - 11) ** 2 + 40 * (z - 5) ** 2 < 400
SETTINGS = {
    "resampled": {"binWidth": 25, "resampledPixelSpacing": [1, 1, 1], "interpolator": "sitkBSpline"},
    "coarser": {"binWidth": 25, "resampledPixelSpacing": [2, 2, 3], "interpolator": "sitkLinear", "padDistance": 2},
    "in plane": {"binWidth": 25, "resampledPixelSpacing": [1, 1, 0], "interpolator": "sitkBSpline"},
    "same spacing": {"binWidth": 25, "resampledPixelSpacing": list(SPACING), "interpolator": "sitkBSpline"},
    "normalised and resampled": {
        "binWidth": 5, "normalize": True, "normalizeScale": 100, "removeOutliers": 1.5, "resampledPixelSpacing": [1, 1, 2],
        "interpolator": "sitkLinear",
    },
    "cut": {"binWidth": 25, "preCrop": True, "padDistance": 1},
    "relative": {"binWidth": 25, "resegmentRange": [0.1, 0.8], "resegmentMode": "relative"},
    "relative, shape too": {"binWidth": 25, "resegmentRange": [0.1], "resegmentMode": "relative", "resegmentShape": True},
    "sigma": {"binWidth": 25, "resegmentRange": [-1, 1.5], "resegmentMode": "sigma"},
    "absolute, shape too": {"binWidth": 25, "resegmentRange": [-50, 120], "resegmentShape": True},
    "normalised, resampled, relative": {
        "binWidth": 5, "normalize": True, "normalizeScale": 100, "resampledPixelSpacing": [1, 1, 2], "interpolator": "sitkLinear",
        "resegmentRange": [0.2], "resegmentMode": "relative",
    },
}
BRAIN = {
    "brain1 relative": {"binWidth": 25, "resegmentRange": [0.6], "resegmentMode": "relative"},
    "brain1 relative, shape too": {"binWidth": 25, "resegmentRange": [0.6, 0.95], "resegmentMode": "relative", "resegmentShape": True},
    "brain1 sigma": {"binWidth": 25, "resegmentRange": [-1, 1], "resegmentMode": "sigma"},
}
# Of these, resegmentRange takes a whole side of the region.
SMALLER = ("relative", "normalised, resampled, relative", "brain1 relative", "brain1 sigma")
REFERENCE = os.environ.get("VOXOMICS_REFERENCE")


@pytest.fixture(scope="module")
def images():
    return scene.simpleitk(TEXTURE, BALL, SPACING)


def close(found, expected):
    return found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def same_as_stored(case, settings, images):
    rows = [row for row in scene.table(scene.ROOT / "tests/oracle/pyradiomics-before.csv") if row["case"] == case]
    extractor = featureextractor.RadiomicsFeatureExtractor(**settings)
    extractor.enableImageTypes(Original={}, LoG={"sigma": [1.0]} if case != "coarser" else {"sigma": [2.0]})
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", voxomics.VoxomicsWarning)
        result = extractor.execute(*images)
    assert ["shape is that of the region without" in str(said.message) for said in warned] == [True] * (case in SMALLER)
    compared = 0
    for row in rows:
        name, expected = row["column"], ast.literal_eval(row["value"]) if row["value"] != "nan" else None
        if expected is not None:
            assert close(np.ravel(result[name]), np.ravel(expected)), (name, result[name], expected)
            compared += 1
    assert compared >= 200


@pytest.mark.parametrize("case", SETTINGS)
def test_numbers_are_those_of_pyradiomics(case, images):
    same_as_stored(case, SETTINGS[case], images)


@pytest.mark.skipif(not REFERENCE, reason="VOXOMICS_REFERENCE names no folder")
@pytest.mark.parametrize("case", BRAIN)
def test_numbers_of_a_scan_are_those_of_pyradiomics(case):
    same_as_stored(case, BRAIN[case], [f"{REFERENCE}/pyradiomics/brain1_{role}.nrrd" for role in ("image", "label")])


def test_load_image_prepares_image_and_mask(images):
    plain = featureextractor.RadiomicsFeatureExtractor().loadImage(*images)
    assert sitk.Hash(plain[0]) == sitk.Hash(images[0]) and plain[1].GetPixelID() == sitk.sitkUInt32
    image, mask = featureextractor.RadiomicsFeatureExtractor.loadImage(*images, **SETTINGS["resampled"])
    assert image.GetSpacing() == mask.GetSpacing() == (1, 1, 1) and image.GetSize() == (20, 26, 28)
    image, _ = featureextractor.RadiomicsFeatureExtractor.loadImage(*images, normalize=True, normalizeScale=10, removeOutliers=1)
    voxels = sitk.GetArrayFromImage(image)
    assert voxels.min() == -10 and voxels.max() == 10
    with pytest.raises(ValueError, match="not present"):
        featureextractor.RadiomicsFeatureExtractor.loadImage(*images, label=4)
    with pytest.raises(ValueError, match="Wrong dimensionality"):
        featureextractor.RadiomicsFeatureExtractor.loadImage(*images, resampledPixelSpacing=[1, 1], interpolator="sitkLinear")


def test_masks_are_resegmented(images):
    image, mask = images
    inside = TEXTURE[BALL]
    for settings, kept in [
        ({"resegmentRange": [-50, 50]}, (inside >= -50) & (inside <= 50)), ({"resegmentRange": [0]}, inside >= 0),
        ({"resegmentRange": [0.5], "resegmentMode": "relative"}, inside >= inside.max() / 2),
        ({"resegmentRange": [-1, 1], "resegmentMode": "sigma"}, abs(inside - inside.mean()) <= inside.std()),
    ]:
        made = imageoperations.resegmentMask(image, mask, **settings)
        assert sitk.GetArrayFromImage(made).sum() == kept.sum() and made.GetSpacing() == SPACING
    for wrong in ({"resegmentRange": [500]}, {"resegmentRange": []}, {"resegmentRange": [1], "resegmentMode": "half"}):
        with pytest.raises(ValueError):
            imageoperations.resegmentMask(image, mask, **wrong)


def test_a_region_beyond_the_image_is_refused(images):
    image, mask = images
    moved = sitk.Image(mask)
    moved.SetOrigin((50, 0, 0))
    with pytest.raises(ValueError, match="larger than image space"):
        imageoperations.resampleImage(image, moved, resampledPixelSpacing=[1, 1, 1])
    with pytest.raises(ValueError, match="larger than image space"):
        imageoperations.checkMask(image, moved, correctMask=True)


def command(*words, cwd):
    return subprocess.run([sys.executable, "-m", "voxomics.radiomics", *map(str, words)], capture_output=True, text=True, cwd=cwd)


def test_the_command_line(images, tmp_path):
    for name, image in zip(("image", "mask"), images):
        sitk.WriteImage(image, str(tmp_path / f"{name}.nrrd"))
    (tmp_path / "Params.yaml").write_text("setting:\n  binWidth: 10\nfeatureClass:\n  firstorder: [Mean, Entropy]\n  shape: [MeshVolume]\n")
    done = command("image.nrrd", "mask.nrrd", "--param", "Params.yaml", "-o", "out.csv", "-f", "csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (row,) = scene.table(tmp_path / "out.csv")
    extractor = featureextractor.RadiomicsFeatureExtractor(str(tmp_path / "Params.yaml"))
    expected = extractor.execute(*images)
    assert list(row) == ["Image", "Mask", *expected]
    assert row["Image"] == str(tmp_path / "image.nrrd")
    for name in expected:
        if name.startswith("original_"):
            assert float(row[name]) == float(expected[name])

    # A list of cases, of which one has no such label; a setting that overrides.
    with open(tmp_path / "cases.csv", "w", newline="") as file:
        csv.writer(file).writerows([["Image", "Mask", "Label", "who"], ["image.nrrd", "mask.nrrd", "", "a"], ["image.nrrd", "mask.nrrd", "7", "b"]])
    done = command("cases.csv", "-p", "Params.yaml", "-s", "binWidth:40", "-f", "json", "--format-path", "basename", "-j", 2, cwd=tmp_path)
    assert done.returncode == 3 and "Label (7) not present" in done.stderr
    first, second = json.loads(done.stdout)
    assert (first["who"], first["Image"], second["who"]) == ("a", "image.nrrd", "b") and "original_firstorder_Mean" not in second
    assert first["original_firstorder_Mean"] == float(expected["original_firstorder_Mean"])
    assert first["original_firstorder_Entropy"] < float(expected["original_firstorder_Entropy"])

    done = command("image.nrrd", cwd=tmp_path)
    assert done.returncode == 2 and "no mask is given" in done.stderr, done.stderr
    done = command("image.nrrd", "nowhere.nrrd", "--validate", cwd=tmp_path)
    assert done.returncode == 3 and "nowhere.nrrd" in done.stdout


@pytest.mark.parametrize("settings", [{}, {"resegmentRange": [0, 1000]}, {"preCrop": True}], ids=str)
def test_a_mask_of_fractions_is_cut_to_whole_numbers_first(settings):
    """As PyRadiomics does, whatever else is asked for: its values, of version 3.0.1."""
    voxels = np.random.RandomState(0).randint(0, 200, (8, 9, 10)).astype("int16")
    region = np.zeros(voxels.shape)
    region[2:6, 2:7, 2:8] = 1
    region[3, 2, 2] = 0
    region[2:6, 2:7, 7] *= 1.4  # as an interpolated mask has it
    image, mask = (sitk.GetImageFromArray(array) for array in (voxels, region.astype("float32")))
    for each in (image, mask):
        each.SetSpacing((1, 2, 3))
    found = featureextractor.RadiomicsFeatureExtractor(binWidth=20, **settings).execute(image, mask)
    assert float(found["original_firstorder_Mean"]) == pytest.approx(97.605, abs=5e-4) and float(found["original_shape_VoxelVolume"]) == pytest.approx(714)
    assert found["diagnostics_Mask-original_VoxelNum"] == 119
    assert found["diagnostics_Mask-original_Hash"] == sitk.Hash(sitk.Cast(mask, sitk.sitkUInt32)) and found["diagnostics_Configuration_Settings"]["label"] == 1
    # A class alone looks for the label itself.
    alone = voxomics.radiomics.firstorder.RadiomicsFirstOrder(image, mask, binWidth=20)
    assert float(alone.getMeanFeatureValue()) == pytest.approx(95.505, abs=5e-4)


def test_features_of_a_class_have_the_order_of_their_methods(images):
    found = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False).execute(*images)
    names = [name for name in found if name.startswith("original_firstorder_")]
    assert names.index("original_firstorder_MeanAbsoluteDeviation") < names.index("original_firstorder_Mean")
    assert names == sorted(names, key=lambda name: f"get{name.rpartition('_')[2]}FeatureValue")
