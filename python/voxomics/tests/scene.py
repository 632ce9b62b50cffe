"""A scan that tests make: a lump in noise, as arrays and as the same thing in a file."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

SPACING = (0.8, 0.7, 2.5)
ORIGIN = (-12.5, 30.25, -7.0)
# Turned by a quarter about z: rows are the index axes' matrix as SimpleITK has it.
DIRECTION = (0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
ROOT = Path(__file__).resolve().parents[3]


def scan(kind: str = "int16", size=(14, 40, 36), seed: int = 7) -> tuple[np.ndarray, np.ndarray]:
    """An image and a mask with the label 1, indexed [z, y, x]."""
    noise = np.random.default_rng(seed)
    z, y, x = np.indices(size)
    centre = [(n - 1) / 2 for n in size]
    inside = ((z - centre[0]) / 4.2) ** 2 + ((y - centre[1]) / 9.0) ** 2 + ((x - centre[2]) / 8.0) ** 2 < 1
    values = 20 + 60 * inside + noise.normal(0, 12, size) + 0.8 * x
    image = np.clip(values, 0, 250).astype(kind) if np.dtype(kind).kind == "u" else values.astype(kind)
    return image, inside.astype(np.uint8)


_TYPES = {
    "uint8": "uchar", "int8": "signed char", "uint16": "ushort", "int16": "short", "uint32": "uint", "int32": "int",
    "uint64": "uint64", "int64": "int64", "float32": "float", "float64": "double",
}


def write_nrrd(path: Path, array: np.ndarray, spacing=SPACING, origin=ORIGIN, direction=DIRECTION) -> Path:
    """The array as a NRRD file with the same numbers."""
    axes = [[direction[row * 3 + axis] * spacing[axis] for row in range(3)] for axis in range(3)]
    vector = lambda v: "(" + ",".join(repr(float(x)) for x in v) + ")"
    lines = [
        "NRRD0004", f"type: {_TYPES[array.dtype.name]}", "dimension: 3", "space: left-posterior-superior",
        "sizes: " + " ".join(str(n) for n in array.shape[::-1]), "space directions: " + " ".join(map(vector, axes)),
        "kinds: domain domain domain", "endian: little", "encoding: raw", f"space origin: {vector(origin)}",
    ]
    path.write_bytes("\n".join(lines).encode() + b"\n\n" + np.ascontiguousarray(array).tobytes())
    return path


def case_files(folder: Path, image: np.ndarray, mask: np.ndarray, **columns) -> Path:
    """A list of one case with both as files."""
    write_nrrd(folder / "image.nrrd", image)
    write_nrrd(folder / "mask.nrrd", mask)
    row = {"case": "case", "image": "image.nrrd", "mask": "mask.nrrd", **columns}
    with open(folder / "cases.csv", "w", newline="") as file:
        writer = csv.DictWriter(file, row)
        writer.writeheader()
        writer.writerow(row)
    return folder / "cases.csv"


def table(path: Path) -> list[dict[str, str]]:
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def simpleitk(voxels, region, spacing):
    """An image and its mask for SimpleITK, on one grid."""
    import SimpleITK

    pair = SimpleITK.GetImageFromArray(voxels), SimpleITK.GetImageFromArray(region.astype("uint8"))
    for image in pair:
        image.SetSpacing(spacing)
    return pair
