"""Arrays: the order of their axes, and that none is copied."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
import scene
import voxomics
from voxomics import _arrays

FEW = voxomics.Experiment({"features": {"statistics": {"only": ["mean", "minimum"]}, "morphology": {"only": ["volume_mesh", "maximum_3d_diameter"]}}})


def case(shape):
    """An image that no turning of its axes leaves as it is, and a mask in its middle."""
    image = np.arange(np.prod(shape), dtype="int32").reshape(shape)
    mask = np.zeros(shape, "uint8")
    mask[tuple(slice(n // 4, n // 2 + axis + 1) for axis, n in enumerate(shape))] = 1
    return image, mask


def axes_said(shape, spacing, **more):
    """Whether somebody was told which order was taken."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        FEW.extract(*case(shape), spacing=spacing, **more)
    found = [warning for warning in said if issubclass(warning.category, voxomics.AxesWarning)]
    assert all(warning.filename == __file__ or warning.filename == voxomics.experiment.__file__ for warning in found)
    return len(found)


# Voxels that are square in a slice, and slices that are square: this is what CT, MR and PET are like.
@pytest.mark.parametrize("shape, spacing", [((6, 16, 16), (0.8, 0.8, 3.0)), ((1, 16, 16), (0.8, 0.8, 3.0)), ((16, 16, 6), (3.0, 0.8, 0.8))])
def test_what_shape_and_spacing_tell_is_not_asked(shape, spacing):
    if min(shape) > 1:
        assert axes_said(shape, spacing) == 0
    else:
        assert _arrays._expect_zyx(shape, spacing) is None


@pytest.mark.parametrize("shape, spacing", [
    ((12, 12, 12), (1.0, 1.0, 1.0)),  # a cube: nothing tells
    ((12, 12, 12), (0.8, 0.8, 3.0)),
    ((9, 12, 16), (0.8, 0.8, 3.0)),  # three lengths
    ((9, 12, 12), (1.0, 1.0, 1.0)),  # isotropic, and sagittal slices first in the order (x, y, z) look just like it
    ((9, 12, 12), (0.7, 0.8, 3.0)),
    ((12, 9, 12), (0.8, 3.0, 0.8)),  # reads the same in both orders
])
def test_a_guess_does_not_pass_silently(shape, spacing):
    assert axes_said(shape, spacing) == 1
    for axes in ("zyx", "xyz", "yxz"):
        assert axes_said(shape, spacing, axes=axes) == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error", voxomics.AxesWarning)
        with pytest.raises(voxomics.AxesWarning, match='taken in the order .z, y, x.*axes="xyz" for that of nibabel'):
            voxomics.regions(*case(shape), FEW, spacing=spacing)


@pytest.mark.parametrize("shape, spacing, words", [
    ((16, 16, 6), (0.8, 0.8, 3.0), r"as an array \(x, y, z\) they would"),  # what nibabel gives of a CT
    ((9, 16, 16), (1.2, 0.8, 0.8), r"as an array \(x, y, z\) they would"),  # and of sagittal slices
    ((16, 16, 6), (1.0, 1.0, 1.0), "first two axes are alike"),
    ((16, 16, 6), (0.8, 0.7, 3.0), "first two axes are alike"),
])
def test_what_speaks_against_it_is_refused(shape, spacing, words):
    with pytest.raises(voxomics.InputError, match=words) as raised:
        FEW.extract(*case(shape), spacing=spacing)
    assert raised.value.key == "axes"
    assert axes_said(shape, spacing, axes="xyz") == 0


def test_a_cube_has_other_numbers_in_another_order():
    """So the guess matters: spacing belongs to x, y, z."""
    image, mask = case((12, 12, 12))
    as_zyx, as_xyz = (FEW.extract(image, mask, spacing=(0.5, 1.0, 3.0), axes=axes) for axes in ("zyx", "xyz"))
    assert as_zyx["morphology.maximum_3d_diameter"] != as_xyz["morphology.maximum_3d_diameter"]
    with pytest.warns(voxomics.AxesWarning):
        plain = FEW.extract(image, mask, spacing=(0.5, 1.0, 3.0))
    assert dict(plain) == dict(as_zyx)


