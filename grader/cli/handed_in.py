"""Finds the modules in a folder that somebody handed in, by the same intake as a class's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.classroom.reading import read_module
from grader.course.catalog import Entry
from grader.course.catalog import exercises as every_exercise
from grader.intake import work_in
from grader.judge.modules import Module
from grader.results import Outcome

__all__ = ["HandedIn", "find"]


@dataclass(frozen=True)
class HandedIn:
    """What a folder holds besides files that lie there as asked.

    modules: by exercise id; an absent one is read from the folder itself. remarks: what counts under
    another name or from another place, and what a person should look at, a line each.
    """

    modules: dict[str, Module]
    remarks: tuple[str, ...] = ()


def find(entries: Sequence[Entry], folder: Path) -> HandedIn:
    """Find the modules of these exercises in a folder, its subfolders and its zips.

    Raises `UsageError` when the folder holds far too much for one person's work.
    """
    entry = work_in(folder, [one.id for one in every_exercise()])
    modules: dict[str, Module] = {}
    remarks: list[str] = []
    for one in entries:
        source = entry.files.get(one.id)
        plain = f"{one.id}.py"
        module = read_module(entry, one)
        if module.outcome is Outcome.UNGRADED and not (folder / plain).is_symlink():
            modules[one.id] = module
        elif source is not None and source.path != plain:
            modules[one.id] = replace(module, path=(folder / source.path).as_posix())
            if not any(doubt.path == source.path for doubt in entry.doubts):
                remarks.append(f"{source.path} counts as {plain}.")
    wanted = {one.id for one in entries}
    missing = any(one not in entry.files for one in wanted)
    remarks += [
        f"{doubt.path} {doubt.reason}" + ("" if doubt.sure else " (worth a look)") + "."
        for doubt in entry.doubts
        if (doubt.exercise in wanted if doubt.exercise else missing)
    ]
    return HandedIn(modules, tuple(remarks))
