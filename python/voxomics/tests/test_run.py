"""Whole runs: the program over a list of cases, told of and stopped from Python."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
import scene
import voxomics

EXPERIMENT = {
    "experiment": {"name": "small"},
    "plugins": {"use": ["load-nrrd", "features-statistics"]},
    "features": {"statistics": {}},
}


@pytest.fixture
def rows(tmp_path):
    """Three cases: two that are sound, and one whose mask has no such label."""
    made = []
    for number in range(3):
        image, mask = scene.scan(seed=number)
        scene.write_nrrd(tmp_path / f"image{number}.nrrd", image)
        scene.write_nrrd(tmp_path / f"mask{number}.nrrd", mask * (3 if number == 2 else 1))
        made.append({
            "case": f"case {number}", "image": tmp_path / f"image{number}.nrrd", "mask": str(tmp_path / f"mask{number}.nrrd"), "age": 40 + number,
        })
    return made


def test_a_run_tells_of_its_cases_and_leaves_tables(rows, tmp_path):
    told = []
    with pytest.warns(voxomics.VoxomicsWarning, match="1 of 3 cases failed"):
        results = voxomics.run(EXPERIMENT, rows, tmp_path / "out", on_case=told.append, threads=2)
    assert sorted(ended.case for ended in told) == ["case 0", "case 1", "case 2"] and {ended.of for ended in told} == {3}
    (failed,) = [ended for ended in told if ended.faults]
    assert failed.case == "case 2" and failed.faults[0][0] == "regions"
    table = results.features
    of = {row["case"]: row for row in (table.to_dict("records") if hasattr(table, "to_dict") else table)}
    assert set(of) == {"case 0", "case 1"}
    for number in range(2):
        image, mask = scene.scan(seed=number)
        alone = voxomics.extract(
            image, mask, EXPERIMENT, spacing=scene.SPACING, origin=scene.ORIGIN, direction=scene.DIRECTION
        )
        assert float(of[f"case {number}"]["statistics.variance"]) == alone["statistics.variance"]
        assert int(of[f"case {number}"]["age"]) == 40 + number
    assert len(results.failures) == 1 and results.record["experiment"] and results.report is None
    again = []
    with pytest.warns(voxomics.VoxomicsWarning):
        voxomics.run(EXPERIMENT, rows, tmp_path / "out", on_case=again.append)
    assert sorted(ended.found for ended in again) == [False, True, True]


def test_results_are_compared_and_made_again(rows, tmp_path):
    first = voxomics.run(EXPERIMENT, rows[:2], tmp_path / "first")
    other = voxomics.run(EXPERIMENT, rows[:1], tmp_path / "other")
    assert first.diff(first.path) != first.diff(other)
    again = first.rerun()
    assert (again.path / "features.csv").read_bytes() == (first.path / "features.csv").read_bytes()


def test_frames_of_others_are_lists_of_cases(rows, tmp_path):
    pandas = pytest.importorskip("pandas")
    plain = voxomics.run(EXPERIMENT, rows[:2], tmp_path / "plain").path / "features.csv"
    frame = pandas.DataFrame(rows[:2])
    frame["label"] = [1.0, None]
    of_frame = voxomics.run(EXPERIMENT, frame, tmp_path / "frame")
    assert (of_frame.path / "features.csv").read_bytes() == plain.read_bytes()
    assert isinstance(of_frame.features, pandas.DataFrame)
    text = float(scene.table(plain)[0]["statistics.variance"])
    assert of_frame.features["statistics.variance"][0] == text
    polars = pytest.importorskip("polars")
    of_polars = voxomics.run(EXPERIMENT, polars.DataFrame([{k: str(v) for k, v in row.items()} for row in rows[:2]]), tmp_path / "polars")
    assert (of_polars.path / "features.csv").read_bytes() == plain.read_bytes()


def test_refusals_are_exceptions(rows, tmp_path):
    with pytest.raises(voxomics.ExperimentError) as raised:
        voxomics.run({**EXPERIMENT, "features": {"statistic": {}}}, rows, tmp_path / "out")
    assert raised.value.key == "features.statistic"
    with pytest.raises(voxomics.InputError, match="no column mask"):
        voxomics.run(EXPERIMENT, [{"case": "a", "image": "b"}], tmp_path / "out")
    with pytest.raises(voxomics.ProgramError, match="nowhere"):
        voxomics.run(EXPERIMENT, tmp_path / "nowhere.csv", tmp_path / "out")
    with pytest.raises(voxomics.ExperimentError, match="cannot read"):
        voxomics.run(tmp_path / "nothing.toml")


def test_an_error_of_the_callback_stops_the_run(rows, tmp_path):
    def complain(_):
        raise ZeroDivisionError("of the caller")

    with pytest.raises(ZeroDivisionError):
        voxomics.run(EXPERIMENT, rows[:2], tmp_path / "out", on_case=complain, threads=1)


def test_ctrl_c_keeps_what_is_done(rows, tmp_path):
    many = [{**rows[number % 2], "case": f"case {number}"} for number in range(400)]
    experiment = {**EXPERIMENT, "plugins": {"use": ["load-nrrd", "features-statistics", "features-morphology"]}}
    experiment["features"] = {"statistics": {}, "morphology": {}}
    pressed = []

    def press(ended):
        if ended.done == 3:
            pressed.append(True)
            os.kill(os.getpid(), signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    with pytest.raises(KeyboardInterrupt):
        voxomics.run(experiment, many, tmp_path / "out", on_case=press, threads=1)
    kept = voxomics.Results(tmp_path / "out").features
    assert pressed and 3 <= len(kept) < 400
    found = []
    voxomics.run(experiment, many, tmp_path / "out", on_case=lambda ended: found.append(ended.found))
    assert sum(found) >= 3 and len(found) == 400


def test_what_one_wants_to_see_before_a_run(rows, tmp_path):
    checked = voxomics.check(EXPERIMENT, rows)
    assert [case["fine"] for case in checked["cases"]] == [True, True, False]
    names = {entry["name"] for entry in voxomics.plugins()}
    assert {"load-nifti", "load-dicom", "features-glcm", "predict-linear"} <= names
    assert voxomics.ibsi()
    assert {column["ibsi"] for column in voxomics.columns(EXPERIMENT)} >= {"Q4LE", "ECT3"}


def test_an_experiment_goes_to_a_file_and_back(tmp_path):
    stated = {
        "experiment": {"name": 'a "b" \\ é'},
        "plugins": {"use": ["load-nrrd", "features-statistics"]},
        "regions": {"tumour": {"label": np.int64(2)}, "ring": {"ring_of": "tumour", "outward_mm": 2.0, "inward_mm": 0.0}},
        "resegmentation": {"range": [float("-inf"), 400]},
        "features": {"statistics": {"only": ("mean", "variance")}},
    }
    made = voxomics.Experiment(stated)
    again = voxomics.Experiment(made.save(tmp_path / "again.toml"))
    assert made.columns == again.columns and made._plan.document == again._plan.document
    changed = voxomics.Experiment(stated, set={"features.statistics.only": ["mean"]})
    assert len(changed.columns) == 1


def test_the_command_is_the_program():
    done = subprocess.run([sys.executable, "-m", "voxomics", "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and voxomics.__version__ in done.stdout, done


def test_a_bar_is_shown_if_tqdm_is_there(rows, tmp_path, capfd):
    pytest.importorskip("tqdm")
    voxomics.run(EXPERIMENT, rows[:2], tmp_path / "out", progress=True)
    assert "2/2" in capfd.readouterr().err
    voxomics.run(EXPERIMENT, rows[:2], tmp_path / "out", progress=False)
    assert "2/2" not in capfd.readouterr().err


def test_results_show_themselves(rows, tmp_path):
    results = voxomics.run(EXPERIMENT, rows[:2], tmp_path / "out")
    page = results._repr_html_()
    assert "features.csv" in page and "<td>case 0</td>" in page and "2 rows" in page
    with pytest.raises(voxomics.ProgramError, match="only a study writes one"):
        results.plot()


def test_results_that_name_nobody(rows, tmp_path):
    key = tmp_path / "key.toml"
    with pytest.warns(voxomics.VoxomicsWarning, match="1 of 3 cases failed"):
        results = voxomics.run(EXPERIMENT, rows, tmp_path / "out", pseudonymise=key, drop="age")
    text = (tmp_path / "out" / "features.csv").read_text()
    assert key.is_file() and "case 0" not in text and "age" not in text.splitlines()[0].split(",")
    assert len(results.features) == 2
