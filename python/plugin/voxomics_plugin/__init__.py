"""Write a Voxomics plugin in Python.

A plugin is a file with decorated functions. Nothing is registered anywhere else: an experiment names the file.

    import numpy as np

    from voxomics_plugin import feature

    @feature(unit="1", meaning="much of the region is hot", equation="|X > threshold| / |X|")
    def hot_fraction(region, *, threshold: float = 100.0):
        '''Hot fraction: the share of voxels above a threshold.'''
        inside = region.intensities()
        # A NaN is neither above nor below: what depends on it is no number.
        return np.where(np.isnan(inside), np.nan, inside > threshold).mean()

    # in the experiment
    [[plugins.python]]
    file = "hot.py"
    [features.hot_fraction]
    threshold = 150

Settings are the keyword-only parameters; their type hints say what they take (``float``, ``int``, ``bool``, ``str``,
``list[float]``, ``Literal["a", "b"]``, ``pathlib.Path`` for a file), their defaults what they are if left out. A docstring's
first line is the title. Arrays are views of the program's memory, indexed ``[z, y, x]``; they cannot be written to.
"""

from .declare import Choice, Setting, family, feature
from .errors import Failure, Undefined
from .given import Column, ExportedCase, ExportedScore, Grid, Image, Input, LoadRequest, Region, Table
from .kinds import exporter, filter, loader, predictor, region_maker
from .made import Card, Loaded, Mask, Output, Prediction, Scan
from .sums import exact_sum, ordered_sum

__all__ = [
    "Card", "Choice", "Column", "ExportedCase", "ExportedScore", "Failure", "Grid", "Image", "Input", "LoadRequest", "Loaded",
    "Mask", "Output", "Prediction", "Region", "Scan", "Setting", "Table", "Undefined", "exact_sum", "exporter", "family",
    "feature", "filter", "loader", "ordered_sum", "predictor", "region_maker",
]
