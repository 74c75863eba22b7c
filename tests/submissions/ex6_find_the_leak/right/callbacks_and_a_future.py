# label: right
# exercise: ex6_find_the_leak
# contract: keeps every point; a class whose callbacks start the next fetch or store when one ends; run_pipeline awaits one future
# expect: Passed: all that can wait is bounded, and nothing is slowed.
import asyncio
from collections import deque


class Pipeline:
    def __init__(self, items, fetch, store, consumers, maxsize):
        self.source = iter(items)
        self.fetch, self.store = fetch, store
        self.consumers, self.most = consumers, maxsize + consumers
        self.fetching, self.storing = set(), None
        self.ready = deque()
        self.drained = False
        self.ended = asyncio.get_running_loop().create_future()

    def pump(self):
        while (
            not self.drained
            and len(self.fetching) < self.consumers
            and len(self.fetching) + len(self.ready) < self.most
        ):
            try:
                item = next(self.source)
            except StopIteration:
                self.drained = True
                break
            task = asyncio.ensure_future(self.fetch(item))
            self.fetching.add(task)
            task.add_done_callback(self.fetched)
        if self.storing is None and self.ready:
            self.storing = asyncio.ensure_future(self.store(self.ready.popleft()))
            self.storing.add_done_callback(self.stored)
        if self.drained and not (self.fetching or self.storing or self.ready or self.ended.done()):
            self.ended.set_result(None)

    def fetched(self, task):
        self.fetching.discard(task)
        if not self.failed(task):
            self.ready.append(task.result())
            self.pump()

    def stored(self, task):
        self.storing = None
        if not self.failed(task):
            self.pump()

    def failed(self, task):
        if self.ended.done() or task.cancelled():
            return True
        if task.exception() is None:
            return False
        self.ended.set_exception(task.exception())
        return True

    async def run(self):
        self.pump()
        try:
            await self.ended
        finally:
            for task in [*self.fetching, *([self.storing] if self.storing else [])]:
                task.cancel()


async def run_pipeline(items, fetch, store, *, consumers=3, maxsize=3):
    await Pipeline(items, fetch, store, consumers, maxsize).run()
