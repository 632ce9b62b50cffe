"""PyRadiomics' test cases, where somebody has them, and the progress that nobody asked to see."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Iterator

#: The cases by name, as PyRadiomics knows them.
NAMES = ("brain1", "brain2", "breast1", "lung1", "lung2", "test_wavelet_64x64x64", "test_wavelet_37x37x37")


def find(case: str, folder: Any) -> tuple[str, str]:
    """Image and mask of a case; with ``_2D`` behind its name, the mask of one slice."""
    name, in_slice = case.lower(), False
    if name.endswith("_2d"):
        name, in_slice = name[:-3], True
    if name not in NAMES:
        raise ValueError(f'Testcase "{case}" not recognized! There are: {", ".join(NAMES)}')
    files = (f"{name}_image.nrrd", f"{name}_label{'_2D' if in_slice else ''}.nrrd")
    folders = _folders(folder)
    for place in folders:
        image, mask = (os.path.join(place, file) for file in files)
        if os.path.isfile(image) and os.path.isfile(mask):
            return image, mask
    raise FileNotFoundError(
        f"the test case {case} ({files[0]} and {files[1]}) is in none of {', '.join(map(os.path.abspath, folders))}. PyRadiomics downloads "
        "it, voxomics does not: five cases are in the folder data of PyRadiomics' source distribution, and all of them among the files of "
        "its release v1.0 on GitHub. Put them into a folder, and call getTestCase(name, folder)"
    )


def _folders(folder: Any) -> list[str]:
    if folder is not None:
        return [os.fspath(folder), os.path.join(os.fspath(folder), "data")]
    return [".", "data", os.path.join("..", "data"), os.path.join(tempfile.gettempdir(), "pyradiomics", "data")]


class Silent:
    """Progress that nobody sees: iterates over what it was given, and can be used in a ``with``."""

    def __init__(self, iterable: Any = None, desc: str = "", total: Any = None):
        self.iterable, self.desc = iterable, desc

    def __iter__(self) -> Iterator[Any]:
        return iter(self.iterable)

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: Any) -> None:
        pass

    def update(self, n: int = 1) -> None:
        pass
