"""Models that are applied to tables: the scores of ``voxomics run``, of inputs that are there already. Not a medical device."""

from __future__ import annotations

import csv
import difflib
import json
import math
import os
import re
from pathlib import Path
from typing import Any, Iterable, Mapping, NamedTuple, Sequence

import numpy as np

from . import _arrays, _engine, _tables
from .errors import ExperimentError, InputError, warn
from .experiment import Experiment
from .features import WARNING, Features, Score, made_score

__all__ = ["Model", "Predictions"]

#: What a cell may say instead of nothing: the engine's words (`tabular::missing`), and those of them that are told of.
_MISSING = ("", "na", "n/a", "nan", ".")
_MARKS = (
    "null", "(null)", "\\n", "<na>", "nat", "?", "--", "#n/a", "#na", "#null!", "#value!", "#div/0!", "#ref!", "#num!", "#name?",
)


class Predictions(Sequence[Score]):
    """Scores in the order of the rows: floats, NaN where there is none, each with its reason, doubts and contributions."""

    def __init__(self, scores: list[Score], cases: list[str], components: list[int | None], outputs: list[tuple[str, str]]):
        self._scores = scores
        #: Names of the rows.
        self.cases = cases
        #: Numbers of components, where each has a row of its own.
        self.components = components
        self._outputs = outputs

    def __getitem__(self, at: Any) -> Any:
        return self._scores[at]

    def __len__(self) -> int:
        return len(self._scores)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._scores, dtype=float if dtype is None else dtype)

    def records(self) -> list[dict[str, Any]]:
        """Rows of a table, one for each output of each score, as in ``scores.csv``."""
        rows = []
        for case, component, score in zip(self.cases, self.components, self._scores):
            for at, (output, unit) in enumerate(self._outputs):
                value = float(score) if at == 0 else score.outputs[output]
                rows.append({
                    "case": case, "component": component, "model": score.predictor, "output": output, "value": value, "unit": unit,
                    "status": "undefined" if math.isnan(value) else "ok", "reason": score.reason if at == 0 else score.reasons.get(output, ""),
                    "doubts": "; ".join(score.doubts),
                    "contributions": "; ".join(f"{name}={term!r}" for name, term in score.contributions.items()) if at == 0 else "",
                })
        return rows

    def to_pandas(self) -> Any:
        """The table as a pandas DataFrame: see :meth:`records`."""
        import pandas

        return pandas.DataFrame(self.records())

    def to_polars(self) -> Any:
        """The table as a Polars DataFrame: see :meth:`records`."""
        import polars

        return polars.DataFrame(self.records(), infer_schema_length=None)

    def __repr__(self) -> str:
        doubtful = sum(bool(score.doubts) for score in self)
        return f"<Predictions: {len(self)} scores, {doubtful} of them doubtful; not a medical device>"


