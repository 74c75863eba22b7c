# label: right
# exercise: ex14_break_the_circuit
# contract: keeps all points; no consumers: a scheduler starts a task for each try that is ready
# expect: Passes every check.
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


CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


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
    ready: list[tuple[Any, int]] = []  # (item, number of its next try)
    pausing = flying = held = 0
    row = 0
    circuit = CLOSED
    news = asyncio.Event()
    fed = False

    def over() -> None:
        nonlocal circuit
        circuit = "due"
        news.set()

    def unpause(item: Any, k: int) -> None:
        ready.append((item, k))
        news.set()

    async def attempt(item: Any, k: int, is_probe: bool) -> None:
        nonlocal circuit, row, held
        try:
            await process_item(item)
            ok = True
        except TransientError:
            ok = False
        news.set()
        if is_probe and ok:
            circuit, row = CLOSED, 0
        elif is_probe or (circuit == CLOSED and not ok and row + 1 >= threshold):
            circuit = OPEN
            loop.call_later(cooldown, over)
        elif circuit == CLOSED:
            row = 0 if ok else row + 1
        if ok:
            stats["consumed"] += 1
            log(start, "C1", "OK", item)
        elif k == attempts:
            stats["failed"] += 1
            log(start, "C1", "FAIL", item)
        else:
            d = delay * backoff ** (k - 1)
            d += random.random() * d * jitter
            stats["retried"] += 1
            log(start, "C1", "RETRY", item, k, f"{d:.3f}")
            loop.call_later(d, unpause, item, k + 1)
            return
        held -= 1
        q.task_done()

    async def feed() -> None:
        nonlocal fed
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
            news.set()
        fed = True
        news.set()

    async with asyncio.TaskGroup() as group:
        group.create_task(feed())
        while not (fed and q.empty() and not held):
            news.clear()
            while held < consumers and not q.empty():
                ready.append((q.get_nowait(), 1))
                held += 1
            while ready and circuit in (CLOSED, "due"):
                probe = circuit == "due"
                if probe:
                    circuit = HALF_OPEN
                group.create_task(attempt(*ready.pop(0), probe))
            if not news.is_set():
                await news.wait()
    return stats
