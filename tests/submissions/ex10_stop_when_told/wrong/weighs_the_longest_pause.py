# label: wrong
# exercise: ex10_stop_when_told
# misconception: no-retries-in-the-grace
# contract: ex10 point 2: in the grace the longest pause there is has to fit, not the one drawn
# expect: No retries in the grace.
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def producer(
    items: Iterable[Any], q: asyncio.Queue[tuple[int, Any]], open_items: dict[int, Any]
) -> None:
    """Number the items and put them, one after the other; return when all are settled."""
    for number, item in enumerate(items):
        open_items[number] = item  # before the put: it may be where we are told to stop
        await q.put((number, item))
    await q.join()


async def consumer(
    name: str,
    q: asyncio.Queue[tuple[int, Any]],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    open_items: dict[int, Any],
    *,
    stop: asyncio.Event,
    busy: set[Any],
    until: list[float],
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until told to stop, or cancelled."""
    start = time.perf_counter()
    me = asyncio.current_task()
    while not stop.is_set():
        number, item = await q.get()
        if stop.is_set():
            return  # it is not begun: it stays in open_items
        busy.add(me)
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    longest = clean + clean * jitter
                    if until and asyncio.get_running_loop().time() + longest > until[0]:
                        return  # the grace is over before it can be tried again: unfinished
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        busy.discard(me)
        del open_items[number]
        q.task_done()


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stop: asyncio.Event,
    *,
    consumers: int = 3,
    maxsize: int = 3,
    grace: float = 1.0,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, Any]:
    """Settle `items` until all are settled or `stop` is set; return the stats and what is unfinished."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    open_items: dict[int, Any] = {}  # taken and not settled, by number: in the order of taking
    if stop.is_set():
        return {**stats, "unfinished": []}
    q: asyncio.Queue[tuple[int, Any]] = asyncio.Queue(maxsize)
    busy: set[Any] = set()
    until: list[float] = []  # when the grace ends, once it is known
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    open_items,
                    stop=stop,
                    busy=busy,
                    until=until,
                    attempts=attempts,
                    delay=delay,
                    backoff=backoff,
                    jitter=jitter,
                )
            )
            for n in range(1, consumers + 1)
        ]
        work = group.create_task(producer(items, q, open_items))
        told = group.create_task(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            until.append(asyncio.get_running_loop().time() + grace)
        in_hand = set(busy)
        work.cancel()
        told.cancel()
        for task in tasks:
            if task not in in_hand:
                task.cancel()
        if in_hand:
            await asyncio.wait(in_hand, timeout=grace)
            for task in in_hand:
                task.cancel()
    return {**stats, "unfinished": list(open_items.values())}
