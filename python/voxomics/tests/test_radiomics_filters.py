"""The functions of PyRadiomics that filter an image, against the voxels that PyRadiomics 3.0.1 gives."""

from __future__ import annotations

import csv
import importlib.util

import numpy as np
import pytest
import scene

sitk = pytest.importorskip("SimpleITK")
from voxomics.radiomics import featureextractor, firstorder, imageoperations  # noqa: E402

_FILE = scene.ROOT / "tests/oracle/pyradiomics_filters.py"
_spec = importlib.util.spec_from_file_location("pyradiomics_filters", _FILE)
oracle = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(oracle)


def test_images_are_those_of_pyradiomics():
    with open(_FILE.with_suffix(".csv"), newline="") as file:
        stored = list(csv.reader(file))
    made = list(oracle.rows(imageoperations))
    assert sorted(row[:2] for row in made) == sorted(row[:2] for row in stored) and len(stored) > 30
    of = {(row[0], row[1]): np.array(row[2:]) for row in made}
    for case, name, *values in stored:
        expected = np.array(values, float)
        # LoG and gradient have single precision there.
        assert np.abs(of[case, name] - expected).max() <= 1e-6 * expected[0], (case, name)


def test_features_of_such_an_image_are_those_of_execute():
    extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False)
    extractor.disableAllFeatures()
    extractor.enableFeatureClassByName("firstorder")
    extractor.enableImageTypes(LoG={"sigma": [1.0]}, Wavelet={}, LBP2D={})
    whole = extractor.execute(oracle.IMAGE, oracle.MASK)
    box, _ = imageoperations.checkMask(oracle.IMAGE, oracle.MASK)
    compared = 0
    for function, settings in [
        (imageoperations.getLoGImage, {"sigma": np.array([1.0])}), (imageoperations.getWaveletImage, {}), (imageoperations.getLBP2DImage, {}),
        (imageoperations.getOriginalImage, {}),
    ]:
        for image, name, kwargs in function(oracle.IMAGE, oracle.MASK, binWidth=25, **settings):
            cut, mask = imageoperations.cropToTumorMask(image, oracle.MASK, box)
            for feature, value in firstorder.RadiomicsFirstOrder(cut, mask, **kwargs).execute().items():
                assert float(value) == pytest.approx(float(whole[f"{name}_firstorder_{feature}"]), rel=1e-9, abs=1e-9), (name, feature)
                compared += 1
    assert compared == 18 * (1 + 8 + 1 + 1)
    assert list(imageoperations.getLoGImage(oracle.IMAGE, oracle.MASK)) == []
