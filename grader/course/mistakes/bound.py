"""The queue between producer and consumers, and its bound."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "unbounded-queue",
        "The queue has no bound: the producer never waits.",
        (
            (
                "How many items can wait in your queue when the consumers are slow? What stops "
                "the producer?"
            ),
            (
                "A bounded queue gives backpressure: when it is full, `put()` waits until a "
                "consumer has made room."
            ),
            (
                "Hand the parameter on when you make the queue: `asyncio.Queue(maxsize)`, and "
                "await every `put()`."
            ),
        ),
        (
            "Unbounded queues fail slowly: the program seems to work while its memory grows, and "
            "it falls over on the busiest day."
        ),
    ),
    KnownMistake(
        "ignores-maxsize",
        "The bound is a constant, whatever maxsize says.",
        (
            "Where does the number come from that bounds your queue?",
            "The bound comes from the parameter: it holds for every maxsize, not only for 3.",
            "`asyncio.Queue(maxsize)`: the parameter in the place of the number.",
        ),
        (
            "The right bound depends on the work: 100 or 1,000 for light messages, 10 for large "
            "objects. Who tunes it wants the setting to have an effect."
        ),
    ),
    KnownMistake(
        "bound-too-large",
        "More items may wait than maxsize.",
        (
            (
                "Count the items that are taken and not begun: those in the queue, and those in "
                "anybody's hands."
            ),
            "At most maxsize items wait in the queue, and one more in the producer's hand.",
            (
                "Compare with `<`, not `<=`, or leave it to `asyncio.Queue(maxsize)`; take an "
                "item only when you can put it next."
            ),
        ),
        (
            "A bound is a promise on memory and on how stale an item may be when its turn comes. "
            "One that leaks is found out under load."
        ),
    ),
    KnownMistake(
        "bound-too-small",
        "Fewer items may wait than maxsize.",
        (
            "With all consumers busy and items left, how many items are ready in the queue?",
            (
                "Backpressure is no standstill: the queue is filled up to maxsize, and only then "
                "`put()` waits."
            ),
            (
                "`asyncio.Queue(maxsize)`, the parameter itself, not one less: a Queue of size 0,"
                " by the way, has no bound at all."
            ),
        ),
        (
            "Too small a buffer leaves consumers without work whenever the producer is late for a"
            " moment: throughput is lost for nothing."
        ),
    ),
    KnownMistake(
        "bound-counts-work-in-progress",
        "Items that are being worked on take up places of the queue.",
        (
            (
                "When is a place in your queue free again: when an item is taken out, or when it "
                "is finished?"
            ),
            (
                "maxsize bounds what waits; how much is worked on at once is the number of "
                "consumers' affair."
            ),
            (
                "Give the place back right after the item was taken, before the work; "
                "`asyncio.Queue(maxsize)` does that by itself."
            ),
        ),
        "Two limits in one number cannot be tuned: a small buffer then also means few workers.",
    ),
    KnownMistake(
        "reads-all-items-first",
        "All items are read before the first of them is put.",
        (
            "What if `items` is a generator that never ends? Which line asks it for everything?",
            (
                "`items` may be lazy and must not be read ahead: a list of all items is an "
                "unbounded buffer again."
            ),
            (
                "Loop over `items` itself, and in the loop `await q.put(item)`: no `list()`, no "
                "`sorted()`, no batch of all."
            ),
        ),
        (
            "A source can be a file of gigabytes or a stream without end. Reading it all takes "
            "the memory that the bound was to save."
        ),
    ),
    KnownMistake(
        "puts-run-in-tasks",
        "Each put is a task of its own, so the producer never waits.",
        (
            "Who waits when the queue is full: the producer, or somebody that it leaves behind?",
            (
                "The producer itself has to wait: tasks that wait in `put()` are an unbounded "
                "buffer beside the queue."
            ),
            "No `create_task()` around it: `await q.put(item)` in the producer's own loop.",
        ),
        (
            "Thousands of waiting tasks cost more memory than the items they hold, and nothing "
            "bounds them."
        ),
    ),
    KnownMistake(
        "polls-for-room",
        "The producer asks again and again whether there is room.",
        (
            "What does the producer do while the queue is full, and what wakes it?",
            (
                "It waits by awaiting, and is woken when there is room; asking again and again is"
                " polling."
            ),
            "No loop around `full()` or `put_nowait()`: `await q.put(item)` is the whole wait.",
        ),
        (
            "Polling is late by up to one round, burns a processor for nothing, and gets worse "
            "with every producer."
        ),
    ),
    KnownMistake(
        "put-nowait-on-full-queue",
        "put_nowait() raises QueueFull where the producer should wait.",
        (
            "What does the call that puts do when there is no room?",
            (
                "A full queue is no error: it is the signal to wait. `put()` waits, "
                "`put_nowait()` raises."
            ),
            "`await q.put(...)`, for the last marks as well as for the items.",
        ),
        (
            "Under load a full queue is the normal state: this is the moment in which the program"
            " must not fall over."
        ),
    ),
    KnownMistake(
        "producer-sleeps",
        "The producer sleeps, and the consumers go hungry.",
        (
            "Why does your producer sleep, and what happens meanwhile to a consumer that is free?",
            (
                "The producer waits for room and for nothing else; it is woken the moment there "
                "is some."
            ),
            (
                "Take the sleep out of the producer: `await q.put(item)` slows it down exactly as"
                " much as needed."
            ),
        ),
        (
            "A guessed pause is too long on a quiet day and too short on a busy one. Backpressure"
            " adjusts by itself."
        ),
    ),
    KnownMistake(
        "static-partition",
        (
            "The items are dealt out to the consumers in advance, instead of waiting in one queue"
            " for all."
        ),
        (
            "Which consumer will work on the next item, and who decides that, and when?",
            (
                "One queue for all: whoever is free takes the next item, so that a slow one holds"
                " up nobody else."
            ),
            (
                "Make one queue before the consumers, hand the same one to each, and let each "
                "loop over `await q.get()`."
            ),
        ),
        (
            "With fixed shares the slowest item decides when its whole share is done, while "
            "others stand idle."
        ),
    ),
    KnownMistake(
        "batches-with-a-barrier",
        "Each batch waits for the slowest item of the last one.",
        (
            "What is the first consumer that is finished doing until the last one is?",
            (
                "Each consumer takes the next item as soon as it is free; the producer goes on as"
                " soon as there is room."
            ),
            (
                "No `gather()` or `join()` in the producer's loop: `await q.put(item)` is all the"
                " waiting it needs; `join()` comes once, at the end."
            ),
        ),
        (
            "With batches the throughput is that of the slowest item in each: one slow call holds"
            " up everybody."
        ),
    ),
)
