# label: hostile
# exercise: ex2_build_retry_loop
# kind: accident
# verdict: reject
# contract: a class called consumer
# expect: consumer is a class: it has to be an async function.
import asyncio


class TransientError(Exception):
    pass


class consumer:
    def __init__(self, name, q, process_item, stats, *, attempts=4):
        self.name, self.q, self.process_item, self.stats, self.attempts = name, q, process_item, stats, attempts

    async def run(self):
        while True:
            item = await self.q.get()
            await self.process_item(item)
            self.q.task_done()
