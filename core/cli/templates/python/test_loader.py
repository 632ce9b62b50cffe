import pytest

from NAME_SNAKE import read
from voxomics_plugin import Failure


def test_a_file_is_read_and_a_short_one_is_refused():
    assert read("a.raw8", b"RAW8\x02\x01\x01\x05\x07", 2).voxels.tolist() == [[[5, 7]]]
    with pytest.raises(Failure, match="a.raw8 has 1 voxels"):
        read("a.raw8", b"RAW8\x02\x01\x01\x05", 2)
    with pytest.raises(Failure, match="above the limit of 1"):
        read("a.raw8", b"RAW8\x02\x01\x01\x05\x07", 1)
