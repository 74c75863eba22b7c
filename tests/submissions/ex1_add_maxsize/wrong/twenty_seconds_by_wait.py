# label: wrong
# exercise: ex1_add_maxsize
# misconception: own-timeout-added
# contract: ex1 2 / table "a try may take 0 to three hours": work that takes longer than 20 s is cancelled
# expect: Work is cut off after a time that nobody asked for.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            job = asyncio.ensure_future(work(item))
            done, late = await asyncio.wait({job}, timeout=20)
            for j in late:
                j.cancel()
            q.task_done()

    hands = [asyncio.create_task(hand()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()}")
    await q.join()
    for h in hands:
        h.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
