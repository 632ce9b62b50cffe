"""Experiments: from a file, from a dict, or this package's own."""

from __future__ import annotations

import copy
import os
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, Mapping, NamedTuple

from . import _engine, _toml, own
from ._home import plugin_names
from .errors import ExperimentError, InputError

if TYPE_CHECKING:
    from .features import Features

#: What is computed if nothing else is asked for: IBSI's features of the volume, without interpolation, with 32 grey levels.
DEFAULT: dict[str, Any] = {
    "experiment": {"name": "voxomics"},
    "regions": {"tumour": {}},
    "discretisation": {"method": "fixed bin number", "bins": 32},
    "features": {
        "statistics": {}, "histogram": {}, "morphology": {}, "local_intensity": {}, "glcm": {"aggregation": "3D averaged"},
        "glrlm": {"aggregation": "3D averaged"}, "glszm": {}, "gldzm": {}, "ngtdm": {}, "ngldm": {},
    },
}


class Column(NamedTuple):
    """A column of the table of features."""

    #: Its name: ``glcm.joint_entropy``; with the image before it if there are several.
    name: str
    image: str
    family: str
    aggregation: str
    feature: str
    #: IBSI's code; empty if there is none.
    ibsi: str
    #: The unit; ``intensity`` stands for that of the image.
    unit: str


class Experiment:
    """An experiment that is ready to be applied: read, checked, its plugins loaded.

    ``source`` is the path of a TOML file, or a dict of the same shape; without it, :data:`DEFAULT`. Of a dict one may leave out
    ``plugins`` (then those are loaded that its words lead to) and ``regions`` (then there is one, ``tumour``). ``set`` changes keys,
    as ``--set`` of the program does: ``{"discretisation.bins": 16}``. An experiment can be copied and pickled.

    >>> Experiment({"features": {"statistics": {"only": ["mean"]}}}).columns[0].ibsi
    'Q4LE'

    Raises :class:`ExperimentError` with all mistakes at once.
    """

    def __init__(self, source: Any = None, *, set: Mapping[str, Any] | None = None):
        stated = dict(set or {})
        if source is None or isinstance(source, Mapping):
            text = _toml.dumps(_completed(DEFAULT if source is None else source)).strip() + "\n"
            self._take(text, "experiment.toml", None, Path.cwd(), stated)
        elif isinstance(source, (str, os.PathLike)):
            path = Path(source).absolute()
            self._take(_read(path), os.fspath(source), path, path.parent, stated)
        else:
            raise InputError(
                f"the experiment is of the type {type(source).__name__}, expected the path of a TOML file, a dict or an Experiment",
                key="experiment",
            )

    def _take(self, text: str, shown: str, path: Path | None, folder: Path, stated: Mapping[str, Any]) -> None:
        overrides = [f"{key}={_toml._value(value, key)}" for key, value in stated.items()]
        used = own.named_in(text, stated)
        scripts = "".join(_script(made) for made in used if os.fspath(made.path) not in text)
        if scripts:
            text = text.rstrip("\n") + "\n" + scripts
            path = None  # it is another text than that of the file
        try:
            self._made = _engine.Plan(shown, folder, text, overrides)
        except _engine.Refused as refused:
            raise ExperimentError(str(refused), text) from None
        #: Its file, if it has one, and the folder that relative paths in it start from.
        self.path, self.folder = path, folder
        #: What was changed of it.
        self.set: Mapping[str, Any] = types.MappingProxyType(copy.deepcopy(dict(stated)))
        #: What it was made of, and the functions among that, with their digests.
        self._text, self._shown = text, shown
        self._own = {made.name: made.digest for made in used}
        self.columns = tuple(Column(*column) for column in self._made.columns)

    @property
    def toml(self) -> str:
        """The text of the experiment, TOML, with what was set of it; comments stay where nothing was set.

        Raises :class:`ExperimentError` where something was set and there is neither ``tomllib`` (Python 3.11) nor ``tomli``.
        """
        if not self.set:
            return self._text
        text = _toml.with_keys(self._text, self.set).strip() + "\n"
        again = _engine.Plan(self._shown, self.folder, text, [])
        if any(getattr(again, of) != getattr(self._made, of) for of in ("document", "columns", "regions")):
            raise ExperimentError("what was set cannot be written into the text of the experiment: write it there yourself", text)
        return text

    @property
    def _plan(self) -> "_engine.Plan":
        own.hold(self._own)
        return self._made

    def __reduce__(self) -> Any:
        return _again, (type(self), self._text, self._shown, self.path, self.folder, dict(self.set))

    def __copy__(self) -> "Experiment":
        return self  # nothing of it changes

    def __deepcopy__(self, memo: Any) -> "Experiment":
        return self

    @classmethod
    def from_toml(cls, text: str) -> "Experiment":
        """An experiment from a text in TOML; relative paths in it start from the working directory."""
        made = cls.__new__(cls)
        made._take(text, "experiment.toml", None, Path.cwd(), {})
        return made

    @classmethod
    def of(cls, source: Any) -> "Experiment":
        """An experiment as it is, or one made of a path or a dict."""
        return source if isinstance(source, cls) else cls(source)

    @property
    def name(self) -> str:
        return self._made.name

    @property
    def regions(self) -> list[str]:
        """Names of the regions."""
        return self._made.regions

    def extract(self, image: Any, mask: Any, **given: Any) -> Features:
        """As :func:`voxomics.extract` with this experiment."""
        from .features import extract

        return extract(image, mask, self, **given)

    def save(self, path: Any) -> Path:
        """Writes the experiment as a TOML file, for ``voxomics run``, with what was set of it. Relative paths in it start from the file's
        folder.
        """
        path = Path(path)
        path.write_text(self.toml, encoding="utf-8")
        return path

    def is_in(self, path: Path) -> bool:
        """Whether a file still has the text that the experiment was made of."""
        try:
            return _read(path) == self._text
        except ExperimentError:
            return False

    def __repr__(self) -> str:
        return f"<Experiment {self.name!r}: {len(self.columns)} features of {', '.join(self.regions)}>"


