"""Whether two folders of CSVs hold the same figures: close.py STORED FOUND.

Cells that are numbers may differ by 1e-6 of the stored one (other versions of R stop their iterations elsewhere), others not at all.
"""

import pathlib
import re
import sys


def number(cell):
    try:
        return float(cell)
    except ValueError:
        return None


def same(stored, found):
    a, b = number(stored), number(found)
    if a is None or b is None:
        return stored == found
    return abs(a - b) <= 1e-6 * max(1.0, abs(a))


stored, found = map(pathlib.Path, sys.argv[1:])
count = 0
for path in sorted(found.glob("*.csv")):
    of = [re.split(r"[,\s]+", line.strip()) for line in path.read_text().splitlines()]
    known = [re.split(r"[,\s]+", line.strip()) for line in (stored / path.name).read_text().splitlines()]
    assert len(of) == len(known), f"{path.name}: {len(of)} lines, stored {len(known)}"
    for line, (cells, expected) in enumerate(zip(of, known), 1):
        assert len(cells) == len(expected) and all(map(same, expected, cells)), f"{path.name}:{line}: {cells} for {expected}"
        count += len(cells)
print(f"{count} cells agree")
