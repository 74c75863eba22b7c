# label: right
# exercise: ex12_listen_to_the_service
# contract: a variant of even_spacing_under_a_lock; point 3: each try waits for 1 / rate seconds, and no longer, also when nobody else is there
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
    """1 / rate seconds under a lock before each try, the first one too."""

    def __init__(self, rate):
        self.gap = 1 / rate
        self.lock = asyncio.Lock()

    async def wait(self):
        async with self.lock:
            await asyncio.sleep(self.gap)


async def consumer(q, process_item, stats, pace, attempts, delay, backoff, jitter):
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            await pace.wait()
            try:
                await process_item(item)
            except TransientError as error:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                pause = delay * backoff ** (attempt - 1)
                if isinstance(error, TooManyRequests):
                    pause = max(pause, error.retry_after)
                pause += random.uniform(0, pause * jitter)
                stats["retried"] += 1
                await asyncio.sleep(pause)
            else:
                stats["consumed"] += 1
                break
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
