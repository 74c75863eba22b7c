"""Judges submissions: a pytest session over the checks, and a verdict from what became of each."""

from grader.judge.grading import LARGEST_FILE, Module, grade, grade_modules, start_early
from grader.judge.listener import Listener, Silent

__all__ = [
    "LARGEST_FILE",
    "Listener",
    "Module",
    "Silent",
    "grade",
    "grade_modules",
    "start_early",
]
