"""Images and masks as the engine takes them: a path, or an array in C order with its place."""

from __future__ import annotations

import os
import sys
from typing import Any, NamedTuple

import numpy as np

from . import _sitk
from .errors import InputError, warn_of_axes

_IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


class Grid(NamedTuple):
    """The place of an array: of SimpleITK's conventions, which are those of DICOM (LPS, mm)."""

    spacing: tuple[float, ...]
    origin: tuple[float, ...] = (0.0, 0.0, 0.0)
    direction: tuple[float, ...] = _IDENTITY


def is_sitk(value: Any) -> bool:
    return type(value).__module__.split(".")[0] == "SimpleITK"


def is_path(value: Any) -> bool:
    return isinstance(value, (str, os.PathLike))


def numbers(value: Any, count: int, key: str) -> tuple[float, ...]:
    """So many finite numbers."""
    try:
        found = tuple(float(x) for x in np.asarray(value, dtype=float).ravel())
    except (TypeError, ValueError):
        found = ()
    if len(found) != count or not all(map(np.isfinite, found)):
        raise InputError(f"{key} is {value!r}, expected {count} finite numbers", key=key)
    return found


def grid_of(spacing: Any, origin: Any, direction: Any) -> Grid | None:
    """The place that the caller states; none if no spacing is stated."""
    if spacing is None:
        for key, value in (("origin", origin), ("direction", direction)):
            if value is not None:
                raise InputError(f"{key} without spacing: give spacing=(x, y, z) in mm as well", key=key)
        return None
    spacing = numbers(spacing, 3, "spacing")
    if min(spacing) <= 0:
        raise InputError(f"spacing is {spacing}, expected three lengths above 0, (x, y, z) in mm", key="spacing")
    return Grid(
        spacing,
        (0.0, 0.0, 0.0) if origin is None else numbers(origin, 3, "origin"),
        _IDENTITY if direction is None else numbers(direction, 9, "direction"),
    )


def elements(array: np.ndarray, role: str) -> np.ndarray:
    """An array of numbers that the engine knows. Those that it knows are not copied."""
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind not in "buif" or size > 8:
        raise InputError(f"the {role} has elements of the type {array.dtype}, expected real numbers of up to 64 bits", key=role)
    if kind == "f" and size == 2:
        return array.astype(np.float32)  # exact
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _plain(array: Any, role: str, axes: str | None) -> np.ndarray:
    """An array of the caller in the order (z, y, x)."""
    if isinstance(array, np.ma.MaskedArray):
        raise InputError(f"the {role} is a masked array: fill it first, as with .filled(0)", key=role)
    array = elements(np.asarray(array), role)
    if array.ndim != 3 or 0 in array.shape:
        hint = "; array[None] makes one slice of it" if array.ndim == 2 else ""
        raise InputError(f"the {role} has the shape {array.shape}, expected three dimensions (z, y, x){hint}", key=role)
    if axes is None:
        return array
    if not isinstance(axes, str) or sorted(axes) != ["x", "y", "z"]:
        raise InputError(f'axes is {axes!r}, expected the letters x, y and z in the order of the array, as "zyx"', key="axes")
    return array.transpose([axes.index(letter) for letter in "zyx"])


_SAY = 'Say which it is: axes="zyx" for the order of SimpleITK.GetArrayFromImage, axes="xyz" for that of nibabel'


def _pair(values: Any) -> frozenset[int] | None:
    """Which two of three numbers are equal, if exactly two are."""
    pairs = [(0, 1), (0, 2), (1, 2)]
    equal = [pair for pair in pairs if abs(values[pair[0]] - values[pair[1]]) <= 1e-4 * abs(values[pair[0]])]
    return frozenset(equal[0]) if len(equal) == 1 else None


