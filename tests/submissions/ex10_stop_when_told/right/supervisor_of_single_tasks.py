# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; no queue and no consumers: a supervisor takes, starts a task for each item, and reaps
# expect: Passed: how many wait and how many are at work is counted, not left to a queue.
import asyncio
import random
from collections import deque


class TransientError(Exception):
    pass


class Supervisor:
    def __init__(self, items, process_item, stop, places, room, waits):
        self.source, self.process_item, self.stop = enumerate(items), process_item, stop
        self.places, self.room, self.waits = places, room, waits
        self.waiting, self.running, self.told_to_go = deque(), set(), set()
        self.dry, self.open, self.stats = False, {}, {"consumed": 0, "retried": 0, "failed": 0}

    def take(self):
        while not self.dry and not self.stop.is_set() and len(self.waiting) <= self.room:
            try:
                number, item = next(self.source)
            except StopIteration:
                self.dry = True
            else:
                self.open[number] = item
                self.waiting.append(number)

    async def settle(self, number):
        if self.stop.is_set():
            return
        for wait in [*self.waits, None]:
            try:
                await self.process_item(self.open[number])
            except TransientError:
                if wait is None:
                    self.stats["failed"] += 1
                else:
                    self.stats["retried"] += 1
                    await asyncio.sleep(random.uniform(*wait))
            else:
                self.stats["consumed"] += 1
                break
        del self.open[number]

    def send_home(self, tasks):
        for task in tasks - self.told_to_go:
            self.told_to_go.add(task)
            task.cancel()

    def reap(self, done):
        self.running -= done
        for task in done:
            if task.cancelled() and task in self.told_to_go:
                continue
            task.result()

    async def work(self, told):
        while not self.stop.is_set():
            self.take()
            while self.waiting and len(self.running) < self.places:
                self.running.add(asyncio.create_task(self.settle(self.waiting.popleft())))
                self.take()
            if not self.running:
                return
            done, _ = await asyncio.wait({*self.running, told}, return_when=asyncio.FIRST_COMPLETED)
            self.reap(done - {told})

    async def finish(self, grace):
        if self.running:
            done, left = await asyncio.wait(self.running, timeout=grace, return_when=asyncio.FIRST_EXCEPTION)
            self.reap(done)
            self.send_home(left)
        while self.running:
            done, _ = await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
            self.reap(done)

    async def run(self, grace):
        told = asyncio.create_task(self.stop.wait())
        try:
            await self.work(told)
            await self.finish(grace)
        finally:
            self.send_home({*self.running, told})
            interrupted = None
            while left := {task for task in (*self.running, told) if not task.done()}:
                try:
                    await asyncio.wait(left)
                except asyncio.CancelledError as error:
                    interrupted = error
            for task in self.running:
                task.cancelled() or task.exception()
            if interrupted:
                raise interrupted
        return {**self.stats, "unfinished": [*self.open.values()]}


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    if stop.is_set():
        return {"consumed": 0, "retried": 0, "failed": 0, "unfinished": []}
    clean = [delay * backoff ** k for k in range(attempts - 1)]
    waits = [(one, one + one * jitter) for one in clean]
    return await Supervisor(items, process_item, stop, consumers, maxsize, waits).run(grace)
