"""The dossier of a study, held against the tables and model files of its run, by other people's statistics.

    venv/bin/python tests/oracle/dossier.py RESULTS      # of configs/quickstart.toml, of any size

Every point that the run is said to show is computed again from `cases.csv`, `features.csv`, `scores.csv`, the model files and the
experiment; a point that this script does not know makes it fail. The others must be open, or said not to be done.
"""

import collections
import csv
import hashlib
import json
import pathlib
import re
import sys
import tomllib

import nibabel
import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from scipy import stats
from sklearn.metrics import roc_auc_score

# So many inputs are named in a point.
LISTED = 20
OUT = pathlib.Path(sys.argv[1])
STUDY = json.loads((OUT / "study.json").read_text())
SETTINGS = tomllib.loads((OUT / "resolved.toml").read_text())
MODEL = tomllib.loads((OUT / "models/signature.toml").read_text())
COHORTS = list(SETTINGS["cohorts"])
POINTS = {point["key"]: point for subject in STUDY["dossier"] for point in subject["points"]}
EVALUATIONS = SETTINGS["evaluate"]
CHECKED = set()


def rows(path):
    with open(OUT / path, newline="") as file:
        return list(csv.DictReader(file))


CASES = {cohort: rows(f"{cohort}/cases.csv") for cohort in COHORTS}
FEATURES = {cohort: rows(f"{cohort}/features.csv") for cohort in COHORTS}
SCORES = {cohort: rows(f"{cohort}/scores.csv") for cohort in COHORTS}
UNJOINED = collections.Counter(row["cohort"] for row in rows("unjoined.csv"))
PATIENT_OF = {cohort: {row["case"]: row["patient"] for row in CASES[cohort]} for cohort in COHORTS}
OF_PATIENT = {cohort: {row["patient"]: row for row in CASES[cohort]} for cohort in COHORTS}


def says(key, *said):
    """A point that is shown, and has exactly these sentences."""
    point = POINTS[key]
    assert point["state"] == "shown", (key, point)
    assert point["said"] == " ".join(said), (key, point["said"], " ".join(said))
    assert point["places"], key
    CHECKED.add(key)


def has(key, *words):
    """A point that is shown, and has these words among others."""
    point = POINTS[key]
    assert point["state"] == "shown" and point["places"], (key, point)
    for word in words:
        assert word in point["said"], (key, word, point["said"])
    CHECKED.add(key)


def is_said_not(key, state):
    assert POINTS[key]["state"] == state, (key, POINTS[key])
    CHECKED.add(key)


def count(number, word):
    return f"1 {word}" if number == 1 else f"{number} {word[:-1]}ies" if word.endswith("y") else f"{number} {word}s"


def with_features(cohort):
    return {row["case"] for row in FEATURES[cohort]}


def design():
    roles = {}
    for cohort in COHORTS:
        trains = any(cohort in np.atleast_1d(learn["cohort"]) for learn in SETTINGS["learn"].values())
        holds = any(of["cohort"] == cohort for of in EVALUATIONS.values())
        roles[cohort] = {(1, 1): "training and validation", (1, 0): "training", (0, 1): "validation"}.get((trains, holds), "features only")
    said, flow = [], []
    for cohort in COHORTS:
        done = with_features(cohort)
        patients = {PATIENT_OF[cohort][case] for case in done}
        listed = len(CASES[cohort]) + UNJOINED[cohort]
        of = {row["patient"] for row in CASES[cohort]}
        said.append(f"`{cohort}` ({roles[cohort]}): {count(listed, 'case')} of {count(len(of), 'patient')} in the list, "
                    f"{count(len(done), 'lesion')} of {count(len(patients), 'patient')} with features.")
        flow.append(f"`{cohort}`: of {count(listed, 'case')} listed, {UNJOINED[cohort]} did not join or were left out by a condition, "
                    f"{len(CASES[cohort]) - len(done)} gave no features, {len(done)} gave features.")
    says("design.cohorts", *said)
    says("design.flow", *flow)
    seen = {row["patient"] for row in CASES["train"]}
    for of in EVALUATIONS.values():
        assert not seen & {row["patient"] for row in CASES[of["cohort"]]}
    names = ", ".join(f"`{name}`" for name in EVALUATIONS)
    says("design.separation", f"By their ids, no patient of {names} was among those whom the model was learnt from.")
    has("design.unit", "Results are of patients (mean")


