"""Shells, cores and sectors of a tumour by SciPy, on the masks of `ring.py`.

    python -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python tests/oracle/layers.py            # compares with layers.csv, which the tests compare the program with
    venv/bin/python tests/oracle/layers.py --write    # writes layers.csv
"""

import csv
import io
import pathlib
import sys

import numpy as np
from scipy.ndimage import distance_transform_edt

from ring import CASES, TOLERANCE, ring, tumour

STORED = pathlib.Path(__file__).with_name("layers.csv")

# Below 0 inside, mm. 2.5 is a whole step along an axis of the first case.
DISTANCES = [-4.1, -2.5, -0.95, 0, 0.95, 2.5, 3.05, 6.2]
DEPTHS = [0, 0.95, 2.5]
SHARES = [0.1, 0.25, 0.5, 1]
SECTORS = [2, 4, 7]
# Sectors of a ring run from the centre of its tumour.
RING_MM = 3.05


def sector(mask, of, affine, count):
    """Number of the sector of each voxel, from 1: the first one's middle points to the front, then they turn to the left."""
    points = np.indices(mask.shape).reshape(3, -1).T @ affine[:, :3].T + affine[:, 3]
    centre = points[of.ravel()].mean(axis=0)
    right, front = (points - centre).T[:2]
    turn = np.arctan2(-right, front) / (2 * np.pi / count)
    return (np.floor(turn + 0.5 + 1e-9).astype(int) % count + 1).reshape(mask.shape)


def figures():
    yield ["case", "kind", "first", "second", "voxels"]
    for name, (dims, ellipsoids, rows) in CASES.items():
        mask = tumour(dims, ellipsoids)
        # NIfTI stores the affine in single precision.
        affine = np.float32(rows).astype(float)
        spacing = np.sqrt((affine[:, :3] ** 2).sum(axis=0))
        outside = distance_transform_edt(~mask, sampling=spacing)
        inside = distance_transform_edt(mask, sampling=spacing)
        # From the surface: above 0 outside, below 0 inside, and never 0.
        signed = np.where(mask, -inside, outside)
        for nearer, further in zip(DISTANCES, DISTANCES[1:]):
            if nearer >= 0:
                shell = (signed > nearer * TOLERANCE) & (signed <= further * TOLERANCE)
            else:
                shell = (signed >= nearer * TOLERANCE) & (signed < further * TOLERANCE)
            yield [name, "shell", nearer, further, shell.sum()]
        for depth in DEPTHS:
            yield [name, "deeper", depth, "", (mask & (inside > depth * TOLERANCE)).sum()]
        depths = np.sort(inside[mask])[::-1]
        for share in SHARES:
            least = depths[int(np.ceil(share * len(depths) * (2 - TOLERANCE))) - 1]
            yield [name, "share", share, "", (mask & (inside >= least * (2 - TOLERANCE))).sum()]
        for count in SECTORS:
            numbers = sector(mask, mask, affine, count)
            around = ring(mask, spacing, RING_MM, 0)
            for number in range(1, count + 1):
                yield [name, "tumour", number, count, (mask & (numbers == number)).sum()]
                yield [name, "ring", number, count, (around & (numbers == number)).sum()]


def main():
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(figures())
    if sys.argv[1:] == ["--write"]:
        STORED.write_text(text.getvalue())
    elif STORED.read_text() != text.getvalue():
        sys.exit(f"{STORED} does not hold what SciPy says:\n{text.getvalue()}")
    print(f"{text.getvalue()}{text.getvalue().count(chr(10)) - 1} layers as stored")


if __name__ == "__main__":
    main()
