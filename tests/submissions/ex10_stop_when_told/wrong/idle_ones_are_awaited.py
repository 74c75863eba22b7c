# label: wrong
# exercise: ex10_stop_when_told
# misconception: consumers-never-told-to-stop
# contract: ex10 point 2: a consumer that waits for an item when the stop comes waits for ever
# expect: Cancel the idle ones, too.
import asyncio
import random


class TransientError(Exception):
    pass


async def run_pipeline(items, process_item, stop, *, consumers=3, maxsize=3, grace=1.0, attempts=4, delay=0.03,
                       backoff=2.0, jitter=0.25):
    stats = dict.fromkeys(("consumed", "retried", "failed"), 0)
    taken, busy = [], set()
    q = asyncio.Queue(maxsize)

    async def produce():
        if stop.is_set():
            return
        for item in items:
            entry = [item, False]
            taken.append(entry)
            await q.put(entry)
            if stop.is_set():
                return

    async def settle(item):
        for attempt in range(attempts):
            try:
                return await process_item(item) or True
            except TransientError:
                if attempt + 1 == attempts:
                    return False
            clean = delay * backoff ** attempt
            await asyncio.sleep(clean + clean * jitter * random.random())
            stats["retried"] += 1

    async def consume():
        while not stop.is_set():
            entry = await q.get()
            if stop.is_set():
                return
            busy.add(asyncio.current_task())
            good = await settle(entry[0])
            stats["consumed" if good else "failed"] += 1
            entry[1] = True
            busy.discard(asyncio.current_task())
            q.task_done()

    async def all_put_and_settled(producer):
        await producer
        await q.join()

    async with asyncio.TaskGroup() as group:
        producer = group.create_task(produce())
        crew = [group.create_task(consume()) for _ in range(consumers)]
        done = group.create_task(all_put_and_settled(producer))
        told = group.create_task(stop.wait())
        await asyncio.wait({done, told}, return_when=asyncio.FIRST_COMPLETED)
        done.cancel()
        told.cancel()
        producer.cancel()
        if not stop.is_set():
            busy.update(crew)
        if busy:
            await asyncio.wait(set(busy), timeout=grace if stop.is_set() else 0)
        for task in busy:
            task.cancel()
    return {**stats, "unfinished": [item for item, settled in taken if not settled]}
