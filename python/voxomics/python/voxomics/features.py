"""The features of one case: arrays or files in, a mapping out."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, Mapping

from . import _arrays, _files, _engine
from .errors import CaseError, InputError, VoxomicsError, warn
from .experiment import Column, Experiment

if TYPE_CHECKING:
    from .figures import Picture

#: The level of a log from which on a line tells what may make a number wrong.
WARNING = 2


class Value(float):
    """A value of a feature: a float, which is NaN where the feature is not defined for the region; ``reason`` then says why."""

    __slots__ = ("column", "reason", "unit")
    column: Column
    reason: str
    unit: str

    @property
    def status(self) -> str:
        """``ok`` or ``undefined``."""
        return "undefined" if self.reason else "ok"

    @property
    def ibsi(self) -> str:
        """IBSI's code; empty if there is none."""
        return self.column.ibsi

    def __repr__(self) -> str:
        return f"<undefined: {self.reason}>" if self.reason else float.__repr__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _value, (float(self), self.column, self.reason, self.unit)


def _value(number: float, column: Column, reason: str, unit: str) -> Value:
    value = Value(number)
    value.column, value.reason, value.unit = column, reason, unit
    return value


class Score(float):
    """A score of a predictor, NaN where there is none. Not a medical device."""

    __slots__ = ("predictor", "component", "reason", "contributions", "doubts", "outputs", "reasons")
    predictor: str
    component: int | None
    reason: str
    contributions: dict[str, float]
    doubts: list[str]
    #: What the predictor gives beside the score, by name: a risk at a horizon, the probability of a class.
    outputs: dict[str, float]
    #: Why those of them that are NaN have no value.
    reasons: dict[str, str]

    @property
    def status(self) -> str:
        return "undefined" if self.reason else "ok"

    def __repr__(self) -> str:
        return f"<no score: {self.reason}>" if self.reason else float.__repr__(self)


