# label: wrong
# exercise: ex1_add_maxsize
# misconception: items-out-of-order
# contract: ex1 point 2: a PriorityQueue whose ticket is str(n): "10" sorts before "9". The order breaks when tickets 9 and 10 (or 99 and 100) wait together, so from 10 items on and with maxsize >= 2; the first nine are in order
# expect: The items are not begun in the order in which they come.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.PriorityQueue(maxsize)

    async def consumer(name):
        while True:
            ticket, item = await q.get()
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    async with asyncio.TaskGroup() as tg:
        crew = [tg.create_task(consumer(f"C{n}")) for n in range(1, consumers + 1)]
        for n, item in enumerate(items, start=1):
            await q.put((str(n), item))
            print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
        await q.join()
        for task in crew:
            task.cancel()


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
