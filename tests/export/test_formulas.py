"""No text becomes a formula in a file of cells, whichever way a spreadsheet splits it."""

# ruff: noqa: RUF001 - wide variants of signs and separators are what is tested here

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.class_results import Sender, SubmissionResult
from grader.export.cells import SEPARATORS, Table, without_formulas
from grader.export.to_csv import cell, to_csv
from tests.export.classes import report, submission

READ_WITH = (*SEPARATORS, "|", "，", "；", "｜", "\x1f")
SIGNS = set("=+-@\u2212")
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
BLANK = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}

# What makes formulas, what separates and quotes, and what hides before them.
TROUBLE = "=+-@＝＋－＠﹣−,;|\t\n\r，；｜﹔\"'\x00\x0b\x1f\x85\xa0\u200b\u2028\u3000\ufeff 1a."
texts = st.text(st.one_of(st.sampled_from(TROUBLE), st.characters()), max_size=12)
DDE = "b;=1+cmd|' calc'!A0;"


def cells(text: str) -> Iterator[str]:
    """All cells that a reader may see in a file: by each separator, with quotes and without."""
    for separator in READ_WITH:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            for skips in (False, True):
                file = io.StringIO(text, newline="")
                for row in csv.reader(
                    file, delimiter=separator, quoting=quoting, skipinitialspace=skips
                ):
                    yield from row


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may compute a cell: it begins with a sign, and is no number."""
    shown = [one for one in text if one != '"' and unicodedata.category(one) not in BLANK]
    begin = unicodedata.normalize("NFKC", shown[0])[0] if shown else ""
    return begin in SIGNS and NUMBER.fullmatch(text) is None


def gradebook(*results: SubmissionResult) -> str:
    """The class's gradebook."""
    return "".join(to_csv(report(results)))


@given(texts, texts, texts, texts, texts)
@example(DDE, "", "", "", "")
@example("-5", "-5", "+4.2", "a;", "-5")
@example("x;", "=1", '";"', '=1"', "@")
def test_no_cell_of_the_gradebook_is_a_formula(
    folder: str, name: str, number: str, sid: str, email: str
) -> None:
    """Whatever a class's folders and people are called, and whatever the reader splits at."""
    sender = Sender("canvas", number, name, sid, email)
    text = gradebook(submission(folder, sender, sender), submission(name, sender))
    assert [one for one in cells(text) if is_formula(one)] == []


@given(texts)
def test_a_text_is_the_same_but_for_apostrophes(text: str) -> None:
    """Nothing is lost, and what is harmless is left as it is, also the second time."""
    once = without_formulas(text)
    assert once.replace("'", "") == text.replace("'", "")
    assert without_formulas(once) == once


@given(texts)
@example("0\x1f=")
def test_a_filled_cell_is_no_formula(text: str) -> None:
    """What is written into a platform's file is looked at as well; the rest of it is the platform's."""
    table = Table(b"a,b\r\nx,\r\n", "The file")
    written = table.filled({(1, 1): text}).decode("utf-8", "replace").removeprefix("a,b\r\nx,")
    assert [one for one in cells(written.removesuffix("\r\n")) if is_formula(one)] == []


@pytest.mark.parametrize(
    "text",
    [
        "O'Brien; Anna",
        "Smith, John",
        "Müller-Lüdenscheid",
        "Jean-Luc O'Brien, Jr.",
        "anna@school.edu; bo@school.edu",
        "李 雷，王 芳",
        "lab3 (final) - copy",
        "-5",
        "+4.25",
        "0",
        "",
    ],
)
def test_honest_texts_stay(text: str) -> None:
    """Names, addresses and numbers are written as they are."""
    assert cell(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (DDE, "b;'=1+cmd|' calc'!A0;"),
        ("=SUM(A1)", "'=SUM(A1)"),
        ("Ann; =1", "Ann; '=1"),
        ('Ann;"=1"', 'Ann;"\'=1"'),
        ("＝1；＠x", "'＝1；'＠x"),
        ("a\n+1", "a\n'+1"),
        ("\ufeff=1", "\\ufeff=1"),  # what cannot be seen is written out
        ("-5-cmd", "'-5-cmd"),
    ],
)
def test_what_could_be_a_formula_is_a_text(text: str, shown: str) -> None:
    """An apostrophe stands before the sign, and the rest can be read."""
    assert cell(text) == shown


def test_points_are_numbers() -> None:
    """A column of points can be summed up."""
    [_header, row] = csv.reader(io.StringIO(gradebook(submission(DDE, score=7)), newline=""))
    assert row[-4:] == ["7", "0", "7", "20"]
