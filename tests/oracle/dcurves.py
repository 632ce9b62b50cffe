"""Decision curves by dcurves, on real tables: python3 tests/oracle/dcurves.py --check (or --write)

Of a time: the halves of R's gbsg, lung and veteran that risk.R has not learnt from, with the risks that follow from its baseline hazard
(r/risk-*.csv and r/risk.csv). Of a class: the breast masses of statistics.py, and the women of r/pima.csv, with the probabilities of a
logistic line of one input.
"""

import pathlib
import sys

# This file has the name of the package, which must be found first.
HERE = pathlib.Path(__file__).resolve().parent
sys.path = [folder for folder in sys.path if pathlib.Path(folder or ".").resolve() != HERE]

import numpy as np
import pandas as pd
from dcurves import dca
from sklearn.datasets import load_breast_cancer

STORED = HERE / "dcurves.csv"
THRESHOLDS = [percent / 100 for percent in range(5, 100, 5)]
HORIZONS = {"gbsg": 1000, "lung": 365, "veteran": 100}


def written(values):
    return " ".join("none" if value is None or np.isnan(value) else repr(float(value)) for value in values)


def figures():
    risks = dict(line.split(",") for line in (HERE / "r" / "risk.csv").read_text().splitlines())
    for name, horizon in HORIZONS.items():
        times, hazard = np.split(np.array(risks[f"{name}.baseline.efron"].split(), float), 2)
        table = pd.read_csv(HERE / "r" / f"risk-{name}.csv")
        table = table[table.learnt == 0]
        table["risk"] = 1 - np.exp(-hazard[times <= horizon][-1] * np.exp(table.eta))
        found = dca(table, "event", ["risk"], THRESHOLDS, time=horizon, time_to_outcome_col="time")
        for model in ("risk", "all"):
            yield f"{name}.{model}", found[found.model == model].net_benefit
    masses = load_breast_cancer()
    # Malignant is 0 there.
    table = pd.DataFrame({"y": 1 - masses.target, "p": 1 / (1 + np.exp(-(masses.data[:, 1] - 20) / 4))})
    pima = pd.read_csv(HERE / "r" / "pima.csv")
    women = pd.DataFrame({"y": pima.diabetes, "p": 1 / (1 + np.exp(-(pima.glu - 140) / 20))})
    for name, table in (("breast", table), ("pima", women)):
        found = dca(table, "y", ["p"], THRESHOLDS)
        for model in ("p", "all"):
            yield f"{name}.{model}", found[found.model == model].net_benefit
        yield f"{name}.predicted", table.p
        yield f"{name}.outcome", table.y


lines = [f"{key},{written(values)}" for key, values in figures()]
if "--write" in sys.argv:
    STORED.write_text("\n".join(lines) + "\n")
else:
    stored = STORED.read_text().splitlines()
    assert len(stored) == len(lines)
    for old, new in zip(stored, lines):
        (key, old), (same, new) = old.split(","), new.split(",")
        assert key == same
        pairs = [(a, b) for a, b in zip(old.split(), new.split(), strict=True) if a != b]
        assert all(abs(float(a) - float(b)) < 1e-9 for a, b in pairs), key
print(f"dcurves: {len(lines)} rows as stored")
