"""What PyRadiomics does to image and mask before features are computed: with SimpleITK's filters, as it does, so that what comes out
has the same voxels. Another grid, another order of axes or another interpolator would give other numbers.
"""

from __future__ import annotations

from typing import Any, Mapping, Sequence

import numpy

from ..errors import warn
from . import _images, _refusals, logger

#: How far a region may reach beyond the image, in voxels: rounding, and no more.
_BEYOND = 1e-3

#: Settings of what is done before a region is looked at.
PREPARES = (
    "normalize", "normalizeScale", "removeOutliers", "resampledPixelSpacing", "interpolator", "preCrop", "padDistance",
    "resegmentRange", "resegmentMode", "resegmentShape",
)


def is_other(settings: Mapping[str, Any]) -> bool:
    """Whether the settings ask for other voxels than those of image and mask."""
    return _is_resampled(settings) or bool(settings.get("preCrop")) or settings.get("resegmentRange") is not None


def _is_resampled(settings: Mapping[str, Any]) -> bool:
    return settings.get("resampledPixelSpacing") is not None and settings.get("interpolator") is not None


def prepare(image: Any, mask: Any, settings: Mapping[str, Any]) -> tuple[Any, Any]:
    """Image and mask as PyRadiomics looks at them."""
    if settings.get("normalize"):
        image = normalizeImage(image, **settings)
    if _is_resampled(settings):
        return resampleImage(image, mask, **settings)
    if settings.get("preCrop"):
        box, corrected = checkMask(image, mask, **settings)
        return cropToTumorMask(image, mask if corrected is None else corrected, box, padDistance=settings.get("padDistance") or 0)
    return image, mask


def getMask(mask: Any, **kwargs: Any) -> Any:
    """The mask as one unsigned number per voxel: of several channels, the one that ``label_channel`` names.

    Raises ``ValueError`` if ``label`` (1) is not in it.
    """
    label, channel = kwargs.get("label", 1), kwargs.get("label_channel") or 0
    mask = _images.channel_of(mask, channel)
    mask = _images.sitk().Cast(mask, _images.sitk().sitkUInt32)
    labels = numpy.unique(_images.sitk().GetArrayViewFromImage(mask))
    if len(labels) == 1 and labels[0] == 0:
        raise ValueError("No labels found in this mask (i.e. nothing is segmented)!")
    if label not in labels:
        raise ValueError(f"Label ({label:g}) not present in mask. Choose from {labels[labels != 0]}")
    return mask


def normalizeImage(image: Any, **kwargs: Any) -> Any:
    """The image with a mean of 0 and a deviation of ``normalizeScale`` (1), of all its voxels; what lies further than
    ``removeOutliers`` deviations from the mean is set to that.
    """
    sitk, outliers = _images.sitk(), kwargs.get("removeOutliers")
    image = sitk.Normalize(image)
    if outliers is not None:
        voxels = sitk.GetImageFromArray(numpy.clip(sitk.GetArrayViewFromImage(image), -outliers, outliers))
        voxels.CopyInformation(image)
        image = voxels
    return image * kwargs.get("normalizeScale", 1)


