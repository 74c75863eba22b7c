# label: wrong
# exercise: ex16_ship_it
# misconception: label-key-for-several-items
# contract: ex16 point 2: a second run of the same process uses the keys of the first
# expect: The carrier makes no label for an item of a later run.
import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable
from typing import Any


OF_THE_PROCESS = random.getrandbits(64)  # drawn once, at import


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
    pending: dict[int, Any] = {}  # taken and not settled, by place
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    left = budget
    busy: set[Any] = set()

    async def once(item: Any, key: str) -> None:
        async with asyncio.timeout(timeout):
            await call(item, key=key)

    async def settle(name: str, item: Any, place: int) -> None:
        nonlocal left
        key = f'{OF_THE_PROCESS:x}-{place}'
        for attempt in range(1, attempts + 1):
            try:
                await once(item, key)
            except PermanentError as error:
                await dead_letters.put((item, attempt, error))
                counts["rejected"] += 1
                return
            except (TransientError, TimeoutError, ConnectionError) as error:
                left = max(0.0, left - 1)
                if attempt == attempts or left <= budget / 2:
                    await dead_letters.put((item, attempt, error))
                    counts["failed"] += 1
                    return
                clean = min(max_delay, delay * backoff ** (attempt - 1))
                pause = clean + random.uniform(0, clean * jitter)
                asked = getattr(error, "retry_after", 0)
                if asked > clean:
                    pause = asked + random.uniform(0, asked * jitter)
                counts["retried"] += 1
                log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
                await asyncio.sleep(pause)
            else:
                left = min(budget, left + refund)
                counts["consumed"] += 1
                return

    async def consumer(name: str) -> None:
        while not stop.is_set():
            place, item = await q.get()
            if stop.is_set():
                return
            busy.add(asyncio.current_task())
            await settle(name, item, place)
            del pending[place]
            q.task_done()
            busy.discard(asyncio.current_task())

    async def feed() -> None:
        source = enumerate(items)
        while not stop.is_set():
            for place, item in source:
                pending[place] = item
                await q.put((place, item))
                break
            else:
                break
        await q.join()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        feeder = group.create_task(feed())
        told = group.create_task(stop.wait())
        await asyncio.wait({feeder, told}, return_when=asyncio.FIRST_COMPLETED)
        if not feeder.done():
            feeder.cancel()
            for task in crew:
                if task not in busy:
                    task.cancel()
            await asyncio.wait(crew, timeout=grace)
        for task in (told, *crew):
            task.cancel()
    return {**counts, "unfinished": list(pending.values())}
