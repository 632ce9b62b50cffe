#!/usr/bin/env bash
# ComBat of 100 features of 40 patients. Scanner A, the first 20 patients, is the reference: it stays as it is, and B is moved to
# it.
#
# One expects that each feature of B then lies near that of A. pyComBat (the package combat 0.3.3) keeps its promise for the
# reference, and for 80 features. The other 20 come back as they were given, with the whole difference between the scanners. At the
# end, the values of the reference are put back into the table of features by patients, and the places of A's patients, 0 to 19, are
# taken for rows instead of columns: features 0 to 19 of all patients are put back. There is no error and no warning, as long as
# there are as many features as patients, which in radiomics there mostly are. Whoever checks that the reference did not change
# finds all well. A report of this line is public, from a case in which it was an error (inmoose 14).
#
# Output seen (2026-12-01): mean difference between the scanners, in standard deviations of A
#   before: features 0 to 19: 1.38, others: 1.46
#   without a reference: features 0 to 19: 0.24, others: 0.20
#   with A as reference: features 0 to 19: 1.38, others: 0.08; A itself changed by at most 0.00
#
# Exits with 1 if it answers differently.
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet --disable-pip-version-check --no-compile "combat==0.3.3" "numpy==2.4.6" "pandas==2.3.3"
"$scratch/venv/bin/python" -W ignore - <<'PYTHON'
import contextlib
import io
import sys

import numpy as np
import pandas as pd
from combat.pycombat import pycombat

rng = np.random.default_rng(0)
in_b = np.repeat([False, True], 20)
table = rng.normal(size=(100, 40))
table[:, in_b] = 1.4 * table[:, in_b] + 1.5
batches = ["B" if b else "A" for b in in_b]


def gaps(name, values, end="\n"):
    apart = np.abs(values[:, in_b].mean(axis=1) - values[:, ~in_b].mean(axis=1))
    print(f"{name}: features 0 to 19: {apart[:20].mean():.2f}, others: {apart[20:].mean():.2f}", end=end)
    return apart


def harmonise(**settings):
    with contextlib.redirect_stdout(io.StringIO()):
        return pycombat(pd.DataFrame(table), batches, **settings).to_numpy()


before = gaps("before", table)
free = gaps("without a reference", harmonise())
referred = harmonise(ref_batch="A")
after = gaps("with A as reference", referred, end="; ")
moved = float(np.abs(referred - table)[:, ~in_b].max())
print(f"A itself changed by at most {moved:.2f}")
untouched = np.allclose(referred[:20], table[:20]) and np.allclose(after[:20], before[:20])
sys.exit(0 if untouched and moved < 1e-9 and after[20:].max() < 1 and free.max() < 1 else 1)
PYTHON
