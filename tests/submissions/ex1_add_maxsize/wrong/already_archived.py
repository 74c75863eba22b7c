# label: wrong
# exercise: ex1_add_maxsize
# misconception: state-shared-between-runs
# contract: ex1 point 2: a module-level list remembers what earlier runs have archived and skips it: the second run_pipeline in the same process does not work on items equal to those of the first. Within one run equal items are treated right
# expect: Something is carried from one run into the next.
import asyncio
import time

_archived = []


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    fresh = []

    async def consumer(name):
        while True:
            item = await q.get()
            if item not in _archived:
                await work(item)
                fresh.append(item)
                print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()
    _archived.extend(fresh)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
