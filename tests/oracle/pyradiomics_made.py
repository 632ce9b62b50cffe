#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 computes of the images in pyradiomics_made.json by the eight example files in pyradiomics_files/.

    venv/bin/python tests/oracle/pyradiomics_made.py > tests/oracle/pyradiomics_made.csv
    venv/bin/python tests/oracle/pyradiomics_made.py --check          # against the stored figures
    venv/bin/python tests/oracle/pyradiomics_made.py --check "odd sizes" border         # of these images alone
    venv/bin/python tests/oracle/pyradiomics_made.py --all            # every value, a hundred thousand of them

in the environment of pyradiomics.py. pyradiomics_made.rs makes the same images by the same recipe, and imports the same files. One value
in sixteen is stored (of MR_2D_extraction, which takes regions in one slice alone, one in three): others of each image.

A scan of one slice has no difference along z: high-pass bands along z are 0 but for rounding of 1e-13, whose signs make PyRadiomics' levels. They
are left out where the scan is normalised, so that it has other last bits. Nor is there an axis of two voxels that is resampled: ITK's B-spline then reads beyond its coefficients, and two runs of
PyRadiomics give two results.
"""
import csv, json, logging, math, pathlib, re, sys

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor

logging.getLogger("radiomics").setLevel(logging.CRITICAL)
HERE = pathlib.Path(__file__).parent
FILES = ["Params", "exampleCT", "exampleMR_3mm", "exampleMR_5mm", "exampleMR_NoResampling", "MR_2D_extraction", "exampleVoxel", "example_allShape"]
IMAGES = json.loads((HERE / "pyradiomics_made.json").read_text())
STRIDE = {file: 3 if file == "MR_2D_extraction" else 16 for file in FILES}


def noise(x, y, z, seed):
    """Whole numbers from 0 to 999 that look random, of 32 bits."""
    mask = np.uint64(0xFFFFFFFF)
    x, y, z = (np.asarray(axis).astype(np.uint64) for axis in (x, y, z))
    h = (x * np.uint64(0x9E3779B1) + y * np.uint64(0x85EBCA77) + z * np.uint64(0xC2B2AE3D) + np.uint64(seed * 0x27D4EB2F)) & mask
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(0x2C1B3C6D)) & mask
    h ^= h >> np.uint64(12)
    h = (h * np.uint64(0x297A2D39)) & mask
    h ^= h >> np.uint64(15)
    return (h % np.uint64(1000)).astype(np.int64)


def field(x, y, z, seed):
    """The noise, smoothed with the weights 1, 2, 1 along each axis."""
    total = 0
    for dz in range(3):
        for dy in range(3):
            for dx in range(3):
                weight = (1 + dx % 2) * (1 + dy % 2) * (1 + dz % 2)
                total = total + weight * noise(x + dx, y + dy, z + dz, seed)
    return total // 64


def inside(x, y, z, ellipsoid):
    a, b, c, of_x, of_y, of_z, limit = ellipsoid
    return of_x * (x - a) ** 2 + of_y * (y - b) ** 2 + of_z * (z - c) ** 2 < limit


def made(of):
    z, y, x = np.indices(of["size"][::-1])
    low, high = of["values"]
    spread = np.clip(2 * field(x, y, z, of["seed"]) - 500, 0, 1000)
    voxels = (low + (high - low) * spread // 1000) * of.get("factor", 1)
    voxels = voxels + sum(slope * axis for slope, axis in zip(of.get("slope", [0, 0, 0]), (x, y, z)))
    for *ellipsoid, more in of.get("hot", []):
        voxels = voxels + more * inside(x, y, z, ellipsoid)
    voxels = (voxels / of["divide"] if "divide" in of else voxels).astype(of.get("type", "int16"))
    region = sum(inside(x, y, z, one) for one in of["ellipsoids"]) > 0
    if "holes" in of:
        region &= noise(x, y, z, of["seed"] + 100) % of["holes"] != 0
    mask = np.zeros(region.shape, np.uint8)
    for label, other in enumerate(of.get("others", []), 1):
        mask[inside(x, y, z, other)] = label
    mask[region] = of.get("label", 1)
    scans = [sitk.GetImageFromArray(voxels), sitk.GetImageFromArray(mask)]
    for scan in scans:
        # As NIfTI keeps them.
        scan.SetSpacing([float(np.float32(mm)) for mm in of["spacing"]])
        scan.SetOrigin([float(np.float32(mm)) for mm in of.get("origin", [0, 0, 0])])
    return scans


def computed(file, name):
    """The values of a file and an image by column; none where PyRadiomics refuses it."""
    of = IMAGES[name]
    extractor = featureextractor.RadiomicsFeatureExtractor(str(HERE / f"pyradiomics_files/{file}.yaml"), additionalInfo=False)
    image, mask = made(of)
    try:
        found = extractor.execute(image, mask, label=of.get("label", 1), voxelBased=False)
    except (ValueError, RuntimeError) as refusal:
        print(f"{file}, {name}: {refusal}", file=sys.stderr)
        return {}
    values = {column: float(value) for column, value in found.items()}
    if of.get("nothing_along_z") and file.startswith("exampleMR"):
        values = {column: value for column, value in values.items() if not re.match("wavelet-..H", column)}
    return {column: value for column, value in values.items() if not math.isnan(value)}


def rows(files, names, all_values=False):
    for file in files:
        for name in names:
            number = list(IMAGES).index(name)
            values = computed(file, name)
            groups = {}
            for at, (column, value) in enumerate(values.items()):
                if all_values or (at + 5 * number) % STRIDE[file] == 0:
                    image_type, feature = column.split("_", 1)
                    groups.setdefault(image_type, []).append(f"{feature}={value:.11g}")
            for image_type, cells in groups.items():
                yield [file, name, image_type, *cells]


def check(names):
    with open(HERE / "pyradiomics_made.csv", newline="") as kept:
        stored = [row for row in csv.reader(kept) if row[1] in names]
    found = list(rows(FILES, names))
    assert [row[:3] for row in stored] == [row[:3] for row in found], "other images than those stored"
    count = 0
    for old, new in zip(stored, found):
        for a, b in zip(old[3:], new[3:], strict=True):
            (feature, a), (of, b) = a.split("="), b.split("=")
            assert feature == of and math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-12), (old[:3], feature, a, b)
            count += 1
    print(f"{count} values of made images as stored")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        check([name for name in IMAGES if name in sys.argv[2:] or not sys.argv[2:]])
    else:
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerows(rows(FILES, list(IMAGES), sys.argv[1:] == ["--all"]))
