"""Exercise 5: fix task_done.

Every night a job tells your customers that their parcel is on its way. Since somebody tidied up
the consumer, the job has not ended by itself once. All notices that can be sent are sent, the
log falls silent, and in the morning a colleague kills the process. No error is shown: `q.join()`
waits for a notice that nobody will ever mark as done.

Your task, in consumer

    Find the way out of the retry loop on which task_done() is forgotten, and repair it, so that
    the pipeline ends by itself whatever happens to the single items.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Come to an end       1
    Count and mark       2, 3
    Keep the old rules   4, 5
    Let errors out       4, 6

The contract (1 to 3 are what the bug breaks; 4 to 6 hold already, and must go on holding)

    1. run_pipeline returns for every mixture of successes, retries and permanent failures: only
       after every item is settled (succeeded or given up on), and promptly then.
    2. task_done() is called exactly once for each item that a consumer got, after it is settled.
    3. consumed + failed == len(items), and the stats, which run_pipeline returns, are true.
    4. From the exercises before: at most `maxsize` items wait in the queue, and one more in the
       producer's hand; the items are begun in order, `consumers` of them worked on at once; no task
       is left running. Only a TransientError is retried, up to `attempts` tries in all; before the
       retry after failed try k, d = `delay * backoff ** (k - 1)` seconds pass, and a random part
       from 0 to `d * jitter`; giving up never stops the consumer.
    5. The wait is a real one: no wait_for or sleep in its place, no polling, no swallowed
       ValueError of task_done(), no private counters of the queue.
    6. An error that is not transient surfaces from run_pipeline, bare or in an ExceptionGroup, and
       never as a hang: not even when all consumers die of it while the producer waits in put().

When it works, the log ends like this (your times will differ)

    C2 RETRY 7 3 0.138 0.558
    C1 OK 12 0.566
    C2 FAIL 7 0.778                   given up for good ...

    All 12 notices are settled: ...   ... and still the pipeline comes to its end

Try it

    python exercises/ex5_fix_task_done.py       watch it run
    nox -s grade -- ex5                         have it checked
    nox -s grade -- hint ex5                    when you are stuck
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
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        # TODO: one way through this loop leaves an item that is never marked as done. Which?
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                q.task_done()
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    *,
    consumers: int = 3,
    maxsize: int = 3,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, int]:
    """Settle all `items`, and return the stats."""
    start = time.perf_counter()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    attempts=attempts,
                    delay=delay,
                    backoff=backoff,
                    jitter=jitter,
                )
            )
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
    return stats


# --- The demo: it works as it is ------------------------------------------------------------------


async def demo() -> None:
    """Send twelve notices, one of which cannot be delivered, and do not wait for ever."""
    turned_away = Counter({4: 1, 7: 4, 10: 2})  # notice: how many of its tries fail

    async def send(notice: int) -> None:
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if turned_away[notice] > 0:
            turned_away[notice] -= 1
            raise TransientError(f"notice {notice}: mail server busy")

    try:
        async with asyncio.timeout(2.5):
            stats = await run_pipeline(range(1, 13), send)
    except TimeoutError:
        print("\nStill waiting after 2.5 s, so the demo stops here.", end=" ")
        print("It seems that item 7, given up on above, was never marked as done.")
    else:
        print(f"\nAll 12 notices are settled: {stats}")


if __name__ == "__main__":
    asyncio.run(demo())
