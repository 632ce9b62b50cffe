"""The package's own ``voxomics`` program, as a child."""

from __future__ import annotations

import json
import subprocess
from typing import Any, Iterable

from ._home import program
from .errors import ExperimentError, ProgramError

REFUSED, PARTIAL, GIVEN_UP = 2, 3, 130


def refusal(said: str, text: str = "") -> Exception:
    """The exception that a refusal of the program becomes."""
    said = said.strip() or "the program ended without a word"
    if "\n" in said and "-->" in said:
        return ExperimentError(said, text)
    return ProgramError(said.removeprefix("error: "), code="refused")


def call(*words: Any, fine: Iterable[int] = (0,)) -> str:
    """What the program prints on standard output."""
    done = subprocess.run(
        [program(), *map(str, words)], stdin=subprocess.DEVNULL, capture_output=True, text=True, encoding="utf-8", errors="replace"
    )
    if done.returncode in fine:
        return done.stdout
    if done.returncode == REFUSED:
        raise refusal(done.stderr)
    said = done.stderr.strip() or "it said nothing"
    raise ProgramError(f"`voxomics {words[0]}` ended with {done.returncode}: {said}", code=f"exit {done.returncode}")


def call_json(*words: Any, fine: Iterable[int] = (0,)) -> Any:
    """What the program prints as JSON."""
    return json.loads(call(*words, "--json", fine=fine))
