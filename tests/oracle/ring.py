"""The ring around a tumour by SciPy: distances of `scipy.ndimage`, and of a k-d tree over patient coordinates.

    python -m venv venv && venv/bin/pip install numpy scipy
    venv/bin/python tests/oracle/ring.py            # compares with ring.csv, which the tests compare the program with
    venv/bin/python tests/oracle/ring.py --write    # writes ring.csv

The masks are made of whole numbers alone, so that `ring.rs` makes the very same ones.
"""

import csv
import io
import pathlib
import sys

import numpy as np
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

STORED = pathlib.Path(__file__).with_name("ring.csv")

# Equal lengths may differ by rounding, as three steps of 0.1 mm do from 0.3 mm.
TOLERANCE = 1 + 1e-9

# dims; ellipsoids as centre and weights of the squared steps, with their limit; rows of the affine (RAS, mm).
CASES = {
    "anisotropic": (
        (40, 36, 20),
        [((16, 15, 9), (2, 3, 20), 200), ((24, 20, 11), (4, 2, 25), 150)],
        [[0.7, 0, 0, -31.5], [0, 0.9, 0, 12.25], [0, 0, 2.5, -400]],
    ),
    # Turned by 30° about z, then by 20° about x, then stretched to 1.1 × 0.8 × 1.7 mm.
    "oblique": (
        (34, 36, 28),
        [((15, 17, 13), (3, 2, 5), 190), ((20, 13, 15), (2, 4, 6), 120)],
        [
            [0.9526279441628827, -0.4, 0.0, 45.5],
            [0.5168309414322496, 0.6510381450794991, -0.5814342436536368, -10.75],
            [0.1881110788291178, 0.2369585061808191, 1.5974774553360442, 120.0],
        ],
    ),
}

# Outward and inward, mm. 2.5 is a whole step along an axis of the first case: a voxel at the limit is within.
RINGS = [(3.05, 0), (0, 1.21), (5.15, 2.05), (2.5, 2.5), (0.95, 0.75), (12.35, 30)]


def tumour(dims, ellipsoids):
    """Ellipsoids with a ragged surface and holes, one in 13 voxels turned over, in [x, y, z]."""
    x, y, z = np.indices(dims)
    inside = np.zeros(dims, bool)
    near = np.zeros(dims, bool)
    for (cx, cy, cz), (wx, wy, wz), limit in ellipsoids:
        square = wx * (x - cx) ** 2 + wy * (y - cy) ** 2 + wz * (z - cz) ** 2
        inside |= square <= limit
        near |= square <= limit + 60
    turned = (x * 73856093 ^ y * 19349663 ^ z * 83492791) % 13 == 0
    return inside ^ (near & turned)


def ring(mask, spacing, outward, inward):
    out = distance_transform_edt(~mask, sampling=spacing) <= outward * TOLERANCE
    into = distance_transform_edt(mask, sampling=spacing) <= inward * TOLERANCE
    return (~mask & out & (outward > 0)) | (mask & into & (inward > 0))


def ring_in_space(mask, affine, outward, inward):
    """The same without a grid's axes: distances between points in patient coordinates."""
    points = np.indices(mask.shape).reshape(3, -1).T @ affine[:, :3].T + affine[:, 3]
    flat = mask.ravel()
    to_tumour = cKDTree(points[flat]).query(points)[0]
    to_rest = cKDTree(points[~flat]).query(points)[0]
    found = (~flat & (to_tumour <= outward * TOLERANCE)) | (flat & (to_rest <= inward * TOLERANCE))
    return found.reshape(mask.shape)


def figures():
    yield ["case", "outward_mm", "inward_mm", "voxels"]
    for name, (dims, ellipsoids, rows) in CASES.items():
        mask = tumour(dims, ellipsoids)
        # NIfTI stores the affine in single precision.
        affine = np.float32(rows).astype(float)
        spacing = np.sqrt((affine[:, :3] ** 2).sum(axis=0))
        yield [name, "", "", mask.sum()]
        for outward, inward in RINGS:
            found = ring(mask, spacing, outward, inward)
            in_space = ring_in_space(mask, affine, outward, inward)
            assert (found == in_space).all(), f"{name}: the two ways of SciPy differ for {outward} and {inward} mm"
            yield [name, outward, inward, found.sum()]


def main():
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(figures())
    if sys.argv[1:] == ["--write"]:
        STORED.write_text(text.getvalue())
    elif STORED.read_text() != text.getvalue():
        sys.exit(f"{STORED} does not hold what SciPy says:\n{text.getvalue()}")
    print(f"{text.getvalue()}{text.getvalue().count(chr(10)) - 1} rings as stored")


if __name__ == "__main__":
    main()
