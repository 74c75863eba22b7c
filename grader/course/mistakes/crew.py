"""Consumers: how many there are, how they get their items, and how they come to their end."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "ignores-consumers",
        "The number of consumers is another one than the parameter says.",
        (
            "How many consumers are started, and where does that number come from?",
            (
                "As many items are worked on at once as there are consumers: the parameter says "
                "how many."
            ),
            (
                "`range(consumers)` in the line that starts the tasks, and nothing else that "
                "limits them."
            ),
        ),
        (
            "The number of workers is the first thing to turn when a service is slow, or must be "
            "spared."
        ),
        follows_from=("bound-counts-work-in-progress", "work-serialised"),
    ),
    KnownMistake(
        "consumers-start-too-late",
        "The consumers start only after the last put.",
        (
            "When the queue is full for the first time, who is there to take something out?",
            (
                "Producer and consumers run at the same time: the producer waits for room that "
                "the consumers make."
            ),
            "Start the consumers with `create_task()` before the loop that puts.",
        ),
        (
            "With a small test the order does not matter; with one item more than maxsize the "
            "program stands still for ever."
        ),
    ),
    KnownMistake(
        "consumer-prefetches",
        "A consumer takes further items before it has finished the one that it holds.",
        (
            "How many items can one consumer hold at once?",
            (
                "A consumer takes the next item when it has finished the last, so that whoever is"
                " free can take it."
            ),
            (
                "One `await q.get()` in each round of the loop, with the whole work on its item "
                "behind it."
            ),
        ),
        (
            "Items that a busy worker has put aside wait although others are idle, and are lost "
            "with it when it dies."
        ),
    ),
    KnownMistake(
        "polls-for-items",
        "A consumer looks into the queue now and then instead of awaiting get().",
        (
            "What does a consumer do while the queue is empty, and what wakes it?",
            (
                "A waiting item is begun at once: a consumer awaits `get()`, and is woken when "
                "there is an item."
            ),
            "No loop around `empty()` or `get_nowait()`: `await q.get()` is the whole wait.",
        ),
        (
            "Polling is late by up to one round, and a thousand idle consumers that poll keep a "
            "machine busy."
        ),
    ),
    KnownMistake(
        "get-nowait-on-empty-queue",
        "get_nowait() raises QueueEmpty where a consumer should wait.",
        (
            "What does the call that takes an item do when there is none?",
            (
                "An empty queue may fill again: a consumer waits for the next item until it is "
                "cancelled."
            ),
            "`await q.get()` waits.",
        ),
        "An empty queue is the good state, not an error: consumers must survive a quiet minute.",
    ),
    KnownMistake(
        "consumer-ends-on-empty-queue",
        "A consumer ends when the queue happens to be empty.",
        (
            "What if the next item comes a second after the queue was empty?",
            "A consumer runs until it is cancelled: an empty queue may fill again.",
            "`while True:` and `await q.get()`, with no question about the queue.",
        ),
        "After the first quiet moment there is nobody left to work, and nothing says so.",
    ),
    KnownMistake(
        "success-ends-consumer",
        "A consumer ends with its first success.",
        (
            "Where does your consumer go on when an item has succeeded?",
            "A success ends the tries of one item; the consumer takes the next.",
            "break leaves the loop over the tries; return leaves the whole consumer.",
        ),
        "A worker that leaves after one item looks healthy in a test with one item.",
    ),
    KnownMistake(
        "giving-up-ends-consumer",
        "Giving up on an item ends the consumer.",
        (
            "Where does your consumer go on when the last try of an item has failed?",
            "Giving up never stops the consumer: it counts the failure, and takes the next item.",
            (
                "No return and no raise in the branch that gives up: count, and let the outer "
                "loop go round."
            ),
        ),
        (
            "One bad item takes down one worker after the other, until none is left: a poison "
            "message stops the whole service."
        ),
    ),
    KnownMistake(
        "stops-on-timeout",
        "Consumers end when nothing has come for a while.",
        (
            (
                "How do your consumers know that there will be no more, and how long does it take"
                " them?"
            ),
            (
                "run_pipeline returns promptly when all are finished: the consumers are told, "
                "they do not guess."
            ),
            "No `wait_for()` around `q.get()`: after `await q.join()` cancel each consumer.",
        ),
        "A guess is wrong twice: too early when the source is slow, too late on every other day.",
    ),
    KnownMistake(
        "falsy-item-taken-for-end",
        'An item like 0 or "" is taken for the end, or for nothing.',
        (
            "What does `if item` or `if not item` say of the item 0?",
            (
                "An item is whatever comes from the source, also 0, False or an empty string; "
                "only None never is."
            ),
            "Compare with `is` and a mark of your own, or do without a mark.",
        ),
        (
            "Zero amounts and empty strings are real data: the bug sleeps until the first of them"
            " comes."
        ),
    ),
    KnownMistake(
        "sentinel-can-be-an-item",
        "The end is marked by a value that an item may have.",
        (
            "What if somebody hands in an item that equals your mark for the end?",
            (
                "An item may be anything: only an object of your own, compared by `is`, is surely"
                " none."
            ),
            (
                "`object()` makes one, once, before the consumers: compare `item is` that object."
                " Or `join()` and `cancel()`: no mark at all."
            ),
        ),
        (
            "Text from outside holds every word, also STOP: then the rest of the day's work is "
            "silently left."
        ),
    ),
    KnownMistake(
        "one-sentinel-for-all",
        "Not every consumer is told that there is no more.",
        (
            "How many consumers wait in the end, and how many of them hear that it is over?",
            (
                "Each end mark stops the one consumer that takes it: each needs its own, whatever"
                " their number."
            ),
            "Put as many marks as `consumers` says, or cancel every one of the tasks.",
        ),
        (
            "A shutdown that works with the number of workers in the test hangs with the number "
            "in production."
        ),
    ),
    KnownMistake(
        "consumers-never-told-to-stop",
        "The pipeline waits for consumers that nobody stops.",
        (
            "Which line waits at the end, and for tasks that end by what?",
            "Consumers that wait in `get()` wait for ever, unless somebody ends them.",
            (
                "After `await q.join()` call `cancel()` on each of them, inside the group if they"
                " are in a TaskGroup."
            ),
        ),
        (
            "A program that has done its work and does not end is killed in the end, and its last"
            " results with it."
        ),
    ),
    KnownMistake(
        "tasks-left-behind",
        "Consumers are still running when run_pipeline has returned.",
        (
            "Which tasks are still there after the return?",
            "run_pipeline returns with every task that it started done or cancelled.",
            (
                "Cancel each, and then await them: `gather(*tasks, return_exceptions=True)`, or "
                "let a TaskGroup do it."
            ),
        ),
        (
            "Tasks that are left behind pile up with every call, keep connections open, and fail "
            "where nobody looks."
        ),
    ),
    KnownMistake(
        "work-serialised",
        "Only one consumer works at a time.",
        (
            "How many items are worked on at the same moment, with three consumers?",
            "Consumers work at once: while one awaits its item, the others go on with theirs.",
            (
                "`await work(item)` alone: no `async with lock:` around it, and nothing else that"
                " only one may have."
            ),
        ),
        "A lock around the slow call gives away all that asyncio is used for.",
        follows_from=("bound-counts-work-in-progress",),
    ),
    KnownMistake(
        "work-slots-limited",
        "Fewer consumers work at once than there are.",
        (
            "How many items are worked on at the same moment, with forty consumers?",
            (
                "How many work at once is up to whoever starts the consumers: a consumer that has an "
                "item begins with it, whatever the others do."
            ),
            "`await process_item(item)` without a semaphore or a pool of places around it.",
        ),
        (
            "A limit that nobody knows of makes a machine with more workers no faster, and while "
            "retries wait inside it, it stops even those that could go on."
        ),
        follows_from=("work-serialised",),
    ),
    KnownMistake(
        "waits-for-the-others",
        "A consumer that is finished waits for others before it takes its next item.",
        (
            "What does a consumer do between the end of its work and the next get()?",
            (
                "Consumers do not wait for each other: one long item keeps one of them busy, and the "
                "queue goes on giving work to the rest."
            ),
            (
                "After `await work(item)` comes q.task_done(), and then the next `await q.get()`: no "
                "event, barrier or turn of anybody else in between."
            ),
        ),
        (
            "One slow request then holds up everybody behind it: head-of-line blocking, and the "
            "machines that were paid for stand idle."
        ),
    ),
    KnownMistake(
        "work-runs-beside-the-consumer",
        "The work goes on beside its consumer, which takes the next item meanwhile.",
        (
            "Does your consumer wait for the work on its item, or only start it?",
            (
                "A consumer holds one item at a time until it is settled: only so the bound and "
                "the number of consumers mean something."
            ),
            "Await the work itself in the loop, instead of `create_task()` for each item.",
        ),
        (
            "Without that wait nothing limits how many calls are open at once: the service behind"
            " you is flooded."
        ),
    ),
    KnownMistake(
        "state-shared-between-runs",
        "Something is carried from one run of the pipeline into the next.",
        (
            (
                "What lives longer than one call of run_pipeline: at the top of the file, or as a"
                " default value?"
            ),
            "Each run makes its own queue and its own counts, with every count at 0.",
            (
                "Move the line that makes it, `... = asyncio.Queue(...)` or the dict, into "
                "run_pipeline."
            ),
        ),
        (
            "State at module level makes the second call differ from the first: the classic of "
            "tests that pass alone and fail together."
        ),
    ),
)