def numbers(column, cohort, values):
    return {patient: float(row[column]) for patient, row in OF_PATIENT[cohort].items() if row[column] and patient in values}


def patients(cohort):
    """The mean score of each patient."""
    scores = collections.defaultdict(list)
    for row in SCORES[cohort]:
        if row["model"] == "signature" and row["status"] == "ok":
            scores[row["patient"]].append(float(row["value"]))
    return {patient: np.mean(values) for patient, values in scores.items()}


def outcome(name):
    """Scores and outcomes of the patients of an evaluation that have both."""
    of = EVALUATIONS[name]
    cohort, asked = of["cohort"], of["outcome"]
    scores = patients(cohort)
    cells = OF_PATIENT[cohort]
    if "number" in asked:
        known = {patient: float(cells[patient][asked["number"]]) for patient in scores if cells[patient][asked["number"]]}
    elif "class" in asked:
        wanted = {str(asked["positive"]): 1, str(asked["negative"]): 0}
        known = {patient: wanted[cells[patient][asked["class"]]] for patient in scores if cells[patient][asked["class"]] in wanted}
    else:
        known = {patient: (float(cells[patient][asked["time"]]), int(cells[patient][asked["event"]])) for patient in scores
                 if cells[patient][asked["time"]] and cells[patient][asked["event"]]}
    return [scores[patient] for patient in known], list(known.values())


def data():
    said, left, found = [], [], {}
    for name, of in EVALUATIONS.items():
        scores, values = outcome(name)
        n = len(scores)
        if "above" in of["outcome"]:
            values = [int(value > np.median(values)) for value in values]
        found[name] = (scores, values)
        if "class" in of["outcome"] or "above" in of["outcome"]:
            said.append(f"`{name}`: {sum(values)} of one class and {n - sum(values)} of the other.")
        elif "number" in of["outcome"]:
            said.append(f"`{name}`: a number of {n} patients.")
        else:
            said.append(f"`{name}`: {sum(event for _, event in values)} events among {n} patients.")
        lost = next(shown for shown in STUDY["evaluations"] if shown["name"] == name)
        listed = {row["patient"] for row in CASES[of["cohort"]]}
        assert n + len({row["id"] for row in lost["left_out"]}) >= len(listed), name
        left.append(f"`{name}`: {len(lost['left_out'])} left out, {n} patients looked at.")
    says("data.outcomes", *said)
    says("data.left_out", *left)
    told, missing = [], []
    for cohort in STUDY["cohorts"]:
        shown = [row for row in cohort["table_one"]]
        told.append(f"`{cohort['name']}`: {count(len(shown), 'characteristic')}.")
        cells = OF_PATIENT[cohort["name"]].values()
        for row in shown:
            column = row["name"]
            if column in next(iter(cells)) and column not in ("kvp", "scanner"):
                empty = sum(not cell[column] for cell in cells)
                assert row["missing"] == empty, (cohort["name"], column, row["missing"], empty)
        gaps = [f"{row['name']} (of {row['missing']})" if "`" in row["name"] else f"`{row['name']}` of {row['missing']}"
                for row in shown if row["missing"]]
        missing.append(f"`{cohort['name']}`: {', '.join(gaps) or 'none'}.")
    says("data.characteristics", *told)
    says("data.missing", *missing)
    most = max(STUDY["balance"], key=lambda row: abs(row["difference"]))
    says("data.balance", f"The largest standardised difference is {abs(most['difference']):.2f}: `{most['name']}` of `{most['first']}` "
                         f"and `{most['second']}`.")
    return found


