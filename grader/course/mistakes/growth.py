"""How the waits between the tries grow."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "ignores-delay",
        "The first delay is a constant, whatever delay says.",
        (
            "Where does the length of the first wait come from?",
            "The first retry waits `delay`, the parameter.",
            "Find the 0.03 in your formula, and write `delay`.",
        ),
        (
            "A service next door wants milliseconds, an external one seconds: that is what the "
            "setting is for."
        ),
    ),
    KnownMistake(
        "forgets-delay",
        "The delay is no part of the wait.",
        (
            "How long is the first wait, with delay=0.03?",
            (
                "delay * backoff ** (k - 1): the power says how many delays, the delay says how "
                "long one is."
            ),
            "`delay * backoff ** ...` in place of the power alone.",
        ),
        "Waits of seconds where hundredths are meant bring the whole pipeline to a standstill.",
    ),
    KnownMistake(
        "ignores-backoff",
        "The factor is a constant, whatever backoff says.",
        (
            (
                "By what is each wait longer than the one before, and where does that number come"
                " from?"
            ),
            "Each further retry waits `backoff` times as long as the last.",
            "Find the 2 in your formula, and write `backoff`.",
        ),
        "How fast to back off depends on who is on the other end: with backoff=1 not at all.",
    ),
    KnownMistake(
        "constant-delay",
        "The wait does not grow.",
        (
            "Write down the waits of one item, and divide each by the one before.",
            (
                "Each further retry waits `backoff` times as long as the last: that is what makes"
                " it exponential."
            ),
            "`pause *= backoff` after each wait, or a power: `backoff ** ...`.",
        ),
        (
            "A service that is down for ten seconds is not helped by four tries within a tenth of"
            " one."
        ),
    ),
    KnownMistake(
        "linear-backoff",
        "The wait grows by adding instead of multiplying.",
        (
            "Write down the waits of one item: are the differences the same, or the quotients?",
            "Exponential means a factor: each wait is `backoff` times the one before.",
            "`**` in place of `*` with the number of the retry, or `*= backoff` in place of `+=`.",
        ),
        (
            "Exponential backoff finds the pace of a service that is in trouble after a few "
            "tries; linear growth takes far more of them."
        ),
    ),
    KnownMistake(
        "other-growth",
        "The wait grows by another law.",
        (
            "Write down the waits of one item, and divide each by the one before.",
            "The quotient is `backoff` each time: delay * backoff ** (k - 1) before retry k.",
            "`pause *= backoff` each time, or delay times `backoff ** ...`, but not both.",
        ),
        (
            "Who reads the setting has to be able to say how long it takes until an item is given"
            " up on."
        ),
    ),
    KnownMistake(
        "backoff-shrinks",
        "The waits get shorter.",
        (
            "Which of the waits is the longest?",
            "Each further retry waits longer: a service in trouble needs more time, not less.",
            "`*=` in place of `/=`; the exponent is `attempt - 1`, not what is left of attempts.",
        ),
        "The tries come faster and faster, just while the service tries to recover.",
    ),
    KnownMistake(
        "backoff-one-step-ahead",
        "The first wait has grown already.",
        (
            "How long is the first wait, and how long should it be?",
            "The first retry waits `delay` itself: delay * backoff ** (k - 1), with k = 1.",
            "Sleep first, and `pause *= backoff` then; or make the exponent one smaller.",
        ),
        (
            "All waits are too long by the factor: with backoff=3 an item is held three times as "
            "long as intended."
        ),
    ),
    KnownMistake(
        "backoff-one-step-behind",
        "The waits come one retry too late.",
        (
            "How long is the first wait, and how long the second?",
            (
                "The first retry waits `delay`, the second delay * backoff: the exponent is k - "
                "1, for k = 1, 2, ..."
            ),
            (
                "With attempts counted from 1 the exponent is `attempt - 1`, and the wait comes "
                "after the first failure, too."
            ),
        ),
        "The first retry is the one that hits the service in the middle of its trouble.",
    ),
    KnownMistake(
        "base-and-exponent-swapped",
        "Base and exponent are swapped.",
        (
            "Write down the waits for four retries: 1, 4, 9 is another series than 1, 2, 4.",
            (
                "delay * backoff ** (k - 1): backoff is the base, the number of the retry is in "
                "the exponent."
            ),
            "Swap the two sides of your `**`, and let the exponent begin at 0.",
        ),
        "It looks right for the first two waits, and is wrong for all others.",
    ),
    KnownMistake(
        "power-of-delay",
        "The delay itself is raised to a power.",
        (
            "What is 0.03 ** 2?",
            "delay * backoff ** (k - 1): only backoff is raised, and `**` binds tighter than `*`.",
            "`delay * (backoff ** ...)`, and not `(delay * backoff) ** ...`.",
        ),
        (
            "Delays below one second get shorter by a power: the harder it fails, the faster it "
            "is tried."
        ),
    ),
    KnownMistake(
        "xor-for-power",
        "`^` is taken for a power; in Python it is exclusive or.",
        (
            "What is 2 ^ 2 in Python? Try it.",
            "delay * backoff ** (k - 1): a power is written with two stars.",
            "`**` in place of `^`.",
        ),
        "Such slips pass every review that only reads the code: look at the numbers once.",
    ),
    KnownMistake(
        "exponent-from-totals",
        "The exponent is a count over all items.",
        (
            "Which number is in your exponent when the second item fails for the first time?",
            (
                "Each item and each consumer starts again at delay: the exponent counts this "
                "item's own retries."
            ),
            "`retries = 0` for each item, instead of a number out of stats.",
        ),
        "The longer the program runs the longer the waits: after a day it stands still.",
    ),
    KnownMistake(
        "delay-carried-to-next-item",
        "The next item starts with the long wait of the last one.",
        (
            "How long is the first wait of the second item that fails?",
            (
                "Each item begins again at `delay`: what one item has waited is none of the next "
                "one's affair."
            ),
            "Set a `pause = delay` of its own for each item, and never change `delay`.",
        ),
        (
            "One bad item slows down all that come after it, until a restart makes it good again,"
            " for a while."
        ),
    ),
    KnownMistake(
        "delay-shared-by-consumers",
        "All consumers use and change one pause.",
        (
            "Who else changes your pause while this consumer sleeps?",
            "Each item and each consumer starts again at `delay`: the pause is a local variable.",
            "`pause = delay` for each item, in a local variable: nothing `global`, no attribute.",
        ),
        (
            "With one worker it is right, with three the waits jump: nobody can explain them from"
            " the log."
        ),
    ),
    KnownMistake(
        "delay-capped",
        "The wait has an upper limit that nobody asked for.",
        (
            "At which length do your waits stop growing?",
            "delay * backoff ** (k - 1), however long that is.",
            "Take the `min(...)` out.",
        ),
        (
            "Limits are good where they are agreed on. This one makes the settings say something "
            "that does not happen."
        ),
    ),
    KnownMistake(
        "formula-breaks-down",
        "A formula has no answer for some settings.",
        (
            "Compute the wait by hand for backoff=1, and for delay=0: which step fails?",
            "A product of powers works for every number; a division or a logarithm does not.",
            "`delay * backoff ** (k - 1)`, or `pause *= backoff` after each wait.",
        ),
        "Settings are changed in a hurry, when the service is down: 0 and 1 are the first to be tried.",
    ),
    KnownMistake(
        "delay-floored",
        "The wait has a lower limit that nobody asked for.",
        (
            "How long do you wait when delay is a thousandth of a second, or backoff is 0.5?",
            "delay * backoff ** (k - 1), however short that is.",
            "Take the `max(...)` out.",
        ),
        (
            "Services next door want short waits; a hidden limit makes them slow for no visible "
            "reason."
        ),
    ),
)
