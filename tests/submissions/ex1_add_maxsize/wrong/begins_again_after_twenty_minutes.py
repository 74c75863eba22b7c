# label: wrong
# exercise: ex1_add_maxsize
# misconception: own-timeout-added
# contract: ex1 2 "exactly once": work that takes 1200 s is broken off and begun again
# expect: Work is cut off after a time that nobody asked for.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            while True:
                try:
                    await asyncio.wait_for(work(item), 1200)
                except asyncio.TimeoutError:
                    continue
                break
            q.task_done()

    hands = [asyncio.create_task(hand()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()}")
    await q.join()
    for h in hands:
        h.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
