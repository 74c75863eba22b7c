"""Starts the host of learners' processes before anything else is imported, where it will be needed.

The grader takes longer to import its libraries than the host takes to start: whatever comes before
the host makes the learner wait. So this module is imported first, and imports next to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.runner.early import start_early

__all__ = ["WITHOUT_HOST", "start_ahead"]

WITHOUT_HOST = frozenset({"class", "list", "reset", "watch", "doctor", "dev"})
"""Commands that run no exercise, or not in this process."""

_QUESTIONS = {"-h", "--help", "help"}


def start_ahead(words: Sequence[str]) -> None:
    """Start the host for the command that these words will turn out to be."""
    if words and (words[0] in WITHOUT_HOST or not _QUESTIONS.isdisjoint(words)):
        return
    start_early(fork="--no-fork" not in words)
