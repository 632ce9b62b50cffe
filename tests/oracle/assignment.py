"""Assignments of least cost by SciPy, as tests/oracle/assignment.csv has them.

    python tests/oracle/assignment.py            # writes the table
    python tests/oracle/assignment.py --check    # computes it again

A row is a table of costs: its rows, its columns, how many pairs there are at most, the sum of their costs, and the costs row after row, with
`-` for a pair that cannot be. scipy.optimize.linear_sum_assignment is given a cost for these that is larger than all others together.
"""

import pathlib
import sys

import numpy
from scipy.optimize import linear_sum_assignment

TABLE = pathlib.Path(__file__).with_suffix(".csv")


def rows():
    generator = numpy.random.default_rng(5)
    yield "rows,columns,pairs,total,costs"
    for number in range(48):
        height, width = generator.integers(1, 9, size=2)
        # Half of the tables have ties.
        costs = generator.random((height, width)) * 20 if number % 2 else generator.integers(0, 6, (height, width)).astype(float)
        never = generator.random((height, width)) < [0, 0.2, 0.5, 0.8][number % 4]
        table = numpy.where(never, 1e6, costs)
        taken = [(i, j) for i, j in zip(*linear_sum_assignment(table)) if not never[i, j]]
        total = sum(costs[i, j] for i, j in taken)
        cells = " ".join("-" if out else repr(float(cost)) for cost, out in zip(costs.ravel(), never.ravel()))
        yield f"{height},{width},{len(taken)},{float(total)!r},{cells}"


found = list(rows())
if "--check" in sys.argv:
    assert TABLE.read_text().splitlines() == found, "SciPy assigns otherwise"
    print(f"{len(found) - 1} tables: assignments as they are stored")
else:
    TABLE.write_text("\n".join(found) + "\n")
