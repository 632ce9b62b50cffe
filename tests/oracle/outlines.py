"""Figures that outlines and segmentations of the reference data are held against.

    pip install pydicom nibabel numpy matplotlib
    python outlines.py /path/to/reference [--check]

With --check, voxels and places must be those that the tests of `plugins/load-dicom` hold, and no other filling may differ;
exit code 1 if that is not so.

For each region: the voxels, those of each slice, and the place of all of them as one number: the sum, modulo 2^64, of a
mixing function (splitmix64) of their indices in the whole image, x fastest, slices in ascending order along the normal
(rows x columns) of the slices. The polygons are filled here slowly and in floating point: a voxel is inside if its centre
is, by the even-odd rule over all contours of a slice; matplotlib's test of points in a polygon must say the same.
"""

import sys
from pathlib import Path

import nibabel
import numpy as np
import pydicom
from matplotlib.path import Path as Polygon

COLLECTIONS = ["ibsi/ibsi1/ct_phantom_dicom", "dicom/sts_005/CT", "dicom/sts_005/MR_T1", "dicom/sts_005/PET"]


class Grid:
    """The grid of the series in a folder."""

    def __init__(self, folder):
        slices = [pydicom.dcmread(file, stop_before_pixels=True) for file in sorted(folder.glob("*.dcm"))]
        first = slices[0]
        rows, columns = np.array(first.ImageOrientationPatient, float).reshape(2, 3)
        normal = np.cross(rows, columns)
        height = lambda one: float(np.array(one.ImagePositionPatient, float) @ normal)
        slices.sort(key=height)
        self.origin = np.array(slices[0].ImagePositionPatient, float)
        self.axes = np.array([rows, columns, normal])
        between = (height(slices[-1]) - height(slices[0])) / (len(slices) - 1)
        self.spacing = np.array([first.PixelSpacing[1], first.PixelSpacing[0], between], float)
        self.shape = (len(slices), first.Rows, first.Columns)

    def index(self, points):
        return (points - self.origin) @ self.axes.T / self.spacing


def crossings(polygon, mask):
    """Even-odd filling, one edge and one row at a time; a centre on an edge belongs to the side of larger index."""
    rows, columns = mask.shape
    marks = np.zeros((rows, columns + 1), np.uint8)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, 0)):
        if y0 > y1:
            x0, y0, x1, y1 = x1, y1, x0, y0
        for row in range(max(0, int(np.ceil(y0))), min(rows, int(np.ceil(y1)))):
            crossing = x0 + (row - y0) * (x1 - x0) / (y1 - y0)
            marks[row, int(np.clip(np.ceil(crossing), 0, columns))] ^= 1
    mask ^= (np.cumsum(marks, 1) % 2)[:, :columns].astype(np.uint8)


def outlines(file, grid):
    """The mask of the only region of an RTSTRUCT, and in how many voxels another filling differs."""
    mask, other = np.zeros(grid.shape, np.uint8), np.zeros(grid.shape, np.uint8)
    centres = np.stack(np.meshgrid(np.arange(grid.shape[2]), np.arange(grid.shape[1])), -1).reshape(-1, 2)
    (region,) = pydicom.dcmread(file).ROIContourSequence
    for contour in region.ContourSequence:
        # Coordinates rounded to 2^-20 voxels, so that an edge through a centre is one also after the transformation.
        points = grid.index(np.array(contour.ContourData, float).reshape(-1, 3))
        polygon = np.round(points[:, :2] * 2**20) / 2**20
        slice_index = int(np.floor(points[:, 2].mean() + 0.5))
        crossings(polygon, mask[slice_index])
        inside = Polygon(np.vstack([polygon, polygon[:1]]), closed=True).contains_points(centres)
        other[slice_index] ^= inside.reshape(grid.shape[1:]).astype(np.uint8)
    return mask, int((mask != other).sum())


def segment(file, grid):
    """The mask of the only segment of a SEG whose frames are slices of the image."""
    seg = pydicom.dcmread(file)
    mask = np.zeros(grid.shape, np.uint8)
    most = float(seg.get("MaximumFractionalValue", 1))
    for frame, groups in zip(seg.pixel_array, seg.PerFrameFunctionalGroupsSequence):
        at = grid.index(np.array(groups.PlanePositionSequence[0].ImagePositionPatient, float))
        assert np.abs(at - np.round(at)).max() < 1e-3 and np.abs(at[:2]).max() < 1e-3
        mask[int(round(at[2]))] = frame / most >= 0.5
    return mask


def place(mask):
    z = np.flatnonzero(mask).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return int((z ^ (z >> np.uint64(31))).sum(dtype=np.uint64))


def show(name, mask, remark):
    """Prints the figures of a region; returns them as the tests write them."""
    counts = [int(n) for n in mask.sum((1, 2))]
    drawn = [i for i, n in enumerate(counts) if n]
    print(f"{name}: {sum(counts)} voxels, place {place(mask):#018x}; {remark}")
    print(f"  from slice {drawn[0]}: {counts[drawn[0]:drawn[-1] + 1]}")
    return f"({sum(counts):_}, 0x{place(mask):019_x})"


def main(reference, held):
    """Prints all figures; returns what is not as it should be, or not in the text `held`."""
    shown, wrong = [], []
    for collection in COLLECTIONS:
        folder = reference / collection
        grid = Grid(folder / "image")
        (file,) = (folder / "mask").glob("*.dcm")
        mask, others = outlines(file, grid)
        remark = f"matplotlib differs in {others}"
        differing = others
        if "phantom" in collection:
            nifti = np.asarray(nibabel.load(reference / "ibsi/ibsi1/ct_phantom/mask.nii.gz").dataobj)
            of_nifti = int((mask != (nifti.transpose(2, 1, 0) != 0)).sum())
            remark += f", the NIfTI mask in {of_nifti}"
            differing += of_nifti
        shown.append(show(collection, mask, remark))
        if differing:
            wrong.append(f"{collection}: {remark}")
    folder = reference / "dicom/breast_mr_seg"
    (file,) = (folder / "mask").glob("*.dcm")
    remark = "a voxel of 128 of 255 or more"
    shown.append(show("dicom/breast_mr_seg", segment(file, Grid(folder / "image_dce_pe1")), remark))
    return wrong + [f"not held by the tests: {figures}" for figures in shown if figures not in held]


tests = Path(__file__).parents[2] / "plugins/load-dicom/src/outlines/tests/reference.rs"
complaints = main(Path(sys.argv[1]), tests.read_text())
if "--check" in sys.argv[2:]:
    sys.exit("\n".join(complaints)) if complaints else print("all masks as the tests hold them")
