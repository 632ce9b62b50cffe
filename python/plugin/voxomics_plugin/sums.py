"""Sums whose last bit does not depend on the version of Python or NumPy, or on how an array lies in memory.

``numpy.sum`` adds in blocks whose size depends on the memory layout, and Python's ``sum`` changed its method in 3.12. A feature that
should have the same bits in Rust, C and Python adds with one of these instead.
"""

import math

import numpy as np


def ordered_sum(values) -> float:
    """The sum in the order of the values, each addition rounded: what a plain loop in C or Rust gives.

    ``values`` are taken in C order, which is *x* fastest for a view that the program handed over.
    """
    values = np.ascontiguousarray(values, dtype=np.float64).ravel()
    # The last element of a cumulative sum is defined by the order of additions; numpy.sum is not.
    return float(np.add.accumulate(values)[-1]) if values.size else 0.0


def exact_sum(values) -> float:
    """The exact sum, rounded once: independent of any order."""
    return math.fsum(np.ascontiguousarray(values, dtype=np.float64).ravel())
