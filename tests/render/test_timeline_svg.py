"""Pictures and pages: well-formed, escaped, described, and free of the network."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from grader.course.catalog import find_root
from grader.render.herd import Arrivals, Herd
from grader.render.svg import Picture, element, escaped, number, text, wrapped
from grader.render.timeline_files import page, picture
from grader.render.timeline_svg import timeline_svg
from grader.results import Observation
from tests.render import samples as results
from tests.render.timeline.samples import MARKUP, SAMPLES

TAGS = {
    "svg",
    "title",
    "desc",
    "style",
    "defs",
    "pattern",
    "path",
    "circle",
    "rect",
    "line",
    "text",
}
SVG = "{http://www.w3.org/2000/svg}"


def _parsed(markup: str) -> ET.Element:
    return ET.fromstring(markup)  # noqa: S314 - it is our own, and the test is that it parses


@pytest.mark.parametrize("name", SAMPLES)
def test_well_formed(name: str) -> None:
    """Every picture is XML with a role, a name and a description, whatever is written in it."""
    sample = SAMPLES[name]()
    found = sample.finding
    markup = timeline_svg(sample.raw, found, title=MARKUP)
    root = _parsed(markup)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    tags = {one.tag.removeprefix(SVG) for one in root.iter()}
    assert tags <= TAGS
    assert "\x1b" not in markup


@pytest.mark.parametrize("name", SAMPLES)
def test_notes_are_in_it(name: str) -> None:
    """Each note stands below the lanes, with its letter there and in its lane."""
    sample = SAMPLES[name]()
    root = _parsed(timeline_svg(sample.raw, sample.finding))
    words = " ".join(one.text or "" for one in root.iter(f"{SVG}text"))
    for letter, note in zip("ABCDE", sample.drawing.notes, strict=False):
        assert f"{note.at:.3f}" in words
        assert f" {letter} " in f" {words} "


def test_what_cannot_be_drawn() -> None:
    """No trace, no picture, and no error either."""
    assert timeline_svg({}) == ""
    assert timeline_svg({"events": 3}) == ""


def test_importing_it_is_cheap() -> None:
    """Whoever wants a picture loads neither Rich nor pytest."""
    code = "import sys, grader.render.timeline_svg; print(*sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-S", "-c", code],
        cwd=find_root(),
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name.partition(".")[0] for name in ran.stdout.split()}
    assert not loaded & {"rich", "pytest", "asyncio", "sqlite3"}


def test_the_files_of_a_check() -> None:
    """The picture has the ruler and the herd below the timeline; the page says what was asked."""
    result = results.wrong_backoff()
    check = result.first_failure
    herd = Herd(100, (Arrivals("yours", {24: 100}),))
    image = picture(result, check, herd)
    assert "The pause before each retry" in image
    assert "The herd: 100 clients" in image
    html = page(result, check, image)
    assert "Seed 20260." in html
    assert "Asked with delay=0.03" in html


def test_no_picture_of_what_never_ran() -> None:
    """A check without a trace has no picture; a page around nothing still says what it is about."""
    broken = results.syntax_error()
    assert picture(broken, broken.first_failure) == ""
    assert picture(results.missing(), None) == ""
    assert "Build the retry loop" in page(broken, None, "")


def test_a_page_is_one_harmless_file() -> None:
    """Nothing is fetched, no script can run, and a learner's text is never markup."""
    sample = SAMPLES["hostile"]()
    check = results.failed(message=f"{MARKUP}\n{MARKUP}", observation=Observation(sample.raw))
    result = replace(results.wrong_backoff(), title=MARKUP, checks=(check,))
    html = page(result, check, picture(result, check))
    assert "<script" not in html
    assert "[bold]" in html
    assert not re.search(r"""(?:src|href)\s*=|@import|url\((?!#)""", html)
    links = set(re.findall(r"https?://[^\"' <]+", html))
    assert links == {"http://www.w3.org/2000/svg"}
    assert "default-src 'none'" in html
    assert "prefers-color-scheme:dark" in html


def test_parts_of_a_picture() -> None:
    """Texts are escaped, numbers short, long texts wrapped, patterns named apart."""
    assert escaped("<a href='x'>\n&\x1b[2J\"") == "&lt;a href=&#39;x&#39;&gt; &amp;\\x1b[2J&quot;"
    assert (number(3.0), number(3.14), number(-0.5)) == ("3", "3.1", "-0.5")
    assert text(1, 2, "") == '<text x="1" y="2"> </text>'
    assert (
        element("g", "x", class_="a", text_anchor="end") == '<g class="a" text-anchor="end">x</g>'
    )
    assert wrapped("", 100) == [""]
    assert len(wrapped("word " * 40, 300)) > 3
    assert Picture("a", "b").key != Picture("a", "c").key
