"""PyRadiomics' place: its class under its names, computed by this package's engine.

    from voxomics.radiomics import featureextractor     # instead of: from radiomics import featureextractor

Values agree with those of PyRadiomics 3.0.1 to 1e-6; docs/coming-from-pyradiomics.md says what is not done.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

#: The version of PyRadiomics whose definitions these are.
__version__ = "3.0.1"

logger = logging.getLogger("radiomics")
logger.addHandler(logging.NullHandler())

#: PyRadiomics' names of image types, and of the functions that make them there.
_IMAGE_TYPES = ("Original", "Wavelet", "LoG", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient", "LBP2D")

_MODULES = ("base", "featureextractor", "firstorder", "glcm", "gldm", "glrlm", "glszm", "imageoperations", "ngtdm", "shape")


def setVerbosity(level: int) -> None:
    """Sets from which level on the logger ``radiomics`` prints to standard error."""
    handlers = [handler for handler in logger.handlers if type(handler) is logging.StreamHandler]
    handler = handlers[0] if handlers else logging.StreamHandler()
    if not handlers:
        logger.addHandler(handler)
    handler.setLevel(level)
    if logger.level == logging.NOTSET or logger.level > level:
        logger.setLevel(level)


def getFeatureClasses() -> dict[str, Any]:
    """The classes of features by their names: ``firstorder``, ``shape``, ``glcm``, …"""
    from . import base

    return dict(base.CLASSES)


def getImageTypes() -> list[str]:
    """Names of the image types that ``enableImageTypeByName`` takes."""
    return list(_IMAGE_TYPES)


def __getattr__(name: str) -> Any:
    """Modules of PyRadiomics, which there are loaded with the package: ``radiomics.featureextractor``."""
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
