"""Images as PyRadiomics handles them: read with SimpleITK, looked at, and refused for the same reasons."""

from __future__ import annotations

import os
import platform
from typing import Any, Mapping, NamedTuple

import numpy

from ..errors import CaseError, InputError


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
    components = mask.GetNumberOfComponentsPerPixel()
    if components > 1:
        if not 0 <= channel < components:
            raise ValueError(f"label_channel {channel} requested, but the mask has only {components} channels")
        mask = sitk().VectorIndexSelectionCast(mask, int(channel))
    return image, mask


def _read(value: Any, role: str) -> Any:
    if isinstance(value, sitk().Image):
        return value
    if not isinstance(value, (str, bytes)) and not hasattr(value, "__fspath__"):
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: it is a {type(value).__name__}")
    path = os.fspath(value)
    if not os.path.isfile(path):
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: there is no file {path}")
    try:
        return sitk().ReadImage(path)
    except RuntimeError as cause:
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: {path}: {cause}") from None


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


def resampled(mask: Any, image: Any) -> Any:
    """The mask on the image's grid, nearest voxel."""
    return sitk().Resample(mask, image, sitk().Transform(), sitk().sitkNearestNeighbor, 0, mask.GetPixelID())


def as_value_error(error: CaseError) -> Exception:
    """A case that cannot be computed, as the exception that callers of PyRadiomics expect."""
    text = f"Image/Mask geometry mismatch: {error}" if error.code == "geometry" else str(error)
    return InputError(text, case=error.case, key=error.key, code=error.code)


def versions() -> dict[str, str]:
    return {
        "diagnostics_Versions_SimpleITK": sitk().Version.VersionString(),
        "diagnostics_Versions_PyWavelet": "not used",
        "diagnostics_Versions_Python": platform.python_version(),
    }


def _hash(image: Any) -> str:
    """SHA-1 of the voxels' bytes, as SimpleITK's HashImageFilter gives it."""
    return sitk().Hash(image)


def diagnostics(image: Any, mask: Any, label: float) -> dict[str, Any]:
    """What PyRadiomics tells of image and mask."""
    voxels = sitk().GetArrayViewFromImage(image)
    found = sitk().GetArrayViewFromImage(mask) == label
    told = {
        "diagnostics_Image-original_Hash": _hash(image),
        "diagnostics_Image-original_Dimensionality": f"{image.GetDimension()}D",
        "diagnostics_Image-original_Spacing": image.GetSpacing(),
        "diagnostics_Image-original_Size": image.GetSize(),
        "diagnostics_Image-original_Mean": float(voxels.mean(dtype=float)),
        "diagnostics_Image-original_Minimum": float(voxels.min()),
        "diagnostics_Image-original_Maximum": float(voxels.max()),
        "diagnostics_Mask-original_Hash": _hash(mask),
        "diagnostics_Mask-original_Spacing": mask.GetSpacing(),
        "diagnostics_Mask-original_Size": mask.GetSize(),
    }
    if not found.any():
        return told
    region = sitk().BinaryThreshold(mask, float(label), float(label))
    shape = sitk().LabelShapeStatisticsImageFilter()
    shape.Execute(region)
    at = numpy.argwhere(found)[:, ::-1]
    centre = at.mean(axis=0)
    told["diagnostics_Mask-original_BoundingBox"] = shape.GetBoundingBox(1)
    told["diagnostics_Mask-original_VoxelNum"] = int(found.sum())
    told["diagnostics_Mask-original_VolumeNum"] = int(sitk().GetArrayViewFromImage(sitk().ConnectedComponent(region, True)).max())
    told["diagnostics_Mask-original_CenterOfMassIndex"] = tuple(float(x) for x in centre)
    told["diagnostics_Mask-original_CenterOfMass"] = mask.TransformContinuousIndexToPhysicalPoint([float(x) for x in centre])
    return told
