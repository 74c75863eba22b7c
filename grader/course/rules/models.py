"""The usual wrong waits, in the order in which they are tested: the first that fits is the mistake."""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.mistakes.growth import (
    BACKOFF_ONE_STEP_AHEAD,
    BACKOFF_ONE_STEP_BEHIND,
    BACKOFF_SHRINKS,
    BASE_AND_EXPONENT_SWAPPED,
    CONSTANT_DELAY,
    DELAY_CAPPED,
    DELAY_CARRIED_TO_NEXT_ITEM,
    DELAY_FLOORED,
    DELAY_SHARED_BY_CONSUMERS,
    FORGETS_DELAY,
    IGNORES_BACKOFF,
    IGNORES_DELAY,
    LINEAR_BACKOFF,
    OTHER_GROWTH,
    POWER_OF_DELAY,
    XOR_FOR_POWER,
)
from grader.course.mistakes.items import EQUAL_ITEMS_MERGED
from grader.course.mistakes.jitter import (
    DELAY_REPLACED_BY_JITTER,
    IGNORES_JITTER,
    JITTER_BELOW_DELAY,
    JITTER_COMPOUNDS,
    JITTER_IN_SECONDS,
    JITTER_NOT_RANDOM,
    JITTER_NOT_UNIFORM,
    JITTER_OF_BASE_DELAY,
    JITTER_ON_THE_FACTOR,
    JITTER_TOO_COARSE,
    JITTER_WINDOW_TOO_LARGE,
    OTHER_JITTER_SCHEME,
    ZERO_TAKEN_FOR_DEFAULT,
)
from grader.course.mistakes.loop import BLOCKS_THE_LOOP
from grader.course.mistakes.pauses import (
    ARGUMENTS_SWAPPED,
    NO_BACKOFF,
    PAUSE_PADDED,
    PAUSE_ROUNDED,
    SLEEP_NOT_AWAITED,
    WAIT_MEASURED_FROM_START,
    WAITS_ONE_AT_A_TIME,
    WRONG_UNIT,
)
from grader.course.rules import growth, sharing, window
from grader.course.rules.setting import Model

__all__ = ["MODELS"]

