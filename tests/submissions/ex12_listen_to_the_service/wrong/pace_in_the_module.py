# label: wrong
# exercise: ex12_listen_to_the_service
# misconception: state-shared-between-runs
# contract: point 3: the next free moment is kept in the module, for all runs
# expect: Two runs slow each other.
import asyncio
import random
import time


class TransientError(Exception):
    pass


class TooManyRequests(TransientError):
    def __init__(self, retry_after):
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


NEXT = 0.0


class Pace:
    def __init__(self, rate):
        self.gap = 1 / rate

    async def wait(self):
        global NEXT
        now = time.monotonic()
        slot = max(now, NEXT)
        NEXT = slot + self.gap
        await asyncio.sleep(slot - now)


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
