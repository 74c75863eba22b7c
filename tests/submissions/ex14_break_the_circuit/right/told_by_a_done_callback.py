# label: right
# exercise: ex14_break_the_circuit
# contract: a variant of event_made_anew; keeps all points; each try is a task, whose callback tells the circuit what became of it
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
        self.changed = asyncio.Event()

    def turn(self, state):
        self.state = state
        self.changed.set()
        self.changed = asyncio.Event()

    async def enter(self):
        loop = asyncio.get_running_loop()
        while True:
            if self.state == "closed":
                return False
            if self.state == "half-open":
                await self.changed.wait()
                continue
            left = self.until - loop.time()
            if left > 1e-9:
                await asyncio.sleep(left)
                continue
            self.state = "half-open"
            return True

    def succeeded(self, probe):
        if probe or self.state == "closed":
            self.failures = 0
            if probe:
                self.turn("closed")

    def failed(self, probe):
        if self.state == "closed":
            self.failures += 1
        if probe or (self.state == "closed" and self.failures >= self.threshold):
            self.until = asyncio.get_running_loop().time() + self.cooldown
            self.turn("open")


async def told(circuit, probe, process_item, item):
    task = asyncio.ensure_future(process_item(item))

    def ended(done):
        if not done.cancelled():
            if done.exception() is None:
                circuit.succeeded(probe)
            elif isinstance(done.exception(), TransientError):
                circuit.failed(probe)

    task.add_done_callback(ended)
    await task


async def consumer(q, process_item, stats, circuit, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            probe = await circuit.enter()
            try:
                await asyncio.create_task(told(circuit, probe, process_item, item))
            except TransientError:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                stats["retried"] += 1
                d = delay * backoff ** (attempt - 1)
                await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        q.task_done()


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    circuit = Circuit(threshold, cooldown)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(q, process_item, stats, circuit, attempts, delay, backoff, jitter)
            )
            for _ in range(consumers)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
