"""Exercise 15: set dead letters aside.

The town's libraries report what they lend and what comes back, and three consumers pass each report
on to the national catalogue. When it is busy, they try again; what it turns away four times, they
give up on. It has run for months. On Monday a reader stands at the desk, furious: for a week the
catalogue has said that the atlas is lent, and there it is, on the shelf. Our log shows both reports,
in this order, and both are OK in the end. "The return, and after that the loan", says the catalogue,
"that is how you sent them." And while we are at it: on Friday one of our reports got lost. The log
says FAIL, and nothing else: nobody can say what was wrong with it, or send it again.

A colleague's remedy, to let nothing pass until the report before it has gone through, was tried the
same evening. One torn bar code then held up the reports of the whole town until Tuesday.

Your task, in run_pipeline

    Keep the order where it matters, among the reports of one book, and nowhere else. And set what
    is given up on aside, with all that somebody needs who looks into it later. The signature of
    run_pipeline stays as it is; what it is made of is yours to change.

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Keep the old rules      6, 7, 8, 9
    Set aside what failed   1, 2
    Keep each key's order   3
    Hold up nobody else     4, 5

The contract (1 to 5 are new; 6 to 9 hold already, and must go on holding)

    Only the clock counts: "at once" is at the same time, in however many turns of the event loop.
    `consumers`, `maxsize` and `attempts` are at least 1, `delay` and `jitter` at least 0, `backoff`
    is above 0. `items` and `key_of` raise nothing, and an item's key never changes.

    1. An item that is given up on, since `attempts` tries of it have failed, is put into the queue
       `dead_letters` at once, as a tuple (item, tries, error), which may be named, or as a list: the
       item itself, how many tries were made, and the exception that the last of them raised, itself
       and not its text. Nothing else is put there.
    2. `dead_letters` may be bounded, and read as slowly as you can imagine: then the letter waits
       for room. Nobody calls task_done() for what is in it. An item is settled when it has
       succeeded, or when its letter is in that queue; run_pipeline returns when all are settled,
       and promptly then.
    3. Items with an equal `key_of(item)` are worked on in the order of `items`, one at a time: none
       begins before all earlier ones of its key are settled. After an item that was given up on the
       next of its key has its tries as usual. A key is any hashable value, also None, 0 or "".
       Items are any objects but None: they are handed on, not compared or hashed.
    4. Nobody else waits. At most `consumers` items are between the beginning of their first try and
       their settling. While they are fewer, each of the first `maxsize` items that have not begun
       (of all in `items`, taken or not) begins at once, unless an earlier one of its key is not
       settled. An item behind those may begin as well. If fewer can begin than may, you choose which.
    5. Whenever time passes, at most `maxsize + consumers + 1` items have been taken from `items`
       and are not settled. (`items` is any iterable, perhaps endless, and is not read ahead.)
    6. consumed + failed == the number of items, and the stats, which run_pipeline returns, are true:
       consumed counts successes, retried retries made, failed items given up on.
    7. Only a TransientError is retried, up to `attempts` tries in all. Between failed try k and the
       next d + u seconds pass: d = `delay * backoff ** (k - 1)`, and u is any number from 0 to
       `d * jitter`, drawn at random, afresh for every retry. Whatever waits for a retry holds its
       place.
    8. All other waiting is awaiting: no polling, no limit of time, nothing that blocks. No task is
       left behind. (If you wait by join(), then task_done() is called once for each item that a
       consumer got, after it is settled.)
    9. Any other error that process_item raises (a CancelledError aside) surfaces from run_pipeline,
       bare or in an ExceptionGroup, and never as a hang: not even while everybody else waits for
       room. How soon, and what becomes of other items, is open. It is no dead letter.

When it works, the log ends like this (your times will differ)

    C2 FAIL b??le/lent 0.868

    All 14 reports are settled: {'consumed': 13, 'retried': 6, 'failed': 1}
    Set aside: b??le/lent after 4 tries, TransientError(catalogue cannot read the bar code)

Try it

    python exercises/ex15_set_dead_letters_aside.py       watch it run
    nox -s grade -- ex15                                  have it checked
    nox -s grade -- hint ex15                             when you are stuck
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Iterable
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
        # TODO: the next in the queue may be the one item that has to wait for an earlier one.
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
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
            # TODO: and what becomes of the item, and of its error?
            stats["failed"] += 1
            log(start, name, "FAIL", item)
        q.task_done()


async def run_pipeline(
    items: Iterable[Any],
    key_of: Callable[[Any], Hashable],
    process_item: Callable[[Any], Awaitable[None]],
    dead_letters: asyncio.Queue[Any],
    *,
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
            log(start, "PROD", item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats


# --- The demo: it works as it is ------------------------------------------------------------------


async def demo() -> None:
    """Send fourteen reports to the catalogue, and compare it with the shelves."""
    reports = [
        *("atlas/lent", "novel/lent", "atlas/returned", "bible/lent", "opera/lent"),
        *("globe/lent", "bible/returned", "b??le/lent", "opera/returned", "novel/returned"),
        *("globe/returned", "waltz/lent", "opera/lent", "novel/lent"),
    ]
    turned_away = Counter(  # report: how many of its tries fail
        {"atlas/lent": 2, "opera/lent": 1, "b??le/lent": 9}
    )
    catalogue: dict[str, str] = {}
    dead_letters: asyncio.Queue[Any] = asyncio.Queue()

    def book_of(report: str) -> str:
        return report.partition("/")[0]

    async def send(report: str) -> None:
        await asyncio.sleep(random.uniform(0.05, 0.12))
        if turned_away[report] > 0:
            turned_away[report] -= 1
            why = "cannot read the bar code" if "?" in report else "busy"
            raise TransientError(f"catalogue {why}")
        catalogue[book_of(report)] = report.partition("/")[2]

    stats = await run_pipeline(reports, book_of, send, dead_letters)
    print(f"\nAll {len(reports)} reports are settled: {stats}")
    while not dead_letters.empty():
        report, tries, error = dead_letters.get_nowait()
        print(f"Set aside: {report} after {tries} tries, {type(error).__name__}({error})")
        stats["failed"] -= 1
    if stats["failed"]:
        print(f"Gone without a trace: {stats['failed']}. Which one was it, and what was wrong?")
    truth = {book_of(report): report.partition("/")[2] for report in reports}
    for book in sorted(set(truth) & set(catalogue)):
        if catalogue[book] != truth[book]:
            print(f"Wrong in the catalogue: {book} is {truth[book]}, and it says {catalogue[book]}")


if __name__ == "__main__":
    asyncio.run(demo())
