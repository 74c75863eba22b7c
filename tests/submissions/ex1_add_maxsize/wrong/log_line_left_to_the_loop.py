# label: wrong
# exercise: ex1_add_maxsize
# misconception: size-read-too-late
# contract: ex1 point 5: the line comes before the next item is taken
# expect: call_soon prints when the next items have been taken already.
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


def log(start: float, *fields: object) -> None:
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def consumer(name, q, work, start):
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
    start = time.perf_counter()
    loop = asyncio.get_running_loop()
    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}", q, work, start)) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
            # Printing is slow: keep it out of the producer's way.
            loop.call_soon(log, start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()


async def demo() -> None:
    async def archive(reading: int) -> None:
        await asyncio.sleep(random.uniform(0.05, 0.12))

    await run_pipeline(range(1, 13), archive, consumers=3, maxsize=3)


if __name__ == "__main__":
    asyncio.run(demo())
