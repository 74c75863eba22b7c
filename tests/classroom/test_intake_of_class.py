"""Files that are not as asked, graded by `class`: what counts, what is said, what is no zero."""

from __future__ import annotations

import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalog import exercises, find_root
from tests.classroom.support import SEED, Command, hand_in, solution

IDS = [entry.id for entry in exercises()]
WRONG = b"async def run_pipeline(*args, **kwargs):\n    return None\n"
LOOK = "Look at these"
TIME = (2026, 3, 1, 10, 0, 0)


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command, with a class of nobody yet."""
    return Command(tmp_path)


def put(command: Command, name: str, path: str, data: str | bytes) -> Path:
    """Put a file of any name into a submission."""
    file = command.submissions / name / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    return file


def verdicts(command: Command) -> dict[str, dict[str, Any]]:
    """Each submission's exercises by their ids."""
    return {
        one["submission"]: {row["exercise"]: row for row in one["exercises"]}
        for one in command.results()["submissions"]
    }


def outcome(command: Command, name: str, number: int = 1) -> str:
    """How one exercise of one submission came out."""
    return str(verdicts(command)[name][IDS[number - 1]]["outcome"])


def squeezed(text: str) -> str:
    """The text in one line, however wide the screen was."""
    return " ".join(text.split())


def zipped(path: Path, files: dict[str, tuple[bytes, tuple[int, ...]]]) -> Path:
    """A zip of files with times of their own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, (data, when) in files.items():
            archive.writestr(zipfile.ZipInfo(name, when), data)  # type: ignore[arg-type]
    return path


def test_a_file_that_was_probably_meant_counts(command: Command) -> None:
    """Where it is the only one, and it is listed on the screen."""
    names = {
        "ann": (2, "ex2 (1).py"),
        "bob": (3, "ex3_add_backoff - Copy.py"),
        "cy": (4, "Copy of ex4_add_jitter.py"),
        "dee": (2, "Exercise 2.py"),
        "eve": (1, "ex1_add_maxsize.py.txt"),
        "fay": (1, "EX1-Add-MaxSize.PY"),
        "gil": (1, "ex1_add_maxsize - Kopie.py"),
    }
    for name, (number, file) in names.items():
        put(command, name, file, solution(number))
    ran = command.grade(*SEED)
    assert ran.returncode == 0, ran.stderr
    said = squeezed(ran.stdout)
    for name, (number, file) in names.items():
        assert outcome(command, name, number) == "passed"
        assert f"{name}: {file} counts as {IDS[number - 1]}.py" in said


def test_a_notebook_counts(command: Command) -> None:
    """Its code cells, without magics and what only runs them; what was left out is said."""
    cells = [
        {"cell_type": "markdown", "source": ["# My exercise"]},
        {"cell_type": "code", "source": ["%load_ext autoreload\n", "!pip install httpx\n"]},
        {"cell_type": "code", "source": solution(1).splitlines(keepends=True)},
        {"cell_type": "code", "source": "await run_pipeline()\nprint('done')"},
        {"cell_type": "code", "source": "import nest_asyncio\nnest_asyncio.apply()"},
        {"cell_type": "code", "source": "TEXT = '''\n%kept\n'''\nfor _ in []:\n    %timeit 1"},
        {"cell_type": "code", "source": ["%%bash\n", "ls\n"]},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    put(command, "ann", "ex1_add_maxsize.ipynb", json.dumps(notebook))
    put(command, "bob", "Exercise 1.ipynb", "no notebook")
    ran = command.grade(*SEED)
    assert outcome(command, "ann") == "passed"
    assert outcome(command, "bob") == "failed"
    said = squeezed(ran.stdout)
    assert "its code cells, left out: `%load_ext autoreload`, `!pip install httpx`" in said
    assert "no notebook that can be read" in said


# Cells that cost far more than they hold when they are read carelessly, or that cannot be read so.
COSTLY = {
    "line_of_spaces": " " * 200_000 + "x",
    "line_of_quotes": "'''" * 60_000,
    "line_of_statements": "x();" * 60_000,
    "long_elif": "if 0: pass\n" + "elif 0: pass\n" * 1_500,
    "long_sum": "if 0:\n    x = 1" + "+1" * 2_500,
    "long_chain": "if 0:\n    x = a" + ".b" * 2_500,
    "more_than_a_file_holds": "x();" * 400_000,
}


def test_costly_notebooks_cost_nobody_anything(command: Command) -> None:
    """However a notebook's code is nested or stretched, the class is graded, and right code passes."""
    for name, cell in COSTLY.items():
        cells = [{"cell_type": "code", "source": source} for source in (cell, solution(1))]
        put(command, name, "ex1_add_maxsize.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    hand_in(command.submissions, "zoe", {IDS[0]: solution(1)})
    command.grade(*SEED)
    assert outcome(command, "zoe") == "passed"
    assert outcome(command, "long_elif") == "passed"
    assert outcome(command, "more_than_a_file_holds") == "failed"


def test_many_files_of_one_hide_nobody_elses(command: Command) -> None:
    """One submission has a few rows in a list, and room is left for those of others."""
    for number in range(60):
        put(command, "ann", f"notes{number}.py", solution(1))
    put(command, "zoe", "main.py", solution(1))
    said = squeezed(command.grade(*SEED).stdout)
    assert "ann: notes0.py" in said
    assert "ann: and 55 more files" in said
    assert "zoe: main.py" in said


def test_a_folder_may_say_which_exercise_a_file_is(command: Command) -> None:
    """Where the file is the only code in it, and none is named like the exercise."""
    counted = {
        "ann": "ex1/main.py",
        "bob": "Exercise 1/solution.py",
        "cy": f"{IDS[0]}/run.py",
        "dee": f"{IDS[0]}.py/main.py",
    }
    for name, path in counted.items():
        put(command, name, path, solution(1))
        put(command, name, f"{path.partition('/')[0]}/__init__.py", b"")
    zipped(command.submissions / "eve" / "ex1.zip", {"main.py": (solution(1).encode(), TIME)})
    put(command, "fay", "ex1/main.py", WRONG)
    put(command, "fay", f"{IDS[0]}.py", solution(1))
    put(command, "gil", "ex1/main.py", solution(1))
    put(command, "gil", "ex1/other.py", solution(1))
    put(command, "hal", "1/main.py", solution(1))
    ran = command.grade(*SEED)
    assert ran.returncode == 0, ran.stderr
    said = squeezed(ran.stdout)
    for name, path in (*counted.items(), ("eve", "ex1.zip/main.py")):
        assert outcome(command, name) == "passed"
        assert f"{name}: {path} counts as {IDS[0]}.py" in said
    assert outcome(command, "fay") == "passed"
    look = said.partition(LOOK)[2].partition("Counted")[0]
    assert "fay" not in look
    for name in ("gil: ex1/main.py", "hal: 1/main.py"):
        assert name in look


def test_names_in_a_code_page(command: Command) -> None:
    """A tool that writes them puts the name in Unicode beside; that is the learner's."""
    raw = "김철수".encode("cp949")
    field = struct.pack("<BL", 1, zlib.crc32(raw + b"/" + IDS[0].encode() + b".py"))
    field += f"김철수/{IDS[0]}.py".encode()
    entry = zipfile.ZipInfo("x" * len(raw) + f"/{IDS[0]}.py", TIME)
    entry.extra = struct.pack("<HH", 0x5455, 5) + b"\0" * 5
    entry.extra += struct.pack("<HH", 0x7075, len(field)) + field
    archive = command.submissions / "class.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(entry, solution(1))
        file.writestr(f"ann/{IDS[0]}.py", solution(1))
    archive.write_bytes(archive.read_bytes().replace(b"x" * len(raw), raw))
    ran = command.run(str(archive), *SEED)
    assert ran.returncode == 0, ran.stderr
    assert {*verdicts(command)} == {"ann", "김철수"}


def test_results_among_the_submissions_are_no_submission(command: Command) -> None:
    """A run that wrote into their folder leaves something that is nobody's work."""
    put(command, "ann", f"{IDS[0]}.py", solution(1))
    elsewhere, command.out = command.out, command.submissions / "marks"
    assert command.grade(*SEED).returncode == 0
    command.out = elsewhere
    ran = command.grade(*SEED)
    assert {*verdicts(command)} == {"ann"}
    assert "marks: the results of an earlier run" in squeezed(ran.stdout)


def test_an_archive_that_is_no_zip_as_the_class(command: Command) -> None:
    """It is said what to do with it."""
    path = put(command, "x", "class.rar", b"Rar!")
    ran = command.run(str(path))
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "an archive that is no zip: unpack it" in ran.stderr


def test_what_is_in_doubt_is_on_the_screen(command: Command) -> None:
    """A file that may have been meant and does not count is never only in the report."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    put(command, "bob", "main.py", solution(1))
    put(command, "cy", "ex1_add_maxsize.docx", b"PK")
    put(command, "gil", "ex1_add_maxsize.py.bak", solution(1))
    put(command, "hal", "main.txt", b"").with_name("ex1_add_maxsize.py").symlink_to("/dev/null")
    put(command, "dee", f"{IDS[0]}.py", WRONG)
    put(command, "dee", f"Copy of {IDS[0]}.py", solution(1))
    put(command, "eve", f"{IDS[0]}.py", b"")
    put(command, "fay", f"{IDS[0]}.py", b"#" * (300 << 10))
    ran = command.grade(*SEED)
    listed = squeezed(ran.stdout.partition(LOOK)[2])
    for name in ("bob: main.py", "cy: ex1_add_maxsize.docx", f"dee: Copy of {IDS[0]}.py"):
        assert name in listed
    assert f"eve: {IDS[0]}.py is empty" in listed
    assert f"gil: {IDS[0]}.py.bak left behind by a tool" in listed
    assert f"hal: {IDS[0]}.py a link" in listed
    assert f"fay: {IDS[0]}.py larger than 256 KB" in listed
    assert "ann:" not in listed.partition("Nothing to grade")[0]
    page = (command.out / "report.html").read_text("utf-8")
    assert f'"Copy of {IDS[0]}.py","may be meant' in page  # as data, for the page's script
    known = {one["submission"]: one.get("doubts", []) for one in command.results()["submissions"]}
    assert (len(known["ann"]), len(known["bob"])) == (0, 1)


def test_the_newest_in_an_archive_counts(command: Command) -> None:
    """By its own time, wherever it lies; equal times are in doubt."""
    old, new = (2026, 3, 1, 10, 0, 0), (2026, 3, 2, 10, 0, 0)
    right, name = solution(1).encode(), f"{IDS[0]}.py"
    zipped(
        command.submissions / "ann.zip",
        {name: (WRONG, old), f"final version/{name}": (right, new)},
    )
    zipped(
        command.submissions / "bob.zip",
        {name: (right, old), f"final version/{name}": (WRONG, old)},
    )
    zipped(command.submissions / "cy.zip", {f"a/{name}": (right, old), f"b/{name}": (WRONG, old)})
    ran = command.grade(*SEED)
    assert outcome(command, "ann.zip") == "passed"
    listed = squeezed(ran.stdout.partition(LOOK)[2])
    assert f"bob.zip: bob.zip/final version/{name} may be meant" in listed
    assert outcome(command, "cy.zip") == "ungraded"
    assert f"a/{name} and cy.zip/b/{name} differ" in listed
    assert ran.returncode == 3


def test_what_cannot_be_read_is_no_zero(command: Command) -> None:
    """A zip cut short after it was graded is ungraded, with exit code 3, and no points are written."""
    whole = zipped(
        command.submissions / "ann.zip",
        {f"{IDS[0]}.py": (solution(1).encode(), (2026, 3, 1, 10, 0, 0))},
    )
    hand_in(command.submissions, "bob", {IDS[0]: solution(1)})
    assert command.grade(*SEED).returncode == 0
    assert outcome(command, "ann.zip") == "passed"
    whole.write_bytes(whole.read_bytes()[:-60])
    ran = command.grade()
    assert ran.returncode == 3
    assert "ann.zip" in ran.stdout.partition("Not graded")[2]
    assert outcome(command, "ann.zip") == "ungraded"
    assert outcome(command, "bob") == "passed"
    row = (command.out / "gradebook.csv").read_text("utf-8").splitlines()[1]
    assert row.startswith("ann.zip,ann,")
    assert row.split(",")[6:8] == ["", ""]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("work.zip", b"PK\x03\x04 cut short"),
        ("work.7z", b"7z\xbc\xaf"),
        ("work.rar", b"Rar!"),
        ("work.zip", b""),
    ],
)
def test_a_broken_archive_is_no_zero(command: Command, name: str, data: bytes) -> None:
    """Whatever is in it; a file beside it is graded."""
    hand_in(command.submissions, "bob", {IDS[0]: solution(1), IDS[1]: solution(2)})
    put(command, "ann", name, data)
    put(command, "ann", f"{IDS[0]}.py", solution(1))
    ran = command.grade(*SEED)
    assert ran.returncode == 3
    assert (outcome(command, "ann"), outcome(command, "ann", 2)) == ("passed", "ungraded")


def test_a_damaged_file_in_an_archive_is_no_zero(command: Command) -> None:
    """One whose checksum does not fit."""
    whole = zipped(
        command.submissions / "ann.zip",
        {f"{IDS[0]}.py": (solution(1).encode(), (2026, 3, 1, 10, 0, 0))},
    )
    data = bytearray(whole.read_bytes())
    data[80] ^= 0xFF
    whole.write_bytes(bytes(data))
    assert command.grade(*SEED).returncode == 3
    assert outcome(command, "ann.zip") == "ungraded"


def as_plain_user() -> list[str]:
    """What takes from root the right to read everything, where the tests run as root."""
    rights = "-dac_override,-dac_read_search"
    return (
        ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}"] if not os.geteuid() else []
    )


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv, for root")
def test_a_file_that_may_not_be_read_is_no_zero(command: Command) -> None:
    """Nor is a folder."""
    put(command, "ann", f"{IDS[0]}.py", solution(1)).chmod(0)
    put(command, "bob", f"{IDS[0]}.py", solution(1)).parent.chmod(0)
    zipped(command.submissions / "cy.zip", {}).chmod(0)
    ran = subprocess.run(
        [*as_plain_user(), *command.words(str(command.submissions), *SEED)],
        cwd=find_root(),
        env=command.environment,
        capture_output=True,
        check=False,
    )
    (command.submissions / "bob").chmod(0o755)
    assert ran.returncode == 3, ran.stderr
    assert {outcome(command, name) for name in ("ann", "bob", "cy.zip")} == {"ungraded"}


def test_an_argument_that_cannot_be_read_is_said(command: Command, tmp_path: Path) -> None:
    """The others are graded; the exit code is 3, since nobody knows whose work it holds."""
    hand_in(command.submissions, "ann", {IDS[0]: solution(1)})
    (tmp_path / "late.zip").write_bytes(b"PK\x03\x04")
    ran = command.grade(str(tmp_path / "late.zip"), *SEED)
    assert ran.returncode == 3
    assert "late.zip" in "".join(ran.stdout.split())


def test_declared_encodings_are_read(command: Command) -> None:
    """What Python runs is graded."""
    text = f"# -*- coding: cp1252 -*-\nNAME = 'Zoë'\n{solution(1)}"
    put(command, "ann", f"{IDS[0]}.py", text.encode("cp1252", "replace"))
    assert command.grade(*SEED).returncode == 0
    assert outcome(command, "ann") == "passed"


def test_what_is_no_text_is_no_zero(command: Command) -> None:
    """Whatever an editor or a wrong upload made of it: the reason and the next step are on the screen."""
    text = f"NAME = 'Zoë'\n{solution(1)}"
    put(command, "ann", f"{IDS[0]}.py", text.encode("utf-16"))
    put(command, "bob", f"{IDS[0]}.py", text.encode("cp1252", "replace"))
    put(command, "cy", f"{IDS[0]}.py", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    put(command, "dee", f"{IDS[0]}.py", solution(1).replace("\n", "\0\n", 1))
    put(command, "eve", f"{IDS[0]}.py", f"# coding: rot13\n{text}")
    put(command, "fay", f"{IDS[0]}.py", b"")
    put(command, "gil", f"{IDS[0]}.py", solution(1))
    ran = command.grade(*SEED)
    assert ran.returncode == 3
    listed = squeezed(ran.stdout.partition("Not graded")[2])
    for name in ("ann", "bob", "cy", "dee", "eve"):
        assert outcome(command, name) == "ungraded"
        assert (
            f"{name}: {IDS[0]}.py could not be read: hand it in again, as text in UTF-8." in listed
        )
    assert (outcome(command, "fay"), outcome(command, "gil")) == ("failed", "passed")
    rows = (command.out / "gradebook.csv").read_text("utf-8").splitlines()[1:]
    assert [row.split(",")[6] for row in rows[:5]] == [""] * 5
    put(command, "ann", f"{IDS[0]}.py", solution(1))
    command.grade()
    assert outcome(command, "ann") == "passed"


def test_what_another_program_wrote_is_no_zero(command: Command) -> None:
    """Under an exercise's name: it is said what it is. A notebook is read in every Unicode encoding."""
    cells = [{"cell_type": "code", "source": solution(1).splitlines(keepends=True)}]
    notebook = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    others = {
        "an": ("a zip or an office document", b"PK\x03\x04\x14\0"),
        "bo": ("a text with layout (RTF)", b"{\\rtf1\\ansi\\ansicpg1252 import asyncio}"),
        "cy": ("a web page", b"\n<!DOCTYPE html>\n<title>Log in</title>"),
        "di": ("a PDF", b"%PDF-1.7\n1 0 obj"),
        "ed": ("a pointer of Git LFS", b"version https://git-lfs.github.com/spec/v1\noid sha256:0"),
        "fe": ("a notebook", notebook.encode()),
    }
    for name, (_, data) in others.items():
        put(command, name, f"{IDS[0]}.py", data)
    put(command, "gu", "ex1.ipynb", notebook[:-20])
    put(command, "ha", "ex1.ipynb", "<html>Log in</html>")
    put(command, "io", "ex1.ipynb", notebook.encode("utf-16"))
    put(command, "jo", "ex1.py.gz", b"\x1f\x8b\x08")
    put(command, "ki", f"{IDS[0]}.py", b"\xef\xbb\xbf\r\n \n")
    ran = command.grade(*SEED)
    assert ran.returncode == 3
    said = squeezed(ran.stdout)
    for name, (kind, _) in others.items():
        assert outcome(command, name) == "ungraded"
        assert f"The file is {kind}" in said
    assert [outcome(command, name) for name in ("gu", "ha", "jo")] == ["ungraded"] * 3
    assert "gu: ex1.ipynb could not be read: it is no notebook that can be read" in said
    assert "jo: ex1.py.gz: an archive that is not a zip" in said
    assert outcome(command, "io") == "passed"
    assert f"ki: {IDS[0]}.py is empty: did the upload fail?" in said


def test_a_name_that_fits_two_people_is_no_success(command: Command) -> None:
    """Nobody's row has that work: the exit code says so, as of anything that could not be read."""
    for name in (f"lee_101_9000_{IDS[0]}.py", f"doe_77_102_103_{IDS[0]}.py"):
        (command.submissions / name).write_text(solution(1), encoding="utf-8")
    (command.submissions / f"roe_104_80_{IDS[0]}.py").write_text(solution(1), encoding="utf-8")
    ran = command.grade(*SEED)
    assert ran.returncode == 3
    assert "fits more than one Canvas user id: rename it, and run again" in squeezed(ran.stdout)


# -- one person's folder --------------------------------------------------------------------------


def graded(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Grade a folder as the recipes do."""
    return subprocess.run(
        [sys.executable, "-m", "grader", "grade", "ex1", "--from", str(folder), *words],
        cwd=find_root(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    "path",
    ["ex1_add_maxsize (1).py", "exercises/ex1_add_maxsize.py", "work.zip", "Exercise 1.py"],
)
@pytest.mark.parametrize("trust", [(), ("--trust-submissions",)])
def test_grade_from_takes_in_as_class_does(
    tmp_path: Path, path: str, trust: tuple[str, ...]
) -> None:
    """And says so, to the instructor and in Gradescope's results."""
    folder = tmp_path / "submission"
    file = folder / path
    file.parent.mkdir(parents=True)
    if path.endswith(".zip"):
        zipped(file, {"ex1_add_maxsize.py": (solution(1).encode(), (2026, 3, 1, 10, 0, 0))})
    else:
        file.write_text(solution(1), encoding="utf-8")
    results = tmp_path / "results.json"
    ran = graded(folder, "--gradescope", str(results), *trust)
    assert ran.returncode == 0, ran.stderr
    assert f"{path}" in ran.stderr
    data = json.loads(results.read_text(encoding="utf-8"))
    assert all(test["status"] == "passed" for test in data["tests"])
    assert path in data["output"]


def test_grade_from_gives_no_zero_for_what_cannot_be_read(tmp_path: Path) -> None:
    """No results are written, and the exit code is 3."""
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "work.zip").write_bytes(b"PK\x03\x04")
    ran = graded(folder, "--gradescope", str(tmp_path / "results.json"))
    assert ran.returncode == 3
    assert not (tmp_path / "results.json").exists()
    assert "work.zip" in ran.stdout + ran.stderr


def test_a_broken_zip_is_told_once(command: Command) -> None:
    """Among what is not graded, with its reason, and nowhere else on the screen."""
    put(command, "ann", f"{IDS[0]}.py", WRONG)
    (command.submissions / "frank.zip").write_bytes(b"PK\x03\x04 cut short")
    ran = command.grade(*SEED)
    assert ran.returncode == 3
    said = squeezed(ran.stdout)
    assert said.count("frank.zip: refused: not a zip that can be read") == 1
    assert "frank.zip: frank.zip" not in said
    assert "Look at these" not in said
    assert "Nothing to grade" not in said
