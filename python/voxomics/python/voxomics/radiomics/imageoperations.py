"""Of PyRadiomics' ``imageoperations`` what programs call: looking at a mask, and cutting image and mask to its box."""

from __future__ import annotations

from typing import Any

import numpy

from . import _images


def checkMask(imageNode: Any, maskNode: Any, **kwargs: Any) -> tuple[numpy.ndarray, Any]:
    """The box of the label, and the mask on the image's grid if it was on another one and ``correctMask`` is set, else ``None``.

    The box is first and last index along x, then y, then z. Raises ``ValueError`` for what PyRadiomics refuses: other geometry, no
    such label, one voxel, too few dimensions (``minimumROIDimensions``), too few voxels (``minimumROISize``).
    """
    label = kwargs.get("label", 1)
    corrected = None
    if not _images.on_one_grid(imageNode, maskNode, kwargs.get("geometryTolerance") or 1e-6):
        if not kwargs.get("correctMask", False):
            raise ValueError("Image/Mask geometry mismatch. Potential fix: enable `correctMask`")
        corrected = _images.resampled(maskNode, imageNode)
    found = _images.find(corrected if corrected is not None else maskNode, label)
    _images.refuse(found, label, kwargs)
    return numpy.array(found.box), corrected


def cropToTumorMask(imageNode: Any, maskNode: Any, boundingBox: Any, padDistance: int = 0) -> tuple[Any, Any]:
    """Image and mask cut to a box of :func:`checkMask`, and ``padDistance`` voxels around it, as far as there are any."""
    size = numpy.array(maskNode.GetSize())
    box = numpy.array(boundingBox, dtype=int).reshape(-1, 2)
    lower = numpy.maximum(box[:, 0] - int(padDistance), 0)
    upper = numpy.maximum(size - 1 - (box[:, 1] + int(padDistance)), 0)
    cut = [[int(n) for n in side] for side in (lower, upper)]
    sitk = _images.sitk()
    return sitk.Crop(imageNode, *cut), sitk.Crop(maskNode, *cut)
