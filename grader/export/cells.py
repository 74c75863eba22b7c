"""Cells of a CSV file: fills single ones, every other byte kept, and keeps formulas out of all.

The standard library's `csv` reads a file and writes another; here quoting, line ends, a byte-order
mark and whatever else the file holds must stay as the platform wrote them.

Nobody knows which separator a spreadsheet assumes: a computer set to German splits at semicolons
what was written with commas. So in a text each place where some reader may begin a cell is looked
at, not its start alone (OWASP, "CSV Injection", asks for more than the first character too).
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.errors import UsageError

__all__ = ["Cell", "Table", "without_formulas"]

SEPARATORS = (",", ";", "\t")
_SIGNS = frozenset("=+-\u2212@")  # that begin a formula
_ENDS = frozenset(",;|\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")  # of a cell, for some reader
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def without_formulas(text: str) -> str:
    """The text with an apostrophe before each sign that could begin a formula; numbers stay.

    A sign could where a cell begins for any reader: at the start and after any separator, with
    quotes, spaces and what cannot be seen in between. Wide signs and separators count like narrow
    ones, for some programs make no difference.
    """
    if _NUMBER.fullmatch(text):
        return text
    written, begins = [], True
    for one in text:
        narrow = unicodedata.normalize("NFKC", one)
        if begins and narrow[0] in _SIGNS:
            written.append("'")
        if narrow[-1] in _ENDS:
            begins = True
        elif narrow != '"' and unicodedata.category(one) not in _UNSEEN:
            begins = False
        written.append(one)
    return "".join(written)


@dataclass(frozen=True)
class Cell:
    """The text of a cell, and where it stands: from byte `start` to before byte `end`."""

    text: str
    start: int
    end: int
    quoted: bool = False


class Table:
    """The rows of a CSV file, as they stand in its bytes.

    The separator is the one that splits the first row into most cells. Raises `UsageError` when
    the bytes are no text; `shown` is what the file is called then.
    """

    def __init__(self, content: bytes, shown: str) -> None:
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
            raise UsageError(f"{shown} is no CSV in UTF-8: take the platform's file as it came.")
        self.content = content
        # One character for one byte: what separates and quotes is ASCII in every encoding here.
        self._text = content.decode("latin-1")
        self._bom = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
        self._encoding = _encoding(content)
        self.separator = max(SEPARATORS, key=lambda one: len(self._row(self._bom, one)[0]))

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """All rows; an empty line is a row of one empty cell."""
        rows, at = [], self._bom
        while at < len(self._text):
            row, at = self._row(at, self.separator)
            rows.append(row)
        return rows

    def _row(self, at: int, separator: str) -> tuple[list[Cell], int]:
        """The cells from `at` to the end of the row, and where the next row begins."""
        cells = []
        for found in _cell_pattern(separator).finditer(self._text, at):
            end = found.end("quoted") if found["quoted"] is not None else found.end("plain")
            cells.append(Cell(self._value(found), found.start(), end, found["quoted"] is not None))
            if found["end"] != separator:
                at = found.end()
                break
        return cells, at

    def _value(self, found: re.Match[str]) -> str:
        if found["quoted"] is None:
            return self._read(found["plain"])
        # What some programs leave between the closing quote and the separator belongs to it.
        return self._read(found["inner"].replace('""', '"') + found["rest"])

    def _read(self, text: str) -> str:
        return text.encode("latin-1").decode(self._encoding, "replace")

    def filled(self, values: Mapping[tuple[int, int], str]) -> bytes:
        """The file's bytes with other texts in some cells. values: by row and column, from 0."""
        pieces, at = [], 0
        for (row, column), value in sorted(values.items()):
            start, end, text = self._patch(self.rows[row], column, value)
            pieces += [self.content[at:start], text.encode(self._encoding, "replace")]
            at = end
        return b"".join([*pieces, self.content[at:]])

    def _patch(self, row: Sequence[Cell], column: int, value: str) -> tuple[int, int, str]:
        """What to write where; a row that a spreadsheet cut short gets the separators it lacks."""
        if column >= len(row):
            end = row[-1].end
            return end, end, self.separator * (column - len(row) + 1) + self._written(value)
        cell = row[column]
        return cell.start, cell.end, self._written(value, quoted=cell.quoted)

    def _written(self, value: str, *, quoted: bool = False) -> str:
        value = without_formulas(value)
        if quoted or any(one in value for one in (self.separator, '"', "\r", "\n")):
            return '"' + value.replace('"', '""') + '"'
        return value


def _cell_pattern(separator: str) -> re.Pattern[str]:
    """One cell and what ends it; a quote that is never closed is a character like another."""
    return re.compile(
        r'(?:(?P<quoted>"(?P<inner>[^"]*(?:""[^"]*)*)"(?P<rest>[^SEP\r\n]*))|(?P<plain>[^SEP\r\n]*))'
        r"(?P<end>SEP|\r\n|\r|\n|\Z)".replace("SEP", separator)
    )


def _encoding(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"  # what a spreadsheet on Windows makes of it
    return "utf-8"
