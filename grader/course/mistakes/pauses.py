"""The waits between the tries: when they are, and how long."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

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
            "What does `asyncio.sleep(1)` do without an await?",
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
            "`asyncio.sleep()` in `except TransientError:`, not at the top of the loop.",
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
            "First `if attempt == attempts:` and give up; the sleep comes behind that.",
        ),
        (
            "The last wait is the longest one: it holds a consumer, and everything behind it, for"
            " nothing."
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
            "`asyncio.sleep()` between the tries, no `wait_for()` around them.",
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
            "Hand the unrounded value to `asyncio.sleep()`: it takes fractions of a second.",
        ),
        "Short waits become 0 by rounding, and the service gets no rest at all.",
    ),
    KnownMistake(
        "wrong-unit",
        "Seconds and milliseconds are mixed up.",
        (
            "In which unit is delay, and in which does `asyncio.sleep()` count?",
            "delay is in seconds, and so is the argument of `asyncio.sleep()`.",
            "Take the `* 1000` or `/ 1000` out of the wait; it belongs into a print at most.",
        ),
        "A factor of a thousand is an outage either way: nothing moves, or everything at once.",
    ),
    KnownMistake(
        "wait-measured-from-start",
        "The wait is counted from the start of the failed try.",
        (
            "From which moment on does your wait run?",
            "The wait lies between the end of the failed try and the start of the next.",
            (
                "`asyncio.sleep(pause)` after the except, the whole pause: subtract nothing that "
                "the try has taken."
            ),
        ),
        "When a try takes long before it fails, as in a timeout, the service gets no rest at all.",
    ),
    KnownMistake(
        "waits-one-at-a-time",
        "Consumers wait for each other's waits.",
        (
            "What does the second consumer do while the first one sleeps?",
            "Each consumer waits for itself, and the others go on meanwhile.",
            "No `async with lock:` around the sleep.",
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
        "pause-padded",
        "Something is added to every wait that nobody asked for.",
        (
            "Compare each wait with delay * backoff ** (k - 1): how much longer is it?",
            "Just that long, in this exercise: neither a margin nor a random part is added.",
            "`await asyncio.sleep(delay * backoff ** (k - 1))`, with nothing added.",
        ),
        "A margin here and a margin there, and nobody can say any more when the next try comes.",
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
            "One `asyncio.sleep()` for each retry, with that product as its argument.",
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
        "default-changed",
        "A parameter has another default than the signature asks for.",
        (
            "What does your function use for a parameter that the caller leaves out?",
            "The signature is fixed, its defaults too: callers rely on what they do not say.",
            "Compare the `def` line with that of the assignment, one default after the other.",
        ),
        (
            "A default is part of the interface: change it, and every caller that never mentioned "
            "it behaves differently after the next release."
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
