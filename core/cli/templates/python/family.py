"""A feature of a region: edit the function."""

import numpy as np

from voxomics_plugin import Undefined, feature, ordered_sum

__vendor__ = "Your laboratory"
__version__ = "0.1.0"
__licence__ = "MIT OR Apache-2.0"


@feature(unit="1", meaning="much of the region is above the threshold",
         equation="voxels above the threshold / voxels of the intensity mask",
         invariant=["rotation", "mirroring", "translation"])
def NAME_SNAKE(region, *, threshold: float = 100.0):
    """Fraction above the threshold."""
    inside = region.intensities()
    # A NaN is neither above nor below: a fraction of such voxels would be a number that looks right.
    if inside.size == 0 or np.isnan(inside).any():
        raise Undefined("the region has no voxel, or an intensity that is no number")
    return ordered_sum(inside > threshold) / inside.size