def _expect_zyx(shape: tuple[int, ...], spacing: tuple[float, ...]) -> None:
    """Looks for what tells the order of an array of which nobody said it: silent if its slices are square in voxels and in mm, refused
    if they would be so in the order (x, y, z), or if the shape alone speaks for it; else a warning says that (z, y, x) was taken.
    """
    square = _pair(spacing)
    fits_zyx = square is not None and _pair(shape[::-1]) == square
    fits_xyz = square is not None and _pair(shape) == square
    if fits_zyx and not fits_xyz:
        return
    if fits_xyz and not fits_zyx:
        raise InputError(
            f"the image has the shape {shape} and the spacing {spacing}: as an array (z, y, x), its square voxels would not be those of its "
            f"square slices, and as an array (x, y, z) they would. {_SAY}",
            key="axes",
        )
    if shape[0] == shape[1] != shape[2]:
        raise InputError(
            f"the image has the shape {shape}: its first two axes are alike, as those of an array (x, y, z) would be. {_SAY}", key="axes"
        )
    warn_of_axes(f"an array was taken in the order (z, y, x), which neither its shape nor its spacing tells. {_SAY}")


def _of_sitk(image: Any, role: str) -> tuple[np.ndarray, Grid]:
    if image.GetDimension() != 3 or image.GetNumberOfComponentsPerPixel() != 1:
        raise InputError(
            f"the {role} has {image.GetDimension()} dimensions and {image.GetNumberOfComponentsPerPixel()} values per voxel, "
            "expected 3 and 1",
            key=role,
        )
    doubt = _sitk.doubt(image)
    if doubt is not None:
        raise InputError(f"the {role} was read from NIfTI, and {doubt}", key=role)
    array = sys.modules["SimpleITK"].GetArrayViewFromImage(image)
    return array, Grid(image.GetSpacing(), image.GetOrigin(), image.GetDirection())


class Placed(NamedTuple):
    """An array in C order, indexed [z, y, x], and its place."""

    array: np.ndarray
    spacing: tuple[float, ...]
    origin: tuple[float, ...]
    direction: tuple[float, ...]


def _ready(array: np.ndarray, grid: Grid, role: str) -> Placed:
    array = np.ascontiguousarray(elements(array, role))
    return Placed(array, *(tuple(float(x) for x in part) for part in grid))


def image(value: Any, grid: Grid | None, axes: str | None) -> Any:
    """An image as the engine takes it: a path, or a placed array."""
    own = is_sitk(value) or is_path(value)
    if own and grid is not None:
        raise InputError("the image states its spacing itself: leave out spacing, origin and direction", key="spacing")
    if is_path(value):
        return os.fspath(value)
    if is_sitk(value):
        return _ready(*_of_sitk(value, "image"), "image")
    if not hasattr(value, "__array__"):
        raise InputError(
            f"the image is of the type {type(value).__name__}, expected a path, a NumPy array, a SimpleITK or a nibabel image",
            key="image",
        )
    array = _plain(value, "image", axes)
    if grid is None:
        raise InputError(
            "an array does not tell how large its voxels are: give spacing=(x, y, z) in mm, as image.GetSpacing() of SimpleITK",
            key="spacing",
        )
    if axes is None:
        _expect_zyx(array.shape, grid.spacing)
    return _ready(array, grid, "image")


def mask(value: Any, of_image: Any, axes: str | None, of_itself: bool = False) -> Any:
    """A mask as the engine takes it. An array without a place of its own has that of the image; ``of_itself`` says that the image told
    the order of its axes itself.
    """
    if is_path(value):
        return os.fspath(value)
    if is_sitk(value):
        return _ready(*_of_sitk(value, "mask"), "mask")
    if not hasattr(value, "__array__"):
        raise InputError(
            f"the mask is of the type {type(value).__name__}, expected a path, a NumPy array, a SimpleITK or a nibabel image",
            key="mask",
        )
    if is_path(of_image):
        raise InputError(
            "the mask is an array and the image a file: where the array lies is not known. Hand over both as arrays or both as "
            "files, or the mask as a SimpleITK or nibabel image",
            key="mask",
        )
    array = _plain(value, "mask", axes)
    if array.shape != of_image.array.shape:
        turned = "; the order of its axes is another one, see axes=" if array.shape[::-1] == of_image.array.shape else ""
        raise InputError(
            f"the mask has the shape {array.shape} and the image {of_image.array.shape}, both as (z, y, x); expected the same{turned}",
            key="mask",
        )
    if axes is None and of_itself and array.shape == array.shape[::-1]:
        warn_of_axes(f"a mask without a place of its own was taken in the order (z, y, x), which its shape does not tell. {_SAY}")
    return _ready(array, Grid(*of_image[1:]), "mask")
