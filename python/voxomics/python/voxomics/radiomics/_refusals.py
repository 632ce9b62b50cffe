"""What PyRadiomics refuses, with exceptions that are of its types as well: code that catches those goes on working.

tests/oracle/pyradiomics_refusals.csv has what PyRadiomics 3.0.1 does with each; docs/coming-from-pyradiomics.md shows it.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, NamedTuple

from ..errors import InputError
from . import _IMAGE_TYPES


class NoParameterFile(InputError, OSError, RuntimeError):
    """There is no such parameter file. PyRadiomics raises ``IOError``, and from ``loadParams`` a ``RuntimeError``."""


class ParameterError(InputError, RuntimeError):
    """A parameter file or dict is wrong. PyRadiomics raises pykwalify's ``SchemaError``, which is a ``RuntimeError``, or ``ValueError``."""


class ParameterTypeError(InputError, TypeError):
    """A value has a type that it cannot have."""


class UnknownFeature(InputError, LookupError):
    """A class has no feature of this name."""


class UnknownImageType(InputError, AttributeError):
    """There is no image type of this name. PyRadiomics looks for a function, and raises ``AttributeError``."""


class ImageError(InputError, RuntimeError):
    """SimpleITK cannot read an image, or image and mask do not fit. PyRadiomics lets SimpleITK's ``RuntimeError`` out."""


class ChannelError(InputError, AssertionError):
    """A mask has no such channel. PyRadiomics asserts it."""


class SpacingError(InputError, AssertionError):
    """``resampledPixelSpacing`` has as many numbers as the image dimensions. PyRadiomics asserts it."""


#: Features that PyRadiomics calls deprecated, and computes only if they are named; of those of glcm and gldm it gives no value.
DEPRECATED: dict[str, tuple[str, ...]] = {
    "firstorder": ("StandardDeviation",),
    "glcm": ("Dissimilarity", "Homogeneity1", "Homogeneity2", "SumVariance"),
    "gldm": ("GrayLevelNonUniformityNormalized", "DependencePercentage"),
    "shape": ("Compactness1", "Compactness2", "SphericalDisproportion"),
}

#: Image types and classes of PyRadiomics that are not there: they are left out with a warning, and not refused.
NOT_OFFERED = ("LBP3D", "shape2D")


class _Kind(NamedTuple):
    """What a setting may be."""

    expected: str
    fits: Callable[[Any], bool]


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(least: int, most: float = float("inf")) -> _Kind:
    limits = f"from {least} to {most:g}" if most < float("inf") else f"from {least} on"
    return _Kind(f"a whole number {limits}", lambda value: _is_whole(value) and least <= value <= most)


def _list(of: _Kind, elements: str) -> _Kind:
    return _Kind(f"a list of {elements}", lambda value: isinstance(value, (list, tuple)) and all(map(of.fits, value)))


_FLAG = _Kind("true or false", lambda value: isinstance(value, bool))
_INT = _Kind("a whole number", _is_whole)
_NUMBER = _Kind("a number", lambda value: _is_number(value) or value in ("nan", ".nan"))
_POSITIVE = _Kind("a number above 0", lambda value: _is_number(value) and value > 0)
_NOT_NEGATIVE = _Kind("a number of 0 or more", lambda value: _is_number(value) and value >= 0)
_TEXT = _Kind("a text", lambda value: isinstance(value, str))
_ANY = _Kind("anything", lambda value: True)


def _one_of(*words: str) -> _Kind:
    return _Kind("one of " + ", ".join(words), lambda value: value in words)


#: The settings of a parameter file, as PyRadiomics' schema has them.
_SETTINGS: dict[str, _Kind] = {
    "minimumROIDimensions": _whole(1, 3), "minimumROISize": _whole(1), "geometryTolerance": _POSITIVE, "correctMask": _FLAG,
    "additionalInfo": _FLAG, "label": _whole(1), "label_channel": _whole(0), "binWidth": _POSITIVE, "binCount": _whole(1),
    "normalize": _FLAG, "normalizeScale": _POSITIVE, "removeOutliers": _POSITIVE,
    "resampledPixelSpacing": _list(_NOT_NEGATIVE, "numbers of 0 or more"), "interpolator": _ANY, "padDistance": _whole(0),
    "distances": _list(_whole(1), "whole numbers above 0"), "force2D": _FLAG, "force2Ddimension": _whole(0, 2),
    "resegmentRange": _list(_NUMBER, "numbers"), "resegmentMode": _one_of("absolute", "relative", "sigma"), "resegmentShape": _FLAG,
    "preCrop": _FLAG, "sigma": _list(_POSITIVE, "numbers above 0"), "start_level": _whole(0), "level": _whole(1), "wavelet": _TEXT,
    "gradientUseSpacing": _FLAG, "lbp2DRadius": _POSITIVE, "lbp2DSamples": _whole(1),
    "lbp2DMethod": _one_of("default", "ror", "uniform", "var"), "lbp3DLevels": _whole(1), "lbp3DIcosphereRadius": _POSITIVE,
    "lbp3DIcosphereSubdivision": _whole(0), "voxelArrayShift": _INT, "symmetricalGLCM": _FLAG, "weightingNorm": _ANY, "gldm_a": _whole(0),
}
_VOXEL_SETTINGS: dict[str, _Kind] = {"kernelRadius": _whole(1), "maskedKernel": _FLAG, "initValue": _NUMBER, "voxelBatch": _whole(1)}

