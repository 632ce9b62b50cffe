"""Diameters of made regions, as tests/oracle/diameter.csv has them.

    python tests/oracle/diameter.py            # writes the table
    python tests/oracle/diameter.py --check    # computes it again

Outlines are those of contourpy 1.3 (of matplotlib) at one half, distances those of SciPy. A region is a row: its size, its spacing, its
pixels as 0 and 1 row after row, the longest diameter, the longest one at a right angle to it, and their product. No region has pixels that
touch at a corner only: there contourpy joins what we take apart.
"""

import pathlib
import sys

import contourpy
import numpy
from scipy.spatial.distance import pdist, squareform

TABLE = pathlib.Path(__file__).with_suffix(".csv")


def regions():
    """Masks with their spacings (x, y)."""
    y, x = numpy.mgrid[:24, :30]
    disc = (x - 14.3) ** 2 + (y - 11.8) ** 2
    yield disc < 81, (1.0, 1.0)
    yield disc < 81, (0.5, 0.8)
    yield (disc < 81) & (disc > 25), (0.7, 0.7)
    yield (disc < 100) & (x > 12), (1.2, 0.9)
    yield (disc < 100) & ((x < 10) | (y > 14)), (0.77, 0.77)
    yield numpy.ones((7, 11), bool), (0.33, 0.47)
    yield numpy.ones((8, 8), bool), (0.9, 0.9)
    yield numpy.ones((1, 9), bool), (0.5, 0.5)
    yield numpy.ones((9, 1), bool), (0.5, 2.0)
    yield numpy.abs(x - 12) + 2 * numpy.abs(y - 10) < 15, (0.9, 0.4)
    yield (x > 3) & (x < 9) | (y > 15) & (y < 19), (0.8, 0.8)
    yield numpy.array([[1, 1], [1, 0]], bool), (2.0, 3.0)
    yield (x > 2) & (x < 7) & (y > 2) & (y < 20) | (x > 20) & (x < 25) & (y > 9) & (y < 13), (1.0, 1.1)
    for turns in [0.35, 1.1, 2.0]:
        u = numpy.cos(turns) * (x - 15) + numpy.sin(turns) * (y - 12)
        v = -numpy.sin(turns) * (x - 15) + numpy.cos(turns) * (y - 12)
        yield (u / 10) ** 2 + (v / 4) ** 2 < 1, (0.45, 0.45)


def diameters(mask, spacing):
    """The longest diameter, and the longest one at a right angle to it."""
    padded = numpy.pad(mask.astype(float), 1)
    lines = contourpy.contour_generator(z=padded).lines(0.5)
    lines = [line * spacing for line in lines]
    points = numpy.concatenate(lines)
    apart = squareform(pdist(points))
    longest = apart.max()
    short = 0.0
    for i, j in numpy.argwhere(apart >= longest * (1 - 1e-9)):
        axis = (points[j] - points[i]) / apart[i, j]
        beside = numpy.array([-axis[1], axis[0]])
        for place in points @ axis:
            reached = []
            for line in lines:
                along, across = line @ axis, line @ beside
                a, b, c, d = along[:-1], along[1:], across[:-1], across[1:]
                met = (numpy.minimum(a, b) <= place + 1e-9) & (numpy.maximum(a, b) >= place - 1e-9)
                flat = met & (numpy.abs(b - a) <= 1e-9)
                slanted = met & ~flat
                share = numpy.clip((place - a[slanted]) / (b - a)[slanted], 0, 1)
                reached += [c[flat], d[flat], c[slanted] + share * (d - c)[slanted]]
            reached = numpy.concatenate(reached)
            short = max(short, reached.max() - reached.min())
    return longest, short


def rows():
    yield "width,height,spacing_x,spacing_y,mask,longest,short_axis,product"
    for mask, spacing in regions():
        longest, short = diameters(mask, numpy.array(spacing))
        pixels = "".join(str(int(pixel)) for pixel in mask.ravel())
        height, width = mask.shape
        yield f"{width},{height},{spacing[0]},{spacing[1]},{pixels},{longest:.12g},{short:.12g},{longest * short:.12g}"


def close(one, other):
    """Whether two rows have the same numbers, but for rounding."""
    one, other = one.split(","), other.split(",")
    return one[:5] == other[:5] and all(abs(float(a) - float(b)) <= 1e-9 * float(b) for a, b in zip(one[5:], other[5:]))


found = list(rows())
if "--check" in sys.argv:
    stored = TABLE.read_text().splitlines()
    wrong = [row for row in zip(stored[1:], found[1:]) if not close(*row)]
    assert len(stored) == len(found) and not wrong, wrong
    print(f"{len(found) - 1} regions: diameters as they are stored")
else:
    TABLE.write_text("\n".join(found) + "\n")
