"""The scenarios: consumers whose calls hang, end late, or are cancelled."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.course.api import ALWAYS, Draw, Job, Rule
from grader.course.ex11_time_out_the_hung_call.calls import OWN_TIMEOUTS, Calls, breaks_off, hangs

__all__ = ["LESSON", "calls", "herd", "moments", "named"]

LESSON: dict[str, Any] = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25}


def calls(draw: Draw, fails: Sequence[int], *rules: Rule, **options: Any) -> Calls:
    """One item for each number of failing tries; rules say which of them hang, or fail otherwise."""
    given = LESSON | {"timeout": draw.seconds(0.6, 0.9)} | options
    most = given["timeout"] * 0.6  # whatever no rule is for ends in time
    jobs = tuple(
        Job(item, min(draw.seconds(0.05, 0.12), most), n)
        for item, n in zip(draw.items(len(fails)), fails, strict=True)
    )
    return Calls(jobs, options=given, rules=rules)


def named(scenario: Calls, *names: str, **others: Any) -> Calls:
    """The same with consumers of these names."""
    return replace(scenario, names=names, **others)


def moments(draw: Draw) -> list[tuple[str, Calls]]:
    """When a consumer is cancelled, in words, with the scenario for it."""
    item, other = draw.items(2)
    slow = LESSON | {"timeout": 0.5, "delay": 0.4}
    hung = Calls(
        (Job(item, 0.1, 2), Job(other, 0.1, at=30.0)), options=slow, rules=(hangs(0, first=2),)
    )
    all_hang = replace(hung, rules=(hangs(0),))
    own = replace(hung, rules=(breaks_off(OWN_TIMEOUTS[0], 0),))
    dirty = replace(hung, cleanup=0.6, rules=(hangs(0),))
    last = replace(dirty, options=slow | {"attempts": 1})
    two = named(
        dirty, "C1", "C2", jobs=(Job(item, 0.1, 2), Job(other, 0.1, 2)), rules=(hangs(0, 1),)
    )
    return [
        (where, replace(scenario, cancel=draw.seconds(*span)))
        for where, scenario, span in (
            ("while it worked on an item", hung, (0.02, 0.09)),
            ("in the pause after a failed try", hung, (0.12, 0.45)),
            ("in the pause after the service's own timeout", own, (0.12, 0.45)),
            ("in a try that hung", hung, (0.65, 0.95)),
            ("in a try that hung, like the one before", all_hang, (1.05, 1.35)),
            (
                "in the pause after a try that was timed out",
                all_hang,
                (0.52, 0.88),
            ),
            ("while it waited for an item", replace(hung, rules=()), (8.0, 9.0)),
            (
                "while it waited for its first item",
                replace(hung, jobs=hung.jobs[1:], rules=()),
                (8.0, 9.0),
            ),
            ("in a try that hung and cleans up", dirty, (0.05, 0.45)),
            ("while a cancelled try cleaned up", dirty, (0.52, 0.8)),
            ("while a cancelled try cleaned up", two, (0.8, 1.08)),
            ("while its last try cleaned up", last, (0.52, 0.9)),
            ("in the pause after a clean-up", dirty, (1.12, 1.48)),
            ("while it waited for an item", replace(dirty, rules=(hangs(0, last=1),)), (8.0, 9.0)),
        )
    ]


def herd(draw: Draw, clients: int) -> Calls:
    """Clients whose calls hang at the same moment, and are timed out at the same moment."""
    jobs = tuple(Job(300 + number, 0.05, ALWAYS) for number in range(clients))
    options = {"attempts": 3, "delay": 1.0, "backoff": 3.0, "jitter": 0.5}
    return Calls(
        jobs,
        names=tuple(f"C{number}" for number in range(1, clients + 1)),
        options=options | {"timeout": draw.seconds(0.3, 0.6)},
        rules=(hangs(*range(clients)),),
    )
