"""The lesson: each exercise has its page, the examples run, and what the pages show is true today."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest

from grader.course import catalog, pages
from tests.lesson import drawn, examples, grade_of, names, pictures, prose, ran, words

FEWEST, MOST = 400, 900  # words of a page
LONGEST = 76  # columns of a line of an example
HARDEST = 10.0  # the reading grade of a page
SECTIONS = [
    "The idea",
    "Type it in",
    "The picture",
    "Step by step",
    "In production",
    "What goes wrong",
    "Read on",
]
# Those who make, specify or run what a page speaks of; a paper's publisher.
PRIMARY = {
    "aws.amazon.com",
    "bastoica.github.io",
    "docs.aiohttp.org",
    "docs.aws.amazon.com",
    "docs.celeryq.dev",
    "docs.docker.com",
    "docs.github.com",
    "docs.python.org",
    "docs.stripe.com",
    "github.com",
    "grpc.io",
    "kafka.apache.org",
    "kubernetes.io",
    "learn.microsoft.com",
    "martinfowler.com",
    "pkg.go.dev",
    "queue.acm.org",
    "resilience4j.readme.io",
    "requests.readthedocs.io",
    "sre.google",
    "stamina.hynek.me",
    "tenacity.readthedocs.io",
    "www.freedesktop.org",
    "www.pollydocs.org",
    "www.python-httpx.org",
    "www.reactive-streams.org",
    "www.rfc-editor.org",
    "www.usenix.org",
}

each = pytest.mark.parametrize("name", names())
exercises = pytest.mark.parametrize("name", [entry.id for entry in catalog.exercises()])


def _text(name: str) -> str:
    return pages.page(name).text


@exercises
def test_every_exercise_has_its_page(name: str) -> None:
    """A page has the same sections in the same order, an example and a picture."""
    assert re.findall(r"^## (.+)$", _text(name), re.MULTILINE) == SECTIONS
    assert examples(name)
    assert pages.page(name).pictures


@exercises
def test_a_page_links_to_the_documentation(name: str) -> None:
    """What the library says itself is one step away."""
    read_on = _text(name).partition("## Read on")[2]
    assert "https://docs.python.org/3/" in read_on


@each
def test_examples_print_what_the_page_shows(name: str) -> None:
    """A program can be typed in, and prints what stands below it, with no wait in real time."""
    found = examples(name)
    assert len(found) == _text(name).count("```python"), "each program has its output below it"
    for program, output in found:
        assert ran(program) == output


@exercises
def test_logs_are_those_of_the_exercise(name: str) -> None:
    """The lines of a log on a page, beside its example's output, stand in the exercise in that order."""
    outputs = [output for _, output in examples(name)]
    log = iter(catalog.pristine(name).splitlines())
    for block in re.findall(r"^```text\n(.*?)^```$", _text(name), re.MULTILINE | re.DOTALL):
        for line in block.splitlines() if block not in outputs else ():
            assert any(one.strip().startswith(line) for one in log), line


@each
def test_words_of_the_glossary(name: str) -> None:
    """Each word for which a page sends its reader to the glossary has an entry there."""
    entries = re.findall(r"^\*\*(.+?)\.\*\*", _text("glossary"), re.MULTILINE)
    named = re.search(r"\[Glossary\]\(glossary\.md\): (.+)$", _text(name), re.MULTILINE)
    wanted = named[1].split(", ") if named else []
    assert set(wanted) <= {entry.lower() for entry in entries}


@each
def test_examples_fit(name: str) -> None:
    """A program's lines are not broken on a terminal of 80 columns, where they could not be copied."""
    lines = [line for program, output in examples(name) for line in (program + output).splitlines()]
    assert [line for line in lines if len(line) > LONGEST] == []


@each
def test_examples_give_nothing_away(name: str) -> None:
    """A program calls nothing that an exercise is to build."""
    for program, _ in examples(name):
        assert not re.search(r"def (consumer|run_pipeline|run_service|process_item)\b", program)


@pytest.mark.once
@pytest.mark.parametrize("name", pictures())
def test_pictures_are_up_to_date(name: str) -> None:
    """A picture is what the grader draws today, as SVG and as text."""
    today, folder = drawn(name), pages.folder()
    stored = {file: (folder / file).read_text(encoding="utf-8") for file in today}
    assert today == stored, "python -m tests.lesson --update"


def test_no_picture_is_left_over() -> None:
    """Each file beside the pages belongs to a picture that one of them shows."""
    wanted = {f"{one}{end}" for one in pictures() for end in (".svg", ".txt", "-ascii.txt")}
    there = {file.name for file in pages.folder().iterdir() if file.suffix != ".md"}
    assert there == wanted


@each
def test_length(name: str) -> None:
    """A page is read in a few minutes."""
    assert FEWEST <= words(name) <= MOST, words(name)


@each
def test_reading_grade(name: str) -> None:
    """Ten years of school are enough to read a page."""
    grade = grade_of(prose(name))
    print(f"{name}: {words(name)} words, reading grade {grade:.1f}")
    assert grade <= HARDEST


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        ("The cat sat on the mat.", -1.4),
        ("The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.", 11.3),
    ],
)
def test_the_measure_itself(text: str, grade: float) -> None:
    """Sentences whose grade is known, to within what counting syllables by rule allows."""
    assert grade_of(text) == pytest.approx(grade, abs=1.5)


@each
def test_links(name: str) -> None:
    """A link leads to a page of the lesson that is there, or by https to a primary source."""
    for found in pages.LINK.finditer(_text(name)):
        to = found["to"]
        if "/" not in to:
            assert to.removesuffix(".md") in names(), to
            continue
        address = urlsplit(to)
        assert address.scheme == "https"
        assert address.hostname in PRIMARY, to


@each
def test_a_page_is_plain(name: str) -> None:
    """A page has one title, lines that fit an editor, and no markup that a terminal would not show."""
    text = _text(name)
    apart = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    assert text.startswith("# ")
    assert len(re.findall(r"^# ", apart, re.MULTILINE)) == 1
    assert "<" not in re.sub(r"`[^`]*`", "", apart)
    without_links = re.sub(r"\]\([^)]+\)", "", text)
    assert all(len(line) <= 120 for line in without_links.splitlines())
