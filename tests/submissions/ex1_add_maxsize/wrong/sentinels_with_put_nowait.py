# label: wrong
# exercise: ex1_add_maxsize
# misconception: put-nowait-on-full-queue
# contract: ex1 point 2: the sentinels do not fit into the full queue
# expect: QueueFull at the end: the last items still fill the queue when the sentinels are put with put_nowait(). Await q.put() for them too.
import asyncio
import time

T0 = time.perf_counter()
STOP = object()


async def run_pipeline(items, work, *, consumers=3, maxsize=3) -> None:
    q = asyncio.Queue(maxsize=maxsize)

    async def consumer():
        while (item := await q.get()) is not STOP:
            await work(item)

    async with asyncio.TaskGroup() as tg:
        for _ in range(consumers):
            tg.create_task(consumer())
        for item in items:
            await q.put(item)
            print(f"PROD {item} SZ {q.qsize()} {time.perf_counter() - T0:.3f}")
        for _ in range(consumers):
            q.put_nowait(STOP)
