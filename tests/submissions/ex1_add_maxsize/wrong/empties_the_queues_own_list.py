# label: wrong
# exercise: ex1_add_maxsize
# misconception: impossible-record
# contract: ex1 points 1 and 3: items are taken out of the queue's private list, past get()
# expect: The record does not add up: a put shows another size than puts and gets leave. Each item comes out of the queue by get(), which wakes the producer.
import asyncio
import time


def log(start, *fields):
    print(*fields, f"{time.perf_counter() - start:.3f}", flush=True)


async def run_pipeline(items, work, *, consumers=3, maxsize=3):
    start = time.perf_counter()
    q = asyncio.Queue(maxsize)

    async def consumer():
        while True:
            batch = [await q.get()]
            while q._queue:
                batch.append(q._queue.popleft())
            for item in batch:
                await work(item)
                q.task_done()

    async with asyncio.TaskGroup() as group:
        crew = [group.create_task(consumer()) for _ in range(consumers)]
        for item in items:
            await q.put(item)
            log(start, "PROD", item, "SZ", q.qsize())
        await q.join()
        for task in crew:
            task.cancel()
