"""Finds the pages of the lesson: Markdown in `docs/lesson`, named by an exercise's id or a topic.

A picture stands beside the page as SVG, and twice more as text for terminals: in Unicode and in ASCII.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from grader.course import catalog
from grader.errors import CourseError

__all__ = ["IMAGE", "LINK", "Page", "Twins", "folder", "named", "page", "topics"]

IMAGE = re.compile(r"^!\[(?P<words>[^\]]+)\]\((?P<name>[\w-]+)\.svg\)$", re.MULTILINE)
"""A picture in a page: a line of its own."""

LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]+)\]\((?P<to>[^)\s]+)\)")
"""A link in a page."""


@dataclass(frozen=True)
class Twins:
    """A picture as text, at most 60 columns wide: in Unicode and in ASCII."""

    unicode: str
    ascii: str


@dataclass(frozen=True)
class Page:
    """A page of the lesson: its name, its Markdown, and its pictures by their names."""

    name: str
    text: str
    pictures: dict[str, Twins] = field(default_factory=dict)


def folder() -> Path:
    """The folder of the pages and their pictures."""
    return catalog.brought("docs") / "lesson"


def topics() -> tuple[str, ...]:
    """The names of the pages that belong to no exercise, in alphabetical order."""
    names = (file.stem for file in folder().glob("*.md"))
    return tuple(sorted(name for name in names if not catalog.ID.fullmatch(name)))


def named(name: str) -> str:
    """The page of a topic or an exercise; raises `UnknownExercise` if there is neither."""
    wanted = name.strip().lower()
    return wanted if wanted in topics() else catalog.resolve(name).id


def page(name: str) -> Page:
    """Read a page by its full name; raises `CourseError` if it is missing or damaged."""
    text = _read(f"{name}.md")
    names = [found["name"] for found in IMAGE.finditer(text)]
    twins = {one: Twins(_read(f"{one}.txt"), _read(f"{one}-ascii.txt")) for one in names}
    return Page(name, text, twins)


def _read(file: str) -> str:
    path = folder() / file
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise CourseError(f"docs/lesson/{file} is missing or damaged. {catalog.mend()}") from None
