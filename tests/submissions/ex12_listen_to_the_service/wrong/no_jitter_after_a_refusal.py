# label: wrong
# exercise: ex12_listen_to_the_service
# misconception: jitter-not-random
# contract: ex12 point 5: a refusal switches jitter off for all later pauses of its consumer
# expect: Pauses after other failures are d alone.
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


class Gate:
    def __init__(self, rate):
        self.gap = 1 / rate
        self.next = 0.0

    async def pass_(self):
        now = asyncio.get_running_loop().time()
        slot = max(now, self.next)
        self.next = slot + self.gap
        await asyncio.sleep(slot - now)


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    gate: Any,
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
                await gate.pass_()
                await process_item(item)
            except TransientError as error:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    if isinstance(error, TooManyRequests):
                        clean = max(clean, error.retry_after); jitter = 0
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
    gate = Gate(rate)
    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    gate,
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
