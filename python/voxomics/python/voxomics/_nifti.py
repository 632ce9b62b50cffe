"""Images of nibabel, as the files that the engine reads: so units, forms and scaling are checked as those of any NIfTI are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from . import _arrays
from .errors import InputError

#: Codes of the types of voxels (nifti1.h).
_CODES = {"u1": 2, "i2": 4, "i4": 8, "f4": 16, "f8": 64, "i1": 256, "u2": 512, "u4": 768, "i8": 1024, "u8": 1280}
#: A header of NIfTI-2 and the four bytes after it that say that there are no extensions.
_OFFSET = 544


def is_image(value: Any) -> bool:
    nibabel = sys.modules.get("nibabel")
    return nibabel is not None and isinstance(value, nibabel.spatialimages.SpatialImage)


def written(image: Any, path: Path, role: str) -> Path:
    """The image as a file that says what the image says: its header as nibabel would save it, its voxels as they are stored.

    It is NIfTI-2, whose numbers have the 64 bits of an affine in memory.
    """
    nibabel = sys.modules["nibabel"]
    header = _header(image, role)
    stored, slope, inter = image.dataobj, 1.0, 0.0
    # nibabel scales to float64, and would save other numbers than those that it read.
    if type(stored) is nibabel.arrayproxy.ArrayProxy and np.isscalar(stored.slope) and np.isscalar(stored.inter):
        stored, slope, inter = stored.get_unscaled(), float(stored.slope), float(stored.inter)
    _write(header, np.asanyarray(stored), path, role, slope, inter)
    return path


def written_beside(image: Any, mask: np.ndarray, path: Path) -> Path:
    """A mask, indexed [z, y, x], as a file in the place of an image."""
    _write(_header(image, "image"), mask.transpose(), path, "mask")
    return path


def shape(image: Any) -> tuple[int, ...]:
    """The shape of an image in the order (z, y, x)."""
    found = tuple(image.shape)
    while len(found) > 3 and found[-1] == 1:
        found = found[:-1]
    return found[::-1]


def _header(image: Any, role: str) -> Any:
    """The header of an image as nibabel would save it, with its affine in full precision."""
    nibabel = sys.modules["nibabel"]
    header, affine = image.header, image.affine
    if not isinstance(header, nibabel.Nifti1Header):
        if isinstance(header, nibabel.analyze.AnalyzeHeader):
            raise InputError(
                f"the {role} is an ANALYZE image, which does not tell where left and right are: hand over the path of its file, or make it NIfTI "
                "with an affine that you know, nibabel.Nifti1Image(image.dataobj, affine)",
                key=role,
            )
        header = nibabel.Nifti1Header()
        header.set_xyzt_units("mm")  # so is every affine of nibabel that is not NIfTI's
    if affine is None:
        raise InputError(f"the {role} has no affine", key=role)
    old = nibabel.Nifti1Image(np.broadcast_to(np.uint8(0), image.shape), affine, header).header.structarr
    made = nibabel.Nifti2Header().structarr
    for name in set(old.dtype.names) & set(made.dtype.names) - {"sizeof_hdr", "magic", "vox_offset"}:
        made[name] = old[name]
    if made["sform_code"] > 0:
        for name, row in zip(("srow_x", "srow_y", "srow_z"), np.asarray(affine, dtype=float)):
            made[name] = row
    return made


def _write(header: Any, array: np.ndarray, path: Path, role: str, slope: float = 1.0, inter: float = 0.0) -> None:
    array = _arrays.elements(array, role)
    array = array.view(np.uint8) if array.dtype.kind == "b" else array
    header = header.copy()
    header["datatype"], header["bitpix"] = _CODES[array.dtype.str[1:]], 8 * array.dtype.itemsize
    header["scl_slope"], header["scl_inter"], header["vox_offset"] = slope, inter, _OFFSET
    with open(path, "wb") as file:
        file.write(header.tobytes() + bytes(_OFFSET - header.nbytes))
        array.transpose().tofile(file)
