"""A feature of one's own: a function, which the program runs as a plugin in Python."""

from __future__ import annotations

import hashlib
import os
import re
import types
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Mapping, TypeVar, overload

from ._source import Needed
from .errors import ExperimentError, InputError

__all__ = ["feature"]

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Registered:
    """A registered function, written as a plugin."""

    name: str
    #: The plugin's file, in a folder that has the digest of its text as its name.
    path: Path
    #: SHA-256 of that text.
    digest: str
    function: types.FunctionType = field(compare=False, repr=False)
    #: What its decorator says.
    stated: Mapping[str, Any] = field(compare=False, repr=False)


_REGISTERED: dict[str, Registered] = {}


@overload
def feature(function: F) -> F: ...
@overload
def feature(
    *, unit: str = "1", meaning: str = "", equation: str = "", ibsi: str | None = None, levels: bool = False, margin_mm: float = 0.0
) -> Callable[[F], F]: ...
def feature(
    function: Any = None, *, unit: str = "1", meaning: str = "", equation: str = "", ibsi: str | None = None, levels: bool = False,
    margin_mm: float = 0.0,
) -> Any:
    """Registers a function ``(region, *, settings) -> number`` as a family of one feature, both named like the function.

        @voxomics.feature(unit="1", meaning="much of the region is hot")
        def hot_fraction(region, *, threshold: float = 100.0):
            "Hot fraction: the share of voxels above a threshold."
            inside = region.intensities()
            return np.where(np.isnan(inside), np.nan, inside > threshold).mean()

        voxomics.extract(image, mask, {"features": {"hot_fraction": {"threshold": 150}}})

    ``region`` has ``image``, ``morphological_mask``, ``intensity_mask``, ``levels``, ``spacing`` and ``intensities()``, as for any
    plugin in Python (docs/plugins.md). Raise ``voxomics.Undefined("why")`` where there is no value. Settings are the keyword-only
    parameters, with type hints.

    The function's source is written to a file, with the modules, numbers, texts and functions of the same module that it names; the
    program runs that file in a process of its own. So a run knows the feature by the digest of its source, and can be made again.

    The file must do what the function does. So what a function names beside these is an :class:`InputError`, and so are decorators other
    than this one, one name for two things, and a text that is no longer what Python runs. The function and what it names are looked
    at again whenever an experiment is made of it: what has changed by then counts. An :class:`Experiment` that was made before is
    refused when it is used.
    """
    stated = {"unit": unit, "meaning": meaning, "equation": equation, "ibsi": ibsi, "levels": levels, "margin_mm": margin_mm}

    def register(function: F) -> F:
        made = _register(function, stated)
        _REGISTERED[made.name] = made
        return function

    return register if function is None else register(function)


def registered(name: str) -> Registered | None:
    """The registered function of that name."""
    return _REGISTERED.get(name)


def names() -> tuple[str, ...]:
    return tuple(_REGISTERED)


def refreshed(name: str) -> Registered:
    """The registered function of that name as it is now, with what it names."""
    known = _REGISTERED[name]
    made = _register(known.function, known.stated, settled=True)
    if made != known:
        _REGISTERED[name] = made
    return _REGISTERED[name]


def named_in(text: str, stated: Mapping[str, Any]) -> list[Registered]:
    """The registered functions whose features a text in TOML and the keys that are set ask for, as they are now."""
    set_of = set()
    for key, value in stated.items():
        section, *words = key.strip().split(".")
        if section == "features" and words:
            set_of |= {words[0], str(value) if words[-1] == "family" else words[0]}

    def asks(name: str) -> bool:
        word = re.escape(name)
        return name in set_of or bool(re.search(rf'(?m)^\s*\[\s*features\s*\.\s*"?{word}"?\s*[\].]|^\s*family\s*=\s*"{word}"', text))

    found = [refreshed(name) for name in _REGISTERED if asks(name)]
    for made in found:
        folders = set(re.findall(rf"features[/\\]+([0-9a-f]{{16}})[/\\]+{re.escape(made.name)}\.py", text))
        if folders - {made.path.parent.name}:
            raise ExperimentError(
                f"the experiment names another state of the function {made.name}, that of the folder {min(folders)}, and it has been changed "
                f"since: take its section [[plugins.python]] out of the text to compute with {made.name} as it is now",
                text,
            )
    return found


def hold(used: Mapping[str, str]) -> None:
    """Refuses functions that are no longer what an experiment was made of: name and digest of each."""
    for name, digest in used.items():
        if refreshed(name).digest != digest:
            raise ExperimentError(
                f"the function {name}, or something that it names, was changed after this experiment was made: make the Experiment again"
            )


def _register(function: Any, stated: Mapping[str, Any], settled: bool = False) -> Registered:
    if not isinstance(function, types.FunctionType) or function.__name__ == "<lambda>":
        raise InputError(f"{function!r} is no function with a name: write it with def", key="function")
    name = function.__name__
    words = {key: value for key, value in stated.items() if value not in ("", None, False, 0.0)}
    decorator = f"@_feature({', '.join(f'{key}={value!r}' for key, value in words.items())})"
    needed = Needed(function, settled)
    body = needed.source(function)
    head = [
        "# A feature that was registered in Python. The file is written by voxomics.feature; its folder has its digest as name.",
        "from voxomics_plugin import feature as _feature", *sorted(needed.imports), *needed.constants,
    ]
    text = "\n\n\n".join(["\n".join(head), *needed.functions, f"{decorator}\n{body}"]) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Registered(name, _kept(name, digest, text), digest, function, stated)


def _kept(name: str, digest: str, text: str) -> Path:
    """The text as a file that stays: a run that is made again looks for it."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    path = Path(cache) / "voxomics" / "features" / digest[:16] / f"{name}.py"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{name}-{os.getpid()}")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    return path
