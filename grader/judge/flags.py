"""Flags names in a submission's source that no exercise needs, for a human to review.

A flag is not a verdict. Honest code may be flagged, and malicious code can avoid all flags.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from grader.source import syntax_tree

__all__ = ["flags"]

MOST = 20  # flags per file

# Modules that a solution to an exercise about queues and retries may reasonably use.
_MODULES = """
    __future__ abc argparse array asyncio bisect collections contextlib contextvars copy dataclasses
    datetime decimal enum fractions functools graphlib hashlib heapq itertools logging math numbers
    operator pprint queue random re reprlib secrets statistics string sys textwrap time traceback types
    typing uuid warnings weakref zlib zoneinfo
"""
_ORDINARY = frozenset(_MODULES.split())
# Modules of which only a few names are ordinary, and modules of which a few are odd.
_ORDINARY_OF = {"os": frozenset({"cpu_count", "getpid", "linesep", "path", "urandom"})}
_ODD_OF = {
    "asyncio": frozenset({"set_event_loop", "set_event_loop_policy"}),
    "sys": frozenset(
        {
            "_getframe",
            "addaudithook",
            "argv",
            "excepthook",
            "meta_path",
            "modules",
            "path_hooks",
            "setprofile",
            "setrecursionlimit",
            "settrace",
            "unraisablehook",
        }
    ),
}
_ODD_CALLS = frozenset({"__import__", "breakpoint", "compile", "eval", "exec", "open", "vars"})
_BY_NAME = frozenset({"getattr", "setattr", "delattr"})
_ATTRIBUTES = """
    __builtins__ __closure__ __code__ __dict__ __getattribute__ __globals__ __subclasses__
    ag_frame cell_contents cr_frame f_back f_builtins f_globals f_locals gi_frame tb_frame tb_next
"""
_ODD_ATTRIBUTES = frozenset(_ATTRIBUTES.split())


def flags(source: str, noticed: Iterable[str] = ()) -> tuple[str, ...]:
    """What a human should review in this file, as sentences without their subject.

    noticed: what the sandbox noticed while the submission ran.
    """
    found = dict.fromkeys(_in_source(source))
    found |= dict.fromkeys(noticed)
    return tuple(found)[:MOST]


def _in_source(source: str) -> Iterator[str]:
    tree = syntax_tree(source)
    if tree is None:
        return
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr | ast.stmt)]
    nodes.sort(key=lambda node: (node.lineno, node.col_offset))
    modules, private = _modules(nodes), _defined(nodes)
    said: set[str] = set()
    for node in nodes:
        for words in _odd(node, modules, private):
            if words not in said:
                said.add(words)
                yield f"{words} (line {node.lineno})"


def _odd(node: ast.AST, modules: dict[str, str], private: set[str]) -> Iterator[str]:
    """What is odd about a node, without its line, so that repetitions are reported once."""
    match node:
        case ast.Import(names=names):
            yield from (f"imports {one.name}" for one in names if not _is_ordinary(one.name))
        case ast.ImportFrom(module=str(module), names=names):
            for one in names:
                yield from _odd_member(module, one.name)
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if owner in modules:
            if isinstance(node.ctx, ast.Load):
                yield from _odd_member(modules[owner], name, imported=True)
            else:
                yield f"replaces {modules[owner]}.{name}"
        case ast.Attribute(attr=name):
            yield from _odd_attribute(node, name, modules, private)
        case ast.Call(func=ast.Name(id=name)) if name in _ODD_CALLS:
            yield f"calls {name}()"
        case ast.Call(func=ast.Name(id=name), args=[_, what, *_]) if name in _BY_NAME:
            yield from _by_name(name, what)


def _by_name(function: str, what: ast.expr) -> Iterator[str]:
    """What is odd about the attribute name in a call of `getattr`, `setattr` or `delattr`."""
    if not isinstance(what, ast.Constant):
        yield f"calls {function}() with a name that it works out"
    elif type(what.value) is str and (what.value in _ODD_ATTRIBUTES or _is_private(what.value)):
        yield f"calls {function}() for {what.value[:80]}"


def _odd_member(module: str, name: str, *, imported: bool = False) -> Iterator[str]:
    """What is odd about the use of a module's name."""
    if module in _ORDINARY_OF:
        if name not in _ORDINARY_OF[module] and not name.isupper():  # a constant does nothing
            yield f"uses {module}.{name}"
    elif not _is_ordinary(module):
        if not imported:  # otherwise the import is flagged
            yield f"imports {module}"
    elif name in _ODD_OF.get(module, ()) or _is_private(name):
        yield f"uses {module}.{name}"


def _odd_attribute(
    node: ast.Attribute, name: str, modules: dict[str, str], private: set[str]
) -> Iterator[str]:
    if name in _ODD_ATTRIBUTES:
        yield f"uses {name}"
    elif _is_private(name) and name not in private and not _is_own(node.value):
        yield f"uses the private {name}"
    root, names = _dotted(node)
    if root in modules and not isinstance(node.ctx, ast.Load):
        yield f"replaces {'.'.join([modules[root], *names])[:80]}"


def _is_ordinary(module: str) -> bool:
    top = module.partition(".")[0]
    return top in _ORDINARY or module in _ORDINARY_OF or module in ("os.path", "concurrent.futures")


def _is_private(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def _is_own(value: ast.expr) -> bool:
    """Whether attributes of this object are the file's own: `self`, `cls`, `super()`."""
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id == "super"
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


def _dotted(node: ast.expr) -> tuple[str, list[str]]:
    """The name at the start of a chain of attributes (else empty), and the attributes."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return (node.id if isinstance(node, ast.Name) else ""), names[::-1]


def _modules(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """The imported modules, by their names in the file."""
    found = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                top = one.name.partition(".")[0]
                found[one.asname or top] = one.name if one.asname else top
    return found


def _defined(nodes: Iterable[ast.AST]) -> set[str]:
    """The private names that the file gives its own objects."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if _is_own(node.value):
                names.add(node.attr)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
    return names
