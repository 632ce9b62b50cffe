import pytest

from NAME_SNAKE import TYPE
from voxomics_plugin import Input, Undefined


def test_a_missing_input_gives_a_reason():
    predictor = TYPE(weight=2)
    assert predictor.predict([Input("tumour:statistics.mean", 2.5)]) == 5
    with pytest.raises(Undefined, match="flat"):
        predictor.predict([Input("tumour:statistics.mean", 0, "flat")])
