"""How well a random survival forest of scikit-survival orders patients of two stored tables whom it has not seen.

`python tests/oracle/survival_forest.py`, with scikit-survival. Chance differs, so that no figure is equal to ours:
docs/agreement.md has both, with their standard errors over 5 times 4 folds.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from sksurv.ensemble import RandomSurvivalForest
from sksurv.metrics import concordance_index_censored
from sksurv.util import Surv

TABLES = {
    "lung": ("time", "event", ["age", "sex", "ecog", "karno"]),
    "veteran": ("time", "status", ["trt", "karno", "diagtime", "age", "prior"]),
}

for name, (time, event, inputs) in TABLES.items():
    table = pd.read_csv(Path(__file__).parent / "r" / f"{name}.csv")
    x = table[inputs].to_numpy(float)
    y = Surv.from_arrays(table[event].to_numpy() == 1, table[time].to_numpy())
    found = []
    for seed in range(5):
        fold = np.random.default_rng(seed).permutation(len(x)) % 4
        for k in range(4):
            forest = RandomSurvivalForest(200, min_samples_leaf=15, max_features="sqrt", random_state=seed)
            forest.fit(x[fold != k], y[fold != k])
            tested = y[fold == k]
            scores = forest.predict(x[fold == k])
            found.append(concordance_index_censored(tested["event"], tested["time"], scores)[0])
    print(f"{name}: C {np.mean(found):.4f} ± {np.std(found) / len(found) ** 0.5:.4f}")
