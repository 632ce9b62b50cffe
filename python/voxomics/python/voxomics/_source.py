"""The source of a function as a text that stands in a file of its own, or a refusal: the text must do what the function does."""

from __future__ import annotations

import ast
import builtins
import copy
import dis
import functools
import importlib.util
import inspect
import site
import sys
import sysconfig
import types
from pathlib import Path
from typing import Any, Iterator

import numpy as np

from .errors import InputError

_HELP = "put what it does into the function, or write a plugin file with helpers (docs/plugins.md)"
#: Bits of a code object's flags that say how its text is compiled.
_FUTURES = 0x1FE0000


class Needed:
    """What a function names, so that its source can stand in a file of its own.

    All functions of the file share its names. So a name that stands for two things is refused.
    """

    def __init__(self, function: types.FunctionType, settled: bool):
        self.imports: set[str] = set()
        self.constants: list[str] = []
        self.functions: list[str] = []
        self._of = function.__name__
        # While its decorators run, a function's own name still stands for something else.
        self._settled = settled
        self._function = function
        #: What each name of the file stands for.
        self._bound: dict[str, Any] = {}

    def source(self, function: types.FunctionType) -> str:
        """The source of a function without its decorators; what it names is collected."""
        if function.__code__.co_name != function.__name__ or hasattr(function, "__wrapped__"):
            raise self._refused(
                function.__name__, f"a decorator has put {function.__code__.co_name} into the place of {function.__name__}, or its name was changed. "
                f"The file would have the text that stands below the decorator, and another value: {_HELP}"
            )
        text, tree = _text_of(function, self._of)
        text, tree = self._with_defaults(function, text, tree)
        scope = {**vars(builtins), **function.__globals__, **_closure(function)}
        for name in sorted(_names(function.__code__) | set(_named_outside(tree))):
            if name in scope:
                self._bind(name, scope[name], function)
        for module in _imports(tree):
            self._importable(module, module)
        return text

    def _bind(self, name: str, value: Any, function: types.FunctionType) -> None:
        if name == self._of and (value is self._function or not self._settled):
            return
        if name in ("_feature", "_numpy") or name == self._of:
            raise self._refused(name, f"{function.__name__} names {name}, which stands for something else in the file: give it another name")
        if name in self._bound:
            if not _is_one(self._bound[name], value):
                raise self._refused(
                    name, f"two functions name {name}, for {self._bound[name]!r} and for {value!r}: in one file it would stand for one of "
                    "them. Give them different names, or hand the value over as an argument"
                )
            return
        self._bound[name] = value
        if getattr(builtins, name, None) is not value:
            self._take(name, value, function)

    def _take(self, name: str, value: Any, function: types.FunctionType) -> None:
        if isinstance(value, types.ModuleType):
            module = "voxomics_plugin" if value.__name__ == __package__ else value.__name__
            self._importable(module, name)
            if value.__name__ != __package__ and sys.modules.get(module) is not value:
                raise self._refused(name, f"{name} is not the module {module} that an import gives")
            self.imports.add(f"import {module} as {name}")
        elif isinstance(value, types.FunctionType) and value.__module__ == function.__module__:
            if value.__name__ != name:
                raise self._refused(
                    name, f"it names {name}, which is the function {value.__name__}, under another name or with a decorator around it: call "
                    f"it by its own name without one, {_HELP}"
                )
            # What it names itself comes before it.
            text = self.source(value)
            self.functions.append(text)
        elif is_plain(value):
            self.constants.append(f"{name} = {value!r}")
        elif _is_number_of_numpy(value):
            self.imports.add("import numpy as _numpy")
            self.constants.append(f"{name} = _numpy.{value.dtype.name}({value.item()!r})")
        else:
            self._take_of_module(name, value)

    def _take_of_module(self, name: str, value: Any) -> None:
        module, word = getattr(value, "__module__", None), getattr(value, "__qualname__", None) or getattr(value, "_name", None)
        if module is None and isinstance(value, types.BuiltinFunctionType):
            module = "builtins"
        if not isinstance(module, str) or not isinstance(word, str) or "." in word or module == "__main__":
            module = None
        else:
            # A decorator gives what it makes the name of what it was given: so the import must give the value. Some packages decorate what
            # they show, in a package above the module.
            above = module.split(".")
            places = [".".join(above[:count]) for count in range(len(above), 0, -1)]
            module = next((place for place in places if getattr(sys.modules.get(place), word, None) is value), None)
        if module is None:
            raise self._refused(
                name, f"it names {name}, which is a {type(value).__name__} and cannot stand in a file of its own: make it a number, a text, a "
                "setting of the function, or put it into the function"
            )
        self._importable(module, name)
        self.imports.add(f"from {module} import {word} as {name}")

    def _importable(self, module: str, name: str) -> None:
        """Refuses modules that are the user's own files: a worker does not find them, and the digest would not cover them."""
        top = module.split(".")[0]
        if top in sys.stdlib_module_names or top == "voxomics_plugin":
            return
        file = getattr(sys.modules.get(top), "__file__", None)
        if file is None and top and top not in sys.modules:
            found = importlib.util.find_spec(top)
            file = found.origin if found is not None else None
        places = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
        inside = file is not None and any(Path(file).resolve().is_relative_to(Path(place).resolve()) for place in places if place)
        if not inside:
            raise self._refused(
                name, f"it names {name} of the module {module or '.'}, which is not installed with this Python: put what it needs into the "
                "function's own module, or write a plugin file with helpers (docs/plugins.md)"
            )

    def _with_defaults(self, function: types.FunctionType, text: str, tree: ast.FunctionDef) -> tuple[str, ast.FunctionDef]:
        """The text with the defaults that the function has: Python took them when the function was made, the file takes them when it is read."""
        scope = {**function.__globals__, **_closure(function)}
        lines = text.encode().split(b"\n")
        for name, node, value in reversed(list(_defaults(function, tree))):
            if not is_plain(value):
                if _is_simple(node) and _evaluated(node, scope) is value:
                    continue
                raise self._refused(
                    name, f"the default of {name} of {function.__name__} is {value!r}, which its text does not give now: make it a number or a text"
                )
            first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
            after = lines[last][node.end_col_offset :]
            lines[first : last + 1] = [lines[first][: node.col_offset] + repr(value).encode() + after]
        made = b"\n".join(lines).decode()
        return made, _parsed(made)

    def _refused(self, name: str, why: str) -> InputError:
        return InputError(f"{self._of} cannot be registered: {why}", key=name)


