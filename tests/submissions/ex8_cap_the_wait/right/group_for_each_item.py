# label: right
# exercise: ex8_cap_the_wait
# contract: keeps every point; a TaskGroup around the course of each item, and task_done() stands before the next get
# expect: Passed: whoever waits for the group waits for the item.
import asyncio
import itertools
import random
import time


class TransientError(Exception):
    pass


async def consumer(name, q, process_item, stats, *, attempts=12, delay=0.03, backoff=2.0, jitter=0.25, max_delay=1.0, deadline=5.0):
    async def course(item):
        begun, d = time.monotonic(), delay
        for number in itertools.count(1):
            try:
                await process_item(item)
                return "consumed"
            except TransientError:
                d = min(d, max_delay)
                wait = d + random.uniform(0, d * jitter)
                d *= backoff
            if number >= attempts or (deadline is not None and time.monotonic() - begun + wait > deadline):
                return "failed"
            stats["retried"] += 1
            await asyncio.sleep(wait)

    holding = False
    while True:
        if holding:
            q.task_done()
        item = await asyncio.wait_for(q.get(), None)
        holding = True
        async with asyncio.TaskGroup() as group:
            task = group.create_task(course(item))
        stats[task.result()] += 1
