# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; consumer is a class whose objects can be awaited
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(Exception):
    pass


class consumer:
    def __init__(self, name, q, process_item, stats, *, attempts=4):
        self.name = name
        self.q = q
        self.process_item = process_item
        self.stats = stats
        self.attempts = attempts

    def __await__(self):
        return self._run().__await__()

    async def _run(self):
        while True:
            item = await self.q.get()
            for number in range(1, self.attempts + 1):
                try:
                    await self.process_item(item)
                except TransientError:
                    if number < self.attempts:
                        self.stats["retried"] += 1
                    else:
                        self.stats["failed"] += 1
                else:
                    self.stats["consumed"] += 1
                    break
            self.q.task_done()
