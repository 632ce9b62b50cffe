"""Of PyRadiomics' ``imageoperations`` what comes before features: masks looked at and cut, images normalised and resampled."""

from ._before import checkMask, cropToTumorMask, getMask, normalizeImage, resampleImage, resegmentMask

__all__ = ["checkMask", "cropToTumorMask", "getMask", "normalizeImage", "resampleImage", "resegmentMask"]
