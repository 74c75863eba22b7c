# label: hostile
# exercise: ex4_add_jitter
# kind: clock
# verdict: reject
# contract: replaces asyncio.sleep and call_at by ones that move the clock, or else do nothing
# expect: Failed: the retries do not wait.
import asyncio
import random


async def sleep(seconds, result=None):
    clock = getattr(asyncio.get_running_loop(), "clock", None)
    if clock is not None:
        clock.now += seconds
    return result


def call_at(self, when, callback, *args, context=None):
    return self.call_soon(callback, *args, context=context)


asyncio.sleep = asyncio.tasks.sleep = sleep
asyncio.BaseEventLoop.call_at = call_at


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=4, delay=0.03, backoff=2.0, jitter=0.25) -> None:
    while True:
        item = await q.get()
        for attempt in range(1, attempts + 1):
            try:
                await process_item(item)
            except TransientError:
                if attempt < attempts:
                    stats["retried"] += 1
                    d = delay * backoff ** (attempt - 1)
                    await asyncio.sleep(d + random.uniform(0, d * jitter))
            else:
                stats["consumed"] += 1
                break
        else:
            stats["failed"] += 1
        q.task_done()
