"""Images as PyRadiomics handles them: read with SimpleITK, looked at, and refused for the same reasons."""

from __future__ import annotations

import platform
from typing import Any, Mapping

import numpy

from ..errors import CaseError, InputError


def _sitk() -> Any:
    try:
        import SimpleITK
    except ImportError:
        raise ImportError("RadiomicsFeatureExtractor takes images of SimpleITK, as PyRadiomics does: pip install SimpleITK") from None
    return SimpleITK


def load(image: Any, mask: Any, channel: int) -> tuple[Any, Any]:
    """Image and mask as SimpleITK images of one value per voxel."""
    sitk = _sitk()
    image, mask = (_read(value, role) for value, role in ((image, "Image"), (mask, "Mask")))
    components = mask.GetNumberOfComponentsPerPixel()
    if components > 1:
        if not 0 <= channel < components:
            raise ValueError(f"label_channel {channel} requested, but the mask has only {components} channels")
        mask = sitk.VectorIndexSelectionCast(mask, int(channel))
    return image, mask


def _read(value: Any, role: str) -> Any:
    sitk = _sitk()
    if isinstance(value, sitk.Image):
        return value
    if not isinstance(value, (str, bytes)) and not hasattr(value, "__fspath__"):
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: it is a {type(value).__name__}")
    import os

    path = os.fspath(value)
    if not os.path.isfile(path):
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: there is no file {path}")
    try:
        return sitk.ReadImage(path)
    except RuntimeError as cause:
        raise ValueError(f"Error reading {role} Filepath or SimpleITK object: {path}: {cause}") from None


def check(image: Any, mask: Any, label: float, settings: Mapping[str, Any]) -> None:
    """Refuses what PyRadiomics refuses."""
    sitk = _sitk()
    array = sitk.GetArrayViewFromImage(mask)
    wanted = array == label
    count = int(numpy.count_nonzero(wanted))
    if count == 0:
        present = numpy.unique(array)
        raise ValueError(f"Label ({label:g}) not present in mask. Choose from {present[present != 0]}")
    if image.GetSize() == mask.GetSize():
        spread = [numpy.flatnonzero(wanted.any(axis=tuple(a for a in range(wanted.ndim) if a != axis))) for axis in range(wanted.ndim)]
        dimensions = sum(int(at[-1] - at[0] > 0) for at in spread)
        least = settings.get("minimumROIDimensions", 2)
        if dimensions == 0:
            raise ValueError("mask only contains 1 segmented voxel! Cannot extract features for a single voxel.")
        if least is not None and dimensions < least:
            raise ValueError(f"mask has too few dimensions (number of dimensions {dimensions}, minimum required {least})")
    smallest = settings.get("minimumROISize")
    if smallest is not None and count <= smallest:
        raise ValueError(f"Size of the ROI is too small (minimum size: {smallest}, ROI size: {count})")


def as_value_error(error: CaseError) -> Exception:
    """A case that cannot be computed, as the exception that callers of PyRadiomics expect."""
    text = f"Image/Mask geometry mismatch: {error}" if error.code == "geometry" else str(error)
    return InputError(text, case=error.case, key=error.key, code=error.code)


def versions() -> dict[str, str]:
    return {
        "diagnostics_Versions_SimpleITK": _sitk().Version.VersionString(),
        "diagnostics_Versions_PyWavelet": "not used",
        "diagnostics_Versions_Python": platform.python_version(),
    }


def _hash(image: Any) -> str:
    """SHA-1 of the voxels' bytes, as SimpleITK's HashImageFilter gives it."""
    return _sitk().Hash(image)


def diagnostics(image: Any, mask: Any, label: float) -> dict[str, Any]:
    """What PyRadiomics tells of image and mask."""
    sitk = _sitk()
    voxels = sitk.GetArrayViewFromImage(image)
    found = sitk.GetArrayViewFromImage(mask) == label
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
    region = sitk.Equal(mask, int(label)) if float(label).is_integer() else sitk.BinaryThreshold(mask, label, label)
    shape = sitk.LabelShapeStatisticsImageFilter()
    shape.Execute(region)
    at = numpy.argwhere(found)[:, ::-1]
    centre = at.mean(axis=0)
    told["diagnostics_Mask-original_BoundingBox"] = shape.GetBoundingBox(1)
    told["diagnostics_Mask-original_VoxelNum"] = int(found.sum())
    told["diagnostics_Mask-original_VolumeNum"] = int(sitk.GetArrayViewFromImage(sitk.ConnectedComponent(region, True)).max())
    told["diagnostics_Mask-original_CenterOfMassIndex"] = tuple(float(x) for x in centre)
    told["diagnostics_Mask-original_CenterOfMass"] = mask.TransformContinuousIndexToPhysicalPoint([float(x) for x in centre])
    return told
