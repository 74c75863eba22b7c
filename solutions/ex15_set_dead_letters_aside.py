"""Exercise 15, the reference: set dead letters aside.

Libraries report what is lent and returned, and of one book the reports must arrive in their order.
So whoever is free takes the first report whose book nobody works on, instead of waiting behind one
that must wait itself. What is given up on goes to `dead_letters` with its evidence, and its book is
free again only when it is there.

    python solutions/ex15_set_dead_letters_aside.py       watch it run
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


class Waiting:
    """The items that were taken and have not begun, in their order: at most `maxsize`."""

    def __init__(self, maxsize: int) -> None:
        self._maxsize = maxsize
        self._items: list[tuple[Hashable, Any]] = []  # each behind its key
        self._busy: set[Hashable] = set()  # the keys that are being worked on
        self._closed = False
        self._changed = asyncio.Condition()

    async def add(self, key: Hashable, item: Any) -> None:
        """Add the next item, as soon as there is room."""
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._items) < self._maxsize)
            self._items.append((key, item))
            self._changed.notify_all()

    async def close(self) -> None:
        """Say that no more items will come."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    async def take(self) -> tuple[Hashable, Any] | None:
        """The first item whose key is free, which is busy from now on; None when none will come."""
        async with self._changed:
            await self._changed.wait_for(
                lambda: self._ready() is not None or (self._closed and not self._items)
            )
            place = self._ready()
            if place is None:
                return None
            key, item = self._items.pop(place)
            self._busy.add(key)
            self._changed.notify_all()  # there is room for one more
            return key, item

    async def free(self, key: Hashable) -> None:
        """Let the next item of a key begin."""
        async with self._changed:
            self._busy.discard(key)
            self._changed.notify_all()

    def _ready(self) -> int | None:
        """The place of the first item whose key is free: of one key, the earliest comes first."""
        return next((n for n, (key, _) in enumerate(self._items) if key not in self._busy), None)


async def consumer(
    name: str,
    waiting: Waiting,
    process_item: Callable[[Any], Awaitable[None]],
    dead_letters: asyncio.Queue[Any],
    stats: dict[str, int],
    *,
    attempts: int,
    delay: float,
    backoff: float,
    jitter: float,
) -> None:
    """Settle one item after the other, until no more will come."""
    start = time.perf_counter()
    while (taken := await waiting.take()) is not None:
        key, item = taken
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if attempt < attempts:
                    clean = delay * backoff ** (attempt - 1)
                    pause = clean + random.uniform(0, clean * jitter)
                    stats["retried"] += 1
                    log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                    await asyncio.sleep(pause)
                else:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    # Here, where `error` still exists, and awaited: until there is room for its
                    # letter, this item is not settled, and its key not free.
                    await dead_letters.put((item, attempt, error))
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
        await waiting.free(key)


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
    """Settle all `items`, those of one key in their order, and return the stats."""
    start = time.perf_counter()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    waiting = Waiting(maxsize)
    # When a consumer dies, the group cancels this block and the others, whatever they wait for.
    async with asyncio.TaskGroup() as group:
        for n in range(1, consumers + 1):
            group.create_task(
                consumer(
                    f"C{n}",
                    waiting,
                    process_item,
                    dead_letters,
                    stats,
                    attempts=attempts,
                    delay=delay,
                    backoff=backoff,
                    jitter=jitter,
                )
            )
        for item in items:
            await waiting.add(key_of(item), item)
            log(start, "PROD", item)
        await waiting.close()
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
