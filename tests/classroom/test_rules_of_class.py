"""A class's policy and what people decided: the points in the end, explained, and never lost."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import exercises, find_root
from grader.judge.prefetch import not_run
from tests.classroom.support import SEED, Command, hand_in, solution
from tests.intake.layouts import (
    Person,
    blackboard_download,
    brightspace_download,
    canvas_gradebook,
    moodle_download,
    moodle_worksheet,
)

IDS = [entry.id for entry in exercises()]
MOST = [sum(check.max_score for check in not_run(entry)) for entry in exercises()]
WRONG = "async def run_pipeline(*args, **kwargs):\n    return None\n"
ADA = Person("Ada Lovelace", "101", "S1", "ada", "ada@school.edu")
BOB = Person("Bob Late", "102", "S2", "bob", "bob@school.edu")
CY = Person("Cy Later", "103", "S3", "cy", "cy@school.edu")


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with a class of nobody yet."""
    return Command(tmp_path)


def squeezed(text: str) -> str:
    """The text in one line, however wide the screen was."""
    return " ".join(text.split())


def written(path: Path, text: str) -> str:
    """Write a file; return its name."""
    path.write_text(text, encoding="utf-8")
    return str(path)


def finals(command: Command) -> dict[str, Any]:
    """The points in the end by submission."""
    return {one["submission"]: one["final_score"] for one in command.results()["submissions"]}


def test_late_work_costs_what_the_policy_says(command: Command, tmp_path: Path) -> None:
    """By the day, beyond the grace, up to a limit, unless there is an extension; each is explained."""
    work = {IDS[0] + ".py": solution(1).encode(), IDS[1] + ".py": solution(2).encode()}
    folder = blackboard_download(tmp_path / "b", {ADA: work}, day=2)
    blackboard_download(folder, {BOB: work}, day=4)
    blackboard_download(folder, {CY: work}, day=30)
    policy = written(
        tmp_path / "policy.toml",
        'deadline = 2026-03-02T10:00:00\ntime_zone = "Europe/Berlin"\ngrace = 15\n'
        "late = {percent = 10, at_most = 50}\n[weights]\nex2 = 2\n",
    )
    export = tmp_path / "grades.csv"
    full = MOST[0] + 2 * MOST[1]
    export.write_bytes(canvas_gradebook([ADA, BOB, CY], {"A (1)": str(full)}))
    ran = command.run(str(folder), "--policy", policy, "--canvas", str(export), *SEED)
    assert ran.returncode == 0, ran.stderr
    expected = {"ada": full, "bob": round(full * 0.7, 2), "cy": round(full * 0.5, 2)}
    assert finals(command) == pytest.approx(expected)
    assert {one["score"] for one in command.results()["submissions"]} == {MOST[0] + MOST[1]}
    late = {one["submission"]: one["late"] for one in command.results()["submissions"]}
    assert late == {"ada": False, "bob": True, "cy": True}
    feedback = (command.out / "feedback" / "bob.md").read_text("utf-8")
    assert f"In the end: {full * 0.7:g} of {full}" in feedback
    assert "late, in 3 days after the deadline" in feedback
    lines = (command.out / "grades-filled.csv").read_text("utf-8").splitlines()[3:6]
    assert [float(line.split(",")[-5]) for line in lines] == pytest.approx(list(expected.values()))
    extended = (
        Path(policy)
        .read_text("utf-8")
        .replace("[weights]", "[extensions]\nbob = 2026-03-05T10:00:00\n[weights]")
    )
    written(tmp_path / "policy.toml", extended)
    command.run("--resume")
    assert finals(command)["bob"] == full


def test_a_night_in_which_clocks_are_put_on(command: Command, tmp_path: Path) -> None:
    """40 minutes are 40 minutes, though the clock shows an hour more."""
    work = {ADA: {IDS[0] + ".py": solution(1).encode()}}
    sheet = tmp_path / "sheet.csv"
    before, at = b"Monday, 2 March 2026, 10:11 AM", b"Sunday, 29 March 2026, 3:10 AM"
    sheet.write_bytes(moodle_worksheet([ADA], maximum=f"{MOST[0]}.00").replace(before, at))
    assert at in sheet.read_bytes()
    policy = "deadline = 2026-03-29T01:30:00\ntime_zone = 'Europe/Berlin'\ngrace = 45\n"
    ran = command.run(
        *(str(moodle_download(tmp_path / "m", work)), "--moodle", str(sheet), *SEED),
        *("--policy", written(tmp_path / "p.toml", f"{policy}late = {{points = 1, per = 'hour'}}")),
    )
    assert ran.returncode == 0, ran.stderr
    assert finals(command) == {"Ada Lovelace_101": MOST[0]}
    hourly = policy.replace("grace = 45", "grace = 30") + "late = {points = 1, per = 'hour'}"
    written(tmp_path / "p.toml", hourly)
    command.run("--resume")
    assert finals(command) == {"Ada Lovelace_101": MOST[0] - 1}


