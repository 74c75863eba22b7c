"""Exercise 4: add jitter.

Twenty turnstiles at a stadium ask one server whether a ticket is valid. The server restarts, and
all twenty lose their request at the same moment. They back off politely, as exercise 3 taught
them: every one of them for exactly 200 ms. So all twenty come back in the same instant, the
server that has just got up goes down again, and next time they will return together after 400.
This is the thundering herd.

Your task, in consumer

    Add a random part to every delay, so that clients that failed together come back apart.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Try again, then give up   1, 5
    Stay in the window        6
    Break up the herd         6, 7
    Keep the old rules        2, 3, 4

The contract (1 to 5 hold already, and must go on holding; 6 and 7 are new)

    1. An item is tried until it succeeds or until `attempts` tries have failed (attempts >= 1). An
       idle consumer begins a waiting item at once.
    2. stats["consumed"] counts successes, stats["retried"] retries made, stats["failed"] items
       given up on: true as soon as an item is settled. Giving up never stops the consumer.
    3. q.task_done() is called exactly once per item, after it is settled, never before. (An item
       that an error or a cancellation leaves unsettled: at most once.)
    4. Only TransientError and its subclasses are retried. Any other exception, and
       asyncio.CancelledError, leaves the consumer at once.
    5. The consumer that holds an item makes its retries: the item does not go back into the queue.
    6. Between the end of failed try k (k = 1, 2, ...) and the start of the next one, d + u seconds
       pass: d = `delay * backoff ** (k - 1)` as before, and u is drawn at random, afresh for every
       retry, uniformly from 0 to `d * jitter`. With the defaults that is 30 to 37.5 ms, then 60
       to 75, then 120 to 150. jitter=0 gives exactly d. Jitter never feeds into the next delay: d
       depends on k alone. As before: no wait before the first try, none after the last failure,
       each item and each consumer starts again at `delay`, nothing blocks the event loop or spins.
    7. The draws are independent between consumers, whatever their names, and between runs of the
       program: no fixed seed, no counter, no clock.

When it works, the log looks like this (the demo's delay is 0.2 s, your numbers will differ)

    C18 RETRY 18 1 0.206 0.101       failed together, but no two wait equally long
    C11 RETRY 11 1 0.241 0.101
    C15 RETRY 15 1 0.219 0.101

and the picture below the log changes from one long bar into a row of short ones.

Try it

    python exercises/ex4_add_jitter.py       watch it run
    nox -s grade -- ex4                      have it checked
    nox -s grade -- hint ex4                 when you are stuck
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
                    # TODO: everybody waits equally long. Add a random part, up to `jitter` of it.
                    pause = delay * backoff ** (attempt - 1)
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
