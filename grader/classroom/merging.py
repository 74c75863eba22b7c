"""Makes one store of the parts of a class: refuses what does not fit together, names what is missing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.classroom.parts import PartNote, note_from_record, part_of
from grader.classroom.store import NAME, ClassStore, Run, Stored, Verdict, open_class_store
from grader.errors import UsageError
from grader.records import exercise_record
from grader.results import Outcome

__all__ = ["Graded", "Missing", "check_alike", "gather", "missing", "read_parts"]

RULES = ("policy", "overrides")


@dataclass(frozen=True)
class Graded:
    """A part as it lies in a folder."""

    folder: Path
    note: PartNote
    run: Run

    @property
    def number(self) -> int:
        return self.note.shard.number

    @property
    def ended(self) -> bool:
        return self.run.ended is not None


@dataclass(frozen=True)
class Missing:
    """A part that is not there, or is not finished in its folder."""

    number: int
    folder: Path | None = None


def read_parts(folders: Iterable[Path]) -> dict[Path, Graded | None]:
    """Return the part in each folder; None if nothing was graded there.

    Raises `UsageError` for a folder with a whole class.
    """
    found: dict[Path, Graded | None] = {}
    names: tuple[str, ...] = ()
    for folder in folders:
        part = _read_part(folder)
        if part is not None:
            # All parts note the names of the whole class: one copy is enough for any number of them.
            names = part.note.names if part.note.names != names else names
            part = replace(part, note=replace(part.note, names=names))
        found[folder] = part
    return found


def _read_part(folder: Path) -> Graded | None:
    if not (folder / NAME).is_file():
        return None
    with open_class_store(folder / NAME) as store:
        run, data = store.last_run(), store.part()
    if run is None:
        return None
    if data is None:
        raise UsageError(
            f"{folder} holds a whole class, and no part of one: leave it out. Parts are graded with "
            "--shard."
        )
    return Graded(folder, note_from_record(data), run)


def check_alike(parts: Sequence[Graded]) -> None:
    """Raise `UsageError` unless all are parts of one class, graded in one way."""
    first = parts[0]
    for one in parts[1:]:
        reason = _difference(first, one)
        if reason:
            raise UsageError(f"{first.folder} and {one.folder} cannot be merged: {reason}")


def _difference(one: Graded, other: Graded) -> str:
    """Return why two parts are not of one class, and what to do, or ""."""
    a, b = one.note, other.note
    again = "Grade one of them anew, as the other was."
    if a.shard.count != b.shard.count:
        return f"one is a part of {a.shard.count}, the other of {b.shard.count}. {again}"
    if a.names != b.names:
        return f"{_names_differ(a.names, b.names)} {again}"
    if one.run.seed != other.run.seed:
        return f"the seeds are {one.run.seed} and {other.run.seed}. {again}"
    if a.exercises != b.exercises:
        return f"{_short(a.exercises)} count in one, {_short(b.exercises)} in the other. {again}"
    if a.course != b.course:
        return f"two versions of the course graded them. {again}"
    if a.python != b.python:
        return f"{a.python} graded one, {b.python} the other. {again}"
    if a.settings != b.settings:
        return (
            "the options of their workers or the walls around the submissions differ: "
            f"{a.settings} on {a.host}, {b.settings} on {b.host}. {again}"
        )
    for name in RULES:
        if one.run.options.get(f"{name}_text") != other.run.options.get(f"{name}_text"):
            return f"they were given different --{name}. {again}"
    return ""


def _names_differ(some: Collection[str], others: Collection[str]) -> str:
    only = [*sorted({*some} - {*others})[:1], *sorted({*others} - {*some})[:1]]
    return f"their submissions are not the same ones ({' and '.join(only)} in one of them only)."


def _short(exercises: Sequence[str]) -> str:
    return ", ".join(one.partition("_")[0] for one in exercises)


def missing(parts: Sequence[Graded]) -> tuple[Missing, ...]:
    """Return the parts that are not there, or not finished in any folder."""
    found: dict[int, list[Graded]] = defaultdict(list)
    for one in parts:
        found[one.number].append(one)
    return tuple(
        Missing(number, found[number][0].folder if found[number] else None)
        for number in range(1, parts[0].note.shard.count + 1)
        if not any(one.ended for one in found[number])
    )


def gather(parts: Sequence[Graded], store: ClassStore, options: Mapping[str, Any]) -> Run:
    """Put all submissions into a store, whatever the order of the parts; return its run, which has ended.

    A submission that one copy of a part graded and another could not is graded. Raises `UsageError` when
    two copies differ in anything else.
    """
    ordered = sorted(
        (one for one in parts if one.ended), key=lambda one: (one.number, str(one.folder))
    )
    first = ordered[0]
    run = store.begin(first.run.seed, first.run.sources, options)
    theirs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for place, name in enumerate(first.note.names):
        theirs[part_of(name, first.note.shard.count)].append((place, name))
    for one in ordered:
        with open_class_store(one.folder / NAME) as source:
            store.adopt(run, _adopted(one, source, theirs[one.number], store))
    store.end(run)
    return run


def _adopted(
    part: Graded, source: ClassStore, names: Sequence[tuple[int, str]], target: ClassStore
) -> Iterator[tuple[int, str, Stored]]:
    for place, name in names:
        one, before = source.stored(name), target.stored(name)
        if one is None or not {*part.note.exercises} <= {each.exercise for each in one.verdicts}:
            raise UsageError(
                f"{part.folder} is not whole: {name} is not graded in it. Grade that part again, "
                "into another --out."
            )
        yield place, name, one if before is None else _united(before, one, name, part)


def _united(before: Stored, one: Stored, name: str, part: Graded) -> Stored:
    """Return the submission of two copies of a part."""
    known = {each.exercise: each for each in before.verdicts}
    verdicts = tuple(_better(known.get(each.exercise), each) for each in one.verdicts)
    if None in verdicts or json.loads(before.about) != json.loads(one.about):
        raise UsageError(
            f"{part.folder} holds part {part.note.shard}, which another folder holds as well, and they "
            f"differ on {name}. Leave one of them out."
        )
    return replace(before, verdicts=tuple(each for each in verdicts if each is not None))


def _better(before: Verdict | None, one: Verdict) -> Verdict | None:
    """Return the verdict of two that are equal or of which one is none; None if they differ."""
    if before is None or before.outcome == Outcome.UNGRADED:
        return one
    if one.outcome == Outcome.UNGRADED or _comparable(before) == _comparable(one):
        return before
    return None


def _comparable(verdict: Verdict) -> Any:
    """Return what must be equal: all but times, and traces, which are long."""
    return _without_times(exercise_record(verdict.result(), traces=False))


def _without_times(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _without_times(value) for key, value in data.items() if key != "wall_ms"}
    return [_without_times(one) for one in data] if isinstance(data, list) else data
