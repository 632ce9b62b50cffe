"""Features as a step of a pipeline of scikit-learn."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import scene
import voxomics

pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402
from voxomics.transformer import FeatureExtractor  # noqa: E402

EXPERIMENT = {
    "features": {"statistics": {"only": ["mean", "variance"]}},
    "regions": {"tumour": {}, "ring": {"ring_of": "tumour", "outward_mm": 2.0}},
}


def cases(count=6):
    made = []
    for seed in range(count):
        image, mask = scene.scan(seed=seed)
        made.append({"image": image + 50 * (seed % 2), "mask": mask, "spacing": scene.SPACING, "case": f"case {seed}"})
    return made


def test_it_keeps_the_conventions_of_scikit_learn():
    # Whatever scikit-learn asks of an estimator whose input is no table of numbers.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Can't test estimator")
        check_estimator(FeatureExtractor())
    stated = FeatureExtractor(EXPERIMENT, threads=1, on_error="nan")
    assert clone(stated).get_params() == {"experiment": EXPERIMENT, "threads": 1, "on_error": "nan"}


def test_the_table_is_that_of_extract():
    stated = cases(2)
    extractor = FeatureExtractor(EXPERIMENT)
    table = extractor.fit_transform(stated)
    names = list(extractor.get_feature_names_out())
    assert table.shape == (2, 4) and names == [f"{r}:statistics.{f}" for r in ("tumour", "ring") for f in ("mean", "variance")]
    for row, case in zip(table, stated):
        found = voxomics.extract(case["image"], case["mask"], EXPERIMENT, spacing=scene.SPACING)
        assert [found[name] for name in names] == list(row)
    pandas = pytest.importorskip("pandas")
    frame = extractor.set_output(transform="pandas").transform(pandas.DataFrame(stated))
    assert list(frame.columns) == names and np.array_equal(frame.to_numpy(), table)


def test_it_is_a_step_of_a_pipeline():
    stated = cases()
    outcome = [seed % 2 for seed in range(len(stated))]
    pipeline = make_pipeline(FeatureExtractor(EXPERIMENT), StandardScaler(), LogisticRegression()).fit(stated, outcome)
    assert list(pipeline.predict(stated)) == outcome


def test_faults():
    with pytest.raises(Exception, match="not fitted"):
        FeatureExtractor(EXPERIMENT).transform(cases(1))
    broken = [*cases(1), {**cases(1)[0], "label": 3}]
    with pytest.raises(voxomics.CaseError):
        FeatureExtractor(EXPERIMENT).fit_transform(broken)
    with pytest.warns(voxomics.VoxomicsWarning, match="a row of NaN"):
        table = FeatureExtractor(EXPERIMENT, on_error="nan").fit_transform(broken)
    assert np.isfinite(table[0]).all() and np.isnan(table[1]).all()
    with pytest.raises(voxomics.InputError, match="on_error"):
        FeatureExtractor(EXPERIMENT, on_error="skip").fit(broken)
    with pytest.raises(voxomics.InputError, match="no mask"):
        FeatureExtractor(EXPERIMENT).fit_transform([{"image": "a"}])
    with pytest.raises(voxomics.ExperimentError):
        FeatureExtractor({"features": {"nothing": {}}}).fit(broken)


def test_an_experiment_is_copied_and_pickled(tmp_path):
    """As clone, cross_val_score and processes do it."""
    import copy
    import pickle

    image, mask = scene.scan()
    grid = {"spacing": scene.SPACING, "axes": "zyx"}
    made = voxomics.Experiment({"features": {"histogram": {"only": ["entropy"]}}, "discretisation": {"method": "fixed bin number", "bins": 32}}, set={"discretisation.bins": 4})
    value = dict(made.extract(image, mask, **grid))
    others = [copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made)), clone(FeatureExtractor(made)).fit(None).experiment_]
    for other in others:
        assert other.extract(image, mask, **grid) == value and other.set == made.set and other.folder == made.folder and other.toml == made.toml
    with pytest.raises(TypeError):
        made.set["discretisation.bins"] = 8
