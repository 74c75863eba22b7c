"""One part of a class, of many that are graded apart: which one, and what it notes for the merge."""

from __future__ import annotations

import platform
import shlex
from argparse import Namespace
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from grader.classroom.keys import course_of, python_here
from grader.classroom.parts import PartNote, Shard, note_from_record, note_record, shard_in
from grader.classroom.store import ClassStore, Run
from grader.cli.class_fill import PLATFORMS
from grader.cli.formats import wanted
from grader.cli.grading import fresh_seed
from grader.cli.invocation import invocation
from grader.course.catalog import Entry
from grader.errors import UsageError
from grader.intake import Intake
from grader.render.words import counted

__all__ = ["PartOf", "check_shard", "part_here"]


@dataclass(frozen=True)
class PartOf:
    """A part of the class that is given."""

    note: PartNote

    @classmethod
    def made(cls, shard: Shard, intake: Intake, entries: Iterable[Entry], settings: str) -> PartOf:
        """Note what a merge asks for. intake: of the whole class; entries: those that count."""
        counting = tuple(entries)
        return cls(
            PartNote(
                shard,
                course_of(counting),
                python_here(),
                settings,
                tuple(entry.id for entry in counting),
                tuple(one.name for one in intake.entries),
                intake.unused,
                intake.unreadable,
                platform.node(),
            )
        )

    def of(self, intake: Intake) -> Intake:
        """Return the submissions of this part."""
        mine = tuple(one for one in intake.entries if self.note.shard.holds(one.name))
        return replace(intake, entries=mine)

    def record(self) -> dict[str, Any]:
        return note_record(self.note)

    def rows(self) -> list[tuple[str, str]]:
        """Say what this is, and what comes next."""
        shard, names = self.note.shard, self.note.names
        mine = sum(shard.holds(name) for name in names)
        merge = invocation().command("class merge DIR ... --out DIR")
        what = f"{mine} of {counted(len(names), 'submission')}. When all parts are graded: {merge}"
        return [(f"Part {shard}", what)]


def check_shard(options: Namespace) -> None:
    """Raise `UsageError` when a part is asked for that cannot be graded as asked."""
    if options.shard is None:
        return
    shard = shard_in(options.shard)
    if shard is None:
        raise UsageError(
            f"--shard {options.shard} is no part: write --shard 2/7 for the second of seven."
        )
    _check_exports(options, shard)
    if options.seed is None and not options.resume:
        given = " ".join(shlex.quote(str(path)) for path in options.submissions)
        words = f"class {given or 'SUBMISSIONS'} --out {shlex.quote(str(options.out))}"
        again = invocation().command(f"{words} --shard {shard} --seed {fresh_seed()}")
        raise UsageError(f"All parts need the same seed: give each of them one. Try: {again}")


def part_here(options: Namespace, store: ClassStore, last: Run | None) -> Shard | None:
    """Return the part to grade into a store; a resumed one is noted there. None for a whole class.

    Raises `UsageError` when the store holds something else.
    """
    asked = None if options.shard is None else shard_in(options.shard)
    data = store.part()
    there = None if data is None else note_from_record(data).shard
    if there is not None and asked is None and options.resume:
        _check_exports(options, there)
        return there
    if last is not None and asked != there:
        holds = f"part {there} of a class" if there else "a whole class"
        hint = f", or grade that part: --shard {there}" if there else ""
        raise UsageError(f"{options.out} holds {holds}. Name another --out{hint}.")
    return asked


def _check_exports(options: Namespace, shard: Shard) -> None:
    asked = [*wanted(options), *(name for name in PLATFORMS if getattr(options, name))]
    if asked:
        merge = invocation().command(f"class merge DIR ... --out DIR --{asked[0]} ...")
        raise UsageError(
            f"--{asked[0]} is for the whole class, and this is part {shard}: leave it out here, and "
            f"give it to the merge: {merge}"
        )
