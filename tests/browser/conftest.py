"""A real Chromium for the tests of the page; without one they are skipped, loudly."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from grader.class_results import ClassReport
from grader.render.class_page import class_page
from grader.render.class_tally import class_figures
from grader.render.class_timelines import Timelines
from tests.render import classes

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LEARNERS = 300
FLAGS = (
    "--no-sandbox",  # which Chromium needs as root; all that it opens are pages of our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
REQUIRED = "REQUIRE_CHROMIUM"
"""An environment variable: where it is set, the tests fail instead of being skipped."""


def _missing(what: str) -> NoReturn:
    words = f"{what}: the page of a class is not tested in a browser. Run nox -s browser"
    if os.environ.get(REQUIRED):
        pytest.fail(words)
    pytest.skip(words)


def _write(path: Path, report: ClassReport) -> Path:
    timelines = Timelines(classes.drawing)
    pieces = class_page(report, class_figures(report), classes.alike(report), timelines=timelines)
    with path.open("w", encoding="utf-8") as file:
        file.writelines(pieces)
    return path


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages of a class of 300, and of one whose names and code try to be markup."""
    folder = tmp_path_factory.mktemp("pages")
    return {
        "class": _write(folder / "class.html", classes.make_class(LEARNERS)),
        "nasty": _write(folder / "nasty.html", classes.nasty_class()),
    }


@pytest.fixture(scope="session")
def executable() -> str:
    """The browser's path; looked for before anything is made for it."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        _missing(f"no {', '.join(BROWSERS)} on the PATH (on Debian: apt install chromium)")
    if find_spec("playwright") is None:
        _missing("no playwright is installed")
    return found


@pytest.fixture(scope="session")
def chromium(executable: str, pages: dict[str, Path]) -> Iterator[Browser]:
    """The browser, started once.

    After the pages are made: playwright keeps an event loop running, in which nothing can be graded.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may not be there

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()