def scans():
    lesions = [(cohort, case) for cohort in COHORTS for case in with_features(cohort)]
    image = {(cohort, row["case"]): row["image"] for cohort in COHORTS for row in CASES[cohort]}
    kvp = {(cohort, row["case"]): row["kvp"] for cohort in COHORTS for row in CASES[cohort]}
    spacings = [nibabel.load(image[lesion]).header.get_zooms()[:3] for lesion in lesions]
    across = sorted(round(float(spacing[2]), 4) for spacing in spacings)
    median = round(float(np.median(across)), 4)
    place = f"{across[0]:g} mm" if across[0] == across[-1] else f"{median:g} mm (median; {across[0]:g} to {across[-1]:g} mm)"
    has("acquisition.scans", f"Distance of slices, by lesions: {place}.")
    words = POINTS["acquisition.scans"]["said"]
    if "Tube voltage" in words:
        for value, number in collections.Counter(f"{float(kvp[lesion]):g} kV" for lesion in lesions if kvp[lesion]).items():
            assert f"{value} ({number})" in words, (value, number, words)
    is_said_not("segmentation.readers", "not-done")
    ring = SETTINGS["regions"]["ring"]
    has("segmentation.regions", "The region tumour", f"{ring['outward_mm']:g} mm outward and {ring['inward_mm']:g} mm inward")
    spacing = " × ".join(f"{value:g}" for value in SETTINGS["interpolation"]["spacing_mm"])
    has("preparation.interpolation", f"interpolated to {spacing} mm (method: {SETTINGS['interpolation']['image']})")
    says("preparation.resegmentation", "Masks were not re-segmented by intensity.")
    assert "resegmentation" not in SETTINGS
    bins = SETTINGS["discretisation"]
    has("preparation.discretisation", "Grey levels of lifex: bins of width", f"{bins['width']:.1f} from {bins['minimum']:.1f}")
    is_said_not("preparation.filters", "not-done")
    is_said_not("preparation.fitted", "not-done")
    first = next(iter(FEATURES.values()))[0]
    further = set(next(iter(CASES.values()))[0])
    columns = [name for name in first if name not in further and name not in ("case", "region")]
    long = {(row["family"], row["aggregation"], row["feature"]): row["ibsi_code"] for row in rows(f"{COHORTS[0]}/features_long.csv")}
    assert len(long) == len(columns)
    coded = sum(bool(code) for code in long.values())
    says("features.number", f"{count(len(columns), 'feature')} were computed of each region; {coded} of them have a code of IBSI.")
    is_said_not("features.course", "not-done")
    labels = {row["label"] for cohort in COHORTS for row in CASES[cohort]}
    if len(labels) == 1 and labels != {""}:
        has("segmentation.regions", f"The region tumour is label {float(labels.pop()):g} in every case.")
    has("features.families", f"The family lifex gave {count(len(columns), 'feature')}")


