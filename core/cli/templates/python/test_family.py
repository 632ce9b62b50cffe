import pytest

from NAME_SNAKE import NAME_SNAKE
from voxomics_plugin import Undefined
from voxomics_plugin.testing import region


def test_half_of_the_voxels_are_above():
    assert NAME_SNAKE(region([[[5, 20], [40, 1]]]), threshold=10) == 0.5


def test_a_voxel_that_is_no_number_gives_a_reason():
    with pytest.raises(Undefined, match="no number"):
        NAME_SNAKE(region([[[float("nan"), 20]]]))
