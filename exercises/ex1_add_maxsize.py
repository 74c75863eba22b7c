"""Exercise 1: add maxsize.

Hundreds of weather stations report to your service, and writing one reading to the archive takes
50 to 120 ms. On a calm day nobody notices. On a stormy day the readings arrive faster than the
archive takes them: they pile up in the queue, memory grows for hours, and at three in the
morning the process is killed. No error, no warning: an unbounded queue fails slowly.

Your task, in run_pipeline

    Bound the queue, so that the producer has to wait while it is full. That wait is called
    backpressure: a slow archive slows down whoever feeds it, all the way back to the source.
    Then make it visible: after each put, log how many items wait in the queue.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Work on every item   2
    Bound the queue      1, 3
    Use all the room     1, 4
    Log each put         5

The contract

    1. For every maxsize from 1 up, not only 3: at most `maxsize` items wait in the queue, and one
       more in the producer's hand. `items` may be a lazy generator; nothing is taken from it
       earlier than that. And the queue is used: while all consumers are busy and items are left,
       it holds `maxsize` of them.
    2. Every item is worked on exactly once, and the items are begun in order. run_pipeline
       returns as soon as all of them are finished, and leaves no task of its own running.
    3. The producer waits by awaiting, and is woken when there is room: no polling, no
       time.sleep, no item dropped.
    4. Nothing else gets slower: `consumers` items are worked on at once while there are items,
       and when each takes w seconds, n of them take ceil(n / consumers) * w.
    5. After each put, a line is printed that begins `PROD <item> SZ <size>`, with the queue's
       true size at that moment.

When it works, the log looks like this (your times will differ)

    PROD 3 SZ 3 0.000
    PROD 4 SZ 1 0.001       the three consumers have taken 1, 2 and 3
    PROD 5 SZ 2 0.001
    PROD 6 SZ 3 0.001       full: from here on the producer waits ...
    C2 OK 2 0.063
    PROD 7 SZ 3 0.063       ... and item 7 goes in as soon as item 4 is taken out

Try it

    python exercises/ex1_add_maxsize.py       watch it run
    nox -s grade -- ex1                       have it checked
    nox -s grade -- hint ex1                  when you are stuck
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def consumer(
    name: str, q: asyncio.Queue[Any], work: Callable[[Any], Awaitable[None]], start: float
) -> None:
    """Work on one item after the other, until cancelled."""
    while True:
        item = await q.get()
        await work(item)
        log(start, name, "OK", item)
        q.task_done()


async def run_pipeline(
    items: Iterable[Any],
    work: Callable[[Any], Awaitable[None]],
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> None:
    """Hand `items` to the consumers through a queue; return when all are worked on."""
    start = time.perf_counter()
    # TODO: this queue takes whatever it is given. Bound it.
    q: asyncio.Queue[Any] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, work, start)) for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            # TODO: log the item and the queue's size here: PROD <item> SZ <size>
        await q.join()  # until every item is finished, not merely taken
        for task in crew:
            task.cancel()  # nothing is left to do: they all wait in q.get()


# --- The demo: it works as it is ------------------------------------------------------------------


async def demo() -> None:
    """Archive twelve readings, and see how far the producer runs ahead of the consumers."""
    taken = begun = most_waiting = 0

    def readings() -> Iterator[int]:
        nonlocal taken, most_waiting
        for reading in range(1, 13):
            taken += 1
            most_waiting = max(most_waiting, taken - begun)
            yield reading

    async def archive(reading: int) -> None:
        nonlocal begun
        begun += 1
        await asyncio.sleep(random.uniform(0.05, 0.12))

    await run_pipeline(readings(), archive, consumers=3, maxsize=3)
    if most_waiting > 3 + 1:  # three in the queue, one in the producer's hand
        verdict = "nothing held the producer back"
    else:
        verdict = "the full queue held the producer back"
    print(f"\nAt the worst moment {most_waiting} of 12 readings were waiting: {verdict}.")


if __name__ == "__main__":
    asyncio.run(demo())
