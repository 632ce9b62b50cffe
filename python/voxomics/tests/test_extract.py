"""Arrays in, numbers out: those of the command line, to the last bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scene
import voxomics
from voxomics._home import HOME, program

GRID = {"spacing": scene.SPACING, "origin": scene.ORIGIN, "direction": scene.DIRECTION}

# The experiments that ship and compute features of one image and one mask.
CONFIGS = [
    "configs/features.toml", "configs/cd8-features.toml", "configs/presets/pyradiomics.toml", "configs/ibsi-1/a.toml",
    "configs/ibsi-1/b.toml", "configs/ibsi-1/c.toml", "configs/ibsi-1/d.toml", "configs/ibsi-1/e.toml",
    "configs/ibsi-1/digital-phantom.toml",
]


def by_command_line(folder, config, image, mask, **columns):
    cases = scene.case_files(folder, image, mask, **columns)
    done = subprocess.run(
        [program(), "run", config, "--cases", cases, "--out", folder / "out"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stderr
    return scene.table(folder / "out" / "features.csv"), scene.table(folder / "out" / "features_long.csv")


def same(found: voxomics.Features, wide, long) -> int:
    assert found.regions == [row["region"] for row in wide]
    compared = 0
    for row in wide:
        values = found.region(row["region"])
        for name, text in row.items():
            if text and name in values:
                assert float(values[name]) == float(text), (row["region"], name)
                compared += 1
    flat = [value for region in found.regions for value in found.region(region).values()]
    assert len(flat) == len(long)
    for value, row in zip(flat, long):
        assert (value.column.feature, value.ibsi, value.unit, value.status, value.reason) == (
            row["feature"], row["ibsi_code"], row["unit"], row["status"], row["reason"],
        )
    return compared


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.filterwarnings("ignore::voxomics.VoxomicsWarning")
def test_every_experiment_that_ships_gives_the_same_bits(config, tmp_path):
    image, mask = scene.scan()
    config = scene.ROOT / config
    wide, long = by_command_line(tmp_path, config, image, mask, modality="CT", manufacturer="A", slice_thickness="2.5")
    columns = {"manufacturer": "A", "slice_thickness": "2.5"}
    found = voxomics.extract(image, mask, config, modality="CT", columns=columns, **GRID)
    assert same(found, wide, long) > 40


@pytest.mark.parametrize("kind", ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"])
def test_every_type_of_voxel_gives_the_same_bits(kind, tmp_path):
    image, mask = scene.scan("int16" if kind == "int8" else kind)
    image = np.clip(image, -128, 127).astype(kind) if kind == "int8" else image
    experiment = {
        "plugins": {"use": ["load-nrrd", "features-statistics", "features-glcm"]}, "features": {"statistics": {}, "glcm": {}},
        "discretisation": {"method": "fixed bin number", "bins": 16},
    }
    made = voxomics.Experiment(experiment)
    wide, long = by_command_line(tmp_path, made.save(tmp_path / "experiment.toml"), image, mask)
    assert same(made.extract(image, mask, **GRID), wide, long) > 40


def test_the_layout_of_an_array_changes_nothing():
    image, mask = scene.scan("float32")
    plain = voxomics.extract(image, mask, **GRID)
    turned = voxomics.extract(image.transpose().copy(), mask.transpose().copy(), axes="xyz", **GRID)
    mixed = voxomics.extract(image.transpose(1, 0, 2).copy(), mask.transpose(1, 0, 2).copy(), axes="yzx", **GRID)
    other_end = voxomics.extract(image.astype(">f4"), mask.astype(bool), **GRID)
    padded = np.zeros(tuple(2 * n for n in image.shape), "float32")
    padded[::2, ::2, ::2] = image
    strided = voxomics.extract(padded[::2, ::2, ::2], mask, **GRID)
    for other in (turned, mixed, other_end, strided):
        assert dict(plain) == pytest.approx(dict(other), rel=0, abs=0, nan_ok=True)


@pytest.mark.skipif(sys.platform != "linux", reason="workers are for Linux")
def test_a_plugin_in_a_process_of_its_own_is_hosted_by_the_program_of_the_package():
    image, mask = scene.scan()
    library = HOME / "plugins" / "libfeatures_statistics.so"
    experiment = voxomics.Experiment({
        "plugins": {"use": ["load-nrrd"], "isolation": "worker", "file": [{"path": library}]}, "features": {"statistics": {}},
    })
    found = experiment.extract(image, mask, **GRID)
    assert repr(dict(found)) == repr(dict(voxomics.extract(image, mask, {"features": {"statistics": {}}}, **GRID)))
    children = [pid for task in os.listdir("/proc/self/task") for pid in Path(f"/proc/self/task/{task}/children").read_text().split()]
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children]
    assert any(str(program()).encode() in command and b"serve" in command for command in commands), commands


def test_threads_change_nothing():
    image, mask = scene.scan()
    one, two = (voxomics.extract(image, mask, threads=n, **GRID) for n in (1, 2))
    assert [(k, repr(v)) for k, v in one.items()] == [(k, repr(v)) for k, v in two.items()]


def test_files_and_arrays_mix(tmp_path):
    image, mask = scene.scan()
    scene.case_files(tmp_path, image, mask)
    paths = voxomics.extract(tmp_path / "image.nrrd", str(tmp_path / "mask.nrrd"))
    half = voxomics.extract(image, tmp_path / "mask.nrrd", **GRID)
    assert repr(dict(paths)) == repr(dict(half)) == repr(dict(voxomics.extract(image, mask, **GRID)))


def test_a_large_array_is_not_copied():
    script = """
