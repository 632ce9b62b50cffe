"""PyRadiomics' class of the features `shape`."""

from .base import CLASSES

RadiomicsShape = CLASSES["shape"]
