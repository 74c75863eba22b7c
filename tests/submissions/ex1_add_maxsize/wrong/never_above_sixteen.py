# label: wrong
# exercise: ex1_add_maxsize
# misconception: bound-too-small
# contract: ex1 point 1: the bound is clamped to 16 "to protect the memory": with maxsize >= 18 only 16 items (17 with the one in hand) wait while all consumers are busy and items are left (shows with at least 18 + consumers items)
# expect: Fewer items may wait than maxsize.
import asyncio
import time

HARD_LIMIT = 16


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(min(maxsize, HARD_LIMIT))
    end = object()

    async def consumer(name):
        while (item := await q.get()) is not end:
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")

    async with asyncio.TaskGroup() as tg:
        for n in range(consumers):
            tg.create_task(consumer(f"C{n + 1}"))
        for item in items:
            await q.put(item)
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        for _ in range(consumers):
            await q.put(end)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
