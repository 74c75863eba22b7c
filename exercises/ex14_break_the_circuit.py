"""Exercise 14: break the circuit.

The ferries to the islands sell their tickets at the pier, and a program pays for them through the
bank's gateway, three at a time. When a call fails, it pauses, and tries once more: four times, and
then the passenger is asked to pay on board. On Friday at 17:40, with two hundred people in the
queue, the bank restarted its gateway, which takes half a minute. At 18:25 it was still down, and
the bank rang up: "Could you switch that program off, please? Each call that comes in while the
gateway starts up sets it back, and yours never stop." Somebody pulled the plug. A minute later the
gateway was up.

Your task, in Circuit

    Give the program a switch of its own, one for all its consumers. It opens when too many calls in
    a row have failed; then nobody calls. After a while one call is let through, to see whether the
    gateway is back. Circuit has the three states already, and the consumers ask it before each try
    and tell it what became of it: but it never opens. (You may as well do it in another way.)

Step by step (the checks stand under the same names; the numbers are points of the contract)

    Keep the old rules      6, 7, 8, 9
    Open the circuit        1, 5
    Wait while it is open   2, 4, 5
    Send one probe          2, 3

The contract (1 to 5 are new; 6 to 9 hold already, and must go on holding)

    1. The circuit is closed at first, and tries begin freely. When `threshold` tries in a row have
       failed (threshold >= 1), it opens: tries of all consumers together, in the order in which
       they end, retries and an item's last try, too. A success in between starts the count anew.
       A failed try is one that raised TransientError.
    2. While it is open no try begins, for `cooldown` seconds (cooldown > 0) from the end of the try
       that opened it: a consumer that holds an item keeps it, and waits. Tries that are running
       go on. What becomes of them counts for their items, and changes nothing about the circuit:
       not while it is open, and not while the probe runs. (If such a try ends later still, when
       the circuit is closed again, it may count there or not, as you like.)
    3. Then exactly one try begins, the probe: at once if an item is ready, else with the next one
       that gets ready; all others go on waiting. If the probe succeeds, the circuit is closed: its
       count starts anew, and all that wait go on at once. If it fails, the circuit is open for
       another `cooldown` seconds from the end of the probe, and so on. An item is ready when its
       pause is over, or when it has not been tried yet and a consumer is free for it.
    4. Waiting for the circuit is no try, and counts against nothing. A retry waits for its pause
       and for the circuit, whichever is longer: not for one and then for the other.
    5. Waiting is awaiting: no polling. Each run of run_pipeline has a circuit of its own.
    6. run_pipeline returns for every mixture of successes, retries and permanent failures: only
       after every item is settled, promptly then (also when the circuit is open), and with every
       task done or cancelled. task_done() is called once for each item, after it is settled.
    7. It returns the stats, and they are true: consumed + failed is the number of items.
    8. Items are tried until they succeed or `attempts` tries have failed; after failed try k the
       pause is d = `delay * backoff ** (k - 1)` and a random part from 0 to `d * jitter`. While the
       circuit is closed, `consumers` items are worked on at once as long as there are items. Their
       order is up to you. At most `maxsize + consumers + 1` are taken from `items` and not settled.
    9. Any other error surfaces from run_pipeline, bare or in an ExceptionGroup, and never as a hang:
       not even when it is the probe that raises it, and all others wait.

When it works, the log has a gap (your times will differ), and the gateway comes up

    C2 RETRY 9 3 0.136 0.369        the fifth failure in a row was a moment ago: the circuit is open
    C3 OK 10 0.974                  half a second of peace, then one probe, which succeeds ...
    C1 OK 8 1.045                   ... and all go on

Try it

    python exercises/ex14_break_the_circuit.py       watch it run
    nox -s grade -- ex14                             have it checked
    nox -s grade -- hint ex14                        when you are stuck
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
        # What else has to be known, and what do those who have to wait wait for?

    async def enter(self) -> bool:
        """Wait until a try may begin; return whether it is the probe."""
        # TODO: CLOSED: at once. OPEN: when the cooldown is over, as HALF_OPEN, one alone.
        return False

    def succeeded(self, probe: bool) -> None:
        """A try has succeeded, which may have been the probe."""
        # TODO: HALF_OPEN to CLOSED. What does a success change in each of the states?

    def failed(self, probe: bool) -> None:
        """A try has failed, which may have been the probe."""
        # TODO: CLOSED to OPEN, or HALF_OPEN to OPEN. And who else may come here meanwhile?

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
