"""Whether each item that is given up on is set aside, once, with its evidence, and waited for.

Each function raises `Failure` with the evidence, or returns when all is well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.course.api import Failure, Misconception, Trace, lines
from grader.course.ex15_set_dead_letters_aside.letters import Letter, Run, Runs, near, place_in
from grader.course.ex15_set_dead_letters_aside.mistakes import (
    KEY_GIVEN_UP,
    LETTER_FOR_EACH_FAILURE,
    LETTER_MISCOUNTS_TRIES,
    LETTER_POLLS_FOR_ROOM,
    LETTER_WAIT_BOUNDED,
    LETTER_WITHOUT_ITS_ERROR,
    LETTERS_KEPT_BACK,
    LETTERS_LOST,
    NOTHING_SET_ASIDE,
    RETURNS_BEFORE_THE_LETTER,
    WRONG_LETTER,
)
from grader.course.mistakes.crew import STATE_SHARED_BETWEEN_RUNS
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.pauses import SLEEPS_AFTER_LAST_FAILURE
from grader.trace import Event

__all__ = ["all_set_aside", "put_at_once", "waited_for"]

_ASKS = (
    "Each item that is given up on is put into dead_letters as (item, tries, error), once, and nothing "
    "else is put there."
)


def all_set_aside(runs: Runs) -> None:
    """Each item that was given up on has one letter, which says what it should."""
    if any(run.given_up for run in runs) and not any(run.letters for run in runs):
        run = next(run for run in runs if run.given_up)
        raise _nothing(run).about(run.trace)
    for run in runs:
        for letter in run.letters:
            failure = _wrong(run, letter)
            if failure is not None:
                raise failure.showing(at=letter.at, task=letter.task).about(run.trace)
        for item in run.given_up:
            if not run.letters_of(item):
                raise _lost(run, item).about(run.trace)
        if run.taken_out:
            raise _dropped(run).about(run.trace)
        for item in run.given_up:
            _, *more = run.letters_of(item)
            if more:
                raise LETTER_FOR_EACH_FAILURE(
                    f"For {run.name(item)} {1 + len(more)} letters were put into dead_letters"
                    f"{lines([letter.line for letter in run.letters_of(item)])}.",
                    _ASKS,
                    line=more[0].line,
                    at=more[0].at,
                    task=more[0].task,
                    item=item,
                ).about(run.trace)


def _nothing(run: Run) -> Misconception:
    item = run.given_up[0]
    last = run.last[item]
    return NOTHING_SET_ASIDE(
        f"{run.title(item)} was given up on at {last.end:.3f} s, after try {last.number} "
        "had failed, and nothing was put into dead_letters: it is gone, and so is its error.",
        _ASKS,
        line=last.line,
        at=last.end,
        task=last.task,
        item=item,
    )


def _lost(run: Run, item: int) -> Failure:
    last = run.last[item]
    seen = (
        f"{run.title(item)} was given up on at {last.end:.3f} s, and no letter of it was ever "
        f"put into dead_letters, where there are {len(run.letters)} of others"
    )
    at: dict[str, Any] = {"line": last.line, "at": last.end, "task": last.task, "item": item}
    limit = [e for e in run.trace.of("timer") if e.at > (last.end or 0.0) and _since(e, last.end)]
    if limit:
        return LETTER_WAIT_BOUNDED(
            f"{seen}: the wait for room in it was ended after {limit[0].data[0]:.4g} s"
            f"{lines([limit[0].line])}.",
            _ASKS + " When it is full, the letter waits, however long.",
            **{**at, "line": limit[0].line},
        )
    waited = [
        e
        for e in run.trace.of("put_wait")
        if e.task == last.task and e.at >= (last.end or 0.0) and e.data[0] in run.queues
    ]
    if waited and run.trace.how == "returned":
        return RETURNS_BEFORE_THE_LETTER(
            f"{run.title(item)} was given up on at {last.end:.3f} s, and its letter still waited for "
            f"room in dead_letters{lines([waited[0].line])} when run_pipeline returned at "
            f"{run.trace.clock:.3f} s.",
            _ASKS + " Only with that put is the item settled, and the run over.",
            **{**at, "line": waited[0].line},
        )
    room = run.scenario.room
    why = f": dead_letters holds {room}, and it was full" if room else ""
    return LETTERS_LOST(f"{seen}{why}.", _ASKS + " When it is full, the letter waits.", **at)


def _dropped(run: Run) -> Misconception:
    taken = run.taken_out[0]
    return LETTERS_LOST(
        f"At {taken.at:.3f} s {run.trace.label(taken.task)} took a letter out of dead_letters"
        f"{lines([taken.line])}: whoever reads them never sees it.",
        "Letters are put there for somebody else to read. When it is full, the letter waits.",
        line=taken.line,
        at=taken.at,
        task=taken.task,
    )


def _since(timer: Any, moment: float | None) -> bool:
    return moment is not None and near(timer.at - timer.data[0], moment)


def _wrong(run: Run, letter: Letter) -> Failure | None:
    """What is wrong with a letter itself."""
    item, value = letter.item, letter.value
    seen = f"At {letter.at:.3f} s {_shown(run.trace, value)} was put into dead_letters"
    seen += lines([letter.line])
    if item is not None and item not in run.last:
        return KEY_GIVEN_UP(
            f"{seen}, and {run.name(item)} had not been tried at all.",
            "An item is given up on when `attempts` tries of it have failed, whatever became of others.",
            line=letter.line,
            item=item,
        )
    if item is not None and not _is_due(run, letter):
        return LETTER_FOR_EACH_FAILURE(
            f"{seen}: {run.name(item)} was not given up on, by then.",
            _ASKS,
            line=letter.line,
            item=item,
        )
    if not isinstance(value, list) or len(value) != 3 or item is None:
        shape = "" if isinstance(value, list) else " It is a tuple of these three."
        return WRONG_LETTER(f"{seen}.", _ASKS + shape, line=letter.line, item=item)
    named, tries, error = value
    last = run.last[item]
    right = {"error": [last.service, item, last.number]}
    if named != {"item": item} or _is_error(tries) or type(error) is int:
        return WRONG_LETTER(
            f"{seen}, of {run.name(item)}.", f"{_ASKS} In this order.", line=letter.line, item=item
        )
    if tries != last.number or type(tries) is not int:
        return LETTER_MISCOUNTS_TRIES(
            f"{seen}: {run.name(item)} had been tried {last.number} times.",
            "tries is the number of tries that were made, the first one and the last one too.",
            line=letter.line,
            item=item,
        )
    if error != right:
        return LETTER_WITHOUT_ITS_ERROR(
            f"{seen}: what try {last.number} of {run.name(item)} raised is not in it.",
            "error is the exception that the last try raised: the object itself, not its text or type.",
            line=letter.line,
            item=item,
        )
    wrong = next(
        (q for q, call in zip(run.queues, run.scenario.calls, strict=False) if item in call), None
    )
    if wrong != letter.queue:
        return STATE_SHARED_BETWEEN_RUNS(
            f"{seen}: into those of another run of the pipeline, at the same time.",
            "Each run has dead_letters of its own, which it was called with.",
            line=letter.line,
            item=item,
        )
    return None


def _is_due(run: Run, letter: Letter) -> bool:
    """Whether the item of a letter was given up on when it was put."""
    last = run.last[letter.item or 0]
    return last.item in run.given_up and (last.end_order or 0) < letter.place


def _is_error(value: Any) -> bool:
    return isinstance(value, Mapping) and "error" in value


def _shown(trace: Trace, value: Any) -> str:
    """A letter in words."""
    if isinstance(value, list):
        return f"({', '.join(_shown(trace, one) for one in value[:5])})"
    if isinstance(value, Mapping):
        place = place_in(trace, value)
        if place is not None:
            return f"item {trace.name(place)}"
        raised = value.get("error") if len(value) == 1 else None
        if isinstance(raised, list):
            return f"the error of try {raised[2]} of item {trace.name(raised[1])}"
        if raised is not None:
            return f"an error of type {raised}"
        return f"an object of type {value['object']}" if [*value] == ["object"] else "a dict"
    return repr(value)[:60]


def put_at_once(runs: Runs) -> None:
    """A letter is put as soon as its item is given up on and there is room."""
    for run in runs:
        for state in run.states:
            if state.late is not None:
                raise _late(run, state.at, state.late).about(run.trace)


def _late(run: Run, at: float, item: int) -> Misconception:
    last, letters = run.last[item], run.letters_of(item)
    when = (
        f"was put into dead_letters only at {letters[0].at:.3f} s" if letters else "was never put"
    )
    seen = f"{run.title(item)} was given up on at {last.end:.3f} s, and its letter {when}"
    asks = (
        "It is put there at once; only while dead_letters is full does it wait, by awaiting put()."
    )
    rest: dict[str, Any] = {"at": at, "task": last.task, "item": item}
    naps = [e for e in run.trace.of("timer") if letters and near(e.at, letters[0].at)]
    if run.trace.blocked:
        stop = run.trace.blocked[0]
        return BLOCKS_THE_LOOP(f"{seen}{lines([stop.line])}.", asks, line=stop.line, **rest)
    if naps and naps[-1].task == letters[0].task:
        if not near(at, last.end or 0.0):  # it was full till then
            return LETTER_POLLS_FOR_ROOM(
                f"{seen}: there was room at {at:.3f} s, and it was asked for only after another sleep of "
                f"{naps[-1].data[0]:.4g} s{lines([naps[-1].line])}.",
                asks,
                line=naps[-1].line,
                **rest,
            )
        return SLEEPS_AFTER_LAST_FAILURE(
            f"{seen}: before that the consumer slept for {naps[-1].data[0]:.4g} s"
            f"{lines([naps[-1].line])}.",
            asks,
            line=naps[-1].line,
            **rest,
        )
    line = letters[0].line if letters else last.line
    return LETTERS_KEPT_BACK(
        f"{seen}{lines([line])}, though there was room.", asks, line=line, **rest
    )


def waited_for(runs: Runs) -> None:
    """`run_pipeline` did not return while a letter waited for room."""
    for run in runs:
        owed = [item for item in run.given_up if item not in run.settled]
        if run.trace.how == "returned" and owed and _pending(run):
            item = owed[0]
            raise RETURNS_BEFORE_THE_LETTER(
                f"run_pipeline returned at {run.trace.clock:.3f} s, and the letter of {run.name(item)}, "
                f"given up on at {run.last[item].end:.3f} s, still waited for room in dead_letters.",
                "It returns when all are settled: what is given up on is when its letter is put.",
                line=_pending(run)[-1].line,
                at=run.trace.clock,
                task=1,
                item=item,
            ).about(run.trace)


def _pending(run: Run) -> list[Event]:
    """The waits for room in dead_letters that went on when the run ended."""
    found: dict[int, Event] = {}
    for event in run.trace.events:
        if event.kind == "put_wait" and event.data[0] in run.queues:
            found[event.task] = event
        elif (event.kind == "put" and event.data[0] in run.queues) or event.kind == "end":
            found.pop(event.task, None)
    return [*found.values()]
