"""Negative controls by READII 1.39.0: the same image and region, many seeds, and what comes of it on average.

    venv/bin/pip install numpy scipy SimpleITK && venv/bin/pip install --no-deps readii==1.39.0
    venv/bin/python tests/oracle/controls.py --check    # compares with controls.csv, which a test of core/engine reads
    venv/bin/python tests/oracle/controls.py --write    # writes controls.csv

No two programs draw the same numbers. What can be compared is which voxels change, and the mean and standard deviation of statistics
over many seeds. The image is made by a formula, the region is a ball that is cut by the edge of the image.
"""

import csv
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path = [folder for folder in sys.path if pathlib.Path(folder or ".").resolve() != HERE]

import numpy as np
from readii.negative_controls_refactor import negative_controls as kinds
from readii.negative_controls_refactor import regions

STORED = HERE / "controls.csv"
SEEDS = 2000
KINDS = {"shuffled": kinds.ShuffledControl, "sampled": kinds.SampledControl, "uniform": kinds.RandomizedControl}
PLACES = {"region": regions.ROIRegion, "outside": regions.NonROIRegion, "scan": regions.FullRegion}

z, y, x = np.mgrid[0:9, 0:11, 0:13]
IMAGE = ((x * x * 7 + y * 13 + z * z * 29 + x * y * z) % 101 + 20 * x - 300).astype(np.int64)
MASK = ((x - 9) ** 2 + (y - 5) ** 2 + (z - 4) ** 2 <= 20).astype(np.int64)


def statistics(image):
    """Of the region, of what lies outside, and of neighbours along x."""
    inside = MASK == 1
    one, other = image[:, :, :-1].astype(float), image[:, :, 1:].astype(float)
    within, across = inside[:, :, :-1] & inside[:, :, 1:], inside[:, :, :-1] ^ inside[:, :, 1:]
    square = (one - other) ** 2
    return {
        "mean_inside": image[inside].mean(),
        "variance_inside": image[inside].var(),
        "mean_outside": image[~inside].mean(),
        "variance_outside": image[~inside].var(),
        "step_inside": square[within].mean(),
        "step_across": square[across].mean(),
        "distinct_inside": len(np.unique(image[inside])),
        "changed_inside": (image[inside] != IMAGE[inside]).mean(),
        "changed_outside": (image[~inside] != IMAGE[~inside]).mean(),
    }


def computed():
    rows = []
    for kind, control in KINDS.items():
        for place, region in PLACES.items():
            found = [statistics(control(random_seed=seed)(IMAGE.copy(), MASK, region())) for seed in range(SEEDS)]
            for name in found[0]:
                values = np.array([one[name] for one in found], float)
                rows.append([kind, place, name, repr(float(values.mean())), repr(float(values.std(ddof=1)))])
    return rows


if __name__ == "__main__":
    rows = computed()
    if sys.argv[1:] == ["--write"]:
        with STORED.open("w", newline="") as out:
            csv.writer(out, lineterminator="\n").writerows([["control", "where", "statistic", "mean", "sd"], *rows])
    else:
        stored = list(csv.reader(STORED.open()))[1:]
        assert [row[:3] for row in stored] == [row[:3] for row in rows]
        for one, other in zip(stored, rows):
            np.testing.assert_allclose([float(v) for v in one[3:]], [float(v) for v in other[3:]], rtol=1e-9, atol=1e-9)
    print(f"{len(rows)} statistics of {SEEDS} seeds each")
