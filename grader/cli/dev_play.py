"""Prints what happens in the scenarios of an exercise's checks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from grader.course.catalog import Entry
from grader.errors import UsageError
from grader.judge.prefetch import requests_of
from grader.lab import Lab
from grader.lab.told import told
from grader.script import Script, to_json

__all__ = ["play", "script"]

SEED = 0


def play(entry: Entry, word: str, file: str) -> Iterator[str]:
    """The first scenarios of a check, and what the reference does in them, a line an event.

    word: in the check's name; "" for the first check. file: what is played instead of the reference; it
    is run in this very process, without walls.
    """
    check, scripts = _asked(entry, word)
    path = Path(file) if file else entry.solution
    try:
        code = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"`{path}` cannot be read: {error}.") from error
    with Lab(str(SEED)) as lab:
        answer = lab.load(code, path.name, entry.id)
        for one in scripts:
            yield f"-- {check}: {', '.join(call.function for call in one.calls)}"
            yield from told(lab.run(one) if answer["loaded"] else answer)


def script(entry: Entry, word: str) -> str:
    """The first script of a check, as JSON for `python -m grader.lab FILE SCRIPT`."""
    return json.dumps(to_json(_asked(entry, word)[1][0]))


def _asked(entry: Entry, word: str) -> tuple[str, list[Script]]:
    """The first check with this word in its name, and what it asks for first."""
    for check, requests in requests_of(entry, SEED).items():
        if word in check and requests:
            return check, [one for one, _process in requests]
    raise UsageError(f"No check of {entry.id} that asks for a scenario has '{word}' in its name.")
