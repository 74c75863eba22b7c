"""The survey of a class, as the command line gives it: on a screen and as a file."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grader.class_results import ClassReport, Likeness, SubmissionResult
from grader.cli import survey as cli_survey
from grader.cli.survey import survey, view, write_page
from grader.course.mistakes import catalogue
from grader.errors import UsageError
from grader.render.class_tally import class_figures
from grader.render.class_views import in_words
from tests.render import classes
from tests.render.drawing import draw


@pytest.fixture(autouse=True)
def _seams(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same parts, whatever else is there."""
    monkeypatch.setattr(cli_survey, "_described", lambda code: (f"About {code}.", "Why."))
    monkeypatch.setattr(cli_survey, "timeline_svg", classes.drawing)


def _with_copies() -> ClassReport:
    """Three learners, and one who handed in the first one's mistake again."""
    submissions = list(classes.make_class(3).submissions)
    failing = classes.failing()
    first, second = (replace(submissions[n], exercises=(failing,)) for n in (0, 1))
    return ClassReport(1, (failing.exercise,), [first, second, submissions[2]])


def test_one_pass_gives_figures_and_groups() -> None:
    """The figures are those of the class, and copies are found in files that add enough."""
    report = _with_copies()
    found = survey(report)
    assert found.figures == class_figures(report)
    (group,) = found.alike
    assert group.likeness is Likeness.SAME
    assert group.submissions == tuple(one.submission for one in list(report.submissions)[:2])


def test_on_the_screen() -> None:
    """It has the catalogue's words, the files and what to do next."""
    files = (("out/report.html", "all of it"),)
    text = draw(view(survey(_with_copies()), files, ("open it.",)))
    assert "About " in text
    assert "out/report.html  all of it" in text
    assert text.endswith("Next: open it.\n")


def test_writes_the_page_whole(tmp_path: Path) -> None:
    """The page takes the place of an older one in one step, and nothing is left beside it."""
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    report = _with_copies()
    write_page(report, survey(report), target)
    page = target.read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    assert "<svg class=" in page  # as data, for the page's script
    assert list(tmp_path.iterdir()) == [target]


def test_an_interrupted_page_leaves_the_old_one(tmp_path: Path) -> None:
    """Whatever happens on the way, the file is the old or the new one."""
    target = tmp_path / "report.html"
    target.write_text("old", encoding="utf-8")
    report = _with_copies()
    found = survey(report)

    class Gone(list[SubmissionResult]):
        def __iter__(self):  # type: ignore[no-untyped-def]  # it never gets that far
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_page(replace(report, submissions=Gone()), found, target)
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It says what happened and what to do."""
    report = _with_copies()
    with pytest.raises(UsageError, match=r"cannot be written .* Name another place"):
        write_page(report, survey(report), tmp_path / "nowhere" / "report.html")


def test_without_jinja(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the page needs it, and says so."""
    report = _with_copies()
    found = survey(report)
    monkeypatch.setitem(sys.modules, "jinja2", None)
    monkeypatch.delitem(sys.modules, "grader.render.class_page", raising=False)
    with pytest.raises(UsageError, match=r"report.html needs jinja2, .* pip install jinja2"):
        write_page(report, found, tmp_path / "report.html")
    assert "The class at a glance" in draw(view(found))


def test_mistakes_are_described_by_the_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake's sentence and reason are the catalogue's; of any other the code has to do."""
    monkeypatch.undo()
    code, known = next(iter(catalogue().items()))
    assert known.prose is not None
    assert cli_survey._described(code) == (known.prose.sentence, known.prose.matters)
    assert cli_survey._described("not-known-here")[0] == in_words("not-known-here")[0]
