"""PyRadiomics' class of the features `glszm`."""

from .base import CLASSES

RadiomicsGLSZM = CLASSES["glszm"]
