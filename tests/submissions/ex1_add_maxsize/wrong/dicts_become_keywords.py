# label: wrong
# exercise: ex1_add_maxsize
# misconception: raises-an-error-of-its-own
# contract: ex1 2: a dict as item is handed to work as keyword arguments
# expect: The code raises an error that is none of the service's.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            if isinstance(item, dict):
                await work(**item)
            else:
                await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        hands = [tg.create_task(hand()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize())
        await q.join()
        for h in hands:
            h.cancel()