def _text_of(function: types.FunctionType, of: str) -> tuple[str, ast.FunctionDef]:
    """The text of a function from its `def` on, which must be what it was compiled of."""
    name, code = function.__name__, function.__code__
    try:
        lines, _ = inspect.findsource(code)
        whole = "".join(lines)
        node = _node_of(ast.parse(whole), code)
    except (OSError, TypeError, SyntaxError) as cause:
        raise InputError(
            f"the source of {name} cannot be had ({cause}): write the function in a file or in a cell of a notebook", key=of
        ) from None
    if node is not None and (not isinstance(node, ast.FunctionDef) or "." in function.__qualname__.rpartition("<locals>.")[2]):
        raise InputError(f"{name} is no plain function written with def", key=of)
    if node is None or not any(code in _compiled(text, like, code.co_flags & _FUTURES) for text, like in ((whole, None), (whole, code.co_firstlineno))):
        raise InputError(
            f"the text of {name} in {code.co_filename} is not what runs: the file was changed after it was imported, or the function was. "
            "Import it again, or start Python anew",
            key=of,
        )
    rows = whole.split("\n")[node.lineno - 1 : node.end_lineno]
    text = "\n".join(row.removeprefix(" " * node.col_offset) for row in rows)
    try:
        tree = _parsed(text)
    except SyntaxError:
        tree = None
    if tree is None or _shown(tree) != _shown(node):
        raise InputError(f"{name} is indented, and a text in it goes over several lines: write {name} at the edge of the file", key=of)
    return text, tree


def _parsed(text: str) -> Any:
    return ast.parse(text).body[0]


