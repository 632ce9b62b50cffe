"""Regions, rings and responses as arrays: what the features looked at, and what others compute of the same."""

from __future__ import annotations

import gc
import io
import json
import struct
import subprocess

import numpy as np
import pytest
import scene
import voxomics
from voxomics._home import program

GRID = {"spacing": scene.SPACING, "origin": scene.ORIGIN, "direction": scene.DIRECTION}

RING = {
    "regions": {
        "tumour": {}, "ring": {"ring_of": "tumour", "outward_mm": 3.0, "inward_mm": 1.5},
        "hot": {"union_of": ["tumour"], "intensities": [70.0, 200.0]},
    },
    "interpolation": {"spacing_mm": [1.0, 1.0, 1.0], "image": "linear", "mask": "linear"},
    "resegmentation": {"range": [60.0, 95.0]},
    "images": {"original": {}, "smooth": {"filter": "mean", "support_voxels": 3}, "log": {"filter": "laplacian-of-gaussian", "sigma_mm": 2.0}},
    "features": {"statistics": {"only": ["mean", "minimum", "maximum"]}, "morphology": {"images": ["original"], "only": ["volume_voxel_counting"]}},
}


def ring_experiment():
    return voxomics.Experiment(RING)


@pytest.mark.filterwarnings("ignore::voxomics.VoxomicsWarning")
def test_features_are_those_of_the_arrays():
    image, mask = scene.scan("float32")
    made = ring_experiment()
    features = made.extract(image, mask, **GRID)
    regions = voxomics.regions(image, mask, made, **GRID)
    images = voxomics.filtered(image, mask, made, **GRID)
    assert list(regions) == ["tumour", "ring", "hot"] and list(images) == ["original", "smooth", "log"]
    for region in regions.values():
        row = features.region(region.name)
        assert region.volume_ml == pytest.approx(row["original.morphology.volume_voxel_counting"] / 1000, rel=1e-12)
        for name, of in images.items():
            assert of.array.shape == region.array.shape
            # To the last bit: they are the voxels themselves.
            values = of.array[region.intensity]
            assert (values.min(), values.max()) == (row[f"{name}.statistics.minimum"], row[f"{name}.statistics.maximum"])
            assert values.mean() == pytest.approx(row[f"{name}.statistics.mean"], rel=1e-12)
    inside = images["original"].array[regions["tumour"].intensity]
    assert inside.min() >= 60.0 and inside.max() <= 95.0
    assert np.count_nonzero(regions["tumour"].intensity) < np.count_nonzero(regions["tumour"].array)


@pytest.mark.filterwarnings("ignore::voxomics.VoxomicsWarning")
def test_regions_are_counted_as_the_program_counts_them(tmp_path):
    image, mask = scene.scan()
    made = ring_experiment()
    cases = scene.case_files(tmp_path, image, mask)
    done = subprocess.run(
        [program(), "check", made.save(tmp_path / "experiment.toml"), "--cases", cases, "--json"], capture_output=True, text=True,
        stdin=subprocess.DEVNULL,
    )
    told = json.loads(done.stdout)["cases"][0]["found"]["regions"]
    found = voxomics.regions(image, mask, made, **GRID)
    assert [(of["region"], of["voxels"], of["voxels_after_resegmentation"]) for of in told] == [
        (name, np.count_nonzero(region.array), np.count_nonzero(region.intensity)) for name, region in found.items()
    ]


def test_a_ring_has_the_voxels_within_its_reach():
    ndimage = pytest.importorskip("scipy.ndimage")
    image, mask = scene.scan()
    made = {"regions": {"tumour": {}, "ring": {"ring_of": "tumour", "outward_mm": 3.0, "inward_mm": 1.5}}, "features": {"statistics": {}}}
    found = voxomics.regions(image, mask, made, **GRID)
    tumour, ring = found["tumour"].on_grid(), found["ring"].on_grid()
    assert np.array_equal(tumour, mask != 0)
    sampling = scene.SPACING[::-1]
    outward = ndimage.distance_transform_edt(~tumour, sampling=sampling)
    inward = ndimage.distance_transform_edt(tumour, sampling=sampling)
    assert np.array_equal(ring, (~tumour & (outward <= 3.0)) | (tumour & (inward <= 1.5)))


def test_a_filter_gives_from_edge_to_edge_what_others_give():
    ndimage = pytest.importorskip("scipy.ndimage")
    image, mask = scene.scan("float64")
    smooth = voxomics.filtered(image, filter="mean", settings={"support_voxels": 3}, **GRID)["mean"]
    assert smooth.array.shape == image.shape == smooth.grid.shape and smooth.on_grid() is smooth.array
    np.testing.assert_allclose(smooth.array, ndimage.uniform_filter(image, 3, mode="reflect"), rtol=1e-12, atol=1e-9)
    around = voxomics.filtered(image, mask, {"images": {"mean": {"filter": "mean", "support_voxels": 3}}, "features": {"statistics": {}}}, **GRID)
    # What a filter makes of a scan does not depend on the box that it is asked for.
    assert np.array_equal(around["mean"].array, smooth.array[around["mean"].box])


