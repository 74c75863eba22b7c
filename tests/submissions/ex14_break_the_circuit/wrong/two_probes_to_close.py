# label: wrong
# exercise: ex14_break_the_circuit
# misconception: held-up-while-closed
# contract: ex14 point 3: two probes in a row have to succeed
# expect: The circuit is closed as soon as one probe has succeeded.
import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def run_pipeline(
    items: Iterable[Any],
    process_item: Callable[[Any], Awaitable[None]],
    *,
    threshold: int = 5,
    cooldown: float = 1.0,
    consumers: int = 3,
    maxsize: int = 3,
    attempts: int = 4,
    delay: float = 0.03,
    backoff: float = 2.0,
    jitter: float = 0.25,
) -> dict[str, int]:
    """Settle all `items`, and return the stats."""
    start = time.perf_counter()
    loop = asyncio.get_running_loop()
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    end = object()
    waiting: list[asyncio.Future[bool]] = []
    streak = goods = 0
    state = "closed"  # "open", "cool" (the next one is the probe), "probing"

    def cool() -> None:
        nonlocal state
        for f in waiting:
            if not f.done():
                waiting.remove(f)
                state = "probing"
                f.set_result(True)
                return
        state = "cool"

    def open_it() -> None:
        nonlocal state
        state = "open"
        loop.call_later(cooldown, cool)

    async def permission() -> bool:
        nonlocal state
        if state == "closed":
            return False
        if state == "cool":
            state = "probing"
            return True
        f = loop.create_future()
        waiting.append(f)
        return await f

    def result(good: bool, probe: bool) -> None:
        nonlocal streak, state
        nonlocal goods
        if probe and good and not goods:
            goods = 1
            cool()
        elif probe and good:
            goods = 0
            state, streak = "closed", 0
            for f in waiting:
                if not f.done():
                    f.set_result(False)
            waiting.clear()
        elif probe:
            open_it()
        elif state == "closed":
            streak = 0 if good else streak + 1
            if streak == threshold:
                open_it()

    async def settle(name: str, item: Any) -> None:
        for attempt in range(1, attempts + 1):
            probe = await permission()
            try:
                await process_item(item)
            except TransientError:
                result(False, probe)
            else:
                result(True, probe)
                stats["consumed"] += 1
                log(start, name, "OK", item)
                return
            if attempt == attempts:
                break
            d = delay * backoff ** (attempt - 1)
            pause = d * (1 + jitter * random.random())
            stats["retried"] += 1
            log(start, name, "RETRY", item, attempt, f"{pause:.3f}")
            await asyncio.sleep(pause)
        stats["failed"] += 1
        log(start, name, "FAIL", item)

    async def worker(name: str) -> None:
        while (item := await q.get()) is not end:
            await settle(name, item)
            q.task_done()
        q.task_done()

    async def produce() -> None:
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        for _ in range(consumers):
            await q.put(end)

    async with asyncio.TaskGroup() as group:
        for n in range(1, consumers + 1):
            group.create_task(worker(f"C{n}"))
        group.create_task(produce())
    return stats
