"""For authors: finds existing mistakes and rules, each with its own description."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from grader import course
from grader.course import rules
from grader.course.kit.failures import Mistake
from grader.course.mistakes import catalogue

__all__ = ["Found", "mistakes", "raised_in", "rules_about"]


@dataclass(frozen=True)
class Found:
    """A mistake or rule: its name in code, where it is, and its description."""

    name: str
    place: str
    says: str


def mistakes(word: str) -> list[Found]:
    """Return the mistakes with `word` in code, sentence or hints; all for an empty word."""
    found = []
    for code, mistake in catalogue().items():
        prose = mistake.prose
        assert prose is not None, code
        if word.lower() in " ".join((code, prose.sentence, *prose.hints)).lower():
            topic = mistake.topic.name if mistake.topic is not None else ""
            found.append(Found(code.upper().replace("-", "_"), topic, prose.sentence))
    return found


def rules_about(word: str) -> list[Found]:
    """Return the rules with `word` in name, module or docstring, each with its parameters."""
    folder = Path(next(iter(rules.__path__)))
    found = []
    for file in sorted(folder.glob("[a-z]*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for name, says in _public(tree):
            if word.lower() in f"{file.stem} {name} {says}".lower():
                found.append(Found(name, f"grader.course.rules.{file.stem}", says))
    return found


def _public(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            names = [one.arg for one in (*node.args.args, *node.args.kwonlyargs)]
            says = (ast.get_docstring(node) or "").replace("\n\n", "\n").replace("\n", "\n    ")
            yield f"{node.name}({', '.join(names)})", says


def raised_in(folder: Path) -> set[str]:
    """Return the codes of the mistakes that the modules of an exercise's folder name, to raise them.

    One that is only compared with is raised elsewhere. Two exercises may have a mistake each of the same
    constant's name, so the module says which is meant.
    """
    named = (values.get(name) for values, names in _modules(folder) for name in names)
    return {one.code for one in named if isinstance(one, Mistake)}


def _modules(folder: Path) -> Iterator[tuple[Mapping[str, object], set[str]]]:
    """Yield of each module in a folder of the course its global values and the names that it reads."""
    package = (course.__name__, *folder.relative_to(Path(next(iter(course.__path__)))).parts)
    for file in folder.glob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        compared = {
            id(one) for node in nodes if isinstance(node, ast.Compare) for one in ast.walk(node)
        }
        names = (node for node in nodes if isinstance(node, ast.Name) and id(node) not in compared)
        read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
        yield vars(import_module(".".join((*package, file.stem)))), read
