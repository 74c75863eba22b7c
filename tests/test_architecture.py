"""The directions in which imports may point; see DESIGN.md."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each room, and what it may import of ours beside itself.
DIRECTIONS: dict[str, set[str]] = {
    "errors": set(),
    "results": set(),
    "class_results": {"results"},
    "records": {"results", "class_results"},
    "scenario": set(),
    "source": set(),
    "contained": set(),
    "lab": {"scenario"},
    "lab_start": set(),
    "trace": {"errors", "scenario"},
    "authoring": {"scenario", "trace", "errors"},
    "misconceptions": set(),
    "checks": {"authoring"},
    "catalog": {"authoring", "errors"},
    "runner": {
        "scenario",
        "source",
        "trace",
        "errors",
    },  # it starts the lab by name, in another process
    "judge": {
        "authoring",
        "catalog",
        "contained",
        "misconceptions",
        "runner",
        "scenario",
        "source",
        "trace",
        "results",
        "errors",
    },
    "store": {"records", "results", "errors"},
    "intake": {"class_results", "errors"},
    "classroom": {
        "records",
        "results",
        "class_results",
        "contained",
        "errors",
        "catalog",
        "judge",
        "runner",
        "store",
        "intake",
    },
    "practice": {"records", "results", "errors"},
    # A screen of the learner's loop is a picture of its state.
    "render": {
        "results",
        "class_results",
        "contained",
        "errors",
        "source",
        "trace",
        "misconceptions",
        "practice",
    },
    "export": {"results", "class_results", "errors", "misconceptions"},
    "cli": {
        "errors",
        "records",
        "results",
        "class_results",
        "scenario",
        "trace",
        "authoring",
        "catalog",
        "runner",
        "judge",
        "store",
        "intake",
        "misconceptions",
        "classroom",
        "practice",
        "render",
        "export",
    },
}
# Rooms of more than one module without a folder of their own.
ANNEXES = {
    "bench": "judge",
    "judging": "judge",
    "rehearsal": "judge",
    "flags": "judge",
    "sitting": "judge",
    "spotting": "judge",
    "__main__": "cli",
}
STANDARD_LIBRARY_ONLY = ("lab", "checks")


@cache
def _modules() -> dict[str, Path]:
    """Every module of the grader, by its full name."""
    found = {}
    for path in sorted((ROOT / "grader").rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts).removesuffix(".__init__")] = path
    return found


def _room(module: str) -> str:
    """The room that a module belongs to; `grader` itself has none."""
    name = module.split(".")[1] if "." in module else ""
    return ANNEXES.get(name, name)


@cache
def _imports(path: Path, *, at_run_time: bool = False) -> tuple[str, ...]:
    """The full names of all modules that a file imports, within functions too.

    at_run_time: without those that only type checkers see.
    """
    return tuple(_found(ast.parse(path.read_text(encoding="utf-8")), at_run_time=at_run_time))


def _found(node: ast.AST, *, at_run_time: bool) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0, f"a relative import at line {node.lineno}"
        assert node.module is not None
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in _modules() else node.module
    elif at_run_time and isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
        return
    for child in ast.iter_child_nodes(node):
        yield from _found(child, at_run_time=at_run_time)


def _of_ours(names: tuple[str, ...]) -> list[str]:
    return [name for name in names if name.partition(".")[0] == "grader"]


def test_every_module_has_its_room() -> None:
    """A new room needs a line in the table, and a line needs no room that nobody wants."""
    rooms = {_room(module) for module in _modules()} - {""}
    assert rooms <= set(DIRECTIONS)
    assert set(DIRECTIONS) - rooms <= {"intake", "misconceptions", "classroom", "practice"}
    assert all(allowed <= set(DIRECTIONS) for allowed in DIRECTIONS.values())


@pytest.mark.parametrize("module", [name for name in _modules() if _room(name)])
def test_imports_point_in_the_right_direction(module: str) -> None:
    """A module imports of ours only what the table allows its room."""
    room = _room(module)
    wrong = {
        name
        for name in _of_ours(_imports(_modules()[module]))
        if _room(name) not in DIRECTIONS[room] | {room}
    }
    assert not wrong


def test_the_package_itself_imports_nothing() -> None:
    """Importing any part of the grader loads that part only."""
    assert _imports(_modules()["grader"]) == ()


def test_the_table_has_no_cycles() -> None:
    """The rooms can be put in an order in which each imports earlier ones only."""
    assert next(iter(TopologicalSorter(DIRECTIONS).static_order()))


def test_the_modules_have_no_cycles() -> None:
    """No module imports itself in a roundabout way, not even within a function."""
    graph = {
        module: {name for name in _of_ours(_imports(path, at_run_time=True)) if name != module}
        for module, path in _modules().items()
    }
    assert next(iter(TopologicalSorter(graph).static_order()))


def test_nothing_imports_the_command_line() -> None:
    """The commands know everybody, and nobody knows them."""
    assert all("cli" not in allowed for allowed in DIRECTIONS.values())


@pytest.mark.parametrize("room", STANDARD_LIBRARY_ONLY)
def test_some_rooms_need_the_standard_library_only(room: str) -> None:
    """The learner's process installs nothing, and a check needs nothing but its authoring kit."""
    paths = [path for module, path in _modules().items() if _room(module) == room]
    assert paths
    foreign = {name.partition(".")[0] for path in paths for name in _imports(path)} - {"grader"}
    assert foreign <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("folder", ["exercises", "solutions"])
def test_exercises_stand_alone(folder: str) -> None:
    """Stubs and solutions import the standard library only, nothing of ours and not each other."""
    paths = sorted((ROOT / folder).glob("*.py"))
    assert paths
    imported = {name.partition(".")[0] for path in paths for name in _imports(path)}
    assert imported <= set(sys.stdlib_module_names)


def test_a_learners_process_holds_the_lab_and_nothing_else_of_ours() -> None:
    """What is warm when a submission is forked: no checks, no solutions, no thread, no test tool."""
    code = """
import sys, threading
sys.path.insert(0, sys.argv[1])
import grader.lab.server, grader.lab.process
print(threading.active_count(), *sorted(sys.modules))
"""
    done = subprocess.run(
        [sys.executable, "-S", "-P", "-c", code, str(ROOT)],
        capture_output=True,
        text=True,
        check=True,
    )
    threads, *modules = done.stdout.split()
    assert threads == "1"
    ours = {name for name in modules if name.partition(".")[0] == "grader"} - {"grader"}
    assert {_room(name) for name in ours} == {"lab", "scenario"}
    others = {name.partition(".")[0] for name in modules} - {"grader", "__main__", "__mp_main__"}
    assert {n for n in others if not n.startswith("_")} <= set(sys.stdlib_module_names)