def learning():
    training = MODEL["training"]
    used = [row for row in MODEL["input"] if not row.get("unused")]
    offered, kept = training["offered_inputs"], len(used)
    rows_of = [row for row in SCORES["train"] if row["model"] == "signature"]
    target = SETTINGS["learn"]["signature"]["target"]["number"]
    with_target = [row for row in CASES["train"] if row[target] and row["case"] in with_features("train")]
    assert training["rows"] <= len(with_target) and training["patients"] <= len({row["patient"] for row in with_target})
    has("learning.target", target)
    stated = SETTINGS["learn"]["signature"]
    dealt = f", dealt {stated['repeats']} times" if stated["repeats"] > 1 else ""
    has("learning.method", "learnt by predict-elastic-net in the cohort train",
        f"Settings were chosen by cross-validation with {stated['folds']} folds{dealt}.", "Every patient has the same weight")
    says("learning.size", f"`signature` was offered {count(offered, 'input')} for {count(training['rows'], 'lesion')} of "
                          f"{count(training['patients'], 'patient')}.")
    if kept:
        # Up to so many are named.
        named = [row["name"] for row in used] if kept <= LISTED else []
        has("learning.kept", f"`signature` kept {count(kept, 'input')} of {offered}", *named)
    else:
        has("learning.kept", f"`signature` kept none of {offered}")
    has("learning.tuning", "by cross-validation over", f"chosen were {MODEL['model']['alpha']:g} and")
    imputed = sum("imputed" in row or "impute" in row for row in used)
    point = POINTS["learning.missing"]
    assert (point["state"] == "shown") == (imputed > 0), (point, used[:1])
    if imputed:
        has("learning.missing", f"{imputed} of its {kept} inputs" if False else f"{imputed} of {count(kept, 'input')}")
    else:
        CHECKED.add("learning.missing")
    has("learning.left_out", f"{training['rows']} learnt from")
    for key in ["readers", "repeats", "perturbations"]:
        is_said_not(f"robustness.{key}", "not-done")
    is_said_not("robustness.controls", "not-done")
    is_said_not("robustness.scanners", "not-done")
    told = json.loads((OUT / "models/signature.training.json").read_text())
    if SETTINGS["learn"]["signature"].get("outer_folds"):
        outer = next(of for of in STUDY["models"] if of["name"] == "signature")["stability"]
        of = outer[0]["of"]
        kept_rows = [row for row in outer if row["kept"]]
        always = sum(row["chosen"] == of for row in kept_rows)
        assert {row["input"] for row in kept_rows} == {row["name"] for row in used}
        says("robustness.folds", f"`signature`: {always} of its {count(len(kept_rows), 'input')} are in all {of} models of the outer folds.")
    else:
        is_said_not("robustness.folds", "not-done")
    return told


def comparison(told):
    """Learners on the same folds: mean squared errors by NumPy, each patient of the weight 1."""
    if not told.get("baselines"):
        is_said_not("validation.comparison", "not-done")
        return
    left = {row["case"] for row in rows("left_out.csv") if row["cohort"] == "train" and row["stage"].startswith("learn")}
    learnt = [row for row in FEATURES["train"] if row["region"] == "tumour" and row["case"] not in left]
    target = SETTINGS["learn"]["signature"]["target"]["number"]
    cells = {row["case"]: row for row in CASES["train"]}
    known = [(cells[row["case"]]["patient"], float(cells[row["case"]][target])) for row in learnt]
    lesions = collections.Counter(patient for patient, _ in known)
    weights = np.array([1 / lesions[patient] for patient, _ in known])
    values = np.array([value for _, value in known])
    def errors(outer):
        found = []
        for model in outer["models"]:
            tested = np.array(outer["folds"][model["repeat"]]) == model["fold"]
            scores = np.array(model["scores"])[tested]
            found.append(np.average((scores - values[tested]) ** 2, weights=weights[tested]))
        return np.array(found)
    # A mean over the folds has the weights of the folds.
    folds = [weights[np.array(told["outer"]["folds"][model["repeat"]]) == model["fold"]].sum() for model in told["outer"]["models"]]
    own = errors(told["outer"])
    others = {f"signature: {of['name']}": errors(of["outer"]) - own for of in told["baselines"] if not of["failed"]}
    has("validation.comparison", "`signature` beside", *(f"{name} (difference of the mse: {np.average(of, weights=folds):.3f} (" for name, of in others.items()))


