"""The directions in which imports may point; see DESIGN.md."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each room, and what it may import of ours beside itself. `core` are the modules without a room.
DIRECTIONS: dict[str, set[str]] = {
    "core": set(),
    "lab": {"core"},
    "trace": {"core"},
    "predict": {"core", "trace"},
    "runner": {"core", "trace"},  # it starts the lab by name, in another process
    "course": {"core", "trace"},
    "judge": {"core", "trace", "runner", "course"},
    "intake": {"core"},
    "practice": {"core"},
    "folder": {"core", "course", "practice"},
    "classroom": {"core", "runner", "course", "judge", "intake"},
    "scale": {"core", "runner", "course", "judge", "intake", "classroom"},
    "export": {"core", "course"},
    "render": {"core", "trace", "course", "predict"}
    | {"practice"},  # the learner's loop is drawn from its state
    "cli": {"core", "lab", "trace", "runner", "course", "judge", "intake", "practice", "classroom"}
    | {"export", "render", "predict", "folder", "scale"},
}
# Within the course: rules ask what the kit can say, and an exercise's checks ask rules.
COURSE = {
    "kit": set(),
    "mistakes": {"kit"},
    "where": {"kit"},
    "labelled": set(),
    "rules": {"kit", "mistakes"},
    "evidence": {"kit", "rules"},
    "subject": {"kit", "rules", "mistakes", "where"},
    "api": {"kit", "rules", "subject", "mistakes"},
    "catalog": {"api", "kit"},
    "pages": {"catalog"},
    "points": {"catalog"},
    "checks": {"api", "kit", "mistakes"},
}
STANDARD_LIBRARY_ONLY = ("lab", "course")


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
    alone = (ROOT / "grader" / f"{name}.py").is_file()
    return {"": "", "__main__": "cli"}.get(name, "core" if alone else name)


def _part(module: str) -> str:
    """The part of the course that a module belongs to: an exercise's folder is `checks`."""
    name = module.split(".")[2] if module.count(".") > 1 else ""
    return "checks" if re.match(r"ex\d", name) else name


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
    assert rooms == set(DIRECTIONS)
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


@pytest.mark.parametrize(
    "module", [name for name in _modules() if _part(name) and _room(name) == "course"]
)
def test_the_course_is_in_layers(module: str) -> None:
    """A part of the course imports of it only what the second table allows."""
    part = _part(module)
    ours = _of_ours(_imports(_modules()[module]))
    used = {_part(name) for name in ours if _room(name) == "course"} - {""}
    assert used <= COURSE[part] | {part}


def test_the_package_itself_imports_nothing() -> None:
    """Importing any part of the grader loads that part only."""
    assert _imports(_modules()["grader"]) == ()


def test_the_table_has_no_cycles() -> None:
    """The rooms can be put in an order in which each imports earlier ones only."""
    for table in (DIRECTIONS, COURSE):
        assert next(iter(TopologicalSorter(table).static_order()))


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
    """The learner's process installs nothing, and a check needs nothing but its kit."""
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


def test_a_cluster_is_asked_for() -> None:
    """Its library is an extra: two modules import it, and only when they are called."""
    users = {
        module: path
        for module, path in _modules().items()
        if {"dask", "distributed"} & {name.partition(".")[0] for name in _imports(path)}
    }
    assert set(users) == {"grader.scale.cluster", "grader.scale.remote"}
    for path in users.values():
        at_once = ast.parse(path.read_text(encoding="utf-8")).body
        found = [one for one in at_once if isinstance(one, ast.Import | ast.ImportFrom)]
        assert not [one for one in found if "distributed" in ast.unparse(one)]


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
    assert {_room(name) for name in ours} == {"lab", "core"}
    others = {name.partition(".")[0] for name in modules} - {"grader", "__main__", "__mp_main__"}
    assert {n for n in others if not n.startswith("_")} <= set(sys.stdlib_module_names)
