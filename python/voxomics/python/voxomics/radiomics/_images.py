"""Images as PyRadiomics handles them: read with SimpleITK, looked at, and refused for the same reasons."""

from __future__ import annotations

import os
import platform
from typing import Any, Mapping, NamedTuple

import numpy

from .. import _sitk
from ..errors import CaseError, InputError, warn
from . import _refusals


def sitk() -> Any:
    """SimpleITK, or what to do without it."""
    try:
        import SimpleITK
    except ImportError:
        raise ImportError("RadiomicsFeatureExtractor takes images of SimpleITK, as PyRadiomics does: pip install SimpleITK") from None
    return SimpleITK


def load(image: Any, mask: Any, channel: int) -> tuple[Any, Any]:
    """Image and mask as SimpleITK images of one value per voxel."""
    image, mask = (_read(value, role) for value, role in ((image, "Image"), (mask, "Mask")))
    return image, channel_of(mask, channel)


def channel_of(mask: Any, channel: int) -> Any:
    """One channel of a mask that may have several."""
    components = mask.GetNumberOfComponentsPerPixel()
    if components == 1:
        return mask
    if not 0 <= channel < components:
        raise _refusals.ChannelError(
            f"label_channel {channel} requested, but the mask has only {components} channels, from 0 on", key="label_channel"
        )
    return sitk().VectorIndexSelectionCast(mask, int(channel))


def _read(value: Any, role: str) -> Any:
    if isinstance(value, sitk().Image):
        return _without_doubt(value, role)
    if not isinstance(value, (str, bytes)) and not hasattr(value, "__fspath__"):
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: it is a {type(value).__name__}")
    path = os.fspath(value)
    if not os.path.isfile(path):
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: there is no file {path}")
    try:
        return _without_doubt(sitk().ReadImage(path), role)
    except RuntimeError as cause:
        raise _refusals.ImageError(f"Error reading {role} Filepath or SimpleITK object: {path}: {cause}", key=role.lower()) from None


def _without_doubt(image: Any, role: str) -> Any:
    """The image as SimpleITK has read it, and so PyRadiomics, also where its file would be refused: a warning says why."""
    doubt = _sitk.doubt(image)
    if doubt is None:
        return image
    warn(f"{role} was read from NIfTI, and {doubt}. PyRadiomics takes it as it is", depth=5)
    image = sitk().Image(image)
    for key in _sitk.KEPT:
        image.EraseMetaData(key)
    return image


class Found(NamedTuple):
    """A label in a mask."""

    #: Number of its voxels.
    voxels: int
    #: First and last index along x, y, z.
    box: tuple[int, ...]
    #: The labels that the mask has.
    labels: Any


def find(mask: Any, label: float) -> Found:
    """Where a label is."""
    array = sitk().GetArrayViewFromImage(mask)
    wanted = array == label
    if not wanted.any():
        labels = numpy.unique(array)
        return Found(0, (), labels[labels != 0])
    axes = range(wanted.ndim)
    along = [numpy.flatnonzero(wanted.any(axis=tuple(other for other in axes if other != axis))) for axis in axes]
    return Found(int(wanted.sum()), tuple(int(n) for at in reversed(along) for n in (at[0], at[-1])), ())


def refuse(found: Found, label: float, settings: Mapping[str, Any]) -> None:
    """Refuses the regions that PyRadiomics refuses."""
    if found.voxels == 0:
        raise ValueError(f"Label ({label:g}) not present in mask. Choose from {found.labels}")
    dimensions = sum(last > first for first, last in zip(found.box[::2], found.box[1::2]))
    least = settings.get("minimumROIDimensions", 2)
    if dimensions == 0:
        raise ValueError("mask only contains 1 segmented voxel! Cannot extract features for a single voxel.")
    if least is not None and dimensions < least:
        raise ValueError(f"mask has too few dimensions (number of dimensions {dimensions}, minimum required {least})")
    smallest = settings.get("minimumROISize")
    if smallest is not None and found.voxels <= smallest:
        raise ValueError(f"Size of the ROI is too small (minimum size: {smallest}, ROI size: {found.voxels})")


def on_one_grid(image: Any, mask: Any, tolerance: float) -> bool:
    """Whether two images have the same voxels, as far as ITK would say."""
    if image.GetSize() != mask.GetSize():
        return False
    close = lambda a, b, scale: bool(numpy.allclose(a, b, rtol=0, atol=tolerance * scale))  # noqa: E731
    scale = min(image.GetSpacing())
    return (
        close(image.GetSpacing(), mask.GetSpacing(), scale) and close(image.GetOrigin(), mask.GetOrigin(), scale)
        and close(image.GetDirection(), mask.GetDirection(), 1)
    )


