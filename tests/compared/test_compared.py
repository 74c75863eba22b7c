"""The comparison still compares: with what is installed for the tests, on three submissions."""

from __future__ import annotations

import re
import sys

import pytest

from grader.course.catalog import find_root
from tests.compared import bench
from tests.compared.tools import TOOLS
from tests.compared.tries import TRIES

FEW = ("--here", "--right", "2", "--wrong", "1", "--turns", "1")


@pytest.mark.proof
@pytest.mark.skipif(sys.platform != "linux", reason="class mode isolates on Linux only")
def test_figures_and_what_was_tried(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two graders judge alike; what one lets a submission do, the other does not; one is missing."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest -p no:xdist -p no:cov")  # quicker
    bench.main(["--tools", "class,pytest,check50", *FEW, "--tries", "1"])
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    _, _, ours, theirs, missing, *others = lines
    assert ours.startswith("| class mode |")
    assert ours.endswith("| 2 of 2 | 1 of 1 | this project |")
    assert theirs.startswith("| pytest-asyncio |")
    assert "| 2 of 2 | 1 of 1 | pytest " in theirs
    assert missing == "| check50 | not measured: check50 is not installed here |"
    assert others[-1] == "| read the checks | no | yes |"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--tools", "pytest,nbgrader"), "there is no 'nbgrader'; there are class, "),
        (("--turns", "0"), "'0' is no number of 1 or more"),
    ],
)
def test_what_cannot_be_measured(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The command says what is wrong with it."""
    with pytest.raises(SystemExit):
        bench.main(words)
    assert said in capsys.readouterr().err


def test_the_page_tells_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    """It has a row for each tool and each try, and names options that there are."""
    page = (find_root() / "docs" / "compared.md").read_text(encoding="utf-8")
    starts = {line.split("|")[1].strip() for line in page.splitlines() if line.startswith("|")}
    told = {tool.name for tool in TOOLS.values()} | {one.may for one in TRIES}
    assert told - starts == set()
    with pytest.raises(SystemExit):
        bench.main(["--help"])
    known = capsys.readouterr().out
    assert [one for one in re.findall(r"`(--[a-z-]+)", page) if one not in known] == []
