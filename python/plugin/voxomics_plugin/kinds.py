"""Decorators of the kinds that are no family: filters, loaders, predictors, makers of regions, exporters."""

from __future__ import annotations

import inspect
from typing import Any, Callable, Literal, Mapping

import numpy as np

from .declare import Plugin, add, first_line, settings, title_of
from .errors import UNSUPPORTED, Failure
from .given import Grid
from .made import Card

#: How many voxels around a voxel a response depends on.
Margin = Callable | int | list[int] | Literal["whole"]


def _named(author: Any) -> tuple[str, str]:
    """Id and summary of a function, or of a class."""
    name = author.__name__
    if inspect.isclass(author):
        name = "".join("-" + c.lower() if c.isupper() and at else c.lower() for at, c in enumerate(name))
    return name.replace("_", "-"), first_line(author.__doc__, title_of(name))


def _settings_of(author: Any) -> dict:
    return settings(author.__init__ if inspect.isclass(author) else author)


def _fitting(author: Any, method: str) -> dict:
    """What a class says of itself: it is fitted on a cohort first. A function is not."""
    if not inspect.isclass(author):
        return {}
    for name in ("observe", "fit", method):
        if not hasattr(author, name):
            raise Failure(f"{author.__name__} is a class, and so is fitted on a cohort: give it the method `{name}`")
    return {"fits": True, "requires": ["fits"]}


class _Fitted:
    """What is applied to images: a function, or an object of a class that is fitted first."""

    def __init__(self, function: Callable, method: str, values: dict):
        self._values = values
        self._object = function(**values) if inspect.isclass(function) else None
        self._call = getattr(self._object, method) if self._object is not None else function
        #: What was fitted; None while it is still to be.
        self.state: Any = None

    def on(self, image) -> Any:
        if self._object is None:
            return self._call(image, **self._values)
        if self.state is None:
            raise Failure("it is not fitted yet")
        return self._call(image, self.state)

    def observe(self, image) -> Any:
        return self._fits().observe(image)

    def fit(self, observations: list) -> Any:
        return self._fits().fit(observations)

    def _fits(self) -> Any:
        if self._object is None:
            raise Failure("it is not fitted on a cohort", code=UNSUPPORTED)
        return self._object


class _Filter(_Fitted):
    def __init__(self, function: Callable, described: dict, margin: Margin, values: dict):
        super().__init__(function, "apply", values)
        self.described, self._margin = described, margin

    def margin(self, grid: Grid):
        margin = self._margin(grid, **self._values) if callable(self._margin) else self._margin
        if isinstance(margin, str):
            return margin
        margin = [margin] * 3 if np.isscalar(margin) else list(margin)
        return [int(np.ceil(n)) for n in margin]

    def apply(self, image) -> dict[str, np.ndarray]:
        made = self.on(image)
        return made if isinstance(made, dict) else {self.described["maps"][0]: made}


def filter(*, margin: Margin, maps: list[str] | None = None, units: list[str] | None = None, sees_regions: bool = False) -> Callable:
    """A function ``(image, *, settings) -> array`` (or a dict of maps) becomes a filter.

    ``margin`` is how many voxels around a voxel its response depends on, along x, y, z: a number, three numbers, a function
    ``(grid, *, settings)`` of them, or ``"whole"`` for a filter that needs the whole scan. ``units`` has the unit of each map,
    ``intensity`` for that of the image. With ``sees_regions``, ``image.regions`` has the masks of the case.

    A class becomes a filter that is fitted on a cohort first. Its settings are the keyword-only parameters of ``__init__``. It has
    ``observe(self, image)``, what there is to be learnt from one image; ``fit(self, observations)``, the state that follows from
    those of a cohort; and ``apply(self, image, state)``. Observations and state are anything that JSON can hold. The regions
    are seen while it is fitted.
    """

    def declare(function: Callable) -> Callable:
        described = {"maps": maps or [""], "units": units or [], "sees_regions": sees_regions}
        make = lambda values: _Filter(function, described, margin, values)  # noqa: E731
        add(Plugin("filter", *_named(function), _settings_of(function), _fitting(function, "apply"), make))
        return function

    return declare


