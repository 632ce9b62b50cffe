"""What features look at, as arrays: regions with their rings, the responses of filters, and maps of features."""

from __future__ import annotations

from typing import Any, Iterator, Mapping, NamedTuple, Sequence, TypeVar

import numpy as np

from . import _arrays, _files, _engine
from .errors import InputError, warn
from .experiment import Experiment
from .features import WARNING, asked, fault

__all__ = ["Image", "Images", "Region", "Regions", "filtered", "maps", "regions"]


class Grid(NamedTuple):
    """A grid of voxels, with SimpleITK's conventions: LPS, mm."""

    #: Number of voxels along z, y and x: the shape of an array.
    shape: tuple[int, int, int]
    #: Distance of the voxels' centres along x, y and z, mm.
    spacing: tuple[float, float, float]
    #: Centre of the first voxel, mm.
    origin: tuple[float, float, float]
    #: Nine numbers: a matrix by rows whose columns are the axes.
    direction: tuple[float, ...]


Box = tuple[slice, slice, slice]


class Voxels:
    """Voxels in a box of the grid of the features, indexed ``[z, y, x]``, with their place."""

    def __init__(self, name: str, grid: Grid, box: Box, origin: tuple[float, float, float]):
        #: Their name, as in tables.
        self.name = name
        #: The whole grid that the features are computed on.
        self.grid = grid
        #: The box, as indices into an array over the whole grid.
        self.box = box
        #: Centre of the first voxel of the box, mm, LPS.
        self.origin = origin

    @property
    def array(self) -> np.ndarray:
        """The voxels in the box."""
        raise NotImplementedError

    def on_grid(self) -> np.ndarray:
        """The same on the whole grid: a mask is False outside the box, an image NaN."""
        raise NotImplementedError

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Distance of the voxels' centres along x, y and z, mm."""
        return self.grid.spacing

    @property
    def direction(self) -> tuple[float, ...]:
        """The direction as SimpleITK has it: nine numbers."""
        return self.grid.direction

    def to_sitk(self) -> Any:
        """The box as an image of SimpleITK, which must be installed; a mask has the type uint8."""
        import SimpleITK

        plain = self.array.astype(np.uint8) if self.array.dtype == bool else self.array
        image = SimpleITK.GetImageFromArray(plain)
        image.SetSpacing(self.spacing)
        image.SetOrigin(self.origin)
        image.SetDirection(self.direction)
        return image

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        array = self.array if dtype is None else self.array.astype(dtype, copy=False)
        if copy is False and array is not self.array:
            raise ValueError(f"{self.name} has elements of the type {self.array.dtype}: there is no {dtype} without a copy")
        return array.copy() if copy and array is self.array else array

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}: {' x '.join(map(str, self.array.shape))}, {self.array.dtype}>"


class Region(Voxels):
    """A region."""

    def __init__(
        self, name: str, grid: Grid, box: Box, origin: tuple[float, float, float], own: Box, morphological: np.ndarray, intensity: np.ndarray,
    ):
        super().__init__(name, grid, box, origin)
        # Of many components, only their own boxes are kept.
        self._own, self._morphological, self._intensity = own, morphological, intensity

    @property
    def array(self) -> np.ndarray:
        """The morphological mask in the box, True inside; made when it is asked for."""
        return self._placed(self._morphological, self.box)

    @property
    def intensity(self) -> np.ndarray:
        """The same of what re-segmentation leaves of it: the voxels whose intensities count."""
        return self._placed(self._intensity, self.box)

    @property
    def volume_ml(self) -> float:
        """Volume of its voxels, mL."""
        x, y, z = self.spacing
        return float(np.count_nonzero(self._morphological)) * (x * y * z) / 1000.0

    def on_grid(self) -> np.ndarray:
        return self._placed(self._morphological, _box((0, 0, 0), self.grid.shape))

    def _placed(self, mask: np.ndarray, box: Box) -> np.ndarray:
        whole = np.zeros([axis.stop - axis.start for axis in box], bool)
        i, j, k = (slice(own.start - axis.start, own.stop - axis.start) for own, axis in zip(self._own, box))
        whole[i, j, k] = mask
        return whole


