"""How the waits between the tries grow."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "BACKOFF_ONE_STEP_AHEAD",
    "BACKOFF_ONE_STEP_BEHIND",
    "BACKOFF_SHRINKS",
    "BASE_AND_EXPONENT_SWAPPED",
    "CONSTANT_DELAY",
    "DELAY_CAPPED",
    "DELAY_CARRIED_TO_NEXT_ITEM",
    "DELAY_FLOORED",
    "DELAY_SHARED_BY_CONSUMERS",
    "FORGETS_DELAY",
    "FORMULA_BREAKS_DOWN",
    "IGNORES_BACKOFF",
    "IGNORES_DELAY",
    "LINEAR_BACKOFF",
    "OTHER_GROWTH",
    "POWER_OF_DELAY",
    "XOR_FOR_POWER",
]

_topic = Topic(__file__)

IGNORES_DELAY = _topic("ignores-delay", shows=("pauses.pauses",))
FORGETS_DELAY = _topic("forgets-delay", place="waits.wait", shows=("pauses.pauses",))
IGNORES_BACKOFF = _topic("ignores-backoff", shows=("pauses.pauses",))
CONSTANT_DELAY = _topic("constant-delay", place="waits.wait", shows=("pauses.pauses",))
LINEAR_BACKOFF = _topic("linear-backoff", place="waits.wait", shows=("pauses.pauses",))
OTHER_GROWTH = _topic("other-growth", place="waits.wait")
BACKOFF_SHRINKS = _topic("backoff-shrinks", shows=("pauses.pauses",))
BACKOFF_ONE_STEP_AHEAD = _topic(
    "backoff-one-step-ahead", place="waits.wait", shows=("pauses.pauses",)
)
BACKOFF_ONE_STEP_BEHIND = _topic(
    "backoff-one-step-behind", place="waits.wait", shows=("pauses.pauses",)
)
BASE_AND_EXPONENT_SWAPPED = _topic("base-and-exponent-swapped")
POWER_OF_DELAY = _topic("power-of-delay", place="waits.wait", shows=("pauses.pauses",))
XOR_FOR_POWER = _topic("xor-for-power")
DELAY_CARRIED_TO_NEXT_ITEM = _topic("delay-carried-to-next-item", shows=("pauses.pauses",))
DELAY_SHARED_BY_CONSUMERS = _topic("delay-shared-by-consumers", shows=("pauses.pauses",))
DELAY_CAPPED = _topic("delay-capped", shows=("pauses.pauses",))
FORMULA_BREAKS_DOWN = _topic("formula-breaks-down")
DELAY_FLOORED = _topic("delay-floored", shows=("pauses.pauses",))
