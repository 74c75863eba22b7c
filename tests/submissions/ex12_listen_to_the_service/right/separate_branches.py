# label: right
# exercise: ex12_listen_to_the_service
# contract: a branch for each error, a while loop, and d multiplied from try to try
# expect: Passes.
import asyncio
import random


class TransientError(Exception):
    pass


class TooManyRequests(TransientError):
    def __init__(self, retry_after):
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Pace:
    def __init__(self, rate):
        self.gap = 1 / rate
        self.next = 0.0
        self.lock = asyncio.Lock()

    async def wait(self):
        loop = asyncio.get_running_loop()
        async with self.lock:
            await asyncio.sleep(max(0, self.next - loop.time()))
            self.next = loop.time() + self.gap


async def consumer(q, process_item, stats, pace, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        tries_left, clean = attempts, delay
        while tries_left:
            try:
                await pace.wait()
                await process_item(item)
                stats["consumed"] += 1
                break
            except TooManyRequests as refused:
                least = max(refused.retry_after, clean)
            except TransientError:
                least = clean
            tries_left -= 1
            clean *= backoff
            if tries_left:
                stats["retried"] += 1
                await asyncio.sleep(least + least * jitter * random.random())
        if not tries_left:
            stats["failed"] += 1
        q.task_done()


async def run_pipeline(items, process_item, *, rate=10, consumers=5, maxsize=5,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    q = asyncio.Queue(maxsize)
    pace = Pace(rate)
    async with asyncio.TaskGroup() as group:
        crew = [
            group.create_task(
                consumer(q, process_item, stats, pace, attempts, delay, backoff, jitter))
            for _ in range(consumers)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in crew:
            task.cancel()
    return stats
