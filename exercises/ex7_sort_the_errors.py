"""Exercise 7: sort the errors.

Your shop buys its shipping labels from a carrier, whose web service answers with HTTP statuses. The
consumer below got through the quiet months without a complaint. Then came December, and the
colleague on call has left three notes for you:

    "Last night the carrier was slow for an hour, and some requests timed out. It has been fine since
    then, but of our twelve consumers two are left, and the queue grew until morning. Nobody had
    stopped them: no FAIL in the log, no error, nothing."

    "The carrier has written. When we ask for a label to an address that does not exist, they answer
    422, and we ask again. And again. Four times for each such order: 'Please read our answer.'"

    "Order 5512 had no weight, which is a bug of ours: KeyError. I found it by chance. In the stats it
    is one more 'failed', after four tries, and the error itself was never seen."

Your task, in consumer

    Sort the errors. What may pass is tried again, what the carrier refuses is settled at once, and
    what is none of the carrier's comes to light.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Retry what may pass   1, 4, 5
    Settle refusals       2
    Let all else out      3
    Count and mark        4, 6

The contract (1 to 3 are broken in places; 4 to 6 hold already, and must go on holding)

    1. Transient, which means tried again, are: a ServiceError with the status 408, 429, 500, 502, 503
       or 504; a TimeoutError; a ConnectionError; and whatever is a subclass of these. (No class is
       both a ServiceError and one of the other two.) They need not be all of one kind: an item has
       `attempts` tries in all, whatever each of them failed with.
    2. Any other ServiceError, whatever its status, is a refusal. The item is never tried again,
       neither when transient failures came before nor when it was the last try: without any wait
       it is settled as rejected, and the consumer takes the next item.
    3. Every other exception leaves the consumer at once: the bugs of our own, an OSError that is
       neither of the two above, the errors of other libraries, a group of ServiceErrors. So does
       asyncio.CancelledError, during a try, during a pause or while idle. None of these is retried,
       swallowed or counted.
    4. From the lesson: an item is tried until it succeeds, is refused, or `attempts` tries have
       failed (attempts >= 1); then it is given up on, which never stops the consumer. The consumer
       that holds an item makes its retries. An idle consumer begins a waiting item at once.
    5. Between failed try k (k = 1, 2, ...) and the next, d + u seconds pass, with d = `delay *
       backoff ** (k - 1)` and u drawn at random, afresh for every retry, uniformly from 0 to
       `d * jitter`: after every transient error alike. No other wait, no limit of time; nothing
       blocks the event loop.
    6. Each item is settled once: it succeeded, was given up on, or was rejected, and
       stats["consumed"], stats["failed"] or stats["rejected"] goes up by 1; stats["retried"] goes up
       by 1 per retry made. The numbers are true as soon as an item is settled, and several consumers
       share one `stats`. q.task_done() is called exactly once per item, after it is settled. (An
       item that an error or a cancellation leaves unsettled is in none of the three counts; for it
       task_done() is called at most once.)

    ServiceError itself stays as it is.

When it works, the bad day of the demo ends like this (your times will differ)

    C2 REJECT 15 0.371                asked for once: 422
    C3 RETRY 16 1 0.034 0.414         a timeout, and C3 goes on

    A bad day: 9 of 9 orders settled, 3 of 3 consumers still there.
    {'consumed': 8, 'retried': 4, 'failed': 0, 'rejected': 1}
    Order 15, to an address that does not exist, was sent once.

Try it

    python exercises/ex7_sort_the_errors.py       watch it run
    nox -s grade -- ex7                           have it checked
    nox -s grade -- hint ex7                      when you are stuck
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
            # TODO: which errors belong to which clause, and which to none of them?
            except (asyncio.CancelledError, TimeoutError):
                raise  # somebody wants us to stop
            except Exception:
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
