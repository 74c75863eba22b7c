# label: wrong
# exercise: ex1_add_maxsize
# misconception: item-not-handed-on
# contract: ex1 2: a coroutine item is made a task of, and work gets the task, not the item
# expect: An item is used, read or left out for what it is, instead of handed on.
import asyncio
from collections.abc import Coroutine


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def lane():
        while True:
            it = await q.get()
            if isinstance(it, Coroutine):
                it = asyncio.create_task(it)
            await work(it)
            q.task_done()

    lanes = [asyncio.create_task(lane()) for _ in range(consumers)]
    for it in items:
        await q.put(it)
        print("PROD", it, "SZ", q.qsize())
    await q.join()
    for ln in lanes:
        ln.cancel()
    await asyncio.gather(*lanes, return_exceptions=True)
