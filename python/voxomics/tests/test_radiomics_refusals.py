"""What PyRadiomics 3.0.1 refuses is refused here, with exceptions that are of its types as well: the calls of tests/oracle, made again."""

from __future__ import annotations

import builtins
import importlib.util
import logging

import numpy as np
import pytest
import scene
import voxomics

sitk = pytest.importorskip("SimpleITK")
from voxomics import radiomics  # noqa: E402
from voxomics.radiomics import featureextractor, firstorder, imageoperations  # noqa: E402

_FILE = scene.ROOT / "tests/oracle/pyradiomics_refusals.py"
_spec = importlib.util.spec_from_file_location("pyradiomics_refusals", _FILE)
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)

STORED = {row["call"]: row for row in scene.table(_FILE.with_suffix(".csv"))}

#: Where we do on purpose not what PyRadiomics does, and what we do. docs/coming-from-pyradiomics.md lists them.
OTHERWISE = {
    # It goes on with the defaults, and says so at INFO only.
    "a number as parameters": ("goes on", "warns"),
    "a list as parameters": ("goes on", "warns"),
    "two things as parameters": ("goes on", "warns"),
    # It passes over them in silence.
    "execute: an unknown class": ("goes on", "warns"),
    "execute: an unknown setting": ("goes on", "warns"),
    "execute: LoG without sigma": ("goes on", "warns"),
    # Not offered: shape2D.
    "enableAllFeatures": ("goes on", ""),
    # It takes it for a mask without labels.
    "execute: a mask with nothing but the label": ("goes on", "warns"),
    # It gives NaN without a word.
    "execute: a grey level that is not a number": ("ValueError", ""),
}


