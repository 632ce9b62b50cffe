"""The worker as the program sees it: frames over a socket, a file of an author behind them."""

import math
import socket
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from voxomics_plugin.protocol import Channel, Closed

AUTHOR = '''
from typing import Annotated, Literal
import numpy as np
import pathlib
from voxomics_plugin import (Card, Failure, Loaded, Mask, Output, Prediction, Scan, Setting, Undefined, exporter, family, feature,
                             filter, loader, ordered_sum, predictor, region_maker)

__vendor__ = "A laboratory"
__version__ = "1.2"

@feature(unit="1", meaning="much of the region is hot", invariant=["rotation", "mirroring", "translation"])
def hot_fraction(region, *, threshold: Annotated[float, Setting("lowest that counts", unit="intensity", minimum=0)] = 100.0):
    """Hot fraction: the share of voxels above a threshold."""
    return ordered_sum(region.intensities() > threshold) / region.intensities().size

peaks = family("peaks", "Peaks")

@peaks.measure
def values(region, *, mode: Literal["all", "none"] = "all"):
    return region.intensities() if mode == "all" else np.array([])

@peaks.feature()
def highest(found):
    if not found.size:
        raise Undefined("no voxel is looked at")
    return found.max()

@peaks.feature()
def broken(found):
    return float("nan") if found.max() > 1000 else 1 / int(found.max() - 7)

@filter(margin=lambda grid, *, radius: [radius, radius, 0])
def shift(image, *, radius: int = 2):
    """Adds the radius."""
    return image.voxels + radius

@filter(margin="whole")
def centred(image):
    """The image without its mean."""
    return image.voxels - ordered_sum(image.voxels) / image.voxels.size

@predictor
class TwiceIt:
    """Twice the first input."""
    def __init__(self, *, offset: float = 0.0):
        self.offset = offset
    def inputs(self):
        return ["tumour:a", "b"]
    def predict(self, inputs):
        return Prediction(2 * inputs[0].value + self.offset, [inputs[0].value, 0.0])
    def fit(self, table):
        return f"mean = {np.nanmean(table[table.design['inputs'][0]])}"

@predictor
class Risks:
    """A score, a risk and a probability."""
    def inputs(self):
        return ["tumour:a"]
    def outputs(self):
        return [Output("score"), Output("risk_2y", "risk", horizon=(2.0, "years")), Output("benign", "probability", of_class="benign")]
    def predict(self, inputs):
        a = inputs[0].value
        return Prediction(a, others=[a / 10, Undefined("too large") if a > 5 else 0.5])

@predictor
class Closed:
    """A closed model."""
    card = Card("Research", "312 adults", {"tumour:a": (1, 5, "mm")}, "2031-12-31", "models@example.org", needs_licence=True)
    def __init__(self, *, licence: pathlib.Path):
        if open(licence).read() != "granted":
            raise Failure("the licence is not valid", setting="licence")
    def inputs(self):
        return ["tumour:a"]
    def predict(self, inputs):
        return inputs[0].value

@filter(margin=0, maps=["scaled"], units=["1"])
class Scaled:
    """Divided by the mean of the cohort."""
    def __init__(self, *, power: float = 1.0):
        self.power = power
    def observe(self, image):
        return {"mean": image.voxels[image.regions["tumour"] != 0].mean()}
    def fit(self, observations):
        return [sum(one["mean"] for one in observations) / len(observations)]
    def apply(self, image, state):
        return {"scaled": image.voxels / state[0] ** self.power}

@region_maker(labels=lambda *, limit=0.0: {1: "low", 2: f"above_{limit:g}"}, margin_mm=2)
def split(image, *, limit: float = 0.0):
    """Low and high."""
    first = next(iter(image.regions.values()))
    return np.where(first != 0, np.where(image.voxels > limit, 2, 1), 0) if limit < 100 else image.voxels

@region_maker(labels={1: "higher in t1", 2: "higher in t2"}, sees_images=True, may_lack=True)
def higher(image):
    """Which of two images is higher."""
    one, other = image.images.values()
    assert list(image.images) == ["t1", "t2"] and one is image.voxels
    return np.where(next(iter(image.regions.values())) != 0, np.where(one >= other, 1, 2), 0)

@exporter(regions=True)
def lines(case, *, ending: str = "txt"):
    """A line for each value."""
    text = "".join(f"{row} {column.name} {case.values[r, c]} {case.reasons.get((r, c), '')}\\n"
                   for r, row in enumerate(case.rows) for c, column in enumerate(case.columns))
    scores = [f"{score.model} {name} {value}" for score in case.scores for name, _, value in score.outputs]
    return {f"{case.name}/all.{ending}": text + "; ".join(scores), "mask.raw": case.regions["tumour"].tobytes(), "empty": b""}
'''


