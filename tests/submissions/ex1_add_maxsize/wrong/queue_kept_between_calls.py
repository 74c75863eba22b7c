# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 point 1: the second call gets the queue of the first, with its bound
# expect: The second call gets the queue of the first: with its bound, and bound to its event loop. Make the queue inside run_pipeline.
import asyncio
import time

T0 = time.perf_counter()
_queue = None


def get_queue(maxsize):
    global _queue
    if _queue is None:
        _queue = asyncio.Queue(maxsize=maxsize)
    return _queue


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = get_queue(maxsize)

    async def consumer():
        while True:
            item = await q.get()
            await work(item)
            q.task_done()

    workers = [asyncio.create_task(consumer()) for _ in range(consumers)]
    for item in items:
        await q.put(item)
        print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
    await q.join()
    for w in workers:
        w.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
