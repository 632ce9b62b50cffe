"""Tables on their way in and out: lists of cases, results, experiments as files."""

from __future__ import annotations

import contextlib
import csv
import html
import math
import os
import re
import tempfile
from pathlib import Path
from typing import Any, Iterator, Mapping

from . import _arrays
from .errors import InputError
from .experiment import Experiment


#: Columns whose cells are names, whatever they look like.
_NAMES = ("case", "region", "patient", "reason", "status", "unit", "feature", "ibsi_code")


def rows_of(table: Any) -> list[dict[str, Any]]:
    """The rows of a frame, or of a list of dicts."""
    if hasattr(table, "to_dicts"):  # Polars
        return table.to_dicts()
    if hasattr(table, "to_pylist"):  # Arrow
        return table.to_pylist()
    if hasattr(table, "to_dict") and hasattr(table, "columns"):  # pandas
        return table.to_dict("records")
    if isinstance(table, (list, tuple)) and all(isinstance(row, Mapping) for row in table):
        return [dict(row) for row in table]
    raise InputError(
        f"the cases are of the type {type(table).__name__}, expected a path, a DataFrame or a list of dicts with the columns "
        "case, image and mask",
        key="cases",
    )


def _is_gap(value: Any) -> bool:
    return value is None or str(value) in ("<NA>", "NaT") or bool(value != value)


def _cell(column: str, value: Any, is_whole: bool) -> str:
    if _is_gap(value):
        return ""
    if column.split(".")[0] in ("image", "mask") and str(value):
        return os.path.abspath(os.fspath(value))
    if is_whole:
        return str(int(value))  # pandas makes floats of a column with gaps
    return str(value)


def _are_whole(column: str, values: list[Any]) -> bool:
    """Whether a column has whole numbers that became floats, because some cells are empty."""
    there = [value for value in values if not _is_gap(value)]
    if not all(isinstance(value, float) and math.isfinite(value) and value.is_integer() for value in there):
        return False
    return bool(there) and (column == "label" or len(there) < len(values))


def case_list(cases: Any, path: Path) -> Path:
    """The list of cases as a file: as it is, or written to ``path``; relative paths in a frame start from the working directory."""
    if _arrays.is_path(cases):
        return Path(cases)
    rows = rows_of(cases)
    if not rows:
        raise InputError("there are no cases: the table is empty", key="cases")
    header = list(dict.fromkeys(str(column) for row in rows for column in row))
    lacking = [column for column in ("case", "image", "mask") if column not in header]
    if lacking and not any(column.startswith("image.") for column in header):
        raise InputError(f"the cases have no column {', '.join(lacking)}; they have: {', '.join(header)}", key="cases")
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(header)
        named = [{str(column): value for column, value in row.items()} for row in rows]
        whole = {column: _are_whole(column, [row.get(column) for row in named]) for column in header}
        writer.writerows([_cell(column, row.get(column), whole[column]) for column in header] for row in named)
    return path


@contextlib.contextmanager
def experiment_file(experiment: Any, set: Mapping[str, Any] | None) -> Iterator[tuple[Path, list[str]]]:
    """An experiment as a file for the program, and the words that change keys of it."""
    from . import _toml, own

    stated = {**getattr(experiment, "set", {}), **(set or {})}
    overrides = [word for key, value in stated.items() for word in ("--set", f"{key}={_toml._value(value, key)}")]
    if _arrays.is_path(experiment):
        yield Path(experiment), overrides
        return
    made = Experiment.of(experiment)
    own.hold(made._own)
    if made.path is not None and made.is_in(made.path):
        yield made.path, overrides
        return
    # Relative paths in it start from the folder in which it was made.
    with tempfile.NamedTemporaryFile("w", dir=made.folder, prefix=".voxomics-", suffix=".toml", encoding="utf-8") as file:
        file.write(made._text)
        file.flush()
        yield Path(file.name), overrides


def beginning(path: Path, rows: int = 5, columns: int = 10) -> str:
    """The first cells of a table, as HTML, and how many there are."""
    with open(path, newline="", encoding="utf-8") as file:
        header, *lines = csv.reader(file)

    def line(cells: list[str], of: str) -> str:
        more = [f"<{of}>…</{of}>"] if len(cells) > columns else []
        return "<tr>" + "".join([f"<{of}>{html.escape(cell)}</{of}>" for cell in cells[:columns]] + more) + "</tr>"

    shown = "".join(line(cells, "td") for cells in lines[:rows])
    return f"<table>{line(header, 'th')}{shown}</table><p>{len(lines)} rows, {len(header)} columns</p>"


def read(path: Path) -> Any:
    """A table of results: a pandas DataFrame if pandas is there, else a list of dicts. Numbers keep their bits."""
    try:
        import pandas
    except ImportError:
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    # Not pandas' own reading of numbers, which may be off in the last place.
    frame = pandas.read_csv(path, dtype=str, keep_default_na=False)
    return pandas.DataFrame({name: frame[name] if name in _NAMES else _numbers(list(frame[name])) for name in frame.columns})


#: A number as results have it. What is written in another way is a name: 007, 1e5, +1.
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?(e-?[0-9]+)?|-?inf|nan", re.IGNORECASE)
#: Numbers that nobody writes with an exponent.
_PLAIN = (1e-5, 1e16)


def _is_number(cell: str) -> bool:
    if not _NUMBER.fullmatch(cell):
        return False
    has_exponent = "e" in cell.lower()
    return not has_exponent or not _PLAIN[0] <= abs(float(cell)) < _PLAIN[1]


def _numbers(cells: list[str]) -> list[Any]:
    """A column as whole numbers, or as numbers with NaN for empty cells, or as it is."""
    if not all(_is_number(cell) for cell in cells if cell):
        return cells
    if all(re.fullmatch(r"-?[0-9]+", cell) for cell in cells):
        return [int(cell) for cell in cells]
    return [float(cell) if cell else math.nan for cell in cells]