class Program:
    """The program's side of the connection."""

    def __init__(self, path, *options):
        ours, theirs = socket.socketpair()
        self.process = subprocess.Popen([sys.executable, *options, "-m", "voxomics_plugin.serve", str(path)], stdin=theirs)
        theirs.close()
        self.channel = Channel(ours)
        self.socket = ours
        self.hello, _, _ = self.channel.receive()
        self.id = 0

    def ask(self, arrays=None, **frame):
        self.id += 1
        self.channel.send({"id": self.id, **frame}, arrays)
        answer, out, _ = self.channel.receive()
        assert answer["id"] == self.id
        return answer, out

    def made(self, kind, plugin, **settings):
        answer, _ = self.ask(call="configure", kind=kind, plugin=plugin, json={"settings": settings})
        return answer["answer"]["instance"]

    def method(self, instance, method, arrays=None, **json):
        return self.ask(arrays, call="method", instance=instance, method=method, json=json)

    def close(self):
        self.socket.close()
        self.process.wait(timeout=10)


@pytest.fixture
def program(tmp_path):
    file = tmp_path / "author.py"
    file.write_text(textwrap.dedent(AUTHOR))
    program = Program(file)
    yield program
    program.close()


def region(values):
    grid = np.array([1, 1, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1], dtype=np.float64)
    mask = np.ones(values.shape, dtype=np.uint8)
    return {"image": values, "grid": grid, "morphological_mask": mask, "intensity_mask": mask}


def test_what_is_declared_is_described(program):
    answer, _ = program.ask(call="describe")
    library = answer["answer"]
    assert (library["vendor"], library["version"]) == ("A laboratory", "1.2")
    assert [f"{p['kind']}-{p['id']}" for p in library["plugins"]] == [
        "features-hot_fraction", "features-peaks", "filter-shift", "filter-centred", "predict-twice-it", "predict-risks",
        "predict-closed", "filter-scaled", "regions-split", "regions-higher", "export-lines"]
    hot = library["plugins"][0]
    assert hot["settings"] == [{"key": "threshold", "purpose": "lowest that counts", "unit": "intensity", "default": 100.0,
                                "takes": {"number": {"min": 0, "max": None}}}]
    assert hot["features"][0]["title"] == "Hot fraction" and hot["invariant"] == ["rotation", "mirroring", "translation"]
    closed, scaled = library["plugins"][6:8]
    assert closed["card"] == {
        "intended_use": "Research", "population": "312 adults", "contact": "models@example.org", "needs_licence": True,
        "valid_until": "2031-12-31", "ranges": [{"input": "tumour:a", "min": 1.0, "max": 5.0, "unit": "mm"}]}
    assert closed["settings"][0]["takes"] == "file"
    assert scaled["fits"] is True and scaled["requires"] == ["fits"], "an older program leaves it out instead of applying it bare"


def test_a_family_gives_values_and_reasons(program):
    instance = program.made("features", "hot_fraction", threshold=2)
    values = np.arange(6, dtype=np.float64).reshape(1, 2, 3)
    answer, out = program.method(instance, "compute", region(values))
    assert answer["answer"]["reasons"] == {} and out["values"].tolist() == [0.5] and out["status"].tolist() == [0]
    nothing = program.made("features", "peaks", mode="none")
    answer, _ = program.method(nothing, "compute", region(values))
    assert "author.py" in answer["failures"][0]["message"], "a feature that fails by accident fails its family"


def test_a_large_array_crosses_in_a_segment_both_ways(program):
    instance = program.made("filter", "shift", radius=3)
    values = np.arange(100 * 50 * 40, dtype=np.float64).reshape(40, 50, 100)
    answer, out = program.method(instance, "apply", {"image": values, "grid": region(values)["grid"]})
    assert answer["answer"] == {} and np.array_equal(out["map.0"], values + 3)
    answer, out = program.method(instance, "margin", {"grid": region(values)["grid"]}, dims=[100, 50, 40])
    assert out["margin"].tolist() == [3, 3, 0]


def test_a_filter_of_the_whole_scan_says_so_as_a_word_and_as_a_number(program):
    instance = program.made("filter", "centred")
    grid = region(np.zeros((2, 3, 4)))["grid"]
    answer, out = program.method(instance, "margin", {"grid": grid}, dims=[4, 3, 2])
    assert answer["answer"] == {"whole": True} and out["margin"].tolist() == [4, 3, 2] and out["margin"].dtype == np.uint64
    values = np.array([[[1.0, 5.0]]])
    _, out = program.method(instance, "apply", {"image": values, "grid": grid})
    assert out["map.0"].tolist() == [[[-2.0, 2.0]]]


