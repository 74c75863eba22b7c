"""Reads `submission_metadata.yml`, which names the senders of each folder of a Gradescope export.

Its keys are folder names; each holds `:submitters:`, a list of `:name:`, `:sid:`, `:email:`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any

from grader.class_results import Attempt, Sender
from grader.errors import UsageError
from grader.intake.names import printable

__all__ = ["METADATA", "Sent", "attempt_of", "read_metadata"]

METADATA = "submission_metadata.yml"
LARGEST = 64 << 20  # bytes; the file also holds all results of the class


@dataclass(frozen=True)
class Sent:
    """Who sent a folder, and when: ISO 8601 with its zone, or "". late: as the export says."""

    senders: tuple[Sender, ...]
    submitted: str = ""
    late: bool = False


def attempt_of(sent: Sent) -> Attempt:
    """Return which attempt this is: those of the same people are one learner's."""
    people = sorted(one.sid or one.email or one.name for one in sent.senders)
    number = sent.senders[0].id
    learner = "+".join(one for one in people if one) or f"submission_{number}"
    return Attempt(learner, int(number) if number.isdecimal() else 0)


def read_metadata(file: IO[bytes], shown: str) -> dict[str, Sent]:
    """Return who sent each folder. Raises `UsageError` when the file cannot be understood."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UsageError(f"{shown} is larger than {LARGEST >> 20} MB: is it Gradescope's own?")
    loaded = _loaded(data, shown)
    if not isinstance(loaded, dict):
        raise UsageError(f"{shown} does not list submissions: take Gradescope's export as it came.")
    return {folder: _sent(folder, record) for folder, record in loaded.items()}


def _loaded(data: bytes, shown: str) -> Any:
    try:
        import yaml  # noqa: PLC0415 - only a Gradescope export needs it
    except ImportError:
        raise UsageError(
            f"Reading {shown} needs PyYAML: install it with `pip install pyyaml`, and run again."
        ) from None
    # The base loader yields only strings, lists and mappings: student numbers keep leading zeros.
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return yaml.load(data, Loader=loader)  # noqa: S506 - the safest loader there is
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" (line {line + 1})"
        raise UsageError(f"{shown} is no YAML{where}: take the export as it came.") from None


def _sent(folder: str, record: object) -> Sent:
    if not isinstance(record, Mapping):
        return Sent(_senders(folder, record))
    submitted, due = (_moment(_text(record, f":{key}")) for key in ("created_at", "due_date"))
    lateness = _text(record, ":lateness").strip("0:.")
    late = bool(lateness) or _text(record, ":late").lower() == "true"
    if submitted is not None and due is not None and submitted.tzinfo and due.tzinfo:
        late = late or submitted > due
    return Sent(_senders(folder, record), submitted.isoformat() if submitted else "", late)


def _moment(text: str) -> datetime | None:
    """Parse a time such as `2026-03-02 10:11:12.131415000 Z`; None for any other text."""
    short = re.sub(r"(\.[0-9]{6})[0-9]+", r"\1", text).replace(" UTC", "Z").replace(" Z", "Z")
    try:
        return datetime.fromisoformat(re.sub(r" ([+-][0-9])", r"\1", short))
    except ValueError:
        return None


def _senders(folder: str, record: object) -> tuple[Sender, ...]:
    number = folder.removeprefix("submission_")
    known = record if isinstance(record, Mapping) else {}
    found = known.get(":submitters", known.get("submitters"))
    people = [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
    senders = tuple(
        Sender(
            "gradescope",
            number,
            name=_text(person, ":name"),
            sid=_text(person, ":sid"),
            email=_text(person, ":email"),
        )
        for person in people
    )
    return senders or (Sender("gradescope", number),)


def _text(person: Mapping[str, object], key: str) -> str:
    value = person.get(key, person.get(key.removeprefix(":")))  # symbols of Ruby, or plain texts
    return printable(value.strip()) if isinstance(value, str) else ""
