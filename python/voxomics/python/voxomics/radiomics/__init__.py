"""PyRadiomics' place: its class under its names, computed by this package's engine.

    from voxomics.radiomics import featureextractor     # instead of: from radiomics import featureextractor

Values agree with those of PyRadiomics 3.0.1 to 1e-6; docs/coming-from-pyradiomics.md says what is not done.
"""

from __future__ import annotations

import importlib
import logging
from typing import Any

from . import _cases

#: The version of PyRadiomics whose definitions these are.
__version__ = "3.0.1"

#: As in PyRadiomics: what is said from WARNING on goes to standard error, by the first handler of the logger.
logger = logging.getLogger("radiomics")
handler: logging.Handler = logging.StreamHandler()


def _is_news(record: logging.LogRecord) -> bool:
    """Whether a record is not a warning of Python as well, which would be shown twice."""
    return not getattr(record, "warned", False)


handler.setFormatter(logging.Formatter("%(message)s"))
handler.setLevel(logging.WARNING)
handler.addFilter(_is_news)
logger.addHandler(handler)
logger.setLevel(logging.INFO)

#: Names that :func:`getTestCase` knows.
testCases = _cases.NAMES

#: A class that shows progress, such as ``tqdm.tqdm``: see :func:`getProgressReporter`.
progressReporter: Any = None

#: PyRadiomics' names of image types, and of the functions that make them there.
_IMAGE_TYPES = ("Original", "Wavelet", "LoG", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient", "LBP2D")

_MODULES = ("base", "featureextractor", "firstorder", "glcm", "gldm", "glrlm", "glszm", "imageoperations", "ngtdm", "shape")


def setVerbosity(level: int) -> None:
    """Sets from which level on the logger ``radiomics`` prints to standard error: 10 (DEBUG) to 60 (nothing)."""
    handler.setLevel(min(max(level, logging.DEBUG), 60))
    if handler.level < logger.level:
        logger.setLevel(handler.level)


def getFeatureClasses() -> dict[str, Any]:
    """The classes of features by their names: ``firstorder``, ``shape``, ``glcm``, …"""
    from . import base

    return dict(base.CLASSES)


def getImageTypes() -> list[str]:
    """Names of the image types that ``enableImageTypeByName`` takes."""
    return list(_IMAGE_TYPES)


def getTestCase(testCase: str, dataDirectory: Any = None) -> tuple[str, str]:
    """The paths of image and mask of one of PyRadiomics' test cases: ``brain1``, ``brain2``, ``breast1``, ``lung1``, ``lung2``.

    Nothing is downloaded. The files are looked for in ``dataDirectory`` and its folder ``data``, or without it in the working directory,
    its ``data``, ``../data``, and where PyRadiomics keeps them. Raises ``ValueError`` for another name, ``FileNotFoundError`` if
    they are nowhere.
    """
    return _cases.find(testCase, dataDirectory)


def getProgressReporter(*args: Any, **kwargs: Any) -> Any:
    """What shows progress: an instance of ``progressReporter`` if that is set and the verbosity is INFO or lower, else one that is silent."""
    if progressReporter is not None and logging.NOTSET < handler.level <= logging.INFO:
        return progressReporter(*args, **kwargs)
    return _cases.Silent(*args, **kwargs)


def __getattr__(name: str) -> Any:
    """Modules of PyRadiomics, which there are loaded with the package: ``radiomics.featureextractor``."""
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
