"""On real runs, of stubs, wrong submissions and references: timelines point at the mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from grader import judge
from grader.course.catalog import find_root, resolve
from grader.render.measures import pause_of, read
from grader.render.timeline.draw import draw_raw
from grader.render.timeline.model import Drawing, Sign, State
from grader.render.timeline.scene import finding_of
from grader.render.timeline.telling import telling_check
from grader.render.timeline_svg import timeline_svg
from grader.results import CheckResult, ExerciseResult, Outcome, Sight
from grader.trace import Trace
from tests.corpus import EXERCISES, ROOT
from tests.grading import grade_sources

SEED = 5


def _check(result: ExerciseResult) -> CheckResult:
    found = telling_check(result)
    assert found is not None
    return found


def _drawing(check: CheckResult) -> Drawing:
    drawing = draw_raw(check.observation.trace, finding_of(check))
    assert drawing is not None
    return drawing


def _trace(check: CheckResult) -> Trace:
    raw = check.observation.trace
    assert raw is not None
    return Trace(raw, raw["items"])


def _lane(drawing: Drawing, note: Sight) -> str:
    names = {lane.task: lane.name for lane in drawing.lanes}
    return "queue" if note.task is None else names[note.task]


@cache
def _stubs() -> dict[str, ExerciseResult]:
    entries = [resolve(name) for name in EXERCISES]
    report = judge.grade(entries, find_root() / "exercises", seed=SEED, stubs=True)
    return {result.exercise: result for result in report.exercises}


@cache
def _references() -> dict[str, ExerciseResult]:
    entries = [resolve(name) for name in EXERCISES]
    report = judge.grade(entries, find_root() / "solutions", seed=SEED)
    return {result.exercise: result for result in report.exercises}


WRONG = {
    "ex1_add_maxsize": "drop_when_full",
    "ex2_build_retry_loop": "one_try_too_many",
    "ex3_add_backoff": "constant_delay",
    "ex4_add_jitter": "drawn_once_at_import",
    "ex5_fix_task_done": "task_done_right_after_get",
}
LESSON = [name for name in WRONG if name in EXERCISES]


@cache
def _wrong() -> dict[str, ExerciseResult]:
    sources = {
        exercise: (ROOT / exercise / "wrong" / f"{name}.py").read_text("utf-8")
        for exercise, name in WRONG.items()
        if exercise in EXERCISES
    }
    return grade_sources(sources, SEED)


def _when_too_many(check: CheckResult) -> float:
    """The start of the first try beyond `attempts`."""
    raw = check.observation.trace or {}
    attempts = raw["asked"]["attempts"]
    return next(one.start for one in _trace(check).tries if one.number > attempts)


def _after_retry(check: CheckResult, number: int) -> float:
    """When the first item is tried again after this failed try."""
    retry = next(one for one in _trace(check).retries if one.number == number)
    return retry.start + retry.pause


def _given_up(check: CheckResult) -> float:
    """When the first item was given up on."""
    tries = _trace(check).tries
    return next(one.end or 0.0 for one in tries if one.outcome == "transient" and one.number == 4)


def _died(check: CheckResult) -> float:
    return _trace(check).died()[0][0].at


Where = tuple[Callable[[CheckResult], float], str, str]

STUBS: dict[str, Where] = {
    "ex1_add_maxsize": (lambda _check: 0.0, "queue", "nothing holds the producer back"),
    "ex2_build_retry_loop": (_died, "C1", "died of TransientError"),
    "ex3_add_backoff": (lambda check: _after_retry(check, 1), "C1", "did not wait before try 2"),
    "ex4_add_jitter": (lambda check: _after_retry(check, 1), "C1", "99 of 99 others at the same"),
    "ex5_fix_task_done": (_given_up, "C2", "task_done() missing → join() waits for 1"),
}
WRONGS: dict[str, Where] = {
    "ex1_add_maxsize": (
        lambda check: next(
            e.at
            for e in _trace(check).taken
            if e.data[0] not in {t.item for t in _trace(check).tries}
        ),
        "producer",
        "never worked on",
    ),
    "ex2_build_retry_loop": (_when_too_many, "C1", "attempts="),
    "ex3_add_backoff": (lambda check: _after_retry(check, 2), "C1", "ms → too short"),
    "ex4_add_jitter": (lambda check: _after_retry(check, 1), "C1", "99 of 99 others at the same"),
    "ex5_fix_task_done": (
        lambda check: _trace(check).dones[0].at,
        "C1",
        "before it was tried",
    ),
}


@pytest.mark.parametrize("exercise", LESSON)
@pytest.mark.parametrize("kind", ["stub", "wrong"])
def test_the_mistake_is_pointed_at(exercise: str, kind: str) -> None:
    """A note stands at the moment of the mistake, in its lane, and says what it is."""
    expected = (STUBS if kind == "stub" else WRONGS)[exercise]
    result = (_stubs() if kind == "stub" else _wrong())[exercise]
    check = _check(result)
    drawing = _drawing(check)
    when, lane, words = expected
    found = [note for note in drawing.notes if words in note.text]
    assert found, [note.text for note in drawing.notes]
    assert found[0].at == pytest.approx(when(check))
    assert _lane(drawing, found[0]) == lane
    assert found[0].wrong


@pytest.mark.parametrize("exercise", LESSON)
def test_an_untouched_stub_is_run_and_stays_not_started(exercise: str) -> None:
    """With `stubs` its checks have verdicts; the exercise has none, and no points."""
    result = _stubs()[exercise]
    assert (result.outcome, result.score) == (Outcome.NOT_STARTED, 0)
    assert result.first_failure is not None


@pytest.mark.parametrize("exercise", LESSON)
def test_a_reference_is_shown_without_blame(exercise: str) -> None:
    """What passes has a timeline with something to see in it, and nothing wrong."""
    drawing = _drawing(_check(_references()[exercise]))
    assert any(span.state is State.WORK for lane in drawing.lanes for span in lane.spans)
    assert drawing.notes
    assert not [note for note in drawing.notes if note.wrong]
    signs = {mark.sign for lane in drawing.lanes for mark in lane.marks}
    states = {span.state for lane in drawing.lanes for span in lane.spans}
    if exercise == "ex1_add_maxsize":
        assert State.PUT in states
    else:
        assert {Sign.FAILED, Sign.DONE} <= signs


@pytest.mark.parametrize("exercise", EXERCISES)
def test_no_pause_of_a_reference_is_called_wrong(exercise: str) -> None:
    """Whichever check is drawn: equal items, and one that comes twice, are measured each by itself."""
    for check in _references()[exercise].checks:
        trace = read(check.observation.trace)
        if trace is not None:
            verdicts = {pause_of(retry, trace).verdict for retry in trace.retries}
            assert verdicts <= {""}, check.check
            assert len(set(trace.items)) == len(trace.items), check.check


@pytest.mark.parametrize("exercise", EXERCISES)
def test_one_check_shows_the_lesson(exercise: str) -> None:
    """After a pass its run is drawn: a single one, of items that have plain names."""
    result = _references()[exercise]
    (pictured,) = [check for check in result.checks if check.pictured]
    assert _check(result) is pictured
    raw = pictured.observation.trace
    assert raw is not None
    assert len(raw["crew"]) or len(raw["called"]) == 1
    assert not [name for name in raw["items"] if not name or name.startswith("<")]
    assert _drawing(pictured).lanes


@pytest.mark.parametrize("exercise", LESSON)
def test_every_picture_is_well_formed(exercise: str) -> None:
    """All their pictures are XML, named and described for those who do not see them."""
    for results in (_stubs(), _wrong(), _references()):
        check = _check(results[exercise])
        raw = check.observation.trace
        assert raw is not None
        root = ET.fromstring(  # noqa: S314 - it is our own, and the test is that it can be parsed
            timeline_svg(raw, finding_of(check), title=check.title)
        )
        assert root.get("role") == "img"
        assert root.findtext("{http://www.w3.org/2000/svg}title") == check.title
        assert root.findtext("{http://www.w3.org/2000/svg}desc")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("join_with_timeout", r"^gives join\(\) \S+ s \(line \d+\), and goes on without it"),
        ("sleep_instead_of_join", r"^sleeps \S+ s \(line \d+\) instead of waiting for the work"),
    ],
)
def test_a_limit_of_time_is_no_sleep(name: str, says: str) -> None:
    """What a limit cuts off is named; a sleep is one only where nothing else is waited for."""
    exercise = "ex5_fix_task_done"
    source = (ROOT / exercise / "wrong" / f"{name}.py").read_text(encoding="utf-8")
    result = grade_sources({exercise: source}, seed=SEED)[exercise]
    notes = [sight.text for check in result.checks for sight in check.sights]
    assert any(re.search(says, note) for note in notes), notes
    assert not any(note.startswith("sleeps") for note in notes) or says.startswith("^sleeps")


def test_a_sleep_that_ends_is_not_for_ever() -> None:
    """A run that was stopped while somebody slept says that: another hour would have ended it."""
    exercise = "ex3_add_backoff"
    source = (find_root() / "solutions" / f"{exercise}.py").read_text(encoding="utf-8")
    formula = "pause = delay * backoff ** (attempt - 1)"
    assert source.count(formula) == 1
    wrong = source.replace(formula, "pause, delay = delay, delay * backoff")  # for ever longer
    result = grade_sources({exercise: wrong}, seed=SEED)[exercise]
    notes = [
        one.text
        for check in result.checks
        if check.outcome is Outcome.FAILED
        for one in _drawing(check).notes
    ]
    assert any("still sleeps" in note for note in notes), notes
    assert not any("for ever in sleep" in note for note in notes)


def _drawings(exercise: str, name: str) -> dict[str, Drawing]:
    """The pictures of a stored submission, by the names of its checks."""
    source = (ROOT / exercise / f"{name}.py").read_text(encoding="utf-8")
    checks = grade_sources({exercise: source}, seed=SEED)[exercise].checks
    drawn = {c.check: draw_raw(c.observation.trace, finding_of(c)) for c in checks}
    return {check: drawing for check, drawing in drawn.items() if drawing is not None}


@pytest.mark.parametrize("design", ["task_and_wait", "future_set_by_callbacks"])
def test_an_error_that_is_taken_is_no_death(design: str) -> None:
    """A call in a task of its own is in its consumer's lane, and only what ends that one is a death."""
    drawings = _drawings("ex11_time_out_the_hung_call", f"right/{design}")
    notes = [note.text for drawing in drawings.values() for note in drawing.notes]
    assert not [note for note in notes if "died of TransientError" in note]
    assert [note for note in notes if "died of ValueError" in note]
    assert [lane.name for lane in drawings["test_times_out_the_hung_call"].lanes] == ["C1"]


