"""The draws behind the jitter: whether each retry has a random number of its own."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "jitter-once-per-item",
        "All retries of an item use one draw.",
        (
            (
                "Print the random part before each retry of one item, as a share of its d: which "
                "are the same?"
            ),
            "u is drawn afresh for every retry.",
            (
                "Move `random.uniform(...)` into the loop over the tries, to where the wait is "
                "computed."
            ),
        ),
        "Clients that were close to each other once stay together for all of their retries.",
    ),
    KnownMistake(
        "jitter-once-per-consumer",
        "All retries of a consumer use one draw.",
        (
            "Where is your random number drawn: how often does that line run?",
            "u is drawn afresh for every retry: not one per consumer.",
            (
                "Move `random.uniform(...)` into the loop over the tries, to where the wait is "
                "computed."
            ),
        ),
        "Clients that were close to each other once stay together for all of their retries.",
    ),
    KnownMistake(
        "jitter-shared-by-all",
        "One draw is used by the whole program.",
        (
            "Where is your random number drawn: at import, in a default value, or for each retry?",
            "Draws are independent between consumers: each draws its own, for every retry.",
            "Call `random.uniform(...)` right where the wait is computed.",
        ),
        "If all wait equally long, however random that is, they come back as one herd.",
    ),
    KnownMistake(
        "jitter-cycled-list",
        "Draws from a list are used again and again.",
        (
            "How many numbers are in your list, and who starts at which of them?",
            "u is drawn afresh for every retry of every consumer.",
            "`random.uniform(...)` in place of the list.",
        ),
        "A list has a beginning: all that start there together stay together.",
    ),
    KnownMistake(
        "jitter-fixed-seed",
        "A fixed seed makes every run of the program draw the same numbers.",
        (
            "Run your module twice: are the waits the same as the first time?",
            "Draws are independent between runs of the program: no fixed seed.",
            (
                "No `random.seed(...)`, and `random.Random()` without an argument: the generator "
                "seeds itself."
            ),
        ),
        "A thousand copies of the program on a thousand machines are one herd.",
        follows_from=("jitter-from-counter",),
    ),
    KnownMistake(
        "seeded-in-step",
        "A generator is seeded while the program runs, so that draws are repeated.",
        (
            "Which line seeds a generator, with what, and how often does it run?",
            (
                "A seed makes everybody draw the same numbers: from a name, an item, a clock or a"
                " constant."
            ),
            (
                "Take the seed out: `random.uniform()` on the module, or one `random.Random()` "
                "without an argument."
            ),
        ),
        (
            "Whoever has the same seed waits the same time: the copies of a program, or the "
            "clients that failed in the same second."
        ),
    ),
    KnownMistake(
        "jitter-from-clock",
        "The random part is computed from the clock.",
        (
            "What does the clock show two consumers that fail at the same moment?",
            "No clock: draws are independent between consumers.",
            "`random.uniform(...)` in place of the time.",
        ),
        "At the moment that matters, when all fail together, the clock is the same for all.",
    ),
    KnownMistake(
        "jitter-from-counter",
        "The random part follows from the one before, as from a counter.",
        (
            "Can the next random part be told from the last ones?",
            "No counter and no formula: every draw is independent of all others.",
            "`random.uniform(...)` in place of your own series.",
        ),
        (
            "Copies of the program go through the same series in the same order, and meet again "
            "and again."
        ),
    ),
    KnownMistake(
        "jitter-from-hash",
        "The random part is a hash of something known, such as the name.",
        (
            "What do two consumers of the same name wait?",
            (
                "Draws are independent between consumers, whatever their names, and fresh for "
                "every retry."
            ),
            "`random.uniform(...)` in place of the hash.",
        ),
        "Names are often the same on all machines, and hashes of them too.",
    ),
)
