"""Where the program and its plugins are: beside this file."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from . import _engine

#: The package's folder: it has the program, and the plugins in ``plugins``.
HOME = Path(__file__).resolve().parent

_engine.set_home(HOME)


def program() -> Path:
    """The ``voxomics`` program of the package."""
    return HOME / ("voxomics.exe" if sys.platform == "win32" else "voxomics")


def get_include() -> str:
    """The folder with ``voxomics.h``, for plugins in C."""
    return str(HOME / "include")


@cache
def plugin_names() -> tuple[str, ...]:
    """Names of the plugins that the package carries."""
    kinds = ("load_", "features_", "filter_", "predict_", "regions_", "export_")
    stems = (path.stem.removeprefix("lib") for path in (HOME / "plugins").iterdir())
    return tuple(sorted(stem.replace("_", "-") for stem in stems if stem.startswith(kinds)))
