# label: wrong
# exercise: ex1_add_maxsize
# misconception: consumer-ends-on-empty-queue
# contract: ex1 point 4: a consumer that finds the queue empty takes this for the end and leaves; the crew is started when the queue is full. With consumers > maxsize only some of them stay, although items are left. Right for consumers <= maxsize
# expect: A consumer ends when the queue happens to be empty.
import asyncio
import time


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)
    crew = []

    async def consumer(name):
        while not q.empty():
            item = q.get_nowait()
            await asyncio.sleep(0)  # lets the producer refill
            await work(item)
            print(name, "OK", item, f"{time.perf_counter() - start:.3f}")

    def open_up():
        if not crew:
            crew.extend(asyncio.create_task(consumer(f"C{n + 1}")) for n in range(consumers))

    for item in items:
        if q.full():
            open_up()
        await q.put(item)
        print("PROD", item, "SZ", q.qsize(), f"{time.perf_counter() - start:.3f}")
    open_up()
    await asyncio.gather(*crew)


if __name__ == "__main__":
    async def _work(_):
        await asyncio.sleep(0.05)

    asyncio.run(run_pipeline(range(1, 11), _work))
