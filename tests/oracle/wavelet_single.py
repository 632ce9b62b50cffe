"""How far a wavelet in single precision may lie off: PyWavelets on a scan as it is stored, and on the same scan in double precision.

    python -m venv venv && venv/bin/pip install PyWavelets nibabel numpy
    venv/bin/python tests/oracle/wavelet_single.py REFERENCE        # the folder of reference data

PyRadiomics filters a scan in the type of its file. The CT phantom of IBSI 1 is stored in single precision. The program filters it in double
precision, and its values are those of PyWavelets in double precision. So whatever differs is the rounding of single precision.

The bound. A voxel of a band is made by three passes, along z, y and x. Each sums K = 6 products of weights h and values, K + 1 roundings of at
most u = 2^-24 of what is summed. So its error is at most 3 (K + 1) u (sum |h|)^3 max |x| = d, to first order in u. A mean, a median and a
percentile are then off by at most d. The skewness g is m3 / s^3, and its derivative by the response of a voxel gives
|change of g| <= 3 (2 + |g|) d / s, where s is the standard deviation.
"""

import pathlib
import sys

import nibabel
import numpy as np
import pywt

PHANTOM = pathlib.Path("ibsi/ibsi1/ct_phantom")
WAVELET = pywt.Wavelet("coif1")
UNIT = 2.0**-24


def bands(image):
    """The bands as PyRadiomics makes them, by their letters (x first); an odd axis is continued by its first voxel."""
    even = np.pad(image, [(0, n % 2) for n in image.shape], "wrap")
    found = pywt.swtn(even, WAVELET, level=1, start_level=0)[0]
    inside = tuple(slice(n) for n in image.shape)
    return {key.replace("a", "L").replace("d", "H"): band[inside] for key, band in found.items()}


def skewness(x):
    return np.mean((x - x.mean()) ** 3) / x.std() ** 3


def main():
    folder = pathlib.Path(sys.argv[1]) / PHANTOM
    image = nibabel.load(folder / "image.nii.gz")
    assert image.get_data_dtype() == np.float32
    image = np.asarray(image.dataobj)
    inside = np.asarray(nibabel.load(folder / "mask.nii.gz").dataobj) == 1
    single, double = bands(image.astype(np.float32)), bands(image.astype(np.float64))
    weights = np.abs(WAVELET.dec_lo).sum()
    assert np.isclose(weights, np.abs(WAVELET.dec_hi).sum())
    bound = 3 * (WAVELET.dec_len + 1) * UNIT * weights**3 * np.abs(image).max()
    print(f"bound of a voxel: {bound:.2e}")
    beyond, largest = 0, 0.0
    for name in double:
        assert single[name].dtype == np.float32
        furthest = np.abs(single[name] - double[name]).max()
        assert furthest <= bound, (name, furthest, bound)
        largest = max(largest, furthest)
        x, exact = single[name][inside].astype(np.float64), double[name][inside]
        g = skewness(exact)
        figures = {"mean": (np.mean, bound), "median": (np.median, bound)}
        figures["90th percentile"] = (lambda x: np.percentile(x, 90), bound)
        figures["skewness"] = (skewness, 3 * (2 + abs(g)) * bound / exact.std())
        for figure, (of, limit) in figures.items():
            off = abs(of(x) - of(exact))
            assert off <= limit, (name, figure, off, limit)
            if off > 1e-6 * abs(of(exact)):
                beyond += 1
                print(f"{name} {figure}: {of(exact):.6g}, off by {off:.1e}, at most {limit:.1e}")
    print(f"{beyond} figures lie more than 1e-6 off in single precision, all within their bounds; the worst voxel by {largest:.1e} of {bound:.1e}")


if __name__ == "__main__":
    main()
