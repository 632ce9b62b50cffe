"""Radiomics features, with the same engine as the ``voxomics`` program.

    import voxomics
    features = voxomics.extract(image, mask)          # SimpleITK, nibabel, NumPy with spacing=, or paths
    features["glcm.joint_entropy"]                    # a float with .unit, .ibsi, .status and .reason
    features.to_pandas()
    voxomics.regions(image, mask)["tumour"].array     # as the features see it; rings, too

    results = voxomics.run("experiment.toml", cases=frame, out="results")
    results.features                                  # one row per case and region

Not a medical device.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._engine import VERSION as __version__
from ._home import get_include
from .errors import (
    AxesWarning, CaseError, ExperimentError, InputError, Mistake, ProgramError, VoxomicsError, VoxomicsWarning,
)

if TYPE_CHECKING:
    from .batch import CaseEnded, Results, run
    from .experiment import DEFAULT, Column, Experiment
    from .features import Features, Score, Value, extract
    from .figures import Figure, Figures, Picture
    from .looking import check, columns, ibsi, plugins, scan
    from .models import Model, Predictions
    from .own import feature
    from .voxels import Image, Images, Region, Regions, filtered, maps, regions

__all__ = [
    "DEFAULT", "AxesWarning", "CaseEnded", "CaseError", "Column", "Experiment", "ExperimentError", "Features", "Figure", "Figures",
    "Image", "Images", "InputError", "Mistake", "Model", "Picture", "Predictions", "ProgramError", "Region", "Regions", "Results", "Score", "Value",
    "VoxomicsError", "VoxomicsWarning", "check", "columns", "extract", "feature", "filtered", "get_include", "ibsi", "maps",
    "plugins", "regions", "run", "scan",
]

#: Modules whose names are looked for when somebody asks: the command ``voxomics`` needs none of them, and no NumPy.
_LATER = {
    "batch": ("CaseEnded", "Results", "run"),
    "experiment": ("DEFAULT", "Column", "Experiment"),
    "features": ("Features", "Score", "Value", "extract"),
    "figures": ("Figure", "Figures", "Picture"),
    "looking": ("check", "columns", "ibsi", "plugins", "scan"),
    "models": ("Model", "Predictions"),
    "own": ("feature",),
    "voxels": ("Image", "Images", "Region", "Regions", "filtered", "maps", "regions"),
}

#: What authors of features need, from the package for authors.
_OF_AUTHORS = ("Setting", "Undefined", "exact_sum", "ordered_sum")


def __getattr__(name: str) -> Any:
    for module, names in _LATER.items():
        if name in names:
            found = globals()[name] = getattr(importlib.import_module(f".{module}", __name__), name)
            return found
    if name in _LATER:
        return importlib.import_module(f".{name}", __name__)
    if name in _OF_AUTHORS:
        return getattr(importlib.import_module("voxomics_plugin"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
