"""Experiments built in Python, written as TOML."""

from __future__ import annotations

import importlib
import json
import math
import os
import re
from typing import Any, Mapping

from .errors import ExperimentError, InputError

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise InputError(f"{key!r} is no key of an experiment: keys are texts", key=str(key))
    return key if _BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value: Any, key: str) -> str:
    if hasattr(value, "tolist") and not isinstance(value, (str, bytes)):
        value = value.tolist()  # numbers and arrays of NumPy
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return ("nan" if math.isnan(value) else "inf" if value > 0 else "-inf") if not math.isfinite(value) else repr(value)
    if isinstance(value, (str, os.PathLike)):
        # JSON's escapes are TOML's, but for one character.
        return json.dumps(os.fspath(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_value(item, key) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v, key)}" for k, v in value.items()) + " }"
    raise InputError(f"`{key}` is of the type {type(value).__name__}, expected a text, a number, true or false, a list or a dict", key=key)


def _is_tables(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(isinstance(item, Mapping) for item in value)


def dumps(table: Mapping[str, Any], path: str = "") -> str:
    """A dict of dicts as TOML: a section for each dict, in its order; ``None`` is left out."""
    lines: list[str] = []
    stated = {key: value for key, value in table.items() if value is not None}
    for key, value in stated.items():
        if not isinstance(value, Mapping) and not _is_tables(value):
            lines.append(f"{_key(key)} = {_value(value, f'{path}{key}')}")
    for key, value in stated.items():
        inner = f"{path}{_key(key)}"
        if isinstance(value, Mapping):
            lines += ["", f"[{inner}]", dumps(value, inner + ".")]
        elif _is_tables(value):
            for item in value:
                lines += ["", f"[[{inner}]]", dumps(item, inner + ".")]
    return "\n".join(lines)


def _parsed(text: str) -> dict[str, Any]:
    for parser in ("tomllib", "tomli"):
        try:
            return importlib.import_module(parser).loads(text)
        except ImportError:
            continue
    raise ExperimentError(
        "what was set of the experiment cannot be written into its text: that needs Python 3.11, or the package tomli. Write it into the text "
        "yourself, or hand it over again: voxomics.run(…, set=…)"
    )


def with_keys(text: str, stated: Mapping[str, Any]) -> str:
    """A text in TOML with keys such as ``discretisation.bins`` changed, as ``--set`` of the program changes them; without its comments."""
    whole = _parsed(text)
    for path, value in stated.items():
        *above, last = path.strip().split(".")
        place = whole
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    return dumps(whole)
