"""Exercise 11: time out the hung call.

Every morning at six, three modems ring up the four hundred heat meters of a housing estate and ask
them what they have counted. For years that took twenty minutes: an engaged line was tried again, a
dead meter given up on. Since the meters have new firmware, one of them now and then picks up, and
says nothing at all. At 06:03 modem 2 had such a meter on the line, and was not heard of again; at
06:11 it was modem 1, and at 06:14 modem 3. No error, no load, nothing in the log. At nine somebody
in accounts asked where the other two hundred readings were, and a colleague rang up one of the
silent meters by hand: it answered at once.

Your task, in consumer

    Give each try its time. One that takes longer is cancelled, and has failed like any other: the
    modem hangs up, pauses, and tries once more.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Keep the old rules       6, 7, 8
    Give each try its time   1, 3
    Wait for the clean-up    2, 5
    Let errors out           3, 4

The contract (1 to 4 are new; 5 to 8 hold already, and must go on holding)

    1. A try that takes longer than `timeout` seconds (timeout > 0) is cancelled at that instant,
       and counts as a failed try: another one follows, unless it was the last of `attempts`. Each
       try, the last one too, has the whole `timeout` to itself: no other try, no pause and no wait
       for an item counts. A try that ends before its time counts as what it is.
    2. A cancelled try may need time to clean up (hang up the phone), and ends with CancelledError
       then. The next try of the item begins only when it has ended, and the pause before it counts
       from there. (After an item's last try you need not wait for that.)
    3. A TimeoutError that process_item itself raises is retried as a TransientError is, and so are
       subclasses of both. Any other exception leaves the consumer at once.
    4. The consumer's own cancellation is never taken for a timeout. During a try, in a pause and
       while the consumer waits for an item, it ends the consumer with CancelledError: at once, or
       as soon as the call that was running has cleaned up. (If it comes in the middle of a
       clean-up, that may be cut short or not, as you like.)
    5. An idle consumer begins a waiting item at once, and nobody is held up by the call or the
       clean-up of another consumer.
    6. stats["consumed"] counts successes, stats["retried"] retries made, stats["failed"] items
       given up on: true as soon as an item is settled. Giving up never stops the consumer.
    7. q.task_done() is called exactly once per item, after it is settled, never before. (An item
       that an error or a cancellation leaves unsettled: at most once.)
    8. The consumer that holds an item makes its retries. Between the end of failed try k and the
       start of the next one d + u seconds pass: d = `delay * backoff ** (k - 1)`, and u is drawn at
       random, afresh for every retry, uniformly from 0 to `d * jitter`. Nothing blocks or spins.

When it works, the log has lines like these (your times will differ), and the demo comes to its end

    C3 RETRY 4 1 0.036 0.691        meter 4 said nothing: cancelled after half a second, hung up
    C3 OK 4 0.808                   ... and it answers when it is rung up again
    C2 FAIL 7 2.985                 meter 7 never says a word: four times, then it is given up on

Try it

    python exercises/ex11_time_out_the_hung_call.py       watch it run
    nox -s grade -- ex11                                  have it checked
    nox -s grade -- hint ex11                             when you are stuck
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
    timeout: float = 0.5,
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
                # TODO: a meter that picks up and says nothing keeps the consumer here for ever.
                await process_item(item)
            except TransientError:
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
    """Read fourteen meters, some of which pick up and say nothing, and do not wait for ever."""
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    engaged = Counter({2: 1, 5: 1})  # meter: how many of the calls find its line engaged
    silent = Counter({4: 1, 7: 9, 10: 1})  # and in how many of them it says nothing
    listening: set[int] = set()  # meters that somebody still waits for a word from

    async def read_meter(meter: int) -> None:
        listening.discard(meter)
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if engaged[meter] > 0:
            engaged[meter] -= 1
            raise TransientError(f"meter {meter}: line engaged")
        if silent[meter] > 0:
            silent[meter] -= 1
            listening.add(meter)
            try:
                await asyncio.Event().wait()  # which nobody will ever set
            finally:
                await asyncio.sleep(0.1)  # hanging up takes a moment

    try:
        async with asyncio.timeout(5):
            await run_pipeline(range(1, 15), read_meter, stats)
    except TimeoutError:
        meters = ", ".join(map(str, sorted(listening)))
        print("\nNot a word for so long that the demo stops here, after 5 s.", end=" ")
        print(f"Meters {meters} have picked up and say nothing. So far: {stats}")
    else:
        print(f"\nAll 14 meters are settled: {stats}")


if __name__ == "__main__":
    asyncio.run(demo())