def _again(kind: type[Experiment], text: str, shown: str, path: Path | None, folder: Path, stated: dict[str, Any]) -> Experiment:
    """An experiment that was pickled."""
    made = kind.__new__(kind)
    made._take(text, shown, path, folder, stated)
    return made


def _script(made: own.Registered) -> str:
    """A registered function as a plugin of the experiment."""
    if not sys.executable:
        raise ExperimentError(f"the feature {made.name} needs a Python to run it, and sys.executable does not tell which")
    words = {"file": os.fspath(made.path), "interpreter": sys.executable}
    return "\n[[plugins.python]]\n" + "".join(f"{key} = {_toml._value(value, key)}\n" for key, value in words.items())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as cause:
        raise ExperimentError(f"cannot read {path}: {cause.strerror}") from None
    except UnicodeDecodeError as cause:
        raise ExperimentError(f"{path} is not a text: byte {cause.start} is not UTF-8. An experiment is a TOML file.") from None


def _completed(stated: Mapping[str, Any]) -> dict[str, Any]:
    """A dict with what may be left out of it."""
    whole = dict(stated)
    whole["experiment"] = {"name": "voxomics", **(whole.get("experiment") or {})}
    whole.setdefault("regions", {"tumour": {}})
    whole.setdefault("plugins", {"use": _plugins_for(whole)})
    return whole


def _plugins_for(whole: Mapping[str, Any]) -> list[str]:
    """The plugins that an experiment needs, by the words in it; all of a kind where a word leads to none."""
    there = plugin_names()

    def named(kind: str, words: list[str]) -> list[str]:
        wanted = [f"{kind}-{word.replace('_', '-')}" for word in words]
        return wanted if all(name in there for name in wanted) else [name for name in there if name.startswith(f"{kind}-")]

    def stated(section: str, key: str) -> list[str]:
        tables = whole.get(section) or {}
        found = [(name, table) for name, table in tables.items() if isinstance(table, Mapping)] if isinstance(tables, Mapping) else []
        return [str(table.get(key, name if key == "family" else "")) for name, table in found]

    # A map is made by a family as well.
    families = stated("features", "family") + stated("maps", "family")
    features = ["pyradiomics"] if whole.get("compat") == "pyradiomics" else families
    filters = [word for word in stated("images", "filter") if word]
    features = [word for word in features if own.registered(word) is None]
    makers = [word for word in stated("regions", "maker") if word]
    use = named("load", ["no such word"])
    for kind, words in (("features", features), ("filter", filters), ("regions", makers)):
        use += named(kind, words) if words else []
    for kind in ("predict", "export"):
        words = [word if word.startswith(f"{kind}-") else f"{kind}-{word}" for word in stated(kind, "plugin")]
        use += [word for word in words if word in there]
    return list(dict.fromkeys(use))