MODELS: Sequence[Model] = (
    # Wrong apart from the random part.
    (
        SLEEP_NOT_AWAITED,
        growth.in_a_task,
        "the sleep runs in a task of its own that nobody awaits.",
    ),
    (BLOCKS_THE_LOOP, growth.blocking, "time.sleep() stops everybody else, too."),
    (NO_BACKOFF, growth.none, "the retries came back at once."),
    (
        DELAY_FLOORED,
        growth.never_shorter,
        "it does not get shorter, though backoff is less than 1.",
    ),
    (CONSTANT_DELAY, growth.constant, "the wait does not grow."),
    (BACKOFF_ONE_STEP_AHEAD, growth.ahead, "the first wait has been multiplied already."),
    (BACKOFF_ONE_STEP_BEHIND, growth.behind, "the waits come one retry too late."),
    (
        BACKOFF_ONE_STEP_BEHIND,
        growth.first_missing,
        "the first wait is missing, the others are as asked.",
    ),
    (LINEAR_BACKOFF, growth.linear, "the wait grows by adding, not by multiplying."),
    (IGNORES_BACKOFF, growth.doubles, "it doubles, whatever backoff says."),
    (
        ZERO_TAKEN_FOR_DEFAULT,
        growth.zero_for_default,
        "a delay of 0 is taken for one that is not given.",
    ),
    (
        IGNORES_DELAY,
        growth.by_the_defaults,
        "these are the waits of delay=0.03 and backoff=2, the defaults, whatever is asked.",
    ),
    (IGNORES_DELAY, growth.ignores_delay, "it starts at 30 ms, whatever delay says."),
    (POWER_OF_DELAY, growth.power_of_delay, "delay itself is raised to a power."),
    (
        BASE_AND_EXPONENT_SWAPPED,
        growth.power_of_attempt,
        "the number of the try is raised to a power.",
    ),
    (XOR_FOR_POWER, growth.xor, "in Python ^ is no power, but exclusive or."),
    (
        WAIT_MEASURED_FROM_START,
        growth.from_the_start,
        "it counts from the start of the failed try, not from its end.",
    ),
    (
        WAIT_MEASURED_FROM_START,
        growth.timetable,
        "it is what is left of a timetable that began with the first failure.",
    ),
    (FORGETS_DELAY, growth.forgets_delay, "delay is no part of it."),
    (WRONG_UNIT, growth.milliseconds, "it is a thousand times off: all times are in seconds."),
    (DELAY_FLOORED, growth.floored, "short waits are made longer."),
    (PAUSE_ROUNDED, growth.whole_backoff, "backoff was cut to a whole number."),
    (
        DELAY_CARRIED_TO_NEXT_ITEM,
        sharing.skipped_later,
        "the items before it have used up all the waits.",
    ),
    (
        DELAY_SHARED_BY_CONSUMERS,
        sharing.skipped_for_others,
        "what others do, or what waits for them, decides whether it waits at all.",
    ),
    (PAUSE_ROUNDED, growth.rounded, "it was rounded to a whole number of steps."),
    (
        BACKOFF_SHRINKS,
        growth.shrinks,
        "each wait is shorter than the one before, where it should be longer.",
    ),
    (
        WAITS_ONE_AT_A_TIME,
        sharing.one_at_a_time,
        "each sleep is right, but it began only when another consumer's had ended.",
    ),
    (
        DELAY_SHARED_BY_CONSUMERS,
        sharing.shared,
        "it goes on where another consumer had got to: they all use one delay.",
    ),
    (
        DELAY_SHARED_BY_CONSUMERS,
        sharing.ends_with_another,
        "it ended when another consumer's wait or try did: they wait for one event.",
    ),
    (
        EQUAL_ITEMS_MERGED,
        sharing.carried_between_equals,
        "it goes on where another item, which is equal, had ended.",
    ),
    (DELAY_CAPPED, growth.capped, "it stops growing."),
    (ARGUMENTS_SWAPPED, growth.swapped, "it fits the settings handed on in the wrong places."),
    # Wrong random part.
    (JITTER_ON_THE_FACTOR, window.on_the_factor, "the factor is random, instead of the wait."),
    (
        DELAY_REPLACED_BY_JITTER,
        window.only_jitter,
        "only a random part is waited, without the delay.",
    ),
    (JITTER_COMPOUNDS, window.adds_up, "it has the random parts of the earlier waits in it."),
    (
        JITTER_COMPOUNDS,
        window.compounds,
        "each wait starts from the last one with its random part.",
    ),
    (
        JITTER_COMPOUNDS,
        window.piles_up,
        "the random parts pile up in delay, which is larger before each retry.",
    ),
    (JITTER_BELOW_DELAY, window.both_ways, "the random part goes both ways."),
    (JITTER_BELOW_DELAY, window.subtracts, "the random part is taken away instead of added."),
    (IGNORES_JITTER, window.ignores_jitter, "up to a quarter is added, whatever jitter says."),
    (
        JITTER_IN_SECONDS,
        window.up_to_a_second,
        "up to a whole second is added, whatever the wait is.",
    ),
    (
        JITTER_NOT_RANDOM,
        window.same_part_added,
        "the same part is added each time, whatever jitter says.",
    ),
    (
        ZERO_TAKEN_FOR_DEFAULT,
        window.takes_zero_for_default,
        "up to a quarter is added, though jitter is 0.",
    ),
    (
        JITTER_WINDOW_TOO_LARGE,
        window.grows_with_the_number,
        "the window has grown with d already, and is made wider once more.",
    ),
    (
        IGNORES_JITTER,
        window.whole_extra,
        "up to the whole wait is added, not the fraction jitter.",
    ),
    (JITTER_TOO_COARSE, window.in_steps, "it is rounded, and so ends outside of its window."),
    (JITTER_NOT_UNIFORM, window.a_little_beyond, "the random part goes a little beyond its end."),
    (JITTER_NOT_UNIFORM, window.unlimited, "the random part has no upper limit."),
    (
        DELAY_CARRIED_TO_NEXT_ITEM,
        sharing.carried_over,
        "it starts where the item before it had ended.",
    ),
    (
        JITTER_IN_SECONDS,
        window.in_seconds,
        "jitter is taken as seconds; it is a fraction of the wait.",
    ),
    (JITTER_OF_BASE_DELAY, window.from_base, "the random part does not grow with the wait."),
    (
        OTHER_JITTER_SCHEME,
        window.other_scheme,
        "the whole wait is random, not a part added to it.",
    ),
    (JITTER_WINDOW_TOO_LARGE, window.too_wide, "the random part is larger than d * jitter."),
    (OTHER_JITTER_SCHEME, window.random_otherwise, "it is random in another way than asked."),
    # Slightly too long, or growing in an unknown way.
    (PAUSE_PADDED, growth.padded, "something is added to it."),
    (OTHER_GROWTH, growth.grows_otherwise, "it grows, but not by the factor backoff each time."),
)
