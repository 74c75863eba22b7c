# label: right
# exercise: ex14_break_the_circuit
# contract: keeps all points; the service is wrapped, and the consumer is the one of the lesson; late tries count later on
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


def guarded(circuit, process_item):
    async def call(item):
        probe = await circuit.enter()
        try:
            result = await process_item(item)
        except TransientError:
            circuit.failed(probe)
            raise
        circuit.succeeded(probe)
        return result

    return call


async def consumer(q, process_item, stats, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        attempt = 1
        while attempt <= attempts:
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
                attempt += 1
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3, **retry):
    retry = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25} | retry
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    call = guarded(Circuit(threshold, cooldown), process_item)
    crew = [asyncio.create_task(consumer(q, call, stats, **retry)) for _ in range(consumers)]

    async def feed():
        for item in items:
            await q.put(item)
        await q.join()

    feeder = asyncio.create_task(feed())
    try:
        done, _ = await asyncio.wait({feeder, *crew}, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (feeder, *crew):
            task.cancel()
        await asyncio.gather(feeder, *crew, return_exceptions=True)
    return stats
