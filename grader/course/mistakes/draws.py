"""The draws behind the jitter: whether each retry has a random number of its own."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "JITTER_CYCLED_LIST",
    "JITTER_FIXED_SEED",
    "JITTER_FROM_CLOCK",
    "JITTER_FROM_COUNTER",
    "JITTER_FROM_HASH",
    "JITTER_ONCE_PER_CONSUMER",
    "JITTER_ONCE_PER_ITEM",
    "JITTER_SHARED_BY_ALL",
    "SEEDED_IN_STEP",
]

_topic = Topic(__file__)

JITTER_ONCE_PER_ITEM = _topic(
    "jitter-once-per-item",
    place="waits.draws_before_the_tries",
    shows=("pauses.crowds", "pauses.pauses"),
)
JITTER_ONCE_PER_CONSUMER = _topic(
    "jitter-once-per-consumer",
    place="waits.draws_before_the_tries",
    shows=("pauses.crowds", "pauses.pauses"),
)
JITTER_SHARED_BY_ALL = _topic(
    "jitter-shared-by-all", place="waits.draws_at_import", shows=("pauses.crowds", "pauses.pauses")
)
JITTER_CYCLED_LIST = _topic(
    "jitter-cycled-list", place="waits.stepped_draws", shows=("pauses.pauses",)
)
JITTER_FIXED_SEED = _topic(
    "jitter-fixed-seed", place="waits.seedings", shows=("pauses.crowds", "pauses.pauses")
)
SEEDED_IN_STEP = _topic(
    "seeded-in-step", place="waits.seedings", shows=("pauses.crowds", "pauses.pauses")
)
JITTER_FROM_CLOCK = _topic("jitter-from-clock", shows=("pauses.pauses",))
JITTER_FROM_COUNTER = _topic(
    "jitter-from-counter", place="waits.formulas", shows=("pauses.pauses",)
)
JITTER_FROM_HASH = _topic("jitter-from-hash", place="waits.formulas", shows=("pauses.pauses",))
