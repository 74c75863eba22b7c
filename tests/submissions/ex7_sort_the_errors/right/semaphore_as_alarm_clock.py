# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; the pause ends when the loop releases a semaphore
# expect: Passed: how time is waited for is the learner's affair.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def rest(seconds):
    bell = asyncio.Semaphore(0)
    timer = asyncio.get_running_loop().call_later(seconds, bell.release)
    try:
        await bell.acquire()
    finally:
        timer.cancel()


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item, pause = await q.get(), delay
        for attempt in range(attempts, 0, -1):
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except (TimeoutError, ConnectionError):
                again = True
            except ServiceError as error:
                again = error.status in (408, 429) or error.status in (500, 502, 503, 504)
            if not again:
                stats["rejected"] += 1
                break
            if attempt == 1:
                stats["failed"] += 1
            else:
                stats["retried"] += 1
                await rest(pause + random.random() * pause * jitter)
                pause = pause * backoff
        q.task_done()