def test_moodles_times_are_known(command: Command, tmp_path: Path) -> None:
    """From the worksheet that is filled, for the policy; without one it is said that none is known."""
    work = {ADA: {IDS[0] + ".py": solution(1).encode()}}
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(moodle_worksheet([ADA], maximum=f"{MOST[0]}.00"))
    policy = "deadline = 2026-03-01T10:30:00\ntime_zone = 'UTC'\nlate = {points = 1}\n"
    ran = command.run(
        *(str(moodle_download(tmp_path / "m", work)), *SEED),
        *("--policy", written(tmp_path / "p.toml", policy)),
    )
    said = squeezed(ran.stdout)
    assert "is not known Everybody: nothing is taken off: give Moodle's worksheet" in said
    ran = command.run("--resume", "--moodle", str(sheet))
    assert ran.returncode == 0, ran.stderr
    assert "is not known" not in ran.stdout
    assert finals(command) == {"Ada Lovelace_101": MOST[0] - 1}
    assert f",{MOST[0] - 1},{MOST[0]}.00," in (command.out / "sheet-filled.csv").read_text("utf-8")


def test_the_document_says_what_there_is(command: Command, tmp_path: Path) -> None:
    """Its options are in the help, and its policy and its decisions can be read."""
    text = (find_root() / "docs" / "instructors.md").read_text("utf-8")
    shown = command.run("--help").stdout
    typed = set(re.findall(r"--[a-z][a-z-]*[a-z]", text.partition("## What counts")[2]))
    assert {word for word in typed if word not in shown} == set()
    policy = text.partition("```toml\n")[2].partition("```")[0]
    decisions = text.partition("```csv\n")[2].partition("```")[0]
    hand_in(command.submissions, "ada", {IDS[0]: WRONG, IDS[1]: WRONG})
    ran = command.grade(
        *("--policy", written(tmp_path / "p.toml", policy), *SEED),
        *("--overrides", written(tmp_path / "o.csv", decisions)),
    )
    assert ran.returncode == 0, ran.stderr
    assert finals(command) == {"ada": 3.0}


def test_a_decision_is_on_one_person(command: Command, tmp_path: Path) -> None:
    """A name that two have decides nothing, and is listed; a submission's own name is enough."""
    ann, twin = (Person("Ann Lee", number, "", "", "") for number in ("101", "102"))
    work = {one: {IDS[0] + ".py": solution(1).encode()} for one in (ann, twin)}
    decisions = "submission,exercise,points\nAnn Lee,,3\nAnn Lee_102,ex1,4\n102,,5\n"
    policy = "deadline = 2030-03-01T00:00:00Z\n[extensions]\n'ann lee' = 2030-03-09T00:00:00Z\n"
    ran = command.run(
        *(str(moodle_download(tmp_path / "m", work)), *SEED),
        *("--policy", written(tmp_path / "p.toml", policy)),
        *("--overrides", written(tmp_path / "o.csv", decisions)),
    )
    assert ran.returncode == 0, ran.stderr
    assert finals(command)["Ann Lee_101"] == MOST[0]
    assert finals(command)["Ann Lee_102"] == 5
    said = squeezed(ran.stdout).partition("Names that several have")[2]
    both = "is the name of Ann Lee_101 and Ann Lee_102"
    assert f"Ann Lee: {both}: decided for neither" in said
    assert f"ann lee: {both}: each has the extension" in said


