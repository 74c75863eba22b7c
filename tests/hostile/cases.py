"""Hostile cases as folders of exercises: from the corpus, made in code, or from any other folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from itertools import chain, zip_longest
from pathlib import Path

from grader.render.words import short
from tests.corpus import EXERCISES, KINDS, load
from tests.hostile.made import made

__all__ = ["Case", "Row", "cases_in", "chosen", "known_cases", "rows", "spread", "write"]


@dataclass(frozen=True)
class Case:
    """What one hostile learner hands in.

    folder: what the learner's folder is called.
    sources, verdicts: by the ids of the exercises; a verdict is accept, reject, either, or empty
        where nobody has said.
    """

    slug: str
    kind: str
    folder: str
    sources: Mapping[str, bytes]
    verdicts: Mapping[str, str]


@dataclass(frozen=True)
class Row:
    """A case as a table shows it."""

    kind: str
    slug: str
    exercises: str
    verdict: str
    contract: str
    made: bool = False


def known_cases(port: int = 9) -> tuple[Case, ...]:
    """All cases of the corpus, and those made in code; `port` is one that somebody listens on."""
    files: dict[str, list[tuple[str, str, str, bytes]]] = {}
    for one in load():
        if one.label == "hostile":
            row = (one.kind, one.exercise, one.verdict, one.path.read_bytes())
            files.setdefault(one.slug, []).append(row)
    cases = [_case(slug, slug, group) for slug, group in files.items()]
    for each in made(port):
        source = each.source().encode("utf-8")
        row = (each.kind, each.exercise, each.verdict, source)
        cases.append(_case(each.slug, each.folder or each.slug, [row]))
    return tuple(sorted(cases, key=lambda case: (KINDS.index(case.kind), case.slug)))


def _case(slug: str, folder: str, files: Sequence[tuple[str, str, str, bytes]]) -> Case:
    sources = {exercise: source for _, exercise, _, source in files}
    verdicts = {exercise: verdict for _, exercise, verdict, _ in files}
    return Case(slug, files[0][0], folder, sources, verdicts)


def cases_in(folder: Path) -> tuple[Case, ...]:
    """The cases in a folder with a folder for each; nobody has said how they should come out."""
    found = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        sources = {name: place / f"{name}.py" for name in EXERCISES}
        files = [
            ("", name, "", path.read_bytes()) for name, path in sources.items() if path.is_file()
        ]
        if files:
            found.append(_case(place.name, place.name, files))
    return tuple(found)


def chosen(cases: Iterable[Case], pattern: str) -> tuple[Case, ...]:
    """Those whose slug or kind fits one of the patterns, which commas separate: `trace_*,clock`."""
    patterns = pattern.split(",")
    return tuple(
        case
        for case in cases
        if any(fnmatch(name, one) for name in (case.slug, case.kind) for one in patterns)
    )


def spread(cases: Sequence[Case], count: int) -> tuple[Case, ...]:
    """So many cases, of as many kinds as possible."""
    kinds = dict.fromkeys(case.kind for case in cases)
    piles = ([case for case in cases if case.kind == kind] for kind in kinds)
    in_turn = [case for case in chain(*zip_longest(*piles)) if case is not None]
    return tuple(in_turn[:count])


def write(cases: Iterable[Case], folder: Path) -> None:
    """Write each case into a folder of its own, as learners hand in."""
    for case in cases:
        place = folder / case.folder
        place.mkdir(parents=True)
        for exercise, source in case.sources.items():
            (place / f"{exercise}.py").write_bytes(source)


def rows() -> Iterator[Row]:
    """Every case as a row of a table, in the order of the kinds."""
    found: dict[str, list[Row]] = {}
    for one in load():
        if one.label == "hostile":
            row = Row(one.kind, one.slug, short(one.exercise), one.verdict, one.contract)
            found.setdefault(one.slug, []).append(row)
    for each in made():
        row = Row(
            each.kind, each.slug, short(each.exercise), each.verdict, each.contract, made=True
        )
        found[each.slug] = [row]
    joined = [_joined(group) for group in found.values()]
    yield from sorted(joined, key=lambda row: (KINDS.index(row.kind), row.slug))


def _joined(group: Sequence[Row]) -> Row:
    first = group[0]
    names = ", ".join(row.exercises for row in group)
    verdicts = "/".join(dict.fromkeys(row.verdict for row in group))
    return Row(first.kind, first.slug, names, verdicts, first.contract, first.made)
