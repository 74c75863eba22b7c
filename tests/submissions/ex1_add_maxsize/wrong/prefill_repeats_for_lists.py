# label: wrong
# exercise: ex1_add_maxsize
# misconception: items-put-twice
# contract: ex1 point 2: fills the queue with islice(items, maxsize), then loops over items again: a list or range starts afresh
# expect: An item goes into the queue twice.
import asyncio
from itertools import islice


async def consumer(q, work):
    while True:
        item = await q.get()
        await work(item)
        q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)
    for item in islice(items, maxsize):  # the queue is empty, so these need no waiting
        q.put_nowait(item)
        print("PROD", item, "SZ", q.qsize())
    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer(q, work)) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
