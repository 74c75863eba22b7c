"""Exercise 4, the reference: add jitter.

Twenty turnstiles lose their server at the same moment. If they all back off for exactly 200 ms,
they all come back in the same instant and knock it down again: the thundering herd. A random part
in every delay spreads them over a window, and a window that grows with the delay spreads them
further each time.

    python solutions/ex4_add_jitter.py       watch it run
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
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    # Jitter is added to a clean delay, from the attempt alone: fed into the next
                    # one, the random parts would pile up and be multiplied by `backoff` as well.
                    clean = delay * backoff ** (attempt - 1)
                    # Drawn afresh for each retry, and from a generator that nobody has seeded: with
                    # a fixed seed all clients would draw the same number and stay a herd.
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
    delay: float = 0.03,
) -> None:
    """The bounded pipeline of exercise 1; a consumer that fails ends it with its error."""
    start = time.perf_counter()
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(consumer(f"C{n}", q, process_item, stats, delay=delay))
            for n in range(1, consumers + 1)
        ]
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()


async def demo() -> None:
    """Restart the server under twenty turnstiles, and draw when they come back."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    restart = time.perf_counter() + 0.1
    cut_off: set[int] = set()
    returns: list[float] = []  # milliseconds after the restart

    async def check_ticket(turnstile: int) -> None:
        if turnstile not in cut_off:
            cut_off.add(turnstile)
            await asyncio.sleep(restart - time.perf_counter())
            raise TransientError(f"turnstile {turnstile}: connection lost")
        returns.append(1000 * (time.perf_counter() - restart))
        await asyncio.sleep(random.uniform(0.05, 0.12))

    await run_pipeline(range(1, 21), check_ticket, stats, consumers=20, delay=0.2)
    print("\nThe turnstiles came back so long after the restart:")
    first, last = min(returns), max(returns)
    bars = Counter(int(ms - first) // 5 for ms in returns)
    for bar in range(max(bars) + 1):
        print(f"{first + 5 * bar:5.0f} ms {'#' * bars[bar]}")
    verdict = "a thundering herd" if last - first < 25 else "the herd is broken up"
    print(f"{max(bars.values())} of 20 came back within the same 5 ms: {verdict}.")


if __name__ == "__main__":
    asyncio.run(demo())
