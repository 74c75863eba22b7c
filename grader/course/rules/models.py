"""The usual wrong waits, in the order in which they are asked for: the first that fits is the mistake."""

from __future__ import annotations

from collections.abc import Sequence

from grader.course.rules import growth, sharing, window
from grader.course.rules.setting import Model

__all__ = ["MODELS"]

MODELS: Sequence[Model] = (
    # Without a random part, or apart from it.
    (
        "sleep-not-awaited",
        growth.in_a_task,
        "the sleep runs in a task of its own that nobody awaits.",
    ),
    ("blocks-the-loop", growth.blocking, "time.sleep() stops everybody else, too."),
    ("no-backoff", growth.none, "the retries came back at once."),
    (
        "delay-floored",
        growth.never_shorter,
        "it does not get shorter, though backoff is less than 1.",
    ),
    ("constant-delay", growth.constant, "the wait does not grow."),
    ("backoff-one-step-ahead", growth.ahead, "the first wait has been multiplied already."),
    ("backoff-one-step-behind", growth.behind, "the waits come one retry too late."),
    (
        "backoff-one-step-behind",
        growth.first_missing,
        "the first wait is missing, the others are as asked.",
    ),
    ("linear-backoff", growth.linear, "the wait grows by adding, not by multiplying."),
    ("ignores-backoff", growth.doubles, "it doubles, whatever backoff says."),
    (
        "zero-taken-for-default",
        growth.zero_for_default,
        "a delay of 0 is taken for one that is not given.",
    ),
    (
        "ignores-delay",
        growth.by_the_defaults,
        "these are the waits of delay=0.03 and backoff=2, the defaults, whatever is asked.",
    ),
    ("ignores-delay", growth.ignores_delay, "it starts at 30 ms, whatever delay says."),
    ("power-of-delay", growth.power_of_delay, "delay itself is raised to a power."),
    (
        "base-and-exponent-swapped",
        growth.power_of_attempt,
        "the number of the try is raised to a power.",
    ),
    ("xor-for-power", growth.xor, "in Python ^ is no power, but exclusive or."),
    (
        "wait-measured-from-start",
        growth.from_the_start,
        "it counts from the start of the failed try, not from its end.",
    ),
    (
        "wait-measured-from-start",
        growth.timetable,
        "it is what is left of a timetable that began with the first failure.",
    ),
    ("forgets-delay", growth.forgets_delay, "delay is no part of it."),
    ("wrong-unit", growth.milliseconds, "it is a thousand times off: all times are in seconds."),
    ("delay-floored", growth.floored, "short waits are made longer."),
    ("pause-rounded", growth.whole_backoff, "backoff was cut to a whole number."),
    (
        "delay-carried-to-next-item",
        sharing.skipped_later,
        "the items before it have used up all the waits.",
    ),
    (
        "delay-shared-by-consumers",
        sharing.skipped_for_others,
        "what others do, or what waits for them, decides whether it waits at all.",
    ),
    ("pause-rounded", growth.rounded, "it was rounded to a whole number of steps."),
    (
        "backoff-shrinks",
        growth.shrinks,
        "each wait is shorter than the one before, where it should be longer.",
    ),
    (
        "waits-one-at-a-time",
        sharing.one_at_a_time,
        "each sleep is right, but it began only when another consumer's had ended.",
    ),
    (
        "delay-shared-by-consumers",
        sharing.shared,
        "it goes on where another consumer had got to: they all use one delay.",
    ),
    (
        "delay-shared-by-consumers",
        sharing.ends_with_another,
        "it ended when another consumer's wait or try did: they wait for one event.",
    ),
    (
        "equal-items-merged",
        sharing.carried_between_equals,
        "it goes on where another item, which is equal, had ended.",
    ),
    ("delay-capped", growth.capped, "it stops growing."),
    ("arguments-swapped", growth.swapped, "it fits the settings handed on in the wrong places."),
    # With one.
    ("jitter-on-the-factor", window.on_the_factor, "the factor is random, instead of the wait."),
    (
        "delay-replaced-by-jitter",
        window.only_jitter,
        "only a random part is waited, without the delay.",
    ),
    ("jitter-compounds", window.adds_up, "it has the random parts of the earlier waits in it."),
    (
        "jitter-compounds",
        window.compounds,
        "each wait starts from the last one with its random part.",
    ),
    ("jitter-below-delay", window.both_ways, "the random part goes both ways."),
    ("jitter-below-delay", window.subtracts, "the random part is taken away instead of added."),
    ("ignores-jitter", window.ignores_jitter, "up to a quarter is added, whatever jitter says."),
    (
        "jitter-in-seconds",
        window.up_to_a_second,
        "up to a whole second is added, whatever the wait is.",
    ),
    (
        "jitter-not-random",
        window.same_part_added,
        "the same part is added each time, whatever jitter says.",
    ),
    (
        "zero-taken-for-default",
        window.takes_zero_for_default,
        "up to a quarter is added, though jitter is 0.",
    ),
    (
        "jitter-window-too-large",
        window.grows_with_the_number,
        "the window has grown with d already, and is made wider once more.",
    ),
    (
        "ignores-jitter",
        window.whole_extra,
        "up to the whole wait is added, not the fraction jitter.",
    ),
    ("jitter-not-uniform", window.a_little_beyond, "the random part goes a little beyond its end."),
    ("jitter-not-uniform", window.unlimited, "the random part has no upper limit."),
    (
        "delay-carried-to-next-item",
        sharing.carried_over,
        "it starts where the item before it had ended.",
    ),
    (
        "jitter-in-seconds",
        window.in_seconds,
        "jitter is taken as seconds; it is a fraction of the wait.",
    ),
    ("jitter-of-base-delay", window.from_base, "the random part does not grow with the wait."),
    (
        "other-jitter-scheme",
        window.other_scheme,
        "the whole wait is random, not a part added to it.",
    ),
    ("jitter-window-too-large", window.too_wide, "the random part is larger than d * jitter."),
    ("other-jitter-scheme", window.random_otherwise, "it is random in another way than asked."),
    # A little too long, or it grows, and nobody knows how.
    ("pause-padded", growth.padded, "something is added to it."),
    ("other-growth", growth.grows_otherwise, "it grows, but not by the factor backoff each time."),
)
