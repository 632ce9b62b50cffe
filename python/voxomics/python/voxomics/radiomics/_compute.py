"""From PyRadiomics' settings to values: through the program's own import of parameter files."""

from __future__ import annotations

import json
import warnings
from functools import lru_cache
from typing import Any, Mapping

from .. import _engine
from ..errors import ExperimentError, VoxomicsWarning
from ..experiment import Column, Experiment
from . import logger

#: PyRadiomics' class names, in the order in which its results come.
CLASS_NAMES = ("firstorder", "glcm", "gldm", "glrlm", "glszm", "ngtdm", "shape")


def _plain(value: Any) -> Any:
    """A value as JSON has it: numbers of NumPy and tuples become plain ones."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, Mapping):
        # None stays: PyRadiomics takes it for another value than a key that is not there.
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value


#: Settings of maps, voxel by voxel.
VOXEL = ("kernelRadius", "maskedKernel", "initValue", "voxelBatch")

#: Settings by which image and mask were judged already: an experiment would judge them again, by its own measures.
JUDGED = ("geometryTolerance", "minimumROIDimensions", "minimumROISize")


def parameters(
    settings: Mapping[str, Any], image_types: Mapping[str, Any], features: Mapping[str, Any], voxel: Mapping[str, Any] | None = None,
) -> str:
    """A parameter file with these sections; with ``voxel``, of maps. JSON is YAML as well."""
    whole = {
        "setting": _plain(settings),
        "imageType": _plain({name: custom or {} for name, custom in image_types.items()}),
        "featureClass": _plain({name: list(names or []) for name, names in features.items()}),
    }
    if voxel is not None:
        # JSON has no NaN, and PyRadiomics takes the word.
        whole["voxelSetting"] = {key: "nan" if value != value else value for key, value in _plain(voxel).items()}
    return json.dumps(whole, sort_keys=False)


@lru_cache(maxsize=32)
def experiment(text: str) -> tuple[Experiment, tuple[str, ...]]:
    """The experiment that a parameter file asks for, and what is not, or not equally, done."""
    try:
        toml, notes = _engine.import_pyradiomics("settings", "pyradiomics", text)
    except _engine.Refused as refused:
        raise ExperimentError(f"these settings leave nothing to compute: {refused}") from None
    words = {"differs": "the numbers differ", "lost": "not done"}
    told = tuple(f"{key}: {words[weight]}: {message}" for _, key, weight, message in notes if weight in words)
    return Experiment.from_toml(toml), told


def tell(told: tuple[str, ...], depth: int) -> None:
    """Warns of what is not, or not equally, done: where values are left out or differ, nobody should have to find out."""
    for text in told:
        logger.warning(text, extra={"warned": True})
        warnings.warn(VoxomicsWarning(text), stacklevel=depth)


def columns(of_class: str) -> dict[str, Column]:
    """The features of a class by name, sorted."""
    text = parameters({}, {"Original": {}}, {of_class: []})
    return {column.feature: column for column in sorted(experiment(text)[0].columns, key=lambda column: column.feature)}


def names(of_class: str) -> list[str]:
    """The names of the features of a class, sorted."""
    return list(columns(of_class))
