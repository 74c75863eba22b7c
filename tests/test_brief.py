"""Brief records: of what is run very often, enough to see that all is well."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from grader.course.api import Failure, Subject
from grader.course.kit.lesson import Consume, Job
from grader.lab import Lab
from grader.script import ALWAYS, Script
from grader.trace import Trace
from tests.lab.support import CONSUMER, raw, run, script

SCENARIO = Consume((Job(1000, 0.1, ALWAYS), Job(1001, 0.2, 1)), options={"attempts": 3})
CODE = CONSUMER.replace("q.task_done()", "q.task_done()\n        print(item)")
KEPT = {"begin", "finish", "timer", "spawn", "end", "quiet", "cancel"}


def test_a_brief_record_is_part_of_the_whole_one() -> None:
    """The same tries, timers and tasks at the same times; only tries that begin have their lines."""
    code = CODE.replace(
        'stats["retried"]', 'await asyncio.sleep(0.5)\n                stats["retried"]'
    )
    whole, brief = (run(code, replace(SCENARIO, brief=one)) for one in (False, True))
    assert {event.kind for event in whole.events} > KEPT
    assert [event[:3] for event in brief.events] == [
        event[:3] for event in whole.events if event.kind in KEPT
    ]
    assert [one.line for one in brief.tries] == [one.line for one in whole.tries]
    assert {event.line for event in brief.events if event.kind != "begin"} == {None}
    assert (brief.clock, brief.stats) == (whole.clock, whole.stats)


def test_prints_come_back_after_a_brief_record() -> None:
    """What is printed in the next scenario is noted again, to both streams."""
    code = CODE.replace("print(item)", "print(item); print('!', file=sys.stderr)")
    with Lab() as lab:
        lab.load("import sys\n" + code, "work.py", "work")
        records = [
            lab.run(script(replace(SCENARIO, brief=brief))) for brief in (False, True, False)
        ]
    kinds = [[event[2] for event in one["events"]] for one in records]
    assert [(one.count("print"), one.count("stderr")) for one in kinds] == [(2, 2), (0, 0), (2, 2)]


def _judging(*, brief_fails: bool, whole_fails: bool) -> tuple[list[bool], Failure | None]:
    """Which scenarios a subject runs, brief or not, and the failure that comes out."""
    asked: list[bool] = []
    records = {brief: raw(CODE, replace(SCENARIO, brief=brief)) for brief in (False, True)}

    async def answer(script: Script, _process: int) -> Mapping[str, Any]:
        asked.append(script.brief)
        return records[script.brief]

    def judge(trace: Trace, _scenario: Consume) -> None:
        if whole_fails if trace.prints else brief_fails:
            raise Failure("whole" if trace.prints else "brief", "nothing")

    try:
        asyncio.run(Subject(answer).run_briefly(SCENARIO, judge))
    except Failure as failure:
        return asked, failure
    return asked, None


def test_a_brief_record_is_enough_while_all_is_well() -> None:
    """Nothing is run twice then."""
    assert _judging(brief_fails=False, whole_fails=True) == ([True], None)


@pytest.mark.parametrize(("whole_fails", "told_by"), [(True, "whole"), (False, "brief")])
def test_a_whole_record_has_the_reason(whole_fails: bool, told_by: str) -> None:
    """Where something is wrong, all of it is looked at before anything is said."""
    asked, failure = _judging(brief_fails=True, whole_fails=whole_fails)
    assert asked == [True, False]
    assert failure is not None
    assert failure.message == told_by


def test_what_has_no_record_is_not_run_again() -> None:
    """A process that was ended would only be ended once more."""
    asked = []

    async def end(script: Script, _process: int) -> Mapping[str, Any]:
        asked.append(script)
        raise Failure("it was ended", "nothing")

    with pytest.raises(Failure, match="ended"):
        asyncio.run(Subject(end).run_briefly(SCENARIO, lambda _trace, _scenario: None))
    assert len(asked) == 1
