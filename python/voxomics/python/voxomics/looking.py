"""What one wants to see before a run: the program's own answers, as plain data."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, Mapping

from . import _tables
from ._call import PARTIAL, call_json
from .experiment import Experiment


def check(experiment: Any, cases: Any = None, *, set: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Opens every case and finds its regions, without any feature: ``voxomics check --json``.

    ``experiment`` is a path, a dict or an :class:`Experiment`; ``cases`` a path or a frame, instead of the experiment's own.
    ``["cases"][0]["fine"]`` tells whether a case would run; ``["plan"]`` what would be computed.
    """
    with tempfile.TemporaryDirectory(prefix="voxomics-") as scratch, _tables.experiment_file(experiment, set) as (path, overrides):
        words = ["check", path, *overrides]
        if cases is not None:
            words += ["--cases", _tables.case_list(cases, Path(scratch) / "cases.csv")]
        return call_json(*words, fine=(0, PARTIAL))


def scan(folder: Any, cases: Any = None) -> Any:
    """Tells what a folder holds, by patient, study and series: ``voxomics scan --json``.

    With ``cases``, the path of a CSV, the list of cases for :func:`voxomics.run` is written there.
    """
    return call_json("scan", folder, *(["--cases", cases] if cases is not None else []), fine=(0, PARTIAL))


def plugins() -> list[dict[str, Any]]:
    """The plugins that are found, with what each describes of itself: ``voxomics plugins list --json``."""
    return call_json("plugins", "list")


def ibsi(reference: Any = None) -> list[dict[str, Any]]:
    """Compares this build with reference values of IBSI: ``voxomics ibsi --json``.

    Without ``reference``, the digital phantom that the program carries; else a folder, as ``--reference`` takes it.
    """
    return call_json("ibsi", *(["--reference", reference] if reference is not None else []), fine=(0, 1, PARTIAL))


def columns(experiment: Any = None) -> list[dict[str, Any]]:
    """The columns that an experiment fills: name, image, family, aggregation, feature, IBSI code, unit."""
    return [column._asdict() for column in Experiment.of(experiment).columns]
