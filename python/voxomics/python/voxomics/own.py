"""A feature of one's own: a function, which the program runs as a plugin in Python."""

from __future__ import annotations

import ast
import builtins
import inspect
import os
import re
import site
import sys
import sysconfig
import textwrap
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, TypeVar, overload

from .errors import InputError

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
    program runs that file in a process of its own. So a run knows the feature by the digest of its source, can be made again, and
    notices when the function has changed. What else a function names is an :class:`InputError`: it would not be part of the digest.
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


def named_in(text: str) -> list[Registered]:
    """The registered functions whose features a text in TOML asks for."""

    def asks(name: str) -> bool:
        word = re.escape(name)
        return bool(re.search(rf'(?m)^\s*\[\s*features\s*\.\s*"?{word}"?\s*[\].]|^\s*family\s*=\s*"{word}"', text))

    return [made for name, made in _REGISTERED.items() if asks(name)]


def _register(function: Any, stated: dict[str, Any]) -> Registered:
    if not isinstance(function, types.FunctionType) or function.__name__ == "<lambda>":
        raise InputError(f"{function!r} is no function with a name: write it with def", key="function")
    name = function.__name__
    words = {key: value for key, value in stated.items() if value not in ("", None, False, 0.0)}
    decorator = f"@_feature({', '.join(f'{key}={value!r}' for key, value in words.items())})"
    needed = _Needed(function)
    body = needed.source(function)
    lines = [
        "# A feature that was registered in Python. The file is written by voxomics.feature; its folder has its digest as name.",
        "from voxomics_plugin import feature as _feature", "", *sorted(needed.imports), "", *needed.constants, "",
        *(f"{text}\n\n" for text in needed.functions), decorator, body, "",
    ]
    text = re.sub(r"\n{4,}", "\n\n\n", "\n".join(lines))
    import hashlib

    digest = hashlib.sha256(text.encode()).hexdigest()
    return Registered(name, _kept(name, digest, text), digest)


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


class _Needed:
    """What a function names, so that its source can stand in a file of its own."""

    def __init__(self, function: types.FunctionType):
        self.imports: set[str] = set()
        self.constants: list[str] = []
        self.functions: list[str] = []
        self._of = function
        self._seen: set[str] = {function.__name__}

    def source(self, function: types.FunctionType) -> str:
        """The source of a function without its decorators; what it names is collected."""
        try:
            text = textwrap.dedent(inspect.getsource(function))
            tree = ast.parse(text).body[0]
        except (OSError, TypeError, SyntaxError) as cause:
            raise InputError(
                f"the source of {function.__name__} cannot be had ({cause}): write the function in a file or in a cell of a notebook",
                key=self._of.__name__,
            ) from None
        if not isinstance(tree, ast.FunctionDef):
            raise InputError(f"{function.__name__} is no plain function written with def", key=self._of.__name__)
        scope = {**function.__globals__, **_closure(function)}
        for name in sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}):
            if name in scope and name not in self._seen and name not in _own_names(tree):
                self._seen.add(name)
                self._take(name, scope[name], function)
        return "\n".join(text.splitlines()[tree.lineno - 1 : tree.end_lineno])

    def _take(self, name: str, value: Any, function: types.FunctionType) -> None:
        if isinstance(value, types.ModuleType):
            module = "voxomics_plugin" if value.__name__ == __package__ else value.__name__
            self._importable(module, name)
            self.imports.add(f"import {module} as {name}")
        elif isinstance(value, types.FunctionType) and value.__module__ == function.__module__:
            if value.__name__ != name:
                raise InputError(f"{self._of.__name__} names {name}, which is the function {value.__name__}: call it by that name", key=name)
            # What it names itself comes before it.
            text = self.source(value)
            self.functions.append(text)
        elif _is_plain(value):
            self.constants.append(f"{name} = {value!r}")
        elif getattr(builtins, name, None) is value:
            return
        else:
            self._take_of_module(name, value)

    def _take_of_module(self, name: str, value: Any) -> None:
        module, word = getattr(value, "__module__", None), getattr(value, "__qualname__", None) or getattr(value, "_name", None)
        if module is None and isinstance(value, types.BuiltinFunctionType):
            module = "builtins"
        if not isinstance(module, str) or not isinstance(word, str) or "." in word or module == "__main__":
            raise InputError(
                f"{self._of.__name__} names {name}, which is a {type(value).__name__} and cannot stand in a file of its own: make it a "
                "number, a text, a setting of the function, or put it into the function",
                key=name,
            )
        self._importable(module, name)
        self.imports.add(f"from {module} import {word} as {name}")

    def _importable(self, module: str, name: str) -> None:
        """Refuses modules that are the user's own files: a worker does not find them, and the digest would not cover them."""
        top = module.split(".")[0]
        if top in sys.stdlib_module_names or top == "voxomics_plugin":
            return
        file = getattr(sys.modules.get(top), "__file__", None)
        places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
        inside = file is not None and any(Path(file).resolve().is_relative_to(Path(place).resolve()) for place in places if place)
        if not inside:
            raise InputError(
                f"{self._of.__name__} names {name} of the module {module}, which is not installed with this Python: put what it needs into "
                "the function's own module, or write a plugin file with helpers (docs/plugins.md)",
                key=name,
            )


def _closure(function: types.FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not set yet
            continue
    return found


def _own_names(tree: ast.FunctionDef) -> set[str]:
    """Names that a function gives itself: parameters, and what it assigns."""
    arguments = tree.args
    given = {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
    assigned = {node.id for inner in tree.body for node in ast.walk(inner) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    return given | assigned


def _is_plain(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_plain, value))
    # A float that is not finite has no literal.
    return value is None or isinstance(value, (bool, int, str)) or (isinstance(value, float) and value - value == 0)
