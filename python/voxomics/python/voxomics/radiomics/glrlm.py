"""PyRadiomics' class of the features `glrlm`."""

from .base import CLASSES

RadiomicsGLRLM = CLASSES["glrlm"]
