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
    """What a number of a prediction is, as the ``outputs`` of a predictor declare it."""

    #: Its name in tables. It may be empty if it is the only output.
    name: str = ""
    #: ``score``, ``risk`` (the probability of the event by the horizon, 0 to 1) or ``probability`` (of a class, 0 to 1).
    meaning: str = "score"
    #: Of a risk: a time since the start of the observation, and its unit, such as ``(2.0, "years")``.
    horizon: tuple[float, str] | None = None
    #: Of a probability: the class.
    of_class: str | None = None
    unit: str | None = None

    def described(self) -> dict:
        """As it crosses."""
        told: dict[str, Any] = {"name": self.name, "meaning": self.meaning}
        if self.horizon is not None:
            told["horizon"] = {"at": float(self.horizon[0]), "unit": self.horizon[1]}
        return told | {key: value for key, value in (("class", self.of_class), ("unit", self.unit)) if value is not None}


@dataclass(frozen=True)
class Prediction:
    """A score, and how it came about."""

    #: The first output.
    score: float
    #: What each input contributed to the score, in the order of the inputs; empty if the predictor cannot tell.
    contributions: Sequence[float] = ()
    #: The other outputs, in the order of the predictor's ``outputs``: numbers, or :class:`Undefined` with a reason.
    others: Sequence[Any] = ()
