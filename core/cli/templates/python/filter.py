"""A filter: edit the function and its margin."""

from voxomics_plugin import filter

__vendor__ = "Your laboratory"
__version__ = "0.1.0"
__licence__ = "MIT OR Apache-2.0"


@filter(margin=0)
def NAME_SNAKE(image, *, offset: float = 1.0):
    """Adds a number to every voxel."""
    return image.voxels + offset
