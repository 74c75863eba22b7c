# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; the pause is a wait_for() on an event that nobody sets, and its TimeoutError is told apart from the service's
# expect: Passed: a TimeoutError of the service leaves the consumer.
import asyncio
import random
import time


class TransientError(Exception):
    pass


async def pause_for(seconds):
    try:
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
    except TimeoutError:
        pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    def wait_after(failures):
        growth = delay
        for _ in range(failures - 1):
            if growth >= max_delay or backoff == 1:
                break
            growth *= backoff
        growth = min(growth, max_delay)
        return growth + random.uniform(0, growth) * jitter

    while True:
        item = await q.get()
        spent = time.monotonic()
        failures = 0
        done = False
        while not done:
            try:
                await process_item(item)
                stats["consumed"] += 1
                done = True
                continue
            except TransientError:
                failures += 1
            wait = wait_after(failures)
            done = failures == attempts
            if deadline is not None:
                done = done or time.monotonic() - spent + wait > deadline
            if done:
                stats["failed"] += 1
            else:
                stats["retried"] += 1
                await pause_for(wait)
        q.task_done()
