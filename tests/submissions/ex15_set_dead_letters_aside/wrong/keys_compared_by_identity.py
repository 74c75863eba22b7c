# label: wrong
# exercise: ex15_set_dead_letters_aside
# misconception: keys-by-identity
# contract: 3: busy keys are compared with `is`
# expect: Two keys that are equal count as two when they are two objects.
import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Hashable, Iterable
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


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
    changed = asyncio.Condition()
    waiting: list[tuple[Any, Hashable]] = []  # what has not begun, in the order of items
    busy: list[Hashable] = []  # the keys of what has begun and is not settled

    async def settle(name: str, item: Any) -> None:
        """Try one item until it has succeeded, or until its letter is in dead_letters."""
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError as error:
                if attempt == attempts:
                    letter = (item, attempt, error)
                    break
                clean = delay * backoff ** (attempt - 1)
                pause = clean + random.uniform(0, clean * jitter)
                stats["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                log(start, name, "OK", item)
                return
        await dead_letters.put(letter)
        stats["failed"] += 1
        log(start, name, "FAIL", item)

    def first() -> int | None:
        """Return the place of the first in the row that may begin, if there is one."""
        return next((n for n, (_, key) in enumerate(waiting) if not any(key is k for k in busy)), None)

    async def consumer(name: str) -> None:
        """Settle one item after the other, until cancelled."""
        while True:
            async with changed:
                while (n := first()) is None:
                    await changed.wait()
                item, key = waiting.pop(n)
                busy.append(key)
                changed.notify_all()  # there is room
            await settle(name, item)
            async with changed:
                del busy[next(n for n, k in enumerate(busy) if k is key)]
                changed.notify_all()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            async with changed:
                while len(waiting) >= maxsize:
                    await changed.wait()
                waiting.append((item, key_of(item)))
                changed.notify_all()
        async with changed:
            while waiting or busy:
                await changed.wait()
        for task in crew:
            task.cancel()
    return stats
