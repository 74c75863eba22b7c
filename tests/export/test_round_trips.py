"""From a platform's download to that platform's own file of grades, with the names of a real class."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from grader.class_results import ClassReport, SubmissionResult
from grader.export.joining import Account
from grader.export.to_blackboard import to_blackboard
from grader.export.to_brightspace import to_brightspace
from grader.export.to_canvas import to_canvas
from grader.export.to_moodle import to_moodle
from grader.intake import take_in
from tests.export.classes import IDS, report, submission
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

NAMES = [
    "Ada Lovelace",
    "Ada Lovelace",
    "Jean-Luc O'Brien, Jr.",
    'Robert "Bobby" Tables',
    "=SUM(A1) Formula",
    "-rf Dash",
    "Zoë Müller",
    "Zoe\u0308 Mu\u0308ller",
    "李 雷",
    "محمد علي",
    "Αθηνά Παπαδοπούλου",
    "CON aux",
    "🦀 Crab",
    "Very" * 30 + " Long",
    "doe 77",
]
CLASS = [
    Person(name, str(4000 + at), f"S{at}", f"login{at}", f"user{at}@school.edu")
    for at, name in enumerate(NAMES)
]
ABSENT = Person("Nobody Yet", "4999", "S99", "login99", "user99@school.edu")


def uploads() -> dict[Person, Files]:
    """Each sends one file, in which stands how many points it is worth."""
    return {person: {f"{IDS[0]}.py": str(at).encode()} for at, person in enumerate(CLASS)}


def graded(path: Path) -> ClassReport:
    """The class, with the points that its files ask for."""
    with take_in([path], IDS) as intake:
        assert len(intake.entries) == len(CLASS)
        return report(
            submission(entry.name, *entry.senders, score=int(entry.files[IDS[0]].read()))
            for entry in intake.entries
        )


def by_canvas(path: Path) -> Path:
    """From Canvas."""
    return canvas_download(path, uploads())


def by_moodle(path: Path) -> Path:
    """From Moodle, a folder for each."""
    return moodle_download(path, uploads())


def by_moodle_flat(path: Path) -> Path:
    """From Moodle, all in one folder."""
    return moodle_download(path, uploads(), flat=True)


def by_gradescope(path: Path) -> Path:
    """From Gradescope."""
    return gradescope_export(path, {(p.id, (p,)): files for p, files in uploads().items()})


def by_brightspace(path: Path) -> Path:
    """From Brightspace, a folder for each attempt."""
    return brightspace_download(path, uploads())


def by_blackboard(path: Path) -> Path:
    """From Blackboard, all in one folder."""
    return blackboard_download(path, uploads())


def canvas_grades(account: Account) -> Mapping[str, str]:
    """The grades by the users' ids."""
    text = account.content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["ID"]: row[account.column] for row in rows if row["ID"]}


def moodle_grades(account: Account) -> Mapping[str, str]:
    """The grades by the participants' numbers."""
    text = account.content.decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return {row["Identifier"].removeprefix("Participant "): row[account.column] for row in rows}


@pytest.mark.parametrize("container", ["d.zip", "d"])
@pytest.mark.parametrize("download", [by_canvas, by_gradescope])
def test_into_canvas(download: Callable[[Path], Path], container: str, tmp_path: Path) -> None:
    """Everybody's points are in everybody's row, namesakes and all, and nobody else's."""
    export = canvas_gradebook([*CLASS, ABSENT])
    account = to_canvas(graded(download(tmp_path / container)), export)
    expected = {person.id: str(at) for at, person in enumerate(CLASS)}
    assert canvas_grades(account) == {**expected, ABSENT.id: "", "999": ""}
    assert (account.left, account.untouched) == ((), (ABSENT.sortable,))


@pytest.mark.parametrize("container", ["d.zip", "d"])
@pytest.mark.parametrize("download", [by_moodle, by_moodle_flat, by_gradescope])
def test_into_moodle(download: Callable[[Path], Path], container: str, tmp_path: Path) -> None:
    """The same for a worksheet with a maximum of its own."""
    worksheet = moodle_worksheet([*CLASS, ABSENT], maximum="40.00")
    account = to_moodle(graded(download(tmp_path / container)), worksheet)
    expected = {person.id: str(2 * at) for at, person in enumerate(CLASS)}
    assert moodle_grades(account) == {**expected, ABSENT.id: ""}
    assert account.left == ()


@pytest.mark.parametrize("container", ["d.zip", "d"])
@pytest.mark.parametrize("download", [by_brightspace, by_blackboard, by_gradescope])
def test_into_brightspace(download: Callable[[Path], Path], container: str, tmp_path: Path) -> None:
    """The same for Brightspace's export: its download knows names only, so namesakes are left."""
    export = brightspace_grades([*CLASS, ABSENT], {"Backpressure and retries": "40", "Other": "5"})
    account = to_brightspace(graded(download(tmp_path / container)), export)
    rows = csv.reader(io.StringIO(account.content.decode("utf-8"), newline=""))
    found = {row[1].removeprefix("#"): row[5] for row in rows}
    found.pop("Username")
    same = {
        "login0", "login1", "login6", "login7"
    } if download is by_brightspace else set()  # fmt: skip
    expected = {p.login: "" if p.login in same else str(2 * at) for at, p in enumerate(CLASS)}
    assert found == {**expected, ABSENT.login: ""}
    assert len(account.left) == len(same)


@pytest.mark.parametrize("container", ["d.zip", "d"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
@pytest.mark.parametrize("download", [by_blackboard, by_gradescope])
def test_into_blackboard(
    download: Callable[[Path], Path], container: str, encoding: str, tmp_path: Path
) -> None:
    """The same for Blackboard, whose user names leave no doubt about namesakes."""
    separator = "\t" if encoding == "utf-16" else ","
    export = blackboard_grades([*CLASS, ABSENT], encoding=encoding, separator=separator)
    account = to_blackboard(graded(download(tmp_path / container)), export)
    text = account.content.decode(encoding)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    found = {row["Username"]: row[account.column] for row in rows}
    assert found == {**{p.login: str(at) for at, p in enumerate(CLASS)}, ABSENT.login: ""}
    assert (account.left, len(account.untouched)) == ((), 1)


def test_from_folders_by_name(tmp_path: Path) -> None:
    """Folders named like people are joined by name; namesakes are left to a human."""
    names = {name for name in NAMES if "Zo" not in name}

    def one(name: str) -> SubmissionResult:
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        (folder / f"{IDS[0]}.py").write_bytes(b"")
        return submission(name)

    made = {name: one(name) for name in names}
    with take_in([tmp_path / "class"], IDS) as intake:
        found = [submission(entry.name, *entry.senders, score=5) for entry in intake.entries]
    assert {one.submission for one in found} == set(made)
    account = to_canvas(report(found), canvas_gradebook(CLASS))
    grades = {who for who, grade in canvas_grades(account).items() if grade == "5"}
    assert grades == {p.id for p in CLASS if p.name in names - {"Ada Lovelace"}}
    assert [left.name for left in account.left] == ["Ada Lovelace"]
