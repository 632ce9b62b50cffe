#!/usr/bin/env python3
"""What MIRP 2.7.0 makes of a small image with filters of IBSI 2 for which there are no reference maps.

    python -m venv venv && venv/bin/pip install mirp==2.7.0
    venv/bin/python core/imaging/tests/oracle/mirp_filters.py > core/imaging/tests/oracle/mirp_filters.csv

mirp_filters.rs makes the same image by the same formula. MIRP computes in single precision.
"""
import logging

import numpy as np
from mirp import extract_images

logging.disable(logging.CRITICAL)
SHAPE = (17, 21, 18)  # z, y, x: even and odd
STEP = 97

z, y, x = np.indices(SHAPE)
IMAGE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(np.float32)
MASK = np.ones(SHAPE, bool)


def laws(kernel, pooling, delta=None, boundary="reflect"):
    return dict(
        filter_kernels="laws", laws_kernel=kernel, laws_compute_energy=delta is not None, laws_delta=delta or 7,
        laws_rotation_invariance=True, laws_pooling_method=pooling, laws_boundary_condition=boundary,
    )


def wavelet(family, band, level, pooling, boundary):
    return dict(
        filter_kernels="separable_wavelet", separable_wavelet_families=family, separable_wavelet_set=band,
        separable_wavelet_stationary=True, separable_wavelet_decomposition_level=level,
        separable_wavelet_rotation_invariance=pooling is not None, separable_wavelet_pooling_method=pooling or "mean",
        separable_wavelet_boundary_condition=boundary,
    )


def gabor(sigma, wavelength, gamma, step, pooling, boundary):
    return dict(
        filter_kernels="gabor", gabor_sigma=sigma, gabor_lambda=wavelength, gabor_gamma=gamma, gabor_theta=0.0,
        gabor_theta_step=step, gabor_rotation_invariance=True, gabor_pooling_method=pooling, gabor_response="modulus",
        gabor_boundary_condition=boundary,
    )


CASES = {
    "laws R5E5L5 min energy 3 zero": (False, laws("R5E5L5", "min", 3, "constant")),
    "laws E3S5 max periodic 2D": (True, laws("E3S5", "max", boundary="wrap")),
    "sym4 LHH 1 average periodic": (False, wavelet("sym4", "lhh", 1, "mean", "wrap")),
    "coif2 HHL 2 max mirror": (False, wavelet("coif2", "hhl", 2, "max", "reflect")),
    "db3 HLH 2 none nearest": (False, wavelet("db3", "hlh", 2, None, "nearest")),
    "db5 HL 1 min mirror 2D": (True, wavelet("db5", "hl", 1, "min", "reflect")),
    "gabor 1.5 2.5 0.8 45 max mirror": (False, gabor(1.5, 2.5, 0.8, 45.0, "max", "reflect")),
    "gabor 1.2 3 2 30 average periodic": (False, gabor(1.2, 3.0, 2.0, 30.0, "mean", "wrap")),
}

print("filter,voxel,value")
for name, (by_slice, settings) in CASES.items():
    images = extract_images(
        image=IMAGE, mask=MASK, image_export_format="native", write_images=False, by_slice=by_slice, **settings
    )
    response = images[0][0][-1].get_voxel_grid()
    for at, value in list(enumerate(np.asarray(response).ravel()))[::STEP]:
        print(f"{name},{at},{float(value)!r}", flush=True)
