"""Models applied to tables: the scores of the program, to the last bit."""

from __future__ import annotations

import ast
import csv
import math
import re
import warnings

import numpy as np
import pytest
import scene
import voxomics
from voxomics import models

CONFIG = scene.ROOT / "configs" / "features.toml"
DEMONSTRATION = scene.ROOT / "configs" / "models" / "demonstration.toml"

pytestmark = pytest.mark.filterwarnings("ignore::voxomics.VoxomicsWarning")


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """The experiment that ships: two images that the program makes, and a model that is a demonstration."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return voxomics.run(CONFIG, out=tmp_path_factory.mktemp("run") / "out")


def by_the_program(results, name="scores"):
    return scene.table(results.path / f"{name}.csv")


def same(predicted: voxomics.Predictions, rows: list[dict[str, str]]) -> None:
    made = predicted.records()
    assert len(made) == len(rows) > 0
    for mine, row in zip(made, rows):
        assert mine["case"] == row["case"] and mine["output"] == row["output"]
        assert (math.isnan(mine["value"]) and row["value"] == "") or mine["value"] == float(row["value"])
        for key in ("unit", "status", "doubts"):
            assert mine[key] == row[key], key
        terms = {name: float(term) for name, _, term in (part.rpartition("=") for part in row["contributions"].split("; ") if part)}
        assert {name: float(term) for name, _, term in (part.rpartition("=") for part in mine["contributions"].split("; ") if part)} == terms


def test_scores_are_those_of_the_run(results):
    model = voxomics.Model(DEMONSTRATION)
    assert model.plugin == "predict-linear" and model.outputs == [("score", "")] and len(model.inputs) == 3
    predicted = model.predict(results.path / "inputs.csv")
    same(predicted, by_the_program(results))
    assert np.array_equal(np.asarray(predicted), [float(score) for score in predicted], equal_nan=True)


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow", "columns", "dicts"])
def test_any_table_will_do(results, kind):
    rows = by_the_program(results, "inputs")
    columns = {name: [float(row[name]) if row[name] else None for row in rows] for name in rows[0] if name not in ("case", "component")}
    columns = {"case": [row["case"] for row in rows], **columns}
    if kind in ("pandas", "polars", "pyarrow"):
        module = pytest.importorskip(kind)
        table = (module.table if kind == "pyarrow" else module.DataFrame)(columns)
    else:
        table = columns if kind == "columns" else [dict(zip(columns, row)) for row in zip(*columns.values())]
    same(voxomics.Model(DEMONSTRATION).predict(table), by_the_program(results))


def test_a_table_of_features_has_a_row_a_region(results):
    predicted = voxomics.Model(DEMONSTRATION).predict(results.path / "features.csv")
    same(predicted, by_the_program(results))


def test_what_extract_gave_is_a_table_too():
    image, mask = scene.scan()
    made = voxomics.Experiment(CONFIG)
    features = made.extract(image, mask, modality="CT", spacing=scene.SPACING)
    (score,) = voxomics.Model(DEMONSTRATION).predict(features)
    assert float(score) == float(features.scores[0]) and score.contributions == features.scores[0].contributions
    assert score.doubts == features.scores[0].doubts
    # An experiment without the ring has not what the model needs.
    other = voxomics.extract(image, mask, spacing=scene.SPACING)
    with pytest.raises(voxomics.ExperimentError, match="there is no region `ring`"):
        voxomics.Model(DEMONSTRATION).predict(other)
    with pytest.raises(voxomics.ExperimentError, match="there is no region `ring`"):
        voxomics.Model(DEMONSTRATION, other.experiment)


def test_missing_columns_are_named_and_missing_values_have_reasons(results):
    model = voxomics.Model(DEMONSTRATION)
    rows = by_the_program(results, "inputs")
    first, second = model.inputs[:2]
    with pytest.raises(voxomics.InputError, match="no column 'tumour:statistics.mean', 'tumour:glcm.joint_entropy'") as caught:
        model.predict([{name.replace("tumour:", "Tumour:"): cell for name, cell in row.items()} for row in rows])
    assert caught.value.key == first and "did you mean 'Tumour:statistics.mean'" in str(caught.value)
    (score, *_) = model.predict([{**rows[0], second: ""}])
    assert math.isnan(score) and second in score.reason
    with pytest.raises(voxomics.InputError, match="expected a number"):
        model.predict([{**rows[0], second: "4,5"}])
    with pytest.raises(voxomics.InputError, match="no row"):
        model.predict([])


def study(folder):
    """A study over a table: a learner, a covariate with levels, and a second cohort that reaches beyond the training."""
    chance = np.random.default_rng(3)
    for cohort, count, shift in (("train", 60, 0.0), ("other", 12, 3.0)):
        with open(folder / f"{cohort}.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["patient", "a", "b", "sex", "months", "event"])
            for at in range(count):
                a, b, sex = chance.normal() + shift, chance.normal(), ["f", "m"][at % 2]
                months = chance.exponential(20 * math.exp(-a - 0.5 * (sex == "m")))
                writer.writerow([f"{cohort}{at}", repr(a), repr(b), sex, repr(months), int(chance.random() < 0.8)])
    (folder / "study.toml").write_text("""
