# label: wrong
# exercise: ex1_add_maxsize
# misconception: blocks-the-loop
# contract: ex1 point 2: the producer blocks the loop while the queue is full
# expect: It is the sleep that stops everybody, however short it is.
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
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, work, start)) for n in range(1, consumers + 1)
        ]
        for item in items:
            while q.full():
                time.sleep(0.01)
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()  # until every item is finished, not merely taken
        for task in crew:
            task.cancel()  # nothing is left to do: they all wait in q.get()
