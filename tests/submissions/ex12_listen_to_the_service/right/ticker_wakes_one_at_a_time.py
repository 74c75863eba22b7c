# label: right
# exercise: ex12_listen_to_the_service
# contract: point 3 by a task that lets one go every 1 / rate seconds, so that each waits for up to that long
# expect: Passes.
import asyncio
import random
from collections import deque


class TransientError(Exception):
    pass


class TooManyRequests(TransientError):
    def __init__(self, retry_after):
        super().__init__(f"retry after {retry_after} s")
        self.retry_after = retry_after


class Pace:
    """A task that ticks lets one of those go who wait; nobody is let go in advance."""

    def __init__(self):
        self.waiting = deque()

    async def wait(self):
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        await turn

    async def tick(self, gap):
        while True:
            while self.waiting:
                turn = self.waiting.popleft()
                if not turn.done():
                    turn.set_result(None)
                    break
            await asyncio.sleep(gap)


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
    pace = Pace()
    async with asyncio.TaskGroup() as group:
        ticker = group.create_task(pace.tick(1 / rate))
        crew = [
            group.create_task(
                consumer(q, process_item, stats, pace, attempts, delay, backoff, jitter))
            for _ in range(consumers)
        ]
        for item in items:
            await q.put(item)
        await q.join()
        for task in [*crew, ticker]:
            task.cancel()
    return stats
