"""The items: taken from any iterable, each worked on once, in order."""

from __future__ import annotations

from grader.course.mistakes.known import KnownMistake

__all__ = ["MISTAKES"]

MISTAKES = (
    KnownMistake(
        "drops-items",
        "Items are thrown away instead of being worked on.",
        (
            (
                "What happens to an item that finds the queue full, that is still in it at the end, "
                "or that a consumer has taken?"
            ),
            (
                "Nothing is dropped: when the queue is full, the producer waits with the item in "
                "its hand, and a consumer tries each item that it takes."
            ),
            (
                "`await q.put(item)`, without a branch for a full queue; nobody empties the queue "
                "but the consumers, and no branch leaves out the work on an item."
            ),
        ),
        (
            "Lost payments or uploads are noticed by customers. Dropping may be right, but as a "
            "decision, not as a side effect."
        ),
    ),
    KnownMistake(
        "items-put-twice",
        "An item goes into the queue twice.",
        (
            (
                "Follow one item from the source: how many times is it put, when the queue has "
                "room and when it is full?"
            ),
            "Every item is put once, and worked on exactly once.",
            (
                "One `await q.put(item)` for each item: it needs no case for a full queue, since "
                "it waits."
            ),
        ),
        "What is worked on twice is charged, sent or stored twice.",
    ),
    KnownMistake(
        "wrong-queue-kind",
        "The queue gives its items out in another order than they came in.",
        (
            "In which order do the items come out of your queue?",
            (
                "Items are begun in order: first in, first out. A LifoQueue gives out the newest,"
                " a PriorityQueue the smallest."
            ),
            "`asyncio.Queue()` keeps the order, and does not compare the items.",
        ),
        "With last in, first out the oldest item can wait for ever under load: its customer, too.",
    ),
    KnownMistake(
        "items-out-of-order",
        "The items are not begun in the order in which they come.",
        (
            "Write down the order in which work begins, and compare it with that of the source.",
            "Items are begun in order, whoever works on them: first in, first out.",
            (
                "Take with `popleft()` what you added with `append()`, or leave both to a queue "
                "of asyncio."
            ),
        ),
        (
            "Order is a promise that later steps rely on: balances, versions and logs come out "
            "wrong without it."
        ),
    ),
    KnownMistake(
        "works-twice",
        "An item is worked on again although it is settled.",
        (
            "How many times is the work called for one item, on each path through the consumer?",
            "Every item is worked on exactly once.",
            "Keep what the one `await work(item)` gives in a variable, if you need it twice.",
        ),
        "What is worked on twice is charged, sent or stored twice.",
    ),
    KnownMistake(
        "needs-len",
        "The items are asked for their length.",
        (
            "Which line needs to know how many items there are?",
            (
                "`items` is any iterable, possibly a lazy generator: it has no length, and may "
                "have no end."
            ),
            "No `len()`: `for item in items:` ends when there is no more.",
        ),
        (
            "Streams, cursors and generators have no length. Who needs one has to read everything"
            " first."
        ),
    ),
    KnownMistake(
        "needs-list",
        "The items are asked for by index, or sliced.",
        (
            "Which line asks for an item by its number?",
            "`items` is any iterable: it gives one item after the other, and nothing else.",
            "`for item in items:` takes them one by one; no `range()`, no slices.",
        ),
        (
            "Streams, cursors and generators have no index. Who needs one has to read everything "
            "first."
        ),
    ),
    KnownMistake(
        "needs-iterator",
        "next() is asked of the items, which need not be an iterator.",
        (
            "What does `next()` want, and what is a list?",
            (
                "`items` is any iterable: an iterator has to be made from it first, which a for "
                "loop does."
            ),
            "`for item in items:`, or once before your loop `iter(items)`.",
        ),
        (
            "Callers hand in lists and tuples as often as generators. A function should take what"
            " its contract says."
        ),
    ),
    KnownMistake(
        "needs-async-iterable",
        "The items are taken with `async for`, and are an ordinary iterable.",
        (
            "What kind of loop does `items` need?",
            "`items` is any iterable, possibly a generator; asynchronous is only the put.",
            "`for item in items:`, and in it `await q.put(item)`.",
        ),
        "An async iterable is another interface: who hands in a list gets a TypeError.",
    ),
    KnownMistake(
        "next-finds-nothing",
        "next() is asked of something that has nothing left.",
        (
            "Which line calls next(), and how many values does it have to give?",
            "`items` may be empty, and a generator of waits has an end: there next() raises.",
            "A `for` loop ends by itself, and `next(values, default)` has an answer for the end.",
        ),
        "The night without orders comes, and the job that handles them fails of it.",
    ),
    KnownMistake(
        "unhashable-item",
        "Items are kept in a set or as the keys of a dict, and not every item can be.",
        (
            "What does your code do with the item beside handing it on?",
            "An item may be anything, a list or a dict too: those have no hash.",
            "Keep the item in the variable that `await q.get()` gave you; no set, no dict by items.",
        ),
        "Work comes as whatever the sender had: what carries it does not look into it.",
    ),
    KnownMistake(
        "works-on-another-item",
        "One item is worked on in another's place.",
        (
            "Which item does each call of the service get, and when is that decided?",
            "A function made in a loop looks its variables up when it is called, not when it is made.",
            "Hand the item on as an argument, or bind it: `lambda item=item: work(item)`.",
        ),
        "Some orders are shipped twice and some never, and all the counts are right.",
    ),
    KnownMistake(
        "works-on-no-item",
        "The service is called with something that is no item.",
        (
            "What does the variable hold with which you call the service, and where was it set?",
            "A name that is used twice, for the item and in a loop, holds what was set last.",
            "`item = await q.get()`, then `await process_item(item)`, and `item` set nowhere else.",
        ),
        "The wrong payload may be accepted by a service that looks less closely than this one.",
    ),
    KnownMistake(
        "equal-items-merged",
        "Two equal items are treated as one.",
        (
            "What does your code remember by the item's value, in a dict or in a set?",
            (
                "Two equal items are two items: each is worked on, and each has its own tries and"
                " its own waits."
            ),
            (
                "Local variables, set anew behind `await q.get()`; no dict and no set with the "
                "item as its key."
            ),
        ),
        (
            "Two equal orders are two orders. Recognising doubles is a job of its own, with keys "
            "made for it."
        ),
    ),
)
