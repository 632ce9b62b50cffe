"""Functions registered in Python: in `extract`, in `run`, and known by their source."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pytest
import scene
import voxomics
from voxomics import own

GRID = {"spacing": scene.SPACING, "origin": scene.ORIGIN, "direction": scene.DIRECTION}
LOWEST = 40.0
EDGES = (20, 60)


def above(values, limit):
    return values[values > limit]


@voxomics.feature(unit="intensity", meaning="the hot part of the region is very hot")
def hot_mean(region, *, threshold: float = LOWEST, scale: Literal["none", "root"] = "none"):
    """Hot mean: the mean of what lies above a threshold."""
    hot = above(region.intensities(), threshold)
    if not len(hot):
        raise voxomics.Undefined(f"nothing lies above {threshold}")
    return math.sqrt(hot.mean()) if scale == "root" else hot.mean()


def test_a_function_is_a_feature_of_extract():
    image, mask = scene.scan()
    experiment = {"features": {"statistics": {}, "hot_mean": {"threshold": 80}}, "regions": {"tumour": {}, "ring": {"ring_of": "tumour", "outward_mm": 2.0}}}
    found = voxomics.extract(image, mask, experiment, **GRID)
    inside = image[mask != 0].astype(float)
    value = found["tumour:hot_mean.hot_mean"]
    assert value == inside[inside > 80].mean() and value.unit == "intensity" and value.status == "ok"
    assert found["ring:hot_mean.hot_mean"].reason == "nothing lies above 80.0" and found["tumour:statistics.mean"] == pytest.approx(inside.mean())
    rooted = voxomics.extract(image, mask, {"features": {"hot_mean": {"threshold": 80, "scale": "root"}}}, **GRID)
    assert list(rooted) == ["hot_mean.hot_mean"] and rooted["hot_mean.hot_mean"] == math.sqrt(value)
    none = voxomics.extract(image, mask, {"features": {"hot_mean": {"threshold": 1e6}}}, **GRID)["hot_mean.hot_mean"]
    assert math.isnan(none) and none.reason == "nothing lies above 1000000.0"
    with pytest.raises(voxomics.ExperimentError) as raised:
        voxomics.Experiment({"features": {"hot_mean": {"scale": "cube"}}})
    assert "cube" in str(raised.value)


def test_a_function_is_a_feature_of_a_run(tmp_path):
    image, mask = scene.scan()
    cases = scene.case_files(tmp_path, image, mask)
    path = tmp_path / "experiment.toml"
    path.write_text(
        '[experiment]\nname = "own"\n[plugins]\nuse = ["load-nrrd"]\n[regions.tumour]\n[features.hot_mean]\nthreshold = 80\n'
    )
    results = voxomics.run(path, cases, tmp_path / "out")
    alone = voxomics.extract(image, mask, path, **GRID)
    (row,) = scene.table(results.path / "features.csv")
    assert float(row["hot_mean.hot_mean"]) == alone["hot_mean.hot_mean"]
    # The record has the file, whose folder is named by its digest; and the run can be made again.
    made = own.registered("hot_mean")
    (library,) = [library for library in results.record["plugins"] if "features-hot_mean" in library["plugins"]]
    assert library["path"] == str(made.path) and made.digest.startswith(made.path.parent.name) and library["sha256"]
    again = results.rerun()
    assert scene.table(again.path / "features.csv") == [row]


def test_a_function_is_known_by_its_source():
    def count_above(region, *, limit: float = 1.0):
        return float((region.intensities() > limit).sum())

    first = voxomics.feature(count_above) and own.registered("count_above")
    assert own.registered("count_above") == first
    voxomics.feature(count_above)
    assert own.registered("count_above").digest == first.digest

    def count_above(region, *, limit: float = 1.0):
        return float((region.intensities() >= limit).sum())

    voxomics.feature(count_above)
    assert own.registered("count_above").digest != first.digest
    with_unit = voxomics.feature(unit="mm")(count_above) and own.registered("count_above")
    assert with_unit.digest != first.digest and "unit='mm'" in with_unit.path.read_text()


def test_what_a_function_names_goes_with_it():
    text = own.registered("hot_mean").path.read_text()
    assert "threshold: float = 40.0" in text and "LOWEST" not in text and "def above(values, limit):" in text and "import math as math" in text
    assert "import voxomics_plugin as voxomics" in text and "EDGES" not in text and "scene" not in text

    def between(region):
        low, high = EDGES
        return float(np.logical_and(region.image > low, region.image < high).mean())

    voxomics.feature(between)
    text = own.registered("between").path.read_text()
    assert "EDGES = (20, 60)" in text and "import numpy as np" in text
    image, mask = scene.scan()
    assert 0 < voxomics.extract(image, mask, {"features": {"between": {}}}, **GRID)["between.between"] < 1


def test_what_cannot_go_with_it_is_refused():
    table = {"a": 1}

    def looks_up(region):
        return table["a"]

    with pytest.raises(voxomics.InputError, match="table, which is a dict") as raised:
        voxomics.feature(looks_up)
    assert raised.value.key == "table"

    def uses_tests(region):
        return scene.SPACING[0]

    with pytest.raises(voxomics.InputError, match="not installed with this Python"):
        voxomics.feature(uses_tests)
    with pytest.raises(voxomics.InputError, match="no function with a name"):
        voxomics.feature(lambda region: 1.0)
    assert own.registered("looks_up") is None