class Model:
    """A model file with the plugin that applies it.

    ``experiment`` is the one whose inputs the model will get: the model is then held against it, as by ``voxomics run``, and refused
    if it has learnt from features that are made in another way. Without it, nothing tells how a table was made, and a warning says so.

    ``plugin`` is the predictor: its name (``"predict-linear"``), or the path of a library or a Python file. A model that was learnt
    here names it itself; for one that does not, it is ``predict-linear``.
    """

    def __init__(self, path: Any, experiment: Any = None, *, plugin: Any = None):
        #: Its file.
        self.path = Path(path).absolute()
        #: The experiment that it is held against, if there is one.
        self.experiment = None if experiment is None else Experiment.of(experiment)
        self._host = Experiment({"plugins": _loaded(self.path, plugin)})
        self._model = self._of(self.experiment)
        #: Its name: that of the file.
        self.name: str = self._model.name
        #: The plugin that applies it.
        self.plugin: str = self._model.plugin
        #: Names of its inputs: ``region:feature``, a covariate, or ``covariate=level``.
        self.inputs: list[str] = self._model.inputs
        #: Its outputs, the score first: (name, unit).
        self.outputs: list[tuple[str, str]] = self._model.outputs
        document = self._model.document
        #: What the file says; None if it is not TOML.
        self.document: dict[str, Any] | None = None if document is None else json.loads(document)

    def _of(self, experiment: Experiment | None) -> "_engine.Model":
        try:
            return self._host._plan.model(None, self.path, None if experiment is None else experiment._plan)
        except _engine.Refused as refused:
            # A file that Python names stands in no experiment, so there is no place to show.
            raise ExperimentError(re.sub(r"\n *--> *$", "", str(refused).rstrip())) from None

    def predict(self, table: Any) -> Predictions:
        """Scores of a table, a row each: the numbers and doubts of ``scores.csv``, to the last bit.

        ``table`` is a DataFrame of pandas or Polars, an Arrow table, a dict of columns, a list of dicts, or a path (CSV), with a column
        for each input, as ``inputs.csv`` has them. A covariate with levels may be a column of texts. A table with the columns ``case``
        and ``region``, as ``features.csv``, has a row a region. Further columns are not looked at. Or it is what
        :func:`voxomics.extract` gave, of one case or a list: then the model is held against its experiment.

        A missing column is an :class:`InputError`; an empty cell is a missing value, of which the plugin makes what it makes of it in a
        run. Doubts are in ``.doubts`` of each score, and a warning says how many scores have some.
        """
        given = _rows_of_features(table)
        if given is None:
            rows, model = _rows_of_table(table, self.inputs), self._model
            if self.experiment is None and (self.document or {}).get("extraction"):
                warn(
                    f"{self.name}: the table does not tell how its columns were made, so nobody can tell whether the model has learnt "
                    "from such; give the experiment, as in Model(path, experiment)", depth=3,
                )
        else:
            made, rows = given
            model = self._of(made) if made is not None and made is not self.experiment else self._model
            if made is None:
                warn(f"{self.name}: a result that was pickled does not tell which experiment made it", depth=3)
        columns = _columns(rows, self.inputs, model.unused, self._levels())
        _tell_marks(rows, columns)
        try:
            scored, log = model.score(columns, len(rows.cells))
        except _engine.Refused as refused:
            raise InputError(f"{self.name}: {refused}", key="table") from None
        scores = [made_score(self.name, component, score) for component, score in zip(rows.components, scored)]
        for level, text in log:
            if level >= WARNING:
                warn(text, depth=3)
        doubtful = [(case, score) for case, score in zip(rows.cases, scores) if score.doubts]
        if doubtful:
            case, score = doubtful[0]
            warn(f"{self.name}: {len(doubtful)} of {len(scores)} scores are doubtful; the first: {case}: {score.doubts[0]}", depth=3)
        return Predictions(scores, rows.cases, rows.components, self.outputs)

    def _levels(self) -> dict[str, list[str]]:
        """Levels of the covariates: those of the experiment, else those that the model file tells."""
        if self.experiment is not None:
            stated = json.loads(self.experiment._plan.document).get("covariates") or {}
            return {name: of["levels"] for name, of in stated.items() if of.get("levels")}
        settings = ((self.document or {}).get("extraction") or {}).get("settings") or {}
        told = settings.get("inputs") or {}
        return {name.partition("=")[0]: of["levels"] for name, of in told.items() if of.get("levels")}

    def __repr__(self) -> str:
        return f"<Model {self.name!r}: {len(self.inputs)} inputs, by {self.plugin}; not a medical device>"


def _loaded(path: Path, plugin: Any) -> dict[str, Any]:
    """The section [plugins] that loads the predictor of a model."""
    if plugin is None:
        plugin = _named_in(path)
    text = os.fspath(plugin)
    # Every experiment has a loader, also where no image is read.
    loader = "load-nrrd"
    if not os.path.isfile(text):
        return {"use": [loader, text if text.startswith("predict-") else f"predict-{text}"]}
    if text.endswith(".py"):
        return {"use": [loader], "python": [{"file": os.path.abspath(text)}]}
    return {"use": [loader], "file": [{"path": os.path.abspath(text)}]}


