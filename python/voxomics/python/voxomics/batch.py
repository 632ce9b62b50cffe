"""Whole runs: the package's program over a list of cases, and what it leaves."""

from __future__ import annotations

import html
import json
import logging
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Callable, Mapping, Sequence

from . import _tables
from ._call import GIVEN_UP, PARTIAL, REFUSED, call, call_json, refusal
from ._home import program
from .errors import ProgramError, warn
from .experiment import Experiment
from .figures import Figure, Figures, of_report

_log = logging.getLogger("voxomics")


@dataclass(frozen=True)
class CaseEnded:
    """A case of a run has ended."""

    case: str
    #: How many cases have ended, and of how many.
    done: int
    of: int
    #: Seconds; 0 for a case that an earlier run had finished.
    seconds: float
    #: Whether an earlier run had finished it.
    found: bool
    #: What went wrong: stage, region or None, message.
    faults: tuple[tuple[str, str | None, str], ...]
    #: What may make a number wrong.
    warnings: tuple[str, ...]


class Results:
    """A folder of results. Tables are pandas DataFrames if pandas is there, else lists of dicts."""

    def __init__(self, folder: Any):
        self.path = Path(folder)
        if not (self.path / "run.json").is_file() and not (self.path / "voxomics.lock").is_file():
            raise ProgramError(f"{self.path} holds no results: it has neither run.json nor voxomics.lock", code="results")

    def table(self, name: str) -> Any:
        """A table by the name of its file: ``features``, ``features_long``, ``inputs``, ``scores``, ``failures``."""
        path = self.path / f"{name}.csv"
        if not path.is_file():
            known = ", ".join(sorted(file.stem for file in self.path.glob("*.csv"))) or "none"
            raise ProgramError(f"{self.path} has no table {name!r}; it has: {known}", key=name, code="results")
        return _tables.read(path)

    @property
    def features(self) -> Any:
        """A row a case and region."""
        return self.table("features")

    @property
    def features_long(self) -> Any:
        """A row a value, with unit, IBSI code, status and reason."""
        return self.table("features_long")

    @property
    def failures(self) -> Any:
        """A row for each thing that went wrong."""
        return self.table("failures")

    @property
    def scores(self) -> Any:
        """A row a score. Not a medical device."""
        return self.table("scores")

    @property
    def record(self) -> dict[str, Any]:
        """The record of the run, ``run.json``."""
        return json.loads((self.path / "run.json").read_text(encoding="utf-8"))

    @property
    def report(self) -> Path | None:
        """The page with the report of a study, if there is one."""
        page = self.path / "report" / "report.html"
        return page if page.is_file() else None

    def plot(self, name: str | None = None) -> Figures | Figure:
        """The figures of the report of a study, by name, or one of them: drawings in SVG, which Jupyter shows."""
        found = of_report(self.path / "report")
        if name is None:
            return found
        if name not in found:
            raise ProgramError(f"the report has no figure {name!r}; it has: {', '.join(found) or 'none'}", key=name, code="results")
        return found[name]

    @property
    def cohorts(self) -> dict[str, "Results"]:
        """The results of each cohort of a study, by the name of its folder."""
        return {file.parent.name: Results(file.parent) for file in sorted(self.path.glob("*/run.json"))}

    def diff(self, other: Any, *, tolerance: float = 1e-12) -> dict[str, Any]:
        """What differs between these and other results, and why: ``voxomics diff --json``."""
        return call_json("diff", self.path, getattr(other, "path", other), "--tolerance", repr(float(tolerance)), fine=(0, 1))

    def rerun(self, out: Any = None, *, inputs: Any = None, update: bool = False) -> "Results":
        """Makes the results again from what they tell of themselves: ``voxomics rerun``. Compare them with :meth:`diff`."""
        out = Path(out) if out is not None else self.path.with_name(self.path.name + "-rerun")
        words = ["--inputs", inputs] if inputs is not None else []
        call("rerun", self.path, "--out", out, *words, *(["--update"] if update else []), "--quiet", fine=(0, 1, PARTIAL))
        return Results(out)

    def __repr__(self) -> str:
        return f"<Results in {str(self.path)!r}>"

    def _repr_html_(self) -> str:
        """What there is, and the beginning of the tables: what Jupyter shows."""
        names = [name for name in ("features", "scores", "failures") if (self.path / f"{name}.csv").is_file()]
        report = f"<p>Report: <code>{html.escape(str(self.report))}</code></p>" if self.report else ""
        cohorts = "".join(f"<li>{html.escape(name)}</li>" for name in self.cohorts)
        tables = "".join(f"<p><b>{name}.csv</b></p>{_tables.beginning(self.path / f'{name}.csv')}" for name in names)
        return f"<div><p>Results in <code>{html.escape(str(self.path))}</code></p>{report}{f'<ul>{cohorts}</ul>' if cohorts else ''}{tables}</div>"