import resource, numpy as np, voxomics
image = np.ones((256, 512, 512), "int16"); image[10:20, 10:20, 10:20] += np.arange(10, dtype="int16")
mask = np.zeros(image.shape, "uint8"); mask[10:20, 10:20, 10:20] = 1
mask[-1, -1, -1] = 0
experiment = voxomics.Experiment({"features": {"statistics": {}}})
small = (image[:30, :30, :31].copy(), mask[:30, :30, :31].copy())
experiment.extract(*small, spacing=(1, 1, 1), axes="zyx")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
experiment.extract(image, mask, spacing=(1, 1, 1))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    # 128 MiB of image and 64 MiB of mask; KiB.
    assert int(done.stdout) < 16 * 1024


def test_simpleitk_and_nibabel_are_the_array_with_its_place():
    sitk = pytest.importorskip("SimpleITK")
    image, mask = scene.scan("float32")
    plain = voxomics.extract(image, mask, **GRID)
    itk = []
    for array in (image, mask):
        itk.append(sitk.GetImageFromArray(array))
        itk[-1].SetSpacing(scene.SPACING)
        itk[-1].SetOrigin(scene.ORIGIN)
        itk[-1].SetDirection(scene.DIRECTION)
    assert repr(dict(voxomics.extract(*itk))) == repr(dict(plain))
    assert repr(dict(voxomics.extract(itk[0], mask))) == repr(dict(plain))
    moved = sitk.Image(itk[1])
    moved.SetOrigin((0, 0, 0))
    with pytest.raises(voxomics.CaseError, match="not on one grid"):
        voxomics.extract(itk[0], moved)

    nibabel = pytest.importorskip("nibabel")
    matrix = np.array(scene.DIRECTION).reshape(3, 3) * np.array(scene.SPACING)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = matrix, scene.ORIGIN
    affine[:2] *= -1  # LPS to RAS
    volumes = [nibabel.Nifti1Image(array.transpose(), affine) for array in (image, mask)]
    found = voxomics.extract(*volumes)
    assert dict(found) == pytest.approx(dict(plain), rel=1e-12, nan_ok=True)


@pytest.mark.filterwarnings("ignore::voxomics.VoxomicsWarning")
def test_a_value_tells_what_it_is():
    image, mask = scene.scan()
    found = voxomics.extract(image, mask, **GRID)
    mean = found["statistics.mean"]
    assert isinstance(mean, float) and (mean.ibsi, mean.status, mean.reason) == ("Q4LE", "ok", "")
    assert float(mean) == pytest.approx(image[mask > 0].mean(), rel=1e-12)
    assert found["morphology.volume_voxel_counting"].unit == "mm^3"
    flat = voxomics.extract(np.full_like(image, 5), mask, **GRID)
    undefined = [value for value in flat.values() if value.status == "undefined"]
    assert undefined and all(value.reason and np.isnan(value) for value in undefined)


