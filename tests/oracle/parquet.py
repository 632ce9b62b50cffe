"""Tables as pyarrow and polars write them, for the reader of tables that people bring.

    python3 -m venv venv && venv/bin/pip install pandas pyarrow polars
    venv/bin/python tests/oracle/parquet.py core/engine/src/tabular/

Not part of the gate: the files are stored, and are what these versions wrote.
"""

import datetime
import decimal
import pathlib
import sys

import numpy
import pandas
import polars
import pyarrow.parquet

FOLDER = pathlib.Path(sys.argv[1])
COLUMNS = {
    "patient": ["p1", "p2", "p3"],
    "age": [61, None, 48],
    "glcm.contrast": [0.1, float("nan"), 1e-7],
    "stage": ["II", "IV", None],
    "male": [True, False, None],
    "visit": [datetime.date(2018, 8, 14), None, datetime.date(2019, 1, 2)],
    "seen": [datetime.datetime(2018, 8, 14), datetime.datetime(2018, 8, 14, 9, 30), None],
}

frame = pandas.DataFrame(COLUMNS).astype({"age": "Int64", "stage": "category", "male": "boolean", "glcm.contrast": "float32"})
frame.index = [7, 8, 9]
frame.to_parquet(FOLDER / "pandas.parquet")
polars.DataFrame(COLUMNS, strict=False).with_columns(polars.col("glcm.contrast").cast(polars.Float32)).write_parquet(FOLDER / "polars.parquet")
polars.DataFrame({"patient": ["p1"], "all": [[1, 2]]}).write_parquet(FOLDER / "nested.parquet")
# As pandas 2 has every date, and types that are rarer.
rare = {
    "patient": pyarrow.array(["p1", "p2"]),
    "day": pyarrow.array([datetime.datetime(2018, 8, 14), None], pyarrow.timestamp("ns")),
    "before": pyarrow.array([datetime.datetime(1969, 12, 31, 9, 30, 0, 250000), None], pyarrow.timestamp("ns", tz="UTC")),
    "hour": pyarrow.array([datetime.time(9, 30), None], pyarrow.time64("ns")),
    "small": pyarrow.array([200, 1], pyarrow.uint8()),
    "large": pyarrow.array([2**63 + 5, 1], pyarrow.uint64()),
    "decimal": pyarrow.array([decimal.Decimal("1.50"), None], pyarrow.decimal128(5, 2)),
    "half": pyarrow.array(numpy.array([0.5, numpy.nan], "float16")),
    "bytes": pyarrow.array([b"II", b"IV"], pyarrow.binary()),
}
pyarrow.parquet.write_table(pyarrow.table(rare), FOLDER / "rare.parquet")
for name, cells in {"raw": pyarrow.array([b"\xff"], pyarrow.binary()), "id": pyarrow.array([b"0" * 16], pyarrow.binary(16))}.items():
    pyarrow.parquet.write_table(pyarrow.table({"patient": pyarrow.array(["p1"]), name: cells}), FOLDER / f"{name}.parquet")
