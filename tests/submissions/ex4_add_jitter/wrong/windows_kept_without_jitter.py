# label: wrong
# exercise: ex4_add_jitter
# misconception: state-shared-between-runs
# contract: ex4: windows are kept by delay, backoff and number of the try, without jitter, and outlive the call
# expect: A later call with a smaller jitter and otherwise the same settings uses the window of an earlier one.
import asyncio
import random


class TransientError(Exception):
    pass


class Windows(dict):
    def of(self, retry, delay, backoff, jitter):
        key = retry, delay, backoff
        if key not in self:
            low = delay * backoff**retry
            self[key] = low, low + low * jitter
        return self[key]


WINDOWS = Windows()


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25):
    while True:
        item = await q.get()
        failed = 0
        while failed < attempts:
            try:
                await process_item(item)
                stats["consumed"] += 1
                break
            except TransientError:
                failed += 1
            if failed == attempts:
                stats["failed"] += 1
            else:
                stats["retried"] += 1
                low, high = WINDOWS.of(failed - 1, delay, backoff, jitter)
                await asyncio.sleep(random.uniform(low, high))
        q.task_done()
