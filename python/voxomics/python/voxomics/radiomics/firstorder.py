"""PyRadiomics' class of the features `firstorder`."""

from .base import CLASSES

RadiomicsFirstOrder = CLASSES["firstorder"]
