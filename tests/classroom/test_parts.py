"""A class that is graded in parts and merged is the class graded in one piece, or else it is refused."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.classroom.parts import Shard, note_from_record, note_record, shard_in
from grader.classroom.store import open_class_store
from grader.course.catalog import exercises
from grader.judge.prefetch import not_run
from grader.results import Outcome
from tests.classroom.support import SEED, Command, files_of, hand_in, sample, seen, solution

IDS = [entry.id for entry in exercises()]
COUNT = 7
NAMES = ["=cmd|' C calc'!A0", 'Zoë "Z" O\'Neil, Jr.', "anna", "李伟"]
BROKEN = "broken.zip"
TIMES = re.compile(r'("execution_time": |"datetime": |(?<= )time=)"?[^",\s>}]+"?')
PROOFS = int(os.environ.get("GRADER_SPLITS", "1"))  # 30 take a quarter of an hour
BUSIEST = max(range(1, COUNT + 1), key=lambda n: sum(Shard(n, COUNT).holds(x) for x in NAMES))


class Parts(Command):
    """A class, its parts and merges of them."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def part(self, number: int, *more: str, out: Path | None = None, count: int = COUNT) -> Any:
        """Grade a part into a folder of its own."""
        self.out = out or self.place(number)
        words = [str(self.submissions), "--shard", f"{number}/{count}", *more]
        return self.run(*words, *(() if "--seed" in more else SEED))

    def place(self, number: int) -> Path:
        return self.folder / "parts" / str(number)

    def places(self) -> list[Path]:
        return [self.place(number) for number in range(1, COUNT + 1)]

    def merge(self, *parts: Path, more: tuple[str, ...] = (), out: Path | None = None) -> Any:
        """Merge parts."""
        self.out = out or self.folder / "merged"
        words = self.words()[: self.words().index("class") + 1]
        return subprocess.run(
            [*words, "merge", *map(str, parts), "--out", str(self.out), *more],
            env=self.environment,
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


def filled(folder: Path) -> Parts:
    """A class with names that are hard to write, a file that nobody can read, and one of nobody."""
    command = Parts(folder)
    for name in NAMES:
        hand_in(command.submissions, name, {IDS[0]: solution(1)})
    wrong = next(one for one in sample(20, ["wrong"]) if one.exercise == IDS[1])
    hand_in(command.submissions, "anna", {IDS[1]: wrong.path.read_bytes()})
    for one in sample(6):
        hand_in(command.submissions, one.id, {one.exercise: one.path.read_bytes()})
    copied = command.submissions / "copied"
    copied.mkdir()
    (copied / "ex2 (1).py").write_text(solution(2), encoding="utf-8")
    (copied / "final.py").write_text(solution(1), encoding="utf-8")  # a person has to look
    (command.submissions / BROKEN).write_bytes(b"PK\x03\x04")
    (command.submissions / "notes.txt").write_text("nobody's", encoding="utf-8")
    return command


def rules(folder: Path) -> tuple[str, ...]:
    """A policy, and what a person decided."""
    policy, overrides = folder / "policy.toml", folder / "overrides.csv"
    policy.write_text("[weights]\nex2 = 2\n", encoding="utf-8")
    overrides.write_text("submission,exercise,points\nanna,ex1,0.5\nnobody,,1\n", encoding="utf-8")
    return "--policy", str(policy), "--overrides", str(overrides)


def exports(folder: Path, out: Path) -> tuple[str, ...]:
    """Every other file that a class can have written, and a platform's file to fill in."""
    points = sum(sum(check.max_score for check in not_run(entry)) for entry in exercises())
    file = folder / "canvas.csv"
    file.write_text(
        f"Student,ID,SIS User ID,SIS Login ID,Section,A (5)\n    Points Possible,,,,,{points}\n"
        "anna,1,,,A,\n",
        encoding="utf-8",
    )
    folders = [(f"--{name}", str(out / name)) for name in ("gradescope", "exercism", "classroom50")]
    return *sum(folders, ()), "--junit", str(out / "junit.xml"), "--canvas", str(file)


def masked(out: Path) -> dict[str, str]:
    """The files without their times."""
    found = {
        name: text if isinstance(text, str) else json.dumps(text)
        for name, text in files_of(out).items()
    }
    return {name: TIMES.sub(r"\1TIME", text) for name, text in found.items()}


@dataclass(frozen=True)
class Graded:
    """A class in one piece and in parts, which several tests look at and none changes."""

    folder: Path
    codes: dict[int, int]
    one_piece: dict[str, str]
    said: str

    def command(self, folder: Path) -> Parts:
        """The class in another folder, with copies of its parts; nothing is graded again."""
        command = Parts(folder)
        shutil.copytree(self.folder / "class", command.submissions, dirs_exist_ok=True)
        shutil.copytree(self.folder / "parts", folder / "parts")
        return command


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class, graded in both ways by the same rules."""
    folder = tmp_path_factory.mktemp("parts")
    command = filled(folder)
    given = rules(folder)
    command.out = folder / "whole"
    whole = command.grade(*SEED, *given, *exports(folder, command.out))
    assert whole.returncode == 3, whole.stderr  # of one, a file cannot be read
    files = masked(command.out)
    codes = {number: command.part(number, *given).returncode for number in range(1, COUNT + 1)}
    return Graded(folder, codes, files, whole.stdout)


@pytest.fixture
def copy(graded: Graded, tmp_path: Path) -> Parts:
    """The class with its parts, to go on with."""
    return graded.command(tmp_path)


def squeezed(text: str) -> str:
    """The text in one line, however wide the screen was."""
    return " ".join(text.split())


# -- what is in a part ----------------------------------------------------------------------------


@given(st.lists(st.text(), unique=True), st.integers(1, 200))
def test_every_name_is_in_one_part(names: list[str], count: int) -> None:
    """Whatever the names and the number of parts, and whoever asks."""
    for name in names:
        found = [n for n in range(1, count + 1) if Shard(n, count).holds(name)]
        assert len(found) == 1


def test_parts_are_of_one_size_and_stay_where_they_are() -> None:
    """About; and the same on every machine and in every version, for parts may be graded years apart."""
    sizes = [sum(Shard(n, 8).holds(f"learner-{k}") for k in range(8000)) for n in range(1, 9)]
    assert sum(sizes) == 8000
    assert all(900 < size < 1100 for size in sizes)
    names = ("anna", "李伟", "undecodable-\udcff")
    assert [[n for n in range(1, 8) if Shard(n, 7).holds(x)] for x in names] == [[2], [3], [7]]


@pytest.mark.parametrize("text", ["", "0/7", "8/7", "1", "1/0", "-1/7", "1/7/9", "a/b", "1.0/7"])
def test_what_is_no_part(text: str) -> None:
    """Counted from one."""
    assert shard_in(text) is None
    assert shard_in("7/7") == Shard(7, 7)


# -- merged ---------------------------------------------------------------------------------------


def test_parts_make_the_class_in_one_piece(graded: Graded, copy: Parts) -> None:
    """All files are equal but for times, with every export, in whatever order the parts are named."""
    places = copy.places()
    random.Random(1).shuffle(places)
    out = copy.folder / "merged"
    ran = copy.merge(*places, more=exports(copy.folder, out))
    assert masked(out) == graded.one_piece
    assert ran.returncode == 3
    assert f"{BROKEN}: " in ran.stdout
    assert "nobody: no submission has this name" in squeezed(ran.stdout)
    for heading in ("Look at these", "Counted under another name", "Not used", "Points adjusted"):
        assert _rows(ran.stdout, heading) == _rows(graded.said, heading) != []
    assert len(graded.one_piece) > 40  # the exports are among them


def _rows(said: str, heading: str) -> list[str]:
    """The rows below a heading on the screen."""
    return said.partition(f"\n{heading}")[2].partition("\n\n")[0].splitlines()


def test_exit_codes_say_which_part_to_repeat(graded: Graded) -> None:
    """3 for the part with something ungraded, 0 for all others, the empty ones too."""
    expected = {n: 3 if Shard(n, COUNT).holds(BROKEN) else 0 for n in range(1, COUNT + 1)}
    assert graded.codes == expected


def test_a_merge_can_be_done_again_and_gone_on_with(graded: Graded, copy: Parts) -> None:
    """Again without the exports of before; a later run grades what is not graded, and nothing else."""
    assert copy.merge(*copy.places()).returncode == 3
    first = masked(copy.out)
    assert copy.merge(*copy.places(), copy.place(1)).returncode == 3
    assert masked(copy.out) == first
    assert {name for name in graded.one_piece if name.startswith("feedback")} <= set(first)
    ran = copy.run("--resume", str(copy.submissions))
    assert "11 of 12 as before" in squeezed(ran.stdout)
    assert masked(copy.out) == first
    ran = copy.merge(*copy.places())
    assert (ran.returncode, "not only merged" in ran.stderr) == (2, True)


def test_a_policy_of_the_merge_counts(copy: Parts) -> None:
    """Points in the end are made after grading: no part is graded again for another policy."""
    policy = copy.folder / "other.toml"
    policy.write_text("[weights]\nex1 = 100\n", encoding="utf-8")
    copy.merge(*copy.places())
    before = {one["submission"]: one for one in copy.results()["submissions"]}
    copy.merge(*copy.places(), more=("--policy", str(policy)))
    after = {one["submission"]: one for one in copy.results()["submissions"]}
    assert {n: one["score"] for n, one in after.items()} == {
        n: one["score"] for n, one in before.items()
    }
    assert after["李伟"]["final_score"] == 100 * before["李伟"]["final_score"] > 0


def test_one_part_of_one(graded: Graded, tmp_path: Path) -> None:
    """It is the class as well; other files of the merge need no grading."""
    command = graded.command(tmp_path)
    command.part(1, *rules(tmp_path), count=1, out=tmp_path / "only")
    out = tmp_path / "merged"
    command.merge(tmp_path / "only", more=exports(tmp_path, out))
    assert masked(out) == graded.one_piece


def test_what_is_missing_is_named(copy: Parts) -> None:
    """With the command to grade it; nothing is written, and the exit code is 3."""
    shutil.rmtree(copy.place(2))
    shutil.rmtree(copy.place(5))
    copy.place(5).mkdir()
    ran = copy.merge(*[place for place in copy.places() if place.exists()])
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (3, "", 1)
    assert "Missing of 7 parts: 2,5." in ran.stderr
    assert f"Nothing was graded in {copy.place(5)}" in ran.stderr
    assert "--shard 2/7 --seed 20260" in ran.stderr
    assert not copy.out.exists()


def test_a_part_that_was_begun_is_missing(copy: Parts) -> None:
    """Until it ended; it goes on with the command that is said, which says what a part is no more."""
    with open_class_store(copy.place(BUSIEST) / "grading.sqlite3") as store:
        last, note = store.last_run(), store.part()
        assert last is not None
        store.begin(last.seed, last.sources, last.options, note)
    ran = copy.merge(*copy.places())
    assert ran.returncode == 3
    assert f"Missing of 7 parts: {BUSIEST}. Begun, but not ended" in ran.stderr
    assert f"class --resume --out {copy.place(BUSIEST)}" in ran.stderr
    copy.out = copy.place(BUSIEST)
    assert copy.run("--resume").returncode in (0, 3)
    assert copy.merge(*copy.places()).returncode == 3
    assert (copy.out / "results.json").exists()


# -- refused --------------------------------------------------------------------------------------


OTHER = {
    "seed": (("--seed", "1"), "the seeds are"),
    "exercises": (("--exercises", "ex1"), "count in one"),
    "policy": ((), "different --policy"),
    "workers": (("--no-fork",), "the options of their workers"),
}


@pytest.mark.parametrize("what", OTHER)
def test_parts_of_another_way_are_refused(copy: Parts, what: str) -> None:
    """In one line that names both folders, before anything is written."""
    more, complaint = OTHER[what]
    given = () if what == "policy" else rules(copy.folder)
    shutil.rmtree(copy.place(BUSIEST))
    copy.part(BUSIEST, *given, *more)
    ran = copy.merge(*copy.places())
    assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
    assert complaint in ran.stderr
    assert str(copy.place(BUSIEST)) in ran.stderr
    assert not (copy.folder / "merged").exists()


def test_parts_of_other_submissions_are_refused(copy: Parts) -> None:
    """The name that makes the difference is said."""
    hand_in(copy.submissions, "newcomer", {IDS[0]: solution(1)})
    copy.part(BUSIEST, *rules(copy.folder))
    ran = copy.merge(*copy.places())
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "newcomer" in ran.stderr


def _altered(copy: Parts, number: int, **changes: Any) -> None:
    with open_class_store(copy.place(number) / "grading.sqlite3") as store:
        last, data = store.last_run(), store.part()
        assert last is not None
        assert data is not None
        note = replace(note_from_record(data), **changes)
        store.end(store.begin(last.seed, last.sources, last.options, note_record(note)))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"course": "older"}, "two versions of the course"),
        ({"python": "CPython 3.11.0"}, "CPython 3.11.0 graded one"),
        ({"shard": Shard(1, 8)}, "one is a part of 8, the other of 7"),
    ],
)
def test_parts_of_other_versions_are_refused(
    copy: Parts, changes: dict[str, Any], complaint: str
) -> None:
    """As when a machine was updated in between."""
    _altered(copy, 1, **changes)
    ran = copy.merge(*reversed(copy.places()))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert complaint in squeezed(ran.stderr)


@pytest.mark.parametrize("changes", [{"course": "older"}, {"exercises": ("ex99_gone",)}])
def test_another_version_than_the_one_that_merges(copy: Parts, changes: dict[str, Any]) -> None:
    """It would write other words than those who graded."""
    for number in range(1, COUNT + 1):
        _altered(copy, number, **changes)
    ran = copy.merge(*copy.places())
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "another version of the course than this one" in ran.stderr


def _changed_verdict(place: Path, name: str, outcome: Outcome, points: int) -> None:
    with open_class_store(place / "grading.sqlite3") as store:
        last = store.last_run()
        assert last is not None
        (one,) = store.submission(name, [IDS[0]]).exercises
        store.record(last, name, [("k", replace(one, outcome=outcome, title=f"{points}"))])


def test_a_part_twice(graded: Graded, copy: Parts) -> None:
    """Is fine where both are equal, or one could not grade what the other could; else it is refused."""
    number = next(n for n in range(1, COUNT + 1) if Shard(n, COUNT).holds("anna"))
    other = copy.folder / "other"
    shutil.copytree(copy.place(number), other)
    out = copy.folder / "merged"
    for places in ([*copy.places(), other], [other, *copy.places()]):
        assert copy.merge(*places, more=exports(copy.folder, out)).returncode == 3
        assert masked(out) == graded.one_piece
    _changed_verdict(other, "anna", Outcome.UNGRADED, 0)
    copy.merge(*copy.places(), other, more=exports(copy.folder, out))
    assert masked(out) == graded.one_piece
    _changed_verdict(other, "anna", Outcome.FAILED, 1)
    ran = copy.merge(*copy.places(), other, more=exports(copy.folder, out))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "they differ on anna" in ran.stderr
    assert masked(out) == graded.one_piece  # what was merged before stands


def test_a_part_that_lost_something_is_not_merged(copy: Parts) -> None:
    """Though it says that it ended."""
    with open_class_store(copy.place(BUSIEST) / "grading.sqlite3") as store:
        last = store.last_run()
        assert last is not None
        store.keep_only(replace(last, number=99))
    ran = copy.merge(*copy.places())
    assert (ran.returncode, "is not whole" in ran.stderr) == (2, True)
    assert list(copy.out.iterdir()) == []


def test_what_is_no_part_is_refused(copy: Parts) -> None:
    """Nothing, a folder of something else, a whole class, and the folder for the results."""
    whole = copy.folder / "whole"
    whole.mkdir()
    with open_class_store(whole / "grading.sqlite3") as store:
        store.begin(1, ["class"])
    empty = copy.folder / "empty"
    empty.mkdir()
    cases: list[tuple[list[Path], str]] = [
        ([], "Which parts?"),
        ([empty], "Nothing was graded"),
        ([*copy.places(), empty], "leave it out"),
        ([*copy.places(), whole], "holds a whole class"),
        ([*copy.places(), copy.folder / "merged"], "Put the results elsewhere"),
    ]
    for places, complaint in cases:
        ran = copy.merge(*places)
        assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
        assert complaint in ran.stderr
    ran = copy.merge(*copy.places(), out=whole)
    assert (ran.returncode, "not only merged" in ran.stderr) == (2, True)


# -- graded ---------------------------------------------------------------------------------------


def test_a_part_that_cannot_be_graded_as_asked(copy: Parts) -> None:
    """Before anything is graded, in one line that says what to type."""
    out = copy.folder / "new"
    here = str(copy.submissions)
    held = copy.place(1)
    cases: list[tuple[Path, list[str], str]] = [
        (out, [here, "--shard", "1/7"], f"--out {out} --shard 1/7 --seed "),
        (out, [here, "--shard", "8/7", *SEED], "write --shard 2/7"),
        (out, [here, "--shard", "1/7", *SEED, "--canvas", "c.csv"], "class merge DIR"),
        (out, [here, "--shard", "1/7", *SEED, "--junit", "j.xml"], "--junit is for the whole"),
        (held, [here, "--shard", "2/7", *SEED], "holds part 1/7"),
        (held, [here], "grade that part: --shard 1/7"),
        (held, ["--resume", "--junit", "j.xml"], "this is part 1/7"),
    ]
    for place, words, complaint in cases:
        copy.out = place
        ran = copy.run(*words)
        assert (ran.returncode, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
        assert complaint in ran.stderr


def test_a_part_again_grades_nothing_again(copy: Parts) -> None:
    """A job array that is submitted twice costs nothing, and changes nothing."""
    before = masked(copy.place(BUSIEST))
    ran = copy.part(BUSIEST, *rules(copy.folder))
    assert "Grading " not in ran.stdout
    assert f"Part {BUSIEST}/7: " in ran.stdout
    assert masked(copy.place(BUSIEST)) == before


# -- killed ---------------------------------------------------------------------------------------


def killed(command: Parts, number: int, count: int, chance: random.Random, *more: str) -> None:
    """Kill a part at some moment, then give the same command again, as a cluster does."""
    command.out = command.place(number)
    process = command.start(str(command.submissions), "--shard", f"{number}/{count}", *SEED, *more)
    if seen(process, "Grading "):
        try:
            process.wait(chance.random() * 2)
        except subprocess.TimeoutExpired:
            process.kill()
    process.communicate()
    assert command.part(number, *more, count=count).returncode in (0, 3)


def test_a_killed_part_makes_the_class_in_one_piece(graded: Graded, copy: Parts) -> None:
    """Once it was given again."""
    shutil.rmtree(copy.place(BUSIEST))
    killed(copy, BUSIEST, COUNT, random.Random(0), *rules(copy.folder))
    out = copy.folder / "merged"
    copy.merge(*copy.places(), more=exports(copy.folder, out))
    assert masked(out) == graded.one_piece


@pytest.mark.proof
@pytest.mark.parametrize("number", range(PROOFS))
def test_killed_parts_make_the_class_in_one_piece(graded: Graded, copy: Parts, number: int) -> None:
    """In however many parts, and in any order, each killed once."""
    chance = random.Random(number)
    count = chance.randrange(1, 13)
    shutil.rmtree(copy.folder / "parts")
    for each in chance.sample(range(1, count + 1), count):
        killed(copy, each, count, chance, *rules(copy.folder))
    out = copy.folder / "merged"
    places = [copy.place(each) for each in range(1, count + 1)]
    copy.merge(*chance.sample(places, count), more=exports(copy.folder, out))
    assert masked(out) == graded.one_piece
