from NAME_SNAKE import NAME_SNAKE
from voxomics_plugin.testing import region


def test_half_of_the_voxels_are_above():
    assert NAME_SNAKE(region([[[5, 20], [40, 1]]]), threshold=10) == 0.5
