"""Tables of Parquet and Arrow, read by pandas, polars, pyarrow and, where it is at hand, R.

    venv/bin/python tests/oracle/columnar.py target/release/voxomics

Every cell is held against the CSV, every column against the type that it should have, and what columns say of themselves against
`features_long.csv`.
"""

import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import nibabel
import numpy
import pandas
import polars
import pyarrow
import pyarrow.feather
import pyarrow.parquet

EXPERIMENT = """
[plugins]
use = ["load-nifti", "features-statistics", "features-glcm", "filter-mean", "predict-linear"]
[regions.tumour]
[images.original]
[images.smooth]
filter = "mean"
support_voxels = 3
[discretisation]
method = "fixed bin number"
bins = 8
[features.statistics]
[features.glcm]
images = ["original"]
[covariates.age]
[predict.score]
plugin = "predict-linear"
model = "model.toml"
[output]
also = ["parquet", "arrow"]
"""
MODEL = '[model]\nname = "m"\nlink = "identity"\nintercept = 1\n[[input]]\nname = "age"\ncoefficient = 0.1\n'
LIST = """case,image,mask,age,weight,patient,centre,note
a,0.nii,mask.nii,40,70.5,007,1,"first, of three"
b,1.nii,flat.nii,50,NA,12,2,
c,2.nii,mask.nii,61,-1e-7,13,3,süd
"""
# What everybody should see, by the column; features are numbers.
KINDS = {"age": "whole", "centre": "whole", "component": "whole", "weight": "number", "value": "number"}
TEXTS = ["case", "region", "patient", "note", "image", "family", "aggregation", "feature", "ibsi_code", "unit", "status", "reason",
         "cohort", "model", "output", "doubts", "contributions"]


def run(program, folder):
    generator = numpy.random.default_rng(7)
    for at in range(3):
        voxels = generator.integers(-100, 200, (9, 8, 7)).astype("int16")
        nibabel.save(nibabel.Nifti1Image(voxels, numpy.eye(4)), folder / f"{at}.nii")
    mask = numpy.zeros((9, 8, 7), "uint8")
    mask[2:7, 2:6, 2:5] = 1
    nibabel.save(nibabel.Nifti1Image(mask, numpy.eye(4)), folder / "mask.nii")
    # A region of one voxel, of which many features are undefined.
    mask[:] = 0
    mask[4, 4, 4] = 1
    nibabel.save(nibabel.Nifti1Image(mask, numpy.eye(4)), folder / "flat.nii")
    for name, text in {"e.toml": EXPERIMENT, "model.toml": MODEL, "cases.csv": LIST}.items():
        (folder / name).write_text(text)
    command = [program, "run", folder / "e.toml", "--cases", folder / "cases.csv", "--out", folder / "out", "--quiet"]
    subprocess.run(command, check=True)
    return folder / "out"


def kind(column):
    return "text" if column in TEXTS else KINDS.get(column, "number")