def _node_of(tree: ast.Module, code: types.CodeType) -> Any:
    """The definition of which code was made."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == code.co_name:
            if _first(node) == code.co_firstlineno:
                return node
    return None


@functools.lru_cache(maxsize=16)
def _compiled(text: str, line: int | None, flags: int) -> frozenset[types.CodeType]:
    """All code of a text; or of the statement at a line alone, as cells of a notebook are compiled."""
    tree = ast.parse(text)
    if line is not None:
        tree.body = [node for node in tree.body if _first(node) <= line <= (node.end_lineno or node.lineno)]
    return frozenset(_codes(compile(tree, "<source>", "exec", flags, dont_inherit=True)))


def _first(node: Any) -> int:
    """The first line of a statement with its decorators."""
    return int(min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))]))


def _shown(node: ast.FunctionDef) -> str:
    """A definition without its place, its decorators and the indent of its docstrings."""
    node = copy.deepcopy(node)
    node.decorator_list = []
    for inner in ast.walk(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and ast.get_docstring(inner) is not None:
            inner.body[0] = ast.Expr(ast.Constant(ast.get_docstring(inner)))
    return ast.dump(node)


def _names(code: types.CodeType) -> set[str]:
    """The names that code takes from outside: of its module, and those that it closes over."""
    found = set(code.co_freevars)
    for inner in _codes(code):
        found |= {str(at.argval) for at in dis.get_instructions(inner) if at.opname.startswith(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR"))}
    return found


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from _codes(const)


def _named_outside(tree: ast.FunctionDef) -> Iterator[str]:
    """The names in defaults and type hints, which are looked up where the function is made."""
    of = tree.args
    arguments = [*of.posonlyargs, *of.args, *of.kwonlyargs, *([of.vararg] if of.vararg else []), *([of.kwarg] if of.kwarg else [])]
    outside = [*of.defaults, *of.kw_defaults, *(argument.annotation for argument in arguments), tree.returns]
    for node in outside:
        yield from (inner.id for inner in (ast.walk(node) if node is not None else ()) if isinstance(inner, ast.Name))


def _imports(tree: ast.FunctionDef) -> Iterator[str]:
    """The modules that a function imports itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "" if node.level else node.module or ""


def _defaults(function: types.FunctionType, tree: ast.FunctionDef) -> Iterator[tuple[str, ast.expr, Any]]:
    """Parameter, expression and value of each default, in the order of the text."""
    of = tree.args
    positional, stated = [*of.posonlyargs, *of.args], function.__defaults__ or ()
    keyed = function.__kwdefaults__ or {}
    by_key = [(argument.arg, node) for argument, node in zip(of.kwonlyargs, of.kw_defaults) if node is not None]
    if len(stated) != len(of.defaults) or set(keyed) != {name for name, _ in by_key}:
        raise InputError(f"the defaults of {function.__name__} were changed after it was made: write them into its text", key=function.__name__)
    for argument, node, value in zip(positional[len(positional) - len(stated) :], of.defaults, stated):
        yield argument.arg, node, value
    for name, node in by_key:
        yield name, node, keyed[name]


def _is_simple(node: ast.expr) -> bool:
    """Whether to look what it gives changes nothing."""
    kinds = (ast.Constant, ast.Name, ast.Attribute, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(inner, kinds) for inner in ast.walk(node))


def _evaluated(node: ast.expr, scope: dict[str, Any]) -> Any:
    try:
        return eval(compile(ast.Expression(node), "<default>", "eval"), scope)  # noqa: S307
    except Exception:
        return _NOTHING


_NOTHING = object()


def _closure(function: types.FunctionType) -> dict[str, Any]:
    found = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
        try:
            found[name] = cell.cell_contents
        except ValueError:  # not set yet
            continue
    return found


def _is_one(one: Any, other: Any) -> bool:
    """Whether two values are one thing, also if they are two plain values."""
    return one is other or (is_plain(one) and is_plain(other) and repr(one) == repr(other))


def is_plain(value: Any) -> bool:
    """Whether the text of a value gives the value."""
    if type(value) in (tuple, list):
        return all(map(is_plain, value))
    # A float that is not finite has no literal.
    return value is None or type(value) in (bool, int, str) or (type(value) is float and value - value == 0)


def _is_number_of_numpy(value: Any) -> bool:
    return isinstance(value, np.generic) and value.dtype.kind in "biuf" and value.dtype.itemsize <= 8 and bool(np.isfinite(value))
