"""Reads `submission_metadata.yml`, which names the senders of each folder of a Gradescope export.

Its keys are folder names; each holds `:submitters:`, a list of `:name:`, `:sid:`, `:email:`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

from grader.class_results import Sender
from grader.errors import UsageError
from grader.intake.names import printable

__all__ = ["METADATA", "read_metadata"]

METADATA = "submission_metadata.yml"
LARGEST = 64 << 20  # bytes; the file also holds all results of the class


def read_metadata(file: IO[bytes], shown: str) -> dict[str, tuple[Sender, ...]]:
    """Return the senders by folder. Raises `UsageError` when the file cannot be understood."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise UsageError(f"{shown} is larger than {LARGEST >> 20} MB: is it Gradescope's own?")
    loaded = _loaded(data, shown)
    if not isinstance(loaded, dict):
        raise UsageError(f"{shown} does not list submissions: take Gradescope's export as it came.")
    return {folder: _senders(folder, record) for folder, record in loaded.items()}


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


def _senders(folder: str, record: object) -> tuple[Sender, ...]:
    number = folder.removeprefix("submission_")
    found = record.get(":submitters") or [] if isinstance(record, Mapping) else []
    people = [person for person in found if isinstance(person, Mapping)]
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
    value = person.get(key)
    return printable(value.strip()) if isinstance(value, str) else ""
