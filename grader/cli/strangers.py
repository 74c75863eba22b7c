"""Grades strangers' modules; all that makes verdicts is imported before their first line runs.

So a submission could not change its own verdict, even if it could write to the grader's folder.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from rich.cells import cell_len

from grader import judge
from grader.course.catalog import Entry
from grader.course.mistakes import catalogue
from grader.judge.long_session import RunChecks, keep_open
from grader.judge.modules import Module
from grader.judge.observing import Pick
from grader.results import GradeReport
from grader.runner.sandbox import Sandbox

__all__ = ["grade"]

# What the judge would import during a run, and the commands after it.
LATER = (
    "encodings.ascii",
    "grader.cli.formats",
    "grader.cli.herding",
    "grader.cli.screen",
    "grader.export.to_json",
    "grader.judge.flags",
    "grader.render.hint",
    "grader.render.report",
    "grader.render.solution",
    "grader.render.standing",
    "grader.render.timeline.screen",
    "grader.render.timeline_files",
    "grader.course.evidence",
    "grader.course.kit.describe",
    "grader.course.where.errors",
    "grader.course.where.queues",
    "grader.course.where.signatures",
    "grader.course.where.statements",
    "grader.course.where.waits",
)


def grade(
    entries: Sequence[Entry],
    folder: Path,
    *,
    sandbox: Sandbox,
    seed: int,
    fork: bool = True,
    listener: judge.Listener | None = None,
    stubs: bool = False,
    run_checks: RunChecks | None = None,
    modules: Mapping[str, Module] = MappingProxyType({}),
    pick: Pick | None = None,
) -> GradeReport:
    """Grade like `grader.judge.grade`, in a sandbox and with flags."""
    _load()
    reports = []

    def examine(run_checks: RunChecks, _faults: Mapping[str, str]) -> None:
        report = judge.grade(
            entries,
            folder,
            seed=seed,
            fork=fork,
            sandbox=sandbox,
            flagged=True,
            listener=listener,
            stubs=stubs,
            run_checks=run_checks,
            modules=modules,
            pick=pick,
        )
        reports.append(report)

    if run_checks is None:
        keep_open(entries, examine)
    else:
        examine(run_checks, {})
    return reports[0]


def _load() -> None:
    for name in LATER:
        import_module(name)
    for mistake in catalogue().values():
        mistake.prose  # noqa: B018 - it is read from a file
    cell_len("✔")  # makes Rich import its table of widths
    random.Random("")  # makes it import its hash function, from Python 3.13 on
