# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 1 / table: a cached factory keeps the consumers' count of the first run per loop (lru_cache over the loop)
# expect: Something is carried from one run into the next.
import asyncio
import functools


@functools.lru_cache(maxsize=None)
def settings(loop):
    return {}


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    mine = settings(asyncio.get_running_loop())
    mine.setdefault("consumers", consumers)
    mine.setdefault("maxsize", maxsize)
    q = asyncio.Queue(mine["maxsize"])

    async def hand():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    hands = [asyncio.create_task(hand()) for _ in range(mine["consumers"])]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()}")
    await q.join()
    for h in hands:
        h.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
