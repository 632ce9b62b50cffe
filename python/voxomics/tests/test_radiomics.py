"""PyRadiomics' class: its names and its numbers, as PyRadiomics 3.0.1 itself computed them."""

from __future__ import annotations

import collections
import csv
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import scene
import voxomics

sitk = pytest.importorskip("SimpleITK")
from voxomics.radiomics import featureextractor, firstorder, glcm, shape, getFeatureClasses  # noqa: E402

# The small images of tests/oracle/pyradiomics.py, by the same formulas.
SPACING, SHAPE = (0.75, 1.25, 2.5), (8, 9, 10)
z, y, x = np.indices(SHAPE)
TEXTURE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(float)
BALL = 10 * (x - 4) ** 2 + 13 * (y - 4) ** 2 + 20 * (z - 3) ** 2 < 140
REGION = (BALL & ~((3 * x + 5 * y + 7 * z) % 11 == 0)) | ((x == 9) & (y == 8) & (z == 7))
CASES = {
    "ball": (TEXTURE, REGION, {"binWidth": 25}),
    "slice": (TEXTURE, REGION & (z == 3), {"binWidth": 25}),
    "flat": (np.full(SHAPE, 57.0), BALL, {"binWidth": 25}),
    "settings": (TEXTURE / 4 + 0.125, REGION, {"binWidth": 3.5, "gldm_a": 1, "voxelArrayShift": 100}),
    "bins": (TEXTURE, REGION, {"binCount": 16}),
    "tenths": (np.floor(TEXTURE / 2) / 10, REGION, {"binWidth": 0.1}),
    "force2D": (TEXTURE, REGION, {"binWidth": 25, "force2D": True}),
    "merged": (TEXTURE, REGION, {"binWidth": 25, "weightingNorm": "no_weighting"}),
}


def images(texture, region, kind=np.float32):
    return scene.simpleitk(texture.astype(kind), region, SPACING)


def close(found, expected):
    return found == pytest.approx(expected, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_numbers_are_those_of_pyradiomics(case):
    texture, region, settings = CASES[case]
    expected = {row["column"]: row["value"] for row in scene.table(scene.ROOT / "tests/oracle/pyradiomics.csv") if row["case"] == case}
    result = featureextractor.RadiomicsFeatureExtractor(**settings).execute(*images(texture, region))
    assert isinstance(result, collections.OrderedDict)
    compared = 0
    for name, text in expected.items():
        if text and np.isfinite(float(text)) and np.isfinite(float(result[name])):
            assert close(float(result[name]), float(text)), name
            compared += 1
    assert compared > 90 and set(expected) <= set(result)


REFERENCE = os.environ.get("VOXOMICS_REFERENCE")


@pytest.mark.skipif(not REFERENCE, reason="VOXOMICS_REFERENCE names no folder")
@pytest.mark.parametrize("name", ["brain1", "breast1"])
def test_numbers_of_scans_are_those_of_pyradiomics(name):
    folder = Path(REFERENCE) / "pyradiomics"
    extractor = featureextractor.RadiomicsFeatureExtractor(str(folder / f"{name}_original_bw25.yaml"))
    result = extractor.execute(str(folder / f"{name}_image.nrrd"), str(folder / f"{name}_label.nrrd"))
    expected = {row["key"]: row["value"] for row in scene.table(folder / f"{name}_original_bw25.csv")}
    features = {key: value for key, value in expected.items() if key.startswith("original_")}
    assert len(features) == 107
    for key, value in features.items():
        assert close(float(result[key]), float(value)), key
    for key, value in expected.items():
        if key.startswith(("diagnostics_Image", "diagnostics_Mask")):
            assert str(result[key]) == value or close(np.ravel(eval(str(result[key]))), np.ravel(eval(value))), key


def test_classes_and_features_are_chosen_by_name():
    image, mask = images(TEXTURE, REGION)
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False)
    assert len(extractor.execute(image, mask)) == 107
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName("glcm")
    assert len(extractor.execute(image, mask)) == 24
    extractor.disableAllFeatures()
    extractor.enableFeaturesByName(firstorder=["Mean", "Energy"], shape=["MeshVolume"])
    assert list(extractor.execute(image, mask)) == ["original_shape_MeshVolume", "original_firstorder_Mean", "original_firstorder_Energy"]
    extractor.enableAllFeatures()
    assert len(extractor.execute(image, mask)) == 107


