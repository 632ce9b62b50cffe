"""The worker: imports one file, and answers the program's calls until the connection ends."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import socket
import sys
import traceback
from typing import Any

import numpy as np

from . import declare
from .errors import CANCELLED, INPUT, PANIC, SETTING, UNKNOWN_ID, UNSUPPORTED, Failure, Undefined
from .given import Column, ExportedCase, ExportedScore, Grid, Host, Image, Input, LoadRequest, Region, Table
from .made import Loaded, Output, Prediction
from .protocol import PROTOCOL, Channel, Closed
from .state import sound_arithmetic, state

GENERATION = 1


def load(path: str) -> None:
    """Imports the author's file; its own folder is on the path, so that it may have helpers beside it."""
    sys.path.insert(0, os.path.dirname(os.path.abspath(path)))
    spec = importlib.util.spec_from_file_location(os.path.splitext(os.path.basename(path))[0], path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)


def about(path: str) -> dict:
    """The description of the file as a library."""
    module = sys.modules.get(os.path.splitext(os.path.basename(path))[0])
    told = lambda name, otherwise: str(getattr(module, name, otherwise))  # noqa: E731
    return {"version": told("__version__", "0"), "vendor": told("__vendor__", "unnamed"), "licence": told("__licence__", ""),
            "plugins": [plugin.describe() for plugin in declare.declared()]}


