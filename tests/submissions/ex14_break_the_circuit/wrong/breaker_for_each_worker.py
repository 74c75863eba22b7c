# label: wrong
# exercise: ex14_break_the_circuit
# misconception: circuit-for-each-consumer
# contract: ex14 point 1: each worker enters a breaker of its own
# expect: All consumers share one circuit.
import asyncio
import random


class TransientError(Exception):
    pass


class Breaker:
    """An async context manager around each try."""

    def __init__(self, threshold, cooldown):
        self.limit, self.cooldown = threshold, cooldown
        self.row = 0
        self.open_until = None
        self.turnstile = asyncio.Semaphore(1)
        self.probing = None

    async def __aenter__(self):
        if self.open_until is not None:
            await self.turnstile.acquire()
            if self.open_until is None:
                self.turnstile.release()
            else:
                loop = asyncio.get_running_loop()
                await asyncio.sleep(max(0, self.open_until - loop.time()))
                self.probing = asyncio.current_task()

    async def __aexit__(self, kind, error, trace):
        probe = self.probing is asyncio.current_task()
        good = kind is None
        if good and (probe or self.open_until is None):
            self.row, self.open_until = 0, None
        elif kind is not None and issubclass(kind, TransientError):
            if self.open_until is None:
                self.row += 1
            if probe or (self.open_until is None and self.row >= self.limit):
                self.open_until = asyncio.get_running_loop().time() + self.cooldown
        if probe:
            self.probing = None
            self.turnstile.release()
        return False


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    source = iter(items)

    async def work():
        breaker = Breaker(threshold, cooldown)
        for item in source:
            tried = 0
            while True:
                try:
                    async with breaker:
                        await process_item(item)
                    stats["consumed"] += 1
                    break
                except TransientError:
                    tried += 1
                    if tried == attempts:
                        stats["failed"] += 1
                        break
                stats["retried"] += 1
                least = delay * backoff ** (tried - 1)
                await asyncio.sleep(random.uniform(least, least * (1 + jitter)))

    async with asyncio.TaskGroup() as group:
        for _ in range(consumers):
            group.create_task(work())
    return stats
