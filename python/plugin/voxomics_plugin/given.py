"""What a plugin is given: arrays of the program, with their geometry."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any, Callable, Iterator, Mapping

import numpy as np

from .errors import CANCELLED, Failure, Undefined


class Host:
    """The program's services during a call: log, time, files."""

    def __init__(self, log: Callable[[int, str], None], stop: Callable[[], int], open_file: Callable[[str], Any], seed: int = 0,
                 list_folder: Callable[[str], list[str]] = lambda folder: sorted(os.listdir(folder)),
                 tell: Callable[[float], None] = lambda fraction: None):
        self._log, self._stop, self._open, self._list, self._tell = log, stop, open_file, list_folder, tell
        #: The seed for anything random: the same for the same experiment and case.
        self.seed = seed

    def debug(self, text: str) -> None:
        self._log(0, text)

    def info(self, text: str) -> None:
        self._log(1, text)

    def warning(self, text: str) -> None:
        """Warns of something that may make a number wrong."""
        self._log(2, text)

    def check(self) -> None:
        """Raises if the run is being given up, or the time for this call is over. A long call asks now and then."""
        if self._stop():
            raise Failure("the run is given up", code=CANCELLED)

    def open(self, path: str):
        """Opens a file of the case for reading; the program notes it, so that its bytes are part of the case's identity."""
        return self._open(path)

    def list(self, folder: str) -> list[str]:
        """The names in a folder of the case, sorted."""
        return self._list(folder)

    def progress(self, fraction: float) -> None:
        """Tells how far a long call has come, 0 to 1."""
        self._tell(float(fraction))


@dataclass(frozen=True)
class Grid:
    """Where voxels are: the centre of voxel (i, j, k) is origin + sum of index x spacing x direction, in LPS and mm."""

    #: Number of voxels along x, y, z.
    dims: tuple[int, int, int]
    #: Distance between neighbouring centres along x, y, z, mm.
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)
    #: Centre of the first voxel, LPS, mm.
    origin: tuple[float, float, float] = (0.0, 0.0, 0.0)
    #: The unit vectors of the axes x, y, z, LPS.
    direction: tuple[tuple[float, float, float], ...] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))

    @classmethod
    def from_numbers(cls, dims, numbers: np.ndarray) -> "Grid":
        n = [float(x) for x in numbers]
        return cls(tuple(int(d) for d in dims), tuple(n[0:3]), tuple(n[3:6]), (tuple(n[6:9]), tuple(n[9:12]), tuple(n[12:15])))

    def numbers(self) -> np.ndarray:
        """The fifteen numbers that cross: spacing, origin, the three axes."""
        axes = [x for axis in self.direction for x in axis]
        return np.array([*self.spacing, *self.origin, *axes], dtype=np.float64)

    @property
    def shape(self) -> tuple[int, int, int]:
        """The shape of an array on this grid: (z, y, x)."""
        return self.dims[2], self.dims[1], self.dims[0]


@dataclass(frozen=True)
class Image:
    """An image in the box around the regions."""

    #: The intensities, float64, indexed [z, y, x]; read-only.
    voxels: np.ndarray
    grid: Grid
    host: Host
    #: Unit of an intensity, such as ``HU``; empty if it is not known.
    unit: str = ""
    #: The masks of regions by name, 1 inside, uint8: for filters that see regions, for what is fitted, for makers of regions.
    regions: Mapping[str, np.ndarray] = field(default_factory=dict)
    #: For a maker of regions that sees several images: their intensities by name, all on this grid. The first is ``voxels``.
    images: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between neighbouring centres along x, y, z, mm."""
        return self.grid.spacing


@dataclass(frozen=True)
class Region:
    """A region of an image, ready for features. All arrays are indexed [z, y, x] and read-only."""

    #: The image, or a response map of it, float64.
    image: np.ndarray
    #: 1 inside the morphological mask, uint8.
    morphological_mask: np.ndarray
    #: 1 inside the intensity mask (after re-segmentation), uint8.
    intensity_mask: np.ndarray
    #: Discretised levels 1 ... level_count inside the intensity mask, 0 outside; None unless asked for (``levels=True``).
    levels: np.ndarray | None
    #: Number of grey levels; 0 unless asked for.
    level_count: int
    grid: Grid
    host: Host
    #: Unit of an intensity, such as ``HU``; empty if it is not known.
    unit: str = ""

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance between neighbouring centres along x, y, z, mm."""
        return self.grid.spacing

    def intensities(self) -> np.ndarray:
        """The intensities inside the intensity mask, x fastest: a copy of one dimension."""
        return self.image[self.intensity_mask != 0]


@dataclass(frozen=True)
class LoadRequest:
    """What a loader is asked for."""

    #: The file or folder.
    path: str
    #: ``image`` or ``mask``.
    role: str
    #: For a mask: the grid of the image that it belongs to, or None.
    reference: Grid | None
    #: What is wanted of a path that holds several things: ``series``, ``regions``.
    selection: Mapping[str, Any]
    #: The most bytes of voxels that may be put into memory.
    max_bytes: int
    host: Host


@dataclass(frozen=True)
class Input:
    """One input of a prediction: a value, or the reason why there is none."""

    name: str
    number: float
    missing: str | None = None

    @property
    def value(self) -> float:
        """The value; raises :class:`Undefined` with the reason if there is none."""
        if self.missing is not None:
            raise Undefined(f"{self.name}: {self.missing}")
        return self.number


@dataclass(frozen=True)
class Column:
    """A column of the features."""

    #: Its name in tables.
    name: str
    #: Its IBSI code; empty if it has none.
    ibsi: str
    unit: str


@dataclass(frozen=True)
class ExportedScore:
    """A prediction of a case."""

    #: The predictor or model.
    model: str
    #: Number of the component, where each is a region of its own.
    component: int | None
    #: Name and meaning (``score``, ``risk``, ``probability``) of each output, and its value, or :class:`Undefined` with the reason.
    outputs: list[tuple[str, str, float | Undefined]]
    #: Why the score is doubtful, one sentence each.
    doubts: list[str]


@dataclass(frozen=True)
class ExportedCase:
    """The results of a case, for an exporter."""

    name: str
    columns: list[Column]
    #: The regions of the rows, as tables name them.
    rows: list[str]
    #: The values, one row per region, one column per feature; NaN where there is none.
    values: np.ndarray
    #: Why a value is not defined, by the numbers of row and column. A feature that was not computed has none.
    reasons: Mapping[tuple[int, int], str]
    scores: list[ExportedScore]
    #: Acquisition metadata by DICOM attribute name.
    metadata: Mapping[str, Any]
    #: Masks of the regions by name, 1 inside, uint8, indexed [z, y, x]; empty unless asked for.
    regions: Mapping[str, np.ndarray]
    #: Volume of these regions, mL.
    volumes_ml: Mapping[str, float]
    #: The image on the same grid, float64; None unless asked for.
    image: np.ndarray | None
    #: Where the voxels are; None if there are none.
    grid: Grid | None
    host: Host


@dataclass(frozen=True)
class Table:
    """What a predictor learns from."""

    #: Names of the columns.
    columns: list[str]
    #: The values, one row per lesion, one column per name; NaN where missing.
    values: np.ndarray
    #: Which columns are what.
    design: Mapping[str, Any]
    host: Host
    _index: dict[str, int] = field(default_factory=dict, repr=False)

    def __post_init__(self):
        self._index.update({name: at for at, name in enumerate(self.columns)})

    def __getitem__(self, column: str) -> np.ndarray:
        return self.values[:, self._index[column]]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)
