"""Exercise 2: build the retry loop.

Your shop charges cards through a payment gateway. Now and then the gateway is busy and turns a
payment away before it has touched the card; a moment later it would have taken it. Today the
first such answer stops the consumer that receives it, and the payments behind are never charged.

Your task, in consumer

    Try an item again while it fails with a TransientError, up to `attempts` tries in all. If
    the last try fails too, give up on this item, count it, and go on with the next.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Try again, then give up   1, 6
    Keep the item in hand     1, 5
    Count and mark            2, 3
    Let errors out            4

The contract

    1. An item is tried until it succeeds or until `attempts` tries have failed; attempts=4 means
       one try and three retries, and attempts=1 no retry at all. An idle consumer begins a
       waiting item at once.
    2. stats["consumed"] goes up by 1 per success, stats["retried"] by 1 per retry made,
       stats["failed"] by 1 per item given up on. The numbers are true as soon as an item is
       settled (succeeded or given up on), and several consumers share one `stats`. Giving up
       never stops the consumer.
    3. q.task_done() is called exactly once per item: after it is settled, never before. (An item
       that an error or a cancellation leaves unsettled: at most once.)
    4. Only TransientError and its subclasses are retried. Any other exception leaves the consumer
       at once. So does asyncio.CancelledError, in the middle of an item or while idle: it is
       not swallowed, not counted, not retried.
    5. The consumer that holds an item makes its retries: the item does not go back into the queue.
    6. Retries are immediate: no time passes between two tries. (Waiting is exercise 3.)

When it works, the log looks like this (your times will differ)

    C1 OK 4 0.143
    C2 RETRY 5 1 0.000 0.189       item 5, try 1 failed, again after 0.000 s
    C3 OK 6 0.196
    C2 OK 5 0.262                  the second try went through
    ...
    C1 FAIL 8 0.571                four tries failed: given up, and on to the next

Try it

    python exercises/ex2_build_retry_loop.py       watch it run
    nox -s grade -- ex2                            have it checked
    nox -s grade -- hint ex2                       when you are stuck
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
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        # TODO: this is one try. Make it a loop of up to `attempts` tries; give up after the last.
        #   log(start, name, "RETRY", item, attempt, "0.000")    before each retry
        #   log(start, name, "FAIL", item)                       when you give up
        await process_item(item)
        stats["consumed"] += 1
        log(start, name, "OK", item)
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
    """Charge twelve payments, three of which find the gateway busy."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    busy = Counter({5: 1, 8: 4, 10: 2})  # payment: how many of its tries are turned away

    async def charge(payment: int) -> None:
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if busy[payment] > 0:
            busy[payment] -= 1
            raise TransientError(f"payment {payment}: gateway busy")

    try:
        async with asyncio.timeout(2.5):
            await run_pipeline(range(1, 13), charge, stats)
    except* TransientError:
        unsettled = 12 - stats["consumed"] - stats["failed"]
        print("\nA consumer stopped at the first TransientError it met:", end=" ")
        print(f"{unsettled} of 12 payments were never settled.")
    except* TimeoutError:
        print("\nStill waiting after 2.5 s: is every item marked as done, and only once?")
    else:
        print(f"\nThe pipeline came to its end: {stats}")


if __name__ == "__main__":
    asyncio.run(demo())
