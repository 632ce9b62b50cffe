"""PyRadiomics' ``imageoperations``: masks looked at and cut, images normalised, resampled and filtered."""

from ._before import checkMask, cropToTumorMask, getMask, normalizeImage, resampleImage, resegmentMask
from ._filters import of_type

getExponentialImage = of_type("Exponential")
getGradientImage = of_type("Gradient")
getLBP2DImage = of_type("LBP2D")
getLoGImage = of_type("LoG")
getLogarithmImage = of_type("Logarithm")
getOriginalImage = of_type("Original")
getSquareImage = of_type("Square")
getSquareRootImage = of_type("SquareRoot")
getWaveletImage = of_type("Wavelet")

__all__ = [
    "checkMask", "cropToTumorMask", "getExponentialImage", "getGradientImage", "getLBP2DImage", "getLoGImage", "getLogarithmImage", "getMask",
    "getOriginalImage", "getSquareImage", "getSquareRootImage", "getWaveletImage", "normalizeImage", "resampleImage", "resegmentMask",
]
