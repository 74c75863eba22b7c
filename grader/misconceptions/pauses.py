"""The waits between the tries: when, and how long."""

from __future__ import annotations

from grader.misconceptions.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "sleeps-in-ex2",
        "Time passes between tries that should follow each other at once.",
        (
            "How much time passes between a failed try and the next?",
            "Retries are immediate in this exercise: the waiting comes in the next one.",
            (
                "Between the `except` and the next `await process_item(item)` nothing is awaited,"
                " neither a sleep nor the queue."
            ),
        ),
        (
            "Waiting is right in the end, but it is a decision with a formula, not something that"
            " happens by the way."
        ),
        follows_from=("item-put-back",),
    ),
    KnownMistake(
        "no-backoff",
        "There is no wait between the tries.",
        (
            "How much time passes between a failed try and the next?",
            "Before retry k the consumer waits delay * backoff ** (k - 1) seconds.",
            "`await asyncio.sleep(...)` in `except TransientError`, when another try follows.",
        ),
        (
            "Retries without a wait hit a service that is down as hard as they can, and use up "
            "all tries within its first hiccup."
        ),
        follows_from=("delay-replaced-by-jitter",),
    ),
    KnownMistake(
        "sleep-not-awaited",
        "The sleep is started and not awaited.",
        (
            "What does asyncio.sleep(1) do without an await?",
            (
                "Calling an async function only makes a coroutine; a task of its own sleeps for "
                "itself alone. Only await waits."
            ),
            "Write `await` in front of the sleep, in the consumer itself.",
        ),
        "The program looks as if it backed off, and hammers the service all the same.",
    ),
    KnownMistake(
        "sleeps-before-first-try",
        "There is a wait before the first try.",
        (
            "How long does a new item lie there before its first try?",
            "None before the first try: only a retry waits.",
            "Sleep in the branch of the failure, not at the top of the loop.",
        ),
        (
            "Every item pays for the failures of a few: the whole pipeline gets slower on the "
            "best of days."
        ),
    ),
    KnownMistake(
        "sleeps-after-success",
        "There is a wait after a success.",
        (
            "What does the consumer do between a success and the next item?",
            "Only a retry waits; after a success the next item is begun at once.",
            (
                "The sleep belongs into `except TransientError`; not behind the try, and not into"
                " finally."
            ),
        ),
        (
            "Every item pays for the failures of a few: the whole pipeline gets slower on the "
            "best of days."
        ),
    ),
    KnownMistake(
        "sleeps-after-last-failure",
        "There is a wait after the last failure.",
        (
            "What does the wait after the last try of an item wait for?",
            "None after the last failure: nothing follows that the wait could come before.",
            "First ask whether it was the last try, and sleep only when another follows.",
        ),
        (
            "The last wait is the longest one: it holds a consumer, and everything behind it, for"
            " nothing."
        ),
    ),
    KnownMistake(
        "ignores-delay",
        "The first delay is a constant, whatever delay says.",
        (
            "Where does the length of the first wait come from?",
            "The first retry waits `delay`, the parameter.",
            "Find the 0.03 in your formula, and write delay.",
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
            "Multiply the power by delay.",
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
            "Find the 2 in your formula, and write backoff.",
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
            "Multiply the pause by backoff after each wait, or use a power of it.",
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
            "Multiply by backoff each time, or take the power, but not both.",
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
            (
                "Multiply instead of dividing; the exponent counts the tries that failed, not "
                "those that are left."
            ),
        ),
        "The tries come faster and faster, just while the service tries to recover.",
    ),
    KnownMistake(
        "backoff-one-step-ahead",
        "The first wait has grown already.",
        (
            "How long is the first wait, and how long should it be?",
            "The first retry waits `delay` itself: delay * backoff ** (k - 1), with k = 1.",
            "Sleep first and multiply then; or make the exponent one smaller.",
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
            "Look at where your counting starts: the first failure is already one to wait for.",
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
            "Take delay out of the parentheses.",
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
            "A variable that is set to 0 for each item, instead of a number out of stats.",
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
            "Nothing global and no attribute: set it in the loop, for each item.",
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
            "Take the min(...) out.",
        ),
        (
            "Limits are good where they are agreed on. This one makes the settings say something "
            "that does not happen."
        ),
    ),
    KnownMistake(
        "delay-floored",
        "The wait has a lower limit that nobody asked for.",
        (
            "How long do you wait when delay is a thousandth of a second?",
            "delay * backoff ** (k - 1), however short that is.",
            "Take the max(...) out.",
        ),
        (
            "Services next door want short waits; a hidden limit makes them slow for no visible "
            "reason."
        ),
    ),
    KnownMistake(
        "delay-taken-for-timeout",
        "The delay limits the try instead of coming before it.",
        (
            "What happens between two tries, and what happens to a try that takes long?",
            (
                "Between the end of a failed try and the start of the next the delay passes; the "
                "try itself takes as long as it needs."
            ),
            "asyncio.sleep() between the tries, no wait_for() around them.",
        ),
        (
            "Slow answers are thrown away and asked for again at once: the load doubles when the "
            "service is slow."
        ),
    ),
    KnownMistake(
        "pause-rounded",
        "The wait is rounded before it is slept.",
        (
            "Which waits are there that are no whole number of steps?",
            "Times are exact: what is rounded is the number in the log, not the wait.",
            "Hand the unrounded value to asyncio.sleep(): it takes fractions of a second.",
        ),
        "Short waits become 0 by rounding, and the service gets no rest at all.",
    ),
    KnownMistake(
        "wrong-unit",
        "Seconds and milliseconds are mixed up.",
        (
            "In which unit is delay, and in which does asyncio.sleep() count?",
            "delay is in seconds, and so is the argument of asyncio.sleep().",
            "Take the 1000 out of the wait; it belongs into a print at most.",
        ),
        "A factor of a thousand is an outage either way: nothing moves, or everything at once.",
    ),
    KnownMistake(
        "wait-measured-from-start",
        "The wait is counted from the start of the failed try.",
        (
            "From which moment on does your wait run?",
            "The wait lies between the end of the failed try and the start of the next.",
            "Sleep the whole pause after the except; subtract nothing that the try has taken.",
        ),
        "When a try takes long before it fails, as in a timeout, the service gets no rest at all.",
    ),
    KnownMistake(
        "waits-one-at-a-time",
        "Consumers wait for each other's waits.",
        (
            "What does the second consumer do while the first one sleeps?",
            "Each consumer waits for itself, and the others go on meanwhile.",
            "No lock around the sleep.",
        ),
        (
            "When many fail at once their waits add up: the pipeline stands still for the sum of "
            "them."
        ),
    ),
    KnownMistake(
        "spins-while-waiting",
        "The wait is a loop that asks for the time.",
        (
            "How often does your loop go round during one wait?",
            (
                "The event loop is never kept busy by a wait: one sleep takes the whole pause, "
                "and wakes once."
            ),
            "One `await asyncio.sleep(pause)` in place of the loop.",
        ),
        (
            "A waiting program should cost nothing: this one takes a whole processor from those "
            "that have work."
        ),
    ),
    KnownMistake(
        "wrong-pause",
        "The wait is another one than asked.",
        (
            "Write down the waits of one item, and compare each with delay * backoff ** (k - 1).",
            (
                "Before retry k = 1, 2, ... that many seconds pass, from the end of the failed "
                "try to the start of the next."
            ),
            "One sleep for each retry, with that product as its argument.",
        ),
        "Who reads the settings has to be able to say when the next try comes.",
        follows_from=("other-jitter-scheme",),
    ),
    KnownMistake(
        "settings-not-passed-on",
        "The settings never reach the consumers, which run with their defaults.",
        (
            "Which arguments does run_pipeline give to each consumer?",
            "attempts, delay, backoff and jitter go from run_pipeline to every consumer.",
            (
                "Hand them on by name where the consumers are started: attempts=attempts, and the"
                " others alike."
            ),
        ),
        (
            "A setting that has no effect is worse than none: it is turned in the middle of an "
            "outage, and nothing happens."
        ),
    ),
    KnownMistake(
        "arguments-swapped",
        "Settings arrive at the consumers in wrong places.",
        (
            "Compare the order of your arguments with that of the parameters.",
            (
                "delay are seconds, backoff is a factor, jitter a fraction: each has to arrive "
                "under its name."
            ),
            "Hand them on by name: delay=delay, backoff=backoff, jitter=jitter.",
        ),
        "Numbers are accepted in any place: no error says that a factor is slept as seconds.",
    ),
)
