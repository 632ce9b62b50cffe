"""Features as a step of a pipeline of scikit-learn, which this module needs.

    from voxomics.transformer import FeatureExtractor

    pipeline = make_pipeline(FeatureExtractor("experiment.toml"), SimpleImputer(), StandardScaler(), LogisticRegression())
    pipeline.fit(cases, outcome)                     # cases: a frame with the columns image and mask, or a list of such pairs
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from . import _tables
from .errors import CaseError, InputError, warn
from .experiment import Experiment
from .features import extract

__all__ = ["FeatureExtractor"]

#: Cells of a case that are arguments of `extract`; the others are columns of a list of cases.
_ARGUMENTS = ("image", "mask", "case", "label", "region", "series", "modality", "spacing", "origin", "direction", "axes")


class FeatureExtractor(TransformerMixin, BaseEstimator):
    """Images and masks in, a table of features out: a row a case, a column a feature of a region; NaN where there is no value.

    ``experiment`` is the path of a TOML file, a dict or an :class:`voxomics.Experiment`; ``threads`` how many compute; ``on_error`` what
    a case without features is: ``"raise"``, or ``"nan"`` for a row of NaN with a warning.

    Cases are a DataFrame with the columns ``image`` and ``mask``, a list of such dicts, or of pairs. A cell is what
    :func:`voxomics.extract` takes: a path, an array, an image. Further cells are its arguments (``label``, ``modality``, ``spacing``, …),
    and what is none of these is a column of the list of cases.

    Nothing is learnt: each case is computed for itself, so no value leaks from one fold to another. An experiment that splits a region
    into components has no fixed columns, and is refused.
    """

    def __init__(self, experiment: Any = None, *, threads: int | None = None, on_error: str = "raise"):
        self.experiment = experiment
        self.threads = threads
        self.on_error = on_error

    def fit(self, X: Any, y: Any = None) -> "FeatureExtractor":
        """Reads the experiment; the cases are not looked at."""
        if self.on_error not in ("raise", "nan"):
            raise InputError(f"on_error is {self.on_error!r}, expected 'raise' or 'nan'", key="on_error")
        self.experiment_ = Experiment.of(self.experiment)
        several = len(self.experiment_.regions) > 1
        self._columns = [(region, column.name) for region in self.experiment_.regions for column in self.experiment_.columns]
        self.feature_names_ = np.array([f"{region}:{name}" if several else name for region, name in self._columns], dtype=object)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The features of the cases: float64, of the shape (cases, features)."""
        check_is_fitted(self, "experiment_")
        cases = list(_cases(X))
        made = np.full((len(cases), len(self._columns)), np.nan)
        for at, case in enumerate(cases):
            stated = {key: case[key] for key in _ARGUMENTS if key in case and not _is_nothing(case[key])}
            further = {key: value for key, value in case.items() if key not in _ARGUMENTS}
            stated.setdefault("case", f"case {at}")
            try:
                found = extract(**stated, experiment=self.experiment_, columns=further, threads=self.threads)
            except CaseError as fault:
                if self.on_error == "raise":
                    raise
                warn(f"a row of NaN: {fault}", fault.case)
                continue
            unknown = set(found.regions) - set(self.experiment_.regions)
            if unknown:
                raise InputError(f"the experiment makes components ({', '.join(sorted(unknown))}): a table has no column for them", key="regions")
            rows = {region: found.region(region) for region in found.regions}
            for place, (region, name) in enumerate(self._columns):
                made[at, place] = float(rows.get(region, {}).get(name, np.nan))
        return made

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Names of the columns."""
        check_is_fitted(self, "experiment_")
        return self.feature_names_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.dict = True
        tags.requires_fit = True
        tags.no_validation = True
        return tags


def _cases(table: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(table, (list, tuple)) and not all(isinstance(row, Mapping) for row in table):
        pairs = [{"image": row[0], "mask": row[1]} if isinstance(row, (list, tuple)) and len(row) == 2 else None for row in table]
        if any(pair is None for pair in pairs):
            raise InputError("the cases are neither pairs of image and mask nor dicts", key="X")
        return pairs  # type: ignore[return-value]
    rows = _tables.rows_of(table)
    lacking = [name for name in ("image", "mask") for row in rows if name not in row]
    if lacking:
        raise InputError(f"the cases have no {lacking[0]}", key=lacking[0])
    return rows


def _is_nothing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)
