"""The page of a class as markup: sound, complete, and deaf to what a learner may have written."""

from __future__ import annotations

import json
import re
import weakref
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.class_results import Alike, ClassReport, Likeness, SubmissionResult
from grader.render.class_page import class_page
from grader.render.class_tally import class_figures
from grader.render.class_timelines import Timelines
from grader.render.foreign import harmless
from grader.results import Outcome
from tests.render import classes

VOID = {"meta", "link", "input"}
NO_END = {"rect", "line", "pattern"}  # of a drawing, which close themselves


@dataclass
class Element:
    """One element: its name, its attributes, the text directly in it."""

    name: str
    attributes: dict[str, str]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.texts)


class Reader(HTMLParser):
    """Reads a page strictly: every element is closed where it should be."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.declarations: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in NO_END, tag
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().name == tag, tag

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.texts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def of(self, *names: str) -> list[Element]:
        """All elements of these names, in order."""
        return [element for element in self.elements if element.name in names]


def _read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    assert reader.declarations == ["DOCTYPE html"]
    return reader


def _data(reader: Reader) -> tuple[Any, list[Any]]:
    """The learners as data: the index, and the parts with the details."""
    index, *parts = (
        json.loads(one.text)
        for one in reader.of("script")
        if one.attributes.get("type") == "application/json"
    )
    return index, parts


def _texts(reader: Reader) -> str:
    """All that can be read on a page, asked for or not."""
    index, parts = _data(reader)
    shown = [text for part in parts for text in part["texts"]]
    names = [row[0] for row in index["rows"]]
    return "\n".join([reader.of("main")[0].text, *names, *shown]).replace("`", "")


def _drawings(page: str) -> tuple[int, int]:
    """How many timelines are drawn, and how many left out."""
    _, parts = _data(_read(page))
    found = [
        finding[-1]
        for part in parts
        for one in part["learners"]
        for exercise in one["exercises"]
        for finding in exercise[-1]
    ]
    return sum(one >= 0 for one in found), found.count(-1)


def _page(report: ClassReport, alike: tuple[Alike, ...] = ()) -> str:
    timelines = Timelines(classes.drawing)
    return "".join(class_page(report, class_figures(report), alike, timelines=timelines))


@cache
def _text(size: int) -> str:
    report = classes.make_class(size)
    return _page(report, classes.alike(report))


@cache
def _of(size: int) -> Reader:
    return _read(_text(size))


@cache
def _nasty() -> Reader:
    report = classes.nasty_class()
    groups = (Alike(report.exercises[0], Likeness.NEARLY, classes.NASTY, 0.9),)
    return _read(_page(report, groups).encode().decode())


pages = pytest.mark.parametrize(
    "page",
    [lambda: _of(3), lambda: _of(30), _nasty],
    ids=["3", "30", "nasty"],
)


@pages
def test_names_and_references_are_sound(page: Callable[[], Reader]) -> None:
    """Ids are unique, and whatever refers to one finds it."""
    reader = page()
    ids = Counter(
        element.attributes["id"] for element in reader.elements if "id" in element.attributes
    )
    assert [name for name, count in ids.items() if count > 1] == []
    for element in reader.elements:
        if element.name == "a":
            assert element.attributes["href"].startswith("#")
            assert element.attributes["href"][1:] in ids
        for attribute in ("aria-labelledby", "for"):
            assert set(element.attributes.get(attribute, "").split()) <= set(ids), element
        for place in re.findall(r"url\(#([^)]*)\)", element.attributes.get("fill", "")):
            assert place in ids


@pages
def test_structure_for_screen_readers(page: Callable[[], Reader]) -> None:
    """One first heading, no level left out, landmarks, captions, scopes, names for all controls."""
    reader = page()
    levels = [int(one.name[1]) for one in reader.elements if re.fullmatch("h[1-6]", one.name)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    assert [len(reader.of(name)) for name in ("main", "header", "nav", "footer")] == [1, 1, 1, 1]
    assert len(reader.of("table")) == len(reader.of("caption"))
    assert all(one.attributes.get("scope") in ("row", "col") for one in reader.of("th"))
    for one in reader.of("button", "summary", "a", "th", "caption", "h2", "h3"):
        assert one.text.strip(), one
    labels = {one.attributes["for"] for one in reader.of("label")}
    assert {one.attributes["id"] for one in reader.of("input", "select")} == labels
    for one in reader.of("svg"):
        hidden = one.attributes.get("aria-hidden") == "true"
        assert hidden or one.attributes.get("aria-labelledby")


@pages
def test_nothing_but_its_own_script_and_styles_may_run(page: Callable[[], Reader]) -> None:
    """One script that runs, one style, both as the policy has them; no handler or address elsewhere."""
    reader = page()
    *data, script = reader.of("script")
    (style,) = reader.of("style")
    assert {one.attributes["type"] for one in data} == {"application/json"}
    policy = next(
        one.attributes["content"] for one in reader.of("meta") if "http-equiv" in one.attributes
    )
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    hashes = {
        name: f"'sha256-{b64encode(sha256(one.text.encode()).digest()).decode()}'"
        for name, one in (("script-src", script), ("style-src", style))
    }
    assert rules == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        **hashes,
    }
    assert script.attributes == style.attributes == {}
    for element in reader.elements:
        assert element.name not in {
            "img",
            "iframe",
            "object",
            "embed",
            "base",
            "b64",
            "image",
            "use",
        }
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in {"style", "src", "srcdoc", "action", "xlink:href"}, element
            assert name != "href" or value.startswith("#") or value == "data:,"


def test_what_a_learner_writes_stays_text() -> None:
    """Names, messages, notes, flags, code and files are there as they were written, made harmless."""
    everything = _texts(_nasty())
    index, (part,) = _data(_nasty())
    for place, text in enumerate(classes.NASTY):
        shown = harmless(text)
        assert index["rows"][place][0] == shown
        one = part["learners"][place]
        assert part["texts"][one["note"]] == shown
        assert [part["texts"][number] for number in one["unused"][0]] == [shown, shown]
        for *_, note, flags, findings in one["exercises"]:
            assert {part["texts"][number] for number in (note, *flags)} == {shown}
            failed = [one for one in findings if index["outcomes"][one[0]] == "failed"]
            assert failed
            for finding in failed:
                (message,) = {part["texts"][number] for number in finding[3][:1]}
                assert message.startswith(shown[:12].strip())
        assert everything.count(shown) > 6, shown
    title = _nasty().of("title")[0].text
    assert title == "Class report: 6 submissions"
    assert not re.search(r"[\x00\x1b\u202e\u2028\u2029\ud800]", everything)


@settings(max_examples=40)
@given(st.text(alphabet="<>\"'&/=!-ascript{%#}` \n\0\u202e\u2028\ud83dé", max_size=40))
def test_no_text_becomes_markup(text: str) -> None:
    """Whatever a name, a message or a line says, the page has the elements that it always has."""
    assert _skeleton(text) == _skeleton("x")


def _skeleton(text: str) -> Counter[str]:
    """The elements of a page with one learner, by name, but for the paragraphs of messages."""
    result = classes.failing()
    checks = tuple(
        replace(one, message=f"{text!a} {text.replace('`', '').splitlines()}", title=f"{text!a}")
        if one.outcome is Outcome.FAILED
        else one
        for one in result.checks
    )
    source = f"x = {text!a}\n" * 9
    results = (replace(result, checks=checks, source=source, note="see", flags=(text or "-",)),)
    submission = SubmissionResult("-" + text, results, note="-" + text)
    reader = _read(_page(ClassReport(1, (result.exercise,), [submission])))
    return Counter(element.name for element in reader.elements if element.name != "code")


def test_shows_everything_that_was_found() -> None:
    """Every check, mistake, learner, flag and unused file is on the page, and the sums are right."""
    report = classes.make_class(30)
    figures = class_figures(report)
    page = _texts(_of(30))
    for exercise in figures.exercises:
        for check in exercise.checks:
            assert check.title.replace("`", "") in page
    for mistake in figures.misconceptions:
        assert mistake.code in page
    for submission in report.submissions:
        for result in submission.exercises:
            assert all(flag in page for flag in result.flags)
            for one in result.checks:
                if one.outcome is Outcome.FAILED:
                    assert all(line.replace("`", "") in page for line in one.message.splitlines())
    for unused in report.unused:
        assert f"{unused.path}: {unused.reason}" in page
    rows = [one for one in _of(30).of("tr") if "data-row" in one.attributes]
    assert len(rows) == 30
    index, parts = _data(_of(30))
    assert [row[1] for row in index["rows"]] == [one.score for one in figures.learners]
    assert sum(len(part["learners"]) for part in parts) == 30


def test_many_learners_come_as_data() -> None:
    """The first are there without the script, and it is said how many more there are."""
    report = classes.make_class(230)
    reader = _read("".join(class_page(report, class_figures(report))))
    rows = [one for one in reader.of("tr") if "data-row" in one.attributes]
    assert len(rows) == 50
    assert "180 learners more" in reader.of("noscript")[0].text
    index, parts = _data(reader)
    assert [len(part["learners"]) for part in parts] == [100, 100, 30]
    assert index["part"] == 100
    identities = [part["texts"][one["identity"]] for part in parts for one in part["learners"]]
    assert [text.partition("_")[0] for text in identities] == [f"{n:04d}" for n in range(230)]


def test_what_to_teach_next() -> None:
    """The mistakes of most learners stand at the top, as many as an hour has room for."""
    figures = class_figures(classes.make_class(30))
    overview = next(one for one in _of(30).of("section") if one.attributes["id"] == "overview")
    assert "What to teach next" in overview.text
    first = figures.misconceptions[0]
    assert f"{first.learners} of" in overview.text
    empty = _read(_page(ClassReport(1, (), ()))).of("main")[0].text
    assert "What to teach next" not in empty


def test_sources_of_those_who_look_alike() -> None:
    """Both files are in the data, of nobody else, and of no group in which half the class is."""
    report = classes.make_class(30)
    names = [one.submission for one in class_figures(report).learners]
    exercise = classes.EXERCISES[1]
    pair = Alike(exercise, Likeness.NEARLY, (names[2], names[5]), 0.9)
    crowd = Alike(classes.EXERCISES[0], Likeness.SAME, tuple(names[:20]))
    index, (part,) = _data(_read(_page(report, (pair, crowd))))
    with_sources = [n for n, one in enumerate(part["learners"]) if "sources" in one]
    assert with_sources == [2, 5]
    submissions = list(report.submissions)
    for place in with_sources:
        (result,) = (one for one in submissions[place].exercises if one.exercise == exercise)
        assert list(part["learners"][place]["sources"]) == [exercise]
        number = part["learners"][place]["sources"][exercise]
        assert part["texts"][number] == harmless(result.source)
    assert list(index["groups"].values()) == [[exercise, [3, 6]]]


def test_is_the_same_each_time() -> None:
    """The same class gives the same bytes: a resumed run ends with the files of an undisturbed one."""
    report = classes.make_class(30)
    assert _page(report, classes.alike(report)) == _text(30)


class _Watched(list[SubmissionResult]):
    """Hands out copies, and counts how many of them are alive."""

    given = 0
    most = 0

    def __iter__(self) -> Iterator[SubmissionResult]:
        alive: weakref.WeakSet[SubmissionResult] = weakref.WeakSet()
        for one in super().__iter__():
            again = replace(one)
            alive.add(again)
            self.given += 1
            self.most = max(self.most, len(alive))
            yield again
            del again


def test_holds_one_submission_at_a_time() -> None:
    """Pieces come while submissions are still to be read, and those written are let go."""
    report = classes.make_class(60)
    watched = _Watched(report.submissions)
    figures = class_figures(report)
    pieces = class_page(replace(report, submissions=watched), figures)
    next(pieces)
    assert watched.given < 60
    for _ in pieces:
        pass
    assert watched.given == 60
    assert watched.most <= 2


def test_is_lean() -> None:
    """A class of 300 without timelines takes less than two kilobytes a learner and exercise."""
    report = classes.make_class(300)
    size = sum(len(piece) for piece in class_page(report, class_figures(report)))
    assert size < 300 * len(report.exercises) * 1_600


def test_room_for_timelines_is_shared() -> None:
    """Each learner has a share of the room, what one leaves goes on; and what is left out is said."""
    report = classes.make_class(30)
    figures = class_figures(report)
    plain = len("".join(class_page(report, figures)))
    drawn = {}
    for room in (10 << 20, 200_000, 0):
        timelines = Timelines(classes.drawing)
        page = "".join(class_page(report, figures, timelines=timelines, room=room))
        drawn[room] = _drawings(page)
        assert len(page) < plain + room + 30 * 1_000
    everything = drawn[10 << 20][0]
    assert drawn[10 << 20][1] == 0
    assert 0 < drawn[200_000][0] < everything
    assert all(sum(pair) == everything for pair in drawn.values())


def test_nothing_to_draw() -> None:
    """A drawing that is empty leaves no empty frame."""
    report = classes.make_class(3)
    silent = Timelines(lambda _trace, _finding, /, **_: "")
    page = "".join(class_page(report, class_figures(report), timelines=silent))
    assert silent.style == ""
    assert _drawings(page) == (0, 0)


def test_a_class_of_none() -> None:
    """An empty class is a page too."""
    page = _read(_page(ClassReport(1, (), ()))).of("main")[0].text
    assert "No recognised mistake was found." in page
    assert "No two submissions look alike" in page
    assert "nothing was flagged" in page


def test_groups_that_are_large() -> None:
    """A group shows some names, and says how many more there are and why that may be."""
    report = classes.make_class(30)
    names = tuple(one.submission for one in class_figures(report).learners)
    page = _read(_page(report, (Alike(classes.EXERCISES[0], Likeness.SAME, names),))).of("main")
    assert "and 18 more" in page[0].text
    assert "may be the obvious way" in page[0].text


def test_a_mistake_is_described_by_the_catalogue() -> None:
    """The sentence and why it matters come from whoever describes misconceptions."""
    report = classes.make_class(3)
    pieces = class_page(
        report,
        class_figures(report),
        describe=lambda code: (f"About `{code}`.", "Because <it> matters."),
    )
    reader = _read("".join(pieces))
    assert "Because <it> matters." in reader.of("main")[0].text
    _, (part,) = _data(reader)
    assert any(text.startswith("About `") for text in part["texts"])
