# label: wrong
# exercise: ex2_build_retry_loop
# misconception: debugger-left-in
# contract: ex2 point 1: a failed try is followed by another
# expect: breakpoint() stands in the except block, and there is no debugger while a file is graded.
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
) -> None:
    """Settle one item after the other, until cancelled."""
    start = time.perf_counter()
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:  # nothing wider: a bug would fail the same way every time
                breakpoint()
                if attempt < attempts:  # a failed last try is not followed by a retry
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, "0.000")
            else:  # not inside the try, which guards the call to the service and nothing of ours
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        else:  # no break: every try has failed
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        # Both ways of being settled meet here. No try/finally: an error or a cancellation leaves
        # the item unsettled, and then join() had better not be told that it is done.
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
    """Charge twelve payments, three of which find the gateway busy."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    busy = Counter({5: 1, 8: 4, 10: 2})  # payment: how many of its tries are turned away

    async def charge(payment: int) -> None:
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if busy[payment] > 0:
            busy[payment] -= 1
            raise TransientError(f"payment {payment}: gateway busy")

    try:
        async with asyncio.timeout(2.5):
            await run_pipeline(range(1, 13), charge, stats)
    except* TransientError:
        unsettled = 12 - stats["consumed"] - stats["failed"]
        print("\nA consumer stopped at the first TransientError it met:", end=" ")
        print(f"{unsettled} of 12 payments were never settled.")
    except* TimeoutError:
        print("\nStill waiting after 2.5 s: is every item marked as done, and only once?")
    else:
        print(f"\nThe pipeline came to its end: {stats}")


if __name__ == "__main__":
    asyncio.run(demo())
