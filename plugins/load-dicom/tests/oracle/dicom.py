"""Figures of the reference data, computed with pydicom and NumPy alone: geometry, and SHA-256 of the stored voxels.

    pip install pydicom numpy && python dicom.py /path/to/reference [--check]

With --check, the figures must be those that `../reference.rs` holds; exit code 1 if one is not. Slices are sorted along the normal; voxels are hashed in little endian, x fastest.
"""

import hashlib
import pathlib
import sys

import numpy as np
import pydicom

SERIES = [
    "ibsi/ibsi1/ct_phantom_dicom/image",
    "dicom/sts_005/CT/image",
    "dicom/sts_005/MR_T1/image",
    "dicom/sts_005/PET/image",
    "dicom/breast_mr_seg/image_dce_pe1",
]


def main(reference, held):
    """Prints the figures of each series, and returns those that are not in the text `held`."""
    missing = []
    for name in SERIES:
        files = [path for path in sorted((reference / name).rglob("*")) if path.suffix == ".dcm"]
        slices = [pydicom.dcmread(path) for path in files]
        row, column = np.reshape([float(x) for x in slices[0].ImageOrientationPatient], (2, 3))
        normal = np.cross(row, column)
        slices.sort(key=lambda s: np.dot(normal, [float(x) for x in s.ImagePositionPatient]))
        at = [np.dot(normal, [float(x) for x in s.ImagePositionPatient]) for s in slices]
        voxels = np.stack([s.pixel_array for s in slices])
        digest = hashlib.sha256(voxels.astype(voxels.dtype.newbyteorder("<")).tobytes()).hexdigest()
        spacing = slices[0].PixelSpacing
        scale = {(float(s.get("RescaleSlope", 1)), float(s.get("RescaleIntercept", 0))) for s in slices}
        print(name)
        print("  dims", voxels.shape[::-1], voxels.dtype)
        print("  spacing", [float(spacing[1]), float(spacing[0]), (at[-1] - at[0]) / (len(at) - 1)])
        print("  origin", [float(x) for x in slices[0].ImagePositionPatient])
        print("  direction", row.tolist(), column.tolist(), normal.tolist())
        print("  scalings", len(scale), sorted(scale)[:2])
        intensities = sum(
            s.pixel_array.astype(float).sum() * float(s.get("RescaleSlope", 1))
            + float(s.get("RescaleIntercept", 0)) * s.pixel_array.size
            for s in slices
        )
        print("  mean", intensities / voxels.size)
        print("  sha256", digest)
        origin = str([float(x) for x in slices[0].ImagePositionPatient])
        for figure in [digest, str(intensities / voxels.size), f"dims: {list(voxels.shape[::-1])}", f"origin: {origin}"]:
            if held is not None and figure not in held:
                missing.append(f"{name}: {figure}")
    return missing


check = "--check" in sys.argv[2:]
tests = pathlib.Path(__file__).parent.parent / "reference.rs"
wrong = main(pathlib.Path(sys.argv[1]), tests.read_text() if check else None)
if check:
    sys.exit("\n".join(f"not in {tests.name}: {figure}" for figure in wrong)) if wrong else print("all series as the tests hold them")