def resampleImage(imageNode: Any, maskNode: Any, **kwargs: Any) -> tuple[Any, Any]:
    """Image and mask with voxels of ``resampledPixelSpacing`` (mm; 0 keeps that of the mask), around the region and ``padDistance`` (5)
    voxels beyond it. The image is interpolated by ``interpolator`` (B-splines), the mask takes the nearest voxel.

    Raises ``ValueError`` if the region lies outside the image.
    """
    if imageNode is None or maskNode is None:
        raise ValueError("Requires both image and mask to resample")
    sitk, label, pad = _images.sitk(), kwargs.get("label", 1), kwargs.get("padDistance", 5)
    old = numpy.array(maskNode.GetSpacing())
    asked = numpy.array(kwargs["resampledPixelSpacing"], dtype=float)
    if asked.shape != old.shape:
        raise _refusals.SpacingError(
            f"Wrong dimensionality ({asked.size}-D) of resampledPixelSpacing!, {old.size}-D required", key="resampledPixelSpacing"
        )
    box = _box(imageNode, maskNode, label)
    first, size = box[: old.size], box[old.size :]
    # A region in one slice has no neighbour to be interpolated with.
    new = numpy.where((asked == 0) | (size == 1), old, asked)
    if numpy.allclose(imageNode.GetSpacing(), new):
        mask = sitk.Resample(maskNode, imageNode, sitk.Transform(), sitk.sitkNearestNeighbor, 0.0, maskNode.GetPixelID())
        box = _bounds(mask, label)
        first, last = box[: old.size], box[: old.size] + box[old.size :] - 1
        return cropToTumorMask(imageNode, mask, numpy.stack([first, last], axis=1).ravel(), padDistance=pad)

    ratio = old / new
    lower = numpy.maximum(numpy.floor((first - 0.5) * ratio - pad), 0)
    upper = numpy.minimum(numpy.ceil((first + size - 0.5) * ratio + pad), numpy.ceil(numpy.array(maskNode.GetSize()) * ratio) - 1)
    # The corners of the first voxels coincide, not their centres.
    origin = maskNode.TransformContinuousIndexToPhysicalPoint(((new - old) / old / 2 + lower / ratio).tolist())
    grid = ((upper - lower + 1).astype(int).tolist(), sitk.Transform())
    place = (tuple(origin), new.tolist(), maskNode.GetDirection(), 0.0)
    image = sitk.Resample(imageNode, *grid, _interpolator(kwargs.get("interpolator")), *place, imageNode.GetPixelID())
    return image, sitk.Resample(maskNode, *grid, sitk.sitkNearestNeighbor, *place, maskNode.GetPixelID())


def resegmentMask(imageNode: Any, maskNode: Any, **kwargs: Any) -> Any:
    """The voxels of a region whose intensity is within ``resegmentRange``: one or two thresholds, which ``resegmentMode`` takes as they
    are (``absolute``), as parts of the maximum (``relative``), or in deviations from the mean (``sigma``).
    """
    sitk, label = _images.sitk(), kwargs.get("label", 1)
    limits, mode = kwargs["resegmentRange"], kwargs.get("resegmentMode", "absolute")
    if limits is None:
        raise ValueError("resegmentRange is None.")
    if not 1 <= len(limits) <= 2:
        raise ValueError(f"Length {len(limits)} is not allowed for resegmentRange")
    voxels, inside = sitk.GetArrayViewFromImage(imageNode), sitk.GetArrayViewFromImage(maskNode) == label
    values = voxels[inside]
    if mode == "absolute":
        limits = sorted(limits)
    elif mode == "relative":
        limits = [values.max() * limit for limit in sorted(limits)]
    elif mode == "sigma":
        limits = [values.mean() + values.std() * limit for limit in sorted(limits)]
    else:
        raise ValueError(f"Resegment mode {mode} not recognized.")
    kept = inside & (voxels >= limits[0])
    if len(limits) == 2:
        kept &= voxels <= limits[1]
    if kept.sum() <= 1:
        raise ValueError(
            f"Resegmentation excluded too many voxels with label {label:g} (retained {kept.sum()} voxel(s))! Cannot extract features"
        )
    made = sitk.GetImageFromArray(numpy.where(kept, label, 0).astype("int"))
    made.CopyInformation(maskNode)
    return made


def resegment(image: Any, mask: Any, settings: Mapping[str, Any], depth: int) -> tuple[Any, Any]:
    """The mask that ``resegmentRange`` leaves, and that of shape: the same with ``resegmentShape``, else the one that was drawn.

    PyRadiomics cuts the latter to the box of what is left. So shape is that of a part of the region where ``resegmentRange`` takes a
    whole side of it; a warning says so.
    """
    _, corrected = checkMask(image, mask, **settings)
    drawn = mask if corrected is None else corrected
    left = resegmentMask(image, drawn, **settings)
    box, _ = checkMask(image, left, **settings)
    if settings.get("resegmentShape"):
        return left, left
    sitk = _images.sitk()
    voxels = sitk.GetArrayFromImage(drawn)
    within = numpy.zeros_like(voxels)
    part = tuple(slice(int(first), int(last) + 1) for first, last in reversed(box.reshape(-1, 2)))
    within[part] = voxels[part]
    lost = int((voxels == settings["label"]).sum() - (within == settings["label"]).sum())
    if lost:
        warn(
            f"shape is that of the region without {lost} of its voxels: as PyRadiomics does, the mask is cut to the box of what "
            "resegmentRange leaves. Compute shape without resegmentRange, or set resegmentShape to have that of what is left",
            depth=depth,
        )
    cut = sitk.GetImageFromArray(within)
    cut.CopyInformation(drawn)
    return left, cut