class _RegionMaker(_Fitted):
    def __init__(self, function: Callable, labels, margin_mm: float, says: dict, values: dict):
        super().__init__(function, "make", values)
        self.says = says
        made = labels(**values) if callable(labels) else labels
        self.labels, self.margin_mm = {int(label): str(name) for label, name in made.items()}, margin_mm

    def make(self, image) -> np.ndarray:
        made = np.asarray(self.on(image))
        if made.shape != image.voxels.shape:
            raise Failure(f"it made labels of the shape {made.shape}, expected {image.voxels.shape}")
        unknown = sorted(set(np.unique(made).tolist()) - {0, *self.labels})
        if unknown:
            raise Failure(f"it made the label {unknown[0]}, expected 0 or one of {sorted(self.labels)}")
        return made.astype(np.uint16)


def region_maker(*, labels: Mapping[int, str] | Callable, margin_mm: float = 0.0, sees_images: bool = False,
                 may_lack: bool = False) -> Callable:
    """A function ``(image, *, settings) -> array of labels`` makes regions of a region, which is the first of ``image.regions``.

    ``labels`` has the name of each label, from 1 on, or is a function ``(*, settings)`` of them; 0 is no region. ``margin_mm`` is how
    far beyond the region it reads the image, and may make regions. A class with ``observe``, ``fit`` and ``make(self, image,
    state)`` is fitted on a cohort first, as a class of :func:`filter` is.

    With ``sees_images``, an experiment may name several images on one grid, and ``image.images`` has them. With ``may_lack``, a case
    may lack some of the regions, which is no fault then.
    """

    says = {"sees_images": sees_images, "may_lack": may_lack}

    def declare(function: Callable) -> Callable:
        make = lambda values: _RegionMaker(function, labels, margin_mm, says, values)  # noqa: E731
        add(Plugin("regions", *_named(function), _settings_of(function), _fitting(function, "make"), make))
        return function

    return declare


class _Exporter:
    def __init__(self, function: Callable, needs: dict, values: dict):
        self._function, self.needs, self._values = function, needs, values

    def export(self, case) -> dict[str, bytes]:
        made = self._function(case, **self._values)
        return {name: data.encode() if isinstance(data, str) else bytes(data) for name, data in made.items()}


def exporter(*, regions: bool = False, image: bool = False) -> Callable:
    """A function ``(case, *, settings) -> {name of a file: bytes or text}`` becomes an exporter. The program writes the files.

    With ``regions`` and ``image``, the case has their arrays.
    """

    def declare(function: Callable) -> Callable:
        needs = {"regions": regions, "image": image}
        add(Plugin("export", *_named(function), settings(function), {}, lambda values: _Exporter(function, needs, values)))
        return function

    return declare


class _Loader:
    def __init__(self, function, recognises, values):
        self._function, self._recognises, self._values = function, recognises, values

    def recognises(self, path: str, head: bytes) -> bool:
        return bool(self._recognises(path, head))

    def load(self, request):
        return self._function(request, **self._values)


def loader(*, formats: list[str], recognises: Callable[[str, bytes], bool], own_grid: bool = False) -> Callable:
    """A function ``(request, *, settings) -> Loaded`` becomes a loader; ``recognises`` judges a file by its first bytes."""

    def declare(function: Callable) -> Callable:
        described = {"formats": formats, "own_grid": own_grid}
        add(Plugin("load", *_named(function), settings(function), described, lambda values: _Loader(function, recognises, values)))
        return function

    return declare


def predictor(cls: type) -> type:
    """A class becomes a predictor: settings are the keyword-only parameters of ``__init__``.

    It has ``inputs(self) -> list[str]`` and ``predict(self, inputs) -> number or Prediction``; with ``fit(self, table) -> str``,
    which returns the model as text, it can learn. With ``outputs(self) -> list[Output]`` it gives several numbers, the first of
    which is its score. ``card = Card(...)`` in the class is its model card.
    """
    described: dict = {"trains": True} if hasattr(cls, "fit") else {}
    taken, card = settings(cls.__init__), getattr(cls, "card", None)
    if isinstance(card, Card):
        if card.needs_licence and taken.get("licence", {}).get("takes") != "file":
            raise Failure(f"the card of {cls.__name__} needs a licence: give __init__ the parameter `*, licence: pathlib.Path`")
        described["card"] = card.described()
    add(Plugin("predict", *_named(cls), taken, described, lambda values: cls(**values)))
    return cls
