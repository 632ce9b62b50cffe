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


def test_a_name_that_looks_like_a_number_stays_a_name(tmp_path):
    pytest.importorskip("pandas")
    from voxomics import _tables

    columns = {
        "site": ["01", "02", "03"], "code": ["1e5", "100000", "2"], "sign": ["+1", "2", "3"], "padded": ["007", "", "012"], "words": ["1_0", "20", "30"],
        "whole": [1, 20, -3], "value": [1.5, float("nan"), -2e-7], "large": [1e300, 0.0, 1e16], "gaps": [1.0, float("nan"), 3.0],
    }
    texts = {"value": ["1.5", "", "-2e-7"], "large": ["1e300", "0", "1e16"], "gaps": ["1", "", "3"]}
    with open(tmp_path / "t.csv", "w") as file:
        rows = zip(*(texts.get(name, cells) for name, cells in columns.items()))
        file.write("\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n")
    found = _tables.read(tmp_path / "t.csv").to_dict("list")
    for name, cells in columns.items():
        assert [type(cell) for cell in found[name]] == [type(cell) for cell in cells], name
        assert np.array_equal(found[name], cells, equal_nan=name in texts), name


def test_whole_numbers_with_gaps_stay_whole(tmp_path):
    pandas = pytest.importorskip("pandas")
    from voxomics import _tables

    frame = pandas.DataFrame({"case": ["a", "b", "c"], "image": "i", "mask": "m", "grade": [1, 2, None], "dose": [1.0, 2.0, 3.0], "part": [1.5, None, 2]})
    rows = scene.table(_tables.case_list(frame, tmp_path / "cases.csv"))
    assert [(row["grade"], row["dose"], row["part"]) for row in rows] == [("1", "1.0", "1.5"), ("2", "2.0", ""), ("", "3.0", "2.0")]
