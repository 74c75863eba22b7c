# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 2 / table "two at the same time": the queues are apart, `work` is in a module name: the second run's work gets the first run's items
# expect: Something is carried from one run into the next.
import asyncio

_work = None


async def hand(q):
    while True:
        item = await q.get()
        await _work(item)
        q.task_done()


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    global _work
    _work = work
    q = asyncio.Queue(maxsize)
    hands = [asyncio.create_task(hand(q)) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()}")
    await q.join()
    for h in hands:
        h.cancel()
    await asyncio.gather(*hands, return_exceptions=True)
