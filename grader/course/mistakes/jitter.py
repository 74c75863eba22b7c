"""The random part of the waits."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "jitter-not-random",
        "Nothing is random in the wait.",
        (
            "Do a hundred clients that fail at the same moment wait equally long?",
            "d + u: u is drawn at random, uniformly from 0 to d * jitter.",
            "Add `random.uniform(0, ...)` to d, where the wait is computed.",
        ),
        (
            "Clients that failed together come back together, and may bring the recovering "
            "service down again."
        ),
    ),
    KnownMistake(
        "ignores-jitter",
        "The size of the random part does not follow the parameter jitter.",
        (
            "Where does the largest random addition come from?",
            "u goes from 0 to d * jitter: the parameter is the fraction.",
            (
                "`random.uniform(0, ...)` ends at d times `jitter`: write that where your formula"
                " has a number, or nothing."
            ),
        ),
        "How wide the herd is to be spread depends on its size: that is what the setting is for.",
    ),
    KnownMistake(
        "zero-taken-for-default",
        'jitter=0 is taken for "not given".',
        (
            "What is `0 or 0.25` in Python?",
            "With jitter=0 the wait is exactly d.",
            'Use the parameter as it is; where "not given" matters, compare with `is None`.',
        ),
        (
            "0 is a value: who turns jitter off, for a test or for a single client, has to get "
            "what was asked for."
        ),
        follows_from=("ignores-jitter",),
    ),
    KnownMistake(
        "jitter-in-seconds",
        "A number of seconds is added instead of a fraction of the wait.",
        (
            "How large is the random part of a wait of 30 ms?",
            "jitter is a fraction of d: the random part goes from 0 to d * jitter.",
            "Multiply by d: the range ends at `d * jitter`, not at `jitter` and not at 1.",
        ),
        "For short waits the random part is all there is, and for long ones it is nothing.",
    ),
    KnownMistake(
        "jitter-of-base-delay",
        "The random part is a fraction of the first delay, and does not grow with the wait.",
        (
            "How wide is the window before the third retry, and how wide should it be?",
            "u goes from 0 to d * jitter, with the d of this retry, which has grown.",
            "First `d = ...` with the power, then the random part from that d.",
        ),
        "Late retries are the crowded ones: there the window has to be widest.",
    ),
    KnownMistake(
        "delay-replaced-by-jitter",
        "Only the random part is slept, without the delay.",
        (
            "What is the shortest wait that your formula can give?",
            "The random part is added to d: never less than d, never more than d + d * jitter.",
            "`d + ...` in the argument of the sleep.",
        ),
        "Some clients come back at once: the service gets no rest.",
    ),
    KnownMistake(
        "jitter-below-delay",
        "The wait may be shorter than d.",
        (
            "What is the shortest wait that your formula can give?",
            "Jitter is added: d is the least, d + d * jitter the most.",
            "`random.uniform(0, ...)` instead of a range that begins below 0.",
        ),
        "The delay is the rest that the service was promised; jitter spreads what comes after it.",
    ),
    KnownMistake(
        "jitter-window-too-small",
        "Only a part of the window is used.",
        (
            "What is the largest random part that can be drawn, as a share of d * jitter?",
            "u is spread over the whole window, from 0 to d * jitter.",
            "`random.uniform(0, d * jitter)`, without any further factor.",
        ),
        "Half the window means twice the crowd in each moment.",
    ),
    KnownMistake(
        "jitter-window-too-large",
        "The random part may be larger than d * jitter.",
        (
            "What is the largest random part that can be drawn, as a share of d?",
            (
                "u is at most d * jitter; d has grown with the retry already, so that nothing "
                "else needs to."
            ),
            "`d * jitter` is the end of the range, without a further factor.",
        ),
        "Who reads the settings has to be able to say when an item is given up on, at the latest.",
    ),
    KnownMistake(
        "jitter-not-uniform",
        "Some random parts are likelier than others.",
        (
            "Draw a thousand random parts, and count them in each quarter of the window.",
            (
                "Uniform means that every part of the window is hit equally often, up to its end,"
                " and nothing lies beyond."
            ),
            (
                "`random.uniform(...)`: no `gauss()`, no `expovariate()`, no power or maximum of "
                "draws."
            ),
        ),
        "Where the draws crowd, the clients do: that is the herd again, only smaller.",
    ),
    KnownMistake(
        "jitter-too-coarse",
        "The random part has only a few values.",
        (
            "How many different random parts are there at all?",
            "u is drawn in a thousand steps or finer.",
            (
                "`random.uniform()`, or `random.random()` times the window: no `randint()` of a "
                "few, no rounding."
            ),
        ),
        "A thousand clients on ten values are ten herds of a hundred.",
        follows_from=("pause-rounded",),
    ),
    KnownMistake(
        "jitter-compounds",
        "Random parts of earlier waits are in the later ones.",
        (
            "From which number is your second wait computed: from d, or from what was slept?",
            (
                "Jitter never feeds into the next delay: d grows by itself, and each wait gets a "
                "fresh random part."
            ),
            "Two variables: `d *= backoff` grows, and the sleep takes d and a fresh random part.",
        ),
        "The waits wander off: after a few retries nobody can say any more how long they are.",
    ),
    KnownMistake(
        "jitter-on-the-factor",
        "The factor is random instead of the wait.",
        (
            "Is there anything random in the wait before the first retry?",
            (
                "Every wait gets a random part, also the first: d + u, with d = delay * backoff "
                "** (k - 1)."
            ),
            "Leave backoff as it is, and add `random.uniform(...)` to d.",
        ),
        "The first retry is the one at which the whole herd comes back.",
    ),
    KnownMistake(
        "jitter-on-later-only",
        "The first retry waits without a random part.",
        (
            "Print the random part before each retry of an item: what is it before the first?",
            "It is the first retry with which a herd comes back: it needs its random part most.",
            "`random.uniform(0, d * jitter)` for every k, the first included.",
        ),
        "All clients fail at one moment, and all their first retries hit the service at one moment.",
    ),
    KnownMistake(
        "jitter-on-first-only",
        "Only the first retry has a random part.",
        (
            "Print the random part before each retry of one item: which are 0?",
            "u is drawn afresh for every retry.",
            (
                "`random.uniform(...)` in the same line in which the wait is computed, under no "
                "condition."
            ),
        ),
        "Whoever fails again at the same moment comes back at the same moment.",
    ),
    KnownMistake(
        "other-jitter-scheme",
        "Another known scheme is used, such as full, equal or decorrelated jitter.",
        (
            "Compare the shortest and the longest wait with d and with d + d * jitter.",
            "Here the random part comes on top: d + u, with u from 0 to d * jitter.",
            "Keep d as it is, and add `random.uniform(0, ...)` to it.",
        ),
        (
            "Each scheme has its uses: full jitter spreads most, but may come back at once. A "
            "team has to know which one runs."
        ),
    ),
)
