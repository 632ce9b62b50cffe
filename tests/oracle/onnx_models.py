"""Models that skl2onnx writes, scored by the program and by those that made them.

`python tests/oracle/onnx_models.py PROGRAM LIBRARY`: LIBRARY is that of plugins/predict-onnx. Models of floats and of doubles learn two stored
public tables; each score must be that of scikit-learn and of onnxruntime. Then, files that must be refused.
"""

import hashlib
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")
program, library = (str(Path(path).resolve()) for path in sys.argv[1:3])
HERE = Path(__file__).parent
breast = pd.read_csv(HERE / "breast.csv")
swiss = pd.read_csv(HERE / "r" / "swiss.csv").drop(columns="fold")
TABLES = {
    "breast": (breast.iloc[:, :-1], breast["malignant"].to_numpy()),
    "swiss": (swiss.iloc[:, 1:], swiss["Fertility"].to_numpy()),
}
MODELS = {
    "logistic": ("breast", make_pipeline(StandardScaler(), LogisticRegression())),
    "imputed": ("breast", make_pipeline(SimpleImputer(), StandardScaler(), LogisticRegression())),
    "forest": ("breast", RandomForestClassifier(50, max_depth=6, random_state=0)),
    "boosting": ("breast", GradientBoostingClassifier(n_estimators=50, max_depth=2, random_state=0)),
    "linear": ("swiss", make_pipeline(StandardScaler(), LinearRegression())),
    "forest_of_numbers": ("swiss", RandomForestRegressor(50, random_state=0)),
    "boosting_of_numbers": ("swiss", GradientBoostingRegressor(n_estimators=50, random_state=0)),
}


def described(name, table, data, link, more=""):
    columns = "".join(f'[[input]]\nname = "{column}"\n' for column in TABLES[table][0].columns)
    family = "binomial" if link == "logistic" else "gaussian"
    return (
        f'[model]\nplugin = "predict-onnx"\nname = "{name}"\nfamily = "{family}"\nlink = "{link}"\n'
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"\n{more}{columns}'
    )


def run(folder, table, names):
    """The scores of the program, by model; or what it says instead."""
    TABLES[table][0].assign(case=[f"c{at:03d}" for at in range(len(TABLES[table][0]))]).to_csv(folder / f"{table}.csv", index=False)
    sections = "".join(
        f'[predict.{name}]\nplugin = "predict-onnx"\nmodel = "{name}.toml"\nonnx = "{name}.onnx"\n' for name in names
    )
    experiment = f'[[plugins.file]]\npath = "{library}"\n[cohorts.all]\nfeatures = "{table}.csv"\n{sections}'
    (folder / "study.toml").write_text(experiment)
    command = [program, "run", str(folder / "study.toml"), "--out", str(folder / "out"), "--until", "score", "--replace", "--quiet"]
    ended = subprocess.run(command, capture_output=True, text=True)
    if ended.returncode != 0:
        return ended.stdout + ended.stderr
    scores = pd.read_csv(folder / "out" / "all" / "scores.csv").sort_values("case")
    assert (scores["status"] == "ok").all(), scores
    return {name: scores[scores["model"] == name]["value"].to_numpy(float) for name in names}


def compare(folder):
    made = {}
    for kind, number in (("float", np.float32), ("double", np.float64)):
        for name, (table, model) in MODELS.items():
            inputs, target = TABLES[table]
            x = inputs.to_numpy(float)
            model.fit(x, target)
            classes = hasattr(model, "predict_proba")
            options = {id(model): {"zipmap": False}} if classes else None
            data = to_onnx(model, x[:1].astype(number), options=options).SerializeToString()
            theirs = model.predict_proba(x)[:, 1] if classes else model.predict(x)
            # Of doubles, onnxruntime has no imputation, refuses the types that skl2onnx states of most trees, and sends rows through a forest
            # otherwise than scikit-learn, which takes inputs in single precision (up to 0.02 of a probability on this table).
            ran = theirs
            if kind == "float" or name in ("logistic", "linear"):
                ran = onnxruntime.InferenceSession(data).run(None, {"X": x.astype(number)})[-1]
                ran = ran[:, 1] if classes else ran[:, 0]
            made[f"{name}_{kind}"] = (table, data, classes, theirs, ran)
    for table in TABLES:
        own = {name: entry for name, entry in made.items() if entry[0] == table}
        for name, (_, data, classes, _, _) in own.items():
            (folder / f"{name}.onnx").write_bytes(data)
            (folder / f"{name}.toml").write_text(described(name, table, data, "logistic" if classes else "identity"))
        found = run(folder, table, list(own))
        assert isinstance(found, dict), found
        for name, (_, _, _, theirs, ran) in own.items():
            scale = np.abs(theirs).max()
            # A linear model of doubles has nothing in single precision; trees have the weights of their leaves.
            limit = 1e-12 if name.endswith("double") and name.startswith(("logistic", "imputed", "linear")) else 2e-6
            of_maker, of_runtime = (np.abs(found[name] - other).max() / scale for other in (theirs, ran))
            print(f"{name}: scikit-learn {of_maker:.1e}, onnxruntime {of_runtime:.1e}")
            assert of_maker < limit and of_runtime < 2e-6, name


def refuse(folder):
    inputs, target = TABLES["breast"]
    x = inputs.to_numpy(float)
    model = LogisticRegression().fit(StandardScaler().fit_transform(x), target)
    plain = to_onnx(model, x[:1].astype(np.float32), options={id(model): {"zipmap": False}}).SerializeToString()
    with_maps = to_onnx(model, x[:1].astype(np.float32)).SerializeToString()
    for said, data, text in [
        ("zipmap", with_maps, described("refused", "breast", with_maps, "logistic")),
        ("is another file", plain, described("refused", "breast", plain + b" ", "logistic")),
        ("has 10 columns, and the model file has 5 inputs", plain, described("refused", "swiss", plain, "logistic")),
        ("has no output `risk`", plain, described("refused", "breast", plain, "logistic", 'output = "risk"\n')),
        ("name of a class", plain, described("refused", "breast", plain, "logistic", 'output = "label"\n')),
        ("no ONNX file", plain[: len(plain) // 2], described("refused", "breast", plain[: len(plain) // 2], "logistic")),
    ]:
        (folder / "refused.onnx").write_bytes(data)
        (folder / "refused.toml").write_text(text)
        found = run(folder, "breast" if "5 inputs" not in said else "breast", ["refused"])
        assert isinstance(found, str) and said in found, (said, found)


with tempfile.TemporaryDirectory() as name:
    compare(Path(name))
    refuse(Path(name))
print(f"{2 * len(MODELS)} models of skl2onnx, scored as by those that made them; 6 files refused")
