"""Everything that a checks module may import.

    from grader.course.api import Draw, Exercise, Job, Pipeline, Subject, bound, check

    EXERCISE = Exercise(title="Add maxsize", teaches="backpressure")

    @check(points=2, hints=("look at ...", "the idea is ...", "nearly the code"))
    async def test_bounds_the_queue(learner: Subject, draw: Draw) -> None:
        \"\"\"No more items wait than maxsize allows.\"\"\"
        trace = await learner.run(Pipeline(...))
        ...

A check raises a mistake from `grader.course.mistakes`, or a plain `Failure`, with what was observed.
"""

from grader.course.kit.advice import ADVICE
from grader.course.kit.declare import CheckSpec, Crowd, Exercise, Weathers, check, spec_of
from grader.course.kit.draw import Draw
from grader.course.kit.failures import Failure, Misconception, Mistake, Prose, apart, lines, span
from grader.course.kit.lesson import Consume, Job, Pipeline
from grader.course.kit.ranges import (
    LONGEST,
    MOST_ATTEMPTS,
    MOST_CONSUMERS,
    MOST_ITEMS,
    MOST_WAITING,
    NEARLY_LONGEST,
)
from grader.course.kit.world import Scenario, World
from grader.course.rules import (
    bound,
    counts,
    crew,
    deadlock,
    endings,
    ends,
    escapes,
    exceptions,
    independence,
    interruption,
    jitter,
    letting_out,
    log,
    marks,
    order,
    pauses,
    shapes,
    states,
    timeouts,
    tries,
    twice,
)
from grader.course.rules.possible import IMPOSSIBLE
from grader.course.subject import Rehearsal, Rehearsed, Subject, stopped
from grader.results import Level
from grader.script import ALWAYS, HARD_STOP, ODD, Item, Odd, Own, Plan, Rule
from grader.trace import SAME_TIME, Retry, Trace, Try

__all__ = [
    "ADVICE",
    "ALWAYS",
    "HARD_STOP",
    "IMPOSSIBLE",
    "LONGEST",
    "MOST_ATTEMPTS",
    "MOST_CONSUMERS",
    "MOST_ITEMS",
    "MOST_WAITING",
    "NEARLY_LONGEST",
    "ODD",
    "SAME_TIME",
    "CheckSpec",
    "Consume",
    "Crowd",
    "Draw",
    "Exercise",
    "Failure",
    "Item",
    "Job",
    "Level",
    "Misconception",
    "Mistake",
    "Odd",
    "Own",
    "Pipeline",
    "Plan",
    "Prose",
    "Rehearsal",
    "Rehearsed",
    "Retry",
    "Rule",
    "Scenario",
    "Subject",
    "Trace",
    "Try",
    "Weathers",
    "World",
    "apart",
    "bound",
    "check",
    "counts",
    "crew",
    "deadlock",
    "endings",
    "ends",
    "escapes",
    "exceptions",
    "independence",
    "interruption",
    "jitter",
    "letting_out",
    "lines",
    "log",
    "marks",
    "order",
    "pauses",
    "shapes",
    "span",
    "spec_of",
    "states",
    "stopped",
    "timeouts",
    "tries",
    "twice",
]
