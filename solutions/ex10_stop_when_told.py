"""Exercise 10, the reference: stop when told.

A messenger reminds patients of their appointments. It would not go when it was told to, for two
reasons. A call that was cut off at the end of the grace counted as one that had failed, and was
made again: now CancelledError leaves the consumer. And the shutdown waited for reminders that
nobody worked on any more: now they are taken out of the queue, so that join() waits only for what
is in hand.

    python solutions/ex10_stop_when_told.py       watch it run
"""

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
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        number, item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:  # and no CancelledError: who is told to stop, stops
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
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
    # When a task dies of an error, the group cancels this block, wherever it waits, and raises.
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    open_items,
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
        if not work.done():
            work.cancel()
            # What waits will not be begun. Without it, join() is the end of what is in hand.
            while not q.empty():
                q.get_nowait()
                q.task_done()
            in_hand = group.create_task(q.join())
            await asyncio.wait({in_hand}, timeout=grace)
            tasks.append(in_hand)
        for task in (*tasks, told):
            task.cancel()
    # The group has waited for all of them, and so for whatever had to clean up.
    return {**stats, "unfinished": list(open_items.values())}


# --- The demo: it works as it is ------------------------------------------------------------------


async def told_to_stop(
    title: str, reminders: int, seconds: tuple[float, float], *, up: bool
) -> None:
    """Send reminders, say stop after 0.3 s, and tell how long it takes from then on."""
    stop, at = asyncio.Event(), 0.0

    def tell() -> None:
        nonlocal at
        at = time.perf_counter()
        print("     --- told to stop", flush=True)
        stop.set()

    async def send(_reminder: int) -> None:
        await asyncio.sleep(random.uniform(*seconds))
        if not up:
            raise TransientError("the gateway does not answer")

    print(f"\n{title}\n", flush=True)
    asyncio.get_running_loop().call_later(0.3, tell)
    result = await run_pipeline(range(1, reminders + 1), send, stop, grace=0.5)
    gone = time.perf_counter() - at
    print(f"\nGone {gone:.3f} s after it was told; the grace is 0.5 s: {result}", flush=True)


async def demo() -> None:
    """Stop three times: while little is to do, on a busy day, and while the gateway is down."""
    await told_to_stop("1. Staging: ten reminders", 10, (0.08, 0.12), up=True)
    await told_to_stop("2. A busy day: as many as there are", 500, (0.08, 0.12), up=True)
    await told_to_stop("3. The gateway does not answer", 500, (0.7, 0.8), up=False)


if __name__ == "__main__":
    asyncio.run(demo())