def test_an_accident_names_the_line_and_nan_is_no_value(program):
    instance = program.made("features", "peaks")
    values = np.full((1, 1, 2), 7.0)
    answer, _ = program.method(instance, "compute", region(values))
    assert "author.py:" in answer["failures"][0]["message"] and "ZeroDivisionError" in answer["failures"][0]["message"]
    answer, _ = program.method(instance, "compute", region(values * 1000))
    assert "is nan, which is no value" in answer["failures"][0]["message"]
    answer, _ = program.method(instance, "needs")
    assert answer["answer"]["levels"] is False, "the worker goes on after a failure"


def test_settings_are_checked_by_key(program):
    for settings, said in [({"treshold": 1}, "there is no setting `treshold`"), ({"threshold": -1}, "at least 0"),
                           ({"threshold": "x"}, "expected a number"), ({"threshold": True}, "expected a number")]:
        answer, _ = program.ask(call="configure", kind="features", plugin="hot_fraction", json={"settings": settings})
        failure = answer["failures"][0]
        assert said in failure["message"] and failure["code"] == 1 and failure["key"] in settings


def test_a_predictor_scores_and_learns(program):
    instance = program.made("predict", "twice-it", offset=1.0)
    answer, out = program.method(instance, "predict", {"values": np.array([2.5, 0]), "status": np.array([0, 1], dtype=np.uint8)})
    assert out["outputs"].tolist() == [6.0] and out["contributions"].tolist() == [2.5, 0.0]
    answer, out = program.method(instance, "predict", {"values": np.zeros(2), "status": np.array([2, 0], dtype=np.uint8)},
                                 reasons={"0": "no such voxel"})
    assert out["status"].tolist() == [1] and answer["answer"]["reasons"]["0"] == "tumour:a: no such voxel"
    table = {"values": np.array([[1.0, 3.0, 0.0]]), "present": np.array([[1, 1, 0]], dtype=np.uint8)}
    answer, _ = program.method(instance, "fit", table, columns=["a"], design={"inputs": ["a"]})
    assert answer["answer"]["model"] == "mean = 2.0"


def test_a_prediction_of_several_outputs_has_a_name_and_a_status_for_each(program):
    instance = program.made("predict", "risks")
    answer, _ = program.method(instance, "inputs")
    assert answer["answer"]["outputs"] == [
        {"name": "score", "meaning": "score"}, {"name": "risk_2y", "meaning": "risk", "horizon": {"at": 2.0, "unit": "years"}},
        {"name": "benign", "meaning": "probability", "class": "benign"}]
    sound = np.zeros(1, dtype=np.uint8)
    answer, out = program.method(instance, "predict", {"values": np.array([6.0]), "status": sound})
    assert out["outputs"].tolist() == [6.0, 0.6, 0.0] and out["status"].tolist() == [0, 0, 1]
    assert answer["answer"]["reasons"] == {"2": "too large"}
    answer, out = program.method(instance, "predict", {"values": np.array([6.0]), "status": sound + 1}, reasons={"0": "gone"})
    assert out["status"].tolist() == [1, 1, 1] and answer["answer"]["reasons"]["1"] == "tumour:a: gone"


def test_a_licence_is_accepted_or_refused(program, tmp_path):
    licence = tmp_path / "licence"
    licence.write_text("granted")
    assert program.made("predict", "closed", licence=str(licence))
    licence.write_text("no")
    answer, _ = program.ask(call="configure", kind="predict", plugin="closed", json={"settings": {"licence": str(licence)}})
    assert answer["failures"] == [{"code": 1, "message": "the licence is not valid", "key": "licence"}]


def seen(values, mask):
    return {"image": values, "grid": region(values)["grid"], "region.0": np.array(mask, dtype=np.uint8)}


def test_a_filter_is_fitted_on_a_cohort_and_then_applied(program):
    values = np.array([[[1.0, 0.1, 8.0]]])
    unfitted = program.made("filter", "scaled")
    answer, _ = program.method(unfitted, "observe", seen(values, [[[1, 1, 0]]]), regions=["tumour"], unit="HU")
    assert answer["answer"] == {"observation": '{"mean": 0.55}'}
    answer, _ = program.method(unfitted, "fit", observations=[answer["answer"]["observation"], '{"mean": 0.45}'])
    state = answer["answer"]["state"]
    assert state == "[0.5]"
    answer, _ = program.method(unfitted, "apply", seen(values, [[[1, 1, 0]]]))
    assert "not fitted yet" in answer["failures"][0]["message"]
    answer, _ = program.ask(call="configure", kind="filter", plugin="scaled", json={"settings": {"power": 2}, "state": state})
    fitted = answer["answer"]["instance"]
    assert program.method(fitted, "maps")[0]["answer"] == {"maps": ["scaled"], "units": ["1"], "sees_regions": False}
    _, out = program.method(fitted, "apply", {"image": values, "grid": region(values)["grid"]})
    assert out["map.0"].tolist() == [[[4.0, 0.4, 32.0]]]
    plain = program.made("filter", "shift")
    answer, _ = program.method(plain, "observe", seen(values, [[[1, 1, 0]]]), regions=["tumour"])
    assert "not fitted on a cohort" in answer["failures"][0]["message"]


