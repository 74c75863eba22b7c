"""The counts in stats."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "stats-copied",
        "The dict that is handed in is never changed.",
        (
            "Which dict do you count in, and who else can see it?",
            "The counts go into the dict that was handed in; several consumers share it.",
            '`stats["..."] += 1` on the parameter itself: no copy, no new dict.',
        ),
        "Numbers that stay at 0 are worse than none: the dashboard shows a quiet system.",
    ),
    KnownMistake(
        "stats-too-late",
        "The counts become true only when the consumer ends.",
        (
            "What do the counts say after the first item, while the consumer goes on?",
            (
                "The counts are true as soon as an item is settled, not only at the end of the "
                "consumer."
            ),
            "`stats[...] += 1` right where the item is settled, instead of a total in the end.",
        ),
        "A consumer may run for months. Counts that appear at its end are never seen.",
    ),
    KnownMistake(
        "stats-too-early",
        "The counts that are returned are those from before the end.",
        (
            "At which moment is the dict read that run_pipeline returns?",
            "run_pipeline returns the counts as they are when every item is settled.",
            "Return the dict that the consumers count in, after `join()`.",
        ),
        "The last items are the ones that had trouble. They are just the ones that are missing.",
    ),
    KnownMistake(
        "stats-overwritten",
        "Each consumer writes its own counts over those of the others.",
        (
            "What stands in stats when the second consumer writes its counts?",
            "Several consumers share one dict: each adds to it.",
            "`stats[...] += 1`, never `stats[...] =` with a count of one's own.",
        ),
        "With one worker the numbers are right; with three you see a third of the truth.",
    ),
    KnownMistake(
        "stats-lost-update",
        "A count is read before an await and written after it, and others' counts are lost.",
        (
            (
                "What may the other consumers do between the line that reads the count and the "
                "one that writes it?"
            ),
            "Between two awaits nobody else runs: read and write on the same side of the await.",
            "`stats[...] += 1` in one line, after the await.",
        ),
        (
            "It is the race of concurrent programs, and asyncio has it too: at every await others"
            " take their turn."
        ),
    ),
    KnownMistake(
        "stats-keys-missing",
        "A key is missing when nothing of its kind has happened.",
        (
            "Which keys are there after a run in which nothing failed?",
            "The stats have all three keys, each starting at 0.",
            "`dict.fromkeys()` of the three names and 0, at the beginning.",
        ),
        'Who reads stats["failed"] on the best of days gets a KeyError.',
    ),
    KnownMistake(
        "stats-not-counted",
        "One of the three counts is never raised.",
        (
            "Which of the three counts stays at 0, and which line should raise it?",
            "One count per success, one per retry that is made, one per item that is given up on.",
            '`stats["..."] += 1` in the branch where it happens.',
        ),
        "Failures that nobody counts are failures that nobody sees, until a customer calls.",
    ),
    KnownMistake(
        "stats-wrong",
        "A count is raised by something else than 1 for each time.",
        (
            (
                "Write down what happened to each item, and raise the counts by hand: where do "
                "they differ?"
            ),
            "consumed: 1 per success; retried: 1 per retry made; failed: 1 per item given up on.",
            "`+= 1`, once, in the branch where it happens.",
        ),
        "Alerts hang on these numbers: wrong ones wake people up for nothing, or let them sleep.",
    ),
    KnownMistake(
        "returns-nothing",
        "run_pipeline does not return the stats.",
        (
            "What does `print(await run_pipeline(...))` show?",
            "run_pipeline returns the stats, a dict with all three keys.",
            "`return stats` at the end, after the wait.",
        ),
        "Whoever starts the pipeline has to know how it went.",
    ),
    KnownMistake(
        "consumed-counts-failures",
        "Items that were given up on count as consumed.",
        (
            "Follow an item that is given up on: which counts go up?",
            "consumed goes up by 1 per success; an item that is given up on counts as failed.",
            "Count in the `else:` of the try, not in finally and not before the try.",
        ),
        "A rate of success of 100 % while items are lost: the one number that must not lie.",
    ),
    KnownMistake(
        "retried-off-by-one",
        "A first or a last try counts as a retry.",
        (
            (
                "Follow an item that succeeds at once, and one that is given up on: how many "
                "retries does each have?"
            ),
            (
                "retried goes up by 1 per retry made: the first try is none, and after the last "
                "failure none follows."
            ),
            (
                "`if attempt < attempts:` another try follows: there, and only there, "
                '`stats["retried"] += 1`.'
            ),
        ),
        "The share of retries is how one sees a service getting worse; an offset hides it.",
    ),
    KnownMistake(
        "retried-counts-items",
        "Not every retry is counted, but items, or only the retries that helped.",
        (
            (
                "Follow an item that needs three retries, and one that is given up on: how many "
                "does each add?"
            ),
            "retried goes up by 1 for every retry that is made, whether it helps or not.",
            '`stats["retried"] += 1` inside the loop over the tries, where another try follows.',
        ),
        (
            "What loads the service are the retries, not the items: that number tells how much it"
            " suffers."
        ),
    ),
    KnownMistake(
        "failed-counts-tries",
        "Failed tries are counted instead of items.",
        (
            "Follow an item that fails once and then succeeds: should failed go up?",
            (
                "failed goes up by 1 per item that is given up on; a failed try that is followed "
                "by another is a retry."
            ),
            (
                '`stats["failed"] += 1` once, in the branch of `attempt == attempts`, where no '
                "further try follows."
            ),
        ),
        (
            "Failures that were overcome are no losses: counted as such, they raise an alarm "
            "every day."
        ),
    ),
    KnownMistake(
        "counts-unsettled-item",
        "An item that an error or a cancellation interrupted is counted.",
        (
            "Which counts go up when the consumer is cancelled in the middle of an item?",
            "An item that was neither finished nor given up on is not settled: it is in no count.",
            (
                "No counting in `finally` or in a broad except: only after a success, and where "
                "you give up."
            ),
        ),
        "At every restart some items are under way: counted as done, nobody does them again.",
    ),
)
