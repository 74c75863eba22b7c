# label: wrong
# exercise: ex1_add_maxsize
# misconception: sentinel-can-be-an-item
# contract: ex1 2: an item that is Ellipsis is taken for the end (any object but None may be an item)
# expect: The end is marked by a value that an item may have.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while (item := await q.get()) is not ...:
            await work(item)

    async with asyncio.TaskGroup() as tg:
        for _ in range(consumers):
            tg.create_task(hand())
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        for _ in range(consumers):
            await q.put(...)