#: Interpolators by name; by number, they are 1 to 10.
_INTERPOLATORS = tuple(
    f"sitk{name}"
    for name in (
        "NearestNeighbor", "Linear", "BSpline", "Gaussian", "LabelGaussian", "HammingWindowedSinc", "CosineWindowedSinc",
        "WelchWindowedSinc", "LanczosWindowedSinc", "BlackmanWindowedSinc",
    )
)
_WEIGHTINGS = ("euclidean", "manhattan", "infinity", "no_weighting")

_SECTIONS = ("setting", "voxelSetting", "imageType", "featureClass")


def check_parameters(stated: Any, source: str, names: Callable[[str], list[str]], classes: list[str]) -> None:
    """Refuses what PyRadiomics' schema refuses. ``names`` gives the features of a class."""
    if not isinstance(stated, Mapping):
        raise ParameterError(f"{source} holds {_shown(stated)}, expected the sections {', '.join(_SECTIONS)}", key="paramsFile")
    for section, content in stated.items():
        if section not in _SECTIONS:
            raise ParameterError(f"{source} has the key {section!r}, expected {', '.join(_SECTIONS)}", key=str(section))
        if not isinstance(content, Mapping):
            raise ParameterError(f"{source}: {section} is {_shown(content)}, expected names with their values", key=section)
    for section, known in (("setting", _SETTINGS), ("voxelSetting", _VOXEL_SETTINGS)):
        _check_settings(stated.get(section, {}), known, f"{source}: {section}")
    _check_image_types(stated.get("imageType", {}), source)
    _check_classes(stated.get("featureClass", {}), source, names, classes)


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}" if isinstance(value, (list, tuple, Mapping)) else repr(value)


def _check_settings(settings: Mapping[str, Any], known: Mapping[str, _Kind], place: str) -> None:
    for name, value in settings.items():
        kind = known.get(name)
        if kind is None:
            raise ParameterError(f"{place} has no {name!r}; there are: {', '.join(sorted(known))}", key=str(name))
        if value is not None and not kind.fits(value):
            raise ParameterError(f"{place}: {name} is {value!r}, expected {kind.expected}", key=name)
        if name == "interpolator":
            _check_word(value, _INTERPOLATORS, place, name, also=_is_whole(value) and 1 <= value <= 10)
        if name == "weightingNorm":
            _check_word(value, _WEIGHTINGS, place, name)


def _check_word(value: Any, words: tuple[str, ...], place: str, name: str, also: bool = False) -> None:
    if value is None or value in words or also:
        return
    wrong = InputError if isinstance(value, (str, int)) else ParameterTypeError
    raise wrong(f"{place}: {name} is {value!r}, expected one of {', '.join(words)}", key=name)


def _check_image_types(types: Mapping[str, Any], source: str) -> None:
    for name, custom in types.items():
        if name not in _IMAGE_TYPES and name not in NOT_OFFERED:
            raise InputError(f"{source}: image type {name!r} is not recognized; there are: {', '.join(_IMAGE_TYPES)}", key=str(name))
        if custom is not None and not isinstance(custom, Mapping):
            raise ParameterError(f"{source}: imageType: {name} is {_shown(custom)}, expected settings with their values", key=name)
        _check_settings(custom or {}, _SETTINGS, f"{source}: imageType: {name}")


def _check_classes(features: Mapping[str, Any], source: str, names: Callable[[str], list[str]], classes: list[str]) -> None:
    for name, wanted in features.items():
        if name in NOT_OFFERED:
            continue
        if name not in classes:
            raise InputError(f"{source}: feature class {name!r} is not recognized; there are: {', '.join(classes)}", key=str(name))
        if wanted is None:
            continue
        if not isinstance(wanted, (list, tuple)):
            raise ParameterTypeError(f"{source}: featureClass: {name} is {wanted!r}, expected a list of features", key=name)
        known = {*names(name), *DEPRECATED.get(name, ())} if wanted else set()
        unknown = [feature for feature in wanted if feature not in known]
        if unknown:
            raise InputError(
                f"{source}: feature class {name!r} has no {', '.join(map(repr, unknown))}; there are: {', '.join(names(name))}", key=name
            )


def check_enabled(image_types: Mapping[str, Any], features: Mapping[str, Any], names: Callable[[str], list[str]], classes: list[str]) -> None:
    """Refuses image types and features that were enabled by names that do not exist, as PyRadiomics does when it meets them."""
    for name in image_types:
        if name not in _IMAGE_TYPES and name not in NOT_OFFERED:
            raise UnknownImageType(f"image type {name!r} is not recognized; there are: {', '.join(_IMAGE_TYPES)}", key=name)
    for name, wanted in features.items():
        if not wanted or name not in classes:
            continue
        known = {*names(name), *DEPRECATED.get(name, ())}
        for feature in wanted:
            if feature not in known:
                raise UnknownFeature(f"Feature not found: {feature}; {name} has: {', '.join(names(name))}", key=feature)