def test_an_error_that_nobody_takes_is_a_death() -> None:
    """A call that outlives its consumer fails for nobody."""
    drawings = _drawings("ex11_time_out_the_hung_call", "wrong/call_outlives_its_consumer")
    notes = [note.text for note in drawings["test_can_be_cancelled"].notes]
    assert [note for note in notes if note.startswith("died of TransientError")]


def test_a_call_beside_a_clean_up_has_a_lane_beside() -> None:
    """The call that cleans up keeps the consumer's lane; what begins meanwhile is drawn below it."""
    drawings = _drawings("ex11_time_out_the_hung_call", "wrong/cancel_is_not_awaited")
    drawing = drawings["test_waits_for_the_clean_up"]
    assert [lane.name for lane in drawing.lanes] == ["C1", "C1 also"]
    asleep = [span for span in drawing.lanes[0].spans if span.state is State.SLEEP]
    assert not asleep  # it waits for its call
    (note,) = drawing.notes
    assert _lane(drawing, note) == "C1 also"


def test_consumers_that_share_a_source_are_no_producers() -> None:
    """Who takes items and works on them is a consumer; the queue that is filled has its own name."""
    drawing = _drawings("ex16_ship_it", "right/consumers_share_an_iterator")["test_outage"]
    names = [lane.name for lane in drawing.lanes]
    assert names == ["run_service", *(f"C{number}" for number in range(1, len(names)))]
    assert [(queue.name, queue.maxsize) for queue in drawing.queues] == [("dead_letters", 0)]


