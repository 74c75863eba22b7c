"""Exercise 12: listen to the service.

Every evening five workers look up the addresses of tomorrow's parcels at a map service, so that the
drivers get coordinates. For years that was done in an hour. Since the first of the month the service
has a quota: ten requests a second for each customer, and whoever asks more often gets 429 Too Many
Requests, together with the seconds to wait before asking again. Our retry loop takes that for a
failure like any other: it waits 30 ms, and asks again. On Monday every third van left without
coordinates for half of its stops, and a letter had come from the map service: of our requests they
had refused more than they had answered, and if that went on they would lock us out.

Your task, in consumer (whose parameters you may change) and run_pipeline

    A 429 is an instruction, not a failure: wait as long as it says before that item is tried again.
    And do not let it come that far: all consumers together keep to the quota.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Settle every item       5, 6
    Keep to the rate        2, 3, 4
    Listen to the service   1
    Keep the old rules      7, 8

The contract (1 to 4 are new; 5 to 8 hold already, and must go on holding)

    1. When a try fails with TooManyRequests (or a class below it), the item's next try begins no
       earlier than m = max(retry_after, d) seconds after the failed try's end (d as in point 5), and
       at most `m * jitter` seconds after that, if the rate does not hold it back (see point 3). A
       refused try is a failed try, one of `attempts`, and after the last one nothing is waited for.
       retry_after binds that item only: with others the free consumers go on.
    2. In any second at most `rate` tries begin (rate >= 1, a whole number): of all consumers
       together, retries included. "Any second" is any span from t up to, but not including, t + 1:
       it may begin at any moment, not only when a clock's second does. Each call of run_pipeline
       keeps to its own rate.
    3. Nothing is slowed beyond that. While an item is ready (its pause is over, or it has not been
       tried yet, even if it is still in `items`), a consumer is free, and fewer than `rate` tries
       have begun in the last second, at most 1 / `rate` seconds pass until a try begins, of any item.
       (So an even spacing and a sliding window are both right.)
    4. Waiting is awaiting, without polling. (Up to a few timers for each try that the rate allows
       are no polling.)
    5. A TransientError is retried (one of a class below it, too), up to `attempts` tries in all.
       After failed try k the pause is d + u seconds: d = `delay * backoff ** (k - 1)`, and u is
       random, from 0 to `d * jitter`. After a TooManyRequests it is the one of point 1.
    6. run_pipeline returns when every item is settled (succeeded or given up on), promptly then, for
       every mixture; the wait for that is a real one: no wait_for, no sleep in its place.
       consumed + failed is the number of items, and the stats, which it returns, are true. q.task_done()
       is called exactly once for each item that a consumer got, after it is settled.
    7. At most `maxsize + consumers + 1` items are taken from `items` and not settled. In which order
       they are begun is up to you.
    8. An error that is not transient surfaces from run_pipeline, bare or in an ExceptionGroup, and
       never as a hang.

When it works, the log ends like this (your times will differ)

    C3 RETRY 9 1 0.731 1.102        "too many requests, wait 0.7 s": so it waits
    C3 OK 9 1.912                   ... and then it is answered
    C1 OK 30 3.214                  thirty addresses, ten a second

    All 30 addresses have been asked for: {'consumed': 30, 'retried': 2, 'failed': 0}

Try it

    python exercises/ex12_listen_to_the_service.py       watch it run
    nox -s grade -- ex12                                 have it checked
    nox -s grade -- hint ex12                            when you are stuck
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


class TooManyRequests(TransientError):
    """Asked too often: the item may be tried again in `retry_after` seconds, and no sooner."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"429 too many requests, retry after {retry_after:g} s")
        self.retry_after = retry_after


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
        for attempt in range(1, attempts + 1):
            # TODO: whatever the service answers, it is asked again at once, and by everybody.
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
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    *,
    rate: int = 10,
    consumers: int = 5,
    maxsize: int = 5,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, int]:
    """Settle all `items`, and return the stats."""
    # TODO: nobody keeps to `rate` yet: at most so many tries may begin in any one second.
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
    """Look up thirty addresses at a map service with a quota of ten requests a second."""
    answered: deque[float] = deque(maxlen=10)  # when the last ten requests came that it answered
    refused = 0
    crowded = {9, 21}  # streets that another customer asks for just now

    async def look_up(address: int) -> None:
        nonlocal refused
        now = time.perf_counter()
        wait = answered[0] + 0.95 - now if len(answered) == 10 else 0.0  # it is not petty
        if address in crowded:
            crowded.discard(address)
            wait = max(wait, 0.7)
        if wait > 0:
            refused += 1
            raise TooManyRequests(wait)
        answered.append(now)
        await asyncio.sleep(random.uniform(0.05, 0.12))

    stats = await run_pipeline(range(1, 31), look_up)
    print(f"\nAll 30 addresses have been asked for: {stats}")
    if stats["failed"]:
        print(f"{stats['failed']} parcels go out without coordinates.")
        print(f"The map service refused {refused} requests, and each time said how long to wait.")


if __name__ == "__main__":
    asyncio.run(demo())
