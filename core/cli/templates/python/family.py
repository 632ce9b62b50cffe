"""A feature of a region: edit the function."""

from voxomics_plugin import feature, ordered_sum

__vendor__ = "Your laboratory"
__version__ = "0.1.0"


@feature(unit="1", meaning="much of the region is above the threshold",
         equation="voxels above the threshold / voxels of the intensity mask")
def NAME_SNAKE(region, *, threshold: float = 100.0):
    """Fraction above the threshold."""
    inside = region.intensities()
    return ordered_sum(inside > threshold) / inside.size