@pytest.mark.filterwarnings("ignore::voxomics.VoxomicsWarning")
def test_arrays_lie_where_they_say():
    sitk = pytest.importorskip("SimpleITK")
    image, mask = scene.scan()
    found = voxomics.regions(image, mask, ring_experiment(), **GRID)["tumour"]
    assert found.grid.spacing == (1.0, 1.0, 1.0) and found.grid.direction == scene.DIRECTION
    drawn = sitk.GetImageFromArray(mask)
    drawn.SetSpacing(scene.SPACING)
    drawn.SetOrigin(scene.ORIGIN)
    drawn.SetDirection(scene.DIRECTION)
    # The box and the whole grid name the same points, and these lie in the region that was drawn.
    box = found.to_sitk()
    whole = sitk.GetImageFromArray(found.on_grid().astype(np.uint8))
    whole.SetSpacing(found.grid.spacing)
    whole.SetOrigin(found.grid.origin)
    whole.SetDirection(found.grid.direction)
    first = [part.start for part in found.box[::-1]]
    assert whole.TransformIndexToPhysicalPoint(first) == pytest.approx(box.GetOrigin(), abs=1e-9)
    centre = lambda of: np.array(_centre(sitk, of))
    assert np.abs(centre(box) - centre(drawn)).max() < 0.2
    assert np.array_equal(sitk.GetArrayFromImage(sitk.Resample(whole, box, sitk.Transform(), sitk.sitkNearestNeighbor)), found.array)


def _centre(sitk, mask):
    measured = sitk.LabelShapeStatisticsImageFilter()
    measured.Execute(mask)
    return measured.GetCentroid(1)


@pytest.mark.filterwarnings("ignore:.*each is a region of its own")
def test_nothing_is_made_between_regions_that_lie_apart():
    image, _ = scene.scan()
    mask = np.zeros_like(image, "uint8")
    mask[3:5, 3:7, 3:7] = 1
    mask[9:11, 30:34, 28:32] = 1
    made = {"regions": {"tumour": {"components": "each"}}, "images": {"original": {}}, "features": {"statistics": {}}}
    found, images = voxomics.regions(image, mask, made, **GRID), voxomics.filtered(image, mask, made, **GRID)
    assert list(found) == ["tumour.1", "tumour.2"]
    original = images["original"]
    either = found["tumour.1"].array | found["tumour.2"].array
    assert np.array_equal(np.isnan(original.array), ~either)
    assert np.array_equal(original.array[either], image[original.box][either].astype(float))


def test_arrays_outlive_what_they_came_with():
    image, mask = scene.scan()
    made = voxomics.Experiment({"features": {"statistics": {}}})
    array = voxomics.filtered(image, mask, made, **GRID)["original"].array
    inside = voxomics.regions(image, mask, made, **GRID)["tumour"].array
    kept, kept_inside = array.copy(), inside.copy()
    gc.collect()
    for _ in range(20):  # what was freed would be taken by these
        voxomics.filtered(image, mask, made, **GRID)
    assert np.array_equal(array, kept) and np.array_equal(inside, kept_inside)
    array[:] = 0  # nobody else looks at them
    assert np.asarray(array, dtype="float32").sum() == 0


def test_what_cannot_be_meant_is_refused():
    image, mask = scene.scan()
    with pytest.raises(voxomics.InputError, match="settings without a filter"):
        voxomics.filtered(image, settings={"support_voxels": 3}, **GRID)
    with pytest.raises(voxomics.InputError, match="give one of them"):
        voxomics.filtered(image, None, {"features": {"statistics": {}}}, filter="mean", **GRID)
    with pytest.raises(voxomics.ExperimentError, match="support_voxels"):
        voxomics.filtered(image, filter="mean", settings={"support_voxels": 4}, **GRID)
    with pytest.raises(voxomics.InputError, match="the mask is of the type NoneType"):
        voxomics.regions(image, None, **GRID)
    with pytest.raises(voxomics.CaseError, match="label"):
        voxomics.regions(image, mask, label=7, **GRID)
    # A ring that reaches nowhere leaves the tumour as it is.
    made = {"regions": {"tumour": {}, "ring": {"ring_of": "tumour", "outward_mm": 0.1}}, "features": {"statistics": {}}}
    with pytest.warns(voxomics.VoxomicsWarning, match="empty ring"):
        assert list(voxomics.regions(image, mask, made, **GRID)) == ["tumour"]


def test_a_picture_is_a_figure_of_matplotlib():
    pytest.importorskip("matplotlib")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.image import imread

    image, mask = scene.scan()
    (picture,) = voxomics.extract(image, mask, {"features": {"statistics": {}}}, preview=True, **GRID).previews
    canvas = FigureCanvasAgg(picture.figure(dpi=50))
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba())[..., :3]
    # The picture itself, pixel by pixel.
    pixels = np.rint(imread(io.BytesIO(picture.png), format="png")[..., :3] * 255).astype(int)
    assert drawn.shape == pixels.shape and np.abs(drawn.astype(int) - pixels).max() <= 1


def test_a_picture_comes_with_the_result(tmp_path):
    image, mask = scene.scan()
    made = voxomics.Experiment({"regions": RING["regions"], "features": {"statistics": {}}})
    features = made.extract(image, mask, preview=True, **GRID)
    (picture,) = features.previews
    assert picture.png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", picture.png[16:24])
    assert width > height > 100
    shown = features._repr_html_()
    assert shown.index("data:image/png;base64,") < shown.index("<table>")
    assert picture.save(tmp_path / "picture.png").read_bytes() == picture._repr_png_()
    # The same as the program's.
    cases = scene.case_files(tmp_path, image, mask)
    subprocess.run(
        [program(), "check", made.save(tmp_path / "experiment.toml"), "--cases", cases, "--preview", tmp_path / "shown"], check=True,
        capture_output=True, stdin=subprocess.DEVNULL,
    )
    assert (tmp_path / "shown" / "case.png").read_bytes() == picture.png
    plain = made.extract(image, mask, **GRID)
    assert plain.previews == [] and dict(plain) == dict(features)
