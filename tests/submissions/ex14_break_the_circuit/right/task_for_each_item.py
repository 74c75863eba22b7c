# label: right
# exercise: ex14_break_the_circuit
# contract: keeps all points; a task for each item, and a semaphore in place of consumers
# expect: Passes every check.
import asyncio
import random


class TransientError(Exception):
    pass


class Circuit:
    def __init__(self, threshold, cooldown):
        self.threshold = threshold
        self.cooldown = cooldown
        self.state = "closed"
        self.failures = 0
        self.until = 0.0
        self.gate = asyncio.Lock()

    async def enter(self):
        if self.state == "closed":
            return False
        await self.gate.acquire()
        if self.state == "closed":
            self.gate.release()
            return False
        await asyncio.sleep(self.until - asyncio.get_running_loop().time())
        self.state = "half-open"
        return True

    def succeeded(self, probe):
        if probe or self.state == "closed":
            self.state = "closed"
            self.failures = 0
        if probe:
            self.gate.release()

    def failed(self, probe):
        if self.state == "closed":
            self.failures += 1
        if probe or (self.state == "closed" and self.failures >= self.threshold):
            self.state = "open"
            self.until = asyncio.get_running_loop().time() + self.cooldown
        if probe:
            self.gate.release()


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    circuit = Circuit(threshold, cooldown)
    slots = asyncio.Semaphore(consumers)

    async def settle(item):
        try:
            for attempt in range(attempts):
                probe = await circuit.enter()
                try:
                    await process_item(item)
                except TransientError:
                    circuit.failed(probe)
                else:
                    circuit.succeeded(probe)
                    stats["consumed"] += 1
                    return
                if attempt + 1 < attempts:
                    stats["retried"] += 1
                    d = delay * backoff**attempt
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            stats["failed"] += 1
        finally:
            slots.release()

    async with asyncio.TaskGroup() as group:
        for item in items:
            await slots.acquire()
            group.create_task(settle(item))
    return stats
