#!/usr/bin/env bash
# A decision curve of a time to an event: ten patients, of whom the three with the highest risk have the event within 12 days.
# What is the net benefit at day 100 of treating whoever has a risk of 0.5 or more?
#
# All three have had the event, so their Kaplan-Meier curve lies at 0 from day 12 on, at day 100 as well. Nobody else is treated.
# The benefit is 3 of 10: 0.3, with no false positive to take off. dcurves 1.1.7 gives NaN, because their curve ends before day 100,
# and a plot of it stops without a word where the model is best. Where one of them is still followed at day 100, it gives a number.
#
# Seen (2026-11-30):
#   threshold 0.2: 0.33125
#   threshold 0.5: nan
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check "dcurves==1.1.7" "lifelines==0.30.3" "pandas==2.3.3" "numpy<3"
"$scratch/venv/bin/python" - <<'PYTHON'
import math
import sys

import pandas
from dcurves import dca

table = pandas.DataFrame(
    {
        "time": [5, 8, 12, 20, 30, 40, 200, 210, 220, 230],
        "event": [1, 1, 1, 0, 1, 0, 0, 0, 1, 0],
        "risk": [0.95, 0.9, 0.85, 0.3, 0.4, 0.2, 0.1, 0.15, 0.35, 0.25],
    }
)
found = dca(table, "event", ["risk"], [0.2, 0.5], time=100, time_to_outcome_col="time")
some, all_of_them = found[found.model == "risk"].sort_values("threshold").net_benefit
print(f"threshold 0.2: {some:.5f}\nthreshold 0.5: {all_of_them}")
sys.exit(not (abs(some - 0.33125) < 1e-9 and math.isnan(all_of_them)))
PYTHON
