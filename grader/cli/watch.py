"""Grades again whenever a file is saved, and answers keys meanwhile."""

from __future__ import annotations

import itertools
import queue
import signal
import threading
import time
from argparse import Namespace
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli import reset, worker
from grader.cli.folders import is_own, sandbox_for, wanted_folder
from grader.cli.hint import climb
from grader.cli.invocation import invocation
from grader.cli.options import Parser
from grader.cli.welcome import WELCOME, is_first_start
from grader.course import catalog
from grader.errors import GraderError
from grader.practice import machine
from grader.practice.editor import NO_EDITOR, Call, call_for
from grader.practice.events import (
    Advanced,
    Cancel,
    Changing,
    Climb,
    Edit,
    EditorClosed,
    Effect,
    Event,
    Grade,
    Graded,
    Hinted,
    Noticed,
    Outdated,
    Quit,
    Reset,
    Saved,
    Suspend,
    TakeBack,
    Ticked,
)
from grader.practice.progress import Progress, Store, open_store, place
from grader.practice.saves import Saves, pause_after
from grader.practice.state import State, Step
from grader.practice.workers import Workers
from grader.render.invocation import Invocation

if TYPE_CHECKING:
    import subprocess

    from grader.cli.displays import Display

__all__ = ["Watched", "declare", "run"]

MOMENT = 0.25  # seconds; redraw interval while a run is in progress

# Without SIGWINCH the window's size has to be polled; otherwise an idle loop has nothing to do.
_IDLE = None if hasattr(signal, "SIGWINCH") else 2 * MOMENT

Inbox = queue.SimpleQueue[Event]


@dataclass(frozen=True)
class Watched:
    """Result: exercises done, and in all, when the learner quit."""

    done: int
    exercises: int
    invocation: Invocation
    notices: tuple[str, ...] = ()
    exit_code: int = 0

    def view(self) -> str:
        far = f"{self.done} of {self.exercises} done."
        return far if self.done == self.exercises else f"{far} Carry on: {self._command}"

    @property
    def _command(self) -> str:
        return self.invocation.command("watch")


def declare(parser: Parser) -> None:
    """Declare the exercise to begin with; the default is the first that does not pass."""
    parser.take("exercise", nargs="?")
    parser.take("--from", "--trust-submissions", "--seed", "--no-fork")


def run(options: Namespace) -> Watched:
    """Watch until the learner quits."""
    named = catalog.chosen([options.exercise]) if options.exercise else ()
    folder = wanted_folder(options.folder)
    sandbox_for(options.folder, trust=options.trust)  # declines before the screen is taken
    own = is_own(folder)
    inbox: Inbox = queue.SimpleQueue()
    with Workers(worker.command(options), inbox.put) as workers:
        # The worker warms up while this process does its slow imports.
        from grader.cli.displays import open_display  # noqa: PLC0415

        with (
            open_store(place(catalog.find_home())) if own else nullcontext() as store,
            open_display(inbox.put) as display,
        ):
            course = tuple(_steps(store))
            ids = [entry.id for entry in named]
            current = _first_open([step for step in course if not ids or step.exercise in ids])
            loop = _Loop(inbox, workers, store, display, folder)
            state = loop.run(course, current, welcome=_greets(store, folder))
            notices = store.notices if store else ()
    return Watched(state.done, len(course), invocation(options.folder), notices)


def _steps(store: Store | None) -> list[Step]:
    known = store.progress() if store else {}
    return [_step(entry, known.get(entry.id)) for entry in catalog.exercises()]


def _step(entry: catalog.Entry, known: Progress | None) -> Step:
    if known is None:
        return Step(entry.id, entry.title, track=entry.track)
    return Step(
        entry.id, entry.title, known.outcome, known.score, known.max_score, track=entry.track
    )


def _first_open(course: Sequence[Step]) -> str:
    return next((step for step in course if not step.done), course[0]).exercise


def _greets(store: Store | None, folder: Path) -> bool:
    """Whether to welcome the learner: once, at the first start."""
    first = is_first_start(store, folder)
    if first and store is not None:
        store.told(WELCOME)
    return first


def _is_urgent(effect: Effect) -> bool:
    return isinstance(effect, Grade | Cancel | TakeBack)


