"""Exercise 7, the reference: sort the errors.

Your shop buys its shipping labels from a carrier. A timeout ended the consumer that met it, and
everything else was tried again: refusals and bugs of our own as well. Now one function says what
may pass. What is none of the service's errors is never caught, so that nothing has to let it out.

    python solutions/ex7_sort_the_errors.py       watch it run
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any


class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status: int, message: str = "") -> None:
        super().__init__(f"{status} {message}".strip())
        self.status = status


# Timeout, too many requests, and the server's own troubles; 501 or 505 will not be otherwise soon.
MAY_PASS = frozenset({408, 429, 500, 502, 503, 504})


def may_pass(error: Exception) -> bool:
    """Whether the same request may well succeed a little later."""
    return not isinstance(error, ServiceError) or error.status in MAY_PASS


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
            except (ServiceError, TimeoutError, ConnectionError) as error:
                if not may_pass(error):  # sorted before it is counted: the last try may be refused
                    stats["rejected"] += 1
                    log(start, name, "REJECT", item)
                    break
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

BUSY, SLOW, CUT = ServiceError(503, "busy"), TimeoutError("no answer"), ConnectionResetError("cut")
NO_SUCH_ADDRESS = ServiceError(422, "there is no such address")


async def day(
    name: str, orders: Sequence[int], trouble: Mapping[int, Sequence[Exception]]
) -> Counter[int]:
    """Buy a label for each order; return how often the carrier was asked for each."""
    asked: Counter[int] = Counter()

    async def buy_label(order: int) -> None:
        await asyncio.sleep(random.uniform(0.05, 0.12))
        asked[order] += 1
        answers = trouble.get(order, ())
        if asked[order] <= len(answers):
            raise answers[asked[order] - 1]

    print(f"\n{name}")
    q: asyncio.Queue[int] = asyncio.Queue()
    for order in orders:
        q.put_nowait(order)
    stats = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    crew = [asyncio.create_task(consumer(f"C{n}", q, buy_label, stats)) for n in (1, 2, 3)]
    with suppress(TimeoutError):
        async with asyncio.timeout(2.0):  # the demo does not wait for ever
            await q.join()
    settled = stats["consumed"] + stats["failed"] + stats["rejected"]
    there = sum(not task.done() for task in crew)
    for task in crew:
        task.cancel()
    await asyncio.gather(*crew, return_exceptions=True)
    print(
        f"\n{name}: {settled} of {len(orders)} orders settled, {there} of 3 consumers still there."
    )
    print(stats)
    return asked


async def demo() -> None:
    """Work through a quiet day, on which all is well, and then through a bad one."""
    await day("A quiet day", range(1, 9), {3: [BUSY], 6: [BUSY, BUSY]})
    bad: dict[int, list[Exception]]
    bad = {12: [BUSY], 13: [SLOW], 15: [NO_SUCH_ADDRESS] * 4, 16: [SLOW], 18: [CUT]}
    asked = await day("A bad day", range(11, 20), bad)
    times = "once" if asked[15] == 1 else f"{asked[15]} times"
    print(f"Order 15, to an address that does not exist, was sent {times}.")


if __name__ == "__main__":
    asyncio.run(demo())
