"""Decorators: a function becomes a plugin.

What is declared in a file is collected in the order of the file; the worker asks for it with :func:`declared`.
"""

from __future__ import annotations

import inspect
import pathlib
import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Callable, Literal, Sequence

from .errors import Failure


@dataclass(frozen=True)
class Setting:
    """What a type hint cannot say of a setting: ``threshold: Annotated[float, Setting("lowest that counts", minimum=0)] = 100``."""

    purpose: str = ""
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    #: Of a list of numbers: its length, if it is fixed.
    length: int | None = None


#: ``Choice["a", "b"]`` is ``typing.Literal["a", "b"]``.
Choice = Literal


#: What the values of a family may claim not to depend on: turns by right angles about any axis, or about z only; mirroring along
#: any axis; another place in space.
INVARIANT = ("rotation", "rotation in plane", "mirroring", "translation")


@dataclass
class Plugin:
    """One declared plugin."""

    kind: str
    id: str
    summary: str
    settings: dict[str, dict]
    described: dict
    #: Makes an instance of checked settings: an object with one method per method of the interface.
    make: Callable[[dict], Any]

    def describe(self) -> dict:
        return {"kind": self.kind, "id": self.id, "summary": self.summary,
                "settings": list(self.settings.values()), **self.described}


_DECLARED: list[Plugin] = []


def declared() -> list[Plugin]:
    """What the files that were imported have declared so far."""
    return list(_DECLARED)


def add(plugin: Plugin) -> None:
    if any(other.kind == plugin.kind and other.id == plugin.id for other in _DECLARED):
        raise Failure(f"`{plugin.kind}-{plugin.id}` is declared twice: an id stands for one plugin only")
    _DECLARED.append(plugin)


def first_line(text: str | None, otherwise: str) -> str:
    lines = [line.strip() for line in (text or "").strip().splitlines()]
    return lines[0].rstrip(".") if lines and lines[0] else otherwise