def test_decisions_stay(command: Command, tmp_path: Path) -> None:
    """After a regrade and after the file is gone; it is shown as a person's, and when to look again."""
    hand_in(command.submissions, "ann", {IDS[0]: WRONG, IDS[1]: solution(2)})
    hand_in(command.submissions, "bob", {IDS[0]: WRONG})
    decisions = tmp_path / "overrides.csv"
    text = "submission;exercise;points;comment\nann;ex1;0,5;a good idea\nbob;;3;ill\nzoe;;1;\n"
    ran = command.grade("--overrides", written(decisions, text), *SEED)
    assert ran.returncode == 0, ran.stderr
    assert finals(command) == {"ann": MOST[1] + 0.5, "bob": 3.0}
    feedback = (command.out / "feedback" / "ann.md").read_text("utf-8")
    assert "by a person's decision" in feedback
    assert "a good idea" in feedback
    assert "zoe: no submission has this name" in squeezed(ran.stdout)
    page = (command.out / "report.html").read_text("utf-8")
    assert "in the end 3 of" in page
    assert "a good idea" in page
    decisions.unlink()
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    ran = command.grade()
    assert "is not there any more" in ran.stderr
    assert finals(command) == {"ann": MOST[1] + 0.5, "bob": 3.0}
    assert f"ann: ex1 was 0 and is {MOST[0]}; 0.5 points stay: still right?" in squeezed(ran.stdout)
    rows = list(csv.DictReader(io.StringIO((command.out / "gradebook.csv").read_text("utf-8"))))
    assert [(row["total"], row["final"]) for row in rows] == [
        (str(MOST[0] + MOST[1]), f"{MOST[1] + 0.5:g}"),
        ("0", "3"),
    ]


