"""PyRadiomics' class of the features `glcm`."""

from .base import CLASSES

RadiomicsGLCM = CLASSES["glcm"]