def test_it_is_said_once_for_a_place_in_the_code():
    script = """
import numpy as np, voxomics
made = voxomics.Experiment({"features": {"statistics": {"only": ["mean"]}}})
for n in (8, 9, 10):
    mask = np.zeros((n, n, n), "uint8"); mask[2:5, 2:5, 2:5] = 1
    voxomics.extract(np.arange(n**3).reshape(n, n, n), mask, made, spacing=(1, 1, 1))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr.count("AxesWarning") == 1 and "<string>:6: AxesWarning" in done.stderr, done.stderr


def test_a_mask_without_a_place_is_held_against_the_image():
    sitk = pytest.importorskip("SimpleITK")
    for shape, said in [((12, 12, 12), 1), ((6, 12, 12), 0), ((6, 10, 12), 0), ((12, 6, 12), 1)]:
        image, mask = case(shape)
        placed = sitk.GetImageFromArray(image)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always", voxomics.AxesWarning)
            found = FEW.extract(placed, mask)
        assert len(heard) == said and found["statistics.minimum"] == image[mask > 0].min(), shape
        drawn = sitk.GetImageFromArray(mask)
        with warnings.catch_warnings():
            warnings.simplefilter("error", voxomics.AxesWarning)
            assert dict(FEW.extract(placed, drawn)) == dict(found)
            assert dict(FEW.extract(placed, mask, axes="zyx")) == dict(found)


TYPES = ["bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]


def address(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("kind", TYPES)
def test_the_engine_gets_the_memory_of_the_array(kind):
    grid = _arrays.grid_of((1, 1, 3), None, None)
    array = np.zeros((5, 8, 8), kind)
    for role, taken in [
        ("C order", _arrays.image(array, grid, "zyx")), ("Fortran order", _arrays.image(array.transpose(), grid, "xyz")),
        ("a mask", _arrays.mask(array, _arrays.image(array, grid, "zyx"), "zyx")), ("read only", _arrays.image(_locked(array), grid, "zyx")),
    ]:
        assert address(taken.array) == address(array) and taken.array.dtype == array.dtype and taken.array.flags.c_contiguous, role
    fortran = np.asfortranarray(np.zeros((8, 7, 5), kind))
    assert address(_arrays.image(fortran, grid, "xyz").array) == address(fortran)
    # What cannot be lent is copied, and no more than once.
    gaps = np.zeros((10, 8, 8), kind)[::2]
    assert address(_arrays.image(gaps, grid, "zyx").array) != address(gaps)


def _locked(array):
    view = array.view()
    view.flags.writeable = False
    return view


@pytest.mark.parametrize("kind", [kind for kind in TYPES if kind != "bool"])
def test_the_engine_gets_the_memory_of_an_image_of_simpleitk(kind):
    sitk = pytest.importorskip("SimpleITK")
    image = sitk.GetImageFromArray(np.zeros((5, 8, 8), kind))
    assert address(_arrays.image(image, None, None).array) == address(sitk.GetArrayViewFromImage(image))


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory from /proc")
def test_memory_grows_by_less_than_the_array():
    """The whole way, into the engine: for each type, in both orders, and as an image of SimpleITK where that is there."""
    script = """
import re, numpy as np, voxomics
def peak(): return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
def resident(): return int(re.search(r"VmRSS:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024
made = voxomics.Experiment({"features": {"statistics": {"only": ["mean"]}}})
def grows(image, mask, **how):
    made.extract(image, mask, **how)
    open("/proc/self/clear_refs", "w").write("5")
    before = resident()
    made.extract(image, mask, **how)
    return peak() - before
try:
    import SimpleITK
except ImportError:
    SimpleITK = None
part = (slice(10, 20),) * 3
for kind in %r:
    image = np.ones((96, 512, 512), kind); mask = np.zeros(image.shape, "uint8"); mask[part] = 1
    if kind != "bool": image[part] = np.arange(10)
    told = [grows(image, mask, spacing=(1, 1, 3)), grows(image.transpose(), mask.transpose(), spacing=(1, 1, 3), axes="xyz")]
    if SimpleITK and kind != "bool":
        pair = [SimpleITK.GetImageFromArray(array) for array in (image, mask)]
        told.append(grows(*pair))
    print(kind, image.nbytes, *told)
""" % (TYPES,)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert [line[0] for line in lines] == TYPES
    for kind, size, *grown in lines:
        # 25 MB of a mask as well, which is not copied either.
        assert all(int(of) < min(int(size), 25e6) / 2 for of in grown), (kind, size, grown)
