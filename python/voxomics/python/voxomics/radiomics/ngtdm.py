"""PyRadiomics' class of the features `ngtdm`."""

from .base import CLASSES

RadiomicsNGTDM = CLASSES["ngtdm"]
