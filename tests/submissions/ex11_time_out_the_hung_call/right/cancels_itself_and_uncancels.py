# label: right
# exercise: ex11_time_out_the_hung_call
# contract: keeps every point; the timer cancels the consumer itself, which takes that back by uncancel()
# expect: Passed: each try has its own time, is over before the next begins, and counts as one that failed.
import asyncio
import random


class TransientError(Exception):
    pass


class Alarm:
    """Cancels the task that enters it when the time is over, and tells that from other cancellations."""

    def __init__(self, seconds):
        self.seconds = seconds
        self.rang = False

    async def __aenter__(self):
        self.task = asyncio.current_task()
        self.before = self.task.cancelling()
        self.handle = asyncio.get_running_loop().call_later(self.seconds, self.ring)

    def ring(self):
        self.rang = True
        self.task.cancel()

    async def __aexit__(self, kind, error, traceback):
        self.handle.cancel()
        if self.rang and self.task.uncancel() <= self.before and kind is asyncio.CancelledError:
            raise TimeoutError from error


async def consumer(name, q, process_item, stats, *, timeout=0.5, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        try:
            for n in range(attempts):
                try:
                    async with Alarm(timeout):
                        await process_item(item)
                    stats["consumed"] += 1
                    break
                except (TransientError, TimeoutError):
                    if n == attempts - 1:
                        stats["failed"] += 1
                        break
                stats["retried"] += 1
                d = delay * backoff**n
                await asyncio.sleep(d + random.uniform(0, d * jitter))
        finally:
            q.task_done()
