"""Datasets of pydicom, as the files that the engine reads: so they are checked and read as any DICOM is."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from .errors import InputError


def _is_dataset(value: Any) -> bool:
    pydicom = sys.modules.get("pydicom")
    return pydicom is not None and isinstance(value, pydicom.Dataset)


def datasets(value: Any) -> list[Any]:
    """The datasets that a value is; none if it is something else."""
    if _is_dataset(value):
        return [value]
    if isinstance(value, (list, tuple)) and value and all(map(_is_dataset, value)):
        return list(value)
    return []


def written(found: list[Any], folder: Path, role: str) -> Path:
    """The folder of a series, or the file of one dataset."""
    pydicom = sys.modules["pydicom"]
    whole = {"enforce_file_format": True} if int(pydicom.__version__.split(".")[0]) >= 3 else {"write_like_original": False}
    folder.mkdir()
    for number, dataset in enumerate(found):
        try:
            pydicom.dcmwrite(folder / f"{number:06}.dcm", dataset, **whole)
        except Exception as cause:
            uid = dataset.get("SOPInstanceUID", "without SOPInstanceUID")
            raise InputError(
                f"dataset {number + 1} of the {role} ({uid}) cannot be written as a file, from which it would be read: {cause}. Take datasets as "
                "pydicom.dcmread gives them",
                key=role,
            ) from None
    return folder / "000000.dcm" if len(found) == 1 else folder