def test_image_types():
    image, mask = images(TEXTURE, REGION)
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False)
    extractor.disableAllFeatures()
    extractor.enableFeaturesByName(firstorder=["Mean"])
    extractor.enableImageTypes(LoG={"sigma": [1.0, 2.0]}, Square={})
    extractor.enableImageTypeByName("Wavelet")
    names = list(extractor.execute(image, mask))
    assert names[:4] == [
        "original_firstorder_Mean", "log-sigma-1-0-mm-3D_firstorder_Mean", "log-sigma-2-0-mm-3D_firstorder_Mean", "square_firstorder_Mean",
    ]
    assert len(names) == 4 + 8 and "wavelet-LLH_firstorder_Mean" in names
    extractor.disableAllImageTypes()
    extractor.enableImageTypeByName("Original")
    assert list(extractor.execute(image, mask)) == ["original_firstorder_Mean"]


def test_parameters_come_from_a_file_a_text_or_a_dict(tmp_path):
    image, mask = images(TEXTURE, REGION)
    text = "setting:\n  binWidth: 10\n  label: 1\nimageType:\n  Original: {}\nfeatureClass:\n  firstorder: [Entropy]\n"
    (tmp_path / "Params.yaml").write_text(text)
    stated = {"setting": {"binWidth": 10}, "imageType": {"Original": {}}, "featureClass": {"firstorder": ["Entropy"]}}
    extractors = [
        featureextractor.RadiomicsFeatureExtractor(str(tmp_path / "Params.yaml")), featureextractor.RadiomicsFeatureExtractor(stated),
        featureextractor.RadiomicsFeatureExtractor(tmp_path / "Params.yaml"),
    ]
    extractors.append(featureextractor.RadiomicsFeatureExtractor())
    extractors[-1].loadParams(str(tmp_path / "Params.yaml"))
    values = {float(extractor.execute(image, mask)["original_firstorder_Entropy"]) for extractor in extractors}
    assert len(values) == 1 and extractors[0].settings["binWidth"] == 10
    # A setting that is changed counts.
    extractors[0].settings["binWidth"] = 40
    assert float(extractors[0].execute(image, mask)["original_firstorder_Entropy"]) not in values
    with pytest.raises(OSError, match="does not exist"):
        featureextractor.RadiomicsFeatureExtractor(str(tmp_path / "nothing.yaml"))


def test_labels_channels_and_what_pyradiomics_refuses():
    image, mask = images(TEXTURE, REGION * 3)
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False)
    one = extractor.execute(*images(TEXTURE, REGION))
    assert {k: float(v) for k, v in extractor.execute(image, mask, label=3).items()} == {k: float(v) for k, v in one.items()}
    channels = sitk.Compose([sitk.Cast(mask, sitk.sitkUInt8) * 0, mask])
    assert float(extractor.execute(image, channels, label=3, label_channel=1)["original_firstorder_Mean"]) == float(one["original_firstorder_Mean"])
    for region, words in [
        (REGION & False, "No labels found in this mask"), ((x == 4) & (y == 4) & (z == 3), "only contains 1 segmented voxel"),
        ((y == 4) & (z == 3), "too few dimensions"),
    ]:
        with pytest.raises(ValueError, match=words):
            extractor.execute(*images(TEXTURE, region))
    moved = sitk.Image(mask)
    moved.SetOrigin((5, 5, 5))
    with pytest.raises(ValueError, match="geometry mismatch"):
        extractor.execute(image, moved, label=3)


