# label: wrong
# exercise: ex1_add_maxsize
# misconception: falsy-item-taken-for-end
# contract: ex1 2: False by `is` is taken for the end
# expect: An item like 0 or "" is taken for the end, or for nothing.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            if item is False:
                return
            await work(item)

    async with asyncio.TaskGroup() as tg:
        for _ in range(consumers):
            tg.create_task(hand())
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()}")
        for _ in range(consumers):
            await q.put(False)
