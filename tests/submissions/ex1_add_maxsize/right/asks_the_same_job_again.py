# label: right
# exercise: ex1_add_maxsize
# contract: keeps every point; ex1 2: asyncio.wait with timeout=30 in a loop over the same job; never broken off
# expect: Passed.
import asyncio


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    q = asyncio.Queue(maxsize)

    async def hand():
        while True:
            item = await q.get()
            job = asyncio.ensure_future(work(item))
            while True:
                done, _ = await asyncio.wait({job}, timeout=30)
                if done:
                    break
                print("slow:", repr(item))
            job.result()
            q.task_done()

    hands = [asyncio.create_task(hand()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()}")
    await q.join()
    for h in hands:
        h.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
