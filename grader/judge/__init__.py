"""Judges submissions: a pytest session over the checks, and a verdict from what became of each."""

from grader.judge.grading import grade, grade_modules, start_early
from grader.judge.listener import Listener, Silent
from grader.judge.modules import LARGEST_FILE, Module

__all__ = [
    "LARGEST_FILE",
    "Listener",
    "Module",
    "Silent",
    "grade",
    "grade_modules",
    "start_early",
]
