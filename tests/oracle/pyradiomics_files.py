#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 computes by the parameter files in pyradiomics_files/.

    venv/bin/python tests/oracle/pyradiomics_files.py > tests/oracle/pyradiomics_files.csv
    venv/bin/python tests/oracle/pyradiomics_files.py --check

in the environment of pyradiomics.py. pyradiomics_files.rs makes the same images by the same formulas, and imports the same files.
A file may begin with a comment that names another image than `mr`.
"""
import csv, io, logging, math, pathlib, sys

import numpy as np
import SimpleITK as sitk
from radiomics import featureextractor

logging.getLogger("radiomics").setLevel(logging.CRITICAL)
HERE = pathlib.Path(__file__).parent
SHAPE = (14, 24, 26)  # z, y, x
z, y, x = np.indices(SHAPE)
TEXTURE = (7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401
# Smooth enough that a spline has no overshoot at every voxel, and whole numbers.
SMOOTH = 3 * x * x - 2 * y * x + 11 * z * y + TEXTURE // 3
BALL = 10 * (x - 12) ** 2 + 13 * (y - 11) ** 2 + 40 * (z - 6) ** 2 < 400
IMAGES = {
    # Image, region, spacing (x, y, z), origin.
    "mr": (SMOOTH.astype(np.int16), BALL, (0.75, 1.25, 2.5), (-31.5, 12.25, 7.0)),
    # New voxels lie on old ones: whether a sum of whole numbers is cut off is decided by its last bit.
    "thirds": (TEXTURE.astype(np.int16), BALL, (1.0, 1.0, 1.5), (0.0, 0.0, 0.0)),
    "pet": ((TEXTURE / 8).astype(np.float32), BALL, (0.875, 0.875, 3.125), (4.0, -100.125, 0.375)),
    "slice": (SMOOTH.astype(np.int16), BALL & (z == 6), (0.75, 1.25, 2.5), (0.0, 0.0, 0.0)),
}


def computed(file):
    first = file.read_text().splitlines()[0]
    name = first.removeprefix("# image: ") if first.startswith("# image: ") else "mr"
    voxels, region, spacing, origin = IMAGES[name]
    image, mask = sitk.GetImageFromArray(voxels), sitk.GetImageFromArray(region.astype(np.uint8))
    for scan in (image, mask):
        scan.SetSpacing(spacing)
        scan.SetOrigin(origin)
    extractor = featureextractor.RadiomicsFeatureExtractor(str(file), additionalInfo=False)
    for column, value in extractor.execute(image, mask).items():
        if not math.isnan(float(value)):
            yield [file.stem, column, repr(float(value))]


out = io.StringIO()
writer = csv.writer(out, lineterminator="\n")
writer.writerow(["file", "column", "value"])
for file in sorted(HERE.glob("pyradiomics_files/*.yaml")):
    writer.writerows(computed(file))
if "--check" not in sys.argv:
    sys.stdout.write(out.getvalue())
else:
    kept = list(csv.reader((HERE / "pyradiomics_files.csv").open()))
    made = list(csv.reader(io.StringIO(out.getvalue())))
    same = len(kept) == len(made) and all(
        a[:2] == b[:2] and (a == b or math.isclose(float(a[2]), float(b[2]), rel_tol=1e-9, abs_tol=1e-12)) for a, b in zip(kept, made)
    )
    if not same:
        sys.exit("the stored figures are not those of this PyRadiomics")
    print(f"{len(kept) - 1} values as stored")
