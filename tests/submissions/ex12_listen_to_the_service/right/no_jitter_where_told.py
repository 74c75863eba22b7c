# label: right
# exercise: ex12_listen_to_the_service
# contract: a variant of even_spacing_under_a_lock; point 1: nothing random on top of a longer retry_after: 'at most jitter times as much later'
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
        for attempt in range(1, attempts + 1):
            await pace.wait()
            try:
                await process_item(item)
            except TransientError as error:
                if attempt == attempts:
                    stats["failed"] += 1
                    break
                d = delay * backoff ** (attempt - 1)
                pause = max(getattr(error, "retry_after", 0), random.uniform(d, d * (1 + jitter)))
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
