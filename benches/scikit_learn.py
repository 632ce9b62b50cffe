#!/usr/bin/env python3
"""The choice of an elastic net beside scikit-learn: 10 mixings, 100 penalties, REPEATS times 10 folds, 135 rows, 84 columns.

    cargo build --release -p voxomics-learning --examples
    python3 benches/scikit_learn.py [REPEATS]

Both are given the same numbers, one thread each, in turn, and their time on the processor counts, so that other work does not. The folds are those of either's own chance; both grow with them alike. 10
repeats are the study's; with 1, scikit-learn takes a tenth of the minutes, and the ratio is the same.
"""
import os, resource, subprocess, sys, tempfile, time, warnings

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
import numpy as np
from sklearn.linear_model import ElasticNetCV
from sklearn.model_selection import RepeatedKFold
from sklearn.preprocessing import StandardScaler

ROWS, COLUMNS, HIDDEN = 135, 84, 12
repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 10
speed = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "target", "release", "examples", "speed")

chance = np.random.default_rng(1)
x = chance.normal(size=(ROWS, HIDDEN)) @ chance.normal(size=(HIDDEN, COLUMNS)) + 0.5 * chance.normal(size=(ROWS, COLUMNS))
y = x[:, :8] @ (0.1 * chance.normal(size=8)) + chance.normal(size=ROWS)
with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
    file.write("\n".join(repr(float(value)) for value in [*x.T.ravel(), *y]) + "\n")
    file.flush()
    _, alpha, penalty, error = map(float, subprocess.check_output([speed, "net", file.name, str(repeats)]).split())
# It chooses four times.
spent = resource.getrusage(resource.RUSAGE_CHILDREN)
ours = (spent.ru_utime + spent.ru_stime) / 4

# scikit-learn scales nothing, and its penalties go down to 1e-3 of the first one; ours to 1e-4 where there are more rows than columns.
folds = RepeatedKFold(n_splits=10, n_repeats=repeats, random_state=1)
net = ElasticNetCV(l1_ratio=[k / 10 for k in range(1, 11)], alphas=100, eps=1e-4, cv=folds, n_jobs=1)
scaled = StandardScaler().fit_transform(x)
start = time.process_time()
with warnings.catch_warnings():
    # It does not always come to its own tolerance.
    warnings.simplefilter("ignore")
    net.fit(scaled, y)
theirs = time.process_time() - start
best = net.mse_path_.mean(axis=-1).min()
print(f"ours: {ours:.2f} s, alpha {alpha}, lambda {penalty:.4f}, squared error {error:.4f}")
print(f"scikit-learn: {theirs:.2f} s, alpha {net.l1_ratio_}, lambda {net.alpha_:.4f}, squared error {best:.4f}")
print(f"ratio {theirs / ours:.0f}")
