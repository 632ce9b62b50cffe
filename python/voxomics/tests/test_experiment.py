"""What an experiment writes of itself gives what it gives."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import scene
import voxomics

GRID = {"spacing": scene.SPACING, "axes": "zyx"}
DICT = {"features": {"statistics": {"only": ["mean"]}, "histogram": {"only": ["entropy"]}}, "discretisation": {"method": "fixed bin number", "bins": 32}}
TEXT = """# A comment.
[experiment]
name = "of a file"
[plugins]
use = ["features-statistics", "features-histogram", "load-nrrd"]
[regions.tumour]
[features.statistics]
only = ["mean", "minimum"]
[features.histogram]
only = ["entropy"]
[features.another]
family = "statistics"
only = ["maximum"]
[discretisation]
method = "fixed bin size"
width = 1e1
minimum = -20.5
"""


@voxomics.feature
def set_alone(region, *, scale: float = 1.0):
    """Set alone: it is in no text."""
    return scale


CASES = {
    "a number": (DICT, {"discretisation.bins": 4}), "of NumPy": (DICT, {"discretisation.bins": np.int64(4)}), "a list": (DICT, {"features.statistics.only": ["mean", "maximum"]}),
    "a new section": (DICT, {"regions.ring.ring_of": "tumour", "regions.ring.outward_mm": 3}), "a family": (DICT, {"features.set_alone.scale": 2.5}),
    "a family under another name": (DICT, {"features.own.family": "set_alone", "features.own.scale": 3.5}),
    "of a file": (TEXT, {"discretisation.width": 25.0}), "a text": (TEXT, {"experiment.name": 'a "name" \\ ü'}), "nothing": (TEXT, {}),
}


def made_of(source, stated, folder: Path):
    if isinstance(source, str):
        (folder / "experiment.toml").write_text(source)
        source = folder / "experiment.toml"
    return voxomics.Experiment(source, set=stated)


@pytest.mark.parametrize("name", CASES)
def test_what_is_set_is_part_of_what_is_written(tmp_path, name):
    if sys.version_info < (3, 11):
        pytest.importorskip("tomli")
    image, mask = scene.scan()
    made = made_of(*CASES[name], tmp_path)
    found = made.extract(image, mask, **GRID)
    if name == "a number":
        assert found["histogram.entropy"] != voxomics.extract(image, mask, DICT, **GRID)["histogram.entropy"]
    for other in (voxomics.Experiment.from_toml(made.toml), voxomics.Experiment(made.save(tmp_path / "saved.toml"))):
        assert other.extract(image, mask, **GRID) == found and other.name == made.name
        assert (other.columns, other.regions, dict(other.set)) == (made.columns, made.regions, {})
    assert ("# A comment" in made.toml) == (name == "nothing")
    # The program reads the same of it.
    assert voxomics.columns(tmp_path / "saved.toml") == voxomics.columns(made)


def test_what_cannot_be_written_is_refused(tmp_path, monkeypatch):
    for parser in ("tomllib", "tomli"):
        monkeypatch.setitem(sys.modules, parser, None)
    made = made_of(TEXT, {"discretisation.width": 25.0}, tmp_path)
    with pytest.raises(voxomics.ExperimentError, match="needs Python 3.11"):
        made.save(tmp_path / "saved.toml")
    assert not (tmp_path / "saved.toml").exists() and made_of(TEXT, {}, tmp_path).toml == TEXT


def test_a_file_that_was_changed_is_not_taken_for_the_experiment(tmp_path):
    """What is run is what was read, as in extract."""
    image, mask = scene.scan()
    cases = scene.case_files(tmp_path, image, mask)
    made = made_of(TEXT, {}, tmp_path)
    (tmp_path / "experiment.toml").write_text(TEXT.replace("1e1", "40"))
    (row,) = scene.table(voxomics.run(made, cases, tmp_path / "out").path / "features.csv")
    assert float(row["histogram.entropy"]) == made.extract(image, mask, **GRID)["histogram.entropy"]
    (row,) = scene.table(voxomics.run(tmp_path / "experiment.toml", cases, tmp_path / "anew").path / "features.csv")
    assert float(row["histogram.entropy"]) != made.extract(image, mask, **GRID)["histogram.entropy"]
