"""Intraclass correlations by pingouin: the six forms with F, degrees of freedom, p and 95 % interval.

    venv/bin/python tests/oracle/icc.py --check    # compares with icc.csv, which the tests of core/statistics read
    venv/bin/python tests/oracle/icc.py --write    # writes icc.csv

`icc.R` holds psych (lmer = FALSE) against the same tables. `judges` are the six subjects and four judges of Shrout and Fleiss (1979);
the others are drawn here, with so few digits that the text is the number.
"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path = [folder for folder in sys.path if pathlib.Path(folder or ".").resolve() != HERE]

import numpy as np
import pandas as pd
import pingouin as pg

STORED = HERE / "icc.csv"
# Its intervals are rounded to two digits by default.
pg.options["round.column.CI95"] = None


def drawn(seed, subjects, raters, of_subject, of_rater, rest):
    """Subjects in rows, raters in columns."""
    chance = np.random.default_rng(seed)
    table = chance.normal(0, of_subject, (subjects, 1)) + chance.normal(0, of_rater, (1, raters))
    return np.round(table + chance.normal(0, rest, (subjects, raters)), 4)


JUDGES = np.array([9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7], float).reshape(6, 4)
TABLES = {
    "judges": JUDGES,
    "steady": drawn(1, 12, 3, 5, 0.1, 0.3),
    "offset": drawn(2, 15, 4, 1, 3, 0.5),
    "chance": drawn(3, 10, 5, 0.01, 0.01, 1),
    "few": drawn(4, 3, 2, 1, 0.5, 0.5),
    "many": drawn(5, 40, 25, 0.02, 0.001, 0.01) + 1000,
}


def figures(table):
    subjects, raters = table.shape
    long = pd.DataFrame(
        [(f"s{i:03}", f"r{j:03}", table[i, j]) for i in range(subjects) for j in range(raters)],
        columns=["subject", "rater", "value"],
    )
    found = pg.intraclass_corr(data=long, targets="subject", raters="rater", ratings="value")
    order = ["ICC(1,1)", "ICC(A,1)", "ICC(C,1)", "ICC(1,k)", "ICC(A,k)", "ICC(C,k)"]
    out = []
    for name in order:
        row = found[found["Type"] == name].iloc[0]
        out += [row["ICC"], *row["CI95"], row["F"], row["df1"], row["df2"], row["pval"]]
    return [float(x) for x in out]


def rows():
    for name, table in TABLES.items():
        yield f"{name}.values", [*table.shape, *table.T.ravel()]
        yield f"{name}.pingouin", figures(np.asarray(table))


def close(a, b):
    return abs(a - b) <= 1e-8 * abs(a)


if "--write" in sys.argv:
    lines = [f"{key},{' '.join(repr(float(x)) for x in values)}" for key, values in rows()]
    STORED.write_text("\n".join(lines) + "\n")
    print(len(lines), "rows written")
else:
    stored = dict(line.split(",") for line in STORED.read_text().splitlines())
    for key, values in rows():
        known = [float(x) for x in stored.pop(key).split()]
        assert len(known) == len(values) and all(map(close, known, values)), f"{key}: {values}, stored {known}"
    assert not stored, f"rows that nobody computes: {list(stored)}"
    print(f"icc.csv: {len(TABLES)} tables agree with pingouin {pg.__version__}")
