"""Says where in the learner's source a recognised mistake is, when it surely is in one place.

A trace shows what went wrong, and often at which line. Where it does not, the syntax tree may: a queue
that turned out to have no bound was made somewhere, and if the file makes just one, that is the line.
Each rule finds the places that could have led to a mistake; with more than one of them, or none, nothing
is said.

The source is read, never run. Only what `run_pipeline` and `consumer` reach counts, so that a demo
neither hides a mistake nor is taken for one. A mistake names its rule: `module.function` in this folder.
"""

from __future__ import annotations

from importlib import import_module

from grader.course.kit.contract import Contract
from grader.course.where.view import Rule, View
from grader.source import LARGEST, syntax_tree

__all__ = ["MOST_NODES", "rule", "spot"]

MOST_NODES = 10_000  # ten times a large solution


def rule(place: str) -> Rule:
    """The rule of that name; raises `ImportError` or `AttributeError` where there is none."""
    module, _, name = place.partition(".")
    found: Rule = getattr(import_module(f"{__name__}.{module}"), name)
    return found


def spot(place: str, source: str, contract: Contract | None = None) -> int | None:
    """The line (1-based) of a mistake, or None when it is not surely one line.

    place: the rule that finds it, "" for none; source: the learner's whole file; contract: the signatures
    that the exercise fixes.
    """
    if not place:
        return None
    tree = syntax_tree(source, largest=LARGEST)
    view = None if tree is None else View.of(tree, MOST_NODES, contract or Contract())
    if view is None:
        return None
    lines = {node.lineno for node in rule(place)(view)}
    return lines.pop() if len(lines) == 1 else None
