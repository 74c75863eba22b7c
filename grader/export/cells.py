"""Fills single cells of a CSV file, keeps every other byte, and prevents formulas.

The standard library's `csv` would write a new file; here quoting, line ends, a byte-order mark and
everything else must stay as the platform wrote them.

A spreadsheet's separator is unknown: with German settings it splits at semicolons, even a file
written with commas. So every place where some reader may begin a cell is checked, not only the
start of a text (OWASP, "CSV Injection", also asks for more than the first character).
"""

from __future__ import annotations

import codecs
import locale
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from grader.errors import UsageError

__all__ = ["Cell", "Style", "Table", "text_at", "without_formulas"]

WIDE = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}
_NO_HELP = ("utf-8", "ascii", "iso8859-1")  # of the last, cp1252 is what is really written
# Code pages whose letters cannot be taken for others', and the letters.
_PAGES = (
    ("cp949", re.compile("[\uac00-\ud7a3]+")),
    (
        "cp1251",
        re.compile("[\u0401\u0404\u0406\u0407\u0410-\u044f\u0451\u0454\u0456\u0457\u0490\u0491]+"),
    ),
)
SEPARATORS = (",", ";", "\t")
_SAID = re.compile(r"sep=(?P<separator>[,;\t])(?:\r\n|\r|\n)", re.IGNORECASE)  # for spreadsheets
_SIGNS = frozenset("=+-\u2212@")  # begin a formula
_ENDS = frozenset(",;|\t\n\r\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029")  # end a cell for some reader
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_WITH_COMMA = re.compile(r"\d+,\d{1,3}", re.ASCII)
_WITH_POINT = re.compile(r"\d+\.\d+", re.ASCII)
_UNSEEN = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}


def without_formulas(text: str) -> str:
    """Return the text with an apostrophe before each sign that could begin a formula.

    A sign can begin one where a cell begins for some reader: at the start and after any separator,
    with only quotes, spaces and invisible characters between. Full-width signs and separators
    count too, since some programs treat them like narrow ones. A number stays unchanged.
    """
    if _NUMBER.fullmatch(text):
        return text
    written, at_start = [], True
    for one in text:
        narrow = unicodedata.normalize("NFKC", one)
        if at_start and narrow[0] in _SIGNS:
            written.append("'")
        if narrow[-1] in _ENDS:
            at_start = True
        elif narrow != '"' and unicodedata.category(one) not in _UNSEEN:
            at_start = False
        written.append(one)
    return "".join(written)


@dataclass(frozen=True)
class Cell:
    """A cell's text, and its place: from byte `start` up to, not including, byte `end`."""

    text: str
    start: int
    end: int
    quoted: bool = False


def text_at(cells: Sequence[Cell], at: int | None) -> str:
    """Return a cell's text; "" for a column that a row or the file does not have."""
    return cells[at].text if at is not None and at < len(cells) else ""


@dataclass(frozen=True)
class Style:
    """How a CSV file is written; by default as RFC 4180 has it."""

    separator: str = ","
    newline: str = "\r\n"
    mark: bool = False  # a byte-order mark, by which spreadsheets know UTF-8


