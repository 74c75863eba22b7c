"""A page of the lesson on a screen: its Markdown, its pictures as text, its links as a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.markdown import CodeBlock, Heading, ListItem, Markdown
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from grader.course.pages import IMAGE, LINK, Page
from grader.render.glyphs import UNICODE, glyphs_for
from grader.render.layout import GAP, Hanging, aligned

__all__ = ["LessonPage"]

WIDEST = 80  # columns: prose in longer lines is hard to read


class LessonPage:
    """A page; below it the commands that lead on, each with its purpose."""

    paged = True

    def __init__(self, page: Page, onward: tuple[tuple[str, str], ...] = ()) -> None:
        self.page = page
        self.onward = onward

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        narrow = options.update(width=min(WIDEST, options.max_width))
        for part in self._parts(options):
            for line in _within(console.render_lines(part, narrow, pad=False)):
                yield from line
                yield Segment.line()
        yield from aligned(self.onward, narrow.max_width, indent=0)

    def _parts(self, options: ConsoleOptions) -> Iterator[RenderableType]:
        links: list[str] = []
        text = LINK.sub(partial(_numbered, links), self.page.text)
        end = 0
        for found in IMAGE.finditer(text):
            yield _Calm(text[end : found.start()])
            yield GAP
            yield from self._picture(found["name"], found["words"], options)
            end = found.end()
        yield _Calm(text[end:])
        yield GAP
        for number, link in enumerate(links, 1):
            address = Text(link, "aside")
            address.stylize(Style(link=link))  # also where it is broken into lines
            yield Hanging(Text(f"[{number}] ", "aside"), address)
        yield GAP

    def _picture(self, name: str, words: str, options: ConsoleOptions) -> Iterator[RenderableType]:
        twins = self.page.pictures[name]
        drawn = twins.unicode if glyphs_for(options) is UNICODE else twins.ascii
        yield Hanging("", Text(words, "aside"))
        yield GAP
        for line in drawn.splitlines():
            yield Text(line, no_wrap=True, overflow="crop")
        yield GAP


def _numbered(links: list[str], found: re.Match[str]) -> str:
    """Return a link's words with its number in the list; a link to another page is its words alone."""
    words, to = found["words"], found["to"]
    if not to.startswith("https://"):
        return words
    if to not in links:
        links.append(to)
    return rf"{words} \[{links.index(to) + 1}\]"


def _within(lines: list[list[Segment]]) -> list[list[Segment]]:
    """Return the lines of a part without blanks at their ends; an empty line above it is left out."""
    found = [_without_blanks(line) for line in lines]
    return found[1:] if len(found) > 1 and not found[0] else found


def _without_blanks(line: list[Segment]) -> list[Segment]:
    """Return a line without the blanks at its end, which a file would keep."""
    while line and not line[-1].text.strip():
        line = line[:-1]
    return [*line[:-1], Segment(line[-1].text.rstrip(), line[-1].style)] if line else []


# -- Rich's Markdown, without boxes and backgrounds --------------------------------------------


class _Title(Heading):
    """A heading on the left, in bold."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Text(self.text.plain, "heading" if self.tag != "h1" else "title")


class _Code(CodeBlock):
    """A block of code, indented; a line that is too long goes on below itself."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        style = "code" if self.lexer_name == "python" else ""
        for line in str(self.text).rstrip().splitlines():
            blanks = len(line) - len(line.lstrip())
            yield Hanging("", Text(line.lstrip(), style), 4 + blanks)


class _Item(ListItem):
    """An item of a list behind a dash, which every stream can show."""

    def render_bullet(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=options.max_width - 2)
        for number, line in enumerate(console.render_lines(self.elements, inner, pad=False)):
            yield Segment("  " if number else "- ")
            yield from line
            yield Segment.line()


class _Calm(Markdown):
    """Markdown that looks like the other screens."""

    elements = {  # noqa: RUF012 - Rich declares it so
        **Markdown.elements,
        "heading_open": _Title,
        "fence": _Code,
        "code_block": _Code,
        "list_item_open": _Item,
    }
