"""`watch`: what is done about keys, saves and verdicts; the screens of terminals and of pipes."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest

from grader.cli import displays, panels, watch
from grader.cli.displays import _Lines, _Screen, open_display
from grader.practice.events import (
    Event,
    Fitted,
    Graded,
    Pressed,
    Resized,
    Troubled,
)
from grader.practice.progress import open_store, place
from grader.practice.state import Panel, State
from grader.results import ExerciseResult, Outcome
from tests.cli.conftest import NAMES, Run, result_of
from tests.practice.verdicts import COURSE, verdict
from tests.render.drawing import draw

Post = Callable[[Event], None]


class Workers:
    """Stands in for the workers: gives a verdict at once.

    judging: what becomes of a run; None gives a failure for each exercise.
    """

    judging: Callable[[str], ExerciseResult | None] | None = None

    def __init__(self, command: Sequence[str], post: Post) -> None:
        self.command = command
        self.post = post
        self.runs: list[tuple[str, ...]] = []
        self.cancelled = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None: ...

    def cancel(self) -> None:
        self.cancelled += 1

    def grade(self, run: int, exercises: tuple[str, ...]) -> None:
        self.runs.append(exercises)
        judging = type(self).judging or (lambda name: _on_file(name, Outcome.FAILED))
        results = [judging(name) for name in exercises]
        if None in results:
            self.post(Troubled(run, "Broken."))
        else:
            self.post(Graded(run, tuple(result for result in results if result)))


def _on_file(name: str, outcome: Outcome) -> ExerciseResult:
    source = Path("exercises", f"{name}.py").read_text(encoding="utf-8")
    return replace(result_of(name, outcome), source=source, seed=7)


class Script:
    """A display that does the next thing as soon as what it waits for is shown."""

    def __init__(self, *acts: tuple[Callable[[State], object], Any]) -> None:
        self.acts = list(acts)
        self.seen: list[State] = []
        self.done: list[str] = []
        self.lends = True
        self.post: Post = lambda _event: None

    def fit(self, _state: State) -> Fitted:
        return Fitted(10, 30)

    def draw(self, state: State) -> None:
        self.seen.append(state)
        if self.acts and self.acts[0][0](state):
            _, act = self.acts.pop(0)
            if callable(act):
                act()
            else:
                self.post(Pressed(act))

    def lend(self) -> bool:
        self.done.append("lent")
        return self.lends

    def take_back(self) -> None:
        self.done.append("taken back")

    def suspend(self) -> None:
        self.done.append("suspended")

    @contextlib.contextmanager
    def open(self, post: Post) -> Iterator[Script]:
        self.post = post
        yield self


def says(words: str) -> Callable[[State], bool]:
    """Whether this is said."""
    return lambda state: words in state.says


def always(_state: State) -> bool:
    """At once."""
    return True


def judged(state: State) -> bool:
    """Whether there is a verdict."""
    return state.result is not None and not state.running


@pytest.fixture
def play(run: Run, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Script]:
    """Runs `watch` with a script, to its end; the last act should be to quit."""
    monkeypatch.setattr(watch, "Workers", Workers)
    monkeypatch.setattr(Workers, "judging", None)

    def command(script: Script, *words: str) -> Script:
        monkeypatch.setattr(displays, "open_display", script.open)
        ran = run("watch", *words)
        assert ran.code == 0, ran.err
        assert not script.acts
        script.done.append(ran.out)
        return script

    return command


def test_it_begins_with_what_is_not_done(play: Callable[..., Script], course: Path) -> None:
    """The first exercise that did not pass when it was last graded, or the one that is named."""
    with open_store(place(course)) as store:
        store.record(result_of(NAMES[0], Outcome.PASSED), None)
    script = play(Script((judged, "q")))
    assert script.seen[-1].current == NAMES[1]
    assert script.done[-1] == "1 of 3 done. Carry on: python -m grader watch\n"
    assert play(Script((judged, "q")), "ex3").seen[-1].current == NAMES[2]


def test_a_course_that_is_done(
    play: Callable[..., Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says no more than that."""
    monkeypatch.setattr(Workers, "judging", lambda name: _on_file(name, Outcome.PASSED))
    script = play(Script((judged, "c"), (lambda state: state.panel is Panel.ALL, "q")))
    assert script.done[-1] == "3 of 3 done.\n"


def test_a_save(play: Callable[..., Script], course: Path) -> None:
    """What is saved is graded, and a verdict has the time of day."""
    file = course / "exercises" / f"{NAMES[1]}.py"
    script = play(
        Script(
            (judged, lambda: file.write_text("x = 1\n", encoding="utf-8")),
            (lambda state: state.current == NAMES[1] and judged(state), "q"),
        )
    )
    assert script.seen[-1].result is not None
    assert script.seen[-1].result.source == "x = 1\n"
    assert script.seen[-1].at.count(":") == 2