class Worker:
    """One connection, and the instances that were made over it."""

    def __init__(self, channel: Channel, path: str):
        self._channel, self._path = channel, path
        self._instances: dict[int, Any] = {}
        self._next, self._call = 1, 0

    def run(self) -> None:
        self._channel.send({"hello": {"protocol": PROTOCOL, "generation": GENERATION, "pid": os.getpid(),
                                      "worker": f"Python {platform.python_version()}, NumPy {np.__version__}"}})
        while True:
            try:
                frame, arrays, _ = self._channel.receive()
            except Closed:
                return
            self._call = frame.get("id", 0)
            try:
                answer, out = self._answer(frame, arrays)
                self._warn_of_arithmetic()
                self._channel.send({"id": self._call, "answer": answer}, out)
            except Failure as failure:
                self._fail(failure.code, str(failure), failure.setting)
            except MemoryError:
                self._fail(INPUT, "out of memory: the limit of this worker is reached", None)
            except Exception as error:
                self._fail(PANIC, where(error, self._path), None)

    def _warn_of_arithmetic(self) -> None:
        """An interpreter cannot put the processor's state back: what it computes from now on may be wrong."""
        if not sound_arithmetic():
            text = ("the plugin left the processor's floating-point state changed (rounding, or numbers near zero). Its values may "
                    "be wrong: report it to its author")
            self._channel.send({"id": self._call, "log": {"level": 2, "text": text}})

    def _fail(self, code: int, message: str, key: str | None) -> None:
        self._channel.send({"id": self._call, "failures": [{"code": code, "message": message, "key": key or ""}]})

    def _host(self, frame: dict) -> Host:
        log = lambda level, text: self._channel.send({"id": self._call, "log": {"level": level, "text": str(text)}})  # noqa: E731
        tell = lambda fraction: self._channel.send({"id": self._call, "progress": fraction})  # noqa: E731
        return Host(log, self._stop, self._open, int(frame.get("seed", 0)), self._list, tell)

    def _stop(self) -> int:
        self._channel.send({"id": self._call, "stop": True})
        return int(self._channel.receive()[0]["stopped"])

    def _open(self, path: str):
        self._channel.send({"id": self._call, "open": os.fspath(path)})
        frame, _, descriptors = self._channel.receive()
        if "refused" in frame:
            raise Failure(f"{path} cannot be read: {frame['refused']}")
        return os.fdopen(descriptors[0], "rb")

    def _list(self, path: str) -> list[str]:
        self._channel.send({"id": self._call, "list": os.fspath(path)})
        frame, arrays, _ = self._channel.receive()
        if "refused" in frame:
            raise Failure(f"{path} cannot be listed: {frame['refused']}")
        return [os.fsdecode(name) for name in arrays["names"].tobytes().split(b"\0") if name]

    # ---- calls -----------------------------------------------------------------------------------------------------

    def _answer(self, frame: dict, arrays: dict) -> tuple[dict, dict]:
        match frame["call"]:
            case "describe":
                return about(self._path), {}
            case "configure":
                return self._configure(frame), {}
            case "drop":
                self._instances.pop(frame["instance"], None)
                return {}, {}
            case "method":
                kind, instance = self._instances[frame["instance"]]
                method = getattr(self, f"_{kind}_{frame['method']}", None)
                if method is None:
                    raise Failure(f"there is no method `{frame['method']}` of the kind `{kind}`", code=UNSUPPORTED)
                return method(instance, frame.get("json", {}), arrays, self._host(frame))
            case "state":
                return state(), {}
            case other:
                raise Failure(f"there is no call `{other}` in this protocol", code=UNSUPPORTED)

    def _configure(self, frame: dict) -> dict:
        plugin = next((p for p in declare.declared() if (p.kind, p.id) == (frame["kind"], frame["plugin"])), None)
        if plugin is None:
            raise Failure(f"there is no {frame['kind']}-{frame['plugin']} in this file", code=UNKNOWN_ID)
        told = frame.get("json", {})
        instance = plugin.make(checked(plugin, told.get("settings", {})))
        if told.get("state") is not None:
            instance.state = json.loads(told["state"])
        self._instances[self._next], self._next = (plugin.kind, instance), self._next + 1
        return {"instance": self._next - 1}

    def _features_needs(self, family, _request, _arrays, _host):
        return family.needs(), {}

    def _features_compute(self, family, request, arrays, host):
        image = arrays["image"]
        grid = placed(image.shape[::-1], arrays)
        region = Region(image, arrays["morphological_mask"], arrays["intensity_mask"], arrays.get("levels"),
                        int(request.get("level_count", 0)), grid, host, request.get("unit", ""))
        made = family.compute(region)
        values, status, reasons = np.zeros(len(made)), np.zeros(len(made), dtype=np.uint8), {}
        for at, (id, compute) in enumerate(made.items()):
            try:
                values[at] = number(id, compute())
            except Undefined as reason:
                status[at], reasons[id] = 1, str(reason)
        return {"reasons": reasons}, {"values": values, "status": status}

    def _filter_maps(self, filter, _request, _arrays, _host):
        return filter.described, {}

    def _filter_margin(self, filter, request, arrays, _host):
        margin = filter.margin(placed(request["dims"], arrays))
        whole = isinstance(margin, str) and margin == "whole"
        # The whole scan lies within as many voxels as it has: so the answer holds as a number, too.
        reach = np.array(request["dims"] if whole else margin, dtype=np.uint64)
        return ({"whole": True} if whole else {}), {"margin": reach}

    def _filter_apply(self, filter, request, arrays, host):
        made = filter.apply(seen(request, arrays, host))
        names = filter.described["maps"]
        if sorted(made) != sorted(names):
            raise Failure(f"the filter gave the maps {sorted(made)}, and declares {sorted(names)}")
        maps = {f"map.{at}": np.ascontiguousarray(made[name], dtype=np.float64) for at, name in enumerate(names)}
        return {}, maps

    def _filter_observe(self, fitted, request, arrays, host):
        return {"observation": text(fitted.observe(seen(request, arrays, host)))}, {}

    def _filter_fit(self, fitted, request, _arrays, _host):
        return {"state": text(fitted.fit([json.loads(observation) for observation in request["observations"]]))}, {}

    _regions_observe, _regions_fit = _filter_observe, _filter_fit

    def _regions_labels(self, maker, _request, _arrays, _host):
        labels = [[label, name] for label, name in maker.labels.items()]
        return {"labels": labels, "margin_mm": float(maker.margin_mm), **maker.says}, {}

    def _regions_make(self, maker, request, arrays, host):
        return {}, {"labels": maker.make(seen(request, arrays, host))}

    def _export_needs(self, exporter, _request, _arrays, _host):
        return exporter.needs, {}

    def _export_export(self, exporter, request, arrays, host):
        made = exporter.export(exported(request, arrays, host))
        files = {f"file.{at}": np.array(bytearray(data), dtype=np.uint8) for at, data in enumerate(made.values())}
        return {"files": list(made)}, files

    def _load_recognises(self, loader, request, arrays, _host):
        return {"recognises": loader.recognises(request["path"], arrays["head"].tobytes())}, {}

    def _load_load(self, loader, request, arrays, host):
        reference = placed(request["reference"], arrays) if "reference" in request else None
        role = "image" if request["role"] == "image" else "mask"
        loaded: Loaded = loader.load(LoadRequest(request["path"], role, reference, request.get("selection", {}),
                                                 int(request["max_bytes"]), host))
        out: dict[str, np.ndarray] = {}

        def scan(name: str, made) -> dict:
            out[f"{name}.voxels"], out[f"{name}.grid"] = made.voxels, made.grid.numbers()
            out[f"{name}.scaling"] = np.array(made.scaling, dtype=np.float64)
            return {"name": made.name, "unit": made.unit}

        images = [scan(f"image.{at}", image) for at, image in enumerate(loaded.images)]
        masks = [scan(f"mask.{at}", mask.labels) | {"names": [[float(label), name] for label, name in mask.names.items()]}
                 for at, mask in enumerate(loaded.masks)]
        return {"images": images, "masks": masks, "metadata": dict(loaded.metadata)}, out

    def _predict_inputs(self, predictor, _request, _arrays, _host):
        return {"inputs": list(predictor.inputs()), "outputs": [output.described() for output in outputs_of(predictor)]}, {}

    def _predict_predict(self, predictor, request, arrays, host):
        del host
        reasons = request.get("reasons", {})
        names = predictor.inputs()
        inputs = [Input(name, float(value), reasons.get(str(at), "missing") if status else None)
                  for at, (name, value, status) in enumerate(zip(names, arrays["values"], arrays["status"], strict=True))]
        declared = outputs_of(predictor)
        contributions: Any = ()
        try:
            made = predictor.predict(inputs)
            made = made if isinstance(made, Prediction) else Prediction(made)
            outputs, contributions = [made.score, *made.others], made.contributions
        except Undefined as reason:
            outputs = [reason] * len(declared)
        if len(outputs) != len(declared):
            raise Failure(f"the prediction has {len(outputs)} outputs, and the predictor declares {len(declared)}")
        undefined = {str(at): str(output) for at, output in enumerate(outputs) if isinstance(output, Undefined)}
        values = np.array([0.0 if isinstance(output, Undefined) else number(what.name or "a score", output)
                           for what, output in zip(declared, outputs)])
        status = np.array([int(isinstance(output, Undefined)) for output in outputs], dtype=np.uint8)
        return ({"reasons": undefined},
                {"outputs": values, "status": status, "contributions": np.array(contributions, dtype=np.float64)})

    def _predict_fit(self, predictor, request, arrays, host):
        if not hasattr(predictor, "fit"):
            raise Failure("this predictor cannot learn: give it a model", code=UNSUPPORTED)
        # Both arrays have one row per column of the table.
        values = np.where(arrays["present"] != 0, arrays["values"], np.nan).T
        return {"model": str(predictor.fit(Table(list(request["columns"]), values, request["design"], host)))}, {}


