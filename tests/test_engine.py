"""The engine knows no exercise: what is outside of `grader/course` names nothing of the course."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.course.catalog import exercises, find_root
from grader.course.mistakes import catalogue

ENGINE = find_root() / "grader"
MODULES = sorted(
    path.relative_to(ENGINE).as_posix()
    for path in ENGINE.rglob("*.py")
    if path.relative_to(ENGINE).parts[0] != "course"
)
# Of the references' functions, parameters and counts those that mean nothing else in a grader.
OF_COURSE = r"run_pipeline|process_item|TransientError|attempts|backoff|jitter|consumed|retried"
WORDS = re.compile(rf"\b({OF_COURSE}|{'|'.join(entry.id for entry in exercises())})\b")

OF_CLASSES = re.compile(r"^(classroom|intake)/|/class_")


def _said(tree: ast.Module) -> Iterator[str]:
    """The names and the strings of a module, without its docstrings."""
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "" if id(node) in documents else node.value
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg


def _of_the_course(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    said = list(_said(tree))
    codes = {text for text in said if text in catalogue()}
    return codes | {found for text in said for found in WORDS.findall(text)}


@pytest.mark.parametrize("module", MODULES)
def test_the_engine_knows_no_exercise(module: str) -> None:
    """No module of the engine says an exercise's name, its functions, options, counts or mistakes.

    In class mode an attempt is what platforms call by that name: one of several times of handing in.
    """
    allowed = {"attempts"} if OF_CLASSES.search(module) else set()
    assert not _of_the_course(ENGINE / module) - allowed