def test_a_verdict_on_half_a_file(
    play: Callable[..., Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not shown, and after some more of them it is said why there is none."""
    monkeypatch.setattr(Workers, "judging", lambda name: result_of(name, Outcome.PASSED))
    script = play(Script((lambda state: "something writes" in state.trouble, "q")))
    assert all(state.result is None for state in script.seen)


def test_trouble(play: Callable[..., Script], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that has no verdicts says so."""
    monkeypatch.setattr(Workers, "judging", lambda _name: None)
    script = play(Script((lambda state: state.trouble == "Broken.", "q")))
    assert script.seen[-1].running == ()


def test_hints(play: Callable[..., Script], course: Path) -> None:
    """They climb where `hint` goes on, and the first of them counts as shown."""
    script = play(Script((judged, "h"), (lambda state: state.hints == 2, "q")))
    assert script.seen[0].hints == 0
    with open_store(place(course)) as store:
        assert store.hint_level(NAMES[0], "test_it") == 2


def test_reset(play: Callable[..., Script], course: Path) -> None:
    """It is done by the command of that name, which keeps a backup."""
    file = course / "exercises" / f"{NAMES[0]}.py"
    file.write_text("mine = 1\n", encoding="utf-8")
    play(Script((judged, "x"), (lambda state: state.asking, "y"), (says("kept as"), "q")))
    assert file.read_text(encoding="utf-8") == f"# {NAMES[0]}\n"
    (backup,) = (course / "exercises" / "backups").iterdir()
    assert backup.read_text(encoding="utf-8") == "mine = 1\n"


def test_reset_that_fails(play: Callable[..., Script], course: Path) -> None:
    """It says why, and goes on."""
    file = course / "exercises" / f"{NAMES[0]}.py"
    file.write_text("mine = 1\n", encoding="utf-8")
    (course / "exercises" / "backups").write_text("no folder", encoding="utf-8")
    play(Script((judged, "x"), (lambda state: state.asking, "y"), (says("Nothing was lost"), "q")))


def test_another_folder(play: Callable[..., Script], course: Path) -> None:
    """Modules elsewhere are nobody's progress, and are not put back."""
    elsewhere = course / "theirs"
    elsewhere.mkdir()
    for name in NAMES:
        (elsewhere / f"{name}.py").write_text(f"# {name}\n", encoding="utf-8")
    script = play(
        Script(
            (judged, "h"),
            (lambda state: state.hints == 2, "x"),
            (lambda state: state.asking, "y"),
            (says("Only the files in exercises/"), "q"),
        ),
        "--from",
        "theirs",
    )
    assert "watch --from theirs" in script.done[-1]
    assert not place(course).exists()


# -- the editor ------------------------------------------------------------------------------------


def _editor(folder: Path, code: str = "") -> str:
    program = folder / "edit.py"
    program.write_text(f"import sys\n{code}\n", encoding="utf-8")
    return f"{sys.executable} {program}"


def test_an_editor_in_the_terminal(
    play: Callable[..., Script], course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is lent the terminal, which is taken back when it has ended."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", _editor(course, "open(sys.argv[1], 'a').write('x = 1\\n')"))
    script = Script((judged, "e"))
    script.acts.append((lambda _state: "taken back" in script.done, "q"))
    play(script)
    assert script.done[:2] == ["lent", "taken back"]


def test_an_editor_with_a_window(
    play: Callable[..., Script], course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It keeps nobody from anything; that it failed is said."""
    code = course / "code"
    code.write_text(f"#!{sys.executable}\nimport sys\nsys.exit(3)\n", encoding="utf-8")
    code.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(code))
    assert play(Script((judged, "e"), (says("ended with 3"), "q"))).done[0] != "lent"


@pytest.mark.parametrize(
    ("editor", "words"),
    [("", "Set the variable EDITOR"), ("no-such-editor", "no-such-editor cannot be started")],
)
def test_no_editor(
    play: Callable[..., Script], monkeypatch: pytest.MonkeyPatch, editor: str, words: str
) -> None:
    """It is said what to do."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor)
    play(Script((judged, "e"), (says(words), "q")))


def test_a_display_that_cannot_be_lent(
    play: Callable[..., Script], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The editor has to be opened elsewhere."""
    monkeypatch.setenv("VISUAL", "vi")
    script = Script((judged, "e"), (says("in your editor"), "q"))
    script.lends = False
    play(script)


def test_suspending(play: Callable[..., Script]) -> None:
    """It is the display's."""
    script = play(Script((judged, "ctrl-z"), (always, "q")))
    assert script.done[0] == "suspended"


def test_long_runs(play: Callable[..., Script], monkeypatch: pytest.MonkeyPatch) -> None:
    """While a run lasts, its moments are counted."""
    monkeypatch.setattr(Workers, "grade", lambda *_: None)
    monkeypatch.setattr(watch, "MOMENT", 0.001)
    play(Script((lambda state: state.ticks > 3, "q")))


# -- displays --------------------------------------------------------------------------------------


def _shown_as_lines(capsys: pytest.CaptureFixture[str], *states: State) -> str:
    lines = _Lines()
    for state in states:
        assert lines.fit(state).lines == 0
        lines.draw(state)
    return capsys.readouterr().out


def test_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What is new is printed, and nothing twice."""
    monkeypatch.setenv("COLUMNS", "80")
    begun = State(COURSE, "ex1_a", run=1, running=("ex1_a",))
    failed = replace(begun, running=(), result=verdict("ex1_a"), at="12:00:00", hints=1)
    hinted = replace(failed, hints=2)
    said = replace(hinted, says="Nothing was changed.")
    listed = replace(said, panel=Panel.LIST)
    out = _shown_as_lines(
        capsys, begun, begun, failed, failed, hinted, said, said, listed, replace(listed, cursor=1)
    )
    assert out.count("Type a letter and Enter") == 1
    assert out.count("goes back from it") == 1
    assert out.count("Item 3 was lost.") == 1
    assert out.count("Hint 2 of 3: Look closer.") == 1
    assert out.count("Nothing was changed.") == 1
    assert out.count(">  ex") == 2
    assert "Enter go on there" in out


def test_lines_lend_nothing() -> None:
    """The keys of another program would be read as ours."""
    lines = _Lines()
    assert lines.lend() is False
    lines.take_back()
    lines.suspend()


class Terminal:
    """A terminal of 60 x 12 that keeps what is drawn."""

    def __init__(self) -> None:
        self.size = (60, 12)
        self.lines: list[str] = []
        self.taken = True
        self.calls: list[str] = []

    def draw(self, lines: list[str]) -> None:
        self.lines = lines

    def lend(self) -> None:
        self.taken = False
        self.calls.append("lend")

    def take_back(self) -> None:
        self.taken = True
        self.calls.append("take back")

    def suspend(self) -> None:
        self.calls.append("suspend")

    def start(self) -> None:
        self.calls.append("read keys")

    def stop(self) -> None:
        self.calls.append("leave keys")


def test_the_whole_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The header is on top, the keys at the bottom, between them as much as fits."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))
    terminal = Terminal()
    screen = _Screen(terminal, terminal)  # type: ignore[arg-type]  # all that it needs of one
    state = State(COURSE, "ex1_a", result=verdict("ex1_a"), at="12:00:00", hints=3)
    fitted = screen.fit(state)
    assert (fitted.page, fitted.lines > 7, 0 < fitted.hints_end < fitted.lines) == (7, True, True)
    screen.draw(replace(state, page=fitted.page, lines=fitted.lines, scroll=2))
    assert len(terminal.lines) == 12
    assert "0 of 3 done" in terminal.lines[0]
    assert "not yet: 1 of 2 checks pass" in terminal.lines[1]
    assert f"lines 3\N{EN DASH}9 of {fitted.lines}" in terminal.lines[-2]
    assert "q quit" in terminal.lines[-1]


def test_lending_the_screen() -> None:
    """Keys are left to the other program, until the terminal is ours again."""
    terminal = Terminal()
    screen = _Screen(terminal, terminal)  # type: ignore[arg-type]  # all that it needs of one
    screen.take_back()
    assert screen.lend() is True
    screen.take_back()
    screen.suspend()
    assert terminal.calls == ["leave keys", "lend", "take back", "read keys", "suspend"]


def test_open_display(monkeypatch: pytest.MonkeyPatch) -> None:
    """The terminal where there is one, else lines; both post keys and stop reading at the end."""
    events: list[Event] = []
    terminal = Terminal()
    opened: list[Any] = []

    def found(post: Callable[[str], None], anew: Callable[[], None]) -> Any:
        opened.extend((post, anew))
        return contextlib.nullcontext(terminal), terminal

    monkeypatch.setattr(displays, "open_terminal", found)
    # `with` of a null context gives its value, which the display keeps.
    with open_display(events.append) as display:
        assert isinstance(display, _Screen)
        opened[0]("n")
        opened[1]()
    assert events == [Pressed("n"), Resized()]
    assert terminal.calls == ["read keys", "leave keys"]
    monkeypatch.setattr(displays, "open_terminal", lambda *_: None)
    keys = SimpleNamespace(start=lambda: None, stop=lambda: None)
    monkeypatch.setattr(displays, "LineKeys", lambda _fd, post: (post("q"), keys)[1])
    with open_display(events.append) as display:
        assert isinstance(display, _Lines)
    assert events[2:] == [Pressed("q")]


@pytest.mark.parametrize("outcome", [None, Outcome.FAILED, Outcome.PASSED])
def test_panels(outcome: Outcome | None) -> None:
    """They have something to say before there is a verdict, too; no reference before a pass."""
    result = None if outcome is None else verdict("ex1_add_maxsize", outcome)
    assert draw(panels.timeline(result)).strip()
    shown = draw(panels.solution(result))
    assert ("the reference" in shown) is (outcome is Outcome.PASSED)
    assert ("Queue(maxsize" in shown) is (outcome is Outcome.PASSED)


def test_a_reference_that_is_lost() -> None:
    """The panel says so; the loop goes on."""
    lost = verdict("ex9_not_there", Outcome.PASSED)
    assert "There is no exercise" in draw(panels.solution(lost))


def test_an_exercise_that_is_not_there(run: Run) -> None:
    """It is said before anything is started."""
    ran = run("watch", "ex9")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
