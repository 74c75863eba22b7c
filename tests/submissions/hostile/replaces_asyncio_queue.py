# label: hostile
# exercise: ex2_build_retry_loop
# kind: tampering
# verdict: reject
# contract: replaces asyncio.Queue by one whose join() returns at once
# expect: Failed: your consumer does nothing with its items.
import asyncio


class EasyQueue(asyncio.Queue):
    async def join(self):
        return None

    def task_done(self):
        return None


asyncio.Queue = asyncio.queues.Queue = EasyQueue

class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4) -> None:
    while True:
        await q.get()
        q.task_done()
