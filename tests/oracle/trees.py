"""Boosted trees, and survival trees, of scikit-learn and scikit-survival on public tables: what they say of each row.

`python tests/oracle/trees.py` writes breast.csv, diabetes.csv and trees.csv beside this file, and with --check compares them instead. The trees
do not depend on the seed of the other programs, which this script makes sure of: no two splits are alike.
"""

import csv
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor
from sksurv.ensemble import GradientBoostingSurvivalAnalysis
from sksurv.tree import SurvivalTree
from sksurv.util import Surv

HERE = Path(__file__).parent
SETTINGS = {"n_estimators": 60, "learning_rate": 0.1, "max_depth": 3, "min_samples_leaf": 10}
TIMES = {
    "lung": ("time", "event", ["age", "sex", "ecog", "karno"], [180, 365, 500]),
    "veteran": ("time", "status", ["trt", "karno", "diagtime", "age", "prior"], [60, 180, 300]),
}


def certain(fit, said):
    """What every seed says."""
    found = [said(fit(seed)) for seed in range(5)]
    assert all(np.allclose(other, found[0], rtol=1e-12, atol=1e-12) for other in found), "the trees depend on the seed"
    return found[0]


def read(name):
    return pd.read_csv(HERE / "r" / f"{name}.csv")


def rows():
    swiss = read("swiss")
    x = swiss[["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]].to_numpy(float)
    y = swiss["Fertility"].to_numpy(float)
    found = certain(lambda seed: GradientBoostingRegressor(random_state=seed, **SETTINGS).fit(x, y), lambda m: m.predict(x))
    yield from (("swiss", "boosting", row, value) for row, value in enumerate(found))
    diabetes = pd.read_csv(HERE / "diabetes.csv")
    x, y = diabetes.iloc[:, :-1].to_numpy(float), diabetes["progression"].to_numpy()
    found = certain(lambda seed: GradientBoostingRegressor(random_state=seed, **SETTINGS).fit(x, y), lambda m: m.predict(x))
    yield from (("diabetes", "boosting", row, value) for row, value in enumerate(found))
    pima = read("pima").drop(columns="fold")
    for name, table, target in [("breast", pd.read_csv(HERE / "breast.csv"), "malignant"), ("pima", pima, "diabetes")]:
        x, y = table.drop(columns=target).to_numpy(float), table[target].to_numpy()
        found = certain(lambda seed: GradientBoostingClassifier(random_state=seed, **SETTINGS).fit(x, y), lambda m: m.decision_function(x))
        yield from ((name, "boosting", row, value) for row, value in enumerate(found))
    for name, (time, event, inputs, horizons) in TIMES.items():
        table = read(name)
        x = table[inputs].to_numpy(float)
        y = Surv.from_arrays(table[event].to_numpy() == 1, table[time].to_numpy())
        found = certain(lambda seed: GradientBoostingSurvivalAnalysis(random_state=seed, **SETTINGS).fit(x, y), lambda m: m.predict(x))
        yield from ((name, "boosting", row, value) for row, value in enumerate(found))

        def tree(seed):
            return SurvivalTree(min_samples_leaf=15, random_state=seed).fit(x, y)

        yield from ((name, "mortality", row, value) for row, value in enumerate(certain(tree, lambda m: m.predict(x))))
        for horizon in horizons:
            for what, curves in [
                ("survival", lambda m: m.predict_survival_function(x)),
                ("hazard", lambda m: m.predict_cumulative_hazard_function(x)),
            ]:
                found = certain(tree, lambda m: np.array([curve(horizon) for curve in curves(m)]))
                yield from ((name, f"{what} {horizon}", row, value) for row, value in enumerate(found))


def table_of_breast():
    data = load_breast_cancer()
    table = pd.DataFrame(data.data[:, :10], columns=[name.replace(" ", "_") for name in data.feature_names[:10]])
    return table.assign(malignant=1 - data.target)


def table_of_diabetes():
    data = load_diabetes(scaled=False)
    return pd.DataFrame(data.data, columns=data.feature_names).assign(progression=data.target)


TABLES = {"breast": table_of_breast, "diabetes": table_of_diabetes}

if "--check" not in sys.argv:
    for name, table in TABLES.items():
        table().to_csv(HERE / f"{name}.csv", index=False)
    with open(HERE / "trees.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["table", "figure", "row", "value"])
        writer.writerows((table, figure, row, repr(float(value))) for table, figure, row, value in rows())
    sys.exit()
for name, table in TABLES.items():
    assert np.array_equal(table().to_numpy(float), pd.read_csv(HERE / f"{name}.csv").to_numpy(float)), name
with open(HERE / "trees.csv", newline="") as file:
    stored = [(row["table"], row["figure"], int(row["row"]), float(row["value"])) for row in csv.DictReader(file)]
again = list(rows())
assert [row[:3] for row in stored] == [row[:3] for row in again]
worst = max(abs(a[3] - b[3]) for a, b in zip(stored, again))
assert worst < 1e-9, worst
print(f"{len(stored)} figures of trees, the largest difference {worst:.1e}")
