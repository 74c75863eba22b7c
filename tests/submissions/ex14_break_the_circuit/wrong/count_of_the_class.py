# label: wrong
# exercise: ex14_break_the_circuit
# misconception: state-shared-between-runs
# contract: point 5: the count of failures is an attribute of the class
# expect: The failures at the end of one run count in the next.
import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any
from collections import deque


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


class Circuit:
    """Closed: tries begin freely. Open: none begins. Half-open: the probe alone is on its way."""

    streak = 0  # failures in a row

    def __init__(self, threshold: int, cooldown: float) -> None:
        self.threshold = threshold
        self.cooldown = cooldown
        self.state = CLOSED
        self.probing = False
        self.waiters: deque[asyncio.Future[None]] = deque()
        self.timer: asyncio.TimerHandle | None = None

    def _wake(self, count: int) -> None:
        while self.waiters and count:
            waiter = self.waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                count -= 1

    def _open(self) -> None:
        self.state = OPEN
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(self.cooldown, self._half_open)

    def _half_open(self) -> None:
        self.state = HALF_OPEN
        self.probing = False
        self._wake(1)

    def _close(self) -> None:
        self.state = CLOSED
        Circuit.streak = 0
        self._wake(len(self.waiters))

    async def enter(self) -> bool:
        """Wait until a try may begin; return whether it is the probe."""
        while self.state != CLOSED:
            if self.state == HALF_OPEN and not self.probing:
                self.probing = True
                return True
            waiter = asyncio.get_running_loop().create_future()
            self.waiters.append(waiter)
            await waiter
        return False

    def succeeded(self, probe: bool) -> None:
        """A try has succeeded, which may have been the probe."""
        if probe:
            self._close()
        elif self.state == CLOSED:
            Circuit.streak = 0

    def failed(self, probe: bool) -> None:
        """A try has failed, which may have been the probe."""
        if probe:
            self._open()
        elif self.state == CLOSED:
            Circuit.streak += 1
            if Circuit.streak >= self.threshold:
                self._open()

    @asynccontextmanager
    async def guard(self) -> AsyncIterator[None]:
        """Let one try through as soon as it may begin, and learn from what becomes of it."""
        probe = await self.enter()
        try:
            yield
        except TransientError:
            self.failed(probe)
            raise
        else:
            self.succeeded(probe)


async def consumer(
    name: str,
    q: asyncio.Queue[Any],
    process_item: Callable[[Any], Awaitable[None]],
    stats: dict[str, int],
    circuit: Circuit,
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
                async with circuit.guard():
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
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q: asyncio.Queue[Any] = asyncio.Queue(maxsize)
    circuit = Circuit(threshold, cooldown)  # one for all consumers, and a new one for each run
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(
                    f"C{n}",
                    q,
                    process_item,
                    stats,
                    circuit,
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
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
    return stats
