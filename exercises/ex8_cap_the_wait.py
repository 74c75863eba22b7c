"""Exercise 8: cap the wait.

Your shop books every parcel with a courier. On an ordinary day the consumer below does well, and
the demo shows such a day. But two bad nights stand in the book of those who were on call.

    Monday. "The courier was down from two o'clock until twenty past. At a quarter to three it was
    long up again, and we had not booked one parcel since: all consumers slept, until ten to."

    Thursday. "Since Tuesday there is a deadline, and nobody sleeps that long any more. Now some
    customers get everything twice: heavy parcels take the courier a while, we tell the customer
    that it failed, and the courier had booked it after all. And while it is down, a consumer sits
    on its parcel to the last second of the deadline, long after the last try."

Your task, in consumer

    Find what both nights come from, and repair it: no pause grows beyond a ceiling, and the
    deadline decides one thing only, whether another try may begin.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Keep the old rules   4
    Cap the pause        1
    Cut off no try       2
    Keep the deadline    2, 3

The contract (1 to 2,000 attempts, delay > 0, backoff >= 1, jitter >= 0, max_delay > 0, deadline >= 0)

    1. Between the end of failed try k (k = 1, 2, ...) and the beginning of the next one, d + u
       seconds pass: d = min(max_delay, delay * backoff ** (k - 1)), and u is drawn at random, once
       and afresh for every retry, uniformly from 0 to `d * jitter`. So jitter comes on top of the
       ceiling; laid under it, all would come back together. This holds for every k, also for k =
       2,000 (2.0 ** 1999 is an OverflowError). Each item starts again at `delay`.
    2. No further try of an item begins later than `deadline` seconds after the beginning of its
       first. When the pause that was drawn would end later than that, the item is given up on at
       once, without sleeping: it counts as failed, is marked as done, and the next one has its turn.
       A try that is running is never cut off: it may end after the deadline, and counts as what it
       is. deadline=0 means one try, deadline=None that there is no deadline. (Nothing is judged that
       comes within a millisecond of a deadline.)
    3. An item is never given up on while tries are left and the pause that was drawn fits.
    4. But for the deadline all is as before. An item is tried until it succeeds or until `attempts`
       tries have failed, by the consumer that holds it; an idle consumer begins a waiting item at
       once. stats["consumed"] counts successes, stats["retried"] retries made, stats["failed"] items
       given up on; q.task_done() is called once per item, after it is settled. Only TransientError
       is retried: any other exception, a TimeoutError too, and asyncio.CancelledError leave the
       consumer at once. Draws are independent, between consumers and between runs of the program.
       Nothing blocks the event loop or spins.

When it works, the bad night ends like this (your times will differ)

    C1 OK 1 1.795                    the courier is up since 1.600 ...
    ...
    C2 OK 7 4.305                    heavy, begun in time, and not cut off

    10 parcels booked, 0 given up on. The courier was up again at 1.6 s, first try at 1.7 s.

Try it

    python exercises/ex8_cap_the_wait.py            watch an ordinary day
    python exercises/ex8_cap_the_wait.py outage     watch a bad night
    nox -s grade -- ex8                             have it checked
    nox -s grade -- hint ex8                        when you are stuck
"""

import asyncio
import random
import sys
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
    attempts: int = 12,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
    max_delay: float = 1.0,
    deadline: float | None = 5.0,
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        # TODO: what becomes of one item, from here to task_done(), when the courier is down or slow?
        try:
            async with asyncio.timeout(deadline):
                for attempt in range(1, attempts + 1):
                    try:
                        await process_item(item)
                    except TransientError:
                        if attempt == attempts:
                            raise
                        clean = delay * backoff ** (attempt - 1)
                        pause = clean + random.uniform(0, clean * jitter)
                        stats["retried"] += 1
                        log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                        await asyncio.sleep(pause)
                    else:
                        stats["consumed"] += 1
                        log(start, name, "OK", item)
                        break
        except (TransientError, TimeoutError):
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()


# --- The demo: it works as it is ------------------------------------------------------------------


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    **options: Any,
) -> None:
    """Two consumers on a bounded queue; one that fails ends the pipeline with its error."""
    q: asyncio.Queue[Any] = asyncio.Queue(3)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, process_item, stats, **options)) for n in (1, 2)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()


async def demo(*, outage: bool) -> None:
    """Book ten parcels; in an outage the courier is down at first, and parcel 7 is heavy."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    start = time.perf_counter()
    turned_away = Counter({3: 1, 6: 2})  # parcel: how many of its tries fail on any day
    back = 1.6 if outage else 0.0  # seconds: the courier is up from then on
    booked: list[int] = []
    tried: list[float] = []  # when tries began that found it up

    async def book(parcel: int) -> None:
        began = time.perf_counter() - start
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if began < back:
            raise TransientError("the courier is down")
        tried.append(began)
        if turned_away[parcel] > 0:
            turned_away[parcel] -= 1
            raise TransientError("the courier is busy")
        booked.append(parcel)
        if outage and parcel == 7:
            await asyncio.sleep(2.2)  # booked already, but the answer takes its time

    await run_pipeline(range(1, 11), book, stats, max_delay=0.2, deadline=2.0)
    print(f"\n{len(booked)} parcels booked, {stats['failed']} given up on.", end=" ")
    if outage:
        print(f"The courier was up again at {back} s, first try at {min(tried):.1f} s.")
    if len(booked) > stats["consumed"]:
        print("One of them is booked and given up on: somebody will order it again.")
    if not outage:
        print("An ordinary day. For a bad night, start me with the word `outage`.")


if __name__ == "__main__":
    asyncio.run(demo(outage="outage" in sys.argv[1:]))
