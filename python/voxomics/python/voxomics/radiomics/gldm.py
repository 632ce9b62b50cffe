"""PyRadiomics' class of the features `gldm`."""

from .base import CLASSES

RadiomicsGLDM = CLASSES["gldm"]
