#!/usr/bin/env bash
# neuroHarmonize 2.5.2: a ComBat model is learnt with the covariates AGE and SEX, and applied to a table that has SEX before AGE.
#
# Covariates are a table with names: the column of the scanner is found by its name, SITE, and the model keeps the names of the
# others. So one expects the same values in any order of the columns. But `harmonizationApply` takes the covariates by their place:
# the effect of a year is added for each unit of SEX, and the effect of SEX for each year. There is no error and no warning. Whoever
# applies a model to a table of another centre meets this.
#
# Output seen (2026-12-01):
#   the columns as learnt: values from 2.9 to 19.4, largest difference from what was learnt 0.0
#   SITE last, AGE before SEX: values from 2.9 to 19.4, largest difference from what was learnt 0.0
#   SEX before AGE: values from -148.3 to 85.1, largest difference from what was learnt 158.4
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile \
    "neuroHarmonize==2.5.2" "numpy==1.26.4" "pandas==2.3.3"
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import sys

import numpy as np
import pandas as pd
from neuroHarmonize import harmonizationApply, harmonizationLearn

rng = np.random.default_rng(1)
site = np.repeat(["A", "B", "C"], 20)
age, sex = rng.uniform(40, 80, 60), rng.integers(0, 2, 60)
features = rng.normal(size=(60, 5)) + 0.1 * age[:, None] + 2.0 * (site == "B")[:, None] + sex[:, None]
features[site == "C"] *= 3
table = pd.DataFrame({"SITE": site, "AGE": age, "SEX": sex})
model, learnt = harmonizationLearn(features, table)


def differ(name, columns):
    applied = harmonizationApply(features, table[columns], model)
    largest = float(np.abs(applied - learnt).max())
    print(f"{name}: values from {applied.min():.1f} to {applied.max():.1f}, largest difference from what was learnt {largest:.1f}")
    return largest


as_learnt = differ("the columns as learnt", ["SITE", "AGE", "SEX"])
last = differ("SITE last, AGE before SEX", ["AGE", "SEX", "SITE"])
swapped = differ("SEX before AGE", ["SEX", "AGE", "SITE"])
sys.exit(0 if max(as_learnt, last) < 1e-9 and swapped > 10 else 1)
PYTHON
