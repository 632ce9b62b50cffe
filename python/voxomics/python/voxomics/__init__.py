"""Radiomics features, with the same engine as the ``voxomics`` program.

    import voxomics
    features = voxomics.extract(image, mask)          # SimpleITK, nibabel, NumPy with spacing=, or paths
    features["glcm.joint_entropy"]                    # a float with .unit, .ibsi, .status and .reason
    features.to_pandas()

    results = voxomics.run("experiment.toml", cases=frame, out="results")
    results.features                                  # one row per case and region

Not a medical device.
"""

from ._engine import PROGRAM as _PROGRAM
from ._engine import VERSION as __version__
from ._home import get_include
from .batch import CaseEnded, Results, run
from .errors import (
    CaseError, ExperimentError, InputError, Mistake, ProgramError, VoxomicsError, VoxomicsWarning,
)
from .experiment import DEFAULT, Column, Experiment
from .features import Features, Score, Value, extract
from .looking import check, columns, ibsi, plugins, scan

__all__ = [
    "DEFAULT", "CaseEnded", "CaseError", "Column", "Experiment", "ExperimentError", "Features", "InputError", "Mistake",
    "ProgramError", "Results", "Score", "Value", "VoxomicsError", "VoxomicsWarning", "check", "columns", "extract", "get_include",
    "ibsi", "plugins", "run", "scan",
]
