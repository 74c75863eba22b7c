"""The random part of the waits."""

from __future__ import annotations

from grader.course.kit.failures import Topic

__all__ = [
    "DELAY_REPLACED_BY_JITTER",
    "IGNORES_JITTER",
    "JITTER_BELOW_DELAY",
    "JITTER_COMPOUNDS",
    "JITTER_IN_SECONDS",
    "JITTER_NOT_RANDOM",
    "JITTER_NOT_UNIFORM",
    "JITTER_OF_BASE_DELAY",
    "JITTER_ON_FIRST_ONLY",
    "JITTER_ON_LATER_ONLY",
    "JITTER_ON_THE_FACTOR",
    "JITTER_TOO_COARSE",
    "JITTER_WINDOW_TOO_LARGE",
    "JITTER_WINDOW_TOO_SMALL",
    "OTHER_JITTER_SCHEME",
    "ZERO_TAKEN_FOR_DEFAULT",
]

_topic = Topic(__file__)

JITTER_NOT_RANDOM = _topic(
    "jitter-not-random", place="waits.wait_without_draw", shows=("pauses.crowds", "pauses.pauses")
)
IGNORES_JITTER = _topic("ignores-jitter", shows=("pauses.pauses",))
ZERO_TAKEN_FOR_DEFAULT = _topic("zero-taken-for-default")
JITTER_IN_SECONDS = _topic("jitter-in-seconds", shows=("pauses.pauses",))
JITTER_OF_BASE_DELAY = _topic("jitter-of-base-delay", place="waits.draws", shows=("pauses.pauses",))
DELAY_REPLACED_BY_JITTER = _topic("delay-replaced-by-jitter", shows=("pauses.pauses",))
JITTER_BELOW_DELAY = _topic("jitter-below-delay", shows=("pauses.pauses",))
JITTER_WINDOW_TOO_SMALL = _topic(
    "jitter-window-too-small", place="waits.draws", shows=("pauses.crowds", "pauses.pauses")
)
JITTER_WINDOW_TOO_LARGE = _topic(
    "jitter-window-too-large", shows=("pauses.crowds", "pauses.pauses")
)
JITTER_NOT_UNIFORM = _topic(
    "jitter-not-uniform", place="waits.uneven_draws", shows=("pauses.crowds", "pauses.pauses")
)
JITTER_TOO_COARSE = _topic(
    "jitter-too-coarse", place="waits.stepped_draws", shows=("pauses.crowds", "pauses.pauses")
)
JITTER_COMPOUNDS = _topic("jitter-compounds", shows=("pauses.pauses",))
JITTER_ON_THE_FACTOR = _topic("jitter-on-the-factor", shows=("pauses.pauses",))
JITTER_ON_LATER_ONLY = _topic("jitter-on-later-only", shows=("pauses.pauses",))
JITTER_ON_FIRST_ONLY = _topic(
    "jitter-on-first-only", place="waits.condition_of_draw", shows=("pauses.pauses",)
)
OTHER_JITTER_SCHEME = _topic("other-jitter-scheme", shows=("pauses.pauses",))
