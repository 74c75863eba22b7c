# label: right
# exercise: ex14_break_the_circuit
# contract: keeps all points; sentinels end the consumers, gather waits for them and the producer; generations of the circuit
# expect: Passes every check.
import asyncio
import random


class TransientError(Exception):
    pass


class Circuit:
    """Each opening begins a new generation; results of older ones are not listened to."""

    def __init__(self, threshold, cooldown):
        self.threshold, self.cooldown = threshold, cooldown
        self.generation = self.failures = 0
        self.closed = asyncio.Event()
        self.closed.set()
        self.seat = asyncio.Event()
        self.opener = None

    async def ticket(self):
        while not self.closed.is_set():
            if self.seat.is_set():
                self.seat.clear()
                return self.generation, True
            closed = asyncio.ensure_future(self.closed.wait())
            seat = asyncio.ensure_future(self.seat.wait())
            try:
                await asyncio.wait({closed, seat}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                closed.cancel()
                seat.cancel()
        return self.generation, False

    def open(self):
        self.generation += 1
        self.failures = 0
        self.closed.clear()
        loop = asyncio.get_running_loop()
        self.opener = loop.call_at(loop.time() + self.cooldown, self.seat.set)

    def ended(self, ticket, good):
        generation, probe = ticket
        if generation != self.generation:
            return
        if good:
            self.failures = 0
            self.closed.set()
        else:
            self.failures += 1
            if probe or self.failures >= self.threshold:
                self.open()


END = object()


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    circuit = Circuit(threshold, cooldown)

    async def produce():
        for item in items:
            await q.put(item)
        for _ in range(consumers):
            await q.put(END)

    async def settle(item):
        wait = delay
        for tried in range(1, attempts + 1):
            ticket = await circuit.ticket()
            try:
                await process_item(item)
                circuit.ended(ticket, True)
                return True
            except TransientError:
                circuit.ended(ticket, False)
            if tried < attempts:
                stats["retried"] += 1
                await asyncio.sleep(wait + wait * jitter * random.random())
                wait *= backoff
        return False

    async def consume():
        while (item := await q.get()) is not END:
            stats["consumed" if await settle(item) else "failed"] += 1
            q.task_done()

    tasks = [asyncio.create_task(one) for one in (produce(), *(consume() for _ in range(consumers)))]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if circuit.opener:
            circuit.opener.cancel()
    return stats
