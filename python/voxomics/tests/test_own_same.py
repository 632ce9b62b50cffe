"""What runs of a registered function is that function: its value is Python's own, or it is refused."""

from __future__ import annotations

import enum
import functools
import importlib
import linecache
import sys
import typing

import numpy as np
import pytest
import scene
import voxomics
from voxomics import own

IMAGE, MASK = scene.scan()
GRID = {"spacing": scene.SPACING, "axes": "zyx"}


class Region:
    """As much of a region as these functions look at."""

    @staticmethod
    def intensities():
        return IMAGE[MASK != 0].astype(float)


def of_python(function):
    return float(function(Region()))


def computed(function):
    name = function.__name__
    return float(voxomics.extract(IMAGE, MASK, {"features": {name: {}}}, **GRID)[f"{name}.{name}"])


def doubled(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return 2 * function(*args, **kwargs)

    return inner


def over(limit):
    def share(values):
        return float((values > limit).mean())

    return share


def within(limit):
    def part(values):
        return float((values < limit).mean())

    return part


share, part, part_of_the_same = over(60.0), within(20.0), within(60.0)
part_of_the_same.__name__ = "part"


@doubled
def twice_mean(values):
    return float(np.mean(values))


twice_median = doubled(np.median)
LIMIT = 3


def plus(value, more=LIMIT, *, again=LIMIT + 1):
    return value + more + 10 * again


LIMIT = 5  # the defaults were taken before


def test_a_default_is_what_it_was_when_the_function_was_made():
    def of_defaults(region, *, scale: float = LIMIT * 1.0):
        return plus(scale)

    voxomics.feature(of_defaults)
    assert computed(of_defaults) == of_python(of_defaults) == 5 + 3 + 40
    plus.__kwdefaults__["again"] = 7
    try:
        assert computed(of_defaults) == of_python(of_defaults) == 5 + 3 + 70
    finally:
        plus.__kwdefaults__["again"] = 4


def test_a_decorator_is_no_part_of_the_text():
    def of_helper(region):
        return twice_mean(region.intensities())

    def of_library(region):
        return twice_median(region.intensities())

    @doubled
    def of_itself(region):
        return float(np.mean(region.intensities()))

    for function, words in [(of_helper, "a decorator has put inner into the place of twice_mean"), (of_library, "twice_median"), (of_itself, "inner")]:
        with pytest.raises(voxomics.InputError, match=words):
            voxomics.feature(function)
        assert own.registered(function.__name__) is None


def test_one_name_for_two_things_is_refused():
    def of_two(region):
        return share(region.intensities()) + part(region.intensities())

    with pytest.raises(voxomics.InputError, match="two functions name limit, for (60.0 and for 20.0|20.0 and for 60.0)") as raised:
        voxomics.feature(of_two)
    assert raised.value.key == "limit"

    def of_one(region):
        return share(region.intensities())

    voxomics.feature(of_one)
    assert 0 < computed(of_one) == of_python(of_one) < 1


def test_a_value_has_its_own_type():
    half, whole, few = np.float32(0.1), np.int64(7), (1, 2.5, "a", None, True)

    def of_values(region):
        return float(half) * 1e6 + whole / 2 + few[1] + (few[3] is None) + (half.dtype == np.float32)

    voxomics.feature(of_values)
    assert computed(of_values) == of_python(of_values)

    class Level(enum.IntEnum):
        LOW = 1

    class Pair(typing.NamedTuple):
        low: float

    for odd in (Level.LOW, Pair(1.0), typing.List[int], float("nan"), np.longdouble(1), {1}):
        def of_odd(region):
            return float(odd is None)

        with pytest.raises(voxomics.InputError, match="odd, which is a"):
            voxomics.feature(of_odd)


def test_a_function_may_call_itself_and_be_called_by_another():
    def falling(region, count: int = 5):
        return 1.0 if count == 0 else count * falling(region, count - 1)

    voxomics.feature(falling)
    assert computed(falling) == of_python(falling) == 120


CONSTANT = 1.0


def helper(value):
    return value + CONSTANT


@voxomics.feature
def of_constant(region):
    """Of a constant: what it is now."""
    return helper(10.0)


def test_what_has_changed_counts_or_is_refused(monkeypatch, tmp_path):
    assert computed(of_constant) == of_python(of_constant) == 11
    before = voxomics.Experiment({"features": {"of_constant": {}}})
    saved = before.save(tmp_path / "saved.toml")
    monkeypatch.setattr(sys.modules[__name__], "CONSTANT", 2.0)
    assert computed(of_constant) == of_python(of_constant) == 12
    cases = scene.case_files(tmp_path, IMAGE, MASK)
    uses = [
        lambda: before.extract(IMAGE, MASK, **GRID), lambda: voxomics.regions(IMAGE, MASK, before, **GRID),
        lambda: voxomics.run(before, cases, tmp_path / "out"), lambda: voxomics.check(before),
        # The file names the function as it was.
        lambda: voxomics.extract(IMAGE, MASK, saved, **GRID), lambda: voxomics.Experiment.from_toml(before.toml),
    ]
    for use in uses:
        with pytest.raises(voxomics.ExperimentError, match="function of_constant.* changed"):
            use()
    monkeypatch.setattr(sys.modules[__name__], "helper", lambda value: value)
    with pytest.raises(voxomics.InputError, match="helper"):
        computed(of_constant)
    monkeypatch.undo()
    assert before.extract(IMAGE, MASK, **GRID)["of_constant.of_constant"] == 11


def test_a_text_that_is_not_what_runs_is_refused(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "of_a_file.py"
    path.write_text("def of_file(region):\n    return 1.0\n")
    module = importlib.import_module("of_a_file")
    voxomics.feature(module.of_file)
    assert computed(module.of_file) == 1
    path.write_text("def of_file(region):\n    return 2.0\n")
    with pytest.raises(voxomics.InputError, match="not what runs.*changed after it was imported"):
        computed(module.of_file)
    module = importlib.reload(module)
    voxomics.feature(module.of_file)
    assert computed(module.of_file) == 2
    module.of_file.__code__ = (lambda region: 3.0).__code__
    with pytest.raises(voxomics.InputError, match="of_file"):
        computed(module.of_file)


def test_a_cell_of_a_notebook_has_its_text():
    """Jupyter compiles a cell statement by statement, and keeps its text under a name of its own."""
    import ast

    cell = "import math\nimport numpy as np\ndef of_cell(region):\n    '''Of a cell:\n\n    a text.\n    '''\n    return math.sqrt(np.square(3.0))\n"
    linecache.cache["<cell 1>"] = (len(cell), None, cell.splitlines(True), "<cell 1>")
    scope = {"__name__": "__main__"}
    for statement in ast.parse(cell).body:
        exec(compile(ast.Module([statement], []), "<cell 1>", "exec"), scope)
    voxomics.feature(scope["of_cell"])
    assert computed(scope["of_cell"]) == 3


def test_a_text_over_several_lines_keeps_its_indent():
    def of_lines(region):
        """Of lines:

        the docstring may lose its indent.
        """
        text = """a
            b"""
        return float(len(text))

    with pytest.raises(voxomics.InputError, match="goes over several lines"):
        voxomics.feature(of_lines)


def test_an_import_within_a_function_is_looked_at():
    def of_import(region):
        import scene as of_tests

        return float(of_tests.SPACING[0])

    with pytest.raises(voxomics.InputError, match="scene, which is not installed with this Python"):
        voxomics.feature(of_import)

    def of_standard(region):
        from statistics import fmean

        return fmean(region.intensities())

    voxomics.feature(of_standard)
    assert computed(of_standard) == of_python(of_standard)
