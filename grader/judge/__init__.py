"""Judges submissions: runs the checks in a pytest session and turns their outcomes into verdicts."""

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