def test_tables():
    pandas = pytest.importorskip("pandas")
    image, mask = scene.scan()
    with pytest.warns(voxomics.VoxomicsWarning, match="demonstration"):
        found = voxomics.extract(image, mask, scene.ROOT / "configs/features.toml", modality="CT", **GRID)
    assert found.warnings and found.regions == ["tumour", "ring"]
    with pytest.raises(KeyError, match="tumour:statistics.mean"):
        found["statistics.mean"]
    frame = found.to_pandas()
    assert list(frame["region"]) == ["tumour", "ring"] and frame["statistics.mean"][1] == found["ring:statistics.mean"]
    assert len(found.to_pandas(long=True)) == len(found) and isinstance(frame, pandas.DataFrame)
    assert "statistics.mean" in found._repr_html_()
    (score,) = found.scores
    assert score.predictor == "demonstration" and set(score.contributions)


REFUSED = [
    ({"spacing": None}, "spacing", "how large its voxels are"),
    ({"spacing": (1, 2)}, "spacing", "3 finite numbers"),
    ({"spacing": (1, 0, 1)}, "spacing", "above 0"),
    ({"spacing": None, "origin": (0, 0, 0)}, "origin", "without spacing"),
    ({"axes": "zyy"}, "axes", "letters x, y and z"),
    ({"image": np.zeros((4, 4))}, "image", "three dimensions"),
    ({"image": np.zeros((20, 20, 5))}, "axes", 'axes="xyz"'),
    ({"image": np.zeros((2, 3, 4), complex)}, "image", "real numbers"),
    ({"image": np.ma.zeros((2, 3, 4))}, "image", "masked array"),
    ({"image": 7}, "image", "type int"),
    ({"mask": np.zeros((36, 40, 14), "uint8")}, "mask", "order of its axes"),
    ({"mask": None}, "mask", "NoneType"),
    ({"direction": (1, 0, 0, 1, 0, 0, 0, 0, 1)}, None, "orthogonal"),
]


@pytest.mark.parametrize("change, key, words", REFUSED)
def test_what_cannot_be_meant_is_refused(change, key, words):
    image, mask = scene.scan()
    given = {"image": image, "mask": mask, **GRID, **change}
    if change.get("spacing", 0) is None:
        given = {"origin": None, "direction": None, **{k: v for k, v in given.items() if k not in GRID}, **change}
    with pytest.raises(voxomics.InputError, match=words) as raised:
        voxomics.extract(given.pop("image"), given.pop("mask"), **given)
    assert raised.value.key == key


def test_a_case_that_fails_is_an_exception():
    image, mask = scene.scan()
    with pytest.raises(voxomics.CaseError) as raised:
        voxomics.extract(image, mask, label=4, case="patient 9", **GRID)
    assert raised.value.case == "patient 9" and raised.value.code == "regions"
    with pytest.raises(voxomics.CaseError, match="no such|cannot|No such"):
        voxomics.extract("/nowhere/image.nrrd", "/nowhere/mask.nrrd")


def test_mistakes_of_an_experiment_have_their_keys():
    with pytest.raises(voxomics.ExperimentError) as raised:
        voxomics.Experiment({"features": {"statistics": {"onyl": ["mean"]}}, "discretisation": {"method": "fixed bin size"}})
    error = raised.value
    assert {mistake.key for mistake in error.mistakes} >= {"features.statistics.onyl"}, error.mistakes
    assert all(mistake.line for mistake in error.mistakes if mistake.key) and error.code == "experiment"


def test_ctrl_c_stops_at_once():
    script = """
import signal, threading, time, os, numpy as np, voxomics
noise = np.random.default_rng(1)
image = noise.normal(0, 100, (150, 201, 200)); mask = np.ones(image.shape, "uint8")
experiment = voxomics.Experiment()
threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
began = time.monotonic()
try:
    experiment.extract(image, mask, spacing=(1, 1, 1))
    print("done", time.monotonic() - began)
except KeyboardInterrupt:
    print("stopped", time.monotonic() - began)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("stopped"), done


def test_a_process_that_was_forked_computes():
    script = """
import multiprocessing, sys
sys.path.insert(0, sys.argv[1])
import scene, voxomics
image, mask = scene.scan()
def mean(_):
    return float(voxomics.extract(image, mask, spacing=scene.SPACING)["statistics.mean"])
first = mean(0)
with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(mean, range(3)) == [first] * 3
print("ok")
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, str(Path(__file__).parent)], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "ok\n", done
