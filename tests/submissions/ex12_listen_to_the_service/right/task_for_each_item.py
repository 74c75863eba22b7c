# label: right
# exercise: ex12_listen_to_the_service
# contract: no queue and no consumers: a task for each item, and a semaphore for as many as there may be
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


async def settle(item, process_item, stats, pace, attempts, delay, backoff, jitter):
    for attempt in range(1, attempts + 1):
        await pace.wait()
        try:
            await process_item(item)
        except TransientError as error:
            if attempt < attempts:
                least = max(delay * backoff ** (attempt - 1), getattr(error, "retry_after", 0))
                stats["retried"] += 1
                await asyncio.sleep(least * random.uniform(1, 1 + jitter))
        else:
            stats["consumed"] += 1
            return
    stats["failed"] += 1


async def run_pipeline(items, process_item, *, rate=10, consumers=5, maxsize=5,
                       attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    pace = Pace(rate)
    free = asyncio.Semaphore(consumers)
    async with asyncio.TaskGroup() as group:
        for item in items:
            await free.acquire()
            task = group.create_task(
                settle(item, process_item, stats, pace, attempts, delay, backoff, jitter))
            task.add_done_callback(lambda _task: free.release())
    return stats