def of_csv(path):
    """Names, and for each column its values: None where there is none."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    def value(column, cell):
        if kind(column) == "text":
            return cell or None
        if cell in ("", "NA"):
            return None
        return int(cell) if kind(column) == "whole" else float(cell)
    header = rows[0]
    return {name: [value(name, row[at]) for row in rows[1:]] for at, name in enumerate(header)}


def check(name, expected, found, types):
    """`found` has the columns as lists, `types` what the program calls the type of each."""
    assert list(found) == list(expected), name
    for column, values in expected.items():
        assert types[column] in {"text": TEXT, "whole": WHOLE, "number": NUMBER}[kind(column)], (name, column, types[column])
        got = [None if value is None or value != value else value for value in found[column]]
        assert got == values, (name, column)


TEXT = {"string", "String", "object", "str", "large_string", "character"}
WHOLE = {"int64", "Int64"}
NUMBER = {"double", "float64", "Float64", "numeric"}


def of_python(path, expected):
    end = path.suffix
    table = pyarrow.parquet.read_table(path) if end == ".parquet" else pyarrow.feather.read_table(path, memory_map=False)
    check(f"pyarrow {path.name}", expected, table.to_pydict(), {field.name: str(field.type) for field in table.schema})
    frame = polars.read_parquet(path) if end == ".parquet" else polars.read_ipc(path)
    types = {name: str(kind) for name, kind in frame.schema.items()}
    check(f"polars {path.name}", expected, frame.to_dict(as_series=False), types)
    frame = pandas.read_parquet(path) if end == ".parquet" else pandas.read_feather(path)
    # pandas has no whole numbers with gaps, unless it is asked for them.
    types = {name: "int64" if str(frame[name].dtype) == "float64" and kind(name) == "whole" and frame[name].isna().any()
             else str(frame[name].dtype) for name in frame}
    check(f"pandas {path.name}", expected, {name: frame[name].tolist() for name in frame}, types)
    return table.schema


def about(schema, out):
    """What columns say of themselves, held against the long table, in which every value has it."""
    long = {}
    for row in csv.DictReader(open(out / "features_long.csv", newline="")):
        long.setdefault((row["image"], row["family"], row["aggregation"], row["feature"]), set()).add((row["ibsi_code"], row["unit"]))
    whole = json.loads(schema.metadata[b"voxomics"])
    assert (whole["format"], whole["table"]) == (1, "features")
    seen, settings = 0, {}
    for field in schema:
        said = {key.decode(): value.decode() for key, value in (field.metadata or {}).items() if not key.startswith(b"PARQUET:")}
        assert said == whole["columns"].get(field.name, {}), field.name
        if kind(field.name) == "text" or field.name in KINDS:
            assert not said, field.name
            continue
        key = tuple(said.get(part, "") for part in ("image", "family", "aggregation", "feature"))
        assert {(said.get("ibsi_code", ""), said.get("unit", ""))} == long[key], field.name
        assert len(said["settings_sha256"]) == 64
        settings.setdefault(key[:3], set()).add(said["settings_sha256"])
        seen += 1
    assert seen == len(long) and all(len(digests) == 1 for digests in settings.values())
    assert len({digest for digests in settings.values() for digest in digests}) == len(settings), "other settings, another digest"
    return seen


def of_r(out):
    """Types and values as R has them, if it has a package for them."""
    code = """
    path <- commandArgs(TRUE)[1]
    frame <- if (requireNamespace("arrow", quietly = TRUE)) as.data.frame(arrow::read_parquet(path)) else
        as.data.frame(nanoparquet::read_parquet(path))
    cat(sapply(frame, function(column) class(column)[1]), sep = "\\n")
    cat(sprintf("%.17g", sum(frame[["statistics.mean"]], na.rm = TRUE)))
    """
    if not shutil.which("Rscript"):
        return "no R"
    answer = subprocess.run(["Rscript", "-e", code, out / "features.parquet"], capture_output=True, text=True)
    if answer.returncode:
        return "no R with arrow or nanoparquet"
    *types, total = answer.stdout.split("\n")
    expected = of_csv(out / "features.csv")
    known = {"text": {"character"}, "whole": {"integer", "integer64", "numeric"}, "number": {"numeric"}}
    for column, found in zip(expected, types, strict=True):
        assert found in known[kind(column)], (column, found)
    assert abs(float(total) - sum(expected["statistics.mean"])) < 1e-9
    return "R"


with tempfile.TemporaryDirectory() as place:
    out = run(pathlib.Path(sys.argv[1]).absolute(), pathlib.Path(place))
    cells = 0
    for stem in ["features", "features_long", "scores"]:
        expected = of_csv(out / f"{stem}.csv")
        for end in ["parquet", "arrow"]:
            schema = of_python(out / f"{stem}.{end}", expected)
            if stem == "features":
                columns = about(schema, out)
        cells += sum(len(column) for column in expected.values())
    undefined = sum(value is None for name, column in of_csv(out / "features.csv").items() if kind(name) == "number" for value in column)
    assert undefined > 1, "some features of one voxel are undefined"
    print(f"{cells} cells and {columns} columns as pandas, polars, pyarrow and {of_r(out)} read them")
