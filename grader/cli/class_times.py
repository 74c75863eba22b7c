"""When submissions were sent, as a CSV or the history of clones says."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from grader.errors import UsageError
from grader.intake import Entry, Intake
from grader.intake.commits import Commits, Unknown
from grader.intake.names import in_utf8, printable

__all__ = ["GIT", "Timed", "timed", "times_option"]

GIT = "git"
HEADERS = {"submission", "time"}


@dataclass(frozen=True)
class Timed:
    """A class with its times. unknown: names without a time or without a submission, with reasons."""

    intake: Intake
    unknown: tuple[tuple[str, str], ...] = ()


def times_option(text: str | None) -> str | None:
    """Return the option as it is remembered: `git`, or the path of a CSV from anywhere."""
    return text if text in (None, GIT) else str(Path(text).absolute())


def timed(intake: Intake, times: str | None, sources: Iterable[Path]) -> Timed:
    """Return the class with the times that `--times` names; they replace those of a platform.

    Raises `UsageError` for a CSV that cannot be read, or a time without its offset.
    """
    if times is None:
        return Timed(intake)
    if times == GIT:
        return _from_clones(intake, _clones(sources))
    known = _read(Path(times))
    entries = tuple(_at(one, known) for one in intake.entries)
    named = {name for one in intake.entries for name in _names(one)}
    unknown = [
        (one.name, "the CSV has no time of it")
        for one in intake.entries
        if not _names(one) & set(known)
    ]
    unknown += [
        (printable(name), "the CSV has a time, and nobody of that name handed in")
        for name in known
        if name not in named
    ]
    return Timed(replace(intake, entries=entries), tuple(unknown))


# -- a CSV ----------------------------------------------------------------------------------------


def _read(path: Path) -> dict[str, str]:
    """Return the times by submission in lower case."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{path} cannot be read ({why}): name another file.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not in UTF-8: save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    headers = [cell.strip().casefold() for cell in next(rows, [])]
    if not set(headers) >= HEADERS:
        raise UsageError(f"{path} begins with other columns than submission,time: add that line.")
    found = {}
    for row in rows:
        cells = dict(zip(headers, (cell.strip() for cell in row), strict=False))
        if any(cells.values()):
            moment = _moment(cells.get("time", ""), f"{path}, line {rows.line_num}")
            found[cells["submission"].removeprefix("'").casefold()] = moment
    return found


def _moment(text: str, where: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{where}: '{text}' is no time: write 2026-03-01T23:59:00+01:00."
        ) from None
    if moment.tzinfo is None:
        raise UsageError(f"{where}: {text} has no time zone: add its offset, as in +01:00 or Z.")
    return moment.isoformat()


def _names(one: Entry) -> set[str]:
    known = [one.name, *(text for who in one.senders for text in (who.id, who.sid, who.email))]
    return {text.casefold() for text in known if text}


def _at(one: Entry, times: Mapping[str, str]) -> Entry:
    found = [times[name] for name in _names(one) if name in times]
    return replace(one, submitted=max(found, key=datetime.fromisoformat)) if found else one


# -- clones ---------------------------------------------------------------------------------------


def _clones(sources: Iterable[Path]) -> dict[str, Path]:
    """Return the clones among and directly in the folders that were given, by their entries' names."""
    folders = [
        folder
        for source in sources
        if source.is_dir()
        for folder in (source, *sorted(source.iterdir()))
        if (folder / ".git").is_dir() and not folder.is_symlink()
    ]
    return {printable(in_utf8(folder.resolve().name)): folder for folder in folders}


def _from_clones(intake: Intake, clones: Mapping[str, Path]) -> Timed:
    if not clones:
        raise UsageError(
            "--times git finds no clone in what was given: name the folder that the clones are in."
        )
    entries, unknown = [], []
    with tempfile.TemporaryDirectory() as own:
        commits = Commits.begin(Path(own))
        for one in intake.entries:
            try:
                entries.append(replace(one, submitted=_committed(commits, one, clones)))
            except Unknown as reason:
                entries.append(one)
                unknown.append((one.name, str(reason)))
    return Timed(replace(intake, entries=tuple(entries)), tuple(unknown))


def _committed(commits: Commits, one: Entry, clones: Mapping[str, Path]) -> str:
    clone = clones.get(one.name)
    if clone is None:
        raise Unknown("it is no clone")
    paths = list(_paths(one))
    if not paths:
        raise Unknown("nothing in it counts")
    return commits.last(clone, paths)


def _paths(one: Entry) -> Iterator[str]:
    yield from (source.path for source in one.files.values())
