"""Reads the weather in a file, in which an exercise is graded instead of in its own scenarios."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from grader.course import catalog
from grader.errors import UsageError

__all__ = ["read_table", "weathered"]

MOST_BYTES = 64 << 10
HELP = "See docs/weathers/README.md."


@contextmanager
def weathered(names: Sequence[str], file: Path) -> Iterator[catalog.Entry]:
    """Yield the one exercise that is named, with the checks for a file's weather, which they get.

    Raises `UsageError` for a file that is no weather, and if not one exercise is named that takes one.
    """
    entry = _chosen(names)
    weathers = catalog.declared(entry.id).weathers
    if weathers is None:
        takers = [one.id for one in catalog.exercises() if catalog.declared(one.id).weathers]
        there = f"Leave --weather out, or name {' or '.join(takers)}." if takers else ""
        raise UsageError(f"{entry.id} takes no weather. {there}".strip())
    table = read_table(file)
    try:
        weather = weathers.read(table)
    except ValueError as error:
        raise UsageError(f"{file}: {error} {HELP}") from error
    with weathers.giving(weather):
        yield replace(entry, checks=entry.checks.with_name(f"{weathers.checks}.py"))


def _chosen(names: Sequence[str]) -> catalog.Entry:
    entries = catalog.chosen(names)
    if len(entries) != 1:
        raise UsageError("A weather is for one exercise: name it before --weather.")
    return entries[0]


def read_table(path: Path) -> Mapping[str, Any]:
    """Return the table in a TOML file; raises `UsageError` that says what to do about the file."""
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except FileNotFoundError:
        raise UsageError(f"There is no file {path}. Name one after --weather. {HELP}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}. Name a TOML file.") from error
    if data is None:
        raise UsageError(f"{path} is too large for a weather: write at most {MOST_BYTES >> 10} KB.")
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8. Save it as UTF-8. {HELP}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}. Mend that place. {HELP}") from error
    if not table:
        raise UsageError(f"{path} is empty. Begin with a copy of an example. {HELP}")
    return table