class Features(Mapping[str, Value]):
    """The features of a case, by the names of their columns.

    Of an experiment with several regions, the keys are ``region:column``, and :meth:`region` gives those of one.
    """

    def __init__(
        self, case: str, rows: dict[str, dict[str, Value]], outcome: Mapping[str, Any], experiment: Experiment | None = None,
        previews: list[Picture] | None = None,
    ):
        #: Name of the case.
        self.case = case
        self._rows = rows
        self._outcome = outcome
        #: The experiment that they are of; not kept where a result is pickled.
        self.experiment = experiment
        if len(rows) == 1:
            (self._flat,) = rows.values()
        else:
            self._flat = {f"{region}:{name}": value for region, row in rows.items() for name, value in row.items()}
        #: Names of the experiment's inputs: see :attr:`inputs`.
        self.input_names: list[str] = experiment._plan.inputs if experiment is not None else []
        #: What the loader tells of the scan, by DICOM attribute name.
        self.attributes: dict[str, Any] = json.loads(outcome["attributes"])
        #: What went wrong, and left values out: (stage, region or None, message).
        self.faults: list[tuple[str, str | None, str]] = outcome["faults"]
        #: What may make a number wrong.
        self.warnings: list[str] = [text for level, text in outcome["log"] if level >= WARNING]
        #: Seconds of each stage.
        self.seconds: dict[str, float] = dict(outcome["seconds"])
        #: Volume of each region that was found, mL.
        self.volumes: dict[str, float] = dict(outcome["volumes"])
        self.scores: list[Score] = [made_score(predictor, component, score) for predictor, component, score in outcome["scores"]]
        #: Pictures of the case, if they were asked for: one, or one of each component.
        self.previews: list[Picture] = previews or []

    def __getitem__(self, name: str) -> Value:
        try:
            return self._flat[name]
        except KeyError:
            pass
        if len(self._rows) > 1 and any(name in row for row in self._rows.values()):
            raise KeyError(f"{name!r} is a feature of several regions: say which, as in {next(iter(self._rows))}:{name}")
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._flat)

    def __len__(self) -> int:
        return len(self._flat)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "experiment": None}

    @property
    def inputs(self) -> list[tuple[int | None, list[float | str]]]:
        """What predictors can take: for each component (None if regions are whole) a value of each of the experiment's inputs, or the
        reason why there is none."""
        return self._outcome["inputs"]

    @property
    def regions(self) -> list[str]:
        """The regions that have features, in order; ``tumour.2`` is a component."""
        return list(self._rows)

    def region(self, name: str) -> dict[str, Value]:
        """The features of one region, by column."""
        if name not in self._rows:
            known = ", ".join(self._rows) or "none"
            raise InputError(f"there are no features of a region {name!r}; there are those of: {known}", case=self.case, key="region")
        return self._rows[name]

    def records(self, long: bool = False) -> list[dict[str, Any]]:
        """Rows of a table: one a region, as in ``features.csv``; or, if ``long``, one a value, as in ``features_long.csv``."""
        if not long:
            return [
                {"case": self.case, "region": region, **{name: float(value) for name, value in row.items()}}
                for region, row in self._rows.items()
            ]
        return [
            {
                "case": self.case, "region": region, "image": v.column.image, "family": v.column.family,
                "aggregation": v.column.aggregation, "feature": v.column.feature, "ibsi_code": v.ibsi, "unit": v.unit,
                "value": float(v), "status": v.status, "reason": v.reason,
            }
            for region, row in self._rows.items()
            for v in row.values()
        ]

    def to_pandas(self, long: bool = False) -> Any:
        """The table as a pandas DataFrame: see :meth:`records`."""
        import pandas

        return pandas.DataFrame(self.records(long))

    def to_polars(self, long: bool = False) -> Any:
        """The table as a Polars DataFrame: see :meth:`records`."""
        import polars

        return polars.DataFrame(self.records(long), infer_schema_length=None)

    def to_arrow(self, long: bool = False) -> Any:
        """The table as an Arrow table: see :meth:`records`."""
        import pyarrow

        return pyarrow.Table.from_pylist(self.records(long))

    def __repr__(self) -> str:
        return f"<Features of {self.case!r}: {len(self)} values of {', '.join(self._rows) or 'no region'}>"

    def _repr_html_(self) -> str:
        """The values with their units: what Jupyter shows."""
        import base64
        import html

        head = "".join(f"<th>{name}</th>" for name in ("region", "feature", "value", "unit", "IBSI"))
        cells = (
            (region, name, v.reason or f"{float(v):.6g}", v.unit, v.ibsi) for region, row in self._rows.items() for name, v in row.items()
        )
        rows = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in cells)
        volumes = ", ".join(f"{region} {ml:.4g} mL" for region, ml in self.volumes.items())
        scores = "".join(
            f"<p>{html.escape(score.predictor)}: <b>{html.escape(repr(score))}</b>; not a medical device"
            + (f"; doubtful: {html.escape('; '.join(score.doubts))}" if score.doubts else "") + "</p>"
            for score in self.scores
        )
        said = [*self.warnings, *(message for *_, message in self.faults)]
        told = "".join(f"<li>{html.escape(text)}</li>" for text in said)
        pictures = "".join(
            f'<img alt="{html.escape(self.case)}" src="data:image/png;base64,{base64.b64encode(picture.png).decode()}">'
            for picture in self.previews
        )
        return (
            f"<div><p><b>{html.escape(self.case)}</b>: {len(self)} values; {html.escape(volumes)}</p>{scores}"
            f"{f'<ul>{told}</ul>' if told else ''}{pictures}"
            f'<div style="max-height:24em;overflow:auto"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div></div>'
        )


def made_score(predictor: str, component: int | None, scored: Any) -> Score:
    """A score of the engine: its number or the reason why there is none, contributions, doubts and further outputs."""
    score, contributions, doubts, others = scored
    made = Score("nan" if isinstance(score, str) else score)
    made.predictor, made.component = predictor, component
    made.reason = score if isinstance(score, str) else ""
    made.contributions, made.doubts = dict(contributions), doubts
    made.outputs = {name: float("nan") if isinstance(value, str) else value for name, value in others}
    made.reasons = {name: value for name, value in others if isinstance(value, str)}
    return made


