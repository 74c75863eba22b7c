# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 point 2: the crew lives in a mutable default argument and is not emptied: the second call in one process finds the first call's cancelled tasks, starts no consumer of its own and hangs. The first call is right
# expect: Something is carried from one run into the next.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3, _crew=[]):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def consumer(name):
        while True:
            item = await q.get()
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    while len(_crew) < consumers:
        _crew.append(asyncio.create_task(consumer(f"C{len(_crew) + 1}")))
    for item in items:
        await q.put(item)
        print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
    await q.join()
    for task in _crew:
        task.cancel()
    await asyncio.wait(_crew)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
