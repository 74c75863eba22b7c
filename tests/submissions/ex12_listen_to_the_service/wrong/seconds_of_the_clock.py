# label: wrong
# exercise: ex12_listen_to_the_service
# misconception: window-by-the-second
# contract: point 2: the tries of each whole second are counted
# expect: Up to twice the rate where one second meets the next.
import asyncio
import random


class TransientError(Exception):
    pass


class TooManyRequests(TransientError):
    def __init__(self, retry_after):
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Pace:
    """So many in each second of the clock."""

    def __init__(self, rate):
        self.rate = rate
        self.second, self.count = -1, 0
        self.lock = asyncio.Lock()

    async def wait(self):
        clock = asyncio.get_running_loop().time
        async with self.lock:
            if int(clock()) == self.second and self.count == self.rate:
                await asyncio.sleep(self.second + 1 - clock())
            if int(clock()) != self.second:
                self.second, self.count = int(clock()), 0
            self.count += 1


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
