# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point: call_soon prints the line with the size of its own moment, and the producer waits for that
# expect: Passed.
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
    loop = asyncio.get_running_loop()
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
            said = loop.create_future()
            loop.call_soon(lambda item=item, said=said: said.set_result(log(start, "PROD", item, "SZ", q.qsize())))
            await said
        await q.join()  # until every item is finished, not merely taken
        for task in crew:
            task.cancel()  # nothing is left to do: they all wait in q.get()
