"""Exercise 13: budget the retries.

A chain of swimming pools sells tickets on the web, and your pipeline tells each of them to the server
behind the turnstiles. A call that fails is tried again, up to four times in all, with backoff and
jitter: you have built it well. On Saturday at 14:02, in a heatwave, that server restarted itself,
which takes it half a minute. At 14:40 it was still not back. "Each time it comes up, it is asked for
everything four times over, and goes down again", said the colleague on call, "and it is you who asks.
I have blocked you now." At 14:41 the turnstiles worked. The tickets that you had not told it were no
trouble at all: the guests showed them at the till.

Your task

    Give the pipeline a budget for its retries. While few calls fail, all goes on as before. When most
    of them fail, retries only add to the load, so there are none: each ticket gets its first try, and
    is given up on at once if that fails. Successes fill the budget up again.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Refuse the retry     2, 3
    Keep one budget      1, 4
    Settle every item    5, 6
    Keep the old rules   7, 8, 9

The contract (1 to 4 are new; 5 to 9 hold already, and must go on holding)

    1. All consumers of one run share one budget. It begins at `budget` (more than 0). Each failed try
       takes 1 away, the last try of an item too, but there is never less than 0 in it. Each success
       gives `refund` (more than 0) back, but there is never more than `budget` in it.
    2. When a try has failed and been counted, the item is retried if it has tries left, and if more
       than half of `budget` is left: exactly half is not enough. Else it is given up on at once,
       without a pause. It is decided then, once: what the budget becomes in the pause changes nothing.
    3. The budget refuses retries, never a first try.
    4. Each call of run_pipeline has a budget of its own, also when two run at the same time.
       (Failures at the same instant may be counted in any order.)
    5. run_pipeline returns when every item is settled (succeeded or given up on), and promptly then.
       task_done() is called exactly once for each item that a consumer got, after it is settled. The
       wait is a real one: no wait_for or sleep in its place, no polling.
    6. run_pipeline returns the stats, and they are true: `consumed` successes, `retried` retries made,
       and `failed` items given up on, for whichever reason.
    7. A queue bounds what waits: at most `maxsize` items wait in it, and just so many while all
       consumers are busy; one more is in the producer's hand. The items are begun in order,
       `consumers` of them worked on at once; no task is left running.
    8. Only a TransientError is retried, up to `attempts` tries in all; before the retry after failed
       try k, d = `delay * backoff ** (k - 1)` seconds pass, and a random part from 0 to `d * jitter`,
       drawn afresh each time. Giving up never stops the consumer.
    9. An error that is not transient surfaces from run_pipeline, bare or in an ExceptionGroup, and
       never as a hang.

    Only run_pipeline is called: its parameters are fixed, those of consumer are yours.

When it works, the demo ends like this (your figures may differ a little)

    C2 FAIL 19 0.743                  given up on after its first try ...
    C3 OK 26 0.882                    ... and the server is back

    Calls for each ticket: 1.2 before the restart, 1.2 while it lasted.

Try it

    python exercises/ex13_budget_the_retries.py       watch it run
    nox -s grade -- ex13                              have it checked
    nox -s grade -- hint ex13                         when you are stuck
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
                # TODO: here each failed try is followed by another, whatever the others meet with.
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
    budget: float = 10.0,
    refund: float = 0.1,
    consumers: int = 3,
    maxsize: int = 3,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, int]:
    """Settle all `items`, and return the stats."""
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
    """Tell the server of 32 tickets, of which 11 to 25 are sold while it restarts."""
    restart = range(11, 26)
    busy = Counter({3: 1, 7: 1})  # ticket: how many of its calls find the server too busy otherwise
    calls: Counter[bool] = Counter()  # during the restart, and before it

    async def tell(ticket: int) -> None:
        if ticket <= restart[-1]:
            calls[ticket in restart] += 1
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if ticket in restart:
            raise TransientError(f"ticket {ticket}: connection refused")
        if busy[ticket] > 0:
            busy[ticket] -= 1
            raise TransientError(f"ticket {ticket}: server busy")

    stats = await run_pipeline(range(1, 33), tell)
    before, during = calls[False] / (restart[0] - 1), calls[True] / len(restart)
    print(f"\nAll 32 tickets are settled: {stats}")
    print(f"Calls for each ticket: {before:.1f} before the restart, {during:.1f} while it lasted.")
    if during > 2:
        print("It can bear 2 as long as it starts; with more of them, it starts again.")


if __name__ == "__main__":
    asyncio.run(demo())