class _Loop:
    """Steps the state machine through events, draws each state and carries out the effects.

    store: None for a folder that is not the learner's own.
    """

    def __init__(
        self, inbox: Inbox, workers: Workers, store: Store | None, display: Display, folder: Path
    ) -> None:
        self._inbox = inbox
        self._workers = workers
        self._store = store
        self._display = display
        self._files = {entry.id: folder / f"{entry.id}.py" for entry in catalog.exercises()}
        self._saves = Saves(self._files)
        self._over = False

    def run(self, course: tuple[Step, ...], current: str, *, welcome: bool = False) -> State:
        """Run until `Quit`; return the last state. welcome: as in `State`."""
        threading.Thread(target=self._poll, name="saves", daemon=True).start()
        state, effects = machine.begin(course, current, welcome=welcome)
        event: Event | None = None
        drawn = 0.0
        while not self._over:
            # Before drawing, start a run and take the terminal back; all else may wait until the
            # verdict is on the screen.
            for effect in filter(_is_urgent, effects):
                self._do(effect)
            # A run's progress waits for the next tick: drawing takes processor time from the run.
            if not (isinstance(event, Advanced) and time.monotonic() - drawn < MOMENT):
                state, _ = machine.step(state, self._display.fit(state))
                self._display.draw(state)
                drawn = time.monotonic()
            for effect in itertools.filterfalse(_is_urgent, effects):
                self._do(effect)
            if not self._over:
                event = self._checked(self._next(state))
                state, effects = machine.step(state, event)
        return state

    def _next(self, state: State) -> Event:
        try:
            return self._inbox.get(timeout=MOMENT if state.running else _IDLE)
        except queue.Empty:
            return Ticked()

    def _checked(self, event: Event) -> Event:
        """Return `Outdated` for verdicts on files that have changed; add the time to others."""
        if not isinstance(event, Graded):
            return event
        if not all(self._saves.is_of(result) for result in event.results):
            return Outdated(event.run)
        return replace(event, at=f"{datetime.now().astimezone():%H:%M:%S}")

    def _poll(self) -> None:
        """Poll the files until the loop ends (runs in its own thread)."""
        while not self._over:
            began = time.monotonic()
            look = self._saves.look()
            if look.changing:
                self._inbox.put(Changing(look.changing))
            if look.saved:
                self._inbox.put(Saved(look.saved))
            time.sleep(pause_after(time.monotonic() - began))

    # -- effects --------------------------------------------------------------------------------

    def _do(self, effect: Effect) -> None:
        match effect:
            case Grade(number, exercises):
                self._workers.grade(number, exercises)
            case Cancel():
                self._workers.cancel()
            case Climb():
                self._climb(effect)
            case Reset(exercise):
                self._inbox.put(Noticed(self._reset(exercise)))
            case Edit(exercise, line):
                self._edit(self._files[exercise], line)
            case TakeBack():
                self._display.take_back()
            case Suspend():
                self._display.suspend()
            case Quit():
                self._over = True

    def _climb(self, effect: Climb) -> None:
        if effect.after is None:
            if self._store is not None:
                self._store.hint_shown(effect.exercise, effect.about, 1, asked=False)
            return
        level, again = min(effect.after + 1, effect.hints), effect.after >= effect.hints
        if self._store is not None:
            level, again = climb(self._store, effect.exercise, effect.about, effect.hints)
        self._inbox.put(Hinted(level, again))

    def _reset(self, exercise: str) -> str:
        if self._store is None:
            return "Only the files in exercises/ can be put back."
        try:
            return reset.run(Namespace(exercise=exercise)).view()
        except GraderError as error:
            return str(error)

    def _edit(self, file: Path, line: int | None) -> None:
        call = call_for(file, line)
        if call is None:
            self._inbox.put(Noticed(NO_EDITOR))
        elif call.own_window or self._display.lend():
            self._open(call)
        else:
            self._inbox.put(Noticed(f"Open {file} in your editor: this screen cannot be shared."))

    def _open(self, call: Call) -> None:
        try:
            process = call.start()
        except OSError as error:
            why = error.strerror or "unknown"
            self._inbox.put(EditorClosed(f"{call.words[0]} cannot be started ({why})."))
            return
        # Saves are graded meanwhile, so that the verdict is there when the editor closes.
        threading.Thread(target=self._wait_for, args=(process, call), daemon=True).start()

    def _wait_for(self, process: subprocess.Popen[bytes], call: Call) -> None:
        code = process.wait()
        failed = code and call.own_window
        self._inbox.put(EditorClosed(f"{call.words[0]} ended with {code}." if failed else ""))
