"""Starts the host of learners' processes before anything else is imported.

Importing the grader's libraries takes longer than starting the host: anything that runs before the
host starts makes the learner wait. So this module is imported first and imports almost nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.runner.early import start_early

__all__ = ["WITHOUT_HOST", "start_ahead"]

WITHOUT_HOST = frozenset(
    {"class", "list", "lesson", "reset", "watch", "doctor", "dev", "certificate", "init", "update"}
)
"""Commands that run no exercise in this process."""

_QUESTIONS = {"-h", "--help", "help"}


def start_ahead(words: Sequence[str]) -> None:
    """Start the host if the command in `words` needs it."""
    if words and (words[0] in WITHOUT_HOST or not _QUESTIONS.isdisjoint(words)):
        return
    start_early(fork="--no-fork" not in words)
