# label: right
# exercise: ex10_stop_when_told
# contract: keeps every point; the end of the grace is an exception in the TaskGroup, which cancels all others, and `except*` takes it
# expect: Passed: an exception of its own ends the group, and errors of the service surface beside it.
import asyncio
import random


class TransientError(Exception):
    pass


class Over(Exception):
    """Nothing is in hand any more, or the grace is over."""


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = {"consumed": 0, "retried": 0, "failed": 0}
    left, hands = {}, {}
    told = stop.is_set()
    q = asyncio.Queue(maxsize)

    async def produce():
        for number, item in enumerate(items):
            left[number] = item
            await q.put((number, item))

    async def consume():
        while True:
            number, item = await q.get()
            if told:
                continue  # the next version's
            hands[number] = item
            if await tried(item):
                stats["consumed"] += 1
            else:
                stats["failed"] += 1
            del left[number], hands[number]
            q.task_done()
            if told and not hands:
                raise Over

    async def tried(item):
        for attempt in range(attempts):
            try:
                await process_item(item)
            except TransientError:
                if attempt == attempts - 1:
                    return False
                d = delay * backoff ** attempt
                stats["retried"] += 1
                await asyncio.sleep(random.uniform(d, d * (1 + jitter)))
            else:
                return True

    async def finish(producing):
        await producing
        await q.join()
        raise Over

    async def halt(producing, finishing):
        nonlocal told
        await stop.wait()
        told = True
        producing.cancel()
        finishing.cancel()
        if hands and grace > 0:
            await asyncio.sleep(grace)
        raise Over

    if not told:
        try:
            async with asyncio.TaskGroup() as group:
                producing = group.create_task(produce())
                for _ in range(consumers):
                    group.create_task(consume())
                finishing = group.create_task(finish(producing))
                group.create_task(halt(producing, finishing))
                await asyncio.get_running_loop().create_future()
        except* Over:
            if asyncio.current_task().cancelling():  # the group forgets it, once it is ending
                raise asyncio.CancelledError from None
    return {**stats, "unfinished": list(left.values())}
