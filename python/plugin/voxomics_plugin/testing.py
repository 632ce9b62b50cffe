"""Arrays for the tests of a plugin, without the program."""

from __future__ import annotations

import numpy as np

from .given import Grid, Host, Image, Region


class TestHost(Host):
    """A host that remembers what it was told."""

    __test__ = False

    def __init__(self, seed: int = 0):
        self.lines: list[tuple[int, str]] = []
        super().__init__(lambda level, text: self.lines.append((level, text)), lambda: 0, lambda path: open(path, "rb"), seed)


def _volume(values) -> np.ndarray:
    made = np.ascontiguousarray(values, dtype=np.float64)
    if made.ndim != 3:
        raise ValueError(f"expected an array [z, y, x], found {made.ndim} dimensions")
    made.flags.writeable = False
    return made


def image(values, *, spacing=(1.0, 1.0, 1.0), host: Host | None = None, unit: str = "", regions=None) -> Image:
    """An image of values [z, y, x]; ``spacing`` along x, y, z in mm; ``regions`` masks by name."""
    voxels = _volume(values)
    masks = {name: np.ascontiguousarray(mask, dtype=np.uint8) for name, mask in (regions or {}).items()}
    return Image(voxels, Grid(voxels.shape[::-1], tuple(spacing)), host or TestHost(), unit, masks)


def region(values, *, mask=None, levels=None, spacing=(1.0, 1.0, 1.0), host: Host | None = None) -> Region:
    """A region of an image of values [z, y, x]; all of it, or where ``mask`` is 1."""
    voxels = _volume(values)
    mask = np.ones(voxels.shape, dtype=np.uint8) if mask is None else np.ascontiguousarray(mask, dtype=np.uint8)
    levels = None if levels is None else np.ascontiguousarray(levels, dtype=np.uint16)
    count = 0 if levels is None else int(levels.max(initial=0))
    return Region(voxels, mask, mask, levels, count, Grid(voxels.shape[::-1], tuple(spacing)), host or TestHost())