def extract(
    image: Any,
    mask: Any,
    experiment: Any = None,
    *,
    spacing: Any = None,
    origin: Any = None,
    direction: Any = None,
    axes: str | None = None,
    label: float | None = None,
    region: str | None = None,
    series: str | None = None,
    modality: str | None = None,
    columns: Mapping[str, Any] | None = None,
    case: str = "case",
    threads: int | None = None,
    preview: bool = False,
) -> Features:
    """Computes the features of one case, with the same flow as the program: the numbers are the same to the last bit.

    ``image`` and ``mask`` are NumPy arrays, SimpleITK or nibabel images, paths (a file, or a DICOM folder), or datasets of pydicom: a list
    of those of a series, or one of an RTSTRUCT or SEG. An array is indexed
    ``[z, y, x]``, as ``SimpleITK.GetArrayFromImage`` gives it, and needs ``spacing=(x, y, z)`` in mm; ``origin`` (mm, LPS) and
    ``direction`` (nine numbers) are as SimpleITK has them. ``axes`` states the order, as ``"xyz"``. Without it, (z, y, x) is taken where
    shape and spacing speak for it, refused where they speak against it, and taken with an :class:`AxesWarning` where they do not tell.
    An array in C order is not copied; do not write to it meanwhile.

    ``experiment`` is the path of a TOML file, a dict, or an :class:`Experiment`, which is worth making once for many cases.

    ``label``, ``region`` and ``series`` are what a list of cases says under these names; ``modality`` (``"CT"``) is needed where
    the experiment asks for it and no file tells; ``columns`` are further columns, such as a patient's age.

    With ``preview``, a picture of the case comes with the result, as ``voxomics check --preview`` makes it: three slices, and on them
    the outlines of the regions. Jupyter shows it beside the table, and :attr:`Features.previews` has it.

    Raises :class:`InputError` and :class:`ExperimentError` before anything is computed, :class:`CaseError` if the case has no
    features. What costs some values only is a warning, and in ``faults``.
    """
    further = {**({"modality": modality} if modality is not None else {}), **(columns or {})}
    found = compute(
        image, mask, Experiment.of(experiment), _arrays.grid_of(spacing, origin, direction), axes, label=label, region=region,
        series=series, columns=further, case=case, threads=threads, preview=preview,
    )
    for text in found.warnings:
        warn(text, case)
    for stage, of_region, message in found.faults:
        warn(f"{f'{of_region}: ' if of_region else ''}{stage}: {message}", case)
    return found


def compute(
    image: Any, mask: Any, plan: Experiment, grid: _arrays.Grid | None = None, axes: str | None = None, *, label: float | None = None,
    region: str | None = None, series: str | None = None, columns: Mapping[str, Any] | None = None, case: str = "case",
    threads: int | None = None, preview: bool = False,
) -> Features:
    """As :func:`extract`, without a warning: what there is to say stands in the result."""
    with _files.files(image, mask, axes) as (image, mask), _folder(preview) as folder:
        stated = asked(image, mask, grid=grid, axes=axes, label=label, region=region, series=series, columns=columns, case=case)
        try:
            outcome = plan._plan.extract(stated, threads or 0, folder)
        except _engine.Refused as refused:
            raise InputError(str(refused), case=case) from None
        previews = _pictures(Path(folder)) if folder is not None else []
    return _features(case, plan, outcome, previews)


def _folder(wanted: bool) -> contextlib.AbstractContextManager[str | None]:
    """A folder for pictures, if they are wanted."""
    if not wanted:
        return contextlib.nullcontext()
    import tempfile

    return tempfile.TemporaryDirectory(prefix="voxomics-")


def _pictures(folder: Path) -> list[Picture]:
    """The pictures of a case in a folder: ``case.png``, or ``case.1.png``, ``case.2.png``, … of components."""
    from .figures import Picture

    files = sorted(folder.glob("*.png"), key=lambda path: int("0" + path.stem.partition(".")[2]))
    return [Picture(path.read_bytes()) for path in files]


def asked(
    image: Any, mask: Any, *, grid: _arrays.Grid | None, axes: str | None, label: float | None, region: str | None,
    series: str | None, columns: Mapping[str, Any] | None, case: str, outlined: bool = True,
) -> dict[str, Any]:
    """A case as the engine takes it; without a mask if it is not outlined."""
    placed = _arrays.image(image, grid, axes)
    drawn = _arrays.mask(mask, placed, axes, of_itself=grid is None) if outlined else None
    return {
        "name": case, "image": placed, "mask": drawn, "label": None if label is None else float(label), "region": region,
        "series": series, "columns": [(str(name), _cell(value)) for name, value in (columns or {}).items()], "attributes": "{}",
    }


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _features(case: str, plan: Experiment, outcome: Mapping[str, Any], previews: list[Picture]) -> Features:
    rows: dict[str, dict[str, Value]] = {}
    for region, values in outcome["rows"]:
        row = rows[region] = {}
        for column, unit, value in zip(plan.columns, outcome["units"], values):
            if value is not None:
                reason = value if isinstance(value, str) else ""
                row[column.name] = _value(float("nan") if reason else value, column, reason, unit)
    faults = outcome["faults"]
    if not rows and faults:
        raise fault(case, faults)
    return Features(case, rows, outcome, plan, previews)


def fault(case: str, faults: list) -> VoxomicsError:
    """The faults of a case that leave nothing of it, as an exception."""
    stage, region, message = faults[0]
    shown = "; ".join(f"{f'{of}: ' if of else ''}{text}" for _, of, text in faults)
    return CaseError(f"{case}: {stage}: {shown}", case=case, key=region, code=stage)
