"""What speaks against the spacing of an image that SimpleITK has read from NIfTI: by the rules of the loader, from what it has kept of the header."""

from __future__ import annotations

from typing import Any

import numpy as np

#: As load-nifti has them: relative difference of two spacings that rounding does not explain; mm that a scan may have.
_SAME = 1e-3
_CREDIBLE = (0.002, 50.0)
_UNITS = {1: ("metres", 1e3), 3: ("micrometres", 1e-3)}
_PIXDIM = ("pixdim[1]", "pixdim[2]", "pixdim[3]")
_SFORM = ("srow_x", "srow_y", "srow_z")
#: What an image no longer has once somebody says that its spacing is right.
KEPT = ("srow_x", "xyzt_units")


def doubt(image: Any) -> str | None:
    """Why the loader would refuse the file that an image was read from; none if it would not, or if nothing is known of a file.

    SimpleITK places an image by pixdim, in the unit of the header, and its filters drop what it has kept of the header.
    """
    if not all(image.HasMetaDataKey(key) for key in (*_PIXDIM, "xyzt_units")):
        return None
    try:
        code = int(image.GetMetaData("xyzt_units")) & 7
        pixdim = np.abs([float(image.GetMetaData(key)) for key in _PIXDIM])
        sform = None
        if all(image.HasMetaDataKey(key) for key in (*_SFORM, "sform_code")) and int(image.GetMetaData("sform_code")) > 0:
            sform = np.array([[float(x) for x in image.GetMetaData(key).split()[:3]] for key in _SFORM])
    except ValueError:
        return None  # not what a header of NIfTI would say
    name, unit = _UNITS.get(code, ("millimetres", 1.0))
    spacing = pixdim * unit
    if not np.allclose(image.GetSpacing(), spacing, rtol=_SAME, atol=0):
        return None  # somebody has set another one
    shown = [float(f"{length:.6g}") for length in spacing]
    several = np.array(image.GetSize()) > 1
    if unit != 1.0 and (several & ((spacing < _CREDIBLE[0]) | (spacing > _CREDIBLE[1]))).any():
        return (
            f"xyzt_units is {code} ({name}), by which voxels have {shown} mm, expected mm; correct the unit of the header (2 is mm) or its spacing, or "
            'say that it is right, by image.EraseMetaData("xyzt_units")'
        )
    if sform is None or sform.shape != (3, 3):
        return None
    lengths = np.sqrt((sform**2).sum(axis=0)) * unit
    if not (lengths > 0).all() or not (np.abs(spacing - lengths) > _SAME * lengths).any():
        return None
    return (
        f"the header has two spacings: the sform says {[float(f'{length:.6g}') for length in lengths]} mm, pixdim (and the qform) {shown} mm, which "
        'SimpleITK has taken, expected the same; find out which is right, and hand over the path with scale_from = "sform" or "pixdim" in '
        '[load.nifti], or say that SimpleITK is right, by image.EraseMetaData("srow_x")'
    )
