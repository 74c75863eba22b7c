# label: right
# exercise: ex14_break_the_circuit
# contract: keeps all points; a class for each state, and tries that run in tasks of their own
# expect: Passes every check.
import asyncio
import random


class TransientError(Exception):
    pass


class Closed:
    def __init__(self, circuit):
        self.circuit, self.failures = circuit, 0

    async def admit(self):
        return self

    def result(self, admitted_by, good):
        self.failures = 0 if good else self.failures + 1
        if self.failures >= self.circuit.threshold:
            self.circuit.change(Open(self.circuit))


class Open:
    def __init__(self, circuit):
        self.circuit = circuit
        loop = asyncio.get_running_loop()
        self.over = loop.create_future()
        self.timer = loop.call_later(circuit.cooldown, self.end)

    def end(self):
        self.circuit.change(Waiting(self.circuit))
        self.over.set_result(None)

    async def admit(self):
        await asyncio.shield(self.over)
        return None

    def result(self, admitted_by, good):
        pass


class Waiting:
    """The cooldown is over: the first one that comes is the probe."""

    def __init__(self, circuit):
        self.circuit = circuit

    async def admit(self):
        probing = Probing(self.circuit)
        self.circuit.change(probing)
        return probing

    def result(self, admitted_by, good):
        pass


class Probing:
    def __init__(self, circuit):
        self.circuit = circuit
        self.over = asyncio.get_running_loop().create_future()

    async def admit(self):
        await asyncio.shield(self.over)
        return None

    def result(self, admitted_by, good):
        if admitted_by is self:
            self.circuit.change(Closed(self.circuit) if good else Open(self.circuit))
            self.over.set_result(None)


class Circuit:
    def __init__(self, threshold, cooldown):
        self.threshold, self.cooldown = threshold, cooldown
        self.state = Closed(self)

    def change(self, state):
        self.state = state

    async def call(self, function, item):
        while (admitted_by := await self.state.admit()) is None:
            pass
        task = asyncio.ensure_future(function(item))
        try:
            await asyncio.wait({task})
        finally:
            task.cancel()
        error = None if task.cancelled() else task.exception()
        if error is None or isinstance(error, TransientError):
            self.state.result(admitted_by, error is None)
        return task.result()


async def consumer(q, settle):
    while True:
        await settle(await q.get())
        q.task_done()


async def run_pipeline(items, process_item, *, threshold=5, cooldown=1.0, consumers=3, maxsize=3,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    circuit = Circuit(threshold, cooldown)

    async def settle(item, tried=1):
        try:
            await circuit.call(process_item, item)
            stats["consumed"] += 1
        except TransientError:
            if tried == attempts:
                stats["failed"] += 1
                return
            stats["retried"] += 1
            d = delay * backoff ** (tried - 1)
            await asyncio.sleep(d + d * jitter * random.random())
            await settle(item, tried + 1)

    q = asyncio.Queue(maxsize)
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(q, settle)) for _ in range(consumers)]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