class Table:
    """The rows of a CSV file, with their places in its bytes.

    The separator is the one that splits the first row into the most cells. Raises `UsageError`
    when the bytes are not text; shown: the file's name in that message. wide: UTF-16 is taken, too, where
    it begins with a byte-order mark.
    """

    def __init__(self, content: bytes, shown: str, *, wide: bool = False) -> None:
        self._wide = next((one for one in WIDE if wide and content.startswith(WIDE[one])), "")
        if self._wide:
            content = _narrow(content, self._wide, shown)
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in content:
            raise UsageError(f"{shown} is no CSV in UTF-8: take the platform's file as it came.")
        self.content = content
        # One character per byte: separators and quotes are ASCII in every encoding used here.
        self._text = content.decode("latin-1")
        self._bom = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
        self._encoding = _encoding(content)
        said = _SAID.match(self._text, self._bom)
        self._begin = said.end() if said else self._bom
        self.separator = (
            said["separator"]
            if said
            else max(SEPARATORS, key=lambda one: len(self._row(self._begin, one)[0]))
        )

    @cached_property
    def rows(self) -> list[list[Cell]]:
        """All rows; an empty line is a row with one empty cell."""
        rows, at = [], self._begin
        while at < len(self._text):
            row, at = self._row(at, self.separator)
            rows.append(row)
        return rows

    @property
    def style(self) -> Style:
        """How the file is written."""
        newline = next((one for one in ("\r\n", "\n", "\r") if one in self._text), "\r\n")
        return Style(self.separator, newline, bool(self._bom))

    @cached_property
    def _comma(self) -> bool:
        """True where numbers have a decimal comma: as the file's own have, or else by its separator."""
        texts = [cell.text.strip() for row in self.rows for cell in row]
        if any(_WITH_COMMA.fullmatch(text) for text in texts):
            return not any(_WITH_POINT.fullmatch(text) for text in texts)
        return self.separator == ";" and not any(_WITH_POINT.fullmatch(text) for text in texts)

    def number(self, text: str) -> str:
        """Return a number with a decimal point as this file has numbers."""
        return text.replace(".", ",") if self._comma else text

    def _row(self, at: int, separator: str) -> tuple[list[Cell], int]:
        """Return the cells from `at` to the end of the row, and where the next row begins."""
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
            return self._decoded(found["plain"])
        # Some programs leave text between the closing quote and the separator: keep it in the cell.
        return self._decoded(found["inner"].replace('""', '"') + found["rest"])

    def _decoded(self, text: str) -> str:
        return text.encode("latin-1").decode(self._encoding, "replace")

    def filled(self, values: Mapping[tuple[int, int], str]) -> bytes:
        """Return the file's bytes with new texts in some cells. values: by row and column, from 0."""
        pieces, at = [], 0
        for (row, column), value in sorted(values.items()):
            start, end, text = self._patch(self.rows[row], column, value)
            pieces += [self.content[at:start], text.encode(self._encoding, "replace")]
            at = end
        filled = b"".join([*pieces, self.content[at:]])
        if self._wide:
            return WIDE[self._wide] + filled.decode("utf-8").encode(self._wide, "surrogatepass")
        return filled

    def _patch(self, row: Sequence[Cell], column: int, value: str) -> tuple[int, int, str]:
        """Return the bytes to replace, from start to end, and the text for them.

        A row that a spreadsheet cut short gets the missing separators.
        """
        if column >= len(row):
            end = row[-1].end
            return end, end, self.separator * (column - len(row) + 1) + self._formatted(value)
        cell = row[column]
        return cell.start, cell.end, self._formatted(value, quoted=cell.quoted)

    def _formatted(self, value: str, *, quoted: bool = False) -> str:
        value = without_formulas(value)
        if quoted or any(one in value for one in (self.separator, '"', "\r", "\n")):
            return '"' + value.replace('"', '""') + '"'
        return value


def _cell_pattern(separator: str) -> re.Pattern[str]:
    """Return the pattern of a cell and its end; an unclosed quote is an ordinary character."""
    return re.compile(
        r'(?:(?P<quoted>"(?P<inner>[^"]*(?:""[^"]*)*)"(?P<rest>[^SEP\r\n]*))|(?P<plain>[^SEP\r\n]*))'
        r"(?P<end>SEP|\r\n|\r|\n|\Z)".replace("SEP", separator)
    )


def _narrow(content: bytes, wide: str, shown: str) -> bytes:
    """Return UTF-16 as UTF-8, from which every byte of it can be had again."""
    text = content[2:].decode(wide, "replace")
    if text.encode(wide) != content[2:]:
        raise UsageError(
            f"{shown} is no whole text in UTF-16: take the platform's file as it came."
        )
    return text.encode("utf-8")


def _encoding(content: bytes) -> str:
    """Return what a file is written in: UTF-8, or the code page of the spreadsheet that saved it."""
    if _decodes(content, "utf-8"):
        return "utf-8"
    own = codecs.lookup(locale.getencoding()).name
    if own not in _NO_HELP and _decodes(content, own):
        return own
    return next((page for page, script in _PAGES if _is_in(content, page, script)), "cp1252")


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_in(content: bytes, page: str, script: re.Pattern[str]) -> bool:
    """Return True where all that is not ASCII makes words of one script in this code page.

    Accents of western names stand beside plain letters; read in these pages they would make mixed words.
    """
    if not _decodes(content, page):
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", content.decode(page)) if not word.isascii()]
    return all(script.fullmatch(word) for word in words) and max(map(len, words), default=0) > 1
