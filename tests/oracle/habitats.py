"""Clusters of made points by scikit-learn, from stated starts: k-means, Gaussian mixtures, and the criteria of their number.

    python tests/oracle/habitats.py --check    # compares with habitats.csv, which the tests compare the program with
    python tests/oracle/habitats.py            # writes habitats.csv

The points are made of whole numbers, so that the tests make the very same ones.
"""

import csv
import io
import sys
from pathlib import Path

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score
from sklearn.mixture import GaussianMixture

STORED = Path(__file__).with_name("habitats.csv")
ROUNDS, TOLERANCE = 1000, 1e-6


def points(count, dims):
    """Heaps that overlap: each axis has another tissue, and triangular noise of whole numbers."""
    i = np.arange(count)[:, None]
    j = np.arange(dims)[None, :]
    heap = (i * 7 + i // 5) % 4
    centre = (heap * (3 + 2 * j) * 40 + (heap ^ (j + 1)) * 60) % 400
    noise = (i * (7919 + 104 * j) + i * i * (31 + j)) % 211 + (i * (6101 + 17 * j) + 13 * i * i) % 197
    return (centre + noise).astype(float)


def start(x, number):
    """Rows of the points, evenly apart."""
    return x[[(2 * k + 1) * len(x) // (2 * number) for k in range(number)]]


def rows():
    for count, dims, number in [(600, 1, 2), (600, 2, 3), (900, 3, 4), (900, 3, 6)]:
        x = points(count, dims)
        name = f"{count}x{dims}"
        found = KMeans(number, init=start(x, number), n_init=1, max_iter=ROUNDS, tol=0).fit(x)
        yield name, number, "k-means", "labels", found.labels_
        yield name, number, "k-means", "centres", found.cluster_centers_.ravel()
        yield name, number, "k-means", "inertia", [found.inertia_]
        yield name, number, "k-means", "calinski-harabasz", [calinski_harabasz_score(x, found.labels_)]
        for kind, word in [("full", "full"), ("diag", "diagonal")]:
            variances = np.tile(x.var(axis=0), (number, 1))
            precisions = 1 / variances if kind == "diag" else np.array([np.diag(1 / v) for v in variances])
            mixture = GaussianMixture(
                number,
                covariance_type=kind,
                weights_init=np.full(number, 1 / number),
                means_init=start(x, number),
                precisions_init=precisions,
                max_iter=ROUNDS,
                tol=TOLERANCE,
                reg_covar=1e-6,
            ).fit(x)
            assert mixture.converged_
            yield name, number, word, "labels", mixture.predict(x)
            yield name, number, word, "weights", mixture.weights_
            yield name, number, word, "means", mixture.means_.ravel()
            yield name, number, word, "covariances", mixture.covariances_.ravel()
            yield name, number, word, "rounds", [mixture.n_iter_]
            yield name, number, word, "bic", [mixture.bic(x)]


def table():
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["points", "number", "method", "figure", "values"])
    for name, number, method, figure, values in rows():
        whole = figure in ("labels", "rounds")
        words = "".join(map(str, values)) if figure == "labels" else " ".join(str(v) if whole else repr(float(v)) for v in values)
        writer.writerow([name, number, method, figure, words])
    return out.getvalue()


def compared(found, stored):
    """How many figures there are; fails if one of them differs."""
    found, stored = (list(csv.reader(io.StringIO(text)))[1:] for text in (found, stored))
    assert len(found) == len(stored), f"{len(found)} figures, {len(stored)} are stored"
    for new, old in zip(found, stored):
        assert new[:4] == old[:4], f"{new[:4]} is not {old[:4]}"
        if new[3] in ("labels", "rounds"):
            assert new[4] == old[4], f"{new[:4]} differ"
        else:
            a, b = (np.array(row[4].split(), float) for row in (new, old))
            assert np.allclose(a, b, rtol=1e-9, atol=0), f"{new[:4]}: {a} is not {b}"
    return len(found)


if "--check" in sys.argv:
    print(f"{compared(table(), STORED.read_text())} figures as stored")
else:
    STORED.write_text(table())
