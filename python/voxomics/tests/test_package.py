"""The package as such: what it exports, its stubs, what importing it costs."""

from __future__ import annotations

import ast
import doctest
import hashlib
import importlib
import subprocess
import sys

import pytest
import voxomics
from voxomics import _engine
from voxomics._home import HOME, plugin_names
from voxomics.errors import ExperimentError

import scene


def test_everything_that_is_exported_is_there_and_documented():
    for name in voxomics.__all__:
        assert name == "DEFAULT" or getattr(voxomics, name).__doc__, name
    assert (HOME / "py.typed").is_file()


def test_the_stub_of_the_module_has_what_the_module_has():
    tree = ast.parse((HOME / "_engine.pyi").read_text())
    named = {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    named |= {node.target.id for node in tree.body if isinstance(node, ast.AnnAssign)}
    assert named == {name for name in dir(_engine) if not name.startswith("__")}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            members = {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)} - {"__new__"}
            there = {name for name in vars(getattr(_engine, node.name)) if not name.startswith("__") or name == "__array_interface__"}
            assert members == there, node.name


def test_importing_it_needs_numpy_only():
    heavy = "pandas polars pyarrow SimpleITK nibabel pydicom matplotlib sklearn tqdm IPython"
    code = f"import sys, voxomics; print([name for name in {heavy.split()!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_command_needs_no_numpy():
    code = "import sys, voxomics.__main__; print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_importing_it_costs_little():
    """Beyond NumPy: under 50 ms of work and 15 MB. The least of five, because other work on the machine counts as well."""
    code = """
import numpy, os, time
def resident(): return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
before, began = resident(), time.process_time()
import voxomics
voxomics.extract
print(time.process_time() - began, resident() - before)
"""
    tried = [subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() for _ in range(6)]
    seconds, megabytes = (min(map(float, of)) for of in zip(*tried))
    assert seconds < 0.05 and megabytes < 15, (seconds, megabytes)


def test_what_is_loaded_later_is_there():
    assert set(voxomics.__all__) <= set(dir(voxomics))
    for module, names in voxomics._LATER.items():
        for name in names:
            assert getattr(voxomics, name) is getattr(importlib.import_module(f"voxomics.{module}"), name)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        voxomics.nothing


def test_types_are_complete():
    """Every function says what it takes and gives, and the stub of the module is that of the module."""
    pytest.importorskip("mypy")
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--ignore-missing-imports", "--disallow-untyped-defs", "--disallow-incomplete-defs",
         "--cache-dir=/dev/null", "-p", "voxomics"], capture_output=True, text=True,
    )
    assert checked.returncode == 0, checked.stdout
    compared = subprocess.run([sys.executable, "-m", "mypy.stubtest", "--ignore-disjoint-bases", "voxomics._engine"], capture_output=True, text=True)
    assert compared.returncode == 0, compared.stdout + compared.stderr


def test_examples_in_docstrings_run():
    tried = 0
    for name in ("experiment", "features", "own", "batch", "figures", "models", "voxels"):
        failed, of_module = doctest.testmod(importlib.import_module(f"voxomics.{name}"))
        assert failed == 0, name
        tried += of_module
    assert tried > 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each plugin is a library of its own")
def test_each_plugin_is_a_door_to_one_library_and_keeps_its_name():
    bundle = HOME / "plugins" / "libvoxomics_plugins.so"
    sha256 = hashlib.sha256(bundle.read_bytes()).hexdigest()
    listed = {entry["name"]: entry for entry in voxomics.plugins()}
    assert set(listed) == set(plugin_names()) and len(listed) > 40
    for name, entry in listed.items():
        door = HOME / "plugins" / f"lib{name.replace('-', '_')}.so"
        assert entry["file"] == str(door) and door.stat().st_size < 20_000, entry["file"]
        # A bundle that was built again makes other doors: they are known by their digests.
        assert sha256.encode() in door.read_bytes()
        # It leads to the plugin that it is named after; one of PyRadiomics' family may stand beside that.
        described = {f"{plugin['kind']}-{plugin['id']}".replace("_", "-") for plugin in entry["library"]["plugins"]}
        theirs = name.replace("features-", "features-pyradiomics-", 1)
        assert described and all(of == name or of == theirs or of.startswith(f"{name}-") for of in described), (name, described)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each plugin is a library of its own")
def test_a_pinned_door_is_those_bytes_with_those_behind_it_or_nothing():
    image, mask = scene.scan()
    folder, bundle = HOME / "plugins", "libvoxomics_plugins.so"
    of_door, of_bundle = (hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("libfeatures_statistics.so", bundle))

    def pinned(door, **behind):
        pin = {"path": folder / "libfeatures_statistics.so", "sha256": door, **behind}
        return voxomics.Experiment({"plugins": {"use": ["load-nrrd"], "file": [pin]}, "features": {"statistics": {}}})

    given = {"spacing": scene.SPACING, "axes": "zyx"}
    found = pinned(of_door, companions={bundle: of_bundle}).extract(image, mask, **given)
    assert repr(dict(found)) == repr(dict(voxomics.extract(image, mask, {"features": {"statistics": {}}}, **given)))
    with pytest.raises(ExperimentError, match="not the file that the experiment pins"):
        pinned("0" * 64)
    with pytest.raises(ExperimentError, match=f"it brings {bundle} with it"):
        pinned(of_door)
    with pytest.raises(ExperimentError, match=f"it brings {bundle} with it.*not the file that the experiment pins"):
        pinned(of_door, companions={bundle: "0" * 64})
