"""Picks the few notes that matter: those that show the mistake which the check has found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from grader.render.foreign import harmless
from grader.render.timeline.model import Note
from grader.render.timeline.notes import ends, marks, pauses, queues, tries
from grader.render.timeline.notes.evidence import Evidence

__all__ = ["notes"]

MOST = 5  # notes below a timeline
EACH = 2  # notes of one kind, before the rest is only counted

Detector = Callable[[Evidence], Iterable[Note]]

# Whatever the check says: where these were seen they belong into the picture.
_CERTAIN: Sequence[Detector] = (ends.blocked, ends.died, ends.deadlocks, ends.polling)
_WELL: Sequence[Detector] = (
    queues.full,
    pauses.first_pause,
    tries.gave_up,
    ends.died,
    ends.cancelled,
    ends.well,
)


def notes(evidence: Evidence) -> tuple[Note, ...]:
    """The notes to show, in the order of time: never more than `MOST`."""
    if not evidence.failing:
        return _ordered(_first_of_each(_found(evidence, _WELL)))
    wanted = [note for note in _found(evidence, _family(evidence)) if _tells(evidence, note)]
    certain = [note for note in _found(evidence, _CERTAIN) if note not in wanted]
    picked = [*_few(wanted), *_few(certain)]
    if not picked:
        picked = [_from_message(evidence)]
    elif wanted and wanted[0].code == "gave-up":
        said = evidence.finding.message.partition("\n")[0].rstrip(".")
        picked[0] = replace(picked[0], text=f"{picked[0].text} · {harmless(said)}", wrong=True)
    return _ordered(_one_place(picked[:MOST]))


def _family(evidence: Evidence) -> Sequence[Detector]:
    """The detectors that the mistake names: `module.function` of this folder."""
    modules = {"ends": ends, "marks": marks, "pauses": pauses, "queues": queues, "tries": tries}
    named = [name.partition(".") for name in evidence.finding.shows]
    return [getattr(modules[module], name) for module, _, name in named]


def _found(evidence: Evidence, detectors: Iterable[Detector]) -> list[Note]:
    return [note for detect in detectors for note in detect(evidence)]


def _tells(evidence: Evidence, note: Note) -> bool:
    """Whether a note shows something wrong; for wrong counts the items given up on do."""
    return note.wrong or note.code == "gave-up" or evidence.finding.code is None


def _few(found: Sequence[Note]) -> list[Note]:
    """The first notes of each kind; the last of them says how many more there are."""
    kinds: Mapping[str, list[Note]] = {note.code: [] for note in found}
    for note in found:
        kinds[note.code].append(note)
    shown: list[Note] = []
    for alike in kinds.values():
        shown += alike[:EACH]
        more = len(alike) - EACH
        if more > 0:
            text = f"{alike[EACH - 1].text} (and {more} more like it)"
            shown[-1] = replace(alike[EACH - 1], text=text)
    return shown


def _first_of_each(found: Sequence[Note]) -> list[Note]:
    firsts: dict[str, Note] = {}
    for note in found:
        firsts.setdefault(note.code, note)
    return list(firsts.values())


def _one_place(found: Sequence[Note]) -> list[Note]:
    """The same notes, without one that says of a moment what another has said already."""
    kept: list[Note] = []
    for note in found:
        if not any((note.at, note.task, note.text) == (k.at, k.task, k.text) for k in kept):
            kept.append(note)
    return kept


def _ordered(found: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(sorted(found, key=lambda note: note.at)[:MOST])


# -- where no detector knows better, the message itself ----------------------------------------

_TIME = re.compile(r"(?<![\d.])(\d+\.\d{3}) s\b")
_ITEM = re.compile(r"[Ii]tem '?([^\s,:'`]+)")


def _from_message(evidence: Evidence) -> Note:
    """The first line of the check's message, at the moment and in the lane that it speaks of."""
    message = harmless(evidence.finding.message.partition("\n")[0])
    item = _item_in(evidence, message)
    at = _moment(evidence, message, item)
    task = _speaker(evidence, message, item, at)
    if task is not None:
        message = message.removeprefix(f"{evidence.cast.name(task)} ")
    return evidence.note(at, task, "finding", message.rstrip("."))


def _item_in(evidence: Evidence, message: str) -> int | None:
    found = _ITEM.search(message)
    names = [str(name) for name in evidence.trace.items]
    return names.index(found[1]) if found and found[1] in names else None


def _moment(evidence: Evidence, message: str, item: int | None) -> float:
    """The first time in the message that lies within the run; else the item's end, or the run's."""
    end = evidence.trace.clock
    for found in _TIME.finditer(message):
        if float(found[1]) <= end + 0.001:
            return min(float(found[1]), end)
    tried = [one for one in evidence.trace.tries if one.item == item and one.end is not None]
    if tried:
        return tried[-1].end or 0.0
    puts = [step.at for step in evidence.trace.puts if item is not None and step.item == item]
    back = [retry.start + retry.pause for retry in evidence.trace.retries]
    waits = not {"pauses.pauses", "pauses.crowds"}.isdisjoint(evidence.finding.shows)
    return next(iter([*puts, *(back if waits else [])]), end)


def _speaker(evidence: Evidence, message: str, item: int | None, at: float) -> int | None:
    """The task that the message names, or that had the item or did something at that moment."""
    named = [(message.find(evidence.cast.name(t)), t) for t in evidence.cast.tasks()]
    places = [(place, task) for place, task in named if place >= 0]
    if places:
        return min(places)[1]
    own = [e for e in _busy(evidence, item) if e[0] <= at + 0.001]
    return own[-1][1] if own else None


def _busy(evidence: Evidence, item: int | None) -> Iterator[tuple[float, int]]:
    for one in evidence.trace.tries:
        if item is None or one.item == item:
            yield one.start, one.task