def _named_in(path: Path) -> str:
    """The plugin that a model file names: one that was learnt says it in [provenance]."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a text: say which predictor reads it, as plugin=\"predict-…\" or the path of a library", key="plugin") from None
    except OSError as cause:
        raise InputError(f"cannot read the model {path}: {cause.strerror}", key="path") from None
    section = ""
    for line in lines:
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[provenance]" and line.partition("=")[0].strip() == "plugin":
            return line.partition("=")[2].strip().strip("\"'")
    return "predict-linear"


class _Rows(NamedTuple):
    """The rows of a table: cells by column."""

    cells: Sequence[Mapping[str, Any]]
    cases: list[str]
    components: list[int | None]


def _rows_of_features(table: Any) -> tuple[Experiment | None, _Rows] | None:
    """The inputs of results of ``extract``, and the experiment that made them; nothing if the table is none of those."""
    results = [table] if isinstance(table, Features) else table
    if not isinstance(results, (list, tuple)) or not results or not all(isinstance(result, Features) for result in results):
        return None
    made = results[0].experiment
    if any(result.experiment is not made for result in results):
        raise InputError("the results are of several experiments: make them with one Experiment, or predict one after the other", key="table")
    found = [(result, component, values) for result in results for component, values in result.inputs]
    cells = [
        {name: _Reason(value) if isinstance(value, str) else value for name, value in zip(result.input_names, values)}
        for result, _, values in found
    ]
    return made, _Rows(cells, [result.case for result, *_ in found], [component for _, component, _ in found])


class _Reason(str):
    """Why there is no value."""


def _rows_of_table(table: Any, inputs: Sequence[str]) -> _Rows:
    cells = _cells(table)
    if not cells:
        raise InputError("the table has no row", key="table")
    cases = [str(row.get("case", at)) for at, row in enumerate(cells)]
    if "region" in cells[0] and "case" in cells[0] and not all(name in cells[0] for name in inputs):
        return _joined(cells, cases)
    components = [_component(row.get("component")) for row in cells]
    return _Rows(cells, cases, components)


def _joined(cells: list[Mapping[str, Any]], cases: list[str]) -> _Rows:
    """A row a case, of a table with a row a region: a feature gets the region before its name, a covariate is alike in all rows."""
    joined: dict[str, dict[str, Any]] = {}
    differing: set[str] = set()
    for case, row in zip(cases, cells):
        of, region = joined.setdefault(case, {}), row["region"]
        for name, value in row.items():
            if name in ("case", "region"):
                continue
            if f"{region}:{name}" in of:
                raise InputError(f"the table has the region {region!r} of {case!r} twice", case=case, key="region")
            of[f"{region}:{name}"] = value
            if str(of.setdefault(name, value)) != str(value):
                differing.add(name)
    # A region that a case lacks is a missing value, and not a missing column.
    known = dict.fromkeys(name for row in joined.values() for name in row if name not in differing)
    rows = [{name: row.get(name) for name in known} for row in joined.values()]
    return _Rows(rows, list(joined), [None] * len(joined))


def _component(cell: Any) -> int | None:
    return None if _is_missing(cell) else int(cell)


def _cells(table: Any) -> list[Mapping[str, Any]]:
    if _arrays.is_path(table):
        with open(table, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    if isinstance(table, Mapping):
        columns = {str(name): [values] if isinstance(values, (str, float, int)) or not isinstance(values, Iterable) else list(values) for name, values in table.items()}
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            raise InputError(f"the columns have different lengths: {lengths}", key="table")
        return [dict(zip(columns, row)) for row in zip(*columns.values())]
    return [{str(name): value for name, value in row.items()} for row in _tables.rows_of(table)]


def _columns(rows: _Rows, inputs: Sequence[str], unused: Sequence[str], levels: Mapping[str, list[str]]) -> dict[str, list[float | str]]:
    """The inputs, column by column; what the model does not use is there if the table has it."""
    there = rows.cells[0]
    columns: dict[str, list[float | str]] = {}
    lacking = []
    for name in dict.fromkeys([*inputs, *unused]):
        covariate, is_level, level = name.partition("=")
        if name in there:
            columns[name] = [_number(name, _cell_of(row, name, case), case) for row, case in zip(rows.cells, rows.cases)]
        elif is_level and covariate in there and covariate in levels:
            columns[name] = [
                _is_level(covariate, level, _cell_of(row, covariate, case), levels[covariate]) for row, case in zip(rows.cells, rows.cases)
            ]
        elif name in inputs:
            lacking.append(name)
    if lacking:
        near = difflib.get_close_matches(lacking[0], there, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise InputError(f"the table has no column {', '.join(map(repr, lacking))}, which the model needs{hint}", key=lacking[0])
    return columns


def _is_missing(cell: Any) -> bool:
    return cell is None or str(cell).strip().lower() in _MISSING or _is_mark(cell)


def _is_mark(cell: Any) -> bool:
    return str(cell).strip().lower() in _MARKS


def _cell_of(row: Mapping[str, Any], name: str, case: str) -> Any:
    """A cell of a row, which must have it: rows of a list may differ."""
    if name not in row:
        raise InputError(f"the row {case} has no {name!r}, which the first row has", case=case, key=name)
    return row[name]


def _tell_marks(rows: _Rows, columns: Iterable[str]) -> None:
    """Says which words counted as no value, as a run does."""
    of = {name for column in columns for name in (column, column.partition("=")[0])}
    found = [(name, row[name]) for row in rows.cells for name in of if isinstance(row.get(name), str) and _is_mark(row[name])]
    if found:
        name, word = found[0]
        warn(f"{len(found)} cells count as missing, as their words seem to say: the first is {word!r} in {name!r}", depth=4)


def _number(name: str, cell: Any, case: str) -> float | str:
    """A cell as a number, or the reason why there is none."""
    if isinstance(cell, _Reason):
        return str(cell)
    if _is_missing(cell):
        return f"the table has no value of `{name}`"
    try:
        number = float(cell)
    except (TypeError, ValueError):
        raise InputError(f"`{name}` of {case} is {cell!r}, expected a number", case=case, key=name) from None
    return number if math.isfinite(number) else f"`{name}` is `{number}`, expected a number"


def _is_level(covariate: str, level: str, cell: Any, levels: Sequence[str]) -> float | str:
    """1 if a text is the level, 0 if it is another one of them."""
    if _is_missing(cell):
        return f"the table has no value of `{covariate}`"
    text = str(cell)
    if text not in levels and isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))  # pandas makes floats of a column with gaps
    if text not in levels:
        return f"`{covariate}` is `{cell}`, expected one of {', '.join(levels)}"
    return float(text == level)
