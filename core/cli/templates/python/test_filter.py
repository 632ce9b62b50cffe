from NAME_SNAKE import NAME_SNAKE
from voxomics_plugin.testing import image


def test_every_voxel_is_moved():
    assert NAME_SNAKE(image([[[1, 5]]]), offset=2).tolist() == [[[3, 7]]]
