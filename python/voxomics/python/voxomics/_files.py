"""Images of packages that read files themselves, as files: so the engine checks them by the rules of their formats."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import Any, Iterator

import numpy as np

from . import _arrays, _dicom, _nifti


@contextlib.contextmanager
def files(image: Any, mask: Any, axes: str | None) -> Iterator[tuple[Any, Any]]:
    """Image and mask, with paths in the place of datasets of pydicom and images of nibabel, as long as the context lasts."""
    given = {"image": image, "mask": mask}
    datasets = {role: found for role, value in given.items() if (found := _dicom.datasets(value))}
    images = {role: value for role, value in given.items() if _nifti.is_image(value)}
    if not datasets and not images:
        yield image, mask
        return
    with tempfile.TemporaryDirectory(prefix="voxomics-") as scratch:
        for role, found in datasets.items():
            given[role] = _dicom.written(found, Path(scratch) / role, role)
        for role, value in images.items():
            given[role] = _nifti.written(value, Path(scratch) / f"{role}.nii", role)
        if "image" in images and _is_array(mask):
            # It has the place of the image.
            like = _arrays.Placed(np.broadcast_to(np.uint8(0), _nifti.shape(image)), *_arrays.Grid((1.0, 1.0, 1.0)))
            array = _arrays.mask(mask, like, axes, of_itself=True).array
            given["mask"] = _nifti.written_beside(image, array, Path(scratch) / "mask.nii")
        yield given["image"], given["mask"]


def _is_array(value: Any) -> bool:
    return hasattr(value, "__array__") and not _arrays.is_sitk(value) and not _nifti.is_image(value)