class Image(Voxels):
    """The original image, a response or a map."""

    def __init__(
        self, name: str, grid: Grid, box: Box, origin: tuple[float, float, float], values: np.ndarray, unit: str, region: str | None = None,
    ):
        super().__init__(name, grid, box, origin)
        self._values = values
        #: The unit of the values; empty if it is not known.
        self.unit = unit
        #: The region whose voxels have values, if it is a map.
        self.region = region

    @property
    def array(self) -> np.ndarray:
        """The values in the box, float64; NaN between regions that lie apart, where nothing was made, and where a map has no value."""
        return self._values

    def on_grid(self) -> np.ndarray:
        if self._values.shape == self.grid.shape:
            return self._values
        whole = np.full(self.grid.shape, np.nan)
        whole[self.box] = self._values
        return whole


V = TypeVar("V", bound=Voxels)


class _Named(Mapping[str, V]):
    """Arrays of one case by name. All fill the same box, so one may index another."""

    def __init__(self, case: str, found: dict[str, V], told: Mapping[str, Any]):
        #: Name of the case.
        self.case = case
        self._of = found
        #: What could not be had: (stage, region or None, message).
        self.faults: list[tuple[str, str | None, str]] = told["faults"]
        #: What may make a number wrong.
        self.warnings: list[str] = [text for level, text in told["log"] if level >= WARNING]

    def __getitem__(self, name: str) -> V:
        return self._of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.case!r}: {', '.join(self) or 'none'}>"


class Regions(_Named[Region]):
    """The regions of a case by name; ``tumour.2`` is a component."""


class Images(_Named[Image]):
    """The images of a case by name."""


def regions(
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
    case: str = "case",
    threads: int | None = None,
) -> Regions:
    """The regions of a case, rings among them, as the features see them: after interpolation, limits and exclusions.

    Arguments are those of :func:`voxomics.extract`. The arrays of all regions fill one box, which holds all that features look at;
    :meth:`Region.on_grid` gives the whole grid, and :attr:`Region.grid` its place.

    Raises :class:`CaseError` if there is no region; a region that alone cannot be had is a warning.

    >>> image, mask = np.zeros((5, 9, 9)), np.zeros((5, 9, 9))
    >>> mask[1:4, 3:6, 3:6] = 1
    >>> ringed = {"regions": {"tumour": {}, "ring": {"ring_of": "tumour", "outward_mm": 1.0}}, "features": {"statistics": {}}}
    >>> int(regions(image, mask, ringed, spacing=(1, 1, 1), axes="zyx")["ring"].array.sum())
    54
    """
    given = _Given(spacing, origin, direction, axes, label, region, series, modality, case, threads)
    told = given.look(image, mask, Experiment.of(experiment), images=False)
    return given.result(Regions, _regions(told), told)


def filtered(
    image: Any,
    mask: Any = None,
    experiment: Any = None,
    *,
    filter: str | None = None,
    settings: Mapping[str, Any] | None = None,
    spacing: Any = None,
    origin: Any = None,
    direction: Any = None,
    axes: str | None = None,
    label: float | None = None,
    region: str | None = None,
    series: str | None = None,
    modality: str | None = None,
    case: str = "case",
    threads: int | None = None,
) -> Images:
    """The images that features are computed of: responses of filters, and the original on the grid of the features.

    With a mask, they fill the box that features look at, the same as that of :func:`regions`, and have the features' own bits.
    Without one, they reach from edge to edge. A filter that looks at regions needs a mask.

    ``experiment`` says which images there are; or ``filter`` names one, with its ``settings`` (docs/filters.md):

    >>> image = np.zeros((5, 9, 9))
    >>> image[2, 4, 4] = 27
    >>> float(filtered(image, filter="mean", settings={"support_voxels": 3}, spacing=(1, 1, 1), axes="zyx")["mean"].array[2, 4, 5])
    1.0

    Other arguments are those of :func:`voxomics.extract`. Raises :class:`CaseError` if there is no image; an image that alone cannot
    be had is a warning.
    """
    given = _Given(spacing, origin, direction, axes, label, region, series, modality, case, threads)
    told = given.look(image, mask, _experiment(experiment, filter, settings), images=True)
    return given.result(Images, {name: image for name, image in _images(told).items() if image.region is None}, told)


