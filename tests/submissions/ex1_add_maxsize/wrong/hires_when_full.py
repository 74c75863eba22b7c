# label: wrong
# exercise: ex1_add_maxsize
# misconception: ignores-consumers
# contract: ex1 point 4: starts with one consumer and adds another only when it finds the queue full: with few items (n <= maxsize, or n a little above) not all consumers are started and the whole takes longer than ceil(n / consumers) * work
# expect: The number of consumers is another one than the parameter says.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    crew = []

    async def consumer(name):
        while True:
            item = await q.get()
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")
            q.task_done()

    def hire():
        crew.append(asyncio.create_task(consumer(f"C{len(crew) + 1}")))

    hire()
    for item in items:
        if q.full() and len(crew) < consumers:
            hire()
        await q.put(item)
        print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
    await q.join()
    for task in crew:
        task.cancel()
    await asyncio.gather(*crew, return_exceptions=True)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
