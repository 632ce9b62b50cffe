"""The command line of PyRadiomics: ``python -m voxomics.radiomics IMAGE MASK --param Params.yaml -o features.csv -f csv``."""

from __future__ import annotations

import argparse
import csv
import json
import logging
import os
import sys
import warnings
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable, Sequence, TextIO

import numpy

from .. import _engine
from .. import __version__ as _version
from ..errors import VoxomicsWarning
from . import __version__, _images, _is_news, handler, logger, setVerbosity
from .featureextractor import RadiomicsFeatureExtractor


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m voxomics.radiomics", description="Computes features under PyRadiomics' names. Not a medical device.",
    )
    takes = parser.add_argument_group("input")
    takes.add_argument("input", metavar="{Image,Batch}FILE", help="an image, or a CSV with the columns Image and Mask")
    takes.add_argument("mask", nargs="?", metavar="MaskFILE", help="the mask of the image")
    takes.add_argument("--param", "-p", metavar="FILE", help="parameter file")
    takes.add_argument("--setting", "-s", metavar="NAME:VALUE", action="append", default=[], help="a setting that overrides it")
    takes.add_argument("--jobs", "-j", metavar="N", type=int, default=1, help="cases at once")
    takes.add_argument("--validate", action="store_true", help="look only whether the files are there")
    gives = parser.add_argument_group("output")
    gives.add_argument("--out", "-o", metavar="FILE", help="file to append to; else standard output")
    gives.add_argument("--mode", "-m", choices=["segment", "voxel"], default="segment", help="features of the region, or maps")
    gives.add_argument("--out-dir", "-od", metavar="FOLDER", default=".", help="where maps go")
    gives.add_argument("--skip-nans", action="store_true", help="leave out features without a value")
    gives.add_argument("--format", "-f", choices=["csv", "json", "txt"], default="txt")
    gives.add_argument("--format-path", choices=["absolute", "relative", "basename"], default="absolute")
    gives.add_argument("--unix-path", "-up", action="store_true", help="paths with / as separator")
    logs = parser.add_argument_group("logging")
    logs.add_argument("--logging-level", choices=["NOTSET", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], default="WARNING")
    logs.add_argument("--log-file", metavar="FILE")
    logs.add_argument("--verbosity", "-v", nargs="?", default=3, const=4, type=int, choices=[1, 2, 3, 4, 5])
    parser.add_argument("--label", "-l", metavar="N", type=int, help="label in the mask")
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__} (voxomics {_version})")
    return parser


def main(words: Sequence[str] | None = None) -> int:
    """Runs the command; 0 if every case has its features, 3 if one has not, 2 if the words are wrong."""
    parser = _parser()
    args = parser.parse_args(words)
    _log(args)
    try:
        cases = _cases(args)
        extractor = RadiomicsFeatureExtractor(*([args.param] if args.param else []), **dict(map(_setting, args.setting)))
    except (ValueError, OSError) as wrong:
        parser.error(str(wrong))
    lacking = [case[role] for case in cases for role in ("Image", "Mask") if not os.path.isfile(case[role])]
    if args.validate:
        print("\n".join(f"there is no file {path}" for path in lacking) or f"{len(cases)} cases: all files are there")
        return 3 if lacking else 0
    with ThreadPoolExecutor(max(args.jobs, 1)) as pool:
        done = list(pool.map(partial(_case, extractor, args.label, args.out_dir if args.mode == "voxel" else None), range(1, len(cases) + 1), cases))
    if args.out is None:
        _write(args, [row for row, _ in done], sys.stdout)
    else:
        with open(args.out, "a", newline="", encoding="utf-8") as out:
            _write(args, [row for row, _ in done], out)
    return 0 if all(fine for _, fine in done) else 3