[experiment]
name = "a study of tables"
[plugins]
use = ["predict-elastic-net"]
[covariates.sex]
levels = ["f", "m"]
[cohorts.train]
features = "train.csv"
columns = ["a", "b", "sex"]
[cohorts.other]
features = "other.csv"
columns = ["a", "b", "sex"]
[learn.signature]
plugin = "predict-elastic-net"
cohort = "train"
target = { time = "months", event = "event", unit = "months" }
lambdas = 20
folds = 4
""")
    return folder / "study.toml"


@pytest.fixture(scope="module")
def studied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return voxomics.run(study(folder), out=folder / "out")


def test_a_model_that_was_learnt_scores_as_its_study(studied):
    tables, results = studied.path.parent, studied
    (path,) = results.path.glob("models/*.toml")
    model = voxomics.Model(path)
    assert model.plugin == "predict-elastic-net"
    predicted = model.predict(tables / "other.csv")
    rows = scene.table(results.path / "other" / "scores.csv")
    assert [float(score) for score in predicted] == [float(row["value"]) for row in rows if row["output"] == model.outputs[0][0]]
    # Beyond the training in `a`: the same doubts, and a warning that tells how many.
    doubts = [row["doubts"] for row in rows if row["output"] == model.outputs[0][0]]
    assert ["; ".join(score.doubts) for score in predicted] == doubts and any(doubts)
    with pytest.warns(voxomics.VoxomicsWarning, match="scores are doubtful; the first: "):
        model.predict(tables / "other.csv")
    with pytest.warns(voxomics.VoxomicsWarning, match="does not tell how its columns were made"):
        model.predict(tables / "train.csv")


def test_a_model_that_was_changed_by_hand_says_so(studied, tmp_path):
    (path,) = studied.path.glob("models/*.toml")
    changed = tmp_path / "changed.toml"
    text = re.sub(r"(?m)^coefficient = .*$", "coefficient = 0.5", path.read_text(), count=1)
    changed.write_text(text)
    assert text != path.read_text()
    assert all("changed after it was learnt" in score.doubts[0] for score in voxomics.Model(changed).predict(studied.path.parent / "other.csv"))


def test_what_is_no_model_is_refused(tmp_path):
    (tmp_path / "no.toml").write_text("[model]\nname = \"x\"\n")
    with pytest.raises(voxomics.ExperimentError, match="missing field"):
        voxomics.Model(tmp_path / "no.toml")
    with pytest.raises(voxomics.InputError, match="cannot read the model"):
        voxomics.Model(tmp_path / "none.toml")
    (tmp_path / "binary.bin").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(voxomics.InputError, match="say which predictor reads it"):
        voxomics.Model(tmp_path / "binary.bin")
    with pytest.raises(voxomics.ExperimentError, match="predict-none"):
        voxomics.Model(DEMONSTRATION, plugin="predict-none")


MISSING = (scene.ROOT / "core" / "engine" / "src" / "tabular" / "missing.rs")
LEVELS = """
[model]
name = "levels"
description = "of a test"
source = "a test"
licence = "none"
link = "identity"
intercept = 1.0
[[input]]
name = "tumour:statistics.mean"
coefficient = 0.01
[[input]]
name = "therapy=chemo"
coefficient = 10.0
[[input]]
name = "therapy=none"
coefficient = 100.0
"""


def test_the_words_for_no_value_are_those_of_the_engine():
    text = MISSING.read_text(encoding="utf-8")
    for name, words in (("MISSING", models._MISSING), ("MARKS", models._MARKS)):
        there = re.search(rf"const {name}: \[&str; \d+\] = \[(.*?)\];", text, re.DOTALL)[1]
        assert tuple(ast.literal_eval(f"[{there}]")) == words
    for cell in ["", " ", "NA", "n/a", "NaN", ".", "NULL", " null ", "\\N", "<NA>", "NaT", "?", "#N/A", "#DIV/0!", None, float("nan")]:
        assert models._is_missing(cell), cell
    for cell in ["-", "+", "none", "unknown", "0", "nano", "N", 0, 0.0, False]:
        assert not models._is_missing(cell), cell


def test_a_level_may_be_called_none(tmp_path):
    image, mask = scene.scan()
    scene.case_files(tmp_path, image, mask)
    (tmp_path / "model.toml").write_text(LEVELS)
    experiment = {
        "features": {"statistics": {"only": ["mean"]}}, "covariates": {"therapy": {"levels": ["none", "chemo"]}},
        "predict": {"levels": {"plugin": "predict-linear", "model": str(tmp_path / "model.toml")}},
    }
    place = {"image": str(tmp_path / "image.nrrd"), "mask": str(tmp_path / "mask.nrrd")}
    cases = [{"case": therapy, **place, "therapy": therapy} for therapy in ("none", "chemo", "?")]
    results = voxomics.run(experiment, cases, tmp_path / "out")
    scores = [row["value"] for row in by_the_program(results)]
    assert float(scores[0]) - float(scores[1]) == pytest.approx(90) and scores[2] == ""
    model = voxomics.Model(tmp_path / "model.toml", experiment)
    with pytest.warns(voxomics.VoxomicsWarning, match="1 cells count as missing.*'\\?' in 'therapy'"):
        same(model.predict(results.path / "features.csv"), by_the_program(results))


def test_a_row_that_lacks_a_cell_is_named(results):
    row = {name: 1.0 for name in voxomics.Model(DEMONSTRATION).inputs}
    with pytest.raises(voxomics.InputError, match="the row second has no") as raised:
        voxomics.Model(DEMONSTRATION).predict([{"case": "first", **row}, {"case": "second", **dict(list(row.items())[1:])}])
    assert raised.value.case == "second"
