"""Pictures: those of a case, as PNG, and the figures of a study's report, as SVG."""

from __future__ import annotations

import io
import re
from html import unescape
from pathlib import Path
from typing import Any, Iterator, Mapping

from .errors import ProgramError

_LIST = "report.files"


class Picture:
    """A picture, which Jupyter shows."""

    def __init__(self, png: bytes):
        #: The bytes of a PNG file.
        self.png = png

    def save(self, path: str | Path) -> Path:
        """Writes the picture to a file, PNG."""
        path = Path(path)
        path.write_bytes(self.png)
        return path

    def figure(self, dpi: float = 100) -> Any:
        """The picture as a figure of matplotlib, which must be installed; a pixel is a dot of ``dpi``. It can be drawn upon."""
        from matplotlib.figure import Figure as Drawing
        from matplotlib.image import imread

        pixels = imread(io.BytesIO(self.png), format="png")
        made = Drawing(figsize=(pixels.shape[1] / dpi, pixels.shape[0] / dpi), dpi=dpi)
        axes = made.add_axes((0, 0, 1, 1))
        axes.imshow(pixels, interpolation="nearest", aspect="auto")
        axes.set_axis_off()
        return made

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"<Picture: {len(self.png)} bytes>"


class Figure:
    """A figure, which Jupyter shows."""

    def __init__(self, path: Path):
        #: Its file.
        self.path = path
        #: Its name: that of the file.
        self.name = path.stem
        #: The drawing, a text in SVG.
        self.svg = path.read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """Its title."""
        found = re.search(r"<title[^>]*>(.*?)</title>", self.svg, re.DOTALL)
        return unescape(found[1].strip()) if found else self.name

    def save(self, path: str | Path) -> Path:
        """Writes the drawing to a file."""
        path = Path(path)
        path.write_text(self.svg, encoding="utf-8")
        return path

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"<Figure {self.name!r}: {self.title}>"


class Figures(Mapping[str, Figure]):
    """The figures of a report by their names, in the order of the report. Jupyter shows all of them."""

    def __init__(self, figures: list[Figure]):
        self._of = {figure.name: figure for figure in figures}

    def __getitem__(self, name: str) -> Figure:
        return self._of[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._of)

    def __len__(self) -> int:
        return len(self._of)

    def _repr_html_(self) -> str:
        return "".join(f"<figure>{re.sub(r'^<[?]xml.*?[?]>', '', figure.svg).strip()}</figure>" for figure in self.values())

    def __repr__(self) -> str:
        return f"<Figures: {', '.join(self) or 'none'}>"


def of_report(folder: Path) -> Figures:
    """The figures that the report in a folder has written."""
    try:
        names = (folder / _LIST).read_text(encoding="utf-8").splitlines()
    except OSError:
        raise ProgramError(
            f"{folder} holds no report, and only a study writes one: an experiment with [cohorts]; see docs/study.md", code="results"
        ) from None
    return Figures([Figure(folder / name) for name in names if name.startswith("figures/") and name.endswith(".svg")])
