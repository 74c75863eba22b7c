"""A class in each platform's layout, taken through a term: `nox -s proofs -- layouts`.

    python -m tests.class_layouts [--learners 300] [--platforms canvas moodle ...]

From labelled submissions a class is made, and a platform's download and file of grades for it. It is
graded and the file filled, with work by hand, late work in a second download, an extension and decisions;
then the filled file is given again. Everybody's cell must hold what their files are worth by themselves,
counted here and not by the grader, and no other byte may differ.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from time import perf_counter

from grader.results import ExerciseResult
from tests.classroom.support import SEED, Command
from tests.corpus import EXERCISES, Labelled, load
from tests.grading import grade_corpus
from tests.intake.layouts import (
    Files,
    Person,
    blackboard_download,
    blackboard_grades,
    brightspace_download,
    brightspace_grades,
    canvas_download,
    canvas_gradebook,
    gradescope_export,
    moodle_download,
    moodle_worksheet,
)

__all__ = ["PLATFORMS", "go_through", "main"]

USED = EXERCISES[:2]  # of which the verdicts are known alone
VARIANTS = 3  # files of each exercise and label
POLICY = """\
deadline = 2026-03-02T00:00:00Z
late = {percent = 10}
[extensions]
"""
IN_TIME, LATE = "2026-03-01T12:00:00Z", "2026-03-03T12:00:00Z"
UNITS = 2  # days that have begun
BY_HAND = "1.5"
Grades = Mapping[str, str]


@dataclass(frozen=True)
class Platform:
    """A platform's layouts. option: names the file of grades to fill, which `grades` makes.

    id: what a person is called in files that name submissions.
    """

    name: str
    option: str
    download: Callable[[Path, Mapping[Person, Files]], Path]
    grades: Callable[[Sequence[Person], Grades], bytes]
    ending: str = "csv"
    id: Callable[[Person], str] = lambda person: person.id


def _gradescope(path: Path, uploads: Mapping[Person, Files]) -> Path:
    both: dict[tuple[str, Sequence[Person]], Files] = {
        (person.id, (person,)): files for person, files in uploads.items()
    }
    return gradescope_export(path, both)


def _canvas_grades(people: Sequence[Person], grades: Grades) -> bytes:
    return canvas_gradebook(people, {"Backpressure and retries (501)": "100"}, grades=grades)


def _moodle_grades(people: Sequence[Person], grades: Grades) -> bytes:
    marks = {person.id: f"@{place}@" for place, person in enumerate(people)}
    text = b"".join(
        _one_row(moodle_worksheet([person], maximum="100.00", grade=marks[person.id]), first=not at)
        for at, person in enumerate(people)
    )
    for person in people:
        text = text.replace(marks[person.id].encode(), grades.get(person.id, "").encode(), 1)
    return text


def _blackboard_grades(people: Sequence[Person], grades: Grades) -> bytes:
    header = "Backpressure and retries [Total Pts: 100 Score] |501"
    whole = blackboard_grades(people, {header: "@"}, encoding="utf-16-le").decode("utf-16-le")
    pieces = whole.split('"@"')
    cells = [f'"{grades.get(person.id, "")}"' for person in people]
    text = "".join(piece + cell for piece, cell in zip(pieces, [*cells, ""], strict=True))
    return b"\xff\xfe" + text.encode("utf-16-le")


def _one_row(worksheet: bytes, *, first: bool) -> bytes:
    return worksheet if first else worksheet.partition(b"\n")[2]


PLATFORMS = {
    one.name: one
    for one in (
        Platform("canvas", "--canvas", canvas_download, _canvas_grades),
        Platform("moodle", "--moodle", moodle_download, _moodle_grades),
        Platform(
            "brightspace",
            "--brightspace",
            brightspace_download,
            lambda people, grades: brightspace_grades(
                people, {"Backpressure and retries": "100"}, grades=grades
            ),
        ),
        Platform(
            "blackboard",
            "--blackboard",
            blackboard_download,
            _blackboard_grades,
            "xls",
            lambda person: person.login,
        ),
        Platform("gradescope", "--canvas", _gradescope, _canvas_grades),
    )
}


@cache
def _files() -> tuple[dict[str, list[tuple[bytes, int]]], dict[str, int]]:
    """Files of each exercise with the points that each is worth alone, and the exercises' maxima."""
    chosen: list[Labelled] = []
    for exercise in USED:
        for label in ("right", "wrong"):
            pile = [one for one in load() if (one.exercise, one.label) == (exercise, label)]
            chosen += pile[:: max(1, len(pile) // VARIANTS)][:VARIANTS]
    found: dict[str, list[tuple[bytes, int]]] = {exercise: [] for exercise in USED}
    most: dict[str, int] = {}
    for one, result in grade_corpus(chosen, int(SEED[1])):
        alone: ExerciseResult = result
        found[one.exercise].append((one.path.read_bytes(), alone.score))
        most[one.exercise] = alone.max_score
    return found, most


@dataclass(frozen=True)
class _Learner:
    """A learner, with their files by name, and the points that each exercise is worth alone."""

    person: Person
    files: dict[str, bytes]
    points: dict[str, int]
    late: bool


@dataclass(frozen=True)
class _Roles:
    """Who is special. total, part: of whom a person decided the total, and an exercise's points."""

    by_hand: Person
    extended: Person
    total: Person
    part: Person


def _class(size: int) -> list[_Learner]:
    draw = random.Random(size)
    files, _ = _files()
    learners = []
    for number in range(size):
        person = Person(
            f"Given{number} Family{number}",
            str(4_000 + number),
            f"S{number:05}",
            f"login{number}",
            f"user{number}@school.edu",
        )
        chosen = {exercise: draw.choice(files[exercise]) for exercise in USED}
        if number % 10 == 4:  # who hands in half of it
            del chosen[USED[1]]
        learners.append(
            _Learner(
                person,
                {f"{exercise}.py": source for exercise, (source, _) in chosen.items()},
                {exercise: points for exercise, (_, points) in chosen.items()},
                number % 6 == 5,
            )
        )
    return learners


def go_through(platform: Platform, size: int, folder: Path) -> int:
    """Take a class through a term; return how many cells were compared. Raises `AssertionError`."""
    _, most = _files()
    everybody = _class(size)
    people = [one.person for one in everybody]
    senders = everybody[1:]
    roles = _Roles(
        people[1],
        next(one.person for one in senders if one.late),
        people[2],
        people[3],
    )
    command = Command(folder)
    command.patience = 60.0 + 10 * size
    export = folder / f"grades.{platform.ending}"
    export.write_bytes(platform.grades(people, {roles.by_hand.id: BY_HAND}))
    words = _rules(folder, platform, senders, roles)

    def expected(chosen: Iterable[_Learner]) -> dict[str, str]:
        worth = {one.person.id: _worth(one, most, roles) for one in chosen}
        return worth | {roles.by_hand.id: BY_HAND}

    first = [one for one in senders if not one.late]
    _run(command, platform, folder / "first.zip", first, [platform.option, str(export), *words])
    filled = command.out / f"grades-filled.{platform.ending}"
    assert filled.read_bytes() == platform.grades(people, expected(first))
    late = [one for one in senders if one.late]
    _run(command, platform, folder / "late.zip", late, [])
    after = platform.grades(people, expected(senders))
    assert filled.read_bytes() == after
    # The platform exports what was uploaded: nothing is left to fill, and nothing changes.
    export.write_bytes(after)
    _run(command, platform, folder / "late.zip", late, [])
    assert filled.read_bytes() == after
    return len(people)


def _rules(
    folder: Path, platform: Platform, senders: Sequence[_Learner], roles: _Roles
) -> list[str]:
    """Write the policy, decisions and times; return the options that name them."""
    policy, decisions, times = (folder / name for name in ("p.toml", "o.csv", "t.csv"))
    policy.write_text(f'{POLICY}"{platform.id(roles.extended)}" = 2026-03-09T00:00:00Z\n', "utf-8")
    rows = ["submission,exercise,points,comment", f"{platform.id(roles.total)},,7,oral"]
    rows.append(f"{platform.id(roles.part)},{USED[0]},1,a good idea")
    decisions.write_text("\n".join(rows), encoding="utf-8")
    rows = ["submission,time"]
    rows += [f"{platform.id(one.person)},{LATE if one.late else IN_TIME}" for one in senders]
    times.write_text("\n".join(rows), encoding="utf-8")
    exercises = ",".join(USED)
    return [
        *("--policy", str(policy), "--overrides", str(decisions), "--times", str(times)),
        *("--exercises", exercises, *SEED),
    ]


def _worth(one: _Learner, most: Mapping[str, int], roles: _Roles) -> str:
    """Return what stands in a learner's cell of a hundred."""
    points: dict[str, float] = dict(one.points)
    if one.person is roles.part:
        points[USED[0]] = 1
    earned = float(sum(points.values()))
    if one.late and one.person is not roles.extended:
        earned *= 1 - UNITS * 10 / 100
    if one.person is roles.total:
        earned = 7
    return f"{round(earned, 2) * 100 / sum(most.values()):.2f}".rstrip("0").rstrip(".")


def _run(
    command: Command,
    platform: Platform,
    path: Path,
    learners: Sequence[_Learner],
    words: Sequence[str],
) -> None:
    if not path.exists():
        platform.download(path, {one.person: one.files for one in learners})
    ran = command.run(str(path), *words)
    assert ran.returncode == 0, ran.stderr


def main(words: Sequence[str]) -> int:
    """Print a line for each platform; return 1 unless all are right."""
    parser = argparse.ArgumentParser(prog="nox -s proofs -- layouts", description=__doc__)
    parser.add_argument("--learners", type=int, default=300)
    parser.add_argument("--platforms", nargs="+", choices=PLATFORMS, default=list(PLATFORMS))
    options = parser.parse_args(words)
    wrong = 0
    for name in options.platforms:
        with tempfile.TemporaryDirectory() as folder:
            began = perf_counter()
            try:
                count = go_through(PLATFORMS[name], options.learners, Path(folder))
                print(f"{name}: {count} learners right, {perf_counter() - began:.0f} s", flush=True)
            except AssertionError as error:
                wrong += 1
                print(f"{name}: wrong: {str(error)[:2_000]}", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
