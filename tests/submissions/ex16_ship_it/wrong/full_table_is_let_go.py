# label: wrong
# exercise: ex16_ship_it
# misconception: work-in-hand-dropped-at-the-stop
# contract: ex16 point 7: at the stop an item that waits for room in dead_letters is let go
# expect: It waits until the grace is over.
import asyncio
import random
import uuid


class TransientError(Exception):
    def __init__(self, *args, retry_after=0.0):
        super().__init__(*args)
        self.retry_after = retry_after


class PermanentError(Exception):
    pass


async def run_service(
    items, call, stop, dead_letters, *, consumers=5, maxsize=5, attempts=6, delay=0.05, backoff=2.0,
    jitter=0.25, max_delay=1.0, timeout=0.5, budget=20.0, refund=0.2, grace=1.0,
):
    counts = {"consumed": 0, "retried": 0, "failed": 0, "rejected": 0}
    open_items = {}
    left = budget
    q = asyncio.Queue(maxsize)

    async def set_aside(name, *letter):
        if dead_letters.full():
            room = asyncio.ensure_future(dead_letters.put(letter))
            stopped = asyncio.ensure_future(stop.wait())
            try:
                await asyncio.wait({room, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                stopped.cancel()
                if not room.done():
                    room.cancel()
            if room.cancelling():
                return False
        else:
            dead_letters.put_nowait(letter)
        counts[name] += 1
        return True

    async def settle(item):
        nonlocal left
        key = str(uuid.uuid4())
        tries = 0
        while True:
            tries += 1
            try:
                async with asyncio.timeout(timeout):
                    await call(item, key=key)
            except PermanentError as error:
                return await set_aside("rejected", item, tries, error)
            except (TransientError, TimeoutError, ConnectionError) as error:
                left = max(0, left - 1)
                if tries == attempts or left <= budget / 2:
                    return await set_aside("failed", item, tries, error)
                pause = min(max_delay, delay * backoff ** (tries - 1))
                pause = max(pause, getattr(error, "retry_after", 0))
                counts["retried"] += 1
            else:
                left = min(budget, left + refund)
                counts["consumed"] += 1
                return True
            await asyncio.sleep(pause + random.uniform(0, pause * jitter))

    async def consumer():
        while True:
            number, item = await q.get()
            if await settle(item):
                del open_items[number]
            q.task_done()

    async def producer():
        for number, item in enumerate(items):
            open_items[number] = item
            await q.put((number, item))
        await q.join()

    if stop.is_set():
        return {**counts, "unfinished": []}
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        work = group.create_task(producer())
        told = group.create_task(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            while not q.empty():
                q.get_nowait()
                q.task_done()
            rest = group.create_task(q.join())
            await asyncio.wait({rest}, timeout=grace)
            rest.cancel()
        told.cancel()
        for task in crew:
            task.cancel()
    return {**counts, "unfinished": list(open_items.values())}
