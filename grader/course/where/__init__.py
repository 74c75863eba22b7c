"""Finds the line of a recognised mistake in the learner's source, if only one line is possible.

A trace shows what went wrong, and often on which line. Where it does not, the syntax tree may help: if a
queue turned out to have no bound and the file makes only one queue, that is the line. Each rule finds all
places that could have led to a mistake; unless there is exactly one, no line is reported.

The source is read, never run. Only code that `run_pipeline` and `consumer` reach counts, so that a demo
neither hides a mistake nor is mistaken for one. A mistake names its rule as `module.function` in this
folder.
"""

from __future__ import annotations

from importlib import import_module

from grader.course.kit.contract import Contract
from grader.course.where.view import Rule, View
from grader.source import LARGEST, syntax_tree

__all__ = ["MOST_NODES", "defaults_as_fixed", "rule", "spot", "uncalled"]

MOST_NODES = 10_000  # ten times a large solution


def rule(place: str) -> Rule:
    """The rule of that name; raises `ImportError` or `AttributeError` if there is none."""
    module, _, name = place.partition(".")
    found: Rule = getattr(import_module(f"{__name__}.{module}"), name)
    return found


def spot(place: str, source: str, contract: Contract | None = None) -> int | None:
    """The line (1-based) of a mistake, or None unless exactly one line is possible.

    place: the rule that finds it; "" for none.
    source: the learner's whole file.
    contract: the exercise's fixed signatures.
    """
    view = _view(source, contract or Contract()) if place else None
    if view is None:
        return None
    lines = {node.lineno for node in rule(place)(view)}
    return lines.pop() if len(lines) == 1 else None


def uncalled(source: str, contract: Contract) -> tuple[int, str] | None:
    """The line of a method that stands there without its parentheses, and a sentence on it; or None."""
    from grader.course.where import statements  # noqa: PLC0415 - as all rules, when needed

    view = _view(source, contract)
    return None if view is None else statements.uncalled(view)


def defaults_as_fixed(source: str, contract: Contract) -> frozenset[str]:
    """The parameters of a file whose defaults are known to be those of the contract."""
    from grader.course.where.signatures import as_fixed  # noqa: PLC0415 - as all rules, when needed

    view = _view(source, contract)
    return frozenset() if view is None else as_fixed(view)


def _view(source: str, contract: Contract) -> View | None:
    tree = syntax_tree(source, largest=LARGEST)
    return None if tree is None else View.of(tree, MOST_NODES, contract)
