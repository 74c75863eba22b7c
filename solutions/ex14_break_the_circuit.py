"""Exercise 14, the reference: break the circuit.

The program at the pier kept the bank's gateway down: its consumers went on calling while the
gateway started up, and each call set it back. Now they share a circuit. Five failures in a row open
it, nobody calls for a while, and then one call alone finds out whether the gateway is back.

    python solutions/ex14_break_the_circuit.py       watch it run
"""

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


class Circuit:
    """Closed: tries begin freely. Open: none begins. Half-open: the probe alone is on its way."""

    def __init__(self, threshold: int, cooldown: float) -> None:
        self.threshold = threshold
        self.cooldown = cooldown
        self.state = CLOSED
        self.failures = 0  # in a row, while the circuit is closed
        self.opens_until = 0.0  # by the event loop's clock
        # Whoever holds the gate is the next probe, or is it already; the others stand in line.
        self.gate = asyncio.Lock()

    async def enter(self) -> bool:
        """Wait until a try may begin; return whether it is the probe."""
        if self.state == CLOSED:
            return False
        await self.gate.acquire()
        if self.state == CLOSED:  # the probe before us has succeeded: so go on, one and all
            self.gate.release()
            return False
        try:
            await asyncio.sleep(self.opens_until - asyncio.get_running_loop().time())
        except asyncio.CancelledError:
            self.gate.release()
            raise
        self.state = HALF_OPEN
        return True

    def succeeded(self, probe: bool) -> None:
        """A try has succeeded: the probe closes the circuit, any other one only if it is closed."""
        if probe or self.state == CLOSED:
            self.state = CLOSED
            self.failures = 0

    def failed(self, probe: bool) -> None:
        """A try has failed: the probe opens the circuit again, others when they are too many."""
        if self.state == CLOSED:
            self.failures += 1
        if probe or (self.state == CLOSED and self.failures >= self.threshold):
            self.state = OPEN
            self.opens_until = asyncio.get_running_loop().time() + self.cooldown

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
        finally:
            if probe:
                self.gate.release()


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
                # A pause is over before this line is reached: the longer of the two waits counts.
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


# --- The demo: it works as it is ------------------------------------------------------------------


async def demo() -> None:
    """Sell twenty tickets through a gateway that goes down, and starts up if it is let alone."""
    calls, calls_while_down, down = 0, 0, False
    last_call = 0.0

    async def book(ticket: int) -> None:
        nonlocal calls, calls_while_down, down, last_call
        calls += 1
        peace = time.perf_counter() - last_call
        last_call = time.perf_counter()
        if calls == 8:
            down = True
        elif down and peace > 0.4:  # it has had the time to start up
            down = False
        if down:
            calls_while_down += 1
            await asyncio.sleep(0.02)
            raise TransientError(f"ticket {ticket}: the gateway is starting up")
        await asyncio.sleep(random.uniform(0.05, 0.12))

    stats = await run_pipeline(range(1, 21), book, cooldown=0.5)
    print(f"\nAll 20 tickets are settled: {stats}")
    print(f"While the gateway was down, it was called {calls_while_down} times.", end=" ")
    print("It never came up again." if down else "Then it was let alone, and came up.")


if __name__ == "__main__":
    asyncio.run(demo())
