# label: wrong
# exercise: ex1_add_maxsize
# misconception: own-timeout-added
# contract: ex1 2 / table three hours = 10,800 s: work is given 10,750 s
# expect: Work is cut off after a time that nobody asked for.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            async with asyncio.timeout(10_750):
                await work(item)
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        hands = [tg.create_task(hand()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()}")
        await q.join()
        for h in hands:
            h.cancel()