def test_a_limit_around_an_item_is_named() -> None:
    """A limit that ends an item in a pause is the cause that its item was not tried again."""
    exercise = "ex16_ship_it"
    source = (ROOT / exercise / "right" / "consumers_share_an_iterator.py").read_text(
        encoding="utf-8"
    )
    whole = "            await one(pair[1])\n"
    assert source.count(whole) == 1
    limited = f"            with contextlib.suppress(TimeoutError):\n        {whole}".replace(
        "one(pair[1])", "asyncio.wait_for(one(pair[1]), timeout)"
    )
    wrong = f"import contextlib\n{source.replace(whole, limited)}"
    result = grade_sources({exercise: wrong}, seed=SEED)[exercise]
    told = [check.message for check in result.checks if "was not tried again" in check.message]
    assert told
    line = next(n for n, row in enumerate(wrong.splitlines(), 1) if "wait_for(one(" in row)
    assert f"a limit of 0.5 s (line {line}), which began at" in told[0]


def test_waiting_for_a_turn_is_drawn() -> None:
    """A task that waits for a lock, or for a crew to end, is drawn as waiting: no blank tells of it."""
    exercise = "ex12_listen_to_the_service"
    checks = {one.check: one for one in _references()[exercise].checks}
    drawing = _drawing(checks["test_keeps_to_the_rate"])
    idle = {s.state for lane in drawing.lanes for s in lane.spans} - {State.WORK, State.BACKOFF}
    assert State.WAIT in idle
    for lane in drawing.lanes:
        ends = [(one.end, other.start) for one, other in pairwise(lane.spans)]
        assert all(end == pytest.approx(start) for end, start in ends), lane.name
