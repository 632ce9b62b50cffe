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
class Card:
    """The model card of a predictor that brings its model with it, as its class attribute ``card``.

    The program shows it with every score. What is left out is shown as not stated.
    """

    #: What the score may be used for, and what not.
    intended_use: str = ""
    #: On whom the model was trained.
    population: str = ""
    #: The range of inputs in training: ``{"tumour:statistics.mean": (20.0, 180.0, "intensity")}``; the unit may be left out.
    ranges: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    #: The last day on which it may be used, ``2027-12-31``; the program refuses it afterwards.
    valid_until: str | None = None
    #: Whom to ask.
    contact: str = ""
    #: Whether it gives no score without a licence file. ``__init__`` then has the parameter ``*, licence: pathlib.Path``, and
    #: accepts the file or raises :class:`Failure`.
    needs_licence: bool = False

    def described(self) -> dict:
        """As it crosses."""
        told: dict[str, Any] = {"intended_use": self.intended_use, "population": self.population, "contact": self.contact,
                                "needs_licence": self.needs_licence}
        told["ranges"] = [{"input": name, "min": float(low), "max": float(high), "unit": unit[0] if unit else ""}
                          for name, (low, high, *unit) in self.ranges.items()]
        return told | ({"valid_until": self.valid_until} if self.valid_until is not None else {})


@dataclass(frozen=True)
class Prediction:
    """A score, and how it came about."""

    #: The first output.
    score: float
    #: What each input contributed to the score, in the order of the inputs; empty if the predictor cannot tell.
    contributions: Sequence[float] = ()
    #: The other outputs, in the order of the predictor's ``outputs``: numbers, or :class:`Undefined` with a reason.
    others: Sequence[Any] = ()