def maps(
    image: Any,
    mask: Any,
    experiment: Any,
    *,
    spacing: Any = None,
    origin: Any = None,
    direction: Any = None,
    axes: str | None = None,
    label: float | None = None,
    region: str | None = None,
    series: str | None = None,
    modality: str | None = None,
    case: str = "case",
    threads: int | None = None,
) -> Images:
    """The maps of an experiment (``[maps.NAME]``, docs/maps.md): a value for each voxel of a region from the voxels around it.

    They fill the box that features look at, as :func:`regions` does, and are NaN where there is no value; ``fill`` is for files.

    >>> image, mask = np.zeros((5, 9, 9)), np.zeros((5, 9, 9))
    >>> image[2, 4, 4], mask[1:4, 3:6, 3:6] = 27, 1
    >>> mapped = {"regions": {"tumour": {}}, "maps": {"local": {"family": "statistics", "only": "mean"}}}
    >>> float(maps(image, mask, mapped, spacing=(1, 1, 1), axes="zyx")["local.mean"].array[1, 1, 1])
    1.0

    Other arguments are those of :func:`voxomics.extract`. Raises :class:`CaseError` if there is no map; a map that alone cannot be
    had is a warning.
    """
    given = _Given(spacing, origin, direction, axes, label, region, series, modality, case, threads)
    return given.maps(image, mask, Experiment.of(experiment))[0]


def _images(told: Mapping[str, Any]) -> dict[str, Image]:
    found: dict[str, Image] = {}
    for scan in told["scans"]:
        for name, unit, region, values in scan["images"]:
            found[name] = Image(name, *_place(scan), np.asarray(values), unit, region)
    return found


def _regions(told: Mapping[str, Any]) -> dict[str, Region]:
    found: dict[str, Region] = {}
    for scan in told["scans"]:
        for name, start, lengths, morphological, intensity in scan["regions"]:
            own = _box(start[::-1], lengths[::-1])
            found[name] = Region(name, *_place(scan), own, np.asarray(morphological) != 0, np.asarray(intensity) != 0)
    return found


def _experiment(experiment: Any, filter: str | None, settings: Mapping[str, Any] | None) -> Experiment:
    if filter is None:
        if settings is not None:
            raise InputError("settings without a filter: name it, as in filter=\"mean\"", key="settings")
        return Experiment.of(experiment)
    if experiment is not None:
        raise InputError("an experiment and a filter: give one of them", key="filter")
    return Experiment({"images": {filter: {"filter": filter, **(settings or {})}}})


class _Given(NamedTuple):
    """What the caller says beside image, mask and experiment."""

    spacing: Any
    origin: Any
    direction: Any
    axes: str | None
    label: float | None
    region: str | None
    series: str | None
    modality: str | None
    case: str
    threads: int | None

    def look(self, image: Any, mask: Any, plan: Experiment, images: bool) -> dict[str, Any]:
        with _files.files(image, mask, self.axes) as (image, mask):
            stated = asked(
                image, mask, grid=_arrays.grid_of(self.spacing, self.origin, self.direction), axes=self.axes, label=self.label,
                region=self.region, series=self.series, columns={} if self.modality is None else {"modality": self.modality},
                case=self.case, outlined=not images or mask is not None,
            )
            try:
                return plan._plan.voxels(stated, images, self.threads or 0)
            except _engine.Refused as refused:
                raise InputError(str(refused), case=self.case) from None

    def maps(self, image: Any, mask: Any, plan: Experiment, depth: int = 5) -> tuple[Images, dict[str, Region]]:
        """The maps, and the regions that they are of."""
        told = self.look(image, mask, plan, images=True)
        found = {name: image for name, image in _images(told).items() if image.region is not None}
        return self.result(Images, found, told, depth), _regions(told)

    def result(self, kind: type[Any], found: dict[str, Any], told: dict[str, Any], depth: int = 4) -> Any:
        if not found and told["faults"]:
            raise fault(self.case, told["faults"])
        made = kind(self.case, found, told)
        for text in made.warnings:
            warn(text, self.case, depth=depth)
        for stage, of_region, message in made.faults:
            warn(f"{f'{of_region}: ' if of_region else ''}{stage}: {message}", self.case, depth=depth)
        return made


def _place(scan: dict[str, Any]) -> tuple[Grid, Box, Any]:
    """Grid, box and the box's first voxel."""
    x, y, z = scan["dims"]
    axes = scan["axes"]
    direction = tuple(axes[axis][row] for row in range(3) for axis in range(3))
    grid = Grid((z, y, x), tuple(scan["spacing"]), tuple(scan["origin"]), direction)
    return grid, _box(scan["start"][::-1], scan["lengths"][::-1]), tuple(scan["corner"])


def _box(start: Sequence[int], lengths: Sequence[int]) -> Box:
    i, j, k = (slice(at, at + length) for at, length in zip(start, lengths))
    return i, j, k
