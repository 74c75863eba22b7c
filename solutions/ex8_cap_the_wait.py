"""Exercise 8, the reference: cap the wait.

Your shop books every parcel with a courier, which is down now and then, and slow with heavy parcels.
Two things were wrong: pauses grew as long as the outage itself, and a time limit around the whole
parcel ended bookings that were under way. Now a pause has a ceiling, with its jitter on top, and the
deadline is asked once for each retry, before the pause: would the next try still begin in time?

    python solutions/ex8_cap_the_wait.py            watch an ordinary day
    python solutions/ex8_cap_the_wait.py outage     watch a bad night
"""

import asyncio
import math
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
    clock = asyncio.get_running_loop().time
    while True:
        item = await q.get()
        latest = math.inf if deadline is None else clock() + deadline
        # Grown by multiplication, a float ends at inf, and min() makes max_delay of that. The power
        # itself has no answer any more, once it is too large for a float.
        grown = delay
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)  # no limit around it: what has begun is left to end
            except TransientError:
                clean = min(max_delay, grown)
                grown *= backoff
                # On top of the ceiling: under it, all who have reached it would come back together.
                pause = clean + random.uniform(0, clean * jitter)
                if attempt == attempts or clock() + pause > latest:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    break  # at once: nothing follows that a pause could be for
                stats["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
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
