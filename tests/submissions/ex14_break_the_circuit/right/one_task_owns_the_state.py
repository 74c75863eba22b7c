# label: right
# exercise: ex14_break_the_circuit
# contract: keeps all points; one task owns the circuit, the others write letters to it
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


class Breaker:
    """A task that owns the state; the others only send it letters."""

    def __init__(self, threshold: int, cooldown: float) -> None:
        self.threshold, self.cooldown = threshold, cooldown
        self.letters: asyncio.Queue[Any] = asyncio.Queue()

    async def ask(self) -> bool:
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.letters.put_nowait(("may I?", answer))
        return await answer

    def tell(self, what: str, probe: bool) -> None:
        self.letters.put_nowait((what, probe))

    async def run(self) -> None:
        while True:
            await self.closed()
            good = False
            while not good:
                good = await self.open_and_probe()

    async def closed(self) -> None:
        fails = 0
        while fails < self.threshold:
            what, x = await self.letters.get()
            if what == "may I?":
                x.set_result(False)
            elif what == "good":
                fails = 0
            else:
                fails += 1

    async def open_and_probe(self) -> bool:
        loop = asyncio.get_running_loop()
        loop.call_later(self.cooldown, self.letters.put_nowait, ("cool", False))
        queue = self.line
        cool = sent = False
        while True:
            what, x = await self.letters.get()
            if what == "may I?":
                queue.append(x)
            elif what == "cool":
                cool = True
            elif x:  # the probe
                if what == "good":
                    for f in queue:
                        if not f.cancelled():
                            f.set_result(False)
                    queue.clear()
                return what == "good"
            if cool and not sent and queue:
                f = queue.pop(0)
                if not f.cancelled():
                    f.set_result(True)
                    sent = True

    line: list[Any]


async def serve(name, q, process_item, stats, breaker, attempts, pause_of, start):
    while True:
        item = await q.get()
        tries = 0
        while True:
            probe = await breaker.ask()
            tries += 1
            try:
                await process_item(item)
            except TransientError:
                breaker.tell("bad", probe)
                if tries >= attempts:
                    stats["failed"] += 1
                    log(start, name, "FAIL", item)
                    break
                stats["retried"] += 1
                p = pause_of(tries)
                log(start, name, "RETRY", item, tries, f"{p:.3f}")
                await asyncio.sleep(p)
            else:
                breaker.tell("good", probe)
                stats["consumed"] += 1
                log(start, name, "OK", item)
                break
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
    breaker = Breaker(threshold, cooldown)
    breaker.line = []

    def pause_of(k: int) -> float:
        d = delay * backoff ** (k - 1)
        return random.uniform(d, d + d * jitter)

    async with asyncio.TaskGroup() as tg:
        tasks = [tg.create_task(breaker.run())]
        for n in range(consumers):
            tasks.append(
                tg.create_task(
                    serve(f"C{n + 1}", q, process_item, stats, breaker, attempts, pause_of, start)
                )
            )
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for t in tasks:
            t.cancel()
    return stats
