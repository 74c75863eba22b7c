# label: wrong
# exercise: ex16_ship_it
# misconception: bug-hangs-the-service
# contract: ex16 point 9: an error of items stays in the producer's task, and the consumers wait for ever
# expect: An error of items surfaces, and never hangs.
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
                await dead_letters.put((item, tries, error))
                counts["rejected"] += 1
                return
            except (TransientError, TimeoutError, ConnectionError) as error:
                left = max(0, left - 1)
                if tries == attempts or left <= budget / 2:
                    await dead_letters.put((item, tries, error))
                    counts["failed"] += 1
                    return
                pause = min(max_delay, delay * backoff ** (tries - 1))
                pause = max(pause, getattr(error, "retry_after", 0))
                counts["retried"] += 1
            else:
                left = min(budget, left + refund)
                counts["consumed"] += 1
                return
            await asyncio.sleep(pause + random.uniform(0, pause * jitter))

    async def consumer():
        while True:
            number, item = await q.get()
            await settle(item)
            del open_items[number]
            q.task_done()

    async def producer():
        for number, item in enumerate(items):
            open_items[number] = item
            await q.put((number, item))
        await q.join()
        end.set()

    if stop.is_set():
        return {**counts, "unfinished": []}
    end = asyncio.Event()
    feeder = asyncio.create_task(producer())
    async with asyncio.TaskGroup() as group:
        work = group.create_task(end.wait())
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        told = group.create_task(stop.wait())
        await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
            feeder.cancel()
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