def _log(args: argparse.Namespace) -> None:
    logger.setLevel(args.logging_level)
    if args.log_file:
        logger.addHandler(logging.FileHandler(args.log_file))
    setVerbosity((6 - args.verbosity) * 10)
    # What is said of a case stands in the log already.
    handler.removeFilter(_is_news)
    warnings.simplefilter("ignore", VoxomicsWarning)


def _cases(args: argparse.Namespace) -> list[dict[str, str]]:
    if args.mask is not None:
        return [{"Image": args.input, "Mask": args.mask}]
    if not args.input.endswith(".csv"):
        raise ValueError(f"{args.input} is no CSV with the columns Image and Mask, and no mask is given")
    folder = os.path.dirname(args.input)
    with open(args.input, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        cases = list(reader)
    if not cases:
        raise ValueError(f"{args.input} lists no case")
    lacking = {"Image", "Mask"} - set(reader.fieldnames or ())
    if lacking:
        raise ValueError(f"{args.input} has no column {', '.join(sorted(lacking))}; it has {reader.fieldnames}")
    # Paths start from the folder of the list.
    return [{**case, "Image": os.path.join(folder, case["Image"]), "Mask": os.path.join(folder, case["Mask"])} for case in cases]


def _setting(text: str) -> tuple[str, Any]:
    name, colon, value = text.partition(":")
    if not colon:
        raise ValueError(f"--setting {text}: expected NAME:VALUE")
    try:
        stated = json.loads(_engine.parameters(f"setting:\n  {name}: {value}\n"))
    except _engine.Refused as refused:
        raise ValueError(f"--setting {text}: {refused}") from None
    return name, stated["setting"][name]


def _number(text: str | None) -> int | None:
    return int(text) if text else None


def _case(
    extractor: RadiomicsFeatureExtractor, label: int | None, maps: str | None, number: int, case: dict[str, str]
) -> tuple[OrderedDict[str, Any], bool]:
    row: OrderedDict[str, Any] = OrderedDict(case)
    try:
        of_case = _number(case.get("Label"))
        channel = _number(case.get("Label_channel"))
        label = label if of_case is None else of_case
        found = extractor.execute(case["Image"], case["Mask"], label, channel, voxelBased=maps is not None)
        row.update(found if maps is None else _written(found, maps, number))
    except Exception as wrong:  # one case must not cost the others
        logger.error("case %d (%s): no features: %s", number, case["Image"], wrong)
        return row, False
    return row, True


def _written(found: OrderedDict[str, Any], folder: str, number: int) -> OrderedDict[str, Any]:
    """Writes maps as NRRD, and gives their paths in their place."""
    os.makedirs(folder, exist_ok=True)
    row = OrderedDict(found)
    for name, value in found.items():
        if isinstance(value, _images.sitk().Image):
            row[name] = os.path.join(folder, f"Case-{number}_{name}.nrrd")
            _images.sitk().WriteImage(value, row[name], True)
    return row


def _write(args: argparse.Namespace, rows: list[OrderedDict[str, Any]], out: TextIO) -> None:
    formats: dict[str, Callable[[str], str]] = {"absolute": os.path.abspath, "relative": os.path.relpath, "basename": os.path.basename}
    shown = formats[args.format_path]
    for row in rows:
        for role in ("Image", "Mask"):
            row[role] = shown(row[role]).replace(os.path.sep, "/") if args.unix_path else shown(row[role])
        if args.skip_nans:
            for name in [name for name, value in row.items() if isinstance(value, (float, numpy.ndarray)) and numpy.isnan(value).any()]:
                del row[name]
    if args.format == "csv":
        first = list(rows[0])
        header = first + sorted({name for row in rows for name in row} - set(first))
        writer = csv.DictWriter(out, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    elif args.format == "json":
        json.dump(rows, out, indent=2, default=lambda value: value.tolist())
    else:
        for number, row in enumerate(rows, 1):
            out.writelines(f"Case-{number}_{name}: {value}\n" for name, value in row.items())


if __name__ == "__main__":
    sys.exit(main())
