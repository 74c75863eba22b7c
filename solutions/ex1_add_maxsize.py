"""Exercise 1, the reference: add maxsize.

Hundreds of weather stations report to your service, and writing one reading to the archive takes
50 to 120 ms. With an unbounded queue a stormy day fills the memory. With a bounded one the
producer waits in put() while the queue is full: a slow archive slows down whoever feeds it, all
the way back to the source. That is backpressure, and it costs one argument.

    python solutions/ex1_add_maxsize.py       watch it run
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
    # Bounded, so that when the consumers fall behind, the producer waits instead of the memory
    # filling up. A higher bound would not make them any faster; it only smooths short bursts.
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, work, start)) for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)  # the backpressure: returns only when there was room
            # True at this moment: no await since put() returned, so no consumer has run.
            log(start, "PROD", item, "SZ", q.qsize())
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
