"""Exercise 16: ship it.

Your warehouse buys a shipping label for every parcel, from a carrier that has good days and bad
ones. The program below is the pipeline of the lesson, and it went live on a calm Tuesday. Then came
the rest of the week: the carrier was down for ten seconds, and got six times its usual load from
you; a call hung, and took a consumer with it, until none was left; a street that does not exist
was asked for again and again; and when the program was told to stop, it did not.

Your task, in run_service

    Make it a service that you would be on call for. Nothing in it is new: you have built each part
    in an exercise before. New is that all of them have to work together, in eight weathers.

The service. `await call(item, key=key)` buys a label. It may

    - answer, or raise TransientError (at times with a `retry_after` in seconds), TimeoutError or
      ConnectionError, or subclasses of these: a failed call, which may be repeated;
    - raise PermanentError: the carrier refuses this parcel, now and later;
    - hang until it is cancelled (then it may need a moment to clean up, which a second cancel may cut
      short, and ends with CancelledError, which it never raises otherwise), or buy the label and lose
      the answer, which looks like a failed call.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Serve on good days      1, 2
    Get through bad days    3, 4, 5
    Set aside, and stop     6, 7, 8
    Keep to every setting   1 to 9

The contract

    1. CALM. Nothing is slower than it has to be: `consumers` items are in hand whenever there are so
       many left, from an item's first call until it is settled. At most `maxsize + consumers + 1`
       items are taken from `items` and not settled (`maxsize` is 1 or more; nothing need be taken
       ahead). run_service returns when all are settled, promptly, with every task done or cancelled.
       Waiting is awaiting: no polling, no blocking.
    2. BLIP. A failed call is repeated, up to `attempts` calls in all; then the item is given up on.
       An item that was consumed is never called again. All calls of an item carry one key, a
       non-empty str; different items, also equal ones, carry different keys, also in the next run
       of the program, another process. So the carrier, which sells one label for each key, makes no
       second one when an answer was lost.
    3. After failed call k a pause of p to `p * (1 + jitter)` seconds follows, where p is
       `min(max_delay, delay * backoff ** (k - 1))`, or the error's `retry_after` if that is more.
       HERD: unless p is the `retry_after`, the pause is drawn uniformly from that window, also at
       max_delay, afresh each time: consumers that failed together do not return together.
    4. OUTAGE. One budget for all consumers starts at `budget`. Each failed call takes 1 away (never
       below 0), an item's last one too; each that succeeds gives `refund` back (never above
       `budget`). An item is tried again only if, with its failure counted, more than half of
       `budget` is left, which is looked at once, at that moment; otherwise it is given up on at once.
       Each run has a budget of its own.
    5. HANG, BROWN-OUT. A call that takes longer than `timeout` is cancelled at that moment, and is a
       failed call. It is repeated only when it has ended, clean-up included; the pause counts from
       there. A call that ends in time is never cut off. Never do more than `consumers` calls run.
    6. POISON. A refused item is not called again, costs nothing of the budget and counts as
       "rejected". It, and each item that was given up on, is put into `dead_letters`, a queue that
       may be bounded, as a tuple: (item, number of its calls, exception of the last). For a call
       that was cut off that is a TimeoutError. Only with that put is the item settled. Nothing else
       is put there.
    7. STOP. `stop` may be set at any time, even before the start, or never. From then on nothing is
       taken from `items`, and no item's first call begins. Items in hand go on, retries included,
       for `grace` seconds, which may be 0; what is left then, also a put that waits, is cancelled.
       (An item whose pause outlasts the grace may be let go earlier.) run_service returns as soon as
       nothing is in hand, at the latest when the cancelled calls have ended.
    8. The result is a dict with the counts "consumed", "retried", "failed" (given up on) and
       "rejected", and with "unfinished": a list of the items that were taken and not settled, in the
       order in which they were taken. (A retry whose pause the stop cuts off may be counted.)
    9. Any other error, of a call or of `items`, surfaces from run_service, bare or in an
       ExceptionGroup, and never as a hang.

Work weather by weather: the checks come in this order, and the program below passes the first two.

Try it

    python exercises/ex16_ship_it.py       watch it run
    nox -s grade -- ex16                   have it checked
    nox -s grade -- hint ex16              when you are stuck
"""

import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next, `retry_after` seconds from now or later."""

    def __init__(self, *args: object, retry_after: float = 0.0) -> None:
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    """The carrier refuses this parcel, and will refuse it again."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


# TODO: make this the service of the contract. The lesson's loop stands, and every item has its key.
# The settings that nothing uses yet, and `stop` and `dead_letters`, show what is left to do.
async def run_service(
    items: Iterable[Any],
    call: Callable[..., Awaitable[Any]],
    stop: asyncio.Event,
    dead_letters: asyncio.Queue[Any],
    *,
    consumers: int = 5,
    maxsize: int = 5,
    attempts: int = 6,
    delay: float = 0.05,
    backoff: float = 2.0,
    jitter: float = 0.25,
    max_delay: float = 1.0,
    timeout: float = 0.5,
    budget: float = 20.0,
    refund: float = 0.2,
    grace: float = 1.0,
) -> dict[str, Any]:
    """Settle `items` until all are settled or `stop` is set; return the counts and what is left."""
    start = time.perf_counter()
    counts = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)

    async def consumer(name: str) -> None:
        """Settle one item after the other, until cancelled."""
        while True:
            item = await q.get()
            key = str(uuid.uuid4())
            for attempt in range(1, attempts + 1):
                try:
                    await call(item, key=key)
                except TransientError:
                    if attempt < attempts:
                        clean = min(max_delay, delay * backoff ** (attempt - 1))
                        pause = clean + random.uniform(0, clean * jitter)
                        counts["retried"] += 1
                        log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                        await asyncio.sleep(pause)
                else:
                    counts["consumed"] += 1
                    log(start, name, "OK", item)
                    break
            else:  # no break: every call has failed
                counts["failed"] += 1
                log(start, name, "FAIL", item)
            q.task_done()

    # When a consumer dies, the group cancels this block, even in put() or join(), and raises.
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return {**counts, "unfinished": []}


# --- The demo: it works as it is ------------------------------------------------------------------


async def weather(title: str, parcels: int, *, down: tuple[float, float] | None) -> None:
    """Buy labels, from a carrier that fails between two moments, and tell what became of it."""
    start, calls = time.perf_counter(), 0

    async def buy_label(_parcel: int, *, key: str) -> None:
        nonlocal calls
        assert key
        calls += 1
        now = time.perf_counter() - start
        if down and down[0] <= now < down[1]:
            await asyncio.sleep(0.01)
            raise TransientError("503, the carrier does not answer")
        await asyncio.sleep(random.uniform(0.05, 0.12))

    print(f"\n{title}\n", flush=True)
    table: asyncio.Queue[Any] = asyncio.Queue()
    result = await run_service(range(1, parcels + 1), buy_label, asyncio.Event(), table)
    took = time.perf_counter() - start
    print(f"\n{title}: {calls} calls for {parcels} parcels in {took:.1f} s.")
    print(f"{result}; {table.qsize()} on the packers' table.", flush=True)


async def demo() -> None:
    """A calm morning, and one in which the carrier fails for half a second."""
    await weather("A calm morning", 20, down=None)
    await weather("An outage of half a second", 60, down=(0.3, 0.8))


if __name__ == "__main__":
    asyncio.run(demo())
