# label: right
# exercise: ex2_build_retry_loop
# contract: keeps every point; consumer is an object with an async __call__
# expect: Passed: every item is tried often enough, settled once and marked as done once.
import asyncio


class TransientError(Exception):
    pass


class Settler:
    """Serves as the function `consumer`."""

    async def __call__(self, name, q, process_item, stats, *, attempts=4):
        while True:
            item = await q.get()
            verdict = await self.try_hard(process_item, item, stats, attempts)
            stats[verdict] += 1
            q.task_done()

    async def try_hard(self, process_item, item, stats, attempts):
        for number in range(attempts):
            if number > 0:
                stats["retried"] += 1
            if await self.try_once(process_item, item):
                return "consumed"
        return "failed"

    @staticmethod
    async def try_once(process_item, item):
        try:
            await process_item(item)
        except TransientError:
            return False
        return True


consumer = Settler()
