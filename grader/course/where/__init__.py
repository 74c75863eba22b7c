"""Says where in the learner's source a recognised mistake is, when it surely is in one place.

A trace shows what went wrong, and often at which line. Where it does not, the syntax tree may: a queue
that turned out to have no bound was made somewhere, and if the file makes just one, that is the line.
Each rule finds the places that could have led to a mistake; with more than one of them, or none, nothing
is said.

The source is read, never run. Only what `run_pipeline` and `consumer` reach counts, so that a demo
neither hides a mistake nor is taken for one. Codes are those of the checks, and of the corpus.
"""

from __future__ import annotations

from grader.course.where import errors, queues, signatures, waits
from grader.course.where.view import View
from grader.source import LARGEST, syntax_tree

__all__ = ["BETTER", "MOST_NODES", "RULES", "spot"]

MOST_NODES = 10_000  # ten times a large solution
RULES = {**queues.RULES, **errors.RULES, **waits.RULES, **signatures.RULES}
"""For each code, the rule that finds the places which could have led to it."""

# Of these a trace has only a line at which the mistake showed, or one of the supplied `log`.
BETTER = frozenset(
    {
        "success-ends-consumer",
        "log-format",
        "size-read-too-early",
        "size-read-too-late",
        "size-not-from-the-queue",
        "task-done-missing",
        "task-done-missing-on-success",
        "task-done-missing-when-given-up",
        "debugger-left-in",
        "no-retry",
    }
)
"""The codes of mistakes for which the source knows the line better than the trace."""


def spot(code: str, source: str) -> int | None:
    """The line (1-based) of a mistake, or None when it is not surely one line.

    code: the misconception that the trace has shown; source: the learner's whole file.
    """
    rule = RULES.get(code)
    if rule is None:
        return None
    tree = syntax_tree(source, largest=LARGEST)
    view = None if tree is None else View.of(tree, MOST_NODES)
    if view is None:
        return None
    lines = {node.lineno for node in rule(view)}
    return lines.pop() if len(lines) == 1 else None
