"""Exercise 3: add backoff.

Your app uploads photos to a storage service. When the service is overloaded it answers "slow
down", and your retry loop, finished in exercise 2, asks again within the same millisecond. Three
retries are gone before the service has drawn breath, the photo is given up on, and the overload
has become a little worse.

Your task, in consumer

    Wait before each retry, and twice as long each time: 30 ms, then 60, then 120. This is
    exponential backoff: short waits for a short hiccup, room to breathe in a long one.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Try again, then give up   1, 5
    Wait longer each time     6
    Count and mark            2, 3
    Let errors out            4

The contract (1 to 5 hold already, and must go on holding; 6 is new)

    1. An item is tried until it succeeds or until `attempts` tries have failed (attempts >= 1). An
       idle consumer begins a waiting item at once.
    2. stats["consumed"] counts successes, stats["retried"] retries made, stats["failed"] items
       given up on: true as soon as an item is settled. Giving up never stops the consumer.
    3. q.task_done() is called exactly once per item, after it is settled, never before. (An item
       that an error or a cancellation leaves unsettled: at most once.)
    4. Only TransientError and its subclasses are retried. Any other exception, and
       asyncio.CancelledError, leaves the consumer at once.
    5. The consumer that holds an item makes its retries: the item does not go back into the queue.
    6. Between the end of failed try k (k = 1, 2, ...) and the start of the next one,
       `delay * backoff ** (k - 1)` seconds pass. None before the first try, none after the last
       failure. Each item and each consumer starts again at `delay`. The event loop is never
       blocked and nothing spins: the other consumers go on meanwhile.

When it works, the log looks like this (your times will differ)

    C2 RETRY 8 1 0.030 0.278       item 8, try 1 failed, again after 0.030 s
    C1 OK 7 0.290
    C2 RETRY 8 2 0.060 0.383
    C3 OK 9 0.385                  the others go on while item 8 waits
    ...
    C2 RETRY 8 3 0.120 0.521
    C2 FAIL 8 0.744                given up: no wait after the last failure

Try it

    python exercises/ex3_add_backoff.py       watch it run
    nox -s grade -- ex3                       have it checked
    nox -s grade -- hint ex3                  when you are stuck
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    *,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    # TODO: work out the pause from delay, backoff and attempt, and wait that long.
                    pause = 0.0
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()


# --- The demo: it works as it is ------------------------------------------------------------------


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    *,
    consumers: int = 3,
    maxsize: int = 3,
) -> None:
    """The bounded pipeline of exercise 1; a consumer that fails ends it with its error."""
    start = time.perf_counter()
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, process_item, stats))
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()


async def demo() -> None:
    """Upload twelve photos, three of which find the storage overloaded."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    overloaded = Counter({5: 1, 8: 4, 10: 2})  # photo: how many of its tries are turned away
    failed_at: dict[int, float] = {}
    waits: list[float] = []  # milliseconds before each retry

    async def upload(photo: int) -> None:
        if photo in failed_at:
            waits.append(1000 * (time.perf_counter() - failed_at[photo]))
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if overloaded[photo] > 0:
            overloaded[photo] -= 1
            failed_at[photo] = time.perf_counter()
            raise TransientError(f"photo {photo}: slow down")

    await run_pipeline(range(1, 13), upload, stats)
    at_once = max(waits, default=0) < 10
    verdict = "all came back at once" if at_once else "the storage had time to recover"
    in_words = ", ".join(f"{wait:.0f}" for wait in waits)
    print(f"\n{len(waits)} retries, after waits of {in_words} ms: {verdict}.")


if __name__ == "__main__":
    asyncio.run(demo())
