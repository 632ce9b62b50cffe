"""The package as such: what it exports, its stubs, what importing it costs."""

from __future__ import annotations

import ast
import doctest
import importlib
import subprocess
import sys

import voxomics
from voxomics import _engine
from voxomics._home import HOME


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


def test_examples_in_docstrings_run():
    tried = 0
    for name in ("experiment", "features", "own", "batch", "figures"):
        failed, of_module = doctest.testmod(importlib.import_module(f"voxomics.{name}"))
        assert failed == 0, name
        tried += of_module
    assert tried > 0