@pytest.mark.parametrize("name", STORED)
def test_a_call_ends_as_it_does_in_pyradiomics(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stored = STORED[name]
    call = oracle.Calls(radiomics, tmp_path).all()[name]
    warned = []
    monkeypatch.setattr("warnings.warn", lambda *said, **_: warned.append(said[0]))
    what, given, heard = oracle.outcome(call, logging.getLogger("radiomics"))
    expected, says = OTHERWISE.get(name, (stored["outcome"], ""))
    if expected == "goes on":
        assert what == "goes on", given
        if says:
            assert warned or heard
        else:
            assert bool(heard or warned) == bool(stored["says"]), (heard, warned)
        if name not in OTHERWISE:
            assert oracle.gives(given) == stored["gives"]
        return
    assert isinstance(given, getattr(builtins, expected)), (what, given)
    # And it is an error of ours, or one that Python has a word for; and it says something.
    assert isinstance(given, (voxomics.VoxomicsError, ValueError, LookupError, OSError)) and len(str(given)) > 15


def test_the_table_has_every_call_and_every_method():
    assert set(STORED) == set(oracle.Calls(radiomics, scene.ROOT / "target").all())
    assert set(OTHERWISE) <= set(STORED)


@pytest.mark.parametrize("name, caught", [
    ("a parameter file that is not there", (OSError, RuntimeError, voxomics.InputError)),
    ("an unknown section", (RuntimeError, ValueError)),
    ("execute: an unknown feature", (LookupError, ValueError)),
])
def test_an_exception_is_of_both_trees(name, caught, tmp_path):
    for kind in caught:
        with pytest.raises(kind) as raised:
            oracle.Calls(radiomics, tmp_path).all()[name]()
        assert raised.value.code == "input" and raised.value.key


def test_what_is_wrong_is_named():
    for stated, words in [
        ({"setting": {"binWith": 25}}, "setting has no 'binWith'"), ({"setting": {"binWidth": -1}}, "binWidth is -1, expected a number above 0"),
        ({"imageType": {"LoG": {"sigma": 2}}}, "sigma is 2, expected a list of numbers above 0"),
        ({"featureClass": {"glcm": ["Contrast", "Contrasts"]}}, "'glcm' has no 'Contrasts'; there are: Autocorrelation"),
        ({"voxelSetting": {"kernelRadius": 0}}, "kernelRadius is 0, expected a whole number from 1 on"),
    ]:
        with pytest.raises(voxomics.InputError, match=words):
            featureextractor.RadiomicsFeatureExtractor(stated)


def test_parameters_of_pyradiomics_examples_are_accepted():
    """Each key of its example files, with a value as they have it."""
    stated = {
        "imageType": {"Original": {}, "LoG": {"sigma": [2.0, 3.0]}, "Wavelet": {"start_level": 0, "level": 1, "wavelet": "coif1"}, "Square": None},
        "featureClass": {"shape": ["VoxelVolume", "Compactness1"], "firstorder": None, "glcm": ["JointEntropy", "SumVariance"], "shape2D": None},
        "setting": {
            "binWidth": 25, "label": 1, "interpolator": "sitkBSpline", "resampledPixelSpacing": [3, 3, 0], "weightingNorm": None,
            "geometryTolerance": 0.0001, "normalize": True, "normalizeScale": 100, "removeOutliers": None, "minimumROISize": 50,
            "resegmentRange": [-3, 3], "resegmentMode": "sigma", "voxelArrayShift": 300, "force2D": True, "force2Ddimension": 0, "preCrop": True,
        },
        "voxelSetting": {"kernelRadius": 2, "maskedKernel": True, "initValue": "nan", "voxelBatch": 10000},
    }
    extractor = featureextractor.RadiomicsFeatureExtractor(stated)
    assert extractor.settings["voxelBatch"] == 10000 and extractor.enabledFeatures["firstorder"] == []


def test_the_logger_is_as_pyradiomics_leaves_it():
    assert radiomics.logger.name == "radiomics" and radiomics.logger.handlers[0] is radiomics.handler
    before = radiomics.handler.level, radiomics.logger.level
    try:
        for asked, level, of_logger in [(60, 60, logging.INFO), (1, 10, 10), (99, 60, 10)]:
            radiomics.setVerbosity(asked)
            assert (radiomics.handler.level, radiomics.logger.level) == (level, of_logger)
    finally:
        radiomics.handler.setLevel(before[0])
        radiomics.logger.setLevel(before[1])


def test_a_test_case_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with pytest.raises(FileNotFoundError, match="brain1_image.nrrd and brain1_label.nrrd.*does not: five cases"):
        radiomics.getTestCase("brain1")
    (tmp_path / "data").mkdir()
    for name in ("brain1_image", "brain1_label", "brain1_label_2D"):
        (tmp_path / "data" / f"{name}.nrrd").write_text("")
    for found in (radiomics.getTestCase("Brain1"), radiomics.getTestCase("brain1", str(tmp_path)), radiomics.getTestCase("brain1", tmp_path / "data")):
        assert [name.rsplit("brain1", 1)[1] for name in found] == ["_image.nrrd", "_label.nrrd"]
        assert all((tmp_path / name).is_file() for name in found)
    assert radiomics.getTestCase("brain1_2D")[1].endswith("brain1_label_2D.nrrd")
    # With a folder that is named, no other is looked at.
    with pytest.raises(FileNotFoundError):
        radiomics.getTestCase("brain1", str(tmp_path / "elsewhere"))


def test_progress_is_shown_to_who_asks(monkeypatch):
    shown = []

    class Reporter:
        def __init__(self, iterable=None, desc="", total=None):
            shown.append((desc, total))

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def update(self, n=1):
            shown.append(n)

    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False)
    extractor.disableAllFeatures()
    extractor.enableFeaturesByName(firstorder=["Mean"])
    monkeypatch.setattr(radiomics, "progressReporter", Reporter)
    extractor.execute(oracle.IMAGE, oracle.MASK, voxelBased=True)
    assert shown == []  # not at WARNING
    monkeypatch.setattr(radiomics.handler, "level", logging.INFO)
    extractor.execute(oracle.IMAGE, oracle.MASK, voxelBased=True)
    assert shown == [("batch", 1), 1]
    monkeypatch.setattr(radiomics, "progressReporter", None)
    with radiomics.getProgressReporter([1, 2], desc="") as quiet:
        assert list(quiet) == [1, 2] and quiet.update() is None


def test_parts_of_execute_can_be_called_alone():
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, binWidth=30)
    whole = extractor.execute(oracle.IMAGE, oracle.MASK)
    box, _ = imageoperations.checkMask(oracle.IMAGE, oracle.MASK)
    shape = extractor.computeShape(oracle.IMAGE, oracle.MASK, box, **extractor.settings)
    cut = imageoperations.cropToTumorMask(oracle.IMAGE, oracle.MASK, box)
    others = extractor.computeFeatures(*cut, "mine", **extractor.settings)
    assert len(shape) == 14 and len(others) == 93
    for name, value in {**shape, **{f"original{name.removeprefix('mine')}": value for name, value in others.items()}}.items():
        assert float(value) == pytest.approx(float(whole[name]), rel=1e-9, nan_ok=True), name


def test_a_region_is_not_passed_over_in_silence(caplog):
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False)
    with caplog.at_level(logging.WARNING, "radiomics"):
        extractor.enableFeatureClassByName("glcmm")
        extractor.enableImageTypeByName("Orginal")
    assert "glcmm is not recognized" in caplog.text and "Orginal is not recognized" in caplog.text
    assert firstorder.RadiomicsFirstOrder(oracle.IMAGE, oracle.MASK, binWidth=np.float64(25)).execute()["Mean"] is not None
