"""A predictor: edit `inputs` and `predict`."""

from voxomics_plugin import predictor

__vendor__ = "Your laboratory"
__version__ = "0.1.0"
__licence__ = "MIT OR Apache-2.0"


@predictor
class TYPE:
    """The weighted mean intensity of the tumour."""

    def __init__(self, *, weight: float = 1.0):
        self.weight = weight

    def inputs(self):
        return ["tumour:statistics.mean"]

    def predict(self, inputs):
        return self.weight * inputs[0].value