def placed(dims, arrays: dict) -> Grid:
    """The grid of a request. A volume of less than nothing would be a number like any other."""
    grid = Grid.from_numbers(dims, arrays["grid"])
    if not all(0 < mm < float("inf") for mm in grid.spacing):
        raise Failure(f"the spacing of the image is {list(grid.spacing)} mm, expected three numbers above 0")
    return grid


def seen(request: dict, arrays: dict, host: Host) -> Image:
    """An image as filters and makers of regions see it."""
    image = arrays["image"]
    regions = {name: arrays[f"region.{at}"] for at, name in enumerate(request.get("regions", []))}
    named = enumerate(request.get("images", []))
    images = {name: arrays[f"image.{at}"] if at else image for at, name in named}
    return Image(image, placed(image.shape[::-1], arrays), host, request.get("unit", ""), regions, images)


def exported(request: dict, arrays: dict, host: Host) -> ExportedCase:
    """The results of a case as an exporter sees them."""
    columns = [Column(column["name"], column.get("ibsi", ""), column.get("unit", "")) for column in request["columns"]]
    rows = request["rows"]
    shape = (len(rows), len(columns))
    values = np.where(arrays["status"] == 0, arrays["values"], np.nan).reshape(shape)
    reasons = {(at, int(column)): why for at, row in enumerate(rows) for column, why in row.get("reasons", {}).items()}

    def score(at: int, told: dict) -> ExportedScore:
        numbers, status, why = arrays[f"score.{at}.values"], arrays[f"score.{at}.status"], told.get("reasons", {})
        outputs = [(output.get("name", ""), output["meaning"],
                    Undefined(why.get(str(place), "missing")) if status[place] else float(numbers[place]))
                   for place, output in enumerate(told["outputs"])]
        return ExportedScore(told["model"], told.get("component"), outputs, told.get("doubts", []))

    masks = {region["name"]: arrays[f"region.{at}"] for at, region in enumerate(request.get("regions", []))}
    image = arrays.get("image")
    on = image if image is not None else next(iter(masks.values()), None)
    return ExportedCase(
        request["case"], columns, [row["region"] for row in rows], values, reasons,
        [score(at, told) for at, told in enumerate(request.get("scores", []))], request.get("metadata", {}), masks,
        {region["name"]: region["volume_ml"] for region in request.get("regions", [])}, image,
        None if on is None else placed(on.shape[::-1], arrays), host)


