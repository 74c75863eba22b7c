"""What is said of every wrong submission, frozen: a change of words is seen before it is shipped.

`python -m tests.goldens` prints what differs from the stored findings, `--update` stores them anew;
a difference is read by a person, and either wanted or a bug.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from grader.render.timeline.draw import draw_raw
from grader.render.timeline.scene import finding_of
from grader.render.timeline.telling import telling_check
from grader.results import ExerciseResult, Outcome
from tests.corpus import ROOT, Labelled, load
from tests.grading import grade_corpus

__all__ = ["differences", "findings", "found", "steady", "stored", "wrong"]

SEED = 1
OF_THE_MACHINE = ("key-from-the-process",)
"""Mistakes shown by a process's number or an object's address, which is another each time."""

FILE = "findings.json"  # in the folder of the exercise's submissions


def wrong() -> tuple[Labelled, ...]:
    """The submissions whose findings are stored."""
    some = (one for one in load() if one.label == "wrong")
    return tuple(one for one in some if one.misconception not in OF_THE_MACHINE)


def findings(result: ExerciseResult) -> dict[str, Any]:
    """What a learner is told: the findings with their hints, and the notes on the timeline.

    Without the ends of long keys, which may be addresses.
    """
    told = {
        "checks": [
            {
                "check": check.check,
                "outcome": check.outcome.value,
                "why": check.why and check.why.value,
                "misconception": check.misconception,
                "line": check.line,
                "message": check.message.splitlines(),
                "hint": check.hint,
            }
            for check in result.checks
            if check.outcome is not Outcome.PASSED
        ],
        "notes": list(_notes(result)),
    }
    kept: dict[str, Any] = json.loads(_without_ends(json.dumps(told, ensure_ascii=False)))
    return kept


def steady(mistake: str | None, message: str) -> str:
    """A message as it is in every process, or nothing of it where its evidence is the machine's."""
    return "" if mistake in OF_THE_MACHINE else _without_ends(message)


def _without_ends(text: str) -> str:
    return re.sub(r"…\w+'", "…'", text)


def _notes(result: ExerciseResult) -> Iterator[str]:
    check = telling_check(result)
    trace = check.observation.trace if check is not None else None
    drawing = draw_raw(trace, finding_of(check))
    if drawing is not None:
        names = {lane.task: lane.name for lane in drawing.lanes}
        for note in drawing.notes:
            lane = "queue" if note.task is None else names[note.task]
            yield f"{note.at:.3f} {lane} {note.text}"


def found(submissions: Iterable[Labelled]) -> dict[str, dict[str, Any]]:
    """The findings on submissions as they are now, by the submissions' ids."""
    return {one.id: findings(result) for one, result in grade_corpus([*submissions], SEED)}


def stored() -> dict[str, dict[str, Any]]:
    """The findings as they were when somebody last looked."""
    known: dict[str, dict[str, Any]] = {}
    for file in sorted(ROOT.glob(f"*/{FILE}")):
        known |= json.loads(file.read_text(encoding="utf-8"))
    return known


def differences(before: Any, after: Any) -> list[str]:
    """The lines in which two findings differ; none where they are the same."""
    old, new = (
        json.dumps(one, indent=1, ensure_ascii=False).splitlines() for one in (before, after)
    )
    changed = difflib.unified_diff(old, new, n=0, lineterm="")
    return [line for line in changed if not line.startswith(("---", "+++", "@@"))]


def _store(now: dict[str, dict[str, Any]]) -> None:
    exercises = {one.id: one.exercise for one in wrong()}
    for exercise in sorted({exercises[key] for key in now}):
        rows = {key: row for key, row in sorted(now.items()) if exercises[key] == exercise}
        text = json.dumps(rows, indent=1, ensure_ascii=False)
        (ROOT / exercise / FILE).write_text(f"{text}\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.goldens", description=__doc__)
    parser.add_argument("part", nargs="?", default="", help="of the ids to look at; default: all")
    parser.add_argument("--update", action="store_true", help="store what is found")
    options = parser.parse_args()
    known = stored()
    now = found(one for one in wrong() if options.part in one.id)
    changed = [key for key in now if now[key] != known.get(key)]
    for key in changed:
        print(key, *differences(known.get(key), now[key]), sep="\n    ")
    print(f"{len(now)} submissions, {len(changed)} told otherwise than stored.")
    if options.update:
        ids = {one.id for one in wrong()}
        _store({key: row for key, row in (known | now).items() if key in ids})
        return 0
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())
