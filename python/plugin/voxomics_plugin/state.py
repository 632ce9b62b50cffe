"""What a plugin may leave changed in its process, as the program asks for it."""

from __future__ import annotations

import locale
import os
import tempfile

#: Half a unit in the last place of 1, and less: sums that another rounding mode turns into another number.
_ONE, _LITTLE, _TINY = 1.0, 2.0**-54, 5e-324


def sound_arithmetic() -> bool:
    """Whether arithmetic rounds to nearest and keeps subnormal numbers."""
    nearest = _ONE + _LITTLE == _ONE and _ONE - _LITTLE / 2 == _ONE and -_ONE - _LITTLE == -_ONE
    return nearest and _TINY * 2.0 > 0.0


def _read(path: str) -> list[str]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def _descriptors() -> list[str]:
    found = []
    for name in _read("/proc/self/fd"):
        try:
            found.append(os.readlink(f"/proc/self/fd/{name}"))
        except OSError:
            # That of the list itself is closed by now.
            pass
    return sorted(found)


def _resident() -> int | None:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return None


def state() -> dict:
    """The state of this process. What the system does not tell is empty or None."""
    files = [os.path.join(folder, name) for folder, _, names in os.walk(tempfile.gettempdir()) for name in names]
    return {
        "directory": os.getcwd(),
        "locale": locale.setlocale(locale.LC_ALL),
        "environment": dict(os.environ),
        "sound_arithmetic": sound_arithmetic(),
        "threads": len(_read("/proc/self/task")) or None,
        "descriptors": _descriptors(),
        "files": sorted(files),
        "resident_bytes": _resident(),
    }
