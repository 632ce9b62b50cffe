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
from .figures import Figure, Figures
from .looking import check, columns, ibsi, plugins, scan
from .own import feature

__all__ = [
    "DEFAULT", "CaseEnded", "CaseError", "Column", "Experiment", "ExperimentError", "Features", "Figure", "Figures", "InputError", "Mistake",
    "ProgramError", "Results", "Score", "Value", "VoxomicsError", "VoxomicsWarning", "check", "columns", "extract", "feature",
    "get_include", "ibsi", "plugins", "run", "scan",
]


def __getattr__(name: str) -> object:
    """What authors of features need, from the package for authors."""
    if name in ("Setting", "Undefined", "exact_sum", "ordered_sum"):
        import voxomics_plugin

        return getattr(voxomics_plugin, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
