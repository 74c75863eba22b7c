# label: right
# exercise: ex7_sort_the_errors
# contract: keeps every point; the pause is a wait for an event that never comes, with its own TimeoutError
# expect: Passed: the consumer's own TimeoutError is its own affair.
import asyncio
import random

class ServiceError(Exception):
    """The service answered, and what it answered is no success."""

    def __init__(self, status, message=""):
        super().__init__(f"{status} {message}".strip())
        self.status = status

async def nap(seconds):
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        pass


async def consumer(name, q, process_item, stats, **options):
    settings = {"attempts": 4, "delay": 0.03, "backoff": 2.0, "jitter": 0.25} | options
    tries = range(1, settings["attempts"] + 1)
    while True:
        item = await q.get()
        for n in tries:
            refused = False
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except ConnectionError:
                pass
            except TimeoutError:
                pass
            except ServiceError as answer:
                refused = answer.status not in [408, 429, 500, 502, 503, 504]
            if refused:
                stats["rejected"] += 1
                break
            if n == tries[-1]:
                stats["failed"] += 1
                break
            stats["retried"] += 1
            d = settings["delay"] * settings["backoff"] ** (n - 1)
            await nap(d + random.uniform(0, d * settings["jitter"]))
        q.task_done()
