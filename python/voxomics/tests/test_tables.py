"""Features as tables of other packages, in all of which a number keeps its bits."""

from __future__ import annotations

import logging
import math

import numpy as np
import pytest
import scene
import voxomics

GRID = {"spacing": scene.SPACING, "axes": "zyx"}
RINGED = {
    "regions": {"tumour": {}, "ring": {"ring_of": "tumour", "outward_mm": 3.0}},
    "discretisation": {"method": "fixed bin number", "bins": 8},
    "features": {"statistics": {}, "glcm": {"only": ["joint_entropy", "correlation"]}},
}


@pytest.fixture(scope="module")
def found():
    image, mask = scene.scan()
    # In a flat region, correlation and others are not defined.
    return voxomics.extract(np.where(mask > 0, 7, image), mask, RINGED, **GRID)


def rows_of(name, found, long):
    if name == "pandas":
        return found.to_pandas(long).to_dict("records")
    return found.to_polars(long).to_dicts() if name == "polars" else found.to_arrow(long).to_pylist()


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow"])
@pytest.mark.parametrize("long", [False, True])
def test_a_table_has_the_records(name, long, found):
    pytest.importorskip(name)
    rows, records = rows_of(name, found, long), found.records(long)
    assert len(rows) == len(records) == (len(found) if long else 2)
    for row, record in zip(rows, records):
        assert list(row) == list(record)
        for key, value in record.items():
            if isinstance(value, float):
                # NaN where there is no value, and not a null that some packages skip and others do not.
                assert isinstance(row[key], float) and (row[key] == value or math.isnan(row[key]) and math.isnan(value)), key
            else:
                assert row[key] == value, key
    if long:
        undefined = [row for row in rows if row["status"] == "undefined"]
        assert undefined and all(math.isnan(row["value"]) and row["reason"] for row in undefined)


@pytest.mark.parametrize("name, kind", [("polars", "Float64"), ("pyarrow", "double")])
def test_a_column_of_values_is_of_numbers(name, kind, found):
    package = pytest.importorskip(name)
    table = found.to_polars() if name == "polars" else found.to_arrow()
    types = {column: str(of) for column, of in (table.schema.items() if name == "polars" else zip(table.schema.names, table.schema.types))}
    assert types.pop("case").lower() in ("string", "str") and types.pop("region").lower() in ("string", "str")
    assert set(types.values()) == {kind} and len(types) == len(found) / 2 and package.__name__ == name


def test_a_table_of_many_cases_is_joined(found):
    polars = pytest.importorskip("polars")
    pyarrow = pytest.importorskip("pyarrow")
    assert polars.concat([found.to_polars(), found.to_polars()]).height == 4
    assert pyarrow.concat_tables([found.to_arrow(long=True), found.to_arrow(long=True)]).num_rows == 2 * len(found)


def test_the_log_hears_of_a_run(tmp_path, caplog):
    image, mask = scene.scan()
    rows = []
    for number, label in enumerate((1, 3)):
        scene.write_nrrd(tmp_path / f"image{number}.nrrd", image)
        scene.write_nrrd(tmp_path / f"mask{number}.nrrd", mask)
        rows.append({"case": f"c{number}", "image": tmp_path / f"image{number}.nrrd", "mask": tmp_path / f"mask{number}.nrrd", "label": label})
    experiment = {"plugins": {"use": ["load-nrrd", "features-statistics"]}, "features": {"statistics": {}}}
    with caplog.at_level(logging.DEBUG, "voxomics"), pytest.warns(voxomics.VoxomicsWarning, match="1 of 2 cases failed"):
        voxomics.run(experiment, rows, tmp_path / "out", threads=1)
    assert {record.name for record in caplog.records} == {"voxomics"}
    said = {level: [record.getMessage() for record in caplog.records if record.levelno == level] for level in (logging.INFO, logging.ERROR)}
    assert any("/2] c0" in line for line in said[logging.INFO]) and any(line.startswith("c1: ") and "label" in line for line in said[logging.ERROR])
    assert not any("c0" in line for line in said[logging.ERROR])