def test_a_decision_grades_what_could_not_be_graded(command: Command, tmp_path: Path) -> None:
    """Its points are written, though the exit code still says that something is not graded."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    (command.submissions / "bob.zip").write_bytes(b"PK\x03\x04")
    overrides = written(tmp_path / "o.csv", "submission,exercise,points\nbob.zip,,2\n")
    ran = command.grade("--overrides", overrides, *SEED)
    assert ran.returncode == 3
    assert finals(command) == {"ann": MOST[0], "bob.zip": 2.0}


def test_late_by_an_unknown_time_costs_nothing(command: Command, tmp_path: Path) -> None:
    """A time without a zone is no time to judge by: it is said, and nothing taken off."""
    work = {BOB: {IDS[0] + ".py": solution(1).encode()}}
    path = brightspace_download(tmp_path / "d", work)
    policy = written(
        tmp_path / "p.toml", "deadline = 2025-01-01T00:00:00Z\n[late]\npoints = 1\nper = 'hour'\n"
    )
    ran = command.run(str(path), "--policy", policy, *SEED)
    assert finals(command) == {"Bob Late_102": MOST[0]}
    assert "by how much is not known" in squeezed(ran.stdout)


def test_decisions_and_extensions_that_do_not_fit_are_listed(
    command: Command, tmp_path: Path
) -> None:
    """What does not count, too many points, names that nobody has: each with its next step."""
    work = {BOB: {IDS[0] + ".py": WRONG.encode()}}
    export = tmp_path / "grades.csv"
    export.write_bytes(moodle_worksheet([BOB]))
    policy = (
        "deadline = 2026-03-01T00:00:00Z\ntime_zone = 'UTC'\nlate = {points = 1}\nattempts = 'best'\n"
        "[extensions]\n'bob@school.edu' = 2026-03-09T00:00:00Z\nbobb = 2026-03-09T00:00:00Z\n"
    )
    decisions = f"submission,exercise,points\nbob late,ex1,{MOST[0] + 7}\nbob late,ex5,3\nzoe,,1\n"
    ran = command.run(
        *(str(moodle_download(tmp_path / "m.zip", work)), "--moodle", str(export), *SEED),
        *("--policy", written(tmp_path / "p.toml", policy)),
        *("--overrides", written(tmp_path / "o.csv", decisions)),
    )
    assert ran.returncode == 0, ran.stderr
    assert finals(command) == {"Bob Late_102": MOST[0] + 7}
    said = squeezed(ran.stdout)
    unfitting = said.partition("Decisions that do not fit")[2].partition("Decided for nobody")[0]
    assert f"line 2 of the decisions: {MOST[0] + 7} points, where ex1 has {MOST[0]}" in unfitting
    assert "line 3 of the decisions: ex5 does not count" in unfitting
    nobody = said.partition("Decided for nobody")[2]
    assert "zoe: no submission has this name" in nobody
    assert "bobb: has an extension, but no submission has this name" in nobody
    assert "bob@school.edu" not in nobody
    assert "Moodle: its download holds only the last attempt" in said
    adjusted = command.results()["submissions"][0]["adjustments"]
    assert adjusted == [f"ex1: {MOST[0] + 7} points by a person's decision, instead of 0"]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("deadline = nonsense", "no TOML"),
        ("deadline = 2026-03-01T10:00", "A time has seconds"),
        ("[extensions]\nada lovelace = 2026-03-01T10:00:00", "with spaces stands in quotes"),
        ("deadline = 2026-03-01T10:00:00", "no time zone"),
        ("deadline = 2026-03-01", "no date with a time"),
        ("time_zone = 'Mars/Olympus'", "no time_zone"),
        ("grase = 5", "it knows attempts, deadline"),
        ("late = {per = 'week', points = 1}", "'day' or 'hour'"),
        ("late = {percent = 10, points = 1}", "either points or percent"),
        ("grace = -1", "from 0 on"),
        ("late = 3", "is a table"),
        ("[weights]\nex99 = 2", "no exercise"),
    ],
)
def test_policies_that_cannot_be_used(
    command: Command, tmp_path: Path, text: str, complaint: str
) -> None:
    """What is wrong is said in one line, before anything is graded."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    ran = command.grade("--policy", written(tmp_path / "p.toml", text))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert complaint in ran.stderr


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("who,what\nann,3\n", "begins with other columns"),
        ("submission,exercise,points\nann,ex1,many\n", "line 2: 'many' are no points"),
        ("submission,exercise,points\nann,ex99,1\n", "no exercise 'ex99'"),
        ("submission,exercise,points\n,ex1,1\n", "whose points"),
    ],
)
def test_decisions_that_cannot_be_used(
    command: Command, tmp_path: Path, text: str, complaint: str
) -> None:
    """Likewise."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    ran = command.grade("--overrides", written(tmp_path / "o.csv", text))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert complaint in ran.stderr


# -- late work on Moodle --------------------------------------------------------------------------


def test_an_old_worksheet_says_nothing_of_newer_work(command: Command, tmp_path: Path) -> None:
    """Who handed in since is listed, in later runs too, until a newer worksheet says when."""
    first = {ADA: {IDS[0] + ".py": WRONG.encode()}, BOB: {IDS[0] + ".py": WRONG.encode()}}
    late = {ADA: {IDS[0] + ".py": solution(1).encode()}, BOB: first[BOB]}
    sheet, newer = tmp_path / "sheet.csv", tmp_path / "newer.csv"
    sheet.write_bytes(moodle_worksheet([ADA, BOB], maximum=f"{MOST[0]}.00"))
    newer.write_bytes(sheet.read_bytes().replace(b"2 March", b"5 March", 1))
    policy = "deadline = 2026-03-03T00:00:00\ntime_zone = 'UTC'\nlate = {points = 1}\n"
    ran = command.run(
        *(str(moodle_download(tmp_path / "first.zip", first)), "--moodle", str(sheet), *SEED),
        *("--policy", written(tmp_path / "p.toml", policy)),
    )
    assert "is not known" not in ran.stdout
    again = command.run(str(moodle_download(tmp_path / "late.zip", late)))
    for ran in (again, command.run("--resume"), command.run("--resume", "--moodle", str(sheet))):
        assert ran.returncode == 0, ran.stderr
        said = squeezed(ran.stdout.partition("When these were sent is not known")[2])
        assert said.startswith("Ada Lovelace_101: handed in after the worksheet was downloaded")
        assert "by --moodle" in said
        assert "Bob Late_102: handed in" not in said
    assert finals(command)["Ada Lovelace_101"] == MOST[0]
    ran = command.run("--resume", "--moodle", str(newer))
    assert "is not known" not in ran.stdout
    assert finals(command)["Ada Lovelace_101"] == MOST[0] - 3
    assert "sheet-filled.csv: its marks are not up to date" in squeezed(ran.stdout)
    page = (command.out / "report.html").read_text("utf-8")
    assert "nothing came late" not in page
    assert "no score depends on it.</p>" not in page
    listed = page.partition("<h3>Late")[2].partition("</ul>")[0]
    assert f"in the end {MOST[0] - 3} of {MOST[0]}" in squeezed(listed)
