"""Exercise 12, the reference: listen to the service.

Five workers look up addresses at a map service that answers ten requests a second, and says how long
to wait when it has been asked too often. A refused address waits for as long as it is told, and one
pace for all consumers sees to it that this hardly ever happens.

    python solutions/ex12_listen_to_the_service.py       watch it run
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


class Pace:
    """Spaces out the tries of all who share it, so that at most `rate` begin in any one second."""

    def __init__(self, rate: int) -> None:
        self._gap = 1 / rate
        self._next = float("-inf")  # when the next try may begin
        self._turn = asyncio.Lock()  # first come, first served

    async def wait(self) -> None:
        """Wait until the next try may begin. It has to begin at once then."""
        clock = asyncio.get_running_loop().time
        async with self._turn:
            await asyncio.sleep(max(0, self._next - clock()))
            # From now, not from when it was due: a timer that is late must not bring two close together.
            self._next = clock() + self._gap


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    pace: Pace,
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
            await pace.wait()  # a retry's turn comes like any other's
            try:
                await process_item(item)
            except TransientError as error:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    if isinstance(error, TooManyRequests):
                        clean = max(clean, error.retry_after)
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
    """Settle all `items`, at most `rate` tries a second, and return the stats."""
    start = time.perf_counter()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    pace = Pace(rate)  # one for all consumers of this run
    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    pace,
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
