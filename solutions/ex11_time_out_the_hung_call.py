"""Exercise 11, the reference: time out the hung call.

Three modems ring up heat meters, and now and then a meter picks up and says nothing. Whoever waits
for it waits for ever, so each try has its own time: `asyncio.timeout()` cancels the call, waits
until it has hung up, and makes a TimeoutError of it, which is retried like a busy line.

    python solutions/ex11_time_out_the_hung_call.py       watch it run
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
    timeout: float = 0.5,
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
            try:
                # Around this one try: around the loop, all tries and pauses would share the time.
                # It knows its own cancellation from ours, and lets ours pass. No `shield()` and no
                # task of our own: the call is over, clean-up included, when this block is left.
                async with asyncio.timeout(timeout):
                    await process_item(item)
            except (TransientError, TimeoutError):
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
    """Read fourteen meters, some of which pick up and say nothing, and do not wait for ever."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    engaged = Counter({2: 1, 5: 1})  # meter: how many of the calls find its line engaged
    silent = Counter({4: 1, 7: 9, 10: 1})  # and in how many of them it says nothing
    listening: set[int] = set()  # meters that somebody still waits for a word from

    async def read_meter(meter: int) -> None:
        listening.discard(meter)
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if engaged[meter] > 0:
            engaged[meter] -= 1
            raise TransientError(f"meter {meter}: line engaged")
        if silent[meter] > 0:
            silent[meter] -= 1
            listening.add(meter)
            try:
                await asyncio.Event().wait()  # which nobody will ever set
            finally:
                await asyncio.sleep(0.1)  # hanging up takes a moment

    try:
        async with asyncio.timeout(5):
            await run_pipeline(range(1, 15), read_meter, stats)
    except TimeoutError:
        meters = ", ".join(map(str, sorted(listening)))
        print("\nNot a word for so long that the demo stops here, after 5 s.", end=" ")
        print(f"Meters {meters} have picked up and say nothing. So far: {stats}")
    else:
        print(f"\nAll 14 meters are settled: {stats}")


if __name__ == "__main__":
    asyncio.run(demo())
