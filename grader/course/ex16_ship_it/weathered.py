"""The check of ex16 in somebody else's weather."""

from grader.course.api import Draw, Subject, check
from grader.course.ex16_ship_it.checks import EXERCISE
from grader.course.ex16_ship_it.measured import (
    Measure,
    accounted,
    at_once,
    idle,
    longest_call,
    returned,
    settled,
    unsettled,
)
from grader.course.ex16_ship_it.weather import judged

ALWAYS: tuple[Measure, ...] = (at_once, longest_call, unsettled, idle)


@check(
    hints=(
        "Draw the timeline: at the time that is named, what does the service do, and what do you?",
        "Every point of the contract holds in every weather; the first one that does not is named.",
        "Find the check of the eight weathers that is most like this one, and make that one pass.",
    )
)
async def test_weather(learner: Subject, draw: Draw) -> None:
    """Keeps the service levels in the weather of the file."""
    assert EXERCISE.weathers is not None
    given = EXERCISE.weathers.given
    first = (settled,) if given.stop is None else (accounted, returned)
    await judged(learner, given.shift(draw), asked=(*first, *ALWAYS))
