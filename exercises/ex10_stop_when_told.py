"""Exercise 10: stop when told.

A messenger reminds patients of their appointments, by way of a text message gateway. Each new
version is deployed in the same way: the platform tells the old one to stop, which sets an
asyncio.Event, gives it a second to finish what it has in hand, and starts the new one when it is
gone. What the old one did not settle it returns, and the new one sends it. From the log of the
colleague on call:

    10:05  New version in staging. The old one went at once, as it always does.
    10:20  The same in production: it went, but only after the full second. The last message in its
           log is from the first tenth of it. After that nothing, so what did it wait for?
    14:02  The gateway is down, and a new version would help. But the old one does not go! It was told
           to, the second is long over, and it still calls the gateway. Killed it by hand.
    14:09  In the list that the new one got, some are missing that never went out.

Your task, in this file

    Find out why the old version does not go when it should, and repair it. There are two reasons,
    in two places, and each repair is short. (Only run_pipeline is called: all else may change.)

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Work as before               1, 7
    Stop, and say what is left   2, 5
    Finish what is in hand       3, 4
    Let errors out               6, 7

The contract (3 to 7 are what breaks; 1 and 2 hold already, and must go on holding)

    1. As long as `stop` is not set, everything is as before: the items are begun in order,
       `consumers` at once; at most `maxsize` of them wait (both are 1 or more), and one more in the
       producer's hand; only a TransientError is retried, up to `attempts` tries in all, and before
       the retry after failed try k, d = `delay * backoff ** (k - 1)` seconds pass, and a random part
       from 0 to `d * jitter`. run_pipeline returns as soon as every item is settled (succeeded or
       given up on), with no task left, also when `stop` is never set. It returns the three counts,
       and under "unfinished" an empty list.
    2. After `stop`, by the clock, nothing new is begun: no further item is taken from `items` (one
       on its way into the queue counts as taken), and no item's first try begins. `stop` is set
       from outside, not by `items` or process_item; it may be set before the call, and stays set.
    3. Items in hand (their first try has begun) go on for `grace` seconds, counted from `stop`,
       retries and their pauses included. `grace` may be 0. Then the tries that still run are
       cancelled, once: each may need time to clean up, has it, and ends with CancelledError, as no
       other try does. None is made again. (An item whose pause outlasts the grace may go earlier.)
    4. run_pipeline returns as soon as nothing is in hand: when all that was in hand is settled, or
       else when all that was cancelled has cleaned up. No task is left.
    5. Every item that was taken is settled or unfinished, exactly one of both: cut off at the end of
       the grace is unfinished, not failed. An object that comes twice is two items. "unfinished" is
       a list of the items themselves, in the order in which they were taken, and the counts are
       true. ("retried" may include one retry for each unfinished item whose pause was cut off.)
    6. When run_pipeline itself is cancelled, once (before `stop`, in the grace, or during the
       clean-up), it cancels what is in hand, begins no further try, and raises CancelledError, with
       no task left, at the latest when all has cleaned up. (It may cut a clean-up short.)
    7. Waiting is awaiting: nobody looks at `stop` again and again. A limit of time is right for the
       grace, and nowhere else. An error that is not transient surfaces from run_pipeline, bare or in
       an ExceptionGroup, also in the grace; it never becomes a hang, and may cut a clean-up short.

When it works, the demo says of all three stops (your times will differ)

    Gone 0.072 s after it was told; ...     on a quiet day and on a busy one
    Gone 0.501 s after it was told; ...     while the gateway does not answer

Try it

    python exercises/ex10_stop_when_told.py       watch it run
    nox -s grade -- ex10                          have it checked
    nox -s grade -- hint ex10                     when you are stuck
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def producer(
    items: Iterable[Any], q: asyncio.Queue[tuple[int, Any]], open_items: dict[int, Any]
) -> None:
    """Number the items and put them, one after the other; return when all are settled."""
    for number, item in enumerate(items):
        open_items[number] = item  # before the put: it may be where we are told to stop
        await q.put((number, item))
    await q.join()


async def consumer(
    name: str,
    q: asyncio.Queue[tuple[int, Any]],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    open_items: dict[int, Any],
    *,
    stop: asyncio.Event,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> None:
    """Settle one item after the other, until told to stop, or cancelled."""
    start = time.perf_counter()
    # TODO: told to stop, it should be gone a second later, or at once if nothing is in hand. Here and
    # in run_pipeline: what does it still wait for, and why does it go on?
    while not stop.is_set():
        number, item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except (TransientError, asyncio.CancelledError):  # it did not go through
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
        del open_items[number]
        q.task_done()


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stop: asyncio.Event,
    *,
    consumers: int = 3,
    maxsize: int = 3,
    grace: float = 1.0,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, Any]:
    """Settle `items` until all are settled or `stop` is set; return the stats and what is unfinished."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    open_items: dict[int, Any] = {}  # taken and not settled, by number: in the order of taking
    if stop.is_set():
        return {**stats, "unfinished": []}
    q: asyncio.Queue[tuple[int, Any]] = asyncio.Queue(maxsize)
    # When a task dies of an error, the group cancels this block, wherever it waits, and raises.
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    open_items,
                    stop=stop,
                    attempts=attempts,
                    delay=delay,
                    backoff=backoff,
                    jitter=jitter,
                )
            )
            for n in range(1, consumers + 1)
        ]
        work = group.create_task(producer(items, q, open_items))
        told = group.create_task(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            in_hand = group.create_task(q.join())
            await asyncio.wait({in_hand}, timeout=grace)
            tasks.append(in_hand)
        for task in (*tasks, told):
            task.cancel()
    return {**stats, "unfinished": list(open_items.values())}


# --- The demo: it works as it is ------------------------------------------------------------------


async def told_to_stop(
    title: str, reminders: int, seconds: tuple[float, float], *, up: bool
) -> None:
    """Send reminders, say stop after 0.3 s, and tell how long it takes from then on."""
    stop, at = asyncio.Event(), 0.0

    def tell() -> None:
        nonlocal at
        at = time.perf_counter()
        print("     --- told to stop", flush=True)
        stop.set()

    async def send(_reminder: int) -> None:
        await asyncio.sleep(random.uniform(*seconds))
        if not up:
            raise TransientError("the gateway does not answer")

    print(f"\n{title}\n", flush=True)
    asyncio.get_running_loop().call_later(0.3, tell)
    result = await run_pipeline(range(1, reminders + 1), send, stop, grace=0.5)
    gone = time.perf_counter() - at
    print(f"\nGone {gone:.3f} s after it was told; the grace is 0.5 s: {result}", flush=True)


async def demo() -> None:
    """Stop three times: while little is to do, on a busy day, and while the gateway is down."""
    await told_to_stop("1. Staging: ten reminders", 10, (0.08, 0.12), up=True)
    await told_to_stop("2. A busy day: as many as there are", 500, (0.08, 0.12), up=True)
    await told_to_stop("3. The gateway does not answer", 500, (0.7, 0.8), up=False)


if __name__ == "__main__":
    asyncio.run(demo())