def test_a_maker_divides_a_region_and_names_what_it_makes(program):
    maker = program.made("regions", "split", limit=2.5)
    answer, _ = program.method(maker, "labels")
    assert answer["answer"] == {"labels": [[1, "low"], [2, "above_2.5"]], "margin_mm": 2.0,
                                "sees_images": False, "may_lack": False}
    values = np.array([[[1.0, 3.0, 8.0]]])
    _, out = program.method(maker, "make", seen(values, [[[1, 1, 0]]]), regions=["tumour"])
    assert out["labels"].tolist() == [[[1, 2, 0]]] and out["labels"].dtype == np.uint16
    answer, _ = program.method(program.made("regions", "split", limit=100), "make", seen(values, [[[1, 1, 0]]]), regions=["tumour"])
    assert "the label 3.0, expected 0 or one of [1, 2]" in answer["failures"][0]["message"]


def test_a_maker_may_see_several_images(program):
    maker = program.made("regions", "higher")
    answer, _ = program.method(maker, "labels")
    assert answer["answer"]["sees_images"] and answer["answer"]["may_lack"]
    arrays = seen(np.array([[[1.0, 3.0, 8.0]]]), [[[1, 1, 0]]]) | {"image.1": np.array([[[2.0, 2.0, 2.0]]])}
    _, out = program.method(maker, "make", arrays, regions=["tumour"], images=["t1", "t2"])
    assert out["labels"].tolist() == [[[2, 1, 0]]]


def test_an_exporter_answers_with_files(program):
    exporter = program.made("export", "lines")
    assert program.method(exporter, "needs")[0]["answer"] == {"regions": True, "image": False}
    mask = np.array([[[1, 0]]], dtype=np.uint8)
    arrays = {"values": np.array([0.1, 0.0]), "status": np.array([0, 1], dtype=np.uint8), "score.0.values": np.array([2.5]),
              "score.0.status": np.zeros(1, dtype=np.uint8), "grid": region(np.zeros((1, 1, 2)))["grid"], "region.0": mask}
    answer, out = program.method(
        exporter, "export", arrays, case="c1", columns=[{"name": "a.b"}, {"name": "a.c", "unit": "mm"}],
        rows=[{"region": "tumour", "reasons": {"1": "flat"}}], regions=[{"name": "tumour", "volume_ml": 1.5}],
        scores=[{"model": "m", "outputs": [{"name": "score", "meaning": "score"}]}])
    assert answer["answer"]["files"] == ["c1/all.txt", "mask.raw", "empty"]
    assert out["file.0"].tobytes() == b"tumour a.b 0.1 \ntumour a.c nan flat\nm score 2.5"
    assert out["file.1"].tobytes() == mask.tobytes() and out["file.2"].size == 0


def test_a_file_that_cannot_be_imported_says_where(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text("import numpy\nnumpy.no_such_thing\n")
    program = Program(file)
    assert program.hello["failures"][0]["message"].startswith("broken.py:2: AttributeError")
    program.close()
    with pytest.raises(Closed):
        program2 = Channel(socket.socketpair()[0])
        program2.receive()


def test_sums_are_those_of_a_plain_loop():
    from voxomics_plugin import exact_sum, ordered_sum

    values = np.random.default_rng(1).normal(size=100_003) * 1e3
    loop = 0.0
    for value in values.tolist():
        loop += value
    assert ordered_sum(values) == loop
    assert exact_sum(values) == math.fsum(values.tolist())
    assert ordered_sum(values.reshape(-1, 1)[::-1][::-1]) == loop


def test_the_state_of_the_process_is_told(program):
    before, _ = program.ask(call="state")
    state = before["answer"]
    assert state["sound_arithmetic"] and state["threads"] >= 1 and state["resident_bytes"] > 0
    assert state["directory"] and state["environment"]["PATH"] and all(isinstance(text, str) for text in state["descriptors"])
    assert program.ask(call="state")[0]["answer"]["descriptors"] == state["descriptors"], "asking opens nothing"


@pytest.mark.parametrize("spacing", [-1.0, 0.0, math.nan, math.inf])
def test_a_spacing_that_is_none_is_refused(program, spacing):
    hot = program.made("features", "hot_fraction")
    arrays = region(np.ones((1, 1, 2)))
    arrays["grid"][1] = spacing
    answer, _ = program.method(hot, "compute", arrays)
    assert "expected three numbers above 0" in answer["failures"][0]["message"]