def title_of(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


# ---- settings from type hints --------------------------------------------------------------------------------------


def _takes(key: str, hint: Any, told: Setting) -> dict | str:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if hint is bool:
        return "flag"
    if hint is int:
        low = -(2**53) if told.minimum is None else int(told.minimum)
        return {"integer": {"min": low, "max": 2**53 if told.maximum is None else int(told.maximum)}}
    if hint is float:
        return {"number": {"min": told.minimum, "max": told.maximum}}
    if hint is str:
        return "text"
    if isinstance(hint, type) and issubclass(hint, pathlib.PurePath):
        return "file"
    if origin is Literal and all(isinstance(word, str) for word in inside):
        return {"choice": list(inside)}
    if origin in (list, tuple) and inside and all(x in (float, int, Ellipsis) for x in inside):
        fixed = len(inside) if origin is tuple and Ellipsis not in inside else told.length
        return {"numbers": {"length": fixed}}
    raise Failure(
        f"the setting `{key}` has the type hint {hint!r}, expected float, int, bool, str, pathlib.Path, list[float] "
        "or Literal[\"a\", \"b\"]"
    )


def _setting(parameter: inspect.Parameter, hint: Any) -> dict:
    told = Setting()
    if typing.get_origin(hint) is Annotated:
        hint, *notes = typing.get_args(hint)
        told = next((note for note in notes if isinstance(note, Setting)), told)
    # `float | None = None`: a setting that may be left out.
    optional = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        inside = [x for x in typing.get_args(hint) if x is not type(None)]
        optional = len(inside) == 1 and len(typing.get_args(hint)) == 2
        hint = inside[0] if optional else hint
    described: dict = {"key": parameter.name, "purpose": told.purpose or title_of(parameter.name).lower(),
                       "takes": _takes(parameter.name, hint, told)}
    if told.unit:
        described["unit"] = told.unit
    if parameter.default is inspect.Parameter.empty:
        described["required"] = True
    elif parameter.default is not None:
        default = parameter.default
        described["default"] = list(default) if isinstance(default, tuple) else str(default) if isinstance(default, pathlib.PurePath) else default
    elif not optional:
        raise Failure(f"the setting `{parameter.name}` has the default None: write its type as `… | None`")
    return described


def settings(function: Callable) -> dict[str, dict]:
    """The settings of a function: its keyword-only parameters."""
    hints = typing.get_type_hints(function, include_extras=True)
    found = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            if parameter.name not in hints:
                raise Failure(f"the setting `{parameter.name}` of {function.__name__} has no type hint, such as `: float`")
            found[parameter.name] = _setting(parameter, hints[parameter.name])
    return found


# ---- feature families ----------------------------------------------------------------------------------------------


def _feature(id: str, title: str, unit: str, meaning: str, equation: str, ibsi: str | None) -> dict:
    described = {"id": id, "title": title, "unit": unit, "meaning": meaning, "equation": equation}
    return described | ({"ibsi": ibsi} if ibsi else {})


class _Family:
    """An instance of a family."""

    def __init__(self, compute: Callable, order: list[str], needs: dict, settings: dict):
        self._compute, self._order, self._needs, self._settings = compute, order, needs, settings

    def needs(self) -> dict:
        return self._needs

    def compute(self, region) -> dict[str, Any]:
        return self._compute(region, self._order, self._settings)


def _claims(invariant: Sequence[str]) -> dict:
    """What a family claims its values not to depend on, as it crosses."""
    unknown = [word for word in invariant if word not in INVARIANT]
    if unknown:
        raise Failure(f"`invariant` has {unknown[0]!r}, expected some of {', '.join(INVARIANT)}")
    return {"invariant": list(invariant)} if invariant else {}


def _needs(levels: bool, margin_mm: float, takes_empty_intensity_mask: bool) -> dict:
    return {"levels": levels, "margin_mm": margin_mm, "takes_empty_intensity_mask": takes_empty_intensity_mask}


def feature(*, unit: str = "1", meaning: str = "", equation: str = "", ibsi: str | None = None, levels: bool = False,
            margin_mm: float = 0.0, invariant: Sequence[str] = ()) -> Callable:
    """A function ``(region, *, settings) -> number`` becomes a family of one feature, both named like the function.

    Raise :class:`Undefined` with a reason where there is no value. ``invariant`` claims what the value does not depend on,
    in words of :data:`INVARIANT`.
    """
    claims = _claims(invariant)

    def declare(function: Callable) -> Callable:
        id = function.__name__
        title = first_line(function.__doc__, title_of(id)).split(":")[0]

        def compute(region, order, values):
            return {order[0]: lambda: function(region, **values)}

        described = {"features": [_feature(id, title, unit, meaning, equation, ibsi)], **claims}
        make = lambda values: _Family(compute, [id], _needs(levels, margin_mm, False), values)  # noqa: E731
        add(Plugin("features", id, first_line(function.__doc__, title), settings(function), described, make))
        return function

    return declare


class family:
    """Several features that share settings or arithmetic.

        shape = family("peaks", "Peaks above a threshold")

        @shape.feature(unit="1", meaning="many peaks")
        def count(peaks): ...

    With ``measure``, what the features share is computed once per region and handed to each of them:

        @shape.measure
        def peaks(region, *, threshold: float = 100.0): ...
    """

    def __init__(self, id: str, summary: str, *, levels: bool = False, margin_mm: float = 0.0,
                 takes_empty_intensity_mask: bool = False, invariant: Sequence[str] = ()):
        self._measure: Callable | None = None
        self._features: dict[str, Callable] = {}
        self._needed = _needs(levels, margin_mm, takes_empty_intensity_mask)
        self._plugin = Plugin("features", id, summary, {}, {"features": [], **_claims(invariant)}, self._make)
        add(self._plugin)

    def measure(self, function: Callable) -> Callable:
        """``(region, *, settings) -> anything``: what the features are made from."""
        self._measure = function
        self._plugin.settings |= settings(function)
        return function

    def feature(self, *, unit: str = "1", meaning: str = "", equation: str = "", ibsi: str | None = None) -> Callable:
        """A function of what was measured (or of the region) ``-> number`` becomes a feature."""

        def declare(function: Callable) -> Callable:
            id = function.__name__
            title = first_line(function.__doc__, title_of(id)).split(":")[0]
            self._features[id] = function
            self._plugin.described["features"].append(_feature(id, title, unit, meaning, equation, ibsi))
            return function

        return declare

    def _make(self, values: dict) -> _Family:
        def compute(region, order, settings):
            measured = self._measure(region, **settings) if self._measure else region
            return {id: (lambda f=self._features[id]: f(measured)) for id in order}

        return _Family(compute, list(self._features), self._needed, values)