def test_diagnostics():
    image, mask = images(TEXTURE, REGION)
    result = featureextractor.RadiomicsFeatureExtractor(binWidth=25).execute(image, mask)
    assert result["diagnostics_Image-original_Spacing"] == SPACING and result["diagnostics_Mask-original_VoxelNum"] == REGION.sum()
    assert result["diagnostics_Configuration_Settings"]["binWidth"] == 25
    assert result["diagnostics_Image-original_Maximum"] == TEXTURE.max()
    assert next(iter(result)).startswith("diagnostics_") and list(result)[-1].startswith("original_ngtdm_")


def test_what_is_not_done_is_said():
    image, mask = images(TEXTURE, REGION)
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, force2D=True, force2Ddimension=1)
    for voxel in (False, True):
        with pytest.warns(voxomics.VoxomicsWarning, match="force2Ddimension") as warned:
            extractor.execute(image, mask, voxelBased=voxel)
        assert {warning.filename for warning in warned} == {__file__}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        featureextractor.RadiomicsFeatureExtractor(binWidth=25).execute(image, mask)


# The image and the cases of tests/oracle/pyradiomics_maps.py.
BLOCKS = ((x // 2 + 2 * (y // 2) + 3 * (z // 2)) % 5 * 25 + 3).astype(float)
MAPS = {
    "ball": (TEXTURE, REGION, {"binWidth": 25}),
    "blocks": (BLOCKS, REGION, {"binWidth": 25}),
    "radius 2": (TEXTURE, REGION, {"binWidth": 50, "kernelRadius": 2}),
    "beyond": (TEXTURE, REGION, {"binWidth": 25, "maskedKernel": False}),
    "force2D": (TEXTURE, REGION, {"binWidth": 25, "force2D": True}),
    "settings": (TEXTURE / 4 + 0.125, REGION, {"binWidth": 3.5, "gldm_a": 1, "voxelArrayShift": 100}),
    "bins": (TEXTURE, REGION, {"binCount": 8}),
    "flat": (np.full(SHAPE, 57.0), BALL, {"binWidth": 25}),
}


@pytest.mark.parametrize("case", MAPS)
def test_maps_are_those_of_pyradiomics(case):
    texture, region, settings = MAPS[case]
    image, mask = images(texture, region)
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, initValue=-1, **settings)
    result = extractor.execute(image, mask, voxelBased=True)
    with open(scene.ROOT / "tests/oracle/pyradiomics_maps.csv", newline="") as file:
        rows = {f"original_{row[1]}": row[2:] for row in csv.reader(file) if row[0] == case}
    assert set(rows) == set(result) and len(rows) == 93
    for name, (defined, mean, *some) in rows.items():
        made = result[name]
        start = np.rint(mask.TransformPhysicalPointToContinuousIndex(made.GetOrigin())).astype(int)
        size = made.GetSize()
        whole = np.full(SHAPE, -1.0)
        whole[tuple(slice(start[axis], start[axis] + size[axis]) for axis in (2, 1, 0))] = sitk.GetArrayFromImage(made)
        assert (whole[~region] == -1).all()
        values = whole[region]
        assert int(defined) == np.count_nonzero(~np.isnan(values)), name
        assert float(np.nanmean(values)) == pytest.approx(float(mean), rel=1e-6, abs=1e-9), name
        assert values[::11] == pytest.approx([float(value) for value in some], rel=1e-6, abs=1e-9, nan_ok=True), name


def test_a_class_alone_gives_maps():
    """PyRadiomics' classes take `voxelBased=True`, too, and answer on the grid of the image."""
    image, mask = images(TEXTURE, REGION)
    image.SetOrigin((-3.5, 20.0, 7.25))
    mask.SetOrigin(image.GetOrigin())
    settings = {"binWidth": 25, "kernelRadius": 2, "initValue": -1}
    alone = glcm.RadiomicsGLCM(image, mask, voxelBased=True, **settings)
    alone.enableFeatureByName("JointEntropy")
    alone.enableFeatureByName("Autocorrelation")
    made = alone.execute()
    assert list(made) == ["JointEntropy", "Autocorrelation"]
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, **settings)
    extractor.disableAllFeatures()
    extractor.enableFeaturesByName(glcm=list(made))
    for name, cut in extractor.execute(image, mask, voxelBased=True).items():
        whole = made[name.rsplit("_", 1)[1]]
        assert whole.GetSize() == image.GetSize() and whole.GetOrigin() == image.GetOrigin()
        assert (sitk.GetArrayFromImage(whole)[~REGION] == -1).all()
        start, size = image.TransformPhysicalPointToIndex(cut.GetOrigin()), cut.GetSize()
        box = tuple(slice(start[axis], start[axis] + size[axis]) for axis in (2, 1, 0))
        np.testing.assert_array_equal(sitk.GetArrayFromImage(whole)[box], sitk.GetArrayFromImage(cut))
    with pytest.raises(NotImplementedError, match="Shape features are not available"):
        shape.RadiomicsShape(image, mask, voxelBased=True)
    with pytest.raises(NotImplementedError, match="maskedKernel=False"):
        glcm.RadiomicsGLCM(image, mask, voxelBased=True, maskedKernel=False)


