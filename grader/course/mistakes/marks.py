"""task_done() and join(): how the pipeline knows that all is finished."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "task-done-missing",
        "task_done() is not called for every item.",
        (
            "Compare the number of `get()` and of `task_done()`: who calls the second?",
            (
                "`join()` counts: each `put()` adds one, each `task_done()` takes one away. One "
                "that is missing is waited for for ever."
            ),
            (
                "`q.task_done()` once for each item got, when it is settled, at the end of the "
                "consumer's loop."
            ),
        ),
        (
            "The pipeline does all its work and then hangs: in production that is a job that "
            "never ends and blocks the next."
        ),
    ),
    KnownMistake(
        "task-done-missing-when-given-up",
        "task_done() is not called for items that are given up on.",
        (
            (
                "Follow an item that is given up on: which call does every other item get, and it"
                " does not?"
            ),
            (
                "Success or failure: when an item is settled, it is marked. `join()` waits for "
                "the missing call for ever."
            ),
            "One `q.task_done()` behind the loop over the tries, where both paths come together.",
        ),
        (
            "It shows only when an item fails for good: all tests pass, and one bad day the "
            "pipeline hangs."
        ),
        follows_from=("private-counters", "task-done-from-outside"),
    ),
    KnownMistake(
        "task-done-missing-on-success",
        "task_done() is not called for items that succeed.",
        (
            "Follow an item that succeeds: where is it marked as done?",
            "`task_done()` exactly once per item, on every path: also on the usual one.",
            "One `q.task_done()` behind the loop over the tries, where both paths come together.",
        ),
        "The pipeline hangs although nothing went wrong: the next run waits behind it.",
    ),
    KnownMistake(
        "task-done-too-early",
        "task_done() is called before the item is settled.",
        (
            "What is still to be done for the item when `task_done()` is called?",
            "It says that an item is settled: `join()` believes it, and lets the pipeline end.",
            (
                "Move `q.task_done()` behind the work and all retries of the item, out of the "
                "path of a try that may be followed by another."
            ),
        ),
        "The program ends and says that all is done, while the last items are cancelled half way.",
    ),
    KnownMistake(
        "task-done-twice",
        "task_done() is called twice for one item.",
        (
            "Count the calls of `task_done()` on each path through your loop.",
            (
                "Exactly once per item: a call too many marks somebody else's item as done, or "
                "raises ValueError."
            ),
            (
                "Keep one `q.task_done()`, at the end of the outer loop's body, and take the "
                "others out of the branches."
            ),
        ),
        (
            "join() returns while work is still going on: the last items are lost, though only "
            "sometimes."
        ),
        follows_from=("task-done-per-try",),
    ),
    KnownMistake(
        "task-done-per-try",
        "task_done() is called after each try.",
        (
            "How often is `task_done()` called for an item that needs two retries?",
            (
                "Once per item, after it is settled: a failed try that is followed by another "
                "settles nothing."
            ),
            (
                "Take it out of the `finally` or `except` of the try: it belongs behind the loop "
                "over the tries."
            ),
        ),
        (
            "The more a service fails, the earlier join() returns: items are lost just when there"
            " is trouble."
        ),
        follows_from=("item-put-back", "tries-shared-by-consumers", "equal-items-merged"),
    ),
    KnownMistake(
        "task-done-once-per-consumer",
        "task_done() is called once, when the consumer ends, instead of once per item.",
        (
            "How often does the line with `task_done()` run, for ten items?",
            "`join()` counts items, not consumers: one call for each item that was got.",
            "Move `q.task_done()` into the `while True:`, behind the work on one item.",
        ),
        (
            "join() waits for the consumers' end, and the consumers end after join(): each waits "
            "for the other."
        ),
    ),
    KnownMistake(
        "task-done-without-item",
        "task_done() is called although no item was taken.",
        (
            (
                "What does your `finally` do when the consumer is cancelled while it waits for an"
                " item?"
            ),
            "`task_done()` is for an item that was got: at most once each, and never without one.",
            "`get()` stands before the `try` whose `finally` calls `task_done()`.",
        ),
        "Every end of the program brings a ValueError that hides the real ones.",
    ),
    KnownMistake(
        "task-done-from-outside",
        "Somebody else than the consumer calls task_done() for its items.",
        (
            "Who knows that an item is settled, at the moment when it is?",
            "Whoever takes an item marks it, once it is settled; nobody else knows when that is.",
            (
                "`q.task_done()` in the consumer, on the path of giving up, too; none in "
                "run_pipeline."
            ),
        ),
        "Calls made up for in the end are too few or too many as soon as the timing changes.",
    ),
    KnownMistake(
        "private-counters",
        "The queue's private attributes are used.",
        (
            "Which names that begin with an underscore does your code touch?",
            (
                "The queue counts by itself: `task_done()` takes one away and wakes `join()`. Its"
                " private counters are not yours."
            ),
            "`q.task_done()` in place of that line.",
        ),
        (
            "Private parts change with every version of Python, and whoever waits for them is not"
            " woken."
        ),
    ),
    KnownMistake(
        "returns-without-waiting",
        "Nothing waits for the last items.",
        (
            "What is still being worked on when run_pipeline returns?",
            "run_pipeline returns only after every item is settled: empty is not yet finished.",
            "`await q.join()` after the last put, before the consumers are cancelled.",
        ),
        "The last items of every run are lost, and no error says so.",
    ),
    KnownMistake(
        "join-before-put",
        "join() is awaited before anything is in the queue.",
        (
            "How much is unfinished at the moment when `join()` is called?",
            (
                "`join()` waits for what has been put so far: before the first put there is "
                "nothing to wait for."
            ),
            "First the loop with all puts, then `await q.join()`.",
        ),
        "It returns at once, and all looks well, until somebody misses the results.",
    ),
    KnownMistake(
        "join-bounded",
        "The wait for the end is cut off after a while.",
        (
            "What happens to the items that are not finished when the time is over?",
            (
                "The wait is a real one: `join()`, without a limit. If it hangs, an item was not "
                "marked: that is the bug."
            ),
            (
                "`await q.join()` without `wait_for()`, and `task_done()` on every path of the "
                "consumer."
            ),
        ),
        (
            "The limit hides the bug on good days, and on bad ones it throws away work that was "
            "under way."
        ),
    ),
    KnownMistake(
        "sleep-instead-of-join",
        "A fixed sleep stands in for the wait.",
        (
            "How do you know that all is finished when the sleep is over?",
            (
                "The wait is a real one: `join()` wakes up at the moment when the last item is "
                "settled."
            ),
            "`await q.join()` in place of the sleep.",
        ),
        (
            "The time is too short on a busy day, and items are lost; on all others everybody "
            "waits for nothing."
        ),
    ),
    KnownMistake(
        "sleeps-before-return",
        "All is finished, and something sleeps once more before run_pipeline returns.",
        (
            "What happens between the end of the last item and the return?",
            "When `join()` has woken up, everything is settled: there is nothing left to wait for.",
            "`await q.join()`, cancel the consumers, return: no sleep behind it, nor in their clean-up.",
        ),
        "A pause for safety's sake hides what it was to be safe from, and every run pays for it.",
    ),
    KnownMistake(
        "polls-instead-of-join",
        "The pipeline asks again and again whether it is finished.",
        (
            "What wakes run_pipeline when the last item is settled?",
            "No polling: `join()`, or the consumers' own end, wakes it once, at the right moment.",
            "`await q.join()` in place of the loop with the sleep.",
        ),
        (
            "Each round costs time and processor, and what it asks is often not quite the right "
            "thing."
        ),
    ),
    KnownMistake(
        "empty-queue-taken-for-finished",
        "An empty queue is taken for finished work.",
        (
            "Where is an item after `get()` and before it is settled?",
            (
                "An empty queue says that all items are taken, not that they are finished: "
                "`join()` waits for both."
            ),
            "`await q.join()` instead of asking `q.empty()`.",
        ),
        (
            "The items in the consumers' hands are lost at every end, and it is never noticed in "
            "a quick test."
        ),
    ),
)
