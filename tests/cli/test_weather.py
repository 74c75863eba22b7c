"""`grade --weather FILE`: weathers of somebody else's, their mistakes, and the examples of the docs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader.cli.program import main
from grader.course.catalog import find_root

EXAMPLES = {
    "lunch-hour": ("repeats_at_once", "no-backoff"),
    "black-friday": ("retry_after_capped", "wish-of-the-service-capped"),
    "deploy": ("no_timeout", "hung-call-is-waited-for"),
}
GOOD = 'name = "x"\nlength = 20\n'
SPELL = "[[spells]]\n"

every_example = pytest.mark.parametrize("name", EXAMPLES)


def _file(name: str) -> str:
    return str(find_root() / "docs" / "weathers" / f"{name}.toml")


@every_example
def test_the_reference_passes(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In each example the reference keeps every level, and the JSON has them."""
    solutions = str(find_root() / "solutions")
    words = ["grade", "ex16", "--from", solutions, "--weather", _file(name), "--seed", "5"]
    assert main([*words, "--json", "-"]) == 0
    (exercise,) = json.loads(capsys.readouterr().out)["exercises"]
    (check,) = exercise["checks"]
    assert len(check["levels"]) >= 5
    assert all(level["met"] for level in check["levels"])
    assert {level["where"] for level in check["levels"]} == {name.replace("-", " ")}


@every_example
def test_the_wrong_one_fails(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In each example the mistake that the docs name is found, and the screen fits."""
    submission, code = EXAMPLES[name]
    assert f"`{name}.toml`" in (
        readme := Path(_file("README")).with_suffix(".md").read_text("utf-8")
    )
    assert f"(`{code}`)" in readme
    folder = find_root() / "tests" / "submissions" / "ex16_ship_it" / "wrong"
    shutil.copy(folder / f"{submission}.py", tmp_path / "ex16_ship_it.py")
    words = ["ex16", "--from", str(tmp_path), "--trust-submissions", "--weather", _file(name)]
    assert main(["grade", *words, "--json", "-"]) == 10
    (exercise,) = json.loads(capsys.readouterr().out)["exercises"]
    assert exercise["checks"][0]["misconception"] == code
    assert main(["timeline", *words]) == 0
    assert "call" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty. Begin with a copy"),
        ("name = ", "is not TOML"),
        ("x" * 70_000, "is too large"),
        ("nmae = 1\n" + GOOD, "A weather has no `nmae`. Did you mean `name`?"),
        ("zzz = 1\n" + GOOD, "There are: name, length"),
        ('name = ""\nlength = 3\n', "`name` is a text"),
        ('name = "x"\n', "`length` is missing"),
        ('name = "x"\nlength = "many"\n', "is a whole number, and not 'many'"),
        ('name = "x"\nlength = 5000\n', "from 1 to 1000"),
        (GOOD + "answers = [0.2, 0.1]\n", "write the shorter time first"),
        (GOOD + "answers = 3\n", "a list of two times"),
        (GOOD + "spells = 3\n", "begin each with a line [[spells]]"),
        (GOOD + SPELL * 51, "at most 50"),
        (GOOD + SPELL + 'does = "fials"\n', "Did you mean 'fails'?"),
        (GOOD + SPELL + 'does = "fails"\nfrm = 1\n', "Spell 1 has no `frm`. Did you mean `from`?"),
        (GOOD + SPELL + 'does = "fails"\nfrom = 3.0\nto = 1.0\n', "`to` comes after `from`"),
        (GOOD + SPELL + 'does = "breaks"\n', "give it a `from`"),
        (GOOD + SPELL + 'does = "fails"\nitems = [20]\n', "from 0 to 19"),
        (
            GOOD + SPELL + 'does = "raises"\nerror = "ValueError"\n',
            "TimeoutError or ConnectionError",
        ),
        (GOOD + SPELL + 'does = "answers"\nseconds = 0.5\n', "as long as timeout=0.5"),
        (GOOD + SPELL + 'does = "fails"\nevery = 6\n', "break-even"),
        (GOOD + "[options]\nconsumer = 3\n", "Did you mean `consumers`?"),
        (GOOD + "[options]\nconsumers = 0\n", "from 1 to 40"),
        (GOOD + "[options]\nbudget = true\n", "is a number, and not True"),
        ("options = 3\n" + GOOD, "write a line [options]"),
    ],
)
def test_says_what_is_wrong(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each kind of bad file draws one line that says what to do next."""
    file = tmp_path / "w.toml"
    file.write_text(text, encoding="utf-8")
    assert main(["grade", "ex16", "--weather", str(file)]) == 2
    told = capsys.readouterr().err
    assert says in told
    assert "w.toml" in told
    assert told.count("\n") == 1


def test_files_that_cannot_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing file, a folder, and bytes that are no text."""
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\xff")
    for name, says in (("no", "There is no file"), (".", "cannot be read"), ("b.toml", "UTF-8")):
        assert main(["grade", "ex16", "--weather", str(tmp_path / name)]) == 2
        assert says in capsys.readouterr().err


def test_who_takes_weathers(capsys: pytest.CaptureFixture[str]) -> None:
    """An exercise that takes none says so, and which one does; a weather is for one exercise."""
    assert main(["grade", "ex3", "--weather", _file("deploy")]) == 2
    assert "ex3_add_backoff takes no weather. Leave --weather out, or name ex16" in (
        capsys.readouterr().err
    )
    assert main(["grade", "--weather", _file("deploy")]) == 2
    assert "name it before --weather" in capsys.readouterr().err