def run(
    experiment: Any,
    cases: Any = None,
    out: Any = None,
    *,
    on_case: Callable[[CaseEnded], Any] | None = None,
    threads: int | None = None,
    set: Mapping[str, Any] | None = None,
    replace: bool = False,
    pseudonymise: Any = None,
    drop: Sequence[str] = (),
    progress: bool | None = None,
) -> Results:
    """Runs an experiment or a study over its cases, as ``voxomics run`` does, and waits for it.

    ``experiment`` is the path of a TOML file, a dict or an :class:`Experiment`. ``cases`` is the path of a CSV or a frame with the
    columns ``case``, ``image`` and ``mask`` (paths), instead of the experiment's own; a frame is kept beside ``out``, as
    ``<out>-cases.csv``. ``out`` is the folder of the results. ``set`` changes keys. ``on_case`` is called after each case.
    ``pseudonymise`` is the path of a key: the results then name nobody, and only who has the key can turn them back; ``drop`` leaves
    columns of the lists and tables out of them.

    Cases that failed are in ``results.failures``, and a warning says how many. After Ctrl-C the run stops when what is at work is
    done, what was finished is kept, and the same call goes on from there.
    """
    made = Experiment(experiment, set=set) if not isinstance(experiment, Experiment) else experiment
    out = Path(out) if out is not None else Path(made._plan.output)
    with _tables.experiment_file(made, set if made is experiment else None) as (path, overrides):
        words = ["run", path, "--out", out, "--progress-json", *overrides]
        if cases is not None:
            words += ["--cases", _tables.case_list(cases, out.with_name(out.name + "-cases.csv"))]
        if threads is not None:
            words += ["--threads", threads]
        if replace:
            words.append("--replace")
        if pseudonymise is not None:
            words += ["--pseudonymise", Path(pseudonymise).absolute()]
        for column in [drop] if isinstance(drop, str) else drop:
            words += ["--drop", column]
        child = _Child([str(word) for word in words], on_case, _bar(progress))
        code = child.wait()
    said = "\n".join(child.said)
    if code == REFUSED:
        raise refusal(said, made._text)
    if code == GIVEN_UP:
        raise KeyboardInterrupt(f"the run was given up; what was finished is in {out}")
    if code not in (0, PARTIAL):
        raise ProgramError(f"`voxomics run` ended with {code}: {said or 'it said nothing'}", code=f"exit {code}")
    if code == PARTIAL and child.failed == 0 and said:
        raise ProgramError(said, code="exit 3")
    if child.failed:
        warn(f"{child.failed} of {child.cases} cases failed, at least in part: see .failures")
    return Results(out)


class _Child:
    """The program at work. What it tells comes as lines on its standard error."""

    def __init__(self, words: list[str], on_case: Callable[[CaseEnded], Any] | None, bar: Any):
        self.on_case, self.bar = on_case, bar
        self.said: list[str] = []
        self.cases = self.failed = 0
        # In a session of its own: it is this process that hears Ctrl-C, and tells it once.
        self.process = subprocess.Popen(
            [str(program()), *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", errors="replace", start_new_session=True,
        )
        assert self.process.stderr is not None  # it is a pipe
        self.told = self.process.stderr

    def wait(self) -> int:
        try:
            for line in self.told:
                self._take(line)
            return self.process.wait()
        except BaseException:
            self._give_up()
            raise
        finally:
            self.told.close()
            if self.bar is not None:
                self.bar.close()

    def _give_up(self) -> None:
        """Asks the program to stop, and waits until it has kept what is finished; a second Ctrl-C ends it at once."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            for _ in self.told:
                pass
            self.process.wait()
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise

    def _take(self, line: str) -> None:
        line = line.rstrip("\n")
        told = _json(line)
        if told is None:
            if line.startswith("warning: "):
                warn(line.removeprefix("warning: "), depth=5)
            elif line.strip():
                self.said.append(line)
                _log.info("%s", line)
            return
        if told.get("event") != "case":
            _log.debug("%s", line)
            return
        ended = CaseEnded(
            told["case"], told["done"], told["of"], told["seconds"], told["found"],
            tuple((f["stage"], f["region"], f["message"]) for f in told["faults"]), tuple(told["warnings"]),
        )
        self.cases = ended.of
        self.failed += bool(ended.faults)
        for text in ended.warnings:
            warn(text, ended.case, depth=5)
        for stage, region, message in ended.faults:
            _log.error("%s: %s%s: %s", ended.case, f"{region}: " if region else "", stage, message)
        _log.info("[%d/%d] %s %.2f s", ended.done, ended.of, ended.case, ended.seconds)
        if self.bar is not None:
            self.bar.total = ended.of
            self.bar.update(1)
        if self.on_case is not None:
            self.on_case(ended)


def _json(line: str) -> dict[str, Any] | None:
    if not line.startswith('{"event"'):
        return None
    try:
        return json.loads(line)
    except ValueError:
        return None


def _bar(wanted: bool | None) -> Any:
    """A bar of tqdm, in a terminal or a notebook, if tqdm is there."""
    if wanted is False or (wanted is None and not sys.stderr.isatty() and "ipykernel" not in sys.modules):
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return None
    return tqdm(unit="case")
