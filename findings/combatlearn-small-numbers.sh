#!/usr/bin/env bash
# ComBat of 12 features from two scanners. One feature is written in a smaller unit: does it still lose what the scanner adds?
#
# ComBat divides each feature by its own spread first. So a unit cannot matter: one expects the same harmonised values, times the
# factor of the unit. combatlearn 2.3.0 adds its `eps` of 1e-8, which its documentation calls a jitter against division by zero, to
# each variance. That is nothing beside a variance of 1, and everything beside one of 1e-12. The feature's z-values are then 100
# times too small, but the average shift of the other features is taken off as if they were not. A difference between scanners of
# 1.26 standard deviations becomes one of 6.6: harmonising makes it five times larger. Nothing is said. Many features are that
# small: the coarseness of a large region, or emphases of small zones with low grey levels.
#
# Output seen (2026-12-01): difference between the scanners, in the same unit again
#   johnson: before 1.26, after: 0.09 (unit 1), 0.11 (1e-4), 0.67 (1e-5), 6.59 (1e-6)
#   fortin: before 1.26, after: 0.06 (unit 1), 0.09 (1e-4), 0.63 (1e-5), 6.43 (1e-6)
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
pip=("$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile)
"${pip[@]}" "numpy==2.4.6" "pandas==2.3.3" "scikit-learn==1.9.1"
# Without its packages for plots, which are not needed here.
"${pip[@]}" --no-deps "combatlearn==2.3.0"
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import sys

import numpy as np
import pandas as pd
from combatlearn import ComBat

rng = np.random.default_rng(1)
scanner = np.repeat(["A", "B"], 30)
age = pd.DataFrame({"age": rng.uniform(40, 80, 60)})
features = rng.normal(size=(60, 12))
features[scanner == "B"] = 1.5 * features[scanner == "B"] + 1.5


def gap(column):
    return float(column[scanner == "B"].mean() - column[scanner == "A"].mean())


def after(method, unit):
    table = features.copy()
    table[:, 0] *= unit
    covariates = {} if method == "johnson" else {"continuous_covariates": age}
    combat = ComBat(batch=scanner, method=method, **covariates)
    harmonised = np.asarray(combat.fit_transform(pd.DataFrame(table)))
    return gap(harmonised[:, 0] / unit)


before = gap(features[:, 0])
same = True
for method in ("johnson", "fortin"):
    one, fine, finer, finest = (after(method, unit) for unit in (1, 1e-4, 1e-5, 1e-6))
    print(f"{method}: before {before:.2f}, after: {one:.2f} (unit 1), {fine:.2f} (1e-4), {finer:.2f} (1e-5), {finest:.2f} (1e-6)")
    same &= abs(one) < 0.15 and 0.4 < finer < 1 and finest > 4 * before
sys.exit(0 if same else 1)
PYTHON
