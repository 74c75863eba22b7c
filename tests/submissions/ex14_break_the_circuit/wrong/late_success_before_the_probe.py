# label: wrong
# exercise: ex14_break_the_circuit
# misconception: late-results-change-the-circuit
# contract: point 2: a late success closes the circuit if the cooldown is over and no probe has begun
# expect: Two items that get ready at one moment are both tried, where one is the probe.
import asyncio
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any


class TransientError(Exception):
    """It failed this time; it may well succeed the next."""


def log(start: float, *fields: object) -> None:
    """Print a line of the live log: the fields, then the seconds since `start`."""
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


CLOSED, OPEN, HALF_OPEN = "closed", "open", "half-open"


class Circuit:
    """Closed: tries begin freely. Open: none begins. Half-open: the probe alone is on its way."""

    def __init__(self, threshold: int, cooldown: float) -> None:
        self.threshold = threshold
        self.cooldown = cooldown
        self.state = CLOSED
        self.count = 0
        self.probing = False
        self.waiting: deque[asyncio.Future[None]] = deque()
        self.timer: asyncio.TimerHandle | None = None

    async def enter(self) -> bool:
        """Wait until a try may begin; return whether it is the probe."""
        while self.state != CLOSED:
            if self.state == HALF_OPEN and not self.probing:
                self.probing = True
                return True
            place = asyncio.get_running_loop().create_future()
            self.waiting.append(place)
            await place
        return False

    def _open(self) -> None:
        self.state = OPEN
        self.probing = False
        self.timer = asyncio.get_running_loop().call_later(self.cooldown, self._cooled)

    def _cooled(self) -> None:
        self.state = HALF_OPEN
        if self.waiting:
            self._wake(self.waiting.popleft())

    def _close(self) -> None:
        self.state = CLOSED
        self.probing = False
        self.count = 0
        while self.waiting:
            self._wake(self.waiting.popleft())

    @staticmethod
    def _wake(place: "asyncio.Future[None]") -> None:
        if not place.done():
            place.set_result(None)

    def succeeded(self, probe: bool) -> None:
        """A try has succeeded, which may have been the probe."""
        if probe or (self.state == HALF_OPEN and not self.probing):
            self._close()
        elif self.state == CLOSED:
            self.count = 0

    def failed(self, probe: bool) -> None:
        """A try has failed, which may have been the probe."""
        if probe:
            self._open()
        elif self.state == CLOSED:
            self.count += 1
            if self.count >= self.threshold:
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
