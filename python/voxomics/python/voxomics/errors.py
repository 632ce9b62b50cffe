"""What goes wrong, as exceptions: each says what was found, what was expected, and what to do."""

from __future__ import annotations

import re
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path


class VoxomicsError(Exception):
    """Any error of this package.

    ``case`` is the name of the case, if it is the fault of one; ``key`` the argument or the key of the experiment that is wrong;
    ``code`` a word for what kind of error it is.
    """

    def __init__(self, message: str, *, case: str | None = None, key: str | None = None, code: str = "error"):
        super().__init__(message)
        self.case = case
        self.key = key
        self.code = code


class InputError(VoxomicsError, ValueError):
    """What was handed over cannot be used: an array, its axes, its spacing."""

    def __init__(self, message: str, *, case: str | None = None, key: str | None = None, code: str = "input"):
        super().__init__(message, case=case, key=key, code=code)


@dataclass(frozen=True)
class Mistake:
    """One mistake in an experiment."""

    #: What was found, what was expected, what to do.
    message: str
    #: The key, as in ``discretisation.bins``, where the mistake has a place.
    key: str | None = None
    #: The line of the file, from 1.
    line: int | None = None


class ExperimentError(VoxomicsError, ValueError):
    """The experiment is wrong. ``mistakes`` are all of them, ``key`` is that of the first."""

    def __init__(self, message: str, text: str = ""):
        self.mistakes = _mistakes(message, text)
        key = next((mistake.key for mistake in self.mistakes if mistake.key), None)
        super().__init__(message.rstrip(), key=key, code="experiment")


class CaseError(VoxomicsError):
    """A case has no features. ``code`` is the stage that found it: ``load``, ``geometry``, ``regions``, …"""


class ProgramError(VoxomicsError, RuntimeError):
    """The program refused what it was asked for, or ended before it was done."""


class VoxomicsWarning(UserWarning):
    """Something that may make a number wrong, of the case ``case``."""

    def __init__(self, message: str, case: str | None = None):
        super().__init__(message)
        self.case = case


class AxesWarning(VoxomicsWarning):
    """The order of an array's axes was not said, and nothing tells it: ``(z, y, x)`` was taken."""


_HERE = str(Path(__file__).parent)


def warn_of_axes(message: str) -> None:
    """Warns whoever called into the package, however deep the call is. The text is the same for all arrays, so Python shows it once."""
    depth, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        depth, frame = depth + 1, frame.f_back
    warnings.warn(AxesWarning(message), stacklevel=depth)


def warn(message: str, case: str | None = None, depth: int = 3) -> None:
    """Warns whoever called the public function, ``depth`` calls up."""
    text = f"{case}: {message}" if case else message
    warnings.warn(VoxomicsWarning(text, case), stacklevel=depth)


def _mistakes(rendered: str, text: str) -> list[Mistake]:
    """The mistakes of a report of the engine, each with its place in the text of the experiment."""
    found = []
    for part in re.split(r"(?m)^error: ", rendered):
        if not part.strip():
            continue
        place = re.search(r"(?m)^ *--> .*:(\d+):(\d+)$", part)
        message = re.split(r"(?m)^ *--> ", part)[0].strip()
        line = int(place[1]) if place else None
        found.append(Mistake(message, _key(text, line) if line else None, line))
    return found


def _key(text: str, line: int) -> str | None:
    """The key that stands in a line of TOML, with the section that it is in."""
    lines = text.splitlines()
    if not 0 < line <= len(lines):
        return None
    header = re.compile(r"^\s*\[\[?([^\[\]]+)\]\]?\s*(#.*)?$")
    section = next((m[1].strip() for m in map(header.match, reversed(lines[:line])) if m), None)
    stated = re.match(r"^\s*([A-Za-z0-9_.\"-]+)\s*=", lines[line - 1])
    parts = [part for part in (section, stated[1] if stated else None) if part]
    return ".".join(parts) or None