def text(value: Any) -> str:
    """What was observed or fitted, as text that keeps every bit of its numbers."""
    try:
        return json.dumps(value, allow_nan=False, default=plain)
    except (TypeError, ValueError) as error:
        raise Failure(f"what was observed or fitted cannot be written as JSON: {error}") from error


def plain(value: Any) -> Any:
    """Numbers and arrays of NumPy as JSON has them."""
    if isinstance(value, (np.generic, np.ndarray)):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is none of numbers, texts, lists and dicts")


def outputs_of(predictor: Any) -> list[Output]:
    """The outputs that a predictor declares; one score if it declares none."""
    return list(predictor.outputs()) if hasattr(predictor, "outputs") else [Output()]


def number(what: str, value: Any) -> float:
    """A finite number, or a failure that says what was found instead."""
    try:
        value = float(value)
    except (TypeError, ValueError) as error:
        raise Failure(f"`{what}` is {value!r}, expected a number; raise Undefined with a reason where there is none") from error
    if not np.isfinite(value):
        raise Failure(f"`{what}` is {value}, which is no value; raise Undefined with a reason")
    return value


def checked(plugin: declare.Plugin, given: dict) -> dict:
    """The settings of a plugin: what was given, with defaults; every wrong key at once."""
    unknown = [key for key in given if key not in plugin.settings]
    if unknown:
        raise Failure(f"there is no setting `{unknown[0]}`; there are {', '.join(plugin.settings) or 'none'}", setting=unknown[0])
    values = {}
    for key, setting in plugin.settings.items():
        if key in given:
            values[key] = fits(key, setting["takes"], given[key])
        elif setting.get("required"):
            raise Failure(f"the setting `{key}` is missing: {setting['purpose']}", setting=key)
        elif "default" in setting:
            values[key] = fits(key, setting["takes"], setting["default"])
    return values


def fits(key: str, takes: Any, value: Any) -> Any:
    """A setting as its declaration has it."""

    def wrong(expected: str) -> Failure:
        return Failure(f"`{key}` is {value!r}, expected {expected}", setting=key)

    is_number = isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)
    word, limits = (takes, {}) if isinstance(takes, str) else next(iter(takes.items()))
    if word == "flag" and isinstance(value, bool):
        return value
    if word in ("text", "file") and isinstance(value, str):
        return value
    if word == "choice" and value in limits:
        return value
    if word in ("number", "integer") and is_number:
        low, high = limits.get("min"), limits.get("max")
        if (low is not None and value < low) or (high is not None and value > high):
            raise wrong(f"{'at least ' + str(low) if low is not None else ''}{' and ' if None not in (low, high) else ''}"
                        f"{'at most ' + str(high) if high is not None else ''}")
        if word == "number":
            return float(value)
        if float(value).is_integer():
            return int(value)
    if word == "numbers" and isinstance(value, (list, tuple)) and all(
            isinstance(x, (int, float)) and not isinstance(x, bool) and np.isfinite(x) for x in value):
        if limits.get("length") in (None, len(value)):
            return [float(x) for x in value]
        raise wrong(f"{limits['length']} numbers")
    raise wrong({"flag": "true or false", "text": "a text", "file": "a path", "choice": f"one of {limits}", "number": "a number",
                 "integer": "a whole number", "numbers": "a list of numbers"}[word])


def where(error: BaseException, path: str) -> str:
    """An error of the author's code, with the line of their file."""
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if os.path.abspath(frame.filename) == os.path.abspath(path)]
    place = f"{os.path.basename(path)}:{lines[-1].lineno}: " if lines else ""
    return f"{place}{type(error).__name__}: {error}"


def main() -> None:
    """``python -m voxomics_plugin.serve FILE``: the connection is standard input, a socket."""
    path = sys.argv[1]
    channel = Channel(socket.socket(fileno=os.dup(0)))
    # What the author prints is no part of the connection, and reaches the program's log instead of a table.
    os.dup2(2, 1)
    try:
        load(path)
    except Exception as error:
        code = error.code if isinstance(error, Failure) else PANIC
        channel.send({"hello": {"protocol": PROTOCOL, "generation": GENERATION, "pid": os.getpid(), "worker": "Python"},
                      "failures": [{"code": code, "message": where(error, path), "key": ""}]})
        return
    Worker(channel, path).run()


if __name__ == "__main__":
    main()
