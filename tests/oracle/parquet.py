"""Tables as pyarrow and polars write them, for the reader of tables that people bring.

    python3 -m venv venv && venv/bin/pip install pandas pyarrow polars
    venv/bin/python tests/oracle/parquet.py core/engine/src/tabular/

Not part of the gate: the files are stored, and are what these versions wrote.
"""

import datetime
import pathlib
import sys

import pandas
import polars

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
