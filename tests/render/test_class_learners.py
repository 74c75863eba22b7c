"""The script of the page without a browser: who is found, in which order, and what is shown of each."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import grader.render
from grader.class_results import Alike, ClassReport, Likeness
from grader.render.class_figures import ClassFigures, LearnerFigures
from grader.render.class_page import class_page
from grader.render.class_tally import class_figures
from grader.render.class_timelines import Timelines
from grader.render.foreign import harmless
from grader.results import Outcome
from tests.render import classes
from tests.render.test_class_page import Reader

NODE = shutil.which("node")
SCRIPT = Path(grader.render.__file__).parent / "templates" / "class_learners.js"
pytestmark = pytest.mark.skipif(NODE is None, reason="runs the page's script with node")

# Elements as markup, each text escaped: what the page's own `h` makes of them by the document.
PRELUDE = """
const learners = require(process.argv[1]);
const {index, parts} = JSON.parse(require("fs").readFileSync(0, "utf-8"));
const escape = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);
class Markup { constructor(text) { this.text = text; } }
const h = (name, attributes, ...children) => {
  const inner = children.flat(Infinity).map(
    (one) => one instanceof Markup ? one.text : escape(String(one)));
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(value)}"`);
  return new Markup(`<${name}${given.join("")}>${inner.join("")}</${name}>`);
};
const draw = (markup) => new Markup(markup);
const rows = learners.read(index);
const say = (value) => console.log(JSON.stringify(value));
"""


@cache
def _page(nasty: bool = False) -> tuple[ClassReport, ClassFigures, dict[str, Any]]:
    report = classes.nasty_class() if nasty else classes.make_class(230)
    figures = class_figures(report)
    names = [one.submission for one in figures.learners]
    groups = (Alike(report.exercises[0], Likeness.NEARLY, (names[1], names[4]), 0.9),)
    timelines = Timelines(classes.drawing)
    reader = Reader()
    reader.feed("".join(class_page(report, figures, groups, timelines=timelines)))
    index, *parts = (
        json.loads(one.text) for one in reader.of("script") if "type" in one.attributes
    )
    return report, figures, {"index": index, "parts": parts}


def run(code: str, *, nasty: bool = False) -> Any:
    """Run code over a page's data; return what it says."""
    assert NODE is not None
    data = json.dumps(_page(nasty)[2])
    done = subprocess.run(
        [NODE, "-e", PRELUDE + code, str(SCRIPT)],
        input=data,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def read(markup: str) -> Reader:
    """Elements that the script has made, read strictly."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    return reader


def test_rows_are_those_of_the_class() -> None:
    """Names, points and outcomes of everybody, in order."""
    found = run("say(rows.map((row) => [row.name, row.score, row.cells, row.notes]))")
    _, figures, _ = _page()
    assert [row[:2] for row in found] == [[one.name, one.score] for one in figures.learners]
    for row, one in zip(found, figures.learners, strict=True):
        expected = {
            name: [list(Outcome).index(outcome), points]
            for name, outcome, points, _ in one.outcomes
        }
        cells = [cell and [cell["outcome"], cell["points"]] for cell in row[2]]
        assert cells == [expected.get(exercise.exercise) for exercise in figures.exercises]


@pytest.mark.parametrize(
    "tag",
    ["", "open", "complete", "ungraded", "flagged", "late", "alike", "x:EX", "m:CODE", "nothing"],
)
def test_filters(tag: str) -> None:
    """By what is not passed, by mistake, by what asks for a look; with a part of a name."""
    _, figures, _ = _page()
    exercise, code = figures.exercises[1].exercise, figures.misconceptions[0].code
    tag = tag.replace("EX", exercise).replace("CODE", code)
    names = {figures.learners[place].submission for place in (1, 4)}

    def fits(one: LearnerFigures) -> bool:
        known: dict[str, bool] = {
            "": True,
            "open": not one.complete,
            "complete": one.complete,
            "ungraded": one.ungraded,
            "flagged": bool(one.flags),
            "late": one.late,
            "alike": one.submission in names,
            f"x:{exercise}": any(
                row[0] == exercise and row[1] is not Outcome.PASSED for row in one.outcomes
            ),
            f"m:{code}": code in one.mistakes,
            "nothing": False,
        }
        return known[tag]

    code_ = 'say(["", "  HOPPER "].map((text) => learners.filter(rows, index, text, TAG)'
    both = run(code_.replace("TAG", json.dumps(tag)) + ".map((row) => row.number)))")
    expected = [one.number for one in figures.learners if fits(one)]
    assert both[0] == expected
    hoppers = {one.number for one in figures.learners if "hopper" in one.name.lower()}
    assert both[1] == [number for number in expected if number in hoppers]
    assert tag == "nothing" or expected


def test_sorts() -> None:
    """By total and by exercise, both ways; equal ones stay in the order of the class."""
    _, figures, _ = _page()
    totals = run(
        "say([true, false].map((down) => learners.sort(rows, index, 1, down).map((r) => r.number)))"
    )
    ordered = sorted(figures.learners, key=lambda one: (-one.score, one.number))
    assert totals[0] == [one.number for one in ordered]
    assert totals[1] == [
        one.number for one in sorted(figures.learners, key=lambda one: (one.score, one.number))
    ]
    points = run("say(learners.sort(rows, index, 2, false).map((r) => r.cells[0]?.points ?? -1))")
    assert points == sorted(points)
    names = run("say(learners.sort(rows, index, 0, false).map((r) => r.name))")
    assert sorted(names) == sorted(one.name for one in figures.learners)
    assert names[0] != figures.learners[0].name or names == sorted(names)


def test_pages() -> None:
    """All are on some page, once; a page that is too far is the last, and nobody is a page too."""
    found = run(
        "say({all: [0, 1, 2, 3, 4].flatMap((n) => learners.page(rows, n, 50).rows.map((r) => r.number)),"
        "far: learners.page(rows, 99, 50).number, none: learners.page([], 3, 50)})"
    )
    assert found["all"] == list(range(1, 231))
    assert found["far"] == 4
    assert found["none"] == {"number": 0, "last": 0, "rows": []}


def details(number: int, *, nasty: bool = False) -> Reader:
    """What is shown of a learner, from 1 on."""
    code = f"""
      const {{part, at}} = learners.place(index, {number});
      say(learners.details(h, rows[{number} - 1], parts[part], at, index, draw).text);
    """
    return read(run(code, nasty=nasty))


@pytest.mark.parametrize("number", [1, 100, 101, 230])
def test_details(number: int) -> None:
    """Everything that was found about a learner is there, whichever part holds them."""
    report, figures, _ = _page()
    submission, one = list(report.submissions)[number - 1], figures.learners[number - 1]
    text = details(number).of("article")[0].text
    plain = " ".join(text.split())
    assert one.name in plain
    assert f"{one.score} of {one.max_score} points" in plain
    assert submission.senders[0].sid in plain
    for result in submission.exercises:
        assert f"{result.score}/{result.max_score}" in plain
        for check in result.checks:
            if check.outcome is Outcome.FAILED:
                assert " ".join(check.title.replace("`", "").split()) in plain
                for line in check.message.splitlines():
                    assert " ".join(line.replace("`", "").split()) in plain
        assert all(flag in plain for flag in result.flags)
    for unused in submission.unused:
        assert f"{unused.path}: {unused.reason}" in plain


def test_timelines_are_drawn() -> None:
    """As the markup that the grader has made, in a place of their own that scrolls."""
    report, _, _ = _page()
    failing = next(
        number
        for number, one in enumerate(report.submissions, 1)
        if any(check.observation.trace for each in one.exercises for check in each.checks)
    )
    reader = details(failing)
    assert reader.of("svg")
    assert all(one.attributes["class"] == "timeline" for one in reader.of("details"))


def test_nothing_of_a_learner_becomes_markup() -> None:
    """Names, notes, messages, code and files are texts; the script makes no element of them."""
    for number, text in enumerate(classes.NASTY, 1):
        reader = details(number, nasty=True)
        assert not reader.of("script", "img", "style", "iframe")
        everything = reader.of("article")[0].text
        assert harmless(text).splitlines()[0] in everything
        row = read(run(f"say(learners.rowView(h, rows[{number - 1}], index).text)", nasty=True))
        assert row.of("bdi")[0].text == harmless(text)
        assert row.of("a")[0].attributes["href"] == f"#learner-{number}"


def test_two_files_side_by_side() -> None:
    """Lines that the other has, too, are marked, blank space aside; blank lines are not."""
    sources = json.dumps(["a = 1\n\nb  = 2\nc = 3", "b = 2\nd = 4\n\n<b>"])
    found = run(f"say(learners.beside(...{sources}))")
    assert [[line["code"] for line in side if line["shared"]] for side in found] == [
        ["b  = 2"],
        ["b = 2"],
    ]
    view = read(run(f"say(learners.besideView(h, rows.slice(0, 2), {sources}).text)"))
    assert [one.text for one in view.of("mark")] == ["=    3  b  = 2", "=    1  b = 2"]
    assert not view.of("b")[0].attributes.keys() - {"class"}
    assert "<b>" in view.of("pre")[1].text


def test_groups_have_their_sources() -> None:
    """What a button shows side by side is in the data of both."""
    found = run(
        """
        const [exercise, numbers] = Object.values(index.groups)[0];
        say(numbers.map((number) => {
          const {part, at} = learners.place(index, number);
          return [number, parts[part].texts[parts[part].learners[at].sources[exercise]]];
        }));
        """
    )
    report, _, _ = _page()
    submissions = list(report.submissions)
    assert found == [
        [number, harmless(submissions[number - 1].exercises[0].source)] for number in (2, 5)
    ]


def test_the_page_has_what_the_script_asks_for() -> None:
    """Each id that the page's script looks up stands in the page, or is made by the script."""
    script = (SCRIPT.parent / "class.js").read_text("utf-8")
    asked = set(re.findall(r'one\("#([a-z-]+)"\)', script))
    made = set(re.findall(r'id: "([a-z-]+)"', SCRIPT.read_text("utf-8")))
    report, figures, _ = _page()
    reader = Reader()
    reader.feed("".join(class_page(report, figures)))
    ids = {one.attributes["id"] for one in reader.elements if "id" in one.attributes}
    assert asked <= ids | made
    assert NODE is not None
    for name in ("class.js", "class_learners.js"):
        subprocess.run([NODE, "--check", str(SCRIPT.parent / name)], check=True)