def test_the_command_line_writes_maps(tmp_path):
    image, mask = images(TEXTURE, REGION)
    sitk.WriteImage(image, str(tmp_path / "image.nrrd"))
    sitk.WriteImage(mask, str(tmp_path / "mask.nrrd"))
    (tmp_path / "voxel.yaml").write_text(
        "imageType:\n  Original: {}\nfeatureClass:\n  glcm:\n    - JointEntropy\nsetting:\n  binWidth: 25\n  force2D: true\n  label: 1\n"
        "voxelSetting:\n  kernelRadius: 2\n  maskedKernel: true\n  initValue: nan\n  voxelBatch: 10000\n"
    )
    words = ["image.nrrd", "mask.nrrd", "--param", "voxel.yaml", "--mode", "voxel", "--out-dir", "maps", "-f", "json"]
    said = subprocess.run([sys.executable, "-m", "voxomics.radiomics", *words], check=True, cwd=tmp_path, capture_output=True, text=True)
    assert "Case-1_original_glcm_JointEntropy.nrrd" in said.stdout
    made = sitk.GetArrayFromImage(sitk.ReadImage(str(tmp_path / "maps/Case-1_original_glcm_JointEntropy.nrrd")))
    assert np.count_nonzero(~np.isnan(made)) == REGION.sum() - 1


def test_modules_come_with_the_package():
    """RadTract and AutoRadiomics write `import radiomics`, and then `radiomics.featureextractor`."""
    code = "import voxomics.radiomics as radiomics; radiomics.featureextractor.RadiomicsFeatureExtractor(); radiomics.firstorder.RadiomicsFirstOrder"
    subprocess.run([sys.executable, "-c", code], check=True)
    with pytest.raises(AttributeError, match="no attribute 'voxels'"):
        voxomics.radiomics.voxels


def test_a_class_alone():
    image, mask = images(TEXTURE, REGION)
    alone = firstorder.RadiomicsFirstOrder(image, mask, binWidth=25)
    alone.enableFeatureByName("Mean")
    assert list(alone.execute()) == ["Mean"] and alone.featureValues["Mean"] == pytest.approx(TEXTURE.astype("f4")[REGION].mean())
    assert len(getFeatureClasses()["glcm"].getFeatureNames()) == 24


def test_a_class_has_a_method_for_each_feature():
    image, mask = images(TEXTURE, REGION)
    alone = firstorder.RadiomicsFirstOrder(image, mask, binWidth=25)
    assert float(alone.getMeanFeatureValue()) == float(alone.execute()["Mean"])
    for name, of_class in getFeatureClasses().items():
        for feature in of_class.getFeatureNames():
            assert feature in getattr(of_class, f"get{feature}FeatureValue").__doc__, (name, feature)
    for wrong in ("getMeansFeatureValue", "getFeatureValue", "meanFeatureValue"):
        assert not hasattr(alone, wrong) and not hasattr(firstorder.RadiomicsFirstOrder, wrong)
