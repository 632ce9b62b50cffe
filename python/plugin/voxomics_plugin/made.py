"""What a plugin answers with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping, Sequence

import numpy as np

from .given import Grid


@dataclass(frozen=True)
class Scan:
    """Voxels as they are stored, in their own type.

    ``intensity = slope * stored + intercept``; ``scaling`` has one pair for the whole scan, or one per slice.
    """

    #: Indexed [z, y, x].
    voxels: np.ndarray
    grid: Grid
    name: str = ""
    scaling: Sequence[tuple[float, float]] = ((1.0, 0.0),)
    #: The unit of an intensity, such as ``HU``; empty if it is not known.
    unit: str = ""


@dataclass(frozen=True)
class Mask:
    """Labels on a grid, and the names of labels where the format knows names."""

    labels: Scan
    names: Mapping[float, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """Everything that a path holds."""

    images: Sequence[Scan] = ()
    masks: Sequence[Mask] = ()
    #: Acquisition metadata by DICOM attribute name.
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Output:
    """One number of a prediction."""

    value: float
    #: ``score``, ``risk`` or ``probability``.
    meaning: str = "score"
    name: str = ""


@dataclass(frozen=True)
class Prediction:
    """A score, and how it came about."""

    outputs: Sequence[Output] | float
    #: What each input contributed, in the order of the inputs; empty if the predictor cannot tell.
    contributions: Sequence[float] = ()