def mismatch(image: Any, mask: Any, words: str) -> InputError:
    """An exception for an image and a mask that do not lie on one grid. SimpleITK itself refuses other sizes."""
    wrong = InputError if image.GetSize() == mask.GetSize() else _refusals.ImageError
    return wrong(
        f"Image/Mask geometry mismatch: {words}the image has {image.GetSize()} voxels of {image.GetSpacing()} mm from {image.GetOrigin()} on, the mask "
        f"{mask.GetSize()} of {mask.GetSpacing()} from {mask.GetOrigin()} on. Potential fix: enable `correctMask`, or raise `geometryTolerance`",
        key="mask", code="geometry",
    )


def resampled(mask: Any, image: Any) -> Any:
    """The mask on the image's grid, nearest voxel."""
    return sitk().Resample(mask, image, sitk().Transform(), sitk().sitkNearestNeighbor, 0, mask.GetPixelID())


def as_value_error(error: CaseError, image: Any, mask: Any) -> Exception:
    """A case that cannot be computed, as the exception that callers of PyRadiomics expect."""
    if error.code == "geometry":
        return mismatch(image, mask, f"{error}; ")
    return InputError(str(error), case=error.case, key=error.key, code=error.code)


def versions() -> dict[str, str]:
    return {
        "diagnostics_Versions_SimpleITK": sitk().Version.VersionString(),
        "diagnostics_Versions_PyWavelet": "not used",
        "diagnostics_Versions_Python": platform.python_version(),
    }


def _hash(image: Any) -> str:
    """SHA-1 of the voxels' bytes, as SimpleITK's HashImageFilter gives it."""
    return sitk().Hash(image)


def diagnostics(image: Any, mask: Any, label: float, of: str = "original") -> dict[str, Any]:
    """What PyRadiomics tells of image and mask; ``of`` is ``original``, ``interpolated``, or ``resegmented``, which only the mask is."""
    told = _diagnostics(image, mask, label, of)
    return {key: value for key, value in told.items() if of != "resegmented" or not key.startswith("diagnostics_Image")}


def _diagnostics(image: Any, mask: Any, label: float, of: str) -> dict[str, Any]:
    first = of == "original"
    voxels = sitk().GetArrayViewFromImage(image)
    found = sitk().GetArrayViewFromImage(mask) == label
    told = {
        **({f"diagnostics_Image-{of}_Hash": _hash(image), f"diagnostics_Image-{of}_Dimensionality": f"{image.GetDimension()}D"} if first else {}),
        f"diagnostics_Image-{of}_Spacing": image.GetSpacing(),
        f"diagnostics_Image-{of}_Size": image.GetSize(),
        f"diagnostics_Image-{of}_Mean": float(voxels.mean(dtype=float)),
        f"diagnostics_Image-{of}_Minimum": float(voxels.min()),
        f"diagnostics_Image-{of}_Maximum": float(voxels.max()),
        **({f"diagnostics_Mask-{of}_Hash": _hash(mask)} if first else {}),
        f"diagnostics_Mask-{of}_Spacing": mask.GetSpacing(),
        f"diagnostics_Mask-{of}_Size": mask.GetSize(),
    }
    if not found.any():
        return told
    region = sitk().BinaryThreshold(mask, float(label), float(label))
    shape = sitk().LabelShapeStatisticsImageFilter()
    shape.Execute(region)
    at = numpy.argwhere(found)[:, ::-1]
    centre = at.mean(axis=0)
    told[f"diagnostics_Mask-{of}_BoundingBox"] = shape.GetBoundingBox(1)
    told[f"diagnostics_Mask-{of}_VoxelNum"] = int(found.sum())
    # A copy: a view of an image that nobody holds looks into freed memory.
    told[f"diagnostics_Mask-{of}_VolumeNum"] = int(sitk().GetArrayFromImage(sitk().ConnectedComponent(region, True)).max())
    told[f"diagnostics_Mask-{of}_CenterOfMassIndex"] = tuple(float(x) for x in centre)
    told[f"diagnostics_Mask-{of}_CenterOfMass"] = mask.TransformContinuousIndexToPhysicalPoint([float(x) for x in centre])
    if not first:
        inside = voxels[found].astype(float)
        told[f"diagnostics_Mask-{of}_Mean"] = float(inside.mean())
        told[f"diagnostics_Mask-{of}_Minimum"] = float(inside.min())
        told[f"diagnostics_Mask-{of}_Maximum"] = float(inside.max())
    return told