def results(found, told):
    """Figures by SciPy, scikit-learn and lifelines."""
    said = POINTS["validation.other_cohorts"]["said"]
    figure = lambda name: re.search(rf"`{name}`: n = (\d+): [^0-9−-]*([−-]?\d+\.\d\d)", said)
    for name, (scores, values) in found.items():
        match = figure(name)
        shown = next(of for of in STUDY["evaluations"] if of["name"] == name)
        if shown["result"]["kind"] == "none":
            assert match is None, name
            continue
        assert int(match[1]) == len(scores), name
        if shown["result"]["kind"] == "number":
            expected = stats.spearmanr(scores, values).statistic
        elif shown["result"]["kind"] == "class":
            expected = roc_auc_score(values, scores)
        else:
            cutoff = MODEL["cutoffs"]["patients_median"]
            frame = pd.DataFrame({"high": [int(score > cutoff) for score in scores], "time": [time for time, _ in values],
                                  "event": [event for _, event in values]})
            expected = CoxPHFitter().fit(frame, "time", "event").hazard_ratios_["high"]
        assert f"{expected:.2f}".replace("-", "−") == match[2].replace("-", "−"), (name, expected, match[2])
    CHECKED.add("validation.other_cohorts")
    is_said_not("validation.optimistic", "not-done")
    assert POINTS["validation.optimistic"]["said"].startswith("By their ids, no result is of patients")
    has("validation.intervals", *(f"`{name}`: its first figure" for name in found if figure(name)))
    comparison(told)
    sexes = {row["sex"] for row in CASES["clinical"] if row["sex"]}
    says("validation.subgroups", f"`survival`: {count(len(sexes), 'subgroup')}.")
    point = POINTS["validation.internal"]
    if told.get("out_of_fold") and MODEL["training"]["offered_inputs"]:
        assert point["state"] == "shown", point
        for of in MODEL.get("performance", {}).get("figure", []):
            assert f"{of['measure']} {of['value']:.3f}" in point["said"], (of, point["said"])
    CHECKED.add("validation.internal")
    scores, values = map(np.array, found["expression"])
    line = stats.linregress(scores, values)
    share = 1 - np.sum((values - scores) ** 2) / np.sum((values - values.mean()) ** 2)
    figures = {"observed - predicted": np.mean(values - scores), "intercept": line.intercept, "slope": line.slope, "R² of the predictions": share}
    calibrated = POINTS["calibration.figures"]["said"].replace("−", "-")
    assert calibrated.startswith("`expression`: "), calibrated
    for name, value in figures.items():
        assert f"{name} {value:.3f}" in calibrated, (name, value, calibrated)
    CHECKED.add("calibration.figures")
    for key in ["calibration.recalibrated", "clinical.decisions"]:
        is_said_not(key, "not-done")
    assert set(MODEL["cutoffs"])
    results = {of["name"]: of["result"] for of in STUDY["evaluations"]}
    split = [name for name, of in results.items() if len(of.get("groups") or []) > 1 or of.get("cutoff")]
    assert "survival" in split
    has("clinical.cutoffs", *(f"`{name}`: yes, it was fixed on the training data." for name in split))


def openness():
    lock = tomllib.loads((OUT / "voxomics.lock").read_text())
    program = f"Voxomics {lock['program']['version']} (digest of its sources {lock['program']['digest'][:12]})"
    has("features.software", program)
    has("openness.software", program, f"seed {SETTINGS['experiment']['seed']}")
    has("openness.again", f"with seed {SETTINGS['experiment']['seed']}", "voxomics.lock")
    digest = hashlib.sha256((OUT / "models/signature.toml").read_bytes()).hexdigest()
    says("openness.models", f"`signature`: models/signature.toml, SHA-256 {digest}.")
    assert all(plugin.get("ours") for plugin in lock["plugin"])
    is_said_not("openness.plugins", "not-done")


design()
found = data()
scans()
results(found, learning())
openness()
for key, point in POINTS.items():
    if point["state"] == "open":
        assert not point["said"] and not point["places"], point
        CHECKED.add(key)
unknown = set(POINTS) - CHECKED
assert not unknown, unknown
shown = sum(point["state"] == "shown" for point in POINTS.values())
print(f"{len(POINTS)} points, {shown} of them shown by the run and computed again, {sum(p['state'] == 'open' for p in POINTS.values())} open")