def checkMask(imageNode: Any, maskNode: Any, **kwargs: Any) -> tuple[numpy.ndarray, Any]:
    """The box of the label, and the mask on the image's grid if it was on another one and ``correctMask`` is set, else ``None``.

    The box is first and last index along x, then y, then z. Raises ``ValueError`` for what PyRadiomics refuses: other geometry, no
    such label, one voxel, too few dimensions (``minimumROIDimensions``), too few voxels (``minimumROISize``).
    """
    label = kwargs.get("label", 1)
    corrected = None
    if not _images.on_one_grid(imageNode, maskNode, kwargs.get("geometryTolerance") or 1e-6):
        if not kwargs.get("correctMask", False):
            raise _images.mismatch(imageNode, maskNode, "")
        _box(imageNode, maskNode, label)
        corrected = _images.resampled(maskNode, imageNode)
    found = _images.find(corrected if corrected is not None else maskNode, label)
    _images.refuse(found, label, kwargs)
    return numpy.array(found.box), corrected


def cropToTumorMask(imageNode: Any, maskNode: Any, boundingBox: Sequence[int] | numpy.ndarray, padDistance: int = 0, **_: Any) -> tuple[Any, Any]:
    """Image and mask cut to a box of :func:`checkMask`, and ``padDistance`` voxels around it, as far as there are any."""
    size = numpy.array(maskNode.GetSize())
    box = numpy.array(boundingBox, dtype=int).reshape(-1, 2)
    lower = numpy.maximum(box[:, 0] - int(padDistance), 0)
    upper = numpy.maximum(size - 1 - (box[:, 1] + int(padDistance)), 0)
    cut = [[int(n) for n in side] for side in (lower, upper)]
    sitk = _images.sitk()
    return sitk.Crop(imageNode, *cut), sitk.Crop(maskNode, *cut)


def _bounds(mask: Any, label: float) -> numpy.ndarray:
    """First index of a label along x, y, z, and its extents."""
    found = _images.find(mask, label)
    if found.voxels == 0:
        raise ValueError(f"Label ({label:g}) not present in mask. Choose from {found.labels}")
    first, last = numpy.array(found.box[::2]), numpy.array(found.box[1::2])
    return numpy.concatenate([first, last - first + 1])


def _box(image: Any, mask: Any, label: float) -> numpy.ndarray:
    """As :func:`_bounds`, of a region that lies within the image."""
    box = _bounds(mask, label)
    of = mask.GetDimension()
    corners = [(box[:of] - 0.5).tolist(), (box[:of] + box[of:] - 0.5).tolist()]
    seen = numpy.array([image.TransformPhysicalPointToContinuousIndex(mask.TransformContinuousIndexToPhysicalPoint(at)) for at in corners])
    if (seen.min(axis=0) < -0.5 - _BEYOND).any() or (seen.max(axis=0) > numpy.array(image.GetSize()) - 0.5 + _BEYOND).any():
        raise ValueError(
            "Bounding box of ROI is larger than image space:\n\tROI bounds (x, y, z image coordinate space) "
            f"{seen.tolist()}\n\tImage Size {image.GetSize()}"
        )
    return box


def _interpolator(stated: Any) -> Any:
    sitk = _images.sitk()
    if stated is None:
        return sitk.sitkBSpline
    if not isinstance(stated, str):
        return stated
    found = getattr(sitk, stated, None)
    if found is None:
        logger.warning('interpolator "%s" not recognized, using sitkBSpline', stated)
        return sitk.sitkBSpline
    return found
